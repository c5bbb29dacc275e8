"""Unbiased values where Pauli propagation is truncated: the mean over random roundings.

What a truncated propagation drops is a bias, of which only a bound is known, which is far too
large. If a coefficient c below the threshold m becomes ``m sign(c)`` with the probability
``|c| / m``, and else zero, its mean is c. Propagation is linear in the coefficients, so that the
mean of the value is the exact value, at any threshold. What is left is a statistical error, which
repeats show.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.pauli.propagation import PauliPropagation
from trainscape.trainability.intervals import LEVEL, Estimate, mean

__all__ = ["resampled_values"]

Real = NDArray[np.float64]


def resampled_values(
    engine: PauliPropagation, theta: Real, repeats: int, seed: int, *, level: float = LEVEL
) -> list[Estimate]:
    """Return the exact value at each parameter vector, estimated by repeats with random roundings.

    Parameters
    ----------
    engine
        An engine with `min_coefficient`, and no other limit.
    theta
        Parameter vectors in radians, shape ``(S, P)``.
    repeats
        Number of repeats, at least 2.
    seed
        Seed of the repeats: equal seeds give equal results, on any number of threads.
    level
        Nominal coverage of the intervals, Student's t about the mean. They hold where many terms
        are rounded: a threshold close to the largest coefficients makes rare large values.

    Returns
    -------
    list of Estimate
        One for each parameter vector.

    Raises
    ------
    ValueError
        If there are fewer than two repeats, or the engine cannot resample.
    MemoryError
        If the terms take more than the engine may store.
    """
    if repeats < 2:
        raise ValueError(f"{repeats} repeats have no spread; give at least 2")
    words = np.random.SeedSequence(seed).generate_state(repeats, np.uint64) >> np.uint64(1)
    values = np.array([engine.resampled_value(theta, int(word)) for word in words])
    return [mean(column, level=level) for column in values.T]
