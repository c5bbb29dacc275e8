"""Moments by Pauli walks against exact averages over all strings, and their means."""

import math

import numpy as np
import pytest
import xarray as xr

from studies.clifford.exact_moments import second_moment
from studies.clifford.settings import context
from trainscape.circuits.ansatze.efficient_su2 import mhea
from trainscape.circuits.gates import FixedGate
from trainscape.studies.clifford.instances import draw_instance
from trainscape.studies.clifford.moments import GROUP
from trainscape.studies.clifford.moments.walk_means import summarise
from trainscape.studies.clifford.moments.walk_moments import sample
from trainscape.studies.clifford.systems import num_parameters, system
from trainscape.studies.contract import Purpose, Stage
from trainscape.testing.steps import StubSummary, stored
from trainscape.trainability.patch_laws import LAWS
from trainscape.trainability.string_average import GeneratorMeans


def means(cell, data):
    return summarise(StubSummary({Stage.GRADIENTS: [stored(cell, data)]}))


@pytest.fixture(scope="module")
def walked():
    cell = context(GROUP, "walk", Stage.GRADIENTS, system(4), walks=4096)
    return cell, sample(cell, range(2))


def test_walks_estimate_exact_moments(walked):
    cell, data = walked
    for index in range(2):
        instance = draw_instance(cell.parameters, cell.generator(Purpose.INSTANCE, index))
        d = instance.circuit.num_parameters
        for law in ("D^-1/2", "D^-1/3", "D^-1/5", "uniform sqrt(ln D / D)"):
            here = data.isel(sample=index).sel(encoder="lce", law=law)
            exact = second_moment(instance.encoded, LAWS[law].patch(d), instance.encoder.parameter)
            assert float(here["gradient"]) == pytest.approx(
                exact, abs=4.5 * float(here["gradient_error"]) + 1e-12
            )


def test_bare_moments_are_those_of_all_strings(walked):
    """Against the exact mean over strings at drawn angles, in every patch; the instance is one of
    them, and has another moment.
    """
    cell, data = walked
    circuit = draw_instance(cell.parameters, cell.generator(Purpose.INSTANCE, 0)).circuit
    d, rng = circuit.num_parameters, np.random.default_rng(3)
    for law in ("D^-1", "D^-1/2", "D^-1/5", "1"):
        theta = LAWS[law].patch(d).sample(rng, (400, d))
        found = GeneratorMeans(circuit).mean_square(theta)
        here = data.sel(encoder="none", law=law)
        error = math.hypot(found.std() / 20, float(here["norm_error"].mean()) / math.sqrt(2))
        assert float(here["norm"].mean()) == pytest.approx(found.mean(), abs=4.5 * error)
        np.testing.assert_allclose(here["gradient"] * d, here["norm"])
    sums = sample(
        context(GROUP, "walk", Stage.GRADIENTS, system(4, observable="global_z")), range(1)
    )
    assert np.isnan(sums["norm"]).all()
    assert np.isnan(sums["gradient"].sel(encoder="none")).all()


def test_walks_do_not_depend_on_how_samples_are_cut(walked):
    cell, data = walked
    xr.testing.assert_identical(sample(cell, range(1, 2)), data.isel(sample=slice(1, 2)))


def test_offsets_have_the_law_of_the_leading_path(walked):
    """The encoder by offsets has another A, and obeys the same closed form, which bounds the moment
    from below.
    """
    _, data = walked
    d = num_parameters("mhea", "linear", 4)
    patch = LAWS["D^-1/2"].patch(d)
    for encoder in ("lce", "angles"):
        here = data.sel(encoder=encoder, law="D^-1/2")
        bound = (1 - patch.flip_probability()) ** (data["cosines"].sel(encoder=encoder).values + 1)
        assert (here["gradient"].values > bound * (1 - 1e-9)).all()
        np.testing.assert_allclose(here["gradient"], bound, rtol=0.1)


@pytest.mark.parametrize(("qubits", "order"), [(4, 15), (8, 63), (16, 255), (14, 11811)])
def test_order_of_the_ring_of_cx(qubits, order):
    """The x parts of rotations come back after as many layers: soonest where n is a power of two,
    n^2 - 1 layers, so that sizes beside these are needed.
    """
    layer = [gate for gate in mhea(qubits, 1).gates if isinstance(gate, FixedGate)]
    assert {gate.name for gate in layer} == {"CX"}
    start = np.eye(qubits, dtype=bool)
    rows, layers = start.copy(), 0
    while layers == 0 or (rows != start).any():
        for gate in layer:
            control, target = gate.qubits
            rows[target] ^= rows[control]
        layers += 1
    assert layers == order


def test_walk_table_pools_errors_of_instances(walked):
    cell, data = walked
    table = means(cell, data).to_dataframe()
    row = table[(table["encoder"] == "lce") & (table["law"] == "D^-1/3")].iloc[0]
    here = data.sel(encoder="lce", law="D^-1/3")
    assert row["gradient"] == pytest.approx(float(here["gradient"].mean()))
    assert row["gradient_error"] >= math.sqrt(float((here["gradient_error"] ** 2).mean()) / 2) * (
        1 - 1e-12
    )
    assert row["gradient_low"] < row["gradient"] < row["gradient_high"]
    assert 0 < row["share"] <= 1 + 1e-9
    # What the leading path leaves, instance by instance, and the part of paths with two sines.
    bound = (1 - LAWS["D^-1/3"].patch(num_parameters("mhea", "linear", 4)).flip_probability()) ** (
        data["cosines"].sel(encoder="lce").values + 1
    )
    left = 1 - bound / here["gradient"].values
    assert row["missing"] == pytest.approx(left.mean())
    assert row["two_sines"] == pytest.approx((here["two_sines"].values / left).mean())
    assert 0 < row["two_sines"] < 1
    bare = table[(table["encoder"] == "none") & (table["law"] == "D^-1/3")].iloc[0]
    assert np.isnan([bare["missing"], bare["two_sines"]]).all()
    # Equal instances that met nothing: the error of the walks remains.
    same = data.isel(sample=[0, 0])
    pooled = means(cell, same).to_dataframe()
    pooled = pooled[(pooled["encoder"] == "lce") & (pooled["law"] == "D^-1/3")].iloc[0]
    assert pooled["gradient_error"] == pytest.approx(
        float(here["gradient_error"][0]) / math.sqrt(2)
    )


def test_of_a_moment_far_below_its_error_nothing_is_said(walked):
    """In wide patches of large circuits, one path is listed and no walker counts."""
    cell, data = walked
    tiny = data.copy(deep=True)
    place = {"encoder": "lce", "law": "1"}
    tiny["gradient"].loc[place], tiny["gradient_error"].loc[place] = 1e-250, 1e-3
    table = means(cell, tiny).to_dataframe()
    row = table[(table["encoder"] == "lce") & (table["law"] == "1")].iloc[0]
    assert row["gradient"] == pytest.approx(1e-250)
    assert np.isnan([row["missing"], row["two_sines"]]).all()
