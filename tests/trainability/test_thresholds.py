"""Success fractions, medians and critical counts against formulas and simulated coverage."""

import numpy as np
import pytest
from scipy import stats

from trainscape.trainability.thresholds import (
    critical_count,
    critical_parameter_count,
    median_loss,
    resolved,
    success_fraction,
)


@pytest.mark.parametrize(("successes", "trials"), [(0, 10), (3, 10), (10, 10), (17, 40)])
def test_wilson_interval_by_its_formula(successes, trials):
    losses = np.r_[np.zeros(successes), np.ones(trials - successes)]
    result = success_fraction(losses, 1e-6)
    z, f = stats.norm.ppf(0.975), successes / trials
    centre = (f + z**2 / (2 * trials)) / (1 + z**2 / trials)
    half = z / (1 + z**2 / trials) * np.sqrt(f * (1 - f) / trials + z**2 / (4 * trials**2))
    assert (result.samples, result.value) == (trials, f)
    assert (result.low, result.high) == pytest.approx((centre - half, centre + half), abs=1e-12)
    assert 0 <= result.low <= f <= result.high <= 1


def test_success_is_at_most_the_target():
    assert success_fraction([1.0, 2.0, np.inf], 1.0).value == pytest.approx(1 / 3)


def test_median_interval_is_the_tabulated_one():
    # Ranks of the 95 % interval of a median from the tables: 10 values: 2 and 9; 20: 6 and 15; 50:
    # 18 and 33.
    for count, low, high in ((6, 1, 6), (10, 2, 9), (20, 6, 15), (50, 18, 33)):
        result = median_loss(np.random.default_rng(0).permutation(np.arange(1.0, count + 1)))
        assert (result.low, result.high) == (low, high)
        assert result.value == (count + 1) / 2
        assert result.level == pytest.approx(
            sum(stats.binom.pmf(i, count, 0.5) for i in range(low, high)), rel=1e-12
        )
        assert result.level >= 0.95


def test_median_interval_covers_as_computed():
    rng = np.random.default_rng(3)
    trials = 2000
    results = [median_loss(rng.exponential(size=11)) for _ in range(trials)]
    hits = sum(result.low <= np.log(2) <= result.high for result in results)
    low, high = stats.binom.ppf([1e-4, 1 - 1e-4], trials, results[0].level)
    assert low <= hits <= high


def test_few_values_say_what_they_cover():
    assert median_loss([1.0, 2.0, 3.0]).level == pytest.approx(1 - 2 / 8)
    assert median_loss([1.0, 2.0, 3.0]).high == 3
    assert median_loss([5.0]).level == 0


def losses_of(successes, trials=20):
    return np.r_[np.zeros(successes), np.ones(trials - successes)]


def test_critical_count_is_the_first_that_reaches_the_fraction():
    result = critical_parameter_count(
        [40, 10, 20, 30], [losses_of(20), losses_of(0), losses_of(9), losses_of(10)], 1e-10
    )
    assert result.count == 30
    assert result.monotone
    assert result.parameters == (10, 20, 30, 40)
    assert [share.value for share in result.proportions] == [0, 0.45, 0.5, 1]
    # 9 of 20 does not exclude one half from below, 10 of 20 does not exclude less.
    assert (result.low, result.high) == (20, 40)


def test_fraction_matters():
    losses = [losses_of(0), losses_of(9), losses_of(19), losses_of(20)]
    assert critical_parameter_count([1, 2, 3, 4], losses, 0.5, fraction=0.3).count == 2
    assert critical_parameter_count([1, 2, 3, 4], losses, 0.5, fraction=1.0).count == 4


def test_never_reached():
    result = critical_parameter_count([1, 2], np.ones((2, 30)), 1e-3)
    assert (result.count, result.low, result.high, result.monotone) == (None, None, None, True)


def test_relapse_is_flagged():
    result = critical_parameter_count([1, 2, 3], [losses_of(0), losses_of(20), losses_of(3)], 1e-3)
    assert result.count == 2
    assert not result.monotone


def test_bracket_holds_the_truth():
    # Success probability logistic in p with its middle at 50.
    parameters = list(range(20, 81, 5))
    inside = 0
    for trial in range(200):
        rng = np.random.default_rng(trial)
        losses = [
            np.where(rng.random(24) < 1 / (1 + np.exp(-(p - 50) / 6)), 0.0, 1.0) for p in parameters
        ]
        result = critical_parameter_count(parameters, losses, 1e-3)
        inside += result.low <= 50 <= result.high
    assert inside >= 190


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1, 2], [[0.0]], 1), "2 numbers of parameters"),
        (([], [], 1), "0 numbers"),
        (([1, 1], [[0.0], [0.0]], 1), "twice"),
        (([1], [[]], 1), "restarts"),
        (([1], [[np.nan, 1.0]], 1), "1 of 2 final losses are NaN"),
    ],
)
def test_errors(arguments, message):
    with pytest.raises(ValueError, match=message):
        critical_parameter_count(*arguments)
    with pytest.raises(ValueError, match="fraction"):
        critical_parameter_count([1], [[1.0]], 1, fraction=0)


def test_plain_numbers_say_minus_one_where_there_is_none():
    losses = [np.ones(4), np.r_[np.zeros(3), 1.0], np.zeros(4)]
    lines, crossing = critical_count([2, 5, 9], losses, 1e-8)
    assert [line["success"] for line in lines] == [0, 0.75, 1]
    assert [line["median_loss"] for line in lines] == [1, 0, 0]
    assert [line["restarts"] for line in lines] == [4, 4, 4]
    # Wilson's intervals: up to 0.49 at 2, from 0.30 at 5, from 0.51 at 9.
    assert crossing == {"critical": 5, "critical_low": 5, "critical_high": 9, "below": 2}
    _, nowhere = critical_count([2, 5], losses[:1] * 2, 1e-8)
    assert nowhere == {"critical": -1, "critical_low": -1, "critical_high": -1, "below": -1}
    _, first = critical_count([9], losses[2:], 1e-8)
    assert (first["critical"], first["below"]) == (9, -1)


def test_a_threshold_is_resolved_by_a_fine_grid_that_reaches_beyond_it():
    fine = list(range(80, 89))
    assert resolved([42, *fine, 101], 84, 0.02)
    assert not resolved(range(84, 89), 84, 0.02)
    assert not resolved([80, 84, 88], 84, 0.02)
    # One parameter is more than two per cent of 40.
    assert not resolved(range(30, 50), 40, 0.02)
