"""Second moments from random walks, with their intervals; see `patch_moments`."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from trainscape.simulators.pauli.moments import MomentEstimate, Patch
from trainscape.trainability.path_samples import LISTED, PathSample
from trainscape.trainability.rare_events import LEVEL, counted, weighted_count
from trainscape.trainability.truncation import beyond

__all__ = ["QUANTILE", "PatchMoment", "by_counts", "by_walks", "listed_sums"]

Real = NDArray[np.float64]

QUANTILE = float(ndtri((1 + LEVEL) / 2))
"""Normal quantile of the intervals."""


@dataclass(frozen=True)
class PatchMoment:
    """A second moment in a patch, with the fields of an `Estimate`.

    It is none, so that samples do not depend on the statistics of summaries.

    Parameters
    ----------
    value, standard_error
        The moment, and half the length of its interval in units of the normal quantile.
    low, high
        Ends of the interval.
    level
        Nominal coverage.
    samples
        Number of walks, or of paths that were met.
    method
        ``short paths`` or ``random walks``.
    by_sines
        What paths with 0, 1, ... sines add to it. For a derivative by random walks it is empty:
        they do not tell a sine at its rotation from a cosine.
    """

    value: float
    standard_error: float
    low: float
    high: float
    level: float
    samples: int
    method: str
    by_sines: tuple[float, ...]

    @property
    def effective_samples(self) -> float:
        """Number of events of equal weight with the same relative error; infinite if exact."""
        if self.value == 0:
            return 0.0
        return (self.value / self.standard_error) ** 2 if self.standard_error > 0 else math.inf


def by_walks(
    found: MomentEstimate, sample: PathSample | None, patch: Patch, norm: bool, derivative: bool
) -> PatchMoment:
    """Return a moment from random walks, in which listed paths are taken from the list."""
    exact, spread = found.exact, 0.0
    by_sines = np.zeros(max(LISTED, int(found.flips.max(initial=0)), found.exact_flips) + 1)
    by_sines[found.exact_flips] = exact
    if sample is not None:
        # A walk has the flips of the loss. Of a derivative, those with two are not all listed.
        most = LISTED - derivative
        listed, spread = listed_sums(sample, patch, norm, most)
        exact, found = float(listed.sum()), beyond(found, most)
        by_sines[: LISTED + 1] = listed
    table = found.weights * found.counts / found.samples
    np.add.at(by_sines, found.flips, table)
    weights = np.repeat(found.weights / found.samples, found.counts)
    largest = found.unit / found.samples
    if (weights < 0).any():
        # Pairs of different strings count with both signs; the ends of both intervals add up.
        each = (1 + LEVEL) / 2
        up = weighted_count(weights[weights > 0], largest, level=each)
        down = weighted_count(-weights[weights < 0], largest, level=each)
        total, low, high = up[0] - down[0], up[1] - down[2], up[2] - down[1]
    else:
        total, low, high = weighted_count(weights, largest)
    of_listed = QUANTILE * math.sqrt(spread)
    below, above = math.hypot(total - low, of_listed), math.hypot(high - total, of_listed)
    value = exact + total
    return PatchMoment(
        max(value, 0.0),
        (below + above) / (2 * QUANTILE),
        max(value - below, 0.0),
        value + above,
        LEVEL,
        found.samples,
        "random walks",
        () if derivative else tuple(by_sines.tolist()),
    )


def by_counts(found: MomentEstimate, derivative: bool) -> PatchMoment:
    """Return a moment from plain walks, which all count the same but for their sign."""
    signs = np.array([1.0, -1.0] if (found.weights < 0).any() else [1.0])
    counts = np.array([found.counts[found.weights * sign > 0].sum() for sign in signs])
    value, low, high = counted(counts, found.unit * signs, found.samples)
    by_sines = np.zeros(int(found.flips.max(initial=0)) + 1)
    np.add.at(by_sines, found.flips, found.weights * found.counts / found.samples)
    return PatchMoment(
        value,
        (high - low) / (2 * QUANTILE),
        low,
        high,
        LEVEL,
        found.samples,
        "random walks",
        () if derivative else tuple(by_sines.tolist()),
    )


def listed_sums(
    sample: PathSample, patch: Patch, norm: bool, most: int | None = None
) -> tuple[Real, float]:
    """Return the sums of listed paths by number of sines, and the variance of their total.

    With `most`, paths count that have so many sines in the loss at most, and are sorted by these.
    """
    weights, sines = sample.listed.weights(patch, norm=norm), sample.listed.sines.sum(axis=1)
    multiples = sample.multiples
    if most is not None:
        sines = sines + sample.turned
        kept = sines <= most
        weights, sines, multiples = weights[kept], sines[kept], multiples[kept]
    by_sines = np.zeros(LISTED + 1)
    np.add.at(by_sines, sines, weights * multiples)
    spread = 0.0
    for multiple in np.unique(multiples[multiples > 1]):
        some = weights[multiples == multiple]
        # With replacement their number is as uncertain as a Poisson variable, at most.
        squares = (some**2).sum() if sample.independent else len(some) * some.var(ddof=1)
        spread += float((multiple - 1) * multiple * squares)
    return by_sines, spread
