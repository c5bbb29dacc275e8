r"""Find an orthonormal basis of the space that an ansatz can reach, and what the space contains.

The dimension d of the space is exact (`effective_dimension`). The basis is an isometry
:math:`B: \mathbb{C}^d \to \mathbb{C}^{2^n}` in floating point. The start state evolves under random
combinations of the generators, and what sticks out clearly of the directions found is taken, until
there are d. Evolution spreads over all of the space, so that its last directions are found as
clearly as the first; products with generators alone, or evolution of vectors that were found, let
rounding errors grow from one direction to the next. The result is checked: the generators leave it
invariant.

An effective dimension counts for training only if a ground state of the Hamiltonian can be reached;
else the ansatz stops at the floor, the lowest energy that it can reach.

The space is a sum of irreps of the generators: one, unless the start state overlaps with several.
The weight of the state in each of them never changes. So the floor is the mean of their lowest
energies with those weights, and a space that contains a ground state is not enough: a Heisenberg
ring from a Néel state has half of its weight in each of two irreps, and its ground state lies in
one of them.
The transverse-field Ising chain with one parameter for each term reaches half of the full space
from all plus, one irrep, and all of it from all zero, two irreps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.linalg import expm_multiply

from trainscape.physics.bond_algebra import decompose
from trainscape.physics.effective_dimension import effective_dimension, start_amplitudes
from trainscape.physics.generator_files import pauli_matrix
from trainscape.physics.ground_energy import ground_energy
from trainscape.physics.pauli import PauliSum

__all__ = ["EffectiveSubspace", "Floor", "effective_subspace", "invariant_basis"]

BATCH, LENGTH, STEPS = 32, 16.0, 400
"""Vectors that evolve together (two for each dimension, where that is fewer), the 1-norm of the
exponent of a step, and how many steps there are at least before the search is given up."""

WEAKEST, TOLERANCE = 0.02, 1e-8
"""Weakest new direction that is taken, and error of the invariance that is allowed."""

Complex = NDArray[np.complex128]


@dataclass(frozen=True)
class Floor:
    """The lowest energy that an ansatz can reach.

    Parameters
    ----------
    energy
        The least that the weights of the start state in the parts of the space allow.
    ground_energy
        Lowest eigenvalue in the full space.
    """

    energy: float
    ground_energy: float

    @property
    def gap(self) -> float:
        """Energy above the ground state at which every training ends."""
        return self.energy - self.ground_energy

    def contains_ground_state(self, tolerance: float = 1e-8) -> bool:
        """Return whether the gap is zero, up to a tolerance in units of the ground energy.

        A level above the ground state by less than that counts as the ground state.
        """
        return self.gap <= tolerance * max(1.0, abs(self.ground_energy))


@dataclass(frozen=True)
class EffectiveSubspace:
    """The space that an ansatz can reach.

    Parameters
    ----------
    isometry
        Orthonormal columns, shape ``(2**n, d)``.
    generators
        The generators inside the space, shape ``(m, d, d)``.
    state
        The start state inside the space, normalised, shape ``(d,)``.
    """

    isometry: Complex
    generators: Complex
    state: Complex

    @property
    def dimension(self) -> int:
        """Effective dimension d."""
        return int(self.isometry.shape[1])

    def represented(self, observable: PauliSum) -> csr_array:
        """Return an observable as a matrix on the rows of the isometry."""
        return csr_array(pauli_matrix(observable))

    def restricted(self, observable: PauliSum) -> Complex:
        """Return an observable inside the space, shape ``(d, d)``."""
        image = self.represented(observable) @ self.isometry
        return np.asarray(self.isometry.conj().T @ image)

    def floor(self, hamiltonian: PauliSum, rng: np.random.Generator) -> Floor:
        """Return the lowest energy that can be reached, and that in the full space.

        The space may fall into parts between which no gate moves anything: from 0101, a Heisenberg
        chain keeps half of its weight on either side of a flip of all spins. The weights of the
        start state in them stay, and the energy is at least the mean of their lowest energies, if
        the Hamiltonian respects the parts; else at least the lowest energy of the space.

        Parameters
        ----------
        hamiltonian
            The Hamiltonian.
        rng
            Draws the first vector of a Lanczos iteration, and the elements that tell parts apart.
        """
        lowest = self._lowest_energy(self.restricted(hamiltonian), rng)
        return Floor(lowest, ground_energy(hamiltonian, rng))

    def _lowest_energy(self, matrix: Complex, rng: np.random.Generator) -> float:
        """Return the lowest energy at the weights that the state has in the irreps.

        In m copies of an irrep the weights are those of a density matrix of rank m at most, whose
        eigenvalues do not change either: the largest meets the lowest energy. If the Hamiltonian is
        none of the algebra, but moves nothing from one sort of irrep to another, each sort has its
        weight; else it is the lowest eigenvalue in the whole space, which is no more.
        """
        total, rest = 0.0, matrix.copy()
        sectors = decompose(list(self.generators), rng).sectors
        for sector in sectors:
            basis = sector.basis
            first = basis[:, :, 0]
            block = first.conj().T @ matrix @ first
            for copy in np.moveaxis(basis, 2, 0):
                rest -= copy @ block @ copy.conj().T
            parts = np.einsum("dnm,d->nm", basis.conj(), self.state)
            weights = np.linalg.svd(parts, compute_uv=False) ** 2
            total += float(weights @ np.linalg.eigvalsh(block)[: len(weights)])
        tolerance = TOLERANCE * max(1.0, float(np.linalg.norm(matrix)))
        if np.linalg.norm(rest) <= tolerance:
            return total
        total, rest = 0.0, matrix.copy()
        for sector in sectors:
            basis = sector.basis.reshape(self.dimension, -1)
            block = basis.conj().T @ matrix @ basis
            rest -= basis @ block @ basis.conj().T
            weight = float(np.linalg.norm(basis.conj().T @ self.state)) ** 2
            total += weight * float(np.linalg.eigvalsh(block)[0])
        lowest = float(np.linalg.eigvalsh(matrix)[0])
        return max(total, lowest) if np.linalg.norm(rest) <= tolerance else lowest

    def num_irreps(self, rng: np.random.Generator) -> int:
        """Return the number of irreps of the generators that the space is the sum of.

        Parameters
        ----------
        rng
            Random stream of `bond_algebra.decompose`; the result does not depend on it.
        """
        decomposition = decompose(list(self.generators), rng)
        return sum(int(sector.multiplicity) for sector in decomposition.sectors)


def effective_subspace(
    generators: Sequence[PauliSum],
    state: str | ArrayLike,
    rng: np.random.Generator,
    permutations: Sequence[Sequence[int]] = (),
) -> EffectiveSubspace:
    """Return an orthonormal basis of the space that an ansatz can reach, with what acts on it.

    Parameters
    ----------
    generators, state, permutations
        See `effective_dimension.effective_dimension`; on up to about fourteen qubits.
    rng
        Random stream of the basis.

    Raises
    ------
    RuntimeError
        If floating point finds another number of dimensions than exact elimination.
    """
    dimension = effective_dimension(generators, state, permutations)
    amplitudes = start_amplitudes(state)
    start = amplitudes / np.linalg.norm(amplitudes)
    matrices = [csr_array(pauli_matrix(generator)) for generator in generators]
    return EffectiveSubspace(*invariant_basis(matrices, start, dimension, rng))


def invariant_basis(
    matrices: Sequence[csr_array], start: Complex, dimension: int, rng: np.random.Generator
) -> tuple[Complex, Complex, Complex]:
    """Return a basis of the smallest space that holds a vector and that matrices leave invariant.

    Parameters
    ----------
    matrices
        Hermitian matrices of order N.
    start
        The vector, normalised, shape ``(N,)``.
    dimension
        The dimension d of the space, which is known.
    rng
        Random stream of the basis.

    Returns
    -------
    basis, inside, state
        Orthonormal columns, shape ``(N, d)``, and the matrices, shape ``(m, d, d)``, and the vector
        in terms of them.

    Raises
    ------
    RuntimeError
        If floating point finds another number of dimensions.
    """
    scales = [np.abs(matrix.data).max(initial=1e-300) for matrix in matrices]

    def evolved(columns: Complex) -> Complex:
        mixed = sum(
            float(weight) / scale * matrix
            for weight, scale, matrix in zip(
                rng.standard_normal(len(matrices)), scales, matrices, strict=True
            )
        )
        time = LENGTH / max(float(abs(mixed).sum(axis=0).max()), 1e-300)
        return np.asarray(expm_multiply(-1j * time * mixed, columns, traceA=0.0))

    walkers = start[:, None]
    for _ in range(min(BATCH, 2 * dimension) - 1):
        walkers = np.concatenate([walkers, evolved(walkers[:, -1:])], axis=1)
    basis = np.zeros((len(start), 0), dtype=np.complex128)
    # Far more steps than it takes: the walkers are new random vectors of the space at each.
    for _ in range(STEPS + dimension):
        rests = walkers
        for _ in range(2):
            rests = rests - basis @ (basis.conj().T @ rests)
        directions, values, _ = np.linalg.svd(rests, full_matrices=False)
        new = directions[:, values > WEAKEST][:, : dimension - basis.shape[1]]
        new = new - basis @ (basis.conj().T @ new)
        basis = np.concatenate([basis, np.linalg.qr(new)[0]], axis=1)
        if basis.shape[1] == dimension:
            break
        walkers = evolved(walkers)
    inside = np.array([basis.conj().T @ (matrix @ basis) for matrix in matrices])
    errors = [
        np.abs(matrix @ basis - basis @ block).max() / scale
        for matrix, block, scale in zip(matrices, inside, scales, strict=True)
    ]
    if basis.shape[1] != dimension or max(errors) > TOLERANCE:
        raise RuntimeError(
            f"floating point found {basis.shape[1]} of {dimension} dimensions of the space that "
            f"the ansatz can reach, with an error of {max(errors):.1e}; call again with another "
            "random stream"
        )
    return basis, inside, np.asarray(basis.conj().T @ start)
