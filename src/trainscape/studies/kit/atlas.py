r"""What a group says for the atlas, where the families of all studies stand on common axes.

A group takes part by a module ``atlas`` with one function, ``atlas(results) -> Atlas``. Its points
are put on these scales, or are left out and listed with the reason:

size
    Qubits that the system needs: :math:`\log_2` of the dimension of its space.
second moment
    :math:`E[(\partial_k C)^2]` of one parameter, where the observable is shifted and scaled to
    eigenvalues from -1 to 1, and the parameter to a generator whose eigenvalues span 1, as in
    :math:`e^{-i\theta P/2}`. A cost between 0 and 1 therefore counts four times, an energy is over
    :math:`\lVert H \rVert^2`, and a parameter that turns m commuting Pauli rotations counts
    :math:`1/m^2`.
threshold
    Parameters from which on training succeeds.
dimension
    Rank that theory or measurement gives to what training has to move: dimension of an orbit, or
    rank of the quantum Fisher information.
numbers
    Real numbers that the cheapest classical description known to the project has to hold; and
    whether that grows like a power of the size, or exponentially. It is an upper bound: nobody
    knows that there is no cheaper one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from trainscape.trainability.intervals import Estimate

__all__ = ["Atlas", "AtlasPoint", "Kind", "Law", "Way", "known", "scaled"]

Kind = Literal["circuit", "pruned circuit", "sectors of a chain", "patch of angles", "diagonal"]
"""What a family is; the marker of its points."""


Law = Literal["", "constant", "power", "exponential", "stretched"]
"""How a second moment falls with the size; a stretched exponential lies between the two."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """A classical description: its name, the numbers that it holds, how they grow with the size."""

    name: str
    numbers: float
    growth: Literal["power", "exponential"]


@dataclass(frozen=True, kw_only=True)
class AtlasPoint:
    """One system of a family; what is not known of it is None.

    Parameters
    ----------
    family
        Name of the family for people, the same at all sizes; formulas stand between dollar signs.
    kind
        What the family is.
    size
        Qubits.
    claim
        Id of the claim that the point belongs to, without the name of a case.
    moment
        Second moment on the common scale, see `scaled`.
    derived
        The law of the family's second moment, where a derivation gives it. Else it is fitted.
    threshold, dimension
        See the module. An infinite threshold with a finite low end is a lower bound.
    way
        The cheapest known classical description.
    """

    family: str
    kind: Kind
    size: float
    claim: str
    moment: Estimate | None = None
    derived: Law = ""
    threshold: Estimate | None = None
    dimension: float | None = None
    way: Way | None = None

    def row(self) -> dict[str, Any]:
        """Return the point as plain values; what is not known or not finite is None."""

        def ends(estimate: Estimate | None, name: str) -> dict[str, float | None]:
            numbers = (
                (None,) * 3 if estimate is None else (estimate.value, estimate.low, estimate.high)
            )
            return {
                f"{name}{end}": float(one) if one is not None and math.isfinite(one) else None
                for end, one in zip(("", "_low", "_high"), numbers, strict=True)
            }

        return {
            "family": self.family,
            "kind": self.kind,
            "size": self.size,
            "claim": self.claim,
            **ends(self.moment, "moment"),
            "derived": self.derived,
            **ends(self.threshold, "threshold"),
            "dimension": self.dimension,
            "numbers": None if self.way is None else float(self.way.numbers),
            "way": "" if self.way is None else self.way.name,
            "growth": "" if self.way is None else self.way.growth,
        }


@dataclass(frozen=True, kw_only=True)
class Atlas:
    """What one group says for the atlas.

    Parameters
    ----------
    points
        Its points.
    left_out
        For each system that is not drawn: what it is, and why.
    """

    points: Sequence[AtlasPoint]
    left_out: Sequence[tuple[str, str]] = field(default=())


def scaled(estimate: Estimate, factor: float) -> Estimate:
    """Return an estimate in other units.

    Parameters
    ----------
    estimate
        The second moment, or number of parameters, as it was measured.
    factor
        What it is multiplied with, positive.
    """
    return Estimate(
        estimate.value * factor,
        estimate.standard_error * factor,
        estimate.low * factor,
        estimate.high * factor,
        estimate.level,
        estimate.samples,
        estimate.method,
    )


def known(points: Iterable[AtlasPoint]) -> list[AtlasPoint]:
    """Return the points whose second moment or threshold is known and above zero."""

    def is_known(point: AtlasPoint) -> bool:
        moment, threshold = point.moment, point.threshold
        return (moment is not None and moment.value > 0) or (
            threshold is not None and math.isfinite(threshold.low) and threshold.low > 0
        )

    return [point for point in points if is_known(point)]
