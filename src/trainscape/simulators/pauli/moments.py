"""Distributions of angles around zero, and estimates of second moments, for the Pauli walk."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["MomentEstimate", "Patch"]

NEGLIGIBLE = 0.01
"""Weights below this share of a typical weight say nothing about the walks that were missed."""

Real = NDArray[np.float64]
Int = NDArray[np.int64]


@dataclass(frozen=True)
class Patch:
    """The distribution of the independent angles theta_j around zero.

    Parameters
    ----------
    kind
        ``gaussian``: normal with standard deviation `size`. ``uniform``: uniform in ``[-size,
        size]``.
    size
        In radians. Infinity stands for a uniform distribution on the circle ``[-pi, pi]``.
    """

    kind: Literal["gaussian", "uniform"]
    size: float

    def __post_init__(self) -> None:
        if self.kind not in ("gaussian", "uniform"):
            raise ValueError(
                f"unknown distribution of angles {self.kind!r}; known are gaussian, uniform"
            )
        if not self.size >= 0:
            raise ValueError(
                f"the size of a {self.kind} patch is {self.size}; give an angle in radians, from 0 "
                "up"
            )

    def flip_probability(self, scale: float = 1.0) -> float:
        """Return ``E[sin(scale theta)^2]``.

        That is ``(1 - exp(-2 s^2)) / 2`` with ``s = scale size`` for a gaussian patch, and ``1/2 -
        sin(2 r) / (4 r)`` with ``r = scale size`` for a uniform one.
        """
        width = self._width(scale)
        if self.kind == "gaussian" and math.isfinite(self.size):
            return -0.5 * math.expm1(-2.0 * width * width)
        if width < 0.03:
            # The difference cancels; the next term of the series is below 1e-9 of the first.
            return width**2 * (1 / 3 - width**2 * (1 / 15 - width**2 * (2 / 315)))
        return 0.5 - _sinc(2.0 * width) / 2.0

    def mean_cosine(self, scale: float = 1.0) -> float:
        """Return ``E[cos(scale theta)]``.

        That is ``exp(-s^2 / 2)`` with ``s = scale size`` for a gaussian patch, and ``sin(r) / r``
        with ``r = scale size`` for a uniform one.
        """
        width = self._width(scale)
        return (
            math.exp(-0.5 * width * width)
            if self.kind == "gaussian" and math.isfinite(self.size)
            else _sinc(width)
        )

    def _width(self, scale: float) -> float:
        return abs(scale) * (math.pi if math.isinf(self.size) else self.size)

    def sample(self, rng: np.random.Generator, shape: int | tuple[int, ...]) -> Real:
        """Draw angles of this distribution, in radians."""
        if math.isinf(self.size):
            return rng.uniform(-math.pi, math.pi, shape)
        return (
            rng.normal(0.0, self.size, shape)
            if self.kind == "gaussian"
            else rng.uniform(-self.size, self.size, shape)
        )


def _sinc(angle: float) -> float:
    """Return ``sin(angle) / angle``, exactly zero at multiples of pi up to rounding."""
    if angle == 0.0:
        return 1.0
    value = math.sin(angle)
    return 0.0 if abs(value) < 4e-16 * max(1.0, angle) else value / angle


@dataclass(frozen=True)
class MomentEstimate:
    """A Monte-Carlo estimate of a second moment.

    It is kept as a table of the walks, so that estimates over disjoint samples are added without
    rounding.

    Parameters
    ----------
    flips
        Number of flips, for each row of the table, ascending.
    weights
        Contribution of one walk of the row. Plain walks of one Pauli string all contribute the
        same. Reweighted walks contain likelihood ratios, and pairs of different strings may
        contribute negatively.
    counts
        Number of walks of the row that ended diagonal.
    samples
        Number of walks.
    unit
        Largest contribution of a plain walk; for reweighted walks, that of one with the expected
        number of flips. Only the standard error uses it, where no such walk was met.
    exact
        Part of the moment that is known exactly and is not sampled: the walk that flips as at angle
        zero.
    exact_flips
        Number of flips of that walk.
    """

    flips: Int
    weights: Real
    counts: Int
    samples: int
    unit: float
    exact: float = 0.0
    exact_flips: int = 0

    @classmethod
    def of(
        cls,
        flips: Int,
        weights: Real,
        samples: int,
        unit: float,
        exact: float = 0.0,
        exact_flips: int = 0,
    ) -> MomentEstimate:
        """Build the table from one entry for each walk that ended diagonal."""
        return cls(
            *_table(flips, weights, np.ones(len(flips), dtype=np.int64)),
            samples,
            unit,
            exact,
            exact_flips,
        )

    @property
    def mean(self) -> float:
        """The estimate of the second moment."""
        return self.exact + math.fsum(self.weights * self.counts) / self.samples

    @property
    def standard_error(self) -> float:
        """Standard error of `mean`: zero only if no walk could count.

        It is the error of the sample with half a walk more, which has the largest weight that was
        met, or `unit` if only walks of negligible weight were met. The error of a reweighted
        estimate is itself uncertain if rare walks contribute much: see `effective_samples`.
        """
        heaviest = float(np.abs(self.weights).max()) if len(self.weights) else 0.0
        if heaviest < NEGLIGIBLE * self.unit:
            # Walks of negligible weight say nothing about those that matter.
            heaviest = self.unit
        total = self.samples + 1
        mean = (math.fsum(self.weights * self.counts) + 0.5 * heaviest) / total
        square = (math.fsum(self.weights**2 * self.counts) + 0.5 * heaviest**2) / total
        return math.sqrt(max(square - mean**2, 0.0) / self.samples)

    @property
    def effective_samples(self) -> float:
        """Number of equal weights with the same relative spread, ``(sum |w|)^2 / sum w^2``.

        Below about 30, the error of the sampled part is a rough guess.
        """
        square = math.fsum(self.weights**2 * self.counts)
        return math.fsum(np.abs(self.weights) * self.counts) ** 2 / square if square > 0 else 0.0

    def truncation_error(self, max_sines: int) -> float:
        """Return the estimated mean square error of a truncation to `max_sines` sine factors.

        The truncated value is the sum over the Pauli paths with at most that many sines. For a
        derivative, it is the error of the derivative of the truncated value.
        """
        lost = self.flips > max_sines
        exact = self.exact if self.exact_flips > max_sines else 0.0
        return exact + math.fsum(self.weights[lost] * self.counts[lost]) / self.samples

    def __add__(self, other: MomentEstimate) -> MomentEstimate:
        if (self.unit, self.exact, self.exact_flips) != (
            other.unit,
            other.exact,
            other.exact_flips,
        ):
            raise ValueError("only estimates of the same moment of the same circuit can be added")
        columns = zip(
            (self.flips, self.weights, self.counts),
            (other.flips, other.weights, other.counts),
            strict=True,
        )
        table = _table(*(np.concatenate(pair) for pair in columns))
        return MomentEstimate(
            *table, self.samples + other.samples, self.unit, self.exact, self.exact_flips
        )


def _table(flips: NDArray[np.int64], weights: Real, counts: Int) -> tuple[Int, Real, Int]:
    """Sort rows by flips and weight, and add the counts of equal rows."""
    order = np.lexsort((weights, flips))
    flips, weights, counts = flips[order], weights[order], counts[order]
    new = np.ones(len(flips), dtype=np.bool_)
    new[1:] = (np.diff(flips) != 0) | (np.diff(weights) != 0)
    starts = np.flatnonzero(new)
    return (
        flips[starts],
        weights[starts],
        np.add.reduceat(counts, starts) if len(starts) else counts,
    )
