"""Counts, errors and thresholds of surrogates, and the costs of the transition: published numbers, sums over all paths, closed forms."""

import math

import numpy as np
import pytest
import xarray as xr

from studies.clifford.cells import context, stored, system
from trainscape.simulators.pauli.moments import MomentEstimate
from trainscape.studies.clifford.surrogates import dataset, simulate, thresholds
from trainscape.studies.clifford.surrogates import gradients as transition
from trainscape.studies.clifford.surrogates.claims import PUBLISHED_ORDERS
from trainscape.studies.contract import Purpose, Stage, SummaryContext

PUBLISHED_SUPPORTS = ((5, 2, 45), (10, 3, 91), (14, 6, 153), (22, 7, 231))
"""n = 2, Z^2, order 3, L = 1, ..., 4: without encoder, with it, all coefficients."""


class Summary(SummaryContext):
    """What a summary step sees."""

    def __init__(self, cells=(), **options):
        self._cells, self._options = cells, options

    @property
    def options(self):
        return self._options

    def cells(self, stage):
        return self._cells

    def generator(self, purpose, index):
        return np.random.default_rng((int(purpose), index))


def counts(experiment, qubits, layers, order, ansatz="mhea", **options):
    parameters = {
        "experiment": experiment,
        "ansatz": ansatz,
        "qubits": qubits,
        "layers": layers,
        "order": order,
    }
    return dataset.sample(context("surrogates", Stage.DATASET, parameters, **options), range(1))


def test_supports_are_the_published_ones():
    for layers, known in enumerate(PUBLISHED_SUPPORTS, start=1):
        data = counts("support", 2, layers, 3).sel(m=3)
        assert (int(data["bare"]), int(data["encoded"][0]), int(data["coefficients"])) == known
    # n = 3, order 4: at depth one the encoder raises the count.
    data = counts("support", 3, 1, 4).sel(m=4)
    assert (int(data["bare"]), int(data["encoded"][0])) == (9, 25)


def test_supports_of_lower_orders_come_from_the_highest():
    high, low = counts("support", 3, 2, 4), counts("support", 3, 2, 3)
    xr.testing.assert_identical(high.sel(m=[1, 2, 3]), low)


def test_costs_are_the_published_numbers_of_stabiliser_expectations():
    """(D, m): 185 and 17205 for D = 92 at m = 2 and 3."""
    data = counts("cost", 23, 1, 3)
    assert data.attrs["parameters"] == 92
    assert data["shift_evaluations"].values.tolist() == [1, 185, 17205]
    assert data["coefficients"].values.tolist() == [1, 93, 4371]
    assert (data["support"] <= data["coefficients"]).all()
    assert (data["diagonal_paths"] <= data["followed_paths"]).all()
    # At order one there is the value at zero only, which the encoder makes vanish.
    assert int(data["support"][0]) == 0


def test_errors_of_surrogates_agree_with_the_walk_and_fall_with_more_sines():
    cell = context("surrogates", Stage.SIMULATE, system(3), angles=200, max_sines=3, walks=2**15)
    data = simulate.sample(cell, range(3))
    table = simulate.summarise(Summary([stored(cell.parameters, data)], walks=2**15)).to_dataframe()
    assert (table["deviation"].abs() < 4).all()
    narrow = table[table["law"] == "D^-1/2"].set_index("kappa")["expected"]
    assert narrow.is_monotonic_decreasing
    assert narrow[0] == pytest.approx(1.0, abs=0.02)
    xr.testing.assert_identical(simulate.sample(cell, range(1, 2)), data.isel(sample=slice(1, 2)))


def test_the_part_beyond_is_the_truncation_error():
    estimate = MomentEstimate.of(
        np.array([0, 1, 1, 4]), np.array([1.0, 0.5, 0.5, 0.25]), 10, 1.0, 0.125, 2
    )
    for kappa in range(6):
        assert simulate.beyond(estimate, kappa).mean == pytest.approx(
            estimate.truncation_error(kappa)
        )


@pytest.fixture(scope="module")
def closed_forms():
    return thresholds.summarise(
        Summary(order_qubits="1,2,4,16,51", published_order_qubits=51, rank_qubits="2,10,100")
    )


def test_orders_are_the_published_ones(closed_forms):
    for n in (1, 2, 4, 16, 51):
        assert (
            tuple(closed_forms["order_published"].sel(order_qubits=n).values) == PUBLISHED_ORDERS[n]
        )
    # The formula is at most one low.
    low = closed_forms["order"] - closed_forms["order_lambert"]
    assert set(np.unique(low.values)) <= {0, 1}


def test_ranks_are_constant_or_grow(closed_forms):
    equal = np.exp(closed_forms["rank_equal"].sel(rank_law="D^-1"))
    assert float(equal[-1]) == pytest.approx(math.exp(2 * math.tan(math.pi / 8)), rel=0.02)
    assert (closed_forms[["rank_equal", "rank_random"]].to_array() >= 0).all()
    assert float(closed_forms["rank_equal"].sel(rank_law="1", rank_qubits=100)) == pytest.approx(
        math.log(6e12), abs=0.3
    )
    assert (closed_forms["rank_signed"] < 0).any()


def test_crossovers_are_those_of_the_formula(closed_forms):
    """c = 1: q* = exp(-ln(1 / t) / (2 ln(1 / t) + 2 ln gamma / ln D)) with t = rho eps^2 and gamma = D = 1000: exp(-ln(1/t) / (2 ln(1/t) - 2))."""
    middle = int(np.argmin(np.abs(np.log(closed_forms["constant"].values))))
    assert closed_forms["constant"].values[middle] == pytest.approx(1.0)
    for (failure, error), q in zip(
        thresholds.TARGETS, closed_forms["crossover_by_taylor"].values[:, middle], strict=True
    ):
        depth = -math.log(failure * error**2)
        assert q == pytest.approx(math.exp(-depth / (2 * depth - 2)))


# Transition


def test_sines_needed_keep_all_but_a_hundredth():
    flips = np.repeat([1, 2, 3, 5], [600, 300, 95, 5])
    estimate = MomentEstimate.of(flips, np.ones(1000), 10**5, 1.0)
    # Beyond 3 sines there are 0.5 %, beyond 2 there are 10 %.
    assert transition.sines_needed(estimate) == 3
    assert transition.sines_needed(MomentEstimate.of(flips[:10], np.ones(10), 10**5, 1.0)) == -1


def test_choices_are_sums_of_binomials():
    exact = sum(math.comb(40, j) for j in range(6))
    assert 10 ** transition.log10_choices(40, 5) == pytest.approx(exact)
    assert 10 ** transition.log10_choices(3, 9) == pytest.approx(8)


def test_narrow_patches_are_cheap_and_wide_ones_are_not():
    cell = context("surrogates", Stage.GRADIENTS, system(4), transition_walks=2**13)
    data = transition.sample(cell, range(2))
    xr.testing.assert_identical(transition.sample(cell, range(1, 2)), data.isel(sample=slice(1, 2)))
    table = (
        transition.summarise(Summary([stored(cell.parameters, data)]))
        .to_dataframe()
        .set_index("scaled_width")
    )
    assert table.loc[0.125, "gradient"] == pytest.approx(math.exp(-(0.125**2) / 2), rel=0.01)
    assert table.loc[0.125, "sines"] == 1
    assert table.loc[4.0, "sines"] > table.loc[1.0, "sines"]
    assert (table["worst_paths"] >= table["average_paths"]).all()
    assert table["gradient"].is_monotonic_decreasing


def test_streams_of_counts_do_not_depend_on_the_order():
    one, other = (
        context(
            "surrogates",
            Stage.DATASET,
            {"experiment": "support", "ansatz": "mhea", "qubits": 3, "layers": 1, "order": order},
        )
        for order in (3, 4)
    )
    assert one.generator(Purpose.INSTANCE, 0).integers(2**60) == other.generator(
        Purpose.INSTANCE, 0
    ).integers(2**60)
