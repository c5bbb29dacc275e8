"""The tape of a propagation, and the reverse sweep over it, as a numba kernel.

The tape lists, for each rotation, the terms that anticommute with its generator, and the terms that
were removed after it. The costate is the derivative of the value by the coefficients after a gate.
One backward pass of the costate over the tape gives every derivative. Derived here.
"""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.pauli.propagation_program import Program
from trainscape.simulators.pauli.string_kernels import ROTATION

__all__ = ["Tape", "reverse"]

Real = NDArray[np.float64]
Int = NDArray[np.int64]
Short = NDArray[np.int32]


class Tape(NamedTuple):
    """What each operation did.

    Parameters
    ----------
    sources
        Slot of each touched term, shape (E,).
    targets
        Twice the slot of its sine branch, plus 1 for a negative sign; -1 if there is no branch.
    before
        Coefficient of the term before the rotation.
    ends
        End of the entries of each operation, shape (K + 1,); the first is 0.
    deaths
        Slots that were freed.
    death_ends
        End of these for each operation, shape (K + 1,).
    """

    sources: Short
    targets: Short
    before: Real
    ends: Int
    deaths: Short
    death_ends: Int


@nb.njit(cache=True)
def reverse(
    program: Program, cosines: Real, sines: Real, tape: Tape, costate: Real, slopes: Real
) -> None:
    """Take the costate back over the tape, and write the derivative by the angle of each rotation.

    Parameters
    ----------
    program
        The compiled problem.
    cosines, sines
        Of the angle of each operation, shape ``(K,)``.
    tape
        What `propagate` has recorded.
    costate
        Derivative of the value by each final coefficient; overwritten.
    slopes
        Output, shape ``(K,)``.
    """
    sources, targets, before = tape.sources, tape.targets, tape.before
    scratch = np.zeros(costate.size)
    for k in range(program.kinds.size - 1, -1, -1):
        start, stop = tape.ends[k], tape.ends[k + 1]
        if program.kinds[k] != ROTATION:
            for e in range(start, stop):
                costate[sources[e]] = -costate[sources[e]]
            continue
        for e in range(tape.death_ends[k], tape.death_ends[k + 1]):
            costate[tape.deaths[e]] = 0.0
        cs, sn = cosines[k], sines[k]
        total = 0.0
        for e in range(start, stop):
            cosine_slope = costate[sources[e]]
            sine_slope = 0.0
            if targets[e] >= 0:
                sine_slope = costate[targets[e] >> 1]
                if targets[e] & 1:
                    sine_slope = -sine_slope
            total += before[e] * (cs * sine_slope - sn * cosine_slope)
            scratch[e - start] = cs * cosine_slope + sn * sine_slope
        for e in range(start, stop):
            costate[sources[e]] = scratch[e - start]
        slopes[k] = total
