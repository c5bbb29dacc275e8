"""One set of walks for all derivatives, against exact sums."""

import math

import numpy as np
import pytest
from scipy.stats import binom

from trainability.angle_quadrature import random_circuit
from trainscape.circuits.ansatze.hardware_efficient import hardware_efficient
from trainscape.circuits.circuit import Problem
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.pauli.moments import Patch
from trainscape.trainability.path_sums import path_sum
from trainscape.trainability.shared_walks import counted_interval, shared_walks

CASES = [random_circuit(seed, parameters=12, terms=1 + 3 * (seed % 2)) for seed in range(24)]


@pytest.mark.parametrize(
    "patch", [Patch("gaussian", 0.8), Patch("uniform", math.inf)], ids=["gaussian", "circle"]
)
def test_estimates_are_unbiased_and_intervals_cover(patch):
    """One derivative of each circuit, since those of a circuit come from the same walks."""
    deviations, missed, total = [], 0, 0
    for number, case in enumerate(CASES):
        exact = path_sum(case, patch).gradient
        largest = int(np.argmax(exact))
        if exact[largest] < 1e-3:
            continue
        for draw in range(6):
            rng = np.random.default_rng([number, draw])
            estimate, effective = shared_walks(case, patch, 4096, rng)[largest]
            total += 1
            missed += not estimate.low <= exact[largest] <= estimate.high
            if effective > 50:
                deviations.append((estimate.value - exact[largest]) / estimate.standard_error)
    assert len(deviations) > 60
    assert abs(np.sum(deviations)) < 3.5 * np.sqrt(len(deviations))
    assert 0.6 < np.mean(np.square(deviations)) < 1.5
    assert missed <= binom.ppf(0.999, total, 0.05)


def test_moments_that_are_zero():
    """The last rotation of each qubit commutes with Z; all others can count."""
    case = Problem(hardware_efficient(3, 2, "open"), PauliSum.parse("ZII"))
    patch = Patch("uniform", math.inf)
    expected = path_sum(case, patch).gradient
    found = shared_walks(case, patch, 4096, np.random.default_rng(0))
    assert [estimate.value > 0 for estimate, _ in found] == (expected > 0).tolist()
    outside = [estimate.method == "exact" for estimate, _ in found]
    assert any(outside)
    assert not expected[outside].any()


def test_numbers_of_walks_and_progress():
    """Any number is rounded up to words, and the result depends on the seed alone."""
    case = Problem(hardware_efficient(5, 3, "ring"), PauliSum.parse("ZIXIZ"))
    patch = Patch("uniform", math.inf)
    calls = []
    first, again = (
        shared_walks(
            case, patch, 100, np.random.default_rng(3), progress=lambda *call: calls.append(call)
        )
        for _ in range(2)
    )
    assert first == again
    assert calls == [(2, 2), (2, 2)]
    assert {estimate.samples for estimate, _ in first if estimate.high > 0} == {128}


@pytest.mark.parametrize(("samples", "chance"), [(200, 0.3), (2000, 0.001)])
def test_interval_of_one_kind_of_event_covers(samples, chance):
    counts = np.arange(samples + 1)
    covered = [
        estimate.low <= 2.0 * chance <= estimate.high
        for estimate in (
            counted_interval(np.array([count]), np.array([2.0]), samples) for count in counts
        )
    ]
    coverage = binom.pmf(counts, samples, chance) @ covered
    assert 0.95 <= coverage <= 0.99


def test_interval_of_events_of_both_signs_covers():
    rng = np.random.default_rng(5)
    chances, weights = np.array([0.02, 0.01, 0.002]), np.array([1.0, -1.0, 9.0])
    draws = rng.multinomial(500, [*chances, 1 - chances.sum()], 400)[:, :3]
    found = [counted_interval(counts, weights, 500) for counts in draws]
    truth = chances @ weights
    covered = np.mean([one.low <= truth <= one.high for one in found])
    assert covered >= 0.95
    assert np.mean([one.high - one.low for one in found]) < 0.2
    errors = [one.standard_error for one in found]
    values = draws / 500 @ weights
    assert np.mean(errors) == pytest.approx(values.std(), rel=0.15)
