r"""The Lie algebra of a circuit, and the gradient that it predicts for a deep one.

With angles so many that the gates before and after one are Haar elements of the group, the mean
squared derivative by the angle of :math:`e^{-i \theta V / 2}` is, for strings (Diaz et al.,
arXiv:2310.11505; `trainscape.trainability.commutator_graph` visits all strings, and is the test),

.. math:: E[g^2] = \sum_C w_C^2\, \frac{z_C\, a_V(C)}{|C|^2}, \qquad w_C^2 = \sum_{P \in C} O_P^2 ,

over the components C of the commutator graph that the observable O has strings in, with the number
:math:`z_C` of strings of I and Z in C, for the start state :math:`|0\dots0\rangle`, and the number
:math:`a_V(C)` of strings that anticommute with V. Only the components of O are visited, so that
registers may be large where these are small. Strings of O that differ by a symmetry have cross
terms, and then there is no prediction here. If C has all strings, this is the 2-design value.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trainscape.diagnosis.generators import Generators
from trainscape.physics.algebra_structure import sum_lie_structure
from trainscape.physics.anticommutation_graph import classify_strings
from trainscape.physics.lie_algebra import LieAlgebraError
from trainscape.physics.pauli import PauliString
from trainscape.physics.sum_lie_algebra import sum_lie_dimensions
from trainscape.trainability.patches import two_design_gradient_moment
from trainscape.trainability.tangent_kernels import algebra_moment

__all__ = ["Algebra", "algebra_of", "predicted_moment", "two_design_moment"]

MOST_STRINGS = 400
"""Generators beyond this number are not classified: the time grows with their square."""

LARGEST_COMPONENT = 30_000
"""Strings of a component that are visited."""

MOST_SUM_QUBITS = 6
"""Largest register on which the algebra of sums is counted."""

LARGEST_STRUCTURE = 200
"""Dimension beyond which the ideals of an algebra of sums are not looked for."""

LARGEST_SUM_ALGEBRA = 1500
"""Dimension beyond which the algebra of sums is not counted."""

Bits = tuple[int, int]


@dataclass(frozen=True)
class Algebra:
    """The Lie algebra of a circuit's generators.

    Parameters
    ----------
    name
        Its simple ideals and centre by name; empty if only its dimension is known.
    dimension
        Its dimension.
    full
        Whether it has all traceless matrices.
    holds_observable
        Whether the observable lies in it; None if that was not looked at.
    method
        How it was found.
    """

    name: str
    dimension: int
    full: bool
    holds_observable: bool | None
    method: str


def algebra_of(generators: Generators) -> Algebra | None:
    """Return the Lie algebra of generators, or None if it is out of reach here."""
    n = generators.num_qubits
    strings = generators.strings
    everything = 4**n - 1
    if strings is not None:
        if len(strings) > MOST_STRINGS:
            return None
        found = classify_strings(strings)
        full = found.dimension - found.centre == everything
        inside = True if full else _all_inside(generators)
        return Algebra(
            str(found), found.dimension, full, inside, "anticommutation graph of the generators"
        )
    if n > MOST_SUM_QUBITS:
        return None
    try:
        dimensions = sum_lie_dimensions(generators.sums, limit=LARGEST_SUM_ALGEBRA)
    except LieAlgebraError:
        return None
    full = dimensions.total - dimensions.centre == everything
    return Algebra("", dimensions.total, full, None, "elimination modulo two primes")


def two_design_moment(generators: Generators) -> float:
    """Return the mean squared derivative if all gates together are 2-designs on the light cone."""
    weights = [
        weight for weight, string in generators.observable.terms if set(string.label) != {"I"}
    ]
    # A traceless generator of squared norm s 2^n, for which s = 1 is a Pauli string.
    norms = [sum(weight**2 for weight, _ in generator.terms) for generator in generators.sums]
    factor = float(generators.squares @ norms) / generators.gates
    squared = float(np.sum(np.square(weights)))
    return squared * factor * two_design_gradient_moment(generators.num_qubits)


def predicted_moment(generators: Generators, algebra: Algebra | None) -> float | None:
    """Return the mean squared derivative of a deep circuit, averaged over the gates.

    None where gates that are apart share a parameter, where a component is too large or cross terms
    are possible, and, for generators that are sums, where the algebra is large or does not hold the
    observable.
    """
    if generators.apart:
        return None
    strings = generators.strings
    if strings is None:
        return _moment_of_sums(generators, algebra)
    if algebra is not None and algebra.full:
        return two_design_moment(generators)
    if _cross_terms(generators):
        return None
    moves = [_bits(string) for string in strings]
    shares = generators.squares / generators.gates
    seen: dict[Bits, int] = {}
    weights: list[float] = []
    components: list[set[Bits]] = []
    for weight, string in generators.observable.terms:
        start = _bits(string)
        if start == (0, 0):
            continue
        if start not in seen:
            component = _component(start, moves)
            if component is None:
                return None
            seen.update(dict.fromkeys(component, len(components)))
            components.append(component)
            weights.append(0.0)
        weights[seen[start]] += weight**2
    total = 0.0
    for weight, component in zip(weights, components, strict=True):
        size = len(component)
        diagonal = sum(x == 0 for x, _ in component)
        turned = [sum(_odd(move, one) for one in component) for move in moves]
        total += weight * diagonal * float(shares @ turned) / size**2
    return total


def _moment_of_sums(generators: Generators, algebra: Algebra | None) -> float | None:
    if algebra is None or algebra.dimension > LARGEST_STRUCTURE:
        return None
    try:
        structure = sum_lie_structure(generators.sums, np.random.default_rng(0))
        observable = generators.observable.matrix()
        start = np.zeros(len(observable), dtype=np.complex128)
        start[0] = 1.0
        found = [
            algebra_moment(structure, observable, generator.matrix() / 2, start)
            for generator in generators.sums
        ]
    except (LieAlgebraError, ValueError):
        return None
    return float(generators.squares @ found) / generators.gates


def _bits(string: PauliString) -> Bits:
    return string.x_mask, string.z_mask


def _odd(first: Bits, second: Bits) -> bool:
    """Return whether two strings anticommute."""
    return ((first[0] & second[1]).bit_count() + (first[1] & second[0]).bit_count()) % 2 == 1


def _component(start: Bits, moves: list[Bits], limit: int = LARGEST_COMPONENT) -> set[Bits] | None:
    reached, frontier = {start}, [start]
    while frontier:
        string = frontier.pop()
        for move in moves:
            if _odd(move, string):
                image = (move[0] ^ string[0], move[1] ^ string[1])
                if image not in reached:
                    if len(reached) == limit:
                        return None
                    reached.add(image)
                    frontier.append(image)
    return reached


def _cross_terms(generators: Generators) -> bool:
    """Return whether the product of two strings of the observable commutes with all generators."""
    moves = [_bits(generator.terms[0][1]) for generator in generators.sums]
    # Two strings differ by a symmetry if they anticommute with the same generators.
    seen = set()
    for _, string in generators.observable.terms:
        if _bits(string) == (0, 0):
            continue
        signature = tuple(_odd(move, _bits(string)) for move in moves)
        if signature in seen:
            return True
        seen.add(signature)
    return False


def _all_inside(generators: Generators) -> bool | None:
    """Return whether all strings of the observable are strings of the algebra; None if unknown."""
    moves = [_bits(generator.terms[0][1]) for generator in generators.sums]
    wanted = {_bits(string) for _, string in generators.observable.terms} - {(0, 0)}
    known: set[Bits] = set(moves)
    for string in wanted - known:
        # A string of the algebra reaches a generator by brackets with generators, and back.
        component = _component(string, moves)
        if component is None:
            return None
        if component.isdisjoint(moves) or len(component) == 1:
            return False
    return True
