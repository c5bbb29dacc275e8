r"""Estimates with their uncertainty: one type, and the recipes that make it.

=================== ===========================================================================
recipe              interval
=================== ===========================================================================
`mean`              Student's t about the mean of independent values
`positive_mean`     the same on the logarithm, for means that are far from normal but positive;
                    standard errors of the single values widen it where they exceed the spread
`mean_of_estimates` normal, from the spread of estimates or from their own errors
`median`            between two order statistics, distribution-free [1]_
`proportion`        Wilson's interval [2]_
`bootstrap`         percentiles of resampled statistics
`ratio`             ratio of two independent positive estimates, normal on the logarithm
`ratio_of_means`    ratio of two means over the same samples, Student's t of the residuals
`combined_mean`     mean of independent estimates, weighted by their errors or equally
`exact`             a number without error
=================== ===========================================================================

References
----------
.. [1] A. C. Davison, D. V. Hinkley, Bootstrap Methods and their Application, Cambridge, 1997.
.. [2] L. D. Brown, T. T. Cai, A. DasGupta, Statistical Science 16, 101 (2001).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.special import betainc, stdtrit

__all__ = [
    "LEVEL",
    "Estimate",
    "bootstrap",
    "combined_mean",
    "exact",
    "mean",
    "mean_of_estimates",
    "median",
    "positive_mean",
    "proportion",
    "ratio",
    "ratio_of_means",
]

Real = NDArray[np.float64]

LEVEL = 0.95
"""Nominal coverage of an interval unless another one is asked for."""

RESAMPLES = 999
"""Resamples of `bootstrap`."""

MOST_DIGITS = 7
"""Significant digits with which the ends of an interval are told at most."""


@dataclass(frozen=True)
class Estimate:
    """A number with its uncertainty.

    Parameters
    ----------
    value
        The estimate.
    standard_error
        Its standard error, in the same units; NaN where it is not known.
    low, high
        Ends of the confidence interval; NaN where there is none.
    level
        Nominal coverage of the interval.
    samples
        Number of independent values behind the estimate.
    method
        Recipe of the interval, in a few words.
    """

    value: float
    standard_error: float
    low: float
    high: float
    level: float
    samples: int
    method: str

    @property
    def interval(self) -> tuple[float, float] | None:
        """The interval, or None where there is none."""
        known = math.isfinite(self.low) and math.isfinite(self.high)
        return (self.low, self.high) if known else None

    def contains(self, number: float) -> bool:
        """Whether `number` lies in the interval, ends included; False where there is none."""
        return bool(self.low <= number <= self.high)

    def _digits(self, least: int) -> int | None:
        """Return how many significant digits tell the ends apart; None if seven do not."""
        for digits in range(least, MOST_DIGITS + 1) if self.interval else ():
            if _significant(self.low, digits) != _significant(self.high, digits):
                return digits
        return None

    def told_ends(self, digits: int = 3) -> tuple[str, str] | None:
        """Return the ends of the interval, for people.

        They have so many significant digits, or as many more as tell them apart: seven at most.
        None where there is no interval, or where its ends are equal in all of them.
        """
        count = self._digits(digits)
        if count is None:
            return None
        return _significant(self.low, count), _significant(self.high, count)

    def with_interval(self) -> str:
        """Return ``value [low, high]``, for people: the ends as in `told_ends`, if there are any.

        The value has one digit more.
        """
        digits = self._digits(3)
        if digits is None:
            return _significant(self.value, 4)
        low, high = (_significant(end, digits) for end in (self.low, self.high))
        return f"{_significant(self.value, digits + 1)} [{low}, {high}]"

    def __str__(self) -> str:
        """Return ``value ± standard error``, the error to one digit, or two if it starts with 1."""
        if not math.isfinite(self.standard_error) or self.standard_error <= 0:
            return f"{self.value:.4g}"
        mantissa, exponent = f"{self.standard_error:.0e}".split("e")
        last = int(exponent) - (mantissa == "1")
        if last < -6 or abs(self.value) >= 1e6:
            digits = max(1, math.floor(math.log10(max(abs(self.value), 1e-300))) - last)
            return f"{self.value:.{digits}e} ± {self.standard_error:.0e}"
        digits = max(0, -last)
        return f"{self.value:.{digits}f} ± {self.standard_error:.{digits}f}"


def _significant(number: float, digits: int) -> str:
    """Return a number with so many significant digits, below a million without an exponent."""
    text = f"{number:.{digits}g}"
    return f"{number:.0f}" if "e+" in text and abs(number) < 1e6 else text


def exact(value: float) -> Estimate:
    """Return a number that has no error."""
    return Estimate(float(value), 0.0, float(value), float(value), 1.0, 1, "exact")


def _values(values: ArrayLike) -> Real:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"an estimate needs values of the shape (samples,), not {array.shape}")
    return array


def _quantile(level: float, freedom: int) -> float:
    """Return the two-sided quantile of Student's t."""
    return float(stdtrit(freedom, (1 + level) / 2))


def mean(values: ArrayLike, *, level: float = LEVEL) -> Estimate:
    """Return the mean of independent values with its t interval.

    Parameters
    ----------
    values
        Values, shape (samples,). The interval of a single one is NaN.
    level
        Nominal coverage.
    """
    array = _values(values)
    count = len(array)
    centre = float(array.mean())
    error = float(array.std(ddof=1) / np.sqrt(count)) if count > 1 else math.nan
    half = _quantile(level, count - 1) * error if count > 1 else math.nan
    return Estimate(centre, error, centre - half, centre + half, level, count, "Student's t")


def positive_mean(
    values: ArrayLike, errors: ArrayLike | None = None, *, level: float = LEVEL
) -> Estimate:
    """Return the mean of positive values with a t interval on the logarithm.

    Parameters
    ----------
    values
        Values, shape (samples,).
    errors
        Standard errors of the single values, same shape, where they are estimates themselves. The
        error of the mean comes from the spread of the values, or from these where they are larger.
    level
        Nominal coverage.

    Returns
    -------
    Estimate
        Without an interval for a single value without error, and for a mean that is not positive.
    """
    array = _values(values)
    count = len(array)
    centre = float(array.mean())
    variance = float(array.var(ddof=1)) if count > 1 else (math.nan if errors is None else 0.0)
    if errors is not None:
        variance = max(variance, float((_values(errors) ** 2).mean()))
    error = float(np.sqrt(variance / count))
    low = high = math.nan
    if centre > 0 and math.isfinite(error):
        half = _quantile(level, max(count - 1, 1)) * error / centre
        factor = math.exp(min(half, 700.0))
        low, high = centre / factor, centre * factor
    return Estimate(centre, error, low, high, level, count, "Student's t on the logarithm")


def mean_of_estimates(values: ArrayLike, errors: ArrayLike, *, level: float = LEVEL) -> Estimate:
    r"""Return the mean of independent estimates with its normal interval.

    The squared error of the mean of ``n`` values is

    .. math:: \frac{1}{n} \max\Big( s^2,\; \frac1n \sum_i e_i^2 \Big),

    with the variance :math:`s^2` of the values and their own errors :math:`e_i`: the larger one
    counts, so that a single value has an interval too.

    Parameters
    ----------
    values, errors
        Estimates and their standard errors, both of shape (samples,).
    level
        Nominal coverage.
    """
    array, own = _values(values), _values(errors)
    count = len(array)
    spread = float(array.var(ddof=1)) if count > 1 else 0.0
    centre = float(array.mean())
    error = math.sqrt(max(float((own**2).mean()), spread) / count)
    half = float(stats.norm.ppf((1 + level) / 2)) * error
    return Estimate(centre, error, centre - half, centre + half, level, count, "normal")


def median(values: ArrayLike, *, level: float = LEVEL) -> Estimate:
    """Return the median with the interval between two order statistics.

    Parameters
    ----------
    values
        Values, shape (samples,).
    level
        Wanted coverage. The interval is the narrowest symmetric one (in ranks) that reaches it;
        where even the whole range does not, it is the range, and `Estimate.level` says what it
        covers. Fewer than six values do not reach 95 %.
    """
    array = np.sort(_values(values))
    count = len(array)

    def coverage(cut: int) -> float:
        # With `cut` values left out at each end: 1 - 2 P(B <= cut) for B binomial(count, 1/2).
        return float(1 - 2 * (1 - betainc(cut + 1, count - cut, 0.5)))

    cut = 0
    while 2 * (cut + 1) < count and coverage(cut + 1) >= level:
        cut += 1
    reached = max(0.0, coverage(cut))
    return Estimate(
        float(np.median(array)),
        math.nan,
        float(array[cut]),
        float(array[count - 1 - cut]),
        reached,
        count,
        "order statistics",
    )


def proportion(successes: int, trials: int, *, level: float = LEVEL) -> Estimate:
    """Return a share of successes with Wilson's interval.

    Parameters
    ----------
    successes, trials
        Counts, with 0 <= successes <= trials and at least one trial.
    level
        Nominal coverage.
    """
    if not 0 <= successes <= trials or trials < 1:
        raise ValueError(f"a share needs 0 <= successes <= trials, not {successes} of {trials}")
    share = successes / trials
    z = float(stats.norm.ppf((1 + level) / 2))
    spread = z * math.sqrt(share * (1 - share) / trials + z**2 / (4 * trials**2))
    scale = 1 + z**2 / trials
    centre = share + z**2 / (2 * trials)
    # Rounding would leave the ends 1e-17 beyond what they are for none and for all.
    low = 0.0 if successes == 0 else (centre - spread) / scale
    high = 1.0 if successes == trials else (centre + spread) / scale
    error = math.sqrt(share * (1 - share) / trials)
    return Estimate(share, error, low, high, level, trials, "Wilson")


def bootstrap(
    values: ArrayLike, statistic: Any, rng: np.random.Generator, *, level: float = LEVEL
) -> Estimate:
    """Return a statistic with the percentiles of its resampled values.

    Parameters
    ----------
    values
        Independent values, shape (samples,).
    statistic
        Function with an argument `axis`, such as ``numpy.mean``.
    rng
        Random stream of the resampling.
    level
        Nominal coverage.
    """
    array = _values(values)
    value = float(statistic(array))
    if len(array) < 2 or np.ptp(array) == 0:
        return Estimate(value, 0.0, value, value, level, len(array), "bootstrap")
    result = stats.bootstrap(
        (array,),
        statistic,
        n_resamples=RESAMPLES,
        confidence_level=level,
        method="percentile",
        rng=rng,
        vectorized=True,
    )
    low, high = (float(end) for end in result.confidence_interval)
    error = float(result.standard_error)
    return Estimate(value, error, low, high, level, len(array), "bootstrap")


def ratio(above: Estimate, below: Estimate, *, level: float = LEVEL) -> Estimate:
    """Return the ratio of two independent positive estimates, normal on the logarithm."""
    value = above.value / below.value
    relative = math.hypot(above.standard_error / above.value, below.standard_error / below.value)
    factor = math.exp(float(stats.norm.ppf((1 + level) / 2)) * relative)
    samples = min(above.samples, below.samples)
    low, high = value / factor, value * factor
    return Estimate(value, value * relative, low, high, level, samples, "normal on the logarithm")


def ratio_of_means(above: ArrayLike, below: ArrayLike, *, level: float = LEVEL) -> Estimate:
    """Return the ratio of the means of two quantities of the same samples.

    The error is that of the mean of the residuals, ``above`` less the ratio times ``below``, so
    that what both share does not count.

    Parameters
    ----------
    above, below
        Values, shape (samples,) each. The mean of `below` is not zero.
    level
        Nominal coverage.
    """
    numerators, denominators = _values(above), _values(below)
    value = float(numerators.mean() / denominators.mean())
    rest = mean((numerators - value * denominators) / denominators.mean(), level=level)
    low, high = value + rest.low, value + rest.high
    method = "Student's t of the residuals"
    return Estimate(value, rest.standard_error, low, high, level, rest.samples, method)


def combined_mean(
    estimates: Sequence[Estimate], *, weighted: bool, level: float = LEVEL
) -> Estimate:
    """Return the mean of independent estimates, with the normal interval of their errors.

    Parameters
    ----------
    estimates
        Estimates with positive standard errors.
    weighted
        Whether weights are the inverse squares of the standard errors. Where small values have
        small errors, such weights pull the mean down: use equal ones.
    level
        Nominal coverage.
    """
    values = np.array([estimate.value for estimate in estimates])
    errors = np.array([estimate.standard_error for estimate in estimates])
    weights = 1 / errors**2 if weighted else np.ones_like(errors)
    centre = float(np.sum(weights * values) / weights.sum())
    error = float(np.sqrt(np.sum((weights * errors) ** 2)) / weights.sum())
    half = float(stats.norm.ppf((1 + level) / 2)) * error
    samples = sum(estimate.samples for estimate in estimates)
    method = "normal, weighted by errors" if weighted else "normal, equal weights"
    return Estimate(centre, error, centre - half, centre + half, level, samples, method)
