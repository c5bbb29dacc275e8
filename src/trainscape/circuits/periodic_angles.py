r"""Reduce large angles by their period, without losing what they say.

A rotation ``exp(-i t P / 2)`` has the period :math:`4\pi` in t. Near :math:`t = 10^{16}` two
neighbouring numbers lie two radians apart, so that no sum such as ``t + pi / 2`` makes sense there,
and every number lies within rounding of a multiple of pi/2. The number itself is an exact angle all
the same: the sine and cosine of the mathematics library reduce it with as many digits of pi as that
takes, and from them follows the equal small angle that everything else can work with.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from trainscape.circuits.gates import Gate

__all__ = [
    "LARGEST_ANGLE",
    "angle_error",
    "largest_factor",
    "reduced_angle",
    "reduced_angles",
    "reduced_parameters",
]

Real = NDArray[np.float64]

LARGEST_ANGLE = 64.0
"""Absolute angles up to this, some ten turns, are left as they are, to the bit."""


def reduced_angle(angle: float) -> float:
    r"""Return the equal angle in :math:`[-2\pi, 2\pi]`; one up to `LARGEST_ANGLE` unchanged.

    Parameters
    ----------
    angle
        A finite angle in radians.
    """
    if abs(angle) <= LARGEST_ANGLE:
        return angle
    return 2 * math.atan2(math.sin(angle / 2), math.cos(angle / 2))


def reduced_angles(angles: Real) -> Real:
    """Return an array of angles, each as `reduced_angle` gives it; itself if none is large."""
    large = np.abs(angles) > LARGEST_ANGLE
    if not large.any():
        return angles
    result = angles.copy()
    result[large] = [reduced_angle(angle) for angle in angles[large].tolist()]
    return result


def reduced_parameters(gates: Sequence[Gate], theta: Real) -> Real:
    """Return parameters of which those that all gates are periodic in are small.

    A parameter is periodic if all its gates are rotations, or products of commuting ones, with
    multiples of 1/2 as factors.

    Parameters
    ----------
    gates
        The gates of a circuit.
    theta
        Finite parameters, shape ``(S, P)``.

    Returns
    -------
    numpy.ndarray
        Shape ``(S, P)``; `theta` itself if nothing had to be reduced.

    Raises
    ------
    ValueError
        If the angle of a gate is beyond the range of floating-point numbers.
    """
    large = np.abs(theta).max(axis=0, initial=0.0) > LARGEST_ANGLE
    periodic = large.copy()
    for position, gate in enumerate(gates):
        parameter, factors, offset = _dependence(gate)
        if parameter is None:
            continue
        with np.errstate(over="ignore", invalid="ignore"):
            angles = np.abs(factors).max() * np.abs(theta[:, parameter]) + abs(offset)
        if not np.isfinite(angles).all():
            raise ValueError(
                f"gate {position} turns by a multiple of parameter {parameter}, which is "
                f"{theta[~np.isfinite(angles), parameter][0]:g}, and the product is beyond the "
                "range of floating-point numbers; give an angle within a few turns"
            )
        periodic[parameter] &= not (2 * factors % 1).any() and _is_periodic(gate)
    if not periodic.any():
        return theta
    result = theta.copy()
    result[:, periodic] = reduced_angles(theta[:, periodic])
    return result


def angle_error(gates: Sequence[Gate], theta: Real) -> float:
    """Return by how much rounding can falsify the angle of any gate, in radians.

    An angle ``factor * parameter`` carries the rounding errors of the factor and of the product.
    Those of parameters that `reduced_parameters` made small do not count.

    Parameters
    ----------
    gates, theta
        As for `reduced_parameters`.
    """
    rows = np.abs(reduced_parameters(gates, theta)).max(axis=0, initial=0.0)
    largest = 0.0
    for gate in gates:
        parameter, factors, _ = _dependence(gate)
        if parameter is not None and rows[parameter] > LARGEST_ANGLE:
            largest = max(largest, float(np.abs(factors).max() * rows[parameter]))
    return float(np.finfo(np.float64).eps) * largest


def largest_factor(gates: Sequence[Gate]) -> float:
    """Return the largest absolute factor or offset that the angle of any gate has."""
    largest = 0.0
    for gate in gates:
        _, factors, offset = _dependence(gate)
        largest = max(largest, float(np.abs(factors).max()), abs(offset))
    return largest


def _dependence(gate: Gate) -> tuple[int | None, Real, float]:
    """Return parameter, factor of each term, and the largest offset, of a gate's angles.

    An evolution under ``w P`` for a time t turns by the angle ``2 w t`` about P.
    """
    parameter: int | None = getattr(gate, "parameter", None)
    if parameter is None:
        return None, np.zeros(1), 0.0
    hamiltonian = getattr(gate, "hamiltonian", None)
    weights = np.array([1.0] if hamiltonian is None else [2 * own for own, _ in hamiltonian.terms])
    offset = float(np.abs(weights).max() * getattr(gate, "offset", 0.0))
    return parameter, weights * getattr(gate, "scale", 1.0), offset


def _is_periodic(gate: Gate) -> bool:
    """Whether the gate is a product of rotations."""
    hamiltonian = getattr(gate, "hamiltonian", None)
    return hamiltonian is None or bool(hamiltonian.all_commute())
