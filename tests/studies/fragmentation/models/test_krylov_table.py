"""The table of Krylov spaces, its verdicts, and the growth of its numbers."""

import numpy as np
import pytest

from studies.fragmentation.models.settings import sectors
from trainscape.physics.bond_algebra import decompose
from trainscape.physics.fragmentation import verdict
from trainscape.physics.fragmented_models import FAMILIES
from trainscape.physics.model_catalogue import chain_lengths
from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.models import growth_laws, krylov_table
from trainscape.studies.kit.tables import select, to_frame
from trainscape.testing.steps import StubSummary


def table_of(*cells):
    return krylov_table.summarise(StubSummary({Stage.DATASET: list(cells)}))


@pytest.fixture(scope="module")
def dataset():
    names = ("temperley_lieb_d3", "t_jz_ising", "pxp", "pair_hopping")
    cells = [sectors(name, sites) for name in names for sites in chain_lengths(name, 128)]
    cells += [sectors("collective", sites) for sites in chain_lengths("collective", 512)]
    return table_of(*cells)


@pytest.fixture(scope="module")
def table(dataset):
    return to_frame(dataset)


@pytest.mark.parametrize(
    ("name", "quantity", "values"),
    [
        ("pxp", "krylov_sum", [6, 13, 24, 46, 89]),
        ("pxp", "commutant_dimension", [10, 21, 44, 112, 321]),
        ("pxp", "components", [4, 7, 12, 21, 37]),
        ("pair_hopping", "krylov_sum", [3, 5, 10, 18]),
        ("temperley_lieb_d3", "krylov_spaces", [9, 24, 64]),
    ],
)
def test_numbers_are_the_known_ones(table, name, quantity, values):
    assert select(table, model=name)[quantity].tolist() == values


def test_closed_forms_agree_and_a_wrong_number_would_show(table, monkeypatch):
    assert table["closed_forms"].sum() > 30
    assert (table["closed_forms_agree"] == table["closed_forms"]).all()
    wrong = {"krylov_sum": 7, "components": 4}
    monkeypatch.setattr(krylov_table, "closed_forms", lambda name, sites: wrong)
    row = to_frame(table_of(sectors("pxp", 3))).iloc[0]
    assert (row["closed_forms"], row["closed_forms_agree"]) == (2, 1)


def test_no_system_is_below_its_bounds(table):
    assert (table["krylov_sum"] >= table["bound"]).all()
    local = table[table["range"] < table["sites"]]
    assert (local["krylov_sum"] >= local["range_bound"]).all()


def test_verdicts(table):
    answers = table.groupby("model")["polynomial_krylov_sum"].unique()
    # Three lengths of the Temperley-Lieb chain decide nothing.
    assert answers["temperley_lieb_d3"].tolist() == ["undecided"]
    assert answers["pxp"].tolist() == ["no"]
    assert answers["collective"].tolist() == ["yes"]


def test_growth_is_fitted_for_every_model(dataset):
    summaries = {Stage.DATASET: dataset}
    laws = to_frame(growth_laws.summarise(StubSummary({}, summaries)))
    law = laws.set_index(["model", "quantity"])["verdict"]
    assert law["pxp", "krylov_sum"] == "exponential"
    assert law["collective", "krylov_sum"] == "power"


def judgement(row):
    return tuple(
        {"yes": True, "no": False, "undecided": None}[row[name]]
        for name in ("fragmented", "strong", "polynomial_krylov_sum")
    )


@pytest.mark.parametrize(
    ("name", "lengths"),
    [("ghz_projector", range(3, 9)), ("t_jz_ising", range(2, 7)), ("east", range(2, 8))],
)
def test_verdicts_are_those_of_the_decompositions(name, lengths):
    """Proof and fit agree: the sum of Krylov dimensions is no polynomial."""
    row = to_frame(table_of(*(sectors(name, sites) for sites in lengths))).iloc[0]
    models = [FAMILIES[name](sites) for sites in lengths]
    rng = np.random.default_rng(3)
    expected = verdict(models, [decompose(model.generators(), rng) for model in models])
    assert judgement(row) == (
        expected.fragmented,
        expected.strong,
        expected.polynomial_krylov_sum,
    )
    assert row["kind"] == expected.kind
    assert row["krylov_sum_rate"] == pytest.approx(expected.krylov_sum.rate, rel=1e-9)
    assert row["polynomial_krylov_sum"] == "no"
