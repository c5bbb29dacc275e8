"""Numba kernel of the second-moment Pauli walk: 64 walkers a word, one bit each.

For each qubit there is one word of x bits and one of z bits; bit b of every word belongs to walker b. A gate then acts on 64 walkers with a few bit operations,
and signs are not needed. Eight words go through the circuit together, which spares reading it. Numbers of flips and encounters are kept in vertical counters: word d holds digit d of the 64 counts.

Two ways to set each bit of a word with probability p. For small p, the number of trials up to the next success is drawn at once (geometric), and steps
without success only count down. Otherwise p is compared with 64 uniform numbers at once, from the most significant binary digit down, until every walker that
matters is decided: about 7 random words, whatever p is.

Each word of walkers has its own random stream (SplitMix64: G. L. Steele et al., OOPSLA 2014), set by the key and the number of the word alone, so
that no bit depends on how the samples were cut.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.pauli.string_kernels import popcount

__all__ = [
    "CX",
    "CZ",
    "HADAMARD",
    "LANES",
    "ROTATION",
    "S_GATE",
    "Chances",
    "Counts",
    "Starts",
    "Steps",
    "walk",
]

Int = NDArray[np.int64]
Short = NDArray[np.int32]
Bool = NDArray[np.bool_]
Real = NDArray[np.float64]
Words = NDArray[np.uint64]

# Kinds of steps. The qubits and letters of step k are the entries `starts[k]` to `starts[k + 1]`; CX has control and target.
ROTATION = 0
HADAMARD = 1
S_GATE = 2
CX = 3
CZ = 4

LANES = 64
# Words of walkers that go through the circuit together.
_WORDS = 8
_GOLDEN = 0x9E3779B97F4A7C15

# Below this probability the distance to the next success is drawn.
_RARE = 0.05
_NEVER = 2**62

u64 = nb.uint64


class Steps(NamedTuple):
    """A compiled circuit, in the order of the walk: last gate first."""

    kinds: NDArray[np.uint8]  # (K,)
    classes: (
        Short  # (K,): class of a rotation, which sets its probability of a flip; 0 for fixed gates
    )
    starts: Short  # (K + 1,)
    qubits: Short  # (E,)
    has_x: Bool  # (E,): letter X or Y
    has_z: Bool  # (E,): letter Z or Y


class Starts(NamedTuple):
    """Where walkers start: pairs of strings of the observable, of which the first walks, and the product of both says where it must not flip."""

    first: Int  # (N,): string of each pair
    second: Int  # (N,)
    cumulative: Real  # (N,): sums of the probabilities of the pairs; empty: walker w takes pair w
    crossed: bool  # whether any pair has two different strings
    x: Bool  # (M, n): the strings
    z: Bool  # (M, n)


class Chances(NamedTuple):
    """Probabilities of a flip."""

    classes: Real  # (C,)
    target: int  # step where walkers that do not meet an anticommuting generator die, or -1
    at_target: float


class Counts(NamedTuple):
    """What happened to each walker."""

    pairs: Int  # (S,): where it started
    diagonal: Bool  # (S,): whether it lived, and ended in a product of I and Z
    flips: Int  # (S, C): flips for each class, without that at the target
    at_target: Bool  # (S,): whether it flipped at the target
    encounters: Int  # (S, C): anticommuting rotations for each class, without the target


@nb.njit(cache=True)
def _mixed(word: Any) -> Any:
    """Return the output function of SplitMix64."""
    word = (word ^ (word >> u64(30))) * u64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> u64(27))) * u64(0x94D049BB133111EB)
    return word ^ (word >> u64(31))


@nb.njit(cache=True)
def _uniform(word: Any) -> Any:
    """Return a number in (0, 1] from a random word."""
    return (nb.int64(word >> u64(11)) + 1) * 2.0**-53


@nb.njit(cache=True)
def _distance(word: Any, probability: float) -> Any:
    """Return the number of failures before the next success."""
    if probability <= 0.0:
        return _NEVER
    return nb.int64(min(math.log(_uniform(word)) / math.log1p(-probability), float(_NEVER)))


@nb.njit(cache=True)
def _conjugate(kind: int, a: int, b: int, x: Words, z: Words) -> None:
    """Replace all strings Q by G^dagger Q G, up to sign."""
    for w in range(_WORDS):
        if kind == CX:
            x[b, w] ^= x[a, w]
            z[a, w] ^= z[b, w]
        elif kind == HADAMARD:
            word = x[a, w]
            x[a, w] = z[a, w]
            z[a, w] = word
        elif kind == S_GATE:
            z[a, w] ^= x[a, w]
        else:
            z[a, w] ^= x[b, w]
            z[b, w] ^= x[a, w]


@nb.njit(cache=True)
def _anticommuting(
    qubits: Short, has_x: Bool, has_z: Bool, start: int, stop: int, x: Words, z: Words, anti: Words
) -> None:
    """Find the walkers whose string anticommutes with the generator."""
    for w in range(_WORDS):
        anti[w] = u64(0)
    for e in range(start, stop):
        q = qubits[e]
        if has_x[e]:
            for w in range(_WORDS):
                anti[w] ^= z[q, w]
        if has_z[e]:
            for w in range(_WORDS):
                anti[w] ^= x[q, w]


@nb.njit(cache=True)
def _increment(counter: Words, word: Any) -> None:
    """Add one to the counts of the walkers in `word`."""
    digit = 0
    while word != u64(0):
        carry = counter[digit] & word
        counter[digit] ^= word
        word = carry
        digit += 1


@nb.njit(cache=True)
def _read(counters: Words, word: int, lane: int, row: Int) -> None:
    """Write the counts of one walker."""
    for c in range(row.size):
        total = 0
        for digit in range(counters.shape[2]):
            total += nb.int64((counters[c, word, digit] >> u64(lane)) & u64(1)) << digit
        row[c] = total


@nb.njit(cache=True)
def _begin(
    starts: Starts, state: Any, first: int, lanes: int, word: int, strings: Words, pairs: Int
) -> Any:
    """Set one word of walkers to the strings they start from: x and z of the string, x and z of the product of the pair. Return the new random state."""
    if starts.first.size == 1:
        for q in range(starts.x.shape[1]):
            strings[0, q, word] = ~u64(0) if starts.x[starts.first[0], q] else u64(0)
            strings[1, q, word] = ~u64(0) if starts.z[starts.first[0], q] else u64(0)
        pairs[first : first + lanes] = 0
        return state
    strings[:, :, word] = u64(0)
    for lane in range(lanes):
        pair = first + lane
        if starts.cumulative.size:
            state += u64(_GOLDEN)
            drawn = np.searchsorted(
                starts.cumulative, _uniform(_mixed(state)) * starts.cumulative[-1]
            )
            pair = min(drawn, starts.cumulative.size - 1)
        pairs[first + lane] = pair
        one, other, bit = starts.first[pair], starts.second[pair], u64(1) << u64(lane)
        for q in range(starts.x.shape[1]):
            if starts.x[one, q]:
                strings[0, q, word] |= bit
            if starts.z[one, q]:
                strings[1, q, word] |= bit
            if starts.x[one, q] != starts.x[other, q]:
                strings[2, q, word] |= bit
            if starts.z[one, q] != starts.z[other, q]:
                strings[3, q, word] |= bit
    return state


@nb.njit(cache=True)
def walk(
    steps: Steps,
    starts: Starts,
    chances: Chances,
    weighted: bool,
    key: Words,
    first: int,
    samples: int,
    counts: Counts,
) -> None:
    """Walk from the observable to the start of the circuit.

    Parameters
    ----------
    steps, starts, chances
        The circuit, the pairs of strings, and the probabilities.
    weighted
        Whether to count encounters, and to fill in the counts of all walkers. If not, only those that end diagonal have their flips counted.
    key
        Two words that set the random streams.
    first
        Number of the first word of walkers.
    samples
        Number of walkers; in the last word the surplus is dropped.
    counts
        Overwritten.
    """
    golden = u64(_GOLDEN)
    everyone = ~u64(0)
    n, num_classes, num_steps = starts.x.shape[1], chances.classes.size, steps.kinds.size
    kinds, classes, offsets, qubits, has_x, has_z = (
        steps.kinds,
        steps.classes,
        steps.starts,
        steps.qubits,
        steps.has_x,
        steps.has_z,
    )
    probabilities, target, crossed = chances.classes, chances.target, starts.crossed
    strings = np.zeros((4, n, _WORDS), dtype=np.uint64)
    x, z, product_x, product_z = strings[0], strings[1], strings[2], strings[3]
    digits_of_count = 1
    while num_steps >> digits_of_count:
        digits_of_count += 1
    flips = np.zeros((num_classes, _WORDS, digits_of_count), dtype=np.uint64)
    encounters = np.zeros((num_classes, _WORDS, digits_of_count), dtype=np.uint64)
    distances = np.empty((num_classes, _WORDS), dtype=np.int64)
    state, living, at_target = (
        np.zeros(_WORDS, dtype=np.uint64),
        np.zeros(_WORDS, dtype=np.uint64),
        np.zeros(_WORDS, dtype=np.uint64),
    )
    anti, other, flipped = (
        np.zeros(_WORDS, dtype=np.uint64),
        np.zeros(_WORDS, dtype=np.uint64),
        np.zeros(_WORDS, dtype=np.uint64),
    )
    thresholds = np.empty(num_classes + 1, dtype=np.uint64)
    for c in range(num_classes + 1):
        p = probabilities[c] if c < num_classes else chances.at_target
        # Certainty becomes the largest word, which is off by 2^-64.
        thresholds[c] = everyone if p >= 1.0 else u64(p * 2.0**64)
    for block in range(0, (samples + LANES - 1) // LANES, _WORDS):
        flips[:] = u64(0)
        encounters[:] = u64(0)
        for w in range(_WORDS):
            at_target[w] = u64(0)
            lanes = max(0, min(LANES, samples - LANES * (block + w)))
            living[w] = everyone if lanes == LANES else (u64(1) << u64(lanes)) - u64(1)
            state[w] = _mixed(key[0] ^ _mixed(key[1] + golden * u64(first + block + w)))
            state[w] = _begin(
                starts, state[w], LANES * (block + w), lanes, w, strings, counts.pairs
            )
            for c in range(num_classes):
                state[w] += golden
                distances[c, w] = _distance(_mixed(state[w]), probabilities[c])
        for k in range(num_steps):
            start, stop = offsets[k], offsets[k + 1]
            if kinds[k] != ROTATION:
                a, b = qubits[start], qubits[stop - 1]
                _conjugate(kinds[k], a, b, x, z)
                if crossed:
                    _conjugate(kinds[k], a, b, product_x, product_z)
                continue
            _anticommuting(qubits, has_x, has_z, start, stop, x, z, anti)
            for w in range(_WORDS):
                anti[w] &= living[w]
            if crossed:
                _anticommuting(qubits, has_x, has_z, start, stop, product_x, product_z, other)
                for w in range(_WORDS):
                    anti[w] &= ~other[w]
            c = num_classes if k == target else classes[k]
            rare = c < num_classes and probabilities[c] < _RARE
            some = u64(0)
            for w in range(_WORDS):
                met = anti[w]
                if c == num_classes:
                    living[w] = met
                elif weighted:
                    _increment(encounters[c, w], met)
                turned = u64(0)
                if rare:
                    trials = nb.int64(popcount(met))
                    distance = distances[c, w]
                    while distance < trials:
                        for _ in range(distance):
                            met &= met - u64(1)
                        rest = met & (met - u64(1))
                        turned |= met ^ rest
                        met = rest
                        trials -= distance + 1
                        state[w] += golden
                        distance = _distance(_mixed(state[w]), probabilities[c])
                    distances[c, w] = distance - trials
                else:
                    undecided, digits = met, thresholds[c]
                    # Lanes whose random digits have so far equalled those of p are undecided; the first digit below that of p decides for a flip.
                    while undecided != u64(0) and digits != u64(0):
                        state[w] += golden
                        word = _mixed(state[w])
                        if digits >> u64(63):
                            turned |= undecided & ~word
                            undecided &= word
                        else:
                            undecided &= ~word
                        digits <<= u64(1)
                flipped[w] = turned
                some |= turned
                if c == num_classes:
                    at_target[w] = turned
                elif turned != u64(0):
                    _increment(flips[c, w], turned)
            if some != u64(0):
                for e in range(start, stop):
                    q = qubits[e]
                    if has_x[e]:
                        for w in range(_WORDS):
                            x[q, w] ^= flipped[w]
                    if has_z[e]:
                        for w in range(_WORDS):
                            z[q, w] ^= flipped[w]
        for q in range(n):
            for w in range(_WORDS):
                living[w] &= ~x[q, w]
        for walker in range(LANES * block, min(samples, LANES * (block + _WORDS))):
            w, lane = (walker // LANES) - block, walker % LANES
            hit = (living[w] >> u64(lane)) & u64(1) != u64(0)
            counts.diagonal[walker] = hit
            counts.at_target[walker] = (at_target[w] >> u64(lane)) & u64(1) != u64(0)
            if hit or weighted:
                _read(flips, w, lane, counts.flips[walker])
                if weighted:
                    _read(encounters, w, lane, counts.encounters[walker])
