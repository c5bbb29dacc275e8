r"""Dimensions of an ansatz: of the space that it reaches, its Lie algebra, and its orbit.

The orbit of the start state under the group that the gates generate, as a set of rays, has the
dimension of

.. math:: \operatorname{span}_{\mathbb{R}} \{ i X |\psi_0\rangle : X \in \mathfrak{g} \}
   \text{ modulo } i |\psi_0\rangle,

and no state of the ansatz has more tangent directions. It is at most dim g, and at most 2 (d - 1)
for an effective dimension d, which both count directions that the orbit does not have: those that
leave the start state as it is, and those that real rotations of a real state do not reach.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trainscape.physics.algebra_names import SimpleAlgebra
from trainscape.physics.algebra_structure import sum_lie_structure
from trainscape.physics.anticommutation_graph import StringAlgebra, classify_strings
from trainscape.physics.effective_dimension import effective_dimension
from trainscape.physics.effective_subspace import effective_subspace
from trainscape.physics.lie_algebra import LieAlgebraError, lie_basis
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.physics.pauli_lie_algebra import pauli_lie_closure
from trainscape.physics.sum_lie_algebra import sum_lie_dimensions
from trainscape.physics.term_graph import permuted, qubit_automorphisms
from trainscape.pruning.result import Block
from trainscape.trainability.curvature import stacked_qfim_rank

__all__ = ["Spaces", "ansatz_spaces", "orbit_dimension"]

NAMED = 6, 100
"""Most qubits and dimensions of an algebra of sums that is named: matrices are needed for it."""
UNKNOWN = -1
"""Stands for the dimension of an algebra that is larger than the limit."""

Permutations = Sequence[Sequence[int]]


@dataclass(frozen=True)
class Spaces:
    """Dimensions of an ansatz and its start state.

    Parameters
    ----------
    effective
        Effective dimension.
    algebra, centre
        Dimensions of the Lie algebra and of its centre; -1 if larger than the limit.
    name
        The Lie algebra by name; empty if it is not known.
    """

    effective: int
    algebra: int
    centre: int
    name: str


def ansatz_spaces(
    hamiltonian: PauliSum,
    blocks: Sequence[Block],
    limit: int,
    rng: np.random.Generator,
    start: str = "",
) -> Spaces:
    """Return the dimensions of a layer of blocks, repeated without end.

    Parameters
    ----------
    hamiltonian
        The Hamiltonian: if its symmetries are those of the blocks, they are used.
    blocks
        The blocks of a layer, one parameter each.
    limit
        Dimension to which a Lie algebra of sums is counted.
    rng
        Random stream of the search for names, which does not change the result.
    start
        Start state, letters as of `trainscape.pruning.layers.Layers`; plus on all if empty.
    """
    generators = [block.total for block in blocks]
    strings = _strings(generators)
    start = start or "+" * hamiltonian.num_qubits
    if strings:
        found = classify_strings(strings)
        effective = effective_dimension(generators, start)
        return Spaces(effective, found.dimension, found.centre, str(found))
    permutations = qubit_automorphisms(
        hamiltonian.num_qubits,
        [[PauliSum((term,)) for term in hamiltonian.terms], generators],
        labels=start,
    ).generators
    # Those that map every generator to itself make the space smaller before it is searched.
    fixing = [
        permutation
        for permutation in permutations
        if all(_fixed(generator, permutation) for generator in generators)
    ]
    effective = effective_dimension(generators, start, () if "(" in start else fixing)
    try:
        exact = sum_lie_dimensions(generators, fixing, limit)
    except LieAlgebraError:
        return Spaces(effective, UNKNOWN, UNKNOWN, "")
    qubits, most = NAMED
    name = ""
    if hamiltonian.num_qubits <= qubits and exact.total <= most:
        name = _name(generators, fixing, rng)
    return Spaces(effective, exact.total, exact.centre, name)


def _strings(generators: Sequence[PauliSum]) -> list[PauliString]:
    """Return the strings of generators that are one string each, else nothing."""
    if any(len(generator.terms) != 1 for generator in generators):
        return []
    return [generator.terms[0][1] for generator in generators]


def _fixed(item: PauliSum, permutation: Sequence[int]) -> bool:
    return set(permuted(item, permutation).terms) == set(item.terms)


def _name(
    generators: Sequence[PauliSum], permutations: Permutations, rng: np.random.Generator
) -> str:
    """Return the Lie algebra of sums by name, equal ideals counted."""
    structure = sum_lie_structure(generators, rng, permutations)
    copies: Counter[SimpleAlgebra] = Counter(ideal.algebra for ideal in structure.ideals)
    return str(StringAlgebra(tuple(sorted(copies.items())), len(structure.centre)))


def orbit_dimension(blocks: Sequence[Block], rng: np.random.Generator, start: str = "") -> int:
    """Return the dimension of the orbit of the start state, as a set of rays.

    Parameters
    ----------
    blocks
        The blocks of a layer.
    rng
        Random stream of a basis of the algebra, where the generators are sums.
    start
        Start state, letters as of `trainscape.pruning.layers.Layers`; plus on all if empty.
    """
    generators = [block.total for block in blocks]
    strings = _strings(generators)
    start = start or "+" * generators[0].num_qubits
    if strings and "(" not in start:
        # A string flips plus where it has Z or Y, and zero where it has X or Y: times i, as the
        # sign of the algebra has it, that state is real where the number of Y is odd, else
        # imaginary.
        waves = int("".join(str(int(letter in "+-")) for letter in start), 2)
        directions = {
            (flips, (int(x) & int(z)).bit_count() % 2)
            for x, z in pauli_lie_closure(strings)
            for flips in ((int(z) & waves) | (int(x) & ~waves),)
            if flips
        }
        return len(directions)
    space = effective_subspace(generators, start, rng)
    basis = lie_basis(list(space.generators), rng)
    return stacked_qfim_rank(1j * (basis @ space.state), space.state).rank
