"""The table of costs and the laws of their growth, of a small run."""

import numpy as np
import pytest

from studies.fragmentation.attacks.settings import SETTINGS, SHARED
from trainscape.physics.temperley_lieb import krylov_dimension, krylov_dimension_sum
from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.attacks import GROUP
from trainscape.studies.kit.tables import select, to_frame
from trainscape.testing.steps import run_group


@pytest.fixture(scope="module")
def results():
    return run_group(GROUP, SETTINGS, SHARED)


@pytest.fixture(scope="module")
def table(results):
    return to_frame(results.summary("attacks", Stage.SIMULATE))


def test_numbers(table):
    np.testing.assert_array_equal(table["total"], table["search"] + table["evaluation"])
    assert table["deviation"].abs().max() < 1e-9


def test_costs_stand_beside_the_dimension_of_their_own_sector(table):
    one_dimer = select(table, sector="one_dimer")
    energy = one_dimer["attack"] == "energy"
    assert (one_dimer["dimension"] == one_dimer["sites"] - 1 + energy).all()
    for attack in ("words", "diagrams", "blocks"):
        rows = select(table, attack=attack, model="temperley_lieb_d3")
        assert (rows["dimension"] == rows["size"]).all(), attack
    product = select(table, attack="product", model="temperley_lieb_d3", sector="largest")
    assert product["dimension"].tolist() == [krylov_dimension(3, 1), krylov_dimension(4, 2)]
    for attack in ("lie", "energy"):
        rows = select(table, attack=attack, sector="largest")
        assert rows["dimension"].tolist() == [krylov_dimension_sum(n) for n in rows["sites"]]
    # Components of t-J_z chains with fields are their Krylov spaces.
    rows = select(table, attack="product", model="t_jz_fields")
    assert (rows["dimension"] == rows["size"]).all()


def test_success_of_the_energy_measurement(results):
    """No label is wrong with full resolution, and with none many are guessed."""
    summary = results.summary("attacks", Stage.SIMULATE)
    curves = summary["success"].values[summary["attack"].values == "energy"]
    assert (curves[:, 0] > 0.999).all()
    assert (curves[:, -1] < 0.7).all()


def test_laws(results):
    laws = to_frame(results.summary("attacks", Stage.THRESHOLDS))
    size = select(laws, quantity="size", abscissa="dimension").set_index(["attack", "sector"])
    for series in (("energy", "largest"), ("diagrams", "largest"), ("words", "one_dimer")):
        assert size["power_slope"][series] == pytest.approx(1, abs=1e-9)
    # As many lengths as were planned, for each of the three quantities and both abscissae.
    diagrams = select(laws, attack="diagrams", sector="largest")
    assert len(diagrams) == 6
    assert (diagrams["sizes"] == 4).all()
