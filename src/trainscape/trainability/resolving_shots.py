r"""Shots that resolve a component of the gradient, measured and predicted.

At random parameters :math:`E[\ell] = 1 - 1/N_a`, so that one shot has the variance
:math:`(1 - 1/N_a)/N_a - \mathrm{Var}[\ell]` on average. The noise is as large as the gradient at

.. math:: n_* = \frac{E[n (\hat g_n - g)^2]}{E[g^2]} \approx
    \frac{(1 - 1/N_a)/N_a - \mathrm{Var}_{Haar}[\ell]}{\mathrm{Var}_{Haar}[\partial\ell]},

with the Haar variances of `trainscape.trainability.haar`. A relative error :math:`\epsilon` takes
:math:`n_*/\epsilon^2` shots.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trainscape.trainability.haar import HaarMoments
from trainscape.trainability.intervals import Estimate
from trainscape.trainability.moments import second_moment_ratio

__all__ = ["mean_square", "resolving_shots"]

Real = NDArray[np.float64]


def mean_square(parts: Sequence[Real]) -> float:
    """Return the second moment of values, each instance with equal weight."""
    return float(np.mean([np.mean(part**2) for part in parts]))


def resolving_shots(
    noise: Sequence[Real],
    gradients: Sequence[Real],
    haar: Sequence[HaarMoments],
    rng: np.random.Generator,
) -> dict[str, float | Estimate]:
    """Estimate the shots whose noise is as large as the gradient.

    Parameters
    ----------
    noise
        For each instance the errors of estimates of the gradient times the root of their shots,
        shape (samples, ...): their second moment is the variance of one shot.
    gradients
        For each instance the exact gradients, shape (samples, parameters).
    haar
        Exact Haar averages of each instance.
    rng
        Stream of the bootstrap.

    Returns
    -------
    dict
        ``shots``, and ``ratio`` to what the Haar averages predict, where each instance is scaled by
        its own, with bootstrap intervals; ``predicted_shots``; ``one_shot_variance`` and
        ``one_shot_variance_predicted``; ``gradient_rms``.
    """
    variances = np.array([one.gradient_variance for one in haar])
    mean = np.array([one.loss_mean for one in haar])
    one_shot = mean * (1 - mean) - np.array([one.loss_variance for one in haar])
    scaled_noise, scaled_gradients = (
        [part / np.sqrt(value) for part, value in zip(parts, expected, strict=True)]
        for parts, expected in ((noise, one_shot), (gradients, variances))
    )
    return {
        "predicted_shots": float(one_shot.mean() / variances.mean()),
        "one_shot_variance": mean_square(noise),
        "one_shot_variance_predicted": float(one_shot.mean()),
        "gradient_rms": float(np.sqrt(mean_square(gradients))),
        "shots": second_moment_ratio(noise, gradients, rng),
        "ratio": second_moment_ratio(scaled_noise, scaled_gradients, rng),
    }
