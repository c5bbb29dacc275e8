"""The problems that are trained: observables by name, their lowest eigenvalues, and the terms that an encoder may be made for."""

from __future__ import annotations

from functools import reduce

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.linalg import eigsh

from trainscape.physics.hamiltonians import (
    biased_heisenberg,
    global_z,
    heisenberg,
    random_pauli,
    transverse_field_ising,
)
from trainscape.physics.pauli import PauliString, PauliSum

__all__ = [
    "ISING_FIELD",
    "encodable_terms",
    "ground_energy",
    "locality",
    "observable",
    "published_terms",
]

ISING_FIELD = 2.0
"""Field of the Ising ring, at coupling 1."""

_DENSE = 64


def observable(name: str, num_qubits: int, rng: np.random.Generator) -> PauliSum:
    """Return the observable `name`; only ``random_pauli`` takes numbers from `rng`."""
    match name:
        case "global_z":
            return global_z(num_qubits)
        case "heisenberg":
            return heisenberg(num_qubits)
        case "biased_heisenberg":
            return biased_heisenberg(num_qubits)
        case "tfim":
            return transverse_field_ising(num_qubits, 1.0, ISING_FIELD)
        case "random_pauli":
            return PauliSum(((1.0, random_pauli(num_qubits, rng)),))
    raise ValueError(
        f"unknown observable {name!r} of a training problem; known are global_z, heisenberg, biased_heisenberg, tfim, random_pauli"
    )


def encodable_terms(name: str, pauli_sum: PauliSum) -> range:
    """Return the indices of the terms that an encoder is made for: all, but for ``biased_heisenberg`` only the three products on all qubits, as published."""
    count = len(pauli_sum.terms)
    return range(count - 3, count) if name == "biased_heisenberg" else range(count)


def published_terms(name: str, pauli_sum: PauliSum) -> list[int]:
    """Return `encodable_terms` in the order of the public code, whose published runs draw a number in this list.

    It lists terms along the chain from the last qubit on: for each bond XX, YY, ZZ; for the Ising ring for each site its field and its bond, and the bond that closes the ring at the
    end.
    """
    last = pauli_sum.num_qubits - 1

    def place(index: int) -> tuple[bool, int, int, str]:
        string = pauli_sum.terms[index][1]
        end = max(string.support)
        return (
            last > 1 and string.support == (0, last),
            -end,
            len(string.support),
            string.label[end],
        )

    return sorted(encodable_terms(name, pauli_sum), key=place)


def locality(pauli_sum: PauliSum) -> int:
    """Return S, the largest number of qubits that a term acts on."""
    return max(len(string.support) for _, string in pauli_sum.terms)


def ground_energy(pauli_sum: PauliSum, rng: np.random.Generator) -> float:
    """Return the lowest eigenvalue: of one string minus the absolute weight, else by diagonalisation (Lanczos above 6 qubits).

    `rng` gives the first vector of the Lanczos iteration; a plain one may be orthogonal to the ground state.
    """
    if len(pauli_sum.terms) == 1:
        return -abs(pauli_sum.terms[0][0])
    dimension = 2**pauli_sum.num_qubits
    matrix = reduce(
        lambda total, term: total + term[0] * _sparse(term[1]),
        pauli_sum.terms,
        csr_array((dimension, dimension)),
    )
    if dimension <= _DENSE:
        return float(np.linalg.eigvalsh(matrix.toarray())[0])
    return float(
        eigsh(
            matrix,
            k=1,
            which="SA",
            v0=rng.standard_normal(dimension),
            tol=1e-12,
            return_eigenvectors=False,
        )[0]
    )


def _sparse(string: PauliString) -> csr_array:
    """Return a string as a sparse matrix: one entry in each row, in the column that its X and Y flip the row to."""
    rows = np.arange(2**string.num_qubits)
    shifts = np.arange(string.num_qubits)[::-1]
    flips = sum(
        1 << int(shift)
        for letter, shift in zip(string.label, shifts, strict=True)
        if letter in "XY"
    )
    signs: NDArray[np.complex128] = np.ones(len(rows), dtype=np.complex128)
    for letter, shift in zip(string.label, shifts, strict=True):
        bit = rows >> int(shift) & 1
        if letter == "Z":
            signs *= 1 - 2 * bit
        elif letter == "Y":
            # <0|Y|1> = -i, <1|Y|0> = i
            signs *= 1j * (2 * bit - 1)
    return csr_array((signs, (rows, rows ^ flips)), shape=(len(rows), len(rows)))
