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
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order

from trainscape.physics.effective_dimension import effective_dimension
from trainscape.physics.effective_subspace import EffectiveSubspace, invariant_basis
from trainscape.physics.exact_sums import ExactSum, exact_sums
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.physics.qubit_orbits import unchanged
from trainscape.physics.state_orbits import Limits, StateOrbits, state_orbits

__all__ = ["OrbitBasis", "OrbitSubspace", "orbit_basis", "orbit_subspace"]

Real = NDArray[np.float64]


@dataclass(frozen=True)
class OrbitBasis:
    """The orthonormal basis of symmetric states.

    Parameters
    ----------
    orbits
        The orbits, and the symmetry.
    sizes
        Numbers of basis states in the orbits, shape ``(m,)``.
    permutations
        Permutations that, with exchanges within the classes of the symmetry, generate its group.
    """

    orbits: StateOrbits
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
        matrix = csr_array(_matrix(self.orbits, observable))
        return csr_array(matrix.multiply(root[:, None]).multiply(1 / root))

    def _keeps(self, observable: PauliSum) -> bool:
        exact = ExactSum.of(observable)
        if self.orbits.symmetry.flip and np.any(exact.z.sum(axis=1) % 2):
            return False
        exchanges = []
        for members in self.orbits.symmetry.classes:
            for pair in pairwise(members):
                exchange = np.arange(self.orbits.symmetry.num_qubits)
                exchange[list(pair)] = exchange[list(pair[::-1])]
                exchanges.append(exchange.tolist())
        return all(unchanged([exact], one) for one in [*self.permutations, *exchanges])

    def start(self) -> NDArray[np.complex128]:
        """Return the start state in the basis, normalised, shape ``(m,)``."""
        amplitudes = self.orbits.amplitudes() * np.sqrt(self.sizes)
        return np.asarray(amplitudes / np.linalg.norm(amplitudes))


@dataclass(frozen=True)
class OrbitSubspace(EffectiveSubspace):
    """The space that a symmetric ansatz can reach, in the basis of orbits.

    Parameters
    ----------
    isometry
        Orthonormal columns, shape ``(m, d)``.
    basis
        The basis that its rows stand for.
    """

    basis: OrbitBasis

    def represented(self, observable: PauliSum) -> csr_array:
        """Return a symmetric observable as a matrix on the rows of the isometry."""
        return self.basis.represented(observable)


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
    orbits = state_orbits(exact_sums(generators), state, permutations, limits)
    n = len(state)
    flips = PauliSum.of((1.0, PauliString.on(n, {q: "X"})) for q in range(n))
    counts = _matrix(orbits, flips).real
    sizes = np.ones(len(orbits.codes))
    order, before = breadth_first_order(counts, 0, return_predecessors=True)
    for orbit in order[1:]:
        known = before[orbit]
        # As many flips of one bit lead from an orbit to another as lead back.
        sizes[orbit] = sizes[known] * counts[known, orbit] / counts[orbit, known]
    given = tuple(tuple(int(q) for q in permutation) for permutation in permutations)
    return OrbitBasis(orbits, np.rint(sizes * 2.0**n / sizes.sum()), given)


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
    basis = orbit_basis(generators, state, permutations, limits=limits)
    dimension = effective_dimension(generators, state, permutations, limits=limits)
    matrices = [basis.represented(generator) for generator in generators]
    found = invariant_basis(matrices, basis.start(), dimension, rng)
    return OrbitSubspace(*found, basis)


def _matrix(orbits: StateOrbits, observable: PauliSum) -> csr_array:
    """Return a sum in the basis of plain sums over orbits."""
    exact = ExactSum.of(observable)
    weights = np.array([weight for weight, _ in observable.terms if weight != 0])
    return orbits.moves(exact).matrix(weights * 1j ** (exact.ys() % 4))
