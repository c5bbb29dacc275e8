r"""Does a quantity fall polynomially or exponentially with the size of a system?

Three laws for a positive quantity :math:`v` at size :math:`n`, each a straight line in the right
coordinates and fitted by weighted least squares in :math:`\log v`:

=========== ====================================== ===================================
law         formula                                slope
=========== ====================================== ===================================
power       :math:`\log v = a + b \log n`          exponent
exponential :math:`\log v = a + b\,n`              rate, in natural units per site
stretched   :math:`\log v = a + b\,n^c`, 0 < c < 1 rate, in units of :math:`n^{-c}`
=========== ====================================== ===================================

They are compared by Akaike's criterion with the correction for few points [1]_,

.. math:: \mathrm{AICc} = -2 \log L + 2k + \frac{2k(k+1)}{N-k-1},

where :math:`k` counts the intercept, the slope, the variance of the residuals, and the exponent of
the stretched law. A difference below 4 is 'undecided' [1]_ (section 2.6). On a short window the
laws are hard to tell apart: over n = 4..10, a power law stays within 6.5 % of an exponential for
each unit of its exponent. `ScalingFit.short` says that there are fewer than eight sizes; a claim
should then not rest on the fit.

References
----------
.. [1] K. P. Burnham, D. R. Anderson, Model Selection and Multimodel Inference,
   2nd edition, Springer, 2002.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar
from scipy.stats import t as student

from trainscape.shown import Shown, one_panel

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "DECISIVE",
    "ENOUGH_SIZES",
    "ScalingFit",
    "ScalingLaw",
    "aicc",
    "fit_scaling",
    "power_between",
]

Real = NDArray[np.float64]
Name = Literal["power", "exponential", "stretched"]

DECISIVE = 4.0
"""Difference of AICc from which on one law is preferred."""

ENOUGH_SIZES = 8
"""Number of sizes below which a fit is flagged as short."""


@dataclass(frozen=True)
class ScalingLaw:
    """One fitted law.

    Parameters
    ----------
    name
        'power', 'exponential' or 'stretched'.
    intercept, slope
        Natural logarithm of the prefactor, and the slope (see the table in the module's docstring).
    slope_low, slope_high
        Confidence interval of the slope, from Student's t with N - 2 degrees of freedom. For the
        stretched law at fixed exponent.
    stretch
        Exponent c of the size; 1 for the exponential law, 0 stands for the logarithm.
    aicc
        Akaike's criterion with the correction for few points; infinite where there are too few.
    residual
        Weighted root mean square of the residuals, in units of log v.
    """

    name: Name
    intercept: float
    slope: float
    slope_low: float
    slope_high: float
    stretch: float
    aicc: float
    residual: float

    def __call__(self, sizes: ArrayLike) -> Real:
        """Return the value of the law at `sizes`, same shape."""
        result: Real = np.exp(
            self.intercept
            + self.slope * _abscissa(np.asarray(sizes, dtype=np.float64), self.stretch)
        )
        return result


@dataclass(frozen=True)
class ScalingFit(Shown):
    """Fitted laws and what they say.

    Parameters
    ----------
    laws
        The fitted laws by name.
    verdict
        Name of the preferred law, or 'undecided'.
    delta
        AICc of the power law minus that of the exponential one: positive speaks for exponential.
    sizes
        Number of distinct sizes.
    short
        Whether there are fewer than `ENOUGH_SIZES`.
    level
        Nominal coverage of the intervals of the slopes.
    points
        What was fitted: size, value, and standard error of the value (zero if none was given).
    """

    laws: dict[Name, ScalingLaw]
    verdict: Name | Literal["undecided"]
    delta: float
    sizes: int
    short: bool
    level: float
    points: tuple[tuple[float, float, float], ...] = field(default=(), repr=False)

    def __str__(self) -> str:
        forms = {"power": "n^{}", "exponential": "exp({} n)", "stretched": "exp({} n^{:.2f})"}
        head = f"{self.verdict}, from {self.sizes} sizes; AICc of the power law minus that of the "
        lines = [head + f"exponential: {self.delta:+.3g}"]
        for name, law in self.laws.items():
            form = forms[name].format(f"{law.slope:.4g}", law.stretch)
            ends = f"{law.slope_low:.4g} to {law.slope_high:.4g}"
            lines.append(f"  {name}: {form}, slope {ends} ({100 * self.level:g} %)")
        return "\n".join(lines)

    def plot(self) -> Figure:
        """Draw the points and the laws; the preferred one is solid."""
        figure, axes = one_panel()
        sizes, values, errors = np.array(self.points).T
        axes.errorbar(sizes, values, errors, fmt="o", markersize=4, color="black")
        fine = np.geomspace(min(sizes), max(sizes), 200)
        for name, law in self.laws.items():
            style = "-" if name == self.verdict else "--"
            axes.plot(fine, law(fine), style, linewidth=1, label=name)
        axes.set_yscale("log")
        axes.set_xlabel("size n")
        axes.set_ylabel("value")
        figure.legend(fontsize="small", frameon=False, loc="outside upper center", ncols=3)
        return figure

    @property
    def power(self) -> ScalingLaw:
        """The power law."""
        return self.laws["power"]

    @property
    def exponential(self) -> ScalingLaw:
        """The exponential law."""
        return self.laws["exponential"]


def aicc(squares: float, points: int, parameters: int, log_weights: float = 0.0) -> float:
    """Return AICc of a least-squares fit with normal errors whose variance is fitted too.

    Parameters
    ----------
    squares
        Weighted sum of the squared residuals.
    points
        Number of points N.
    parameters
        Number k of fitted parameters, the variance of the residuals included.
    log_weights
        Sum of the logarithms of the weights.

    Returns
    -------
    float
        Infinity if ``points <= parameters + 1``, where the correction is not defined.
    """
    if points <= parameters + 1:
        return np.inf
    twice = points * (np.log(2 * np.pi * squares / points) + 1) - log_weights
    return float(
        twice + 2 * parameters + 2 * parameters * (parameters + 1) / (points - parameters - 1)
    )


def fit_scaling(
    sizes: Sequence[float] | ArrayLike,
    values: Sequence[float] | ArrayLike,
    errors: Sequence[float] | ArrayLike | None = None,
    *,
    stretched: bool = False,
    level: float = 0.95,
) -> ScalingFit:
    """Fit the scaling laws and compare them.

    Parameters
    ----------
    sizes
        Sizes, shape (N,): positive, at least three different ones.
    values
        Quantity at these sizes, shape (N,): positive.
    errors
        Standard errors of the *values*, shape (N,), positive; turned into errors of log v to first
        order. Only their ratios matter, since the variance of the residuals is fitted: no law is
        exact, and errors that are too small would decide everything. None: equal weights.
    stretched
        Whether to fit the stretched exponential too. It wins only if it beats both others by
        `DECISIVE`.
    level
        Nominal coverage of the intervals of the slopes.

    Returns
    -------
    ScalingFit

    Raises
    ------
    ValueError
        If the input is not positive and finite, differs in length, or has fewer than three sizes.

    Examples
    --------
    >>> fit = fit_scaling(range(4, 16), [2.0**-n for n in range(4, 16)])
    >>> fit.verdict, round(float(fit.exponential.slope / np.log(2)), 6)
    ('exponential', -1.0)
    """
    n, v = np.asarray(sizes, dtype=np.float64), np.asarray(values, dtype=np.float64)
    e = v if errors is None else np.asarray(errors, dtype=np.float64)
    if n.ndim != 1 or n.shape != v.shape or n.shape != e.shape:
        raise ValueError(
            f"sizes, values and errors differ in shape: {n.shape}, {v.shape}, {e.shape}"
        )
    for name, array in (("sizes", n), ("values", v), ("errors", e)):
        if not np.all(np.isfinite(array) & (array > 0)):
            raise ValueError(
                f"{name} must be positive and finite: their logarithm is fitted. Leave out "
                "points that are zero or missing"
            )
    distinct = len(np.unique(n))
    if distinct < 3:
        raise ValueError(f"a scaling fit needs three sizes, and there are {distinct}")
    w = (v / e) ** 2
    w = w / np.exp(
        np.mean(np.log(w))
    )  # the scale of the weights has no meaning; so the sum of their logarithms is zero

    laws: dict[Name, ScalingLaw] = {
        "power": _fit("power", n, np.log(v), w, 0.0, level),
        "exponential": _fit("exponential", n, np.log(v), w, 1.0, level),
    }
    if stretched:
        best = minimize_scalar(
            lambda c: _squares(_abscissa(n, float(c)), np.log(v), w),
            bounds=(0.02, 0.98),
            method="bounded",
            options={"xatol": 1e-6},
        )
        laws["stretched"] = _fit("stretched", n, np.log(v), w, float(best.x), level)

    # Both have three parameters: their corrections cancel, also where they are infinite.
    delta = (
        len(n)
        * float(np.log(_floored(laws["power"], v)) - np.log(_floored(laws["exponential"], v)))
        * 2
    )
    verdict: Name | Literal["undecided"] = "undecided"
    if np.isfinite(laws["power"].aicc) and abs(delta) >= DECISIVE:
        verdict = "exponential" if delta > 0 else "power"
    if (
        stretched
        and laws["stretched"].aicc <= min(laws["power"].aicc, laws["exponential"].aicc) - DECISIVE
    ):
        verdict = "stretched"
    given = np.zeros_like(v) if errors is None else e
    points = tuple(zip(n.tolist(), v.tolist(), given.tolist(), strict=True))
    return ScalingFit(laws, verdict, delta, distinct, distinct < ENOUGH_SIZES, level, points)


def power_between(x: Real, values: Real, low: float, high: float) -> float:
    """Return the exponent of a power law between two levels, where it is neither hidden nor ends.

    It is the slope of ``log(values)`` against ``log(x)``, over the values from `low` to `high`; NaN
    if there are fewer than three.
    """
    inside = (values >= low) & (values <= high)
    if inside.sum() < 3:
        return np.nan
    return float(np.polyfit(np.log(x[inside]), np.log(values[inside]), 1)[0])


def _abscissa(sizes: Real, stretch: float) -> Real:
    """Return the coordinate in which the law is a straight line."""
    result: Real = np.log(sizes) if stretch == 0 else sizes**stretch
    return result


def _line(x: Real, y: Real, w: Real) -> tuple[Real, float, float]:
    """Return the best straight line by weighted least squares.

    Returns
    -------
    Real
        Slope and intercept.
    float
        Standard error of the slope, with N - 2 degrees of freedom.
    float
        Weighted sum of the squared residuals.
    """
    line, covariance = np.polyfit(x, y, 1, w=np.sqrt(w), cov=True)
    squares = np.sum(w * (y - np.polyval(line, x)) ** 2)
    return line, float(np.sqrt(covariance[0, 0])), float(squares)


def _squares(x: Real, y: Real, w: Real) -> float:
    """Return the weighted sum of squared residuals of the best straight line."""
    return _line(x, y, w)[2]


def _floored(law: ScalingLaw, values: Real) -> float:
    """Return the residual of a law, but no less than rounding.

    An exact fit has a likelihood without bound.
    """
    return max(law.residual, _rounding(np.log(values)))


def _rounding(logarithms: Real) -> float:
    """Return the size of the rounding errors in the logarithms of the values."""
    return float(4 * np.finfo(np.float64).eps * max(1.0, float(np.max(np.abs(logarithms)))))


def _fit(name: Name, sizes: Real, y: Real, w: Real, stretch: float, level: float) -> ScalingLaw:
    """Fit one law at a given exponent."""
    x = _abscissa(sizes, stretch)
    (slope, intercept), error, residuals = _line(x, y, w)
    points = len(y)
    reach = error * float(student.ppf((1 + level) / 2, points - 2))
    squares = max(residuals, points * _rounding(y) ** 2)
    return ScalingLaw(
        name=name,
        intercept=float(intercept),
        slope=float(slope),
        slope_low=float(slope) - reach,
        slope_high=float(slope) + reach,
        stretch=stretch,
        aicc=aicc(squares, points, 4 if name == "stretched" else 3, float(np.sum(np.log(w)))),
        residual=float(np.sqrt(residuals / points)),
    )
