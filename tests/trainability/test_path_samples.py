"""Drawn Pauli paths against sums over all paths, by number of sines."""

import math

import numpy as np
import pytest

from trainability.all_paths import CASES, PATCH, sums_over_all_paths
from trainscape.trainability.path_samples import MOST_LISTED, sample_paths
from trainscape.trainability.short_paths import ShortPaths

MOST = 7
MOMENTS = [(case, parameter) for case in range(6) for parameter in (None, 0, 3, 7)]


def estimates(case, parameter, seed, draws=8192):
    """Sums of unions and of the others by number of sines, and their variances."""
    sample = sample_paths(ShortPaths(case), parameter, MOST, draws, np.random.default_rng(seed))
    sums, variances = np.zeros((2, MOST + 1)), np.zeros(MOST + 1)
    listed = sample.listed.weights(PATCH) * sample.multiples
    np.add.at(sums[1], sample.listed.sines.sum(axis=1), listed)
    for stratum in sample.strata:
        weights = stratum.paths.weights(PATCH) * stratum.multiples
        assert (stratum.paths.sines.sum(axis=1) == stratum.sines).all()
        sums[int(stratum.union), stratum.sines] += weights.sum()
        variances[stratum.sines] += (np.bincount(stratum.draws, weights, 1) ** 2).sum()
    return sums, variances


def test_sums_over_drawn_paths_are_unbiased():
    deviations, unions, others = [], 0, 0
    for index, parameter in MOMENTS:
        exact = sums_over_all_paths(CASES[index], PATCH, parameter)[: MOST + 1]
        sums, variances = estimates(CASES[index], parameter, seed=index)
        total = sums.sum(axis=0)
        assert total[:3] == pytest.approx(exact[:3], abs=1e-14)
        # What was drawn is there; what is there has been drawn, unless it is rare.
        assert (exact[3:][variances[3:] > 0] > 0).all()
        met = variances > 1e-3 * exact**2 / 100
        met &= variances > 0
        met[:3] = False
        deviations += ((total - exact)[met] / np.sqrt(variances[met])).tolist()
        unions, others = unions + (sums[1, 3:] > 0).sum(), others + (sums[0, 3:] > 0).sum()
    assert len(deviations) > 40
    assert unions > 10
    assert others > 40
    assert np.abs(deviations).max() < 4.5
    assert abs(np.mean(deviations)) < 4.5 / math.sqrt(len(deviations))
    assert np.std(deviations) < 1.4


def test_a_sample_serves_all_patches_and_repeats_itself():
    one, _ = estimates(CASES[1], None, seed=5, draws=512)
    again, _ = estimates(CASES[1], None, seed=5, draws=512)
    other, _ = estimates(CASES[1], None, seed=6, draws=512)
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()


def test_of_many_listed_paths_some_stand_for_all(monkeypatch):
    """The path of angle zero and those with one sine are always kept."""
    monkeypatch.setattr("trainscape.trainability.path_samples.MOST_LISTED", 3)
    assert MOST_LISTED > 3
    short = max(map(ShortPaths, CASES), key=lambda one: one.value(2).counts[2])
    whole = short.value(2)
    assert whole.counts[2] > 6
    means = []
    for seed in range(200):
        sample = sample_paths(short, None, 2, 64, np.random.default_rng(seed))
        sines = sample.listed.sines.sum(axis=1)
        assert (sines == 2).sum() == 3
        assert (sines < 2).sum() == whole.counts[:2].sum()
        means.append((sample.listed.weights(PATCH) * sample.multiples).sum())
    error = np.std(means, ddof=1) / math.sqrt(len(means))
    assert error > 0
    assert np.mean(means) == pytest.approx(whole.weights(PATCH).sum(), abs=4.5 * error)


def test_no_listed_path_no_draws():
    short = ShortPaths(CASES[0])
    parameter = next(
        name for name in range(14) if not sums_over_all_paths(CASES[0], PATCH, name)[:3].any()
    )
    assert not sample_paths(short, parameter, MOST, 64, np.random.default_rng(0)).strata
