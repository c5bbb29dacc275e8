r"""Density matrices and observables as real vectors of Pauli components.

A state is :math:`r_P = \mathrm{Tr}(P \rho)` for all :math:`4^n` Pauli strings P, an observable
:math:`O = \sum_P w_P P`, and its expectation value :math:`\sum_P w_P r_P`. A string is the number
whose digits of base 4 are its letters, I, X, Y, Z = 0, 1, 2, 3, that of qubit 0 being the most
significant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.observables import Observable, observable_matrix
from trainscape.physics.pauli import PAULI_MATRICES, PauliSum

__all__ = [
    "density_matrices",
    "digits",
    "observable_vector",
    "pauli_vectors",
    "string_number",
]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Whole = NDArray[np.int64]

LETTERS = "IXYZ"
_TO_PAULI: Complex = np.array([PAULI_MATRICES[letter].T.reshape(4) for letter in LETTERS])
"""Row P has Tr(P |a><b|) for the matrix elements a, b."""


def digits(num_qubits: int) -> Whole:
    """Return the letter of each string on each qubit as a digit, shape ``(n, 4**n)``."""
    numbers = np.arange(4**num_qubits)
    return np.array([numbers // 4 ** (num_qubits - 1 - q) % 4 for q in range(num_qubits)])


def string_number(label: str) -> int:
    """Return the number of a string of one letter a qubit."""
    return sum(LETTERS.index(a) * 4**place for place, a in enumerate(reversed(label)))


def _by_qubit(tensor: Complex, matrix: Complex, num_qubits: int) -> Complex:
    """Apply a 4 x 4 matrix to each of the axes 1 to n."""
    for axis in range(1, num_qubits + 1):
        tensor = np.moveaxis(np.tensordot(matrix, tensor, axes=(1, axis)), 0, axis)
    return tensor


def _pairs(num_qubits: int) -> list[int]:
    """Return the axes of row and column indices in pairs, one for each qubit, after the first."""
    return [0, *(axis for q in range(num_qubits) for axis in (1 + q, 1 + num_qubits + q))]


def pauli_vectors(matrices: Complex) -> Real:
    """Return the Pauli components of Hermitian matrices, ``(S, 2**n, 2**n)`` to ``(S, 4**n)``."""
    samples, size, _ = matrices.shape
    n = size.bit_length() - 1
    tensor = matrices.reshape(samples, *(2,) * (2 * n)).transpose(_pairs(n))
    components = _by_qubit(tensor.reshape(samples, *(4,) * n), _TO_PAULI, n)
    return np.ascontiguousarray(components.real).reshape(samples, 4**n)


def density_matrices(vectors: Real) -> Complex:
    """Return the matrices with given Pauli components, ``(S, 4**n)`` to ``(S, 2**n, 2**n)``."""
    samples, size = vectors.shape
    n = (size.bit_length() - 1) // 2
    tensor = vectors.astype(np.complex128).reshape(samples, *(4,) * n)
    elements = _by_qubit(tensor, _TO_PAULI.conj().T / 2, n).reshape(samples, *(2,) * (2 * n))
    order = np.argsort(_pairs(n))
    return np.ascontiguousarray(elements.transpose(order)).reshape(samples, 2**n, 2**n)


def _terms(observable: PauliSum) -> Iterator[tuple[int, float]]:
    for weight, string in observable.terms:
        yield string_number(string.label), weight


def observable_vector(observable: Observable) -> Real:
    """Return the weights w of an observable, shape ``(4**n,)``."""
    n = observable.num_qubits
    if isinstance(observable, PauliSum):
        weights = np.zeros(4**n)
        for number, weight in _terms(observable):
            weights[number] += weight
        return weights
    return np.asarray(pauli_vectors(observable_matrix(observable)[None])[0] / 2**n)


def embedded(num_qubits: int, qubits: Sequence[int], table: Whole) -> Whole:
    """Return where each string goes if its letters on some qubits are changed by a table.

    Parameters
    ----------
    num_qubits
        Size n of the register.
    qubits
        The k qubits, the first being the most significant.
    table
        New number of each string on these qubits, shape ``(4**k,)``.

    Returns
    -------
    numpy.ndarray
        New number of each string on the register, shape ``(4**n,)``.
    """
    letters = digits(num_qubits)
    local = np.zeros(4**num_qubits, dtype=np.int64)
    for qubit in qubits:
        local = 4 * local + letters[qubit]
    changed = table[local]
    result = np.arange(4**num_qubits)
    for place, qubit in enumerate(reversed(qubits)):
        step = 4 ** (num_qubits - 1 - qubit)
        result += (changed // 4**place % 4 - letters[qubit]) * step
    return result


def local_numbers(num_qubits: int, qubits: Sequence[int]) -> Whole:
    """Return, for each string, the number of its part on some qubits, shape ``(4**n,)``."""
    letters = digits(num_qubits)
    local = np.zeros(4**num_qubits, dtype=np.int64)
    for qubit in qubits:
        local = 4 * local + letters[qubit]
    return local
