"""Orders, ranks and patch sizes: published numbers and closed forms."""

import math

import numpy as np
import pytest

from trainscape.studies.clifford.surrogates.claims import PUBLISHED_ORDERS
from trainscape.studies.clifford.surrogates.closed_forms import TARGETS, summarise
from trainscape.testing.steps import StubSummary


@pytest.fixture(scope="module")
def closed_forms():
    sizes = {"order_qubits": (1, 2, 4, 16, 51), "rank_qubits": (2, 10, 100)}
    return summarise(StubSummary({}, options={**sizes, "published_order_qubits": 51}))


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
    """c = 1.

    Q* = exp(-ln(1 / t) / (2 ln(1 / t) + 2 ln gamma / ln D)) with t = rho eps^2 and gamma = D =
    1000: exp(-ln(1/t) / (2 ln(1/t) - 2)).
    """
    middle = int(np.argmin(np.abs(np.log(closed_forms["constant"].values))))
    assert closed_forms["constant"].values[middle] == pytest.approx(1.0)
    for (failure, error), q in zip(
        TARGETS, closed_forms["crossover_by_taylor"].values[:, middle], strict=True
    ):
        depth = -math.log(failure * error**2)
        assert q == pytest.approx(math.exp(-depth / (2 * depth - 2)))
