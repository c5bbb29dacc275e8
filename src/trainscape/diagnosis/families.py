r"""How the mean squared gradient of a family falls with the number of qubits.

==============  =================================================================================
verdict         rule
==============  =================================================================================
constant        the power law is preferred, and 95 % of its exponent lies within 0.25 of 0
polynomial      the power law is preferred: AICc lower by 4 at least than that of the exponential
exponential     the exponential law is, by as much
growing         the slopes of both laws are above 0 by their whole intervals
undecided       neither is, or there are fewer than four sizes
==============  =================================================================================

With four sizes AICc itself has no end; its corrections are equal for both laws, though, and the
difference decides where it is 8 at least.

Where sizes do not decide, it is said which would: the fitted laws are continued, and sizes added
until the other law would be rejected, whichever is true. The exponential rate of a 2-design is
ln 2 = 0.693 a qubit.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trainscape.diagnosis.results import Finding
from trainscape.trainability.intervals import Estimate
from trainscape.trainability.scaling import ScalingFit, ScalingLaw, fit_scaling

__all__ = ["deciding_sizes", "law_findings"]

Real = NDArray[np.float64]

LEAST_SIZES = 4
DECISIVE_FOUR = 8.0
FLAT = 0.25
MOST_ADDED = 8


def law_findings(sizes: Sequence[int], means: Sequence[Estimate]) -> tuple[str, str, list[Finding]]:
    """Return the verdict on a family, its reason, and the fitted slopes.

    Parameters
    ----------
    sizes
        Numbers of qubits.
    means
        Mean squared derivatives at these sizes.
    """
    values = np.array([one.value for one in means])
    errors = np.array([one.standard_error for one in means])
    if len(sizes) < LEAST_SIZES or not (values > 0).all():
        short = f"{len(sizes)} sizes; give {LEAST_SIZES} at least with --sizes"
        return "undecided", short if (values > 0).all() else "some gradients are zero", []
    fit = fit_scaling(sizes, values, np.maximum(errors, 1e-6 * values))
    power, exponential = fit.power, fit.exponential
    findings = [
        _slope("power_exponent", "exponent of n, if a power law", power, len(sizes)),
        _slope("exponential_rate", "rate a qubit, if exponential", exponential, len(sizes)),
        Finding(
            "aicc_difference",
            "AICc of the power law minus that of the exponential",
            float(fit.delta),
            "positive speaks for exponential; 4 decides",
        ),
    ]
    range_text = f"n = {min(sizes)} to {max(sizes)}"
    verdict = _preferred(fit)
    rising = power.slope_low > 0 and exponential.slope_low > 0
    if rising and max(values) > 1.3 * min(values):
        return "growing", f"grows over {range_text}", findings
    if verdict == "power":
        if power.slope_low >= -FLAT and power.slope_high <= FLAT:
            return "constant", f"does not fall over {range_text}", findings
        return "polynomial", f"falls as n^{power.slope:.2f} over {range_text}", findings
    if verdict == "exponential":
        flat = max(abs(exponential.slope_low), abs(exponential.slope_high)) * max(sizes) < FLAT
        if flat:
            return "constant", f"does not fall over {range_text}", findings
        return "exponential", f"falls as e^({exponential.slope:.3f} n) over {range_text}", findings
    if max(values) < 1.3 * min(values):
        return "constant", f"changes by less than 30 % over {range_text}", findings
    more = deciding_sizes(sizes, values, errors, fit)
    would = (
        f"sizes up to {more[-1]} would decide"
        if more
        else f"not even {MOST_ADDED} more sizes would decide"
    )
    return "undecided", f"neither law is preferred over {range_text}; {would}", findings


def _preferred(fit: ScalingFit) -> str:
    """Return the law that is preferred, also for four sizes, or "undecided"."""
    if fit.sizes == LEAST_SIZES and abs(fit.delta) >= DECISIVE_FOUR:
        return "exponential" if fit.delta > 0 else "power"
    return fit.verdict


def _slope(name: str, label: str, law: ScalingLaw, sizes: int) -> Finding:
    value = Estimate(
        law.slope,
        float("nan"),
        law.slope_low,
        law.slope_high,
        0.95,
        sizes,
        "weighted least squares",
    )
    return Finding(name, label, value, f"{sizes} sizes")


def deciding_sizes(sizes: Sequence[int], values: Real, errors: Real, fit: ScalingFit) -> list[int]:
    """Return the sizes to add so that the laws can be told apart, whichever is true; [] if many."""
    step = max(1, int(np.median(np.diff(np.sort(sizes)))))
    relative = float(np.median(errors / values))
    for added in range(1, MOST_ADDED + 1):
        more = [max(sizes) + step * (k + 1) for k in range(added)]
        decided = True
        for law in (fit.power, fit.exponential):
            joined = np.concatenate([values, law(np.array(more, dtype=np.float64))])
            spread = np.maximum(np.concatenate([errors, relative * joined[-added:]]), 1e-6 * joined)
            decided &= _preferred(fit_scaling([*sizes, *more], joined, spread)) == law.name
        if decided:
            return more
    return []
