"""Numba kernel of the Pauli walk for second moments: 64 walkers in a word, one bit each.

For each qubit there is one word of x bits and one of z bits; bit b of every word belongs to walker
b. So a gate acts on 64 walkers with a few bit operations, and signs are not needed. Eight words go
through the circuit together, so that it is read less often. Numbers of flips and encounters are
kept in vertical counters: word d holds binary digit d of the 64 counts.

There are two ways to set each bit of a word with probability p. For small p, the number of trials
up to the next success is drawn at once (geometric distribution), and steps without success only
count down. Otherwise p is compared with 64 uniform numbers at once, from the most significant
binary digit down, until all relevant walkers are decided: that takes about 7 random words for any
p.

Each word of walkers has its own random stream (SplitMix64: G. L. Steele et al., OOPSLA 2014), set
by the key and the number of the word alone, so that no bit depends on how the samples were divided.
"""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.pauli.random_kernels import (
    GOLDEN,
    failures_before_success,
    mixed,
    uniform,
)
from trainscape.simulators.pauli.string_kernels import CX, HADAMARD, ROTATION, S_GATE, popcount
from trainscape.simulators.pauli.walk_tables import LANES, Chances, Counts, Starts, Steps

__all__ = ["walk"]

Int = NDArray[np.int64]
Short = NDArray[np.int32]
Bool = NDArray[np.bool_]
Words = NDArray[np.uint64]

u64 = nb.uint64

_WORDS = 8
"""Words of walkers that go through the circuit together."""

_RARE = 0.05
"""Below this probability the distance to the next success is drawn."""


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
    """Set one word of walkers to the strings they start from, and return the new random state.

    `strings` gets x and z of the string, then x and z of the product of the pair.
    """
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
            state += u64(GOLDEN)
            chosen = np.searchsorted(
                starts.cumulative, uniform(mixed(state)) * starts.cumulative[-1]
            )
            pair = min(chosen, starts.cumulative.size - 1)
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
        Whether to count encounters, and to fill in the counts of all walkers. If not, flips are
        counted only for walkers that end diagonal.
    key
        Two words that set the random streams.
    first
        Number of the first word of walkers.
    samples
        Number of walkers. The last word may have more; these are dropped.
    counts
        Output.
    """
    golden = u64(GOLDEN)
    everyone = ~u64(0)
    n, num_classes = starts.x.shape[1], chances.classes.size
    parts, repetitions = steps.parts, steps.repetitions
    num_steps = 0
    for part in range(repetitions.size):
        num_steps += repetitions[part] * (parts[part + 1] - parts[part])
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
        # Probability 1 becomes the largest word, with an error of 2^-64.
        thresholds[c] = everyone if p >= 1.0 else u64(p * 2.0**64)
    for block in range(0, (samples + LANES - 1) // LANES, _WORDS):
        flips[:] = u64(0)
        encounters[:] = u64(0)
        for w in range(_WORDS):
            at_target[w] = u64(0)
            lanes = max(0, min(LANES, samples - LANES * (block + w)))
            living[w] = everyone if lanes == LANES else (u64(1) << u64(lanes)) - u64(1)
            state[w] = mixed(key[0] ^ mixed(key[1] + golden * u64(first + block + w)))
            state[w] = _begin(
                starts, state[w], LANES * (block + w), lanes, w, strings, counts.pairs
            )
            for c in range(num_classes):
                state[w] += golden
                distances[c, w] = failures_before_success(mixed(state[w]), probabilities[c])
        part, done, following = 0, 0, parts[0]
        for step in range(num_steps):
            # A part is walked as often as it is repeated; none is empty.
            k = following
            following += 1
            if following == parts[part + 1]:
                done += 1
                if done == repetitions[part]:
                    part, done = part + 1, 0
                following = parts[part]
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
            c = num_classes if step == target else classes[k]
            rare = c < num_classes and probabilities[c] < _RARE
            any_flip = u64(0)
            for w in range(_WORDS):
                met = anti[w]
                if c == num_classes:
                    living[w] = met
                elif weighted:
                    _increment(encounters[c, w], met)
                flips_here = u64(0)
                if rare:
                    trials = nb.int64(popcount(met))
                    distance = distances[c, w]
                    while distance < trials:
                        for _ in range(distance):
                            met &= met - u64(1)
                        rest = met & (met - u64(1))
                        flips_here |= met ^ rest
                        met = rest
                        trials -= distance + 1
                        state[w] += golden
                        distance = failures_before_success(mixed(state[w]), probabilities[c])
                    distances[c, w] = distance - trials
                else:
                    undecided, digits = met, thresholds[c]
                    # A walker is undecided while its random digits equal those of p. The first
                    # digit below that of p decides for a flip.
                    while undecided != u64(0) and digits != u64(0):
                        state[w] += golden
                        word = mixed(state[w])
                        if digits >> u64(63):
                            flips_here |= undecided & ~word
                            undecided &= word
                        else:
                            undecided &= ~word
                        digits <<= u64(1)
                flipped[w] = flips_here
                any_flip |= flips_here
                if c == num_classes:
                    at_target[w] = flips_here
                elif flips_here != u64(0):
                    _increment(flips[c, w], flips_here)
            if any_flip != u64(0):
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
