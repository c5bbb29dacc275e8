"""Numba kernel of the second-moment Pauli walk: 64 walkers a word, one bit each.

For each qubit there is one word of x bits and one of z bits; bit b of every word belongs to walker b. A gate then acts on 64 walkers with a few bit operations,
and signs are not needed. Numbers of flips and encounters are kept in vertical counters: word d holds digit d of the 64 counts.

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

from trainscape.simulators._pauli_string_kernels import popcount

__all__ = ["CX", "CZ", "HADAMARD", "LANES", "ROTATION", "S_GATE", "Chances", "Counts", "Starts", "Steps", "walk"]

Int = NDArray[np.int64]
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

# Below this probability the distance to the next success is drawn.
_RARE = 0.05
_NEVER = 2**62

u64 = nb.uint64


class Steps(NamedTuple):
    """A compiled circuit, in the order of the walk: last gate first."""

    kinds: Int  # (K,)
    classes: Int  # (K,): class of a rotation, which sets its probability of a flip; 0 for fixed gates
    starts: Int  # (K + 1,)
    qubits: Int  # (E,)
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
def _uniform(word: Any) -> float:
    """Return a number in (0, 1] from a random word."""
    return (nb.int64(word >> u64(11)) + 1) * 2.0**-53


@nb.njit(cache=True)
def _distance(word: Any, probability: float) -> int:
    """Return the number of failures before the next success."""
    if probability <= 0.0:
        return _NEVER
    return nb.int64(min(math.log(_uniform(word)) / math.log1p(-probability), float(_NEVER)))


@nb.njit(cache=True)
def _conjugate(kind: int, a: int, b: int, x: Words, z: Words) -> None:
    """Replace all strings Q by G^dagger Q G, up to sign."""
    if kind == CX:
        x[b] ^= x[a]
        z[a] ^= z[b]
    elif kind == HADAMARD:
        word = x[a]
        x[a] = z[a]
        z[a] = word
    elif kind == S_GATE:
        z[a] ^= x[a]
    else:
        z[a] ^= x[b]
        z[b] ^= x[a]


@nb.njit(cache=True)
def _anticommuting(steps: Steps, start: int, stop: int, x: Words, z: Words) -> Any:
    """Return the walkers whose string anticommutes with the generator."""
    anti = u64(0)
    for e in range(start, stop):
        q = steps.qubits[e]
        if steps.has_x[e]:
            anti ^= z[q]
        if steps.has_z[e]:
            anti ^= x[q]
    return anti


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
def _read(counters: Words, lane: int, row: Int) -> None:
    """Write the counts of one walker."""
    for c in range(row.size):
        total = 0
        for digit in range(counters.shape[1]):
            total += nb.int64((counters[c, digit] >> u64(lane)) & u64(1)) << digit
        row[c] = total


@nb.njit(cache=True)
def walk(steps: Steps, starts: Starts, chances: Chances, weighted: bool, key: Words, first: int, samples: int, counts: Counts) -> None:
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
    golden = u64(0x9E3779B97F4A7C15)
    everyone = ~u64(0)
    n, num_classes = starts.x.shape[1], chances.classes.size
    x, z = np.empty(n, dtype=np.uint64), np.empty(n, dtype=np.uint64)
    product_x, product_z = np.zeros(n, dtype=np.uint64), np.zeros(n, dtype=np.uint64)
    digits_of_count = 1
    while steps.kinds.size >> digits_of_count:
        digits_of_count += 1
    flips = np.zeros((num_classes, digits_of_count), dtype=np.uint64)
    encounters = np.zeros((num_classes, digits_of_count), dtype=np.uint64)
    distances = np.empty(num_classes, dtype=np.int64)
    thresholds = np.empty(num_classes + 1, dtype=np.uint64)
    for c in range(num_classes + 1):
        p = chances.classes[c] if c < num_classes else chances.at_target
        # Certainty becomes the largest word, which is off by 2^-64.
        thresholds[c] = everyone if p >= 1.0 else u64(p * 2.0**64)
    for number in range((samples + LANES - 1) // LANES):
        state = _mixed(key[0] ^ _mixed(key[1] + golden * u64(first + number)))
        lanes = min(LANES, samples - LANES * number)
        living = everyone if lanes == LANES else (u64(1) << u64(lanes)) - u64(1)
        if starts.first.size == 1:
            for q in range(n):
                x[q] = everyone if starts.x[starts.first[0], q] else u64(0)
                z[q] = everyone if starts.z[starts.first[0], q] else u64(0)
            counts.pairs[LANES * number : LANES * number + lanes] = 0
        else:
            x[:], z[:] = u64(0), u64(0)
            product_x[:], product_z[:] = u64(0), u64(0)
            for lane in range(lanes):
                pair = LANES * number + lane
                if starts.cumulative.size:
                    state += golden
                    drawn = np.searchsorted(starts.cumulative, _uniform(_mixed(state)) * starts.cumulative[-1])
                    pair = min(drawn, starts.cumulative.size - 1)
                counts.pairs[LANES * number + lane] = pair
                one, other, bit = starts.first[pair], starts.second[pair], u64(1) << u64(lane)
                for q in range(n):
                    if starts.x[one, q]:
                        x[q] |= bit
                    if starts.z[one, q]:
                        z[q] |= bit
                    if starts.x[one, q] != starts.x[other, q]:
                        product_x[q] |= bit
                    if starts.z[one, q] != starts.z[other, q]:
                        product_z[q] |= bit
        flips[:] = u64(0)
        encounters[:] = u64(0)
        at_target = u64(0)
        for c in range(num_classes):
            state += golden
            distances[c] = _distance(_mixed(state), chances.classes[c])
        for k in range(steps.kinds.size):
            start, stop, kind = steps.starts[k], steps.starts[k + 1], steps.kinds[k]
            if kind != ROTATION:
                a, b = steps.qubits[start], steps.qubits[stop - 1]
                _conjugate(kind, a, b, x, z)
                if starts.crossed:
                    _conjugate(kind, a, b, product_x, product_z)
                continue
            met = _anticommuting(steps, start, stop, x, z) & living
            if starts.crossed:
                met &= ~_anticommuting(steps, start, stop, product_x, product_z)
            c = steps.classes[k]
            if k == chances.target:
                living = met
                c = num_classes
                if living == u64(0):
                    break
            elif weighted:
                _increment(encounters[c], met)
            flipped = u64(0)
            if c < num_classes and chances.classes[c] < _RARE:
                trials = nb.int64(popcount(met))
                distance = distances[c]
                while distance < trials:
                    for _ in range(distance):
                        met &= met - u64(1)
                    rest = met & (met - u64(1))
                    flipped |= met ^ rest
                    met = rest
                    trials -= distance + 1
                    state += golden
                    distance = _distance(_mixed(state), chances.classes[c])
                distances[c] = distance - trials
            else:
                undecided, digits = met, thresholds[c]
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
                if c == num_classes:
                    at_target = flipped
                else:
                    _increment(flips[c], flipped)
        for q in range(n):
            living &= ~x[q]
        for lane in range(lanes):
            walker, hit = LANES * number + lane, (living >> u64(lane)) & u64(1) != u64(0)
            counts.diagonal[walker] = hit
            counts.at_target[walker] = (at_target >> u64(lane)) & u64(1) != u64(0)
            if hit or weighted:
                _read(flips, lane, counts.flips[walker])
                if weighted:
                    _read(encounters, lane, counts.encounters[walker])
