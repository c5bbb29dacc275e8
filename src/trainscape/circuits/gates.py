"""The gates of a circuit.

They are Pauli rotations, evolutions under any Hermitian generator, fixed gates given by name, fixed
unitaries given by a matrix, and noise (`trainscape.circuits.channels`).

Several gates may share a parameter. All gates are immutable and hashable. Engines see only Pauli
rotations and seven fixed gates, and evolutions that cannot be written with them:
`trainscape.circuits.lowering` rewrites all others, exactly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainscape.circuits.channels import Channel
from trainscape.circuits.periodic_angles import reduced_angle
from trainscape.physics.pauli import PAULI_MATRICES, PauliString, PauliSum

__all__ = [
    "FIXED_GATES",
    "GATE_MATRICES",
    "MAX_UNITARY_QUBITS",
    "Evolution",
    "FixedGate",
    "Gate",
    "PauliRotation",
    "Unitary",
]

Complex = NDArray[np.complex128]


def _controlled(matrix: Complex) -> Complex:
    return np.block([[np.eye(2), np.zeros((2, 2))], [np.zeros((2, 2)), matrix]])


_S = np.diag([1, 1j])
_T = np.diag([1, np.exp(0.25j * np.pi)])
_SX = np.array([[0.5 + 0.5j, 0.5 - 0.5j], [0.5 - 0.5j, 0.5 + 0.5j]])
_SWAP = np.eye(4, dtype=np.complex128)[[0, 2, 1, 3]]

GATE_MATRICES: Mapping[str, Complex] = {
    "H": np.array([[1, 1], [1, -1]], dtype=np.complex128) / math.sqrt(2.0),
    "S": _S,
    "SDG": _S.conj(),
    "SX": _SX,
    "SXDG": _SX.conj().T,
    "T": _T,
    "TDG": _T.conj(),
    **{letter: PAULI_MATRICES[letter] for letter in "XYZ"},
    **{f"C{letter}": _controlled(PAULI_MATRICES[letter]) for letter in "XYZ"},
    "ISWAP": _SWAP * np.array([1, 1j, 1j, 1]),
    "SWAP": _SWAP,
}
"""Matrices of the fixed gates, the first qubit being the most significant one.

SX is the square root of X with eigenvalues 1 and i.
"""

FIXED_GATES: Mapping[str, int] = {
    name: len(matrix).bit_length() - 1 for name, matrix in GATE_MATRICES.items()
}
"""Fixed gates and the number of qubits they act on.

CX and CY take (control, target); the suffix DG marks the inverse. All but T and TDG are Clifford
gates.
"""

MAX_UNITARY_QUBITS = 4
"""Largest number of qubits of a `Unitary`, and of an `Evolution` given by a matrix."""

_HERMITIAN = 1e-10
_UNITARY = 1e-10


@dataclass(frozen=True)
class PauliRotation:
    """The gate ``exp(-i scale theta[parameter] P / 2)``.

    Parameters
    ----------
    pauli
        Letters of the product P, one of ``XYZ`` for each entry of `qubits`.
    qubits
        Distinct qubits that P acts on.
    parameter
        Index into the parameter vector.
    scale
        Real factor of the parameter.

    See Also
    --------
    Evolution.of_pauli : with a constant angle, or a constant part of the angle.
    """

    pauli: str
    qubits: tuple[int, ...]
    parameter: int
    scale: float = 1.0

    def __post_init__(self) -> None:
        if not self.pauli or set(self.pauli) - set("XYZ"):
            raise ValueError(
                f"a rotation about {self.pauli!r} on qubits {self.qubits}: use letters X, Y, Z "
                "only, and at least one (leave identities out)"
            )
        if len(self.pauli) != len(self.qubits):
            raise ValueError(
                f"a rotation about {self.pauli!r} needs {len(self.pauli)} qubits, but has "
                f"{self.qubits}"
            )
        what = f"a rotation about {self.pauli!r}"
        _check_distinct(what, self.qubits)
        _check_angle(f"{what} on qubits {self.qubits}", self.parameter, self.scale, 0.0)


@dataclass(frozen=True)
class Evolution:
    """The gate ``exp(-i t H)`` with ``t = scale theta[parameter] + offset``.

    It is a time evolution, a diagonal layer, or a rotation about any Hermitian generator. There is
    no factor 1/2: the rotation about P, `of_pauli`, has ``H = P / 2``.

    Parameters
    ----------
    hamiltonian
        The generator H on ``len(qubits)`` qubits. Its identity part would only change the global
        phase, and is not allowed.
    qubits
        Distinct qubits; letter k of every term of H acts on ``qubits[k]``.
    parameter
        Index into the parameter vector, or None for the constant time `offset`.
    scale
        Real factor of the parameter.
    offset
        Constant part of the time, in units of the inverse of H's.

    See Also
    --------
    Evolution.of_pauli : rotation about a Pauli product.
    Evolution.of_matrix : from a Hermitian matrix.
    Evolution.of_diagonal : from the diagonal of a diagonal matrix.
    """

    hamiltonian: PauliSum
    qubits: tuple[int, ...]
    parameter: int | None
    scale: float = 1.0
    offset: float = 0.0

    def __post_init__(self) -> None:
        if self.hamiltonian.num_qubits != len(self.qubits):
            raise ValueError(
                f"an evolution on qubits {self.qubits} needs a generator with {len(self.qubits)} "
                f"letters a term, but {self.hamiltonian.terms[0][1].label!r} "
                f"has {self.hamiltonian.num_qubits}"
            )
        for _, string in self.hamiltonian.terms:
            if not string.support:
                raise ValueError(
                    f"the generator of an evolution on qubits {self.qubits} has the identity term "
                    f"{string.label!r}, which only changes the global phase; "
                    "leave it out"
                )
        _check_distinct("an evolution", self.qubits)
        _check_angle(
            f"an evolution on qubits {self.qubits}", self.parameter, self.scale, self.offset
        )

    @classmethod
    def of_pauli(
        cls,
        pauli: str,
        qubits: tuple[int, ...],
        parameter: int | None,
        scale: float = 1.0,
        offset: float = 0.0,
    ) -> Evolution:
        """Return the rotation ``exp(-i t P / 2)`` with ``t = scale theta[parameter] + offset``.

        Parameters as for `PauliRotation`.
        """
        PauliRotation(pauli, qubits, 0)  # checks the letters
        half = PauliSum(((0.5, PauliString(pauli)),))
        small = reduced_angle(offset) if math.isfinite(offset) else offset
        return cls(half, qubits, parameter, scale, small)

    @classmethod
    def of_matrix(
        cls,
        matrix: ArrayLike,
        qubits: tuple[int, ...],
        parameter: int | None,
        scale: float = 1.0,
        offset: float = 0.0,
    ) -> Evolution:
        """Return the evolution under a Hermitian matrix, without its trace part.

        Parameters
        ----------
        matrix
            Shape ``(2**k, 2**k)`` for k qubits, at most 4.
        qubits, parameter, scale, offset
            As for the class.

        Raises
        ------
        ValueError
            If the matrix has another shape, is not Hermitian to 1e-10 of its largest entry, or is a
            multiple of the identity.
        """
        what = f"the generator of an evolution on qubits {qubits}"
        array = _square(what, matrix, qubits)
        excess = float(np.abs(array - array.conj().T).max())
        if excess > _HERMITIAN * max(1.0, float(np.abs(array).max())):
            row, column = np.unravel_index(np.abs(array - array.conj().T).argmax(), array.shape)
            raise ValueError(
                f"{what} is not Hermitian: entry ({row}, {column}) and the conjugate of entry "
                f"({column}, {row}) differ by {excess:.3g}; pass a Hermitian matrix, such as (G + "
                "G^dagger) / 2"
            )
        return cls(PauliSum.of_matrix(array, identity=False), qubits, parameter, scale, offset)

    @classmethod
    def of_diagonal(
        cls,
        diagonal: ArrayLike,
        qubits: tuple[int, ...],
        parameter: int | None,
        scale: float = 1.0,
        offset: float = 0.0,
    ) -> Evolution:
        """Return the evolution under a real diagonal matrix, without its trace part.

        Parameters
        ----------
        diagonal
            Entries, shape ``(2**k,)`` for k qubits.
        qubits, parameter, scale, offset
            As for the class.

        Raises
        ------
        ValueError
            If the entries are not ``2**k`` finite real numbers, or all equal.
        """
        values = np.asarray(diagonal)
        if (
            values.shape != (2 ** len(qubits),)
            or not np.isrealobj(values)
            or not np.isfinite(values).all()
        ):
            raise ValueError(
                f"the diagonal of an evolution on qubits {qubits} needs {2 ** len(qubits)} finite "
                f"real numbers, not an array of shape {values.shape} and type {values.dtype}"
            )
        return cls(
            PauliSum.of_diagonal(values.astype(np.float64), identity=False),
            qubits,
            parameter,
            scale,
            offset,
        )


@dataclass(frozen=True)
class FixedGate:
    """A gate without parameters.

    Parameters
    ----------
    name
        One of `FIXED_GATES`.
    qubits
        Distinct qubits; for CX and CY in the order (control, target).
    """

    name: str
    qubits: tuple[int, ...]

    def __post_init__(self) -> None:
        if self.name not in FIXED_GATES:
            raise ValueError(
                f"unknown fixed gate {self.name!r} on qubits {self.qubits}; known are "
                f"{', '.join(FIXED_GATES)}"
            )
        if len(self.qubits) != FIXED_GATES[self.name]:
            raise ValueError(
                f"the gate {self.name} acts on {FIXED_GATES[self.name]} qubit(s), but was given "
                f"{self.qubits}"
            )
        _check_distinct(f"the gate {self.name}", self.qubits)


@dataclass(frozen=True)
class Unitary:
    """A fixed gate given by its matrix.

    Parameters
    ----------
    matrix
        Rows of the unitary matrix of order ``2**k``, with ``qubits[0]`` the most significant bit of
        its index. `Unitary.of` takes any array.
    qubits
        Distinct qubits, at most 4.
    """

    matrix: tuple[tuple[complex, ...], ...]
    qubits: tuple[int, ...]

    def __post_init__(self) -> None:
        what = f"the unitary on qubits {self.qubits}"
        _check_distinct(what, self.qubits)
        array = _square(what, self.matrix, self.qubits)
        error = float(np.abs(array @ array.conj().T - np.eye(len(array))).max())
        if error > _UNITARY:
            raise ValueError(
                f"{what} is not unitary: U U^dagger differs from the identity by {error:.3g}; "
                "check the order of its entries"
            )

    @classmethod
    def of(cls, matrix: ArrayLike, qubits: tuple[int, ...]) -> Unitary:
        """Return the gate of an array of shape ``(2**k, 2**k)``."""
        array = _square(f"the unitary on qubits {qubits}", matrix, qubits)
        return cls(tuple(tuple(complex(entry) for entry in row) for row in array), qubits)

    def array(self) -> NDArray[np.complex128]:
        """Return the matrix, shape ``(2**k, 2**k)``."""
        return np.array(self.matrix, dtype=np.complex128)


Gate = PauliRotation | Evolution | FixedGate | Unitary | Channel
"""What a circuit is a list of; a channel is noise, and makes the state a mixture."""


def _check_distinct(what: str, qubits: tuple[int, ...]) -> None:
    if len(set(qubits)) != len(qubits):
        raise ValueError(f"{what} names a qubit twice: {qubits}")


def _check_angle(what: str, parameter: int | None, scale: float, offset: float) -> None:
    if parameter is not None and parameter < 0:
        raise ValueError(f"{what} has the negative parameter index {parameter}")
    for name, number in (("scale", scale), ("offset", offset)):
        if not math.isfinite(number):
            raise ValueError(f"{what} has the {name} {number}, which is not a finite number")


def _square(what: str, matrix: ArrayLike, qubits: tuple[int, ...]) -> NDArray[np.complex128]:
    """Return a matrix as an array after checking its shape and entries."""
    if not 1 <= len(qubits) <= MAX_UNITARY_QUBITS:
        raise ValueError(
            f"{what} acts on {len(qubits)} qubits; matrices may act on 1 to {MAX_UNITARY_QUBITS}"
        )
    array = np.asarray(matrix, dtype=np.complex128)
    size = 2 ** len(qubits)
    if array.shape != (size, size):
        raise ValueError(
            f"{what} has shape {array.shape}, but {len(qubits)} qubit(s) need ({size}, {size})"
        )
    if not np.isfinite(array).all():
        raise ValueError(f"{what} has entries that are not finite numbers")
    return array
