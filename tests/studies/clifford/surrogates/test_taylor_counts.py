"""Counts of Taylor coefficients and their costs: the published numbers."""

import xarray as xr

from studies.clifford.settings import context, own
from trainscape.studies.clifford.surrogates import GROUP
from trainscape.studies.clifford.surrogates.taylor_counts import sample
from trainscape.studies.contract import Purpose, Stage
from trainscape.testing.steps import family_of

PUBLISHED_SUPPORTS = ((5, 2, 45), (10, 3, 91), (14, 6, 153), (22, 7, 231))
"""n = 2, Z^2, order 3, L = 1, ..., 4: without encoder, with it, all coefficients."""


def counts(experiment, qubits, layers, order, ansatz="mhea", **options):
    parameters = {
        "experiment": experiment,
        "ansatz": ansatz,
        "qubits": qubits,
        "layers": layers,
        "order": order,
    }
    cell = context(GROUP, "surrogates", Stage.DATASET, parameters, **options)
    return sample(cell, range(1))


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


def test_streams_of_counts_do_not_depend_on_the_order():
    one, other = (
        context(
            GROUP,
            "surrogates",
            Stage.DATASET,
            {"experiment": "support", "ansatz": "mhea", "qubits": 3, "layers": 1, "order": order},
        )
        for order in (3, 4)
    )
    assert one.generator(Purpose.INSTANCE, 0).integers(2**60) == other.generator(
        Purpose.INSTANCE, 0
    ).integers(2**60)


def test_each_number_of_qubits_has_its_own_largest_order_against_the_depth():
    """Two qubits up to order 4, three up to 3; one layer keeps the higher of two orders."""
    cells = family_of(GROUP, "surrogates", own("surrogates")).stages[Stage.DATASET].cells
    orders = {
        (cell.parameters["qubits"], cell.parameters["layers"]): cell.parameters["order"]
        for cell in cells
        if cell.parameters["experiment"] == "support"
    }
    assert orders == {
        (1, 1): 3,
        (2, 1): 4,
        (3, 1): 3,
        **{(n, layers): {2: 4, 3: 3}[n] for n in (2, 3) for layers in (2, 3)},
    }
