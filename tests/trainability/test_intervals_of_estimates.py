"""The mean of estimates that have errors of their own."""

import numpy as np
import pytest

from trainscape.trainability.intervals import (
    LEVEL,
    Estimate,
    exact,
    mean_of_estimates,
    ratio_of_means,
)


def test_the_larger_of_spread_and_errors_counts():
    values = [1.0, 2.0, 3.0]  # variance 1
    wide = mean_of_estimates(values, [0.1, 0.1, 0.1])
    assert wide.value == 2
    assert wide.standard_error == pytest.approx(np.sqrt(1 / 3))
    assert wide.high - wide.low == pytest.approx(2 * 1.959964 * np.sqrt(1 / 3), rel=1e-6)
    own = mean_of_estimates(values, [3.0, 0.0, 0.0])
    assert own.standard_error == pytest.approx(np.sqrt(3 / 3))


def test_a_single_estimate_keeps_its_error():
    single = mean_of_estimates([0.5], [0.2])
    assert (single.value, single.standard_error, single.samples) == (0.5, pytest.approx(0.2), 1)
    assert single.contains(0.5 + 0.39)
    assert not single.contains(0.5 + 0.4)


def test_intervals_cover_what_they_should():
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(400):
        errors = rng.uniform(0.5, 1.5, 30)
        covered += mean_of_estimates(1 + errors * rng.normal(size=30), errors).contains(1)
    # The larger of two estimates of the variance makes the intervals a little wide.
    assert 0.93 <= covered / 400 <= 0.995


def test_ratios_of_paired_means_know_what_both_share():
    """Coverage of the interval, and an error far below that of independent means."""
    rng = np.random.default_rng(8)
    held = []
    for _ in range(400):
        below = rng.gamma(2.0, 1.0, 24)
        above = 0.3 * below + rng.normal(0, 0.1, 24)
        found = ratio_of_means(above, below)
        held.append(found.contains(0.3))
        assert found.standard_error < 0.03 < 0.3 * below.std() / np.sqrt(24)
    assert np.mean(held) == pytest.approx(0.95, abs=0.035)


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ((0.5123, 0.4, 0.6), "0.5123 [0.4, 0.6]"),
        ((51.934, 51.2, 52.4), "51.93 [51.2, 52.4]"),
        # Ends that three digits do not tell apart, and no exponent below a million.
        ((1582.31, 1581.97, 1582.64), "1582 [1582, 1583]"),
        ((51.93412, 51.93405, 51.93419), "51.93412 [51.934, 51.9342]"),
        ((3.004e-18, 3.002e-18, 3.009e-18), "3.004e-18 [3e-18, 3.01e-18]"),
        # Ends that are equal in all digits that are shown, and unknown ones.
        ((51.93412, 51.93412 - 1e-9, 51.93412 + 1e-9), "51.93"),
        ((0.25, 0.1, np.inf), "0.25"),
    ],
)
def test_intervals_are_told_by_as_many_digits_as_they_need(numbers, text):
    value, low, high = numbers
    found = Estimate(value, np.nan, low, high, LEVEL, 10, "mean").with_interval()
    assert found == text


def test_ends_are_told_apart_if_they_can_be():
    narrow = Estimate(0.60644, 1e-6, 0.606438, 0.606442, LEVEL, 10, "paths")
    assert narrow.told_ends() == ("0.606438", "0.606442")
    assert narrow.told_ends(4) == narrow.told_ends()
    assert exact(0.5).told_ends() is None


def test_an_exact_number_is_told_without_an_interval():
    assert exact(1582.31).with_interval() == "1582"
