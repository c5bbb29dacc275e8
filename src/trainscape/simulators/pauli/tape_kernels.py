"""The tape of a propagation, and the reverse sweep over it, as a numba kernel.

The tape lists, for each rotation, the terms that anticommute with its generator, and the terms that
were removed after it. The costate is the derivative of the value by the coefficients after a gate.
One backward pass of the costate over the tape gives every derivative. Derived here.

The same pass estimates what the derivatives lack. A dropped term would have a costate of its own,
which is not known. It is taken to be as large as those of the terms at the same rotation are in the
mean square, with a sign of its own: then its part in each derivative follows by the same linear
pass, and the parts of all dropped terms add up like the steps of a random walk.
"""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.pauli.propagation_program import Program
from trainscape.simulators.pauli.string_kernels import ROTATION

__all__ = ["DROPPED", "Tape", "reverse"]

Real = NDArray[np.float64]
Int = NDArray[np.int64]
Short = NDArray[np.int32]


u64 = nb.uint64

DROPPED = -2
"""Target of a branch that was dropped although it could matter."""


class Tape(NamedTuple):
    """What each operation did.

    Parameters
    ----------
    sources
        Slot of each touched term, shape (E,).
    targets
        Twice the slot of its sine branch, plus 1 for a negative sign; -1 if there is no branch
        that matters, and `DROPPED`.
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
def _toss(k: int, e: int) -> float:
    """Return a random sign for an entry of the tape, always the same one."""
    word = (u64(k) * u64(0xD6E8FEB86659FD93)) ^ (u64(e) * u64(0x9E3779B97F4A7C15))
    word = (word ^ (word >> u64(31))) * u64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> u64(29))) * u64(0x94D049BB133111EB)
    return 1.0 if word >> u64(63) else -1.0


@nb.njit(cache=True)
def reverse(
    program: Program,
    cosines: Real,
    sines: Real,
    tape: Tape,
    costate: Real,
    slopes: Real,
    doubts: Real,
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
    doubts
        Output, shape ``(K,)``: what these would change by if every dropped term had a costate, of a
        random sign and as large as those at the same rotation in the mean square.
    """
    sources, targets, before = tape.sources, tape.targets, tape.before
    scratch, others = np.zeros(costate.size), np.zeros(costate.size)
    doubt = np.zeros(costate.size)
    for k in range(program.kinds.size - 1, -1, -1):
        start, stop = tape.ends[k], tape.ends[k + 1]
        if program.kinds[k] != ROTATION:
            for e in range(start, stop):
                costate[sources[e]] = -costate[sources[e]]
                doubt[sources[e]] = -doubt[sources[e]]
            continue
        squares = 0.0
        for e in range(start, stop):
            squares += costate[sources[e]] ** 2
        size = np.sqrt(squares / max(stop - start, 1))
        for e in range(tape.death_ends[k], tape.death_ends[k + 1]):
            costate[tape.deaths[e]] = 0.0
            doubt[tape.deaths[e]] = size * _toss(-k - 1, e)
        cs, sn = cosines[k], sines[k]
        total, doubted = 0.0, 0.0
        for e in range(start, stop):
            cosine_slope, cosine_doubt = costate[sources[e]], doubt[sources[e]]
            sine_slope, sine_doubt = 0.0, 0.0
            if targets[e] >= 0:
                target = targets[e] >> 1
                sign = -1.0 if targets[e] & 1 else 1.0
                sine_slope, sine_doubt = sign * costate[target], sign * doubt[target]
            elif targets[e] == DROPPED:
                sine_doubt = size * _toss(k, e)
            total += before[e] * (cs * sine_slope - sn * cosine_slope)
            doubted += before[e] * (cs * sine_doubt - sn * cosine_doubt)
            scratch[e - start] = cs * cosine_slope + sn * sine_slope
            others[e - start] = cs * cosine_doubt + sn * sine_doubt
        for e in range(start, stop):
            costate[sources[e]] = scratch[e - start]
            doubt[sources[e]] = others[e - start]
        slopes[k], doubts[k] = total, doubted
