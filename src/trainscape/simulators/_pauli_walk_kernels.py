"""Numba kernel of the second-moment Pauli walk: 64 walkers a word, one bit each.

For each qubit there is one word of x bits and one of z bits; bit b of every word belongs to walker b. A gate then acts on 64 walkers with a few bit operations,
and signs are not needed. A random word that has each bit set with probability p is made by comparing p with 64 uniform numbers at once, from the most
significant binary digit down, until every walker that matters is decided: about 7 random words, whatever p is.

Each word of walkers has its own random stream (SplitMix64: G. L. Steele et al., OOPSLA 2014), set by the key and the number of the word alone, so
that no bit depends on how the samples were cut.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["CX", "CZ", "HADAMARD", "LANES", "ROTATION", "S_GATE", "Steps", "walk"]

Int = NDArray[np.int64]
Words = NDArray[np.uint64]

# Kinds of steps. The qubits and letters of step k are the entries `starts[k]` to `starts[k + 1]`; CX has control and target.
ROTATION = 0
HADAMARD = 1
S_GATE = 2
CX = 3
CZ = 4

LANES = 64

_COUNTER_BITS = 40

u64 = nb.uint64


class Steps(NamedTuple):
    """A compiled circuit, in the order of the walk: last gate first."""

    kinds: Int  # (K,)
    starts: Int  # (K + 1,)
    qubits: Int  # (E,)
    has_x: NDArray[np.bool_]  # (E,): letter X or Y
    has_z: NDArray[np.bool_]  # (E,): letter Z or Y


@nb.njit(cache=True)
def _mixed(word: Any) -> Any:
    """Return the output function of SplitMix64."""
    word = (word ^ (word >> u64(30))) * u64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> u64(27))) * u64(0x94D049BB133111EB)
    return word ^ (word >> u64(31))


@nb.njit(cache=True)
def walk(
    steps: Steps,
    thresholds: Words,
    target: int,
    x_start: NDArray[np.bool_],
    z_start: NDArray[np.bool_],
    key: Words,
    first: int,
    samples: int,
    flips: Int,
) -> None:
    """Walk from the observable to the start of the circuit, and count who ends in a product of I and Z.

    Parameters
    ----------
    steps
        The circuit.
    thresholds
        Probability of a flip at each step in units of ``2**-64``, shape ``(K,)``; not used for fixed gates.
    target
        Step at which walkers that commute with the generator die, or -1.
    x_start, z_start
        The observable, shape ``(n,)``.
    key
        Two words that set the random streams.
    first
        Number of the first word of walkers.
    samples
        Number of walkers; in the last word the surplus is dropped.
    flips
        Histogram to add to: entry f counts walkers that ended diagonal after f flips. Shape ``(rotations + 1,)``.
    """
    golden = u64(0x9E3779B97F4A7C15)
    everyone = ~u64(0)
    n = x_start.size
    x, z = np.empty(n, dtype=np.uint64), np.empty(n, dtype=np.uint64)
    counter = np.zeros(_COUNTER_BITS, dtype=np.uint64)
    for number in range((samples + LANES - 1) // LANES):
        state = _mixed(key[0] ^ _mixed(key[1] + golden * u64(first + number)))
        lanes = min(LANES, samples - LANES * number)
        living = everyone if lanes == LANES else (u64(1) << u64(lanes)) - u64(1)
        for q in range(n):
            x[q] = everyone if x_start[q] else u64(0)
            z[q] = everyone if z_start[q] else u64(0)
        counter[:] = u64(0)
        for k in range(steps.kinds.size):
            start, kind = steps.starts[k], steps.kinds[k]
            a = steps.qubits[start]
            if kind == CX:
                b = steps.qubits[start + 1]
                x[b] ^= x[a]
                z[a] ^= z[b]
            elif kind == ROTATION:
                stop = steps.starts[k + 1]
                anti = u64(0)
                for e in range(start, stop):
                    q = steps.qubits[e]
                    if steps.has_x[e]:
                        anti ^= z[q]
                    if steps.has_z[e]:
                        anti ^= x[q]
                if k == target:
                    living &= anti
                undecided, flipped = anti & living, u64(0)
                digits = thresholds[k]
                # Lanes whose random digits have so far equalled those of p are undecided; the first digit below that of p decides for a flip.
                while undecided != u64(0) and digits != u64(0):
                    state += golden
                    word = _mixed(state)
                    if digits >> u64(63):
                        flipped |= undecided & ~word
                        undecided &= word
                    else:
                        undecided &= ~word
                    digits <<= u64(1)
                if flipped != u64(0):
                    for e in range(start, stop):
                        q = steps.qubits[e]
                        if steps.has_x[e]:
                            x[q] ^= flipped
                        if steps.has_z[e]:
                            z[q] ^= flipped
                    digit = 0
                    while flipped != u64(0):
                        carry = counter[digit] & flipped
                        counter[digit] ^= flipped
                        flipped = carry
                        digit += 1
                if living == u64(0):
                    break
            elif kind == HADAMARD:
                word = x[a]
                x[a] = z[a]
                z[a] = word
            elif kind == S_GATE:
                z[a] ^= x[a]
            else:
                b = steps.qubits[start + 1]
                z[a] ^= x[b]
                z[b] ^= x[a]
        for q in range(n):
            living &= ~x[q]
        lane = 0
        while living != u64(0):
            if living & u64(1):
                total = 0
                for digit in range(_COUNTER_BITS):
                    total += nb.int64((counter[digit] >> u64(lane)) & u64(1)) << digit
                flips[total] += 1
            living >>= u64(1)
            lane += 1
