r"""Second moments of many derivatives from one set of Pauli walks.

A plain walk of the value (`trainscape.simulators.pauli.walk`) that flips at gate k has the
probability p_k there, and as a walk for the derivative g_k it would have ``1 - p_k``; one that
anticommutes and stays has ``1 - p_k`` instead of ``p_k``. So with S walks, of which F_k end
diagonal after a flip at gate k and A_k after staying there,

.. math:: E[g_k^2] \approx \frac{s_k^2 u}{S} \Big[\frac{1 - p_k}{p_k} F_k + \frac{p_k}{1 - p_k} A_k
          \Big],

for all k at once. At p = 1/2, angles on the whole circle, both factors are 1, and the walks are as
good as walks of each derivative's own; in small patches F_k counts rare events, and walks of its
own are better.

F_k and A_k are counts, so that each moment has an exact binomial interval, whatever was met: the
weight u is the same for all walks, since pairs of different strings (sums) are drawn by their
weights and count with their sign. Where there are several kinds of counts, each has an interval of
Clopper and Pearson at the level ``1 - (1 - level) / m``, and the ends add up.

64 walks are one word, and a gate acts on all words of a qubit with a few operations of NumPy.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Problem
from trainscape.simulators.pauli.moments import Patch
from trainscape.simulators.pauli.string_kernels import CX, HADAMARD, ROTATION, S_GATE
from trainscape.simulators.pauli.walk_program import WalkProgram, compile_walk
from trainscape.simulators.pauli.walk_tables import LANES
from trainscape.trainability.intervals import LEVEL, Estimate, exact
from trainscape.trainability.rare_events import counted

__all__ = ["counted_interval", "shared_walks"]

Real = NDArray[np.float64]
Int = NDArray[np.int64]
Words = NDArray[np.uint64]
Bool = NDArray[np.bool_]

HELD_WORDS = 2**24
"""Words of records that are held at one time."""

LARGEST_PART = 256
"""Words that walk together: their bits fit into the cache of a core."""

METHOD = "shared walks"


def shared_walks(
    problem: Problem,
    patch: Patch,
    walks: int,
    rng: np.random.Generator,
    *,
    level: float = LEVEL,
    progress: Callable[[int, int], None] | None = None,
) -> list[tuple[Estimate, float]]:
    """Estimate the second moments of all derivatives of a problem.

    Parameters
    ----------
    problem
        As for `PauliWalk`.
    patch
        Distribution of the angles, of a size above zero.
    walks
        Number of walks, rounded up to whole words of 64.
    rng
        Random stream.
    level
        Nominal coverage of the intervals.
    progress
        Called with the number of words of 64 walks that are done, and of all.

    Returns
    -------
    list of (Estimate, float)
        For each parameter of the circuit its moment, exactly zero outside of the light cone, and
        the number of equal weights with the same relative spread, infinite where it is exact.

    Raises
    ------
    ValueError
        If a parameter is used twice, or a constant angle is no multiple of pi/2.
    """
    program = compile_walk(problem)
    p = np.array([patch.flip_probability(scale) for scale in program.scales.tolist()])
    cosines = np.array([patch.mean_cosine(scale) for scale in program.scales.tolist()])
    weights = program.weights * np.prod(cosines ** _lone(program), axis=1)
    found = [(exact(0.0), math.inf)] * problem.circuit.num_parameters
    if not program.step_of or not weights.any():
        return found
    unit = float(np.abs(weights).sum())
    words = -(-walks // LANES)
    held = min(LARGEST_PART, max(1, HELD_WORDS // (2 * len(program.step_of))))
    counts = np.zeros((len(program.step_of), 4), dtype=np.int64)
    for first in range(0, words, held):
        part = min(held, words - first)
        counts += _counts(program, p, weights, part, rng)
        if progress:
            progress(first + part, words)
    rotations = program.steps.kinds == ROTATION
    places = np.cumsum(rotations) - 1
    classes = program.steps.classes[rotations]
    walks = words * LANES
    for parameter, step in program.step_of.items():
        row = places[step]
        chance = float(p[classes[row]])
        factor = unit * float(program.scales[classes[row]]) ** 2
        flip, stay = (1.0 - chance) / chance, chance / (1.0 - chance)
        steps = factor * np.array([flip, -flip, stay, -stay])
        kinds = counts[row]
        if (weights >= 0).all():
            steps, kinds = steps[::2], kinds[::2]
        if flip == stay:
            steps, kinds = steps[: len(steps) // 2], kinds.reshape(2, -1).sum(axis=0)
        squares = float(kinds @ steps**2)
        effective = float(kinds @ np.abs(steps)) ** 2 / squares if squares else 0.0
        found[parameter] = counted_interval(kinds, steps, walks, level), effective
    return found


def counted_interval(counts: Int, weights: Real, samples: int, level: float = LEVEL) -> Estimate:
    """Return a second moment from counts of disjoint events, with an interval that always covers.

    Parameters
    ----------
    counts, weights
        How often each kind of event happened, and what one adds to the moment, shape ``(m,)``.
    samples
        Number of walks.
    level
        Coverage of the interval, at least.
    """
    value, low, high = counted(counts, weights, samples, level=level)
    shares = counts / samples
    mean = float(shares @ weights)
    error = float(np.sqrt(max(float(shares @ weights**2) - mean**2, 0.0) / samples))
    return Estimate(value, error, low, high, level, samples, METHOD)


class _Strings:
    """Walkers as words: x and z bits of each qubit, shape ``(n, W)``."""

    def __init__(self, x: Bool, z: Bool) -> None:
        self.x, self.z = (_packed(bits.T) for bits in (x, z))

    def conjugate(self, kind: int, a: int, b: int) -> None:
        """Replace all strings Q by G^dagger Q G, up to sign."""
        x, z = self.x, self.z
        if kind == CX:
            x[b] ^= x[a]
            z[a] ^= z[b]
        elif kind == HADAMARD:
            x[a], z[a] = z[a].copy(), x[a].copy()
        elif kind == S_GATE:
            z[a] ^= x[a]
        else:
            z[a] ^= x[b]
            z[b] ^= x[a]

    def anticommute(self, letters: list[tuple[int, bool, bool]]) -> Words:
        """Return which walkers anticommute with a generator, shape ``(W,)``."""
        found = np.zeros(self.x.shape[1], dtype=np.uint64)
        for qubit, has_x, has_z in letters:
            if has_x:
                found ^= self.z[qubit]
            if has_z:
                found ^= self.x[qubit]
        return found

    def flip(self, letters: list[tuple[int, bool, bool]], chosen: Words) -> None:
        """Multiply chosen walkers by a generator."""
        for qubit, has_x, has_z in letters:
            if has_x:
                self.x[qubit] ^= chosen
            if has_z:
                self.z[qubit] ^= chosen


def _steps(program: WalkProgram) -> Iterator[tuple[int, int, list[tuple[int, bool, bool]]]]:
    """Yield kind, class and letters of each gate, last gate first."""
    steps = program.steps
    letters = list(
        zip(steps.qubits.tolist(), steps.has_x.tolist(), steps.has_z.tolist(), strict=True)
    )
    starts = steps.starts.tolist()
    for place, (kind, number) in enumerate(
        zip(steps.kinds.tolist(), steps.classes.tolist(), strict=True)
    ):
        yield kind, number, letters[starts[place] : starts[place + 1]]


def _counts(
    program: WalkProgram, p: Real, weights: Real, words: int, rng: np.random.Generator
) -> Int:
    """Walk, and count what ends diagonal by rotation.

    Columns: flips of walkers of positive and of negative sign, and the same of those that stayed.
    """
    shares = np.abs(weights) / np.abs(weights).sum()
    pairs = (
        rng.choice(len(shares), words * LANES, p=shares)
        if len(shares) > 1
        else np.zeros(words * LANES, dtype=np.int64)
    )
    first, second = program.first[pairs], program.second[pairs]
    walkers = _Strings(program.x[first], program.z[first])
    # Where just one string of a pair anticommutes, none flips, and no derivative counts.
    crossed = bool((first != second).any())
    products = (
        _Strings(program.x[first] ^ program.x[second], program.z[first] ^ program.z[second])
        if crossed
        else None
    )
    records: list[tuple[Words, Words]] = []
    for kind, number, letters in _steps(program):
        if kind != ROTATION:
            for strings in (walkers, products):
                if strings is not None:
                    strings.conjugate(kind, letters[0][0], letters[-1][0])
            continue
        meets = walkers.anticommute(letters)
        if products is not None:
            meets &= ~products.anticommute(letters)
        flips = meets & _bernoulli(rng, float(p[number]), words)
        walkers.flip(letters, flips)
        records.append((flips, meets ^ flips))
    diagonal = ~np.bitwise_or.reduce(walkers.x, axis=0)
    positive = _packed((weights[pairs] > 0)[None])[0]
    signs = (diagonal & positive, diagonal & ~positive)
    return np.array(
        [
            [int(np.bitwise_count(events & sign).sum()) for events in record for sign in signs]
            for record in records
        ],
        dtype=np.int64,
    )


def _bernoulli(rng: np.random.Generator, p: float, words: int) -> Words:
    """Return words whose bits are set with probability p."""
    if p == 0.5:
        return rng.integers(0, 2**64, words, dtype=np.uint64)
    return _packed((rng.random(words * LANES) < p)[None]).ravel()


def _packed(bits: Bool) -> Words:
    """Pack bits, shape ``(n, 64 W)``, into words, shape ``(n, W)``."""
    padded = np.pad(bits, ((0, 0), (0, -bits.shape[1] % LANES)))
    octets = np.ascontiguousarray(np.packbits(padded, axis=1, bitorder="little"))
    return np.asarray(octets.view(np.uint64))


def _lone(program: WalkProgram) -> Int:
    """Return how many rotations of each class only one string of a pair meets, shape ``(N, C)``."""
    lone = np.zeros((len(program.first), len(program.scales)), dtype=np.int64)
    crossed = np.flatnonzero(program.first != program.second)
    if len(crossed):
        one, other = program.first[crossed], program.second[crossed]
        products = _Strings(program.x[one] ^ program.x[other], program.z[one] ^ program.z[other])
        for kind, number, letters in _steps(program):
            if kind != ROTATION:
                products.conjugate(kind, letters[0][0], letters[-1][0])
                continue
            bits = np.unpackbits(products.anticommute(letters).view(np.uint8), bitorder="little")
            lone[crossed, number] += bits[: len(crossed)]
    return lone
