r"""Find the space that a symmetric ansatz can reach without amplitudes of the full space.

Generators and start state that permutations of the qubits leave as they are stay among the
symmetric states. Their orthonormal basis has a vector for each orbit O of basis states,

.. math:: |O\rangle = |O|^{-1/2} \sum_{s \in O} |s\rangle ,

and in it a symmetric sum of Pauli strings is a small sparse matrix: its image of an orbit, read off
at one member of each other. The Ising model on a torus of 4 x 4 spins has 65536 basis states in 222
orbits, of which it reaches nearly all. Start states are products without a qubit in 0 or 1, so that
every basis state has an amplitude.

The sizes of orbits come from the matrix of the sum of all X: as many pairs of members that differ
in one bit lead from O to another orbit as lead back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order

from trainscape.physics.effective_dimension import (
    Limits,
    effective_dimension,
    label_amplitudes,
    state_orbits,
)
from trainscape.physics.effective_subspace import EffectiveSubspace, invariant_basis
from trainscape.physics.exact_sums import ExactSum, exact_sums
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.physics.qubit_orbits import QubitSymmetry, unchanged

__all__ = ["OrbitBasis", "OrbitSubspace", "orbit_basis", "orbit_subspace"]

Real = NDArray[np.float64]


@dataclass(frozen=True)
class OrbitBasis:
    """The orthonormal basis of symmetric states.

    Parameters
    ----------
    symmetry
        Permutations, and the flip of all bits where it is a symmetry.
    codes
        Code of a member of each orbit, sorted, shape ``(m,)``.
    sizes
        Numbers of basis states in the orbits, shape ``(m,)``.
    permutations
        Permutations that, with exchanges within the classes of the symmetry, generate its group.
    """

    symmetry: QubitSymmetry
    codes: NDArray[np.int64]
    sizes: Real
    permutations: tuple[tuple[int, ...], ...]

    def represented(self, observable: PauliSum) -> csr_array:
        """Return a symmetric observable in the basis, shape ``(m, m)``.

        Raises
        ------
        ValueError
            If the symmetry changes the observable.
        """
        if not self._keeps(observable):
            raise ValueError(
                f"the symmetry of the basis changes the observable {observable}; give one that "
                "the same permutations, and the flip of all bits, leave as it is"
            )
        root = np.sqrt(self.sizes)
        matrix = csr_array(_matrix(self.symmetry, self.codes, observable))
        return csr_array(matrix.multiply(root[:, None]).multiply(1 / root))

    def _keeps(self, observable: PauliSum) -> bool:
        exact = ExactSum.of(observable)
        if self.symmetry.flip and np.any(exact.z.sum(axis=1) % 2):
            return False
        exchanges = []
        for members in self.symmetry.classes:
            for pair in pairwise(members):
                exchange = np.arange(self.symmetry.num_qubits)
                exchange[list(pair)] = exchange[list(pair[::-1])]
                exchanges.append(exchange.tolist())
        return all(unchanged([exact], one) for one in [*self.permutations, *exchanges])

    def start(self, label: str) -> NDArray[np.complex128]:
        """Return a symmetric product state in the basis, normalised, shape ``(m,)``."""
        letters = self.symmetry.letters(self.codes, 2)
        amplitudes = label_amplitudes(label, letters) * np.sqrt(self.sizes)
        return np.asarray(amplitudes / np.linalg.norm(amplitudes))


@dataclass(frozen=True)
class OrbitSubspace(EffectiveSubspace):
    """The space that a symmetric ansatz can reach, in the basis of orbits.

    Parameters
    ----------
    isometry
        Orthonormal columns, shape ``(m, d)``.
    orbits
        The basis that its rows stand for.
    """

    orbits: OrbitBasis

    def represented(self, observable: PauliSum) -> csr_array:
        """Return a symmetric observable as a matrix on the rows of the isometry."""
        return self.orbits.represented(observable)


def orbit_basis(
    generators: Sequence[PauliSum],
    state: str,
    permutations: Sequence[Sequence[int]] = (),
    *,
    limits: Limits | None = None,
) -> OrbitBasis:
    """Return the basis of the symmetric states of an ansatz.

    The parameters are those of `trainscape.physics.effective_dimension.effective_dimension`.

    Raises
    ------
    ValueError
        If the input is inconsistent, or a qubit starts in 0 or 1 or in a singlet.
    OrbitLimitError
        If a limit is passed.
    """
    if set(state) & set("01()"):
        raise ValueError(
            f"the start state {state} has qubits in 0, 1 or a singlet, and not all basis states; "
            "the basis of orbits is made for product states of the letters +-rl"
        )
    symmetry, codes = state_orbits(exact_sums(generators), state, permutations, limits)
    n = symmetry.num_qubits
    flips = PauliSum.of((1.0, PauliString.on(n, {q: "X"})) for q in range(n))
    counts = csr_array(_matrix(symmetry, codes, flips).real)
    sizes = np.ones(len(codes))
    order, before = breadth_first_order(counts, 0, return_predecessors=True)
    for orbit in order[1:]:
        known = before[orbit]
        # As many flips of one bit lead from an orbit to another as lead back.
        sizes[orbit] = sizes[known] * counts[known, orbit] / counts[orbit, known]
    given = tuple(tuple(int(q) for q in permutation) for permutation in permutations)
    return OrbitBasis(symmetry, codes, np.rint(sizes * 2.0**n / sizes.sum()), given)


def orbit_subspace(
    generators: Sequence[PauliSum],
    state: str,
    rng: np.random.Generator,
    permutations: Sequence[Sequence[int]] = (),
    *,
    limits: Limits | None = None,
) -> OrbitSubspace:
    """Return the space that a symmetric ansatz can reach, with what acts on it.

    Parameters
    ----------
    generators, state, permutations, limits
        See `orbit_basis`.
    rng
        Random stream of the basis.

    Raises
    ------
    RuntimeError
        If floating point finds another number of dimensions than exact elimination.
    """
    orbits = orbit_basis(generators, state, permutations, limits=limits)
    dimension = effective_dimension(generators, state, permutations, limits=limits)
    matrices = [orbits.represented(generator) for generator in generators]
    found = invariant_basis(matrices, orbits.start(state), dimension, rng)
    return OrbitSubspace(*found, orbits)


def _matrix(symmetry: QubitSymmetry, codes: NDArray[np.int64], observable: PauliSum) -> coo_array:
    """Return a sum in the basis of plain sums over orbits.

    The coefficient of an orbit in the image is that of its member with the code, which a string
    reaches from the basis state with some bits flipped.
    """
    letters = symmetry.letters(codes, 2)
    exact = ExactSum.of(observable)
    weights = [weight for weight, _ in observable.terms if weight != 0]
    rows, columns, entries = [], [], []
    for x, z, ys, weight in zip(exact.x, exact.z, exact.ys(), weights, strict=True):
        sources = letters ^ x
        places = np.searchsorted(codes, symmetry.smallest(sources, 2))
        rows.append(np.arange(len(codes)))
        columns.append(places)
        entries.append(weight * 1j ** int(ys % 4) * (1.0 - 2.0 * ((sources @ z) % 2)))
    matrix = coo_array(
        (np.concatenate(entries), (np.concatenate(rows), np.concatenate(columns))),
        shape=(len(codes), len(codes)),
    )
    matrix.sum_duplicates()
    return matrix
