r"""Expectation values of several observables with the angle of one rotation shifted by pi/2.

With the observable carried back to a rotation, :math:`\lambda`, and the state r after it, a further
turn by :math:`\pm \pi/2` gives :math:`c \pm s`: c from the components that commute with the
rotation, and s, the slope, from the others. One passage backwards for each observable therefore
replaces two simulations for each rotation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.density.engine import Density
from trainscape.simulators.density.operations import Rotation

__all__ = ["ShiftedValues", "shifted_values"]

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ShiftedValues:
    """Values of K observables at S parameter vectors, with R rotations.

    Parameters
    ----------
    values
        At the angles themselves, shape ``(K, S)``.
    plus, minus
        With one angle shifted by pi/2 or -pi/2, shape ``(K, S, R)``.
    """

    values: Real
    plus: Real
    minus: Real


def shifted_values(engine: Density, theta: Real, observables: Real) -> ShiftedValues:
    """Return values at all shifted angles.

    Parameters
    ----------
    engine
        The engine of a circuit on all of its qubits, in which every map with a parameter is a
        rotation. Its own observable is not used, but sets the light cone.
    theta
        Parameters in radians, shape ``(S, P)``.
    observables
        Pauli components of the observables, shape ``(K, 4**n)``.
    """
    rows = engine.cone.restrict(engine.problem.circuit.check_parameters(theta))
    samples, count = len(rows), len(observables)
    states = np.tile(engine.start, (samples, 1))
    kept: list[Real | None] = []
    for one in engine.maps:
        states = one.apply(states, rows)
        kept.append(states.copy() if isinstance(one, Rotation) else None)
    values = np.einsum("ki,si->ks", observables, states)
    carried = np.repeat(observables, samples, axis=0)
    tiled = np.tile(rows, (count, 1))
    plus, minus = [], []
    for one, after in zip(reversed(engine.maps), reversed(kept), strict=True):
        if isinstance(one, Rotation) and after is not None:
            repeated = np.tile(after, (count, 1))
            still = one.still(carried, repeated)
            slope = one.slope(carried, repeated)
            plus.append((still + slope).reshape(count, samples))
            minus.append((still - slope).reshape(count, samples))
        carried = one.transposed(carried, tiled)
    shape = (count, samples, 0)
    return ShiftedValues(
        values,
        np.stack(plus[::-1], axis=2) if plus else np.empty(shape),
        np.stack(minus[::-1], axis=2) if minus else np.empty(shape),
    )
