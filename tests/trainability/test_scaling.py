"""Scaling fits against synthetic data of known law, statsmodels, and simulated coverage."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.regression.linear_model import OLS, WLS

from trainscape.trainability.scaling import DECISIVE, aicc, fit_scaling, power_between


def sizes(count=12):
    return np.arange(4, 4 + count)


def noisy(law, seed=0, noise=0.05, count=12):
    n = sizes(count)
    return law(n) * np.exp(noise * np.random.default_rng(seed).normal(size=n.size))


def test_exact_power_law():
    fit = fit_scaling(sizes(), 3.0 * sizes() ** -2.5)
    assert fit.verdict == "power"
    assert fit.power.slope == pytest.approx(-2.5, rel=1e-12)
    assert np.exp(fit.power.intercept) == pytest.approx(3.0, rel=1e-12)
    assert fit.power(sizes()) == pytest.approx(3.0 * sizes() ** -2.5, rel=1e-12)


def test_exact_exponential():
    fit = fit_scaling(sizes(), 0.5 * 2.0 ** -sizes())
    assert fit.verdict == "exponential"
    assert fit.exponential.slope / np.log(2) == pytest.approx(-1.0, rel=1e-12)
    assert fit.exponential(10) == pytest.approx(0.5 * 2.0**-10, rel=1e-11)


def test_stretched_exponential_is_found():
    n = np.arange(4, 40)
    fit = fit_scaling(n, np.exp(-3 * n**0.5), stretched=True)
    assert fit.verdict == "stretched"
    assert fit.laws["stretched"].stretch == pytest.approx(0.5, abs=1e-4)
    assert fit.laws["stretched"].slope == pytest.approx(-3, rel=1e-3)


def test_stretched_does_not_win_without_need():
    fit = fit_scaling(sizes(), noisy(lambda n: 2.0**-n), stretched=True)
    assert fit.verdict == "exponential"


def test_short_noisy_window_is_undecided_and_flagged():
    verdicts = [
        fit_scaling(sizes(5), noisy(lambda n: n**-1.0, seed, 0.2, 5)).verdict for seed in range(50)
    ]
    assert verdicts.count("undecided") >= 40
    fit = fit_scaling(sizes(5), noisy(lambda n: n**-1.0, 0, 0.2, 5))
    assert fit.short
    assert fit.sizes == 5
    assert not fit_scaling(sizes(8), noisy(lambda n: n**-1.0, 0, 0.2, 8)).short


def test_verdict_is_rarely_wrong_and_needs_a_decisive_difference():
    power = [fit_scaling(sizes(), noisy(lambda n: n**-1.0, seed)) for seed in range(100)]
    exponential = [
        fit_scaling(sizes(), noisy(lambda n: np.exp(-0.12 * n), seed)) for seed in range(100)
    ]
    assert sum(fit.verdict == "exponential" for fit in power) <= 3
    assert sum(fit.verdict == "power" for fit in exponential) <= 3
    assert sum(fit.verdict == "power" for fit in power) >= 60
    for fit in power + exponential:
        assert (fit.verdict == "undecided") == (abs(fit.delta) < DECISIVE)
        assert fit.delta == pytest.approx(fit.power.aicc - fit.exponential.aicc, abs=1e-9)


def test_aicc_is_that_of_statsmodels():
    n, v = sizes(), noisy(lambda n: n**-1.5)
    design = np.stack([np.ones(n.size), np.log(n)], axis=1)
    theirs = OLS(np.log(v), design).fit()
    points, k = n.size, 3  # statsmodels does not count the variance
    assert fit_scaling(n, v).power.aicc == pytest.approx(
        theirs.aic + 2 + 2 * k * (k + 1) / (points - k - 1), rel=1e-12
    )


def test_weighted_fit_is_that_of_statsmodels_up_to_the_scale_of_the_errors():
    n, v = sizes(), noisy(lambda n: n**-1.5)
    errors = v * np.linspace(0.01, 0.2, n.size)
    theirs = WLS(np.log(v), np.stack([np.ones(n.size), n], axis=1), weights=(v / errors) ** 2).fit()
    for scale in (1.0, 1e-3):
        law = fit_scaling(n, v, scale * errors).exponential
        assert law.slope == pytest.approx(theirs.params[1], rel=1e-12)
        assert (law.slope_low, law.slope_high) == pytest.approx(
            tuple(theirs.conf_int()[1]), rel=1e-10
        )
        assert law.aicc == pytest.approx(theirs.aic + 2 + 24 / (n.size - 4), rel=1e-10)


def test_aicc_by_hand():
    squares, points, k = 0.7, 10, 3
    variance = squares / points
    log_likelihood = np.sum(
        stats.norm.logpdf(np.sqrt([variance] * points), scale=np.sqrt(variance))
    )
    assert aicc(squares, points, k) == pytest.approx(-2 * log_likelihood + 6 + 24 / 6, rel=1e-12)
    assert aicc(squares, 4, 3) == np.inf


def test_precise_points_rule():
    n = sizes()
    v = n**-2.0
    v[-1] *= 10
    errors = 0.01 * v
    errors[-1] = 100 * v[-1]
    assert fit_scaling(n, v, errors).power.slope == pytest.approx(-2, abs=1e-3)
    assert abs(fit_scaling(n, v).power.slope + 2) > 0.1


@pytest.mark.parametrize("level", [0.68, 0.95])
def test_interval_of_the_slope_covers_as_it_promises(level):
    trials, hits = 400, 0
    for trial in range(trials):
        law = fit_scaling(sizes(), noisy(lambda n: n**-1.5, trial, 0.1), level=level).power
        hits += law.slope_low <= -1.5 <= law.slope_high
    low, high = stats.binom.ppf([1e-4, 1 - 1e-4], trials, level)
    assert low <= hits <= high


def test_four_sizes_never_decide():
    fit = fit_scaling(sizes(4), 2.0 ** -sizes(4))
    assert fit.verdict == "undecided"
    assert fit.power.aicc == np.inf
    assert fit.delta > 0


@pytest.mark.parametrize(
    ("n", "v", "e", "message"),
    [
        ([4, 5, 6], [1, 1, 0], None, "values must be positive"),
        ([4, 5, 6], [1, 1, np.nan], None, "values must be positive"),
        ([0, 5, 6], [1, 1, 1], None, "sizes must be positive"),
        ([4, 5, 6], [1, 1, 1], [1, -1, 1], "errors must be positive"),
        ([4, 5], [1, 1], None, "three sizes"),
        ([4, 4, 5], [1, 1, 1], None, "three sizes"),
        ([4, 5, 6], [1, 1], None, "shape"),
    ],
)
def test_errors(n, v, e, message):
    with pytest.raises(ValueError, match=message):
        fit_scaling(n, v, e)


STRENGTHS = np.geomspace(1e-8, 1e-3, 6)


def test_the_exponent_of_a_power_law_is_found_between_noise_and_saturation():
    values = 1e-14 + np.minimum(1e6 * STRENGTHS**2, 0.3)
    assert power_between(STRENGTHS, values, 1e-12, 0.01) == pytest.approx(2.0, abs=0.01)
    assert power_between(STRENGTHS, values, 0.0, 1.0) < 1.95


def test_hidden_and_saturated_values_have_no_exponent():
    assert np.isnan(power_between(STRENGTHS, np.full(6, 1e-12), 1e-10, 0.01))
    assert np.isnan(power_between(STRENGTHS, np.full(6, 0.5), 1e-10, 0.01))
