"""Gradient moments against exact formulas, SciPy's bootstrap, and simulated coverage."""

import numpy as np
import pytest
from scipy import stats

from trainscape.trainability import moments as module
from trainscape.trainability.moments import moments, second_moment, second_moment_ratio, variance


@pytest.fixture
def rng():
    return np.random.default_rng(20)


def test_one_instance_gives_the_textbook_estimators(rng):
    values = rng.normal(0.3, 2.0, size=(1, 37))
    assert second_moment(values) == pytest.approx(np.mean(values**2), rel=1e-14)
    assert variance(values) == pytest.approx(np.var(values, ddof=1), rel=1e-13)


def test_several_instances_match_the_sum_over_pairs(rng):
    values = rng.normal(0.5, 1.0, size=(6, 9)) + rng.normal(size=(6, 1))
    means, squares = values.mean(axis=1), (values**2).mean(axis=1)
    pairs = sum(means[u] * means[v] for u in range(6) for v in range(6) if u != v)
    assert variance(values) == pytest.approx(squares.mean() - pairs / 30, rel=1e-12)


def test_variance_is_unbiased_where_the_instances_differ(rng):
    # Var g = within + between = 1 + 4. The variance of the pooled sample would be near 1 + 4 * 3 /
    # 4.
    values = rng.normal(size=(4000, 4, 3)) + 2 * rng.normal(size=(4000, 4, 1))
    estimates = np.array([variance(draw) for draw in values])
    assert np.mean(estimates) == pytest.approx(5.0, abs=5 * stats.sem(estimates))


def test_variance_keeps_its_digits_under_a_large_mean(rng):
    values = rng.normal(size=(1, 50))
    assert variance(values + 1e6) == pytest.approx(variance(values), rel=1e-8)


def test_parameters_are_averaged(rng):
    values = rng.normal(size=(5, 7, 3))
    assert second_moment(values) == pytest.approx(
        np.mean([second_moment(values[:, :, k]) for k in range(3)]), rel=1e-14
    )
    assert variance(values) == pytest.approx(
        np.mean([variance(values[:, :, k]) for k in range(3)]), rel=1e-13
    )


def test_instances_of_different_size_have_equal_weight():
    values = [np.full(2, 1.0), np.full(50, 3.0)]
    assert second_moment(values) == pytest.approx((1 + 9) / 2)
    assert variance(values) == pytest.approx(2.0)


def test_interval_agrees_with_scipy_for_many_samples(rng):
    # Far from small samples the expanded percentiles are the plain ones.
    values = rng.normal(size=(1, 2000))
    ours = moments(values, rng, resamples=8000)
    for interval, statistic in (
        (ours.second_moment, lambda g, axis: np.mean(g**2, axis=axis)),
        (ours.variance, lambda g, axis: np.var(g, axis=axis, ddof=1)),
    ):
        theirs = stats.bootstrap(
            (values[0],), statistic, n_resamples=8000, method="percentile", rng=rng
        ).confidence_interval
        width = theirs.high - theirs.low
        assert interval.low == pytest.approx(theirs.low, abs=0.05 * width)
        assert interval.high == pytest.approx(theirs.high, abs=0.05 * width)


def test_few_units_widen_the_interval_as_student_does(rng):
    # For the mean of U values the expanded percentile interval is about as wide as Student's.
    values = rng.normal(10.0, 0.01, size=(8, 1))
    interval = moments(values, rng, resamples=40000).second_moment
    squares = values[:, 0] ** 2
    student = 2 * stats.t.ppf(0.975, 7) * stats.sem(squares)
    assert interval.high - interval.low == pytest.approx(student, rel=0.15)


def test_samples_of_one_instance_are_not_independent(rng):
    # Every instance has its own constant gradient: a hundred samples of it say no more than one.
    constants = rng.normal(size=(12, 1))
    once = moments(constants, np.random.default_rng(1)).second_moment
    often = moments(np.repeat(constants, 100, axis=1), np.random.default_rng(1)).second_moment
    assert (often.low, often.high) == pytest.approx((once.low, once.high), rel=1e-12)
    assert often.samples == 12


@pytest.mark.parametrize(("instances", "samples", "spread"), [(1, 200, 0.0), (20, 30, 0.5)])
def test_intervals_cover_as_they_promise(instances, samples, spread):
    hits, trials = 0, 200
    for trial in range(trials):
        rng = np.random.default_rng([7, trial])
        scale = np.sqrt(1 + spread * rng.chisquare(3, size=(instances, 1)))
        result = moments(scale * rng.normal(size=(instances, samples)), rng, resamples=1500)
        hits += result.variance.low <= 1 + 3 * spread <= result.variance.high
    low, high = stats.binom.ppf([1e-4, 1 - 1e-4], trials, 0.94)
    assert low <= hits <= high


def test_wider_level_wider_interval(rng):
    values = rng.normal(size=(10, 10))
    narrow = moments(values, np.random.default_rng(3), level=0.68).variance
    wide = moments(values, np.random.default_rng(3), level=0.99).variance
    assert wide.low < narrow.low < narrow.value < narrow.high < wide.high


def test_result_depends_on_the_stream_only(rng, monkeypatch):
    values = rng.normal(size=(9, 11, 2))
    first = moments(values, np.random.default_rng(5))
    monkeypatch.setattr(module, "BATCH", 100)  # the memory used while resampling changes nothing
    assert moments(values, np.random.default_rng(5)) == first
    assert moments(values, np.random.default_rng(6)) != first


def test_counts_and_missing_intervals(rng):
    result = moments([np.ones(3), np.ones(4)], rng)
    assert (result.instances, result.samples, result.variance.value) == (2, 7, 0.0)
    alone = moments(np.ones((1, 1)), rng)
    assert alone.second_moment.value == 1
    assert np.isnan([alone.second_moment.low, alone.variance.value, alone.variance.high]).all()


def test_paired_ratio_cancels_what_is_common(rng):
    common = rng.lognormal(sigma=2.0, size=(30, 1)) * rng.normal(size=(30, 20))
    ratio = second_moment_ratio(2 * common, common, rng)
    assert (ratio.low, ratio.value, ratio.high) == pytest.approx((4, 4, 4), rel=1e-12)
    noisy = second_moment_ratio(2 * common, common * rng.uniform(0.9, 1.1, size=common.shape), rng)
    assert noisy.low < 4.05
    assert noisy.high > 3.9
    assert noisy.high - noisy.low < 0.6  # unpaired, the spread of the common factor would dominate


def test_ratio_of_one_draw_has_no_interval(rng):
    ratio = second_moment_ratio(np.array([[2.0]]), np.array([[1.0]]), rng)
    assert ratio.value == 4
    assert np.isnan(ratio.low)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.ones(3), "shape"),
        ([], "no instances"),
        ([np.ones((2, 2, 2))], "instance 0 has the shape"),
        ([np.ones(2), np.ones(0)], "instance 1 has no samples"),
        (np.array([[1.0, np.nan]]), "not finite"),
        ([np.ones((2, 3)), np.ones((2, 4))], "number of parameters"),
    ],
)
def test_errors_name_the_instance(values, message, rng):
    with pytest.raises(ValueError, match=message):
        moments(values, rng)


def test_other_errors(rng):
    with pytest.raises(TypeError, match="float"):
        second_moment(1.0)
    with pytest.raises(ValueError, match="two samples"):
        variance(np.ones((1, 1)))
    with pytest.raises(ValueError, match="level"):
        moments(np.ones((2, 2)), rng, level=95)
    with pytest.raises(ValueError, match="same draws"):
        second_moment_ratio(np.ones((3, 2)), np.ones((2, 2)), rng)
    with pytest.raises(ValueError, match="zero"):
        second_moment_ratio(np.ones((2, 2)), np.zeros((2, 2)), rng)
