"""Second moments of a loss or its derivative in a patch of random angles, at hundreds of qubits.

`second_moment` chooses the way, and says which it took in `PatchMoment.method`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import gamma

from trainscape.circuits.circuit import Circuit, Problem
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.pauli.moments import MomentEstimate, Patch
from trainscape.simulators.pauli.walk import PauliWalk
from trainscape.trainability.intervals import LEVEL, Estimate
from trainscape.trainability.walk_reweighting import expected_flips

__all__ = ["PatchMoment", "second_moment", "weighted_count"]

Real = NDArray[np.float64]


@dataclass(frozen=True)
class PatchMoment(Estimate):
    """A second moment in a patch.

    Parameters
    ----------
    effective_samples
        Number of sampled paths of equal weight with the same relative spread; infinite where
        nothing was sampled. Below about 30 the interval is wide, but holds.
    leading
        The part of the moment that comes from the path of angle zero, exact.
    """

    effective_samples: float
    leading: float


def weighted_count(
    weights: Real, largest: float, *, level: float = LEVEL
) -> tuple[float, float, float]:
    """Return a sum of weights of rare events that were met, with the ends of its interval.

    Numbers of events are Poisson variables, and the interval is that of Fay and Feuer, which
    covers at least nominally in simulations: the lower end is a quantile of the gamma distribution
    with the mean and variance of the sum, and the upper end one with an event of the largest weight
    more. Without events, it goes from zero to 3.7 times `largest` at 95 %.

    Parameters
    ----------
    weights
        Weight of each event that was met, not negative, shape ``(N,)``.
    largest
        Largest weight that an event can have.
    level
        Nominal coverage.

    References
    ----------
    M. P. Fay, E. J. Feuer, Statistics in Medicine 16, 791 (1997).
    """
    total, variance = math.fsum(weights), math.fsum(np.square(weights))
    largest = max(largest, float(weights.max(initial=0.0)))
    tail = (1 - level) / 2
    low = (
        float(gamma.ppf(tail, total**2 / variance, scale=variance / total)) if variance > 0 else 0.0
    )
    above, wide = total + largest, variance + largest**2
    high = float(gamma.isf(tail, above**2 / wide, scale=wide / above)) if wide > 0 else total
    return total, low, high


def second_moment(
    circuit: Circuit,
    observable: PauliSum,
    patch: Patch,
    parameter: int | None = None,
    *,
    walks: int = 2**16,
    seed: int | np.random.SeedSequence = 0,
) -> PatchMoment:
    """Return E[C^2], or E[g_k^2] for the derivative by ``theta[parameter]``, in a patch.

    Parameters
    ----------
    circuit
        Clifford gates and Pauli rotations, each parameter used by at most one of them.
    observable
        Any sum of Pauli strings.
    patch
        Distribution of the independent angles about zero.
    parameter
        Index k of the derivative; None for the value itself.
    walks
        Number of random walks, or of random sets of rotations.
    seed
        Of the random streams.

    Raises
    ------
    ValueError
        If a parameter is used twice, a constant angle is no multiple of pi/2, or there is no such
        parameter.
    """
    problem = Problem(circuit, observable)
    walk = PauliWalk(problem)
    flips = expected_flips(
        patch, circuit.num_parameters, circuit.num_qubits, leading_sines=int(parameter is None)
    )
    if parameter is None:
        found = walk.value_moment(patch, walks, seed, expected_flips=flips)
    else:
        found = walk.gradient_moment(parameter, patch, walks, seed, expected_flips=flips)
    return _by_walks(found)


def _by_walks(found: MomentEstimate) -> PatchMoment:
    weights = np.repeat(found.weights / found.samples, found.counts)
    if (weights < 0).any():
        half = 1.96 * found.standard_error
        low, high = found.mean - half, found.mean + half
    else:
        _, low, high = weighted_count(weights, found.unit / found.samples)
        low, high = found.exact + low, found.exact + high
    return PatchMoment(
        found.mean,
        found.standard_error,
        low,
        high,
        LEVEL,
        found.samples,
        "random walks",
        found.effective_samples,
        found.exact,
    )
