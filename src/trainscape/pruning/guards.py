"""What a pruned ansatz can still do: the sector of its start state, and the floor of its energy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, identity
from scipy.sparse.linalg import eigsh

from trainscape.physics.effective_dimension import Limits, effective_dimension
from trainscape.physics.effective_subspace import effective_subspace
from trainscape.physics.generator_files import pauli_matrix
from trainscape.physics.modular_closure import ClosureLimitError
from trainscape.physics.orbit_subspace import orbit_subspace
from trainscape.physics.pauli import PauliSum
from trainscape.physics.pauli_symmetries import symmetry_eigenvalue
from trainscape.physics.qubit_orbits import OrbitLimitError
from trainscape.physics.term_graph import permuted
from trainscape.pruning.result import PrunedAnsatz

__all__ = ["Assessment", "WrongSectorError", "assess", "check_sector"]

SECTOR_QUBITS = 14
"""Largest register whose ground energy is computed in every sector."""
DIMENSION_QUBITS = 12
"""Largest register for which the effective dimension is computed whatever the symmetry."""
SYMMETRIC = Limits(orbits=8192, permutations=2000, dimensions=5000)
"""On larger registers it is computed as far as this goes: a minute or two at worst."""
CODE_QUBITS = 62
"""Largest register whose basis states have numbers as codes."""
FLOOR_QUBITS = 10
"""Largest register for which the floor is computed whatever the effective dimension."""
LARGE_FLOOR_QUBITS, LARGE_FLOOR_DIMENSIONS = 12, 64
"""Largest register, and largest effective dimension on more than `FLOOR_QUBITS`, for which it is.

Vectors of all amplitudes evolve until there are as many: some seconds.
"""
ORBIT_FLOOR_QUBITS, ORBIT_FLOOR_DIMENSIONS = 16, 256
"""The same for product states without a qubit in 0 or 1, whose space is found in orbits."""

EQUAL_ENERGIES = 1e-8
"""Energies that differ by less, in units of the sum of the weights, are the same."""
FIELD = 1e-6
"""Strength of the field that tells degenerate ground states apart, in the same units."""
DENSE = 64
"""Largest dimension that is diagonalised densely."""


class WrongSectorError(ValueError):
    """The start state has other quantum numbers than every ground state."""


@dataclass(frozen=True)
class Assessment:
    """What the pruned ansatz can reach; None where the register is too large to compute it.

    Parameters
    ----------
    effective_dimension
        Dimension of the space that it reaches, see `trainscape.physics.effective_dimension`.
    reachable
        Whether a ground state can be reached: the space contains one, and the start state has no
        weight in irreps of the space that contain none.
    floor
        Energy below which the ansatz never gets, above the ground energy; zero if it is reachable.
    ground_energy
        Lowest eigenvalue of the Hamiltonian.
    """

    effective_dimension: int | None = None
    reachable: bool | None = None
    floor: float | None = None
    ground_energy: float | None = None


def check_sector(pruned: PrunedAnsatz, rng: np.random.Generator) -> None:
    """Make sure that a ground state has the quantum numbers of the start state.

    Registers of more than `SECTOR_QUBITS` qubits are not checked.

    Parameters
    ----------
    pruned
        The pruned ansatz.
    rng
        Draws the first vectors of Lanczos iterations.

    Raises
    ------
    WrongSectorError
        If not; the message names the right sector.
    """
    symmetries = pruned.kept_symmetries
    if not symmetries or pruned.hamiltonian.num_qubits > SECTOR_QUBITS:
        return
    values = [symmetry_eigenvalue(symmetry, pruned.start) for symmetry in symmetries]
    own = [value for value in values if value is not None]
    scale = sum(abs(weight) for weight, _ in pruned.hamiltonian.terms)
    full = pauli_matrix(pruned.hamiltonian).astype(np.complex128)
    matrices = [pauli_matrix(symmetry).astype(np.complex128) for symmetry in symmetries]
    sector = full
    for matrix, value in zip(matrices, own, strict=True):
        shifted = matrix - value * identity(full.shape[0])
        sector = sector + 4.0 * scale * (shifted @ shifted)
    if _lowest(sector, rng)[0] <= _lowest(full, rng)[0] + EQUAL_ENERGIES * scale:
        return
    # Among degenerate ground states, a weak field along the symmetries chooses a common eigenstate.
    field = sum(
        FIELD * scale * float(weight) * matrix
        for weight, matrix in zip(rng.uniform(0.5, 1.0, len(matrices)), matrices, strict=True)
    )
    state = _lowest(full + field, rng)[1]
    right = [float(np.vdot(state, matrix @ state).real.round(6)) + 0.0 for matrix in matrices]
    differing = [index for index in range(len(own)) if own[index] != right[index]]
    raise WrongSectorError(
        f"the start state |{pruned.start}> has {_written(symmetries, own, differing)}, but the "
        f"ground state {_written(symmetries, right, differing)}: an ansatz that keeps these "
        "symmetries never gets there. Start from a state of the right sector"
    )


def _lowest(matrix: csr_matrix, rng: np.random.Generator) -> tuple[float, NDArray[np.complex128]]:
    """Return the lowest eigenvalue of a Hermitian matrix, and an eigenvector."""
    order = matrix.shape[0]
    if order <= DENSE:
        values, vectors = np.linalg.eigh(matrix.toarray())
    else:
        start = rng.standard_normal(order)
        values, vectors = eigsh(matrix, k=1, which="SA", v0=start, tol=1e-12)
    return float(values[0]), np.asarray(vectors[:, 0], dtype=np.complex128)


def _written(symmetries: Sequence[PauliSum], values: Sequence[float], chosen: Sequence[int]) -> str:
    parts = []
    for index in chosen:
        item = symmetries[index]
        single = len(item.terms) == 1
        name = item.terms[0][1].label if single else str(item).replace("1.0*", "")
        parts.append(f"{name} = {values[index]:+.6g}")
    return ", ".join(parts)


def assess(pruned: PrunedAnsatz, rng: np.random.Generator) -> Assessment:
    """Return what the pruned ansatz can reach.

    Parameters
    ----------
    pruned
        The pruned ansatz.
    rng
        Random stream of the basis and of Lanczos iterations; the result does not depend on it.
    """
    n = pruned.hamiltonian.num_qubits
    generators = list(dict.fromkeys(block.total for layer in pruned.layers for block in layer))
    fixing = _fixing(pruned, generators)
    if n > FLOOR_QUBITS:
        if n > DIMENSION_QUBITS:
            dimension = _symmetric_dimension(pruned, generators, fixing)
        else:
            dimension = effective_dimension(generators, pruned.start)
        if not _has_floor(n, dimension, pruned.start):
            return Assessment(dimension)
    find = orbit_subspace if n > LARGE_FLOOR_QUBITS else effective_subspace
    space = find(generators, pruned.start, rng, fixing)
    floor = space.floor(pruned.hamiltonian, rng)
    reachable = floor.contains_ground_state()
    return Assessment(
        space.dimension, reachable, 0.0 if reachable else floor.gap, floor.ground_energy
    )


def _has_floor(n: int, dimension: int | None, start: str) -> bool:
    """Return whether the floor is computed on more than `FLOOR_QUBITS` qubits."""
    if dimension is None:
        return False
    if n <= LARGE_FLOOR_QUBITS:
        return dimension <= LARGE_FLOOR_DIMENSIONS
    small = n <= ORBIT_FLOOR_QUBITS and dimension <= ORBIT_FLOOR_DIMENSIONS
    return small and not set(start) & set("01()")


def _fixing(pruned: PrunedAnsatz, generators: Sequence[PauliSum]) -> list[tuple[int, ...]]:
    """Return the permutations found that leave every generator as it is, and the start state.

    They change no result, only its time. Pairs of a start state of singlets are no letters.
    """
    if "(" in pruned.start or pruned.hamiltonian.num_qubits <= FLOOR_QUBITS:
        return []
    return [
        permutation
        for permutation in pruned.tying.generators
        if all(set(permuted(item, permutation).terms) == set(item.terms) for item in generators)
    ]


def _symmetric_dimension(
    pruned: PrunedAnsatz, generators: Sequence[PauliSum], fixing: Sequence[tuple[int, ...]]
) -> int | None:
    """Return the effective dimension where basis states have few orbits, else None."""
    if pruned.hamiltonian.num_qubits > CODE_QUBITS:
        return None
    try:
        return effective_dimension(generators, pruned.start, fixing, limits=SYMMETRIC)
    except (OrbitLimitError, ClosureLimitError):
        return None
