r"""Second moments of all derivatives, exactly, where few Pauli strings can be met.

The Pauli walk (`trainscape.simulators.pauli.walk`) is a Markov chain on strings. Where it can meet
few of them, as in shallow circuits with a local observable, or on a few qubits, nothing has to be
drawn: the distribution over strings is propagated as a whole, and paths that meet again in one
string are added. One pass forwards gives the probability :math:`w_j(Q)` of each string Q in front
of rotation j, one pass backwards the chance :math:`h_j(Q)` that the walk ends diagonal from there,
and with both, for **all** derivatives at once,

.. math:: E[g_j^2] = s_j^2 \sum_{Q\ \text{anticommutes with}\ V_j}
          w_j(Q) \big[p_j h_{j+1}(Q) + (1 - p_j) h_{j+1}(i V_j Q)\big].

Fixed gates are pulled out of the circuit first, so that every string is a product of generators and
terms of the observable. Strings are held by their coordinates in a basis of these, one word each,
however many qubits there are. A basis in echelon form with the x parts in front tells from the
coordinates alone whether a string is diagonal.

Sums of strings need pairs, as in the walk: pairs whose product R anticommutes with the same
rotations are propagated together, and do not flip there. Local terms that together need too long
words are propagated one by one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Problem
from trainscape.circuits.light_cone import light_cone
from trainscape.circuits.lowering import near_clifford
from trainscape.simulators.pauli.moments import Patch
from trainscape.simulators.pauli.program import compile_program
from trainscape.simulators.pauli.propagation_program import Program
from trainscape.simulators.pauli.walk_program import WalkProgram, compile_walk

__all__ = ["LARGEST_SUM", "PathSum", "path_sum"]

Real = NDArray[np.float64]
Words = NDArray[np.uint64]
Bool = NDArray[np.bool_]
Int = NDArray[np.int64]

LARGEST_SUM = 2**22
"""Strings that are held, over all rotations; beyond, sums are given up."""

COORDINATES = 64
"""Basis strings that fit into a word."""

MOST_REACHED = 512
"""Rotations that a term of the observable meets, at most, where terms are taken one by one: the
search for them takes as many passes over the circuit."""


@dataclass(frozen=True, eq=False)
class PathSum:
    """Exact second moments.

    Parameters
    ----------
    gradient
        E[g_k^2] for each parameter of the circuit, shape ``(P,)``; zero outside of the light cone.
    value
        E[C^2] of the observable as it was given.
    strings
        Largest number of strings in front of one rotation.
    """

    gradient: Real
    value: float
    strings: int


def path_sum(problem: Problem, patch: Patch, *, most: int = LARGEST_SUM) -> PathSum | None:
    """Return the exact second moments, or None where too many strings are met.

    Parameters
    ----------
    problem
        Clifford gates and Pauli rotations, each parameter used by at most one of them; any Pauli
        sum.
    patch
        Distribution of the angles.
    most
        Strings that may be held, over all rotations.

    Raises
    ------
    ValueError
        If a parameter is used twice, or a constant angle is no multiple of pi/2.
    """
    pairs = compile_walk(problem)  # refuses shared parameters
    cone = light_cone(near_clifford(problem))
    program = compile_program(cone.problem)
    scales = np.abs(program.scales)
    chances = np.array([patch.flip_probability(scale) for scale in scales.tolist()])
    cosines = np.array([patch.mean_cosine(scale) for scale in scales.tolist()])
    parts = _parts(program, pairs)
    if parts is None:
        return None
    moments, value, widest = np.zeros(len(scales)), 0.0, 1
    none = np.zeros(len(scales), dtype=np.bool_)
    for frame, rows, members in parts:
        groups: dict[bytes, tuple[Bool, dict[int, float]]] = {}
        for pair in members.tolist():
            first, second = pairs.first[pair], pairs.second[pair]
            lone = (
                none
                if first == second
                else _meets(program.strings, program.terms[first] ^ program.terms[second])
            )
            reduced = float(pairs.weights[pair]) * float(np.prod(cosines[lone]))
            if reduced:
                inside = lone[rows]
                _, start = groups.setdefault(inside.tobytes(), (inside, {}))
                word = frame.terms[int(first)]
                start[word] = start.get(word, 0.0) + reduced
        for inside, start in groups.values():
            found = _propagate(frame, chances[rows], inside, start, most)
            if found is None:
                return None
            moments[rows] += found[0]
            value += found[1]
            widest = max(widest, found[2])
            most -= found[3]
    gradient = np.zeros(problem.circuit.num_parameters)
    kept = np.array(cone.parameters, dtype=np.int64)[program.parameters]
    # Pairs of both signs are added: rounding may leave a zero just below it.
    gradient[kept] = np.maximum(moments * scales**2, 0.0)
    return PathSum(gradient, value, widest)


def _parts(program: Program, pairs: WalkProgram) -> list[tuple[_Frame, Int, Int]] | None:
    """Divide the work into parts, each with a frame, its rotations, and its pairs of strings.

    All pairs are one part if one frame holds all strings, so that they are added where they meet.
    Else the pairs of each first string are a part with the rotations that it can meet: local terms
    on many qubits. None if a frame does not suffice for that.
    """
    rows = np.arange(len(program.strings))
    frame = _Frame.of(program, rows, range(len(program.terms)))
    if frame is not None:
        return [(frame, rows, np.arange(len(pairs.first)))]
    parts = []
    for term in np.unique(pairs.first).tolist():
        reached = _reachable(program.strings, program.terms[term])
        frame = None if reached is None else _Frame.of(program, reached, [term])
        if reached is None or frame is None:
            return None
        parts.append((frame, reached, np.flatnonzero(pairs.first == term)))
    return parts


def _meets(strings: Words, other: Words) -> Bool:
    """Return which strings anticommute with another, shape ``(D,)``."""
    half = strings.shape[1] // 2
    x, z = strings[:, :half] & other[half:], strings[:, half:] & other[:half]
    return np.asarray(np.bitwise_count(x ^ z).sum(axis=1) % 2 == 1)


def _reachable(strings: Words, start: Words) -> Int | None:
    """Return rotations that can anticommute with a walk from `start`, ascending.

    Those are rotations that anticommute with it, or with an earlier rotation at which it flips.
    None if there are more than `MOST_REACHED`.
    """
    reached = _meets(strings, start)
    place = -1
    for _ in range(MOST_REACHED):
        later = np.flatnonzero(reached[place + 1 :])
        if not len(later):
            return np.flatnonzero(reached)
        place += 1 + int(later[0])
        reached[place:] |= _meets(strings[place:], strings[place])
    return None


@dataclass(frozen=True, eq=False)
class _Frame:
    """Strings by their coordinates.

    Parameters
    ----------
    generators
        Coordinates of the rotations, in the order in which walks meet them, shape ``(D,)``.
    tests
        A string anticommutes with rotation j if its coordinates have odd overlap with entry j,
        shape ``(D,)``.
    terms
        Coordinates of strings of the observable, by their place in it.
    flipping
        Coordinates that a diagonal string does not have.
    """

    generators: Words
    tests: Words
    terms: dict[int, int]
    flipping: np.uint64

    @classmethod
    def of(cls, program: Program, rows: Int, terms: Iterable[int]) -> _Frame | None:
        """Choose a basis of rotations and terms; None if a word is too short for it."""
        half = 32 * program.strings.shape[1]
        basis: list[int] = []
        by_lead: dict[int, int] = {}

        def coordinates(string: Words) -> int | None:
            rest, word = _number(string), 0
            while rest:
                place = by_lead.setdefault(rest.bit_length(), len(basis))
                if place == len(basis):
                    if place == COORDINATES:
                        return None
                    basis.append(rest)
                word ^= 1 << place
                rest ^= basis[place]
            return word

        starts = {term: coordinates(program.terms[term]) for term in terms}
        generators = []
        for string in program.strings[rows]:
            word = coordinates(string)
            if word is None:
                return None
            generators.append(word)
        known = {term: word for term, word in starts.items() if word is not None}
        if len(known) < len(starts):
            return None
        flipping = sum(1 << place for lead, place in by_lead.items() if lead > half)
        low = (1 << half) - 1
        turned = [(vector & low) << half | vector >> half for vector in basis]
        tests = [
            sum((_number(row) & other).bit_count() % 2 << k for k, other in enumerate(turned))
            for row in program.strings[rows]
        ]
        return cls(
            np.array(generators, dtype=np.uint64),
            np.array(tests, dtype=np.uint64),
            known,
            np.uint64(flipping),
        )


def _number(row: Words) -> int:
    """Return a packed string as one number, its x bits above its z bits."""
    return int.from_bytes(np.asarray(row, dtype=">u8").tobytes(), "big")


def _propagate(
    frame: _Frame, chances: Real, lone: Bool, start: dict[int, float], most: int
) -> tuple[Real, float, int, int] | None:
    """Propagate a distribution over strings through all rotations, and back.

    Returns what it adds to each moment before the scales, to that of the value, the largest number
    of strings, and the number of all; None if more than `most` would be held.
    """
    strings = np.array(sorted(start), dtype=np.uint64)
    weights = np.array([start[word] for word in strings.tolist()])
    steps: list[tuple[Bool, NDArray[np.intp], NDArray[np.intp], Real]] = []
    held, widest = 0, len(strings)
    for generator, test, chance, alone in zip(
        frame.generators, frame.tests, chances, lone, strict=True
    ):
        meets = np.asarray(np.bitwise_count(strings & test) % 2 == 1) & ~alone
        flipped = strings[meets] ^ generator
        merged, place = np.unique(np.concatenate([strings, flipped]), return_inverse=True)
        stayed, moved = place[: len(strings)], place[len(strings) :]
        steps.append((meets, stayed, moved, weights))
        kept = np.where(meets, 1.0 - chance, 1.0) * weights
        sums = np.bincount(
            place, weights=np.concatenate([kept, chance * weights[meets]]), minlength=len(merged)
        )
        strings, weights = merged, sums.astype(np.float64)
        held, widest = held + len(strings), max(widest, len(strings))
        if held > most:
            return None
    ends = np.asarray((strings & frame.flipping) == 0).astype(np.float64)
    value, moments = float(weights @ ends), np.zeros(len(chances))
    for row in range(len(steps) - 1, -1, -1):
        meets, stayed, moved, weights = steps[row]
        chance, kept, turned = chances[row], ends[stayed], ends[moved]
        moments[row] = weights[meets] @ (chance * kept[meets] + (1.0 - chance) * turned)
        kept[meets] = (1.0 - chance) * kept[meets] + chance * turned
        ends = kept
    return moments, value, widest, held
