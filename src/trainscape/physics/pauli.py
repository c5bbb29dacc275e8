"""Pauli strings and real-weighted sums of them, the observables of every problem.

A string is written with one letter a qubit, leftmost letter = qubit 0 = most significant bit of the
basis-state index, so that ``matrix("ZI") = Z (x) I`` in the order of the Kronecker product. A sum
is written ``"0.5*ZZII - XIII + 2*IIYY"``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["PAULI_MATRICES", "PauliString", "PauliSum"]

PAULI_MATRICES: Mapping[str, NDArray[np.complex128]] = {
    "I": np.eye(2, dtype=np.complex128),
    "X": np.array([[0, 1], [1, 0]], dtype=np.complex128),
    "Y": np.array([[0, -1j], [1j, 0]], dtype=np.complex128),
    "Z": np.array([[1, 0], [0, -1]], dtype=np.complex128),
}
"""The 2 x 2 matrices of the four letters."""

_X_BITS = str.maketrans("IXYZ", "0110")
_Z_BITS = str.maketrans("IXYZ", "0011")


@dataclass(frozen=True, order=True)
class PauliString:
    """A tensor product of Pauli matrices.

    Parameters
    ----------
    label
        One letter of ``IXYZ`` a qubit; the leftmost letter acts on qubit 0.

    Examples
    --------
    >>> PauliString("ZIX").support
    (0, 2)
    """

    label: str

    def __post_init__(self) -> None:
        wrong = sorted(set(self.label) - set("IXYZ"))
        if not self.label or wrong:
            reason = f"has the letters {', '.join(wrong)}" if wrong else "is empty"
            raise ValueError(
                f"the Pauli string {self.label!r} {reason}; write one letter of I, X, Y, Z for "
                "each qubit, as in 'ZZII'"
            )

    @classmethod
    def on(cls, num_qubits: int, letters: Mapping[int, str]) -> PauliString:
        """Return the string on `num_qubits` qubits with the given letters, and I elsewhere."""
        for qubit in letters:
            if not 0 <= qubit < num_qubits:
                raise ValueError(
                    f"a Pauli letter on qubit {qubit} lies outside a register of {num_qubits} "
                    f"qubits (0 to {num_qubits - 1})"
                )
        return cls("".join(letters.get(qubit, "I") for qubit in range(num_qubits)))

    @property
    def num_qubits(self) -> int:
        """Number of qubits of the register."""
        return len(self.label)

    @property
    def support(self) -> tuple[int, ...]:
        """Qubits on which the string is not the identity, ascending."""
        return tuple(qubit for qubit, letter in enumerate(self.label) if letter != "I")

    @property
    def x_mask(self) -> int:
        """Bits of the basis-state index that X or Y flips; qubit 0 is the most significant bit."""
        return int(self.label.translate(_X_BITS), 2)

    @property
    def z_mask(self) -> int:
        """Bits of the basis-state index that give a sign: those with Z or Y."""
        return int(self.label.translate(_Z_BITS), 2)

    def restricted(self, qubits: Iterable[int]) -> PauliString:
        """Return the letters on `qubits`, in that order, as a string on a smaller register."""
        return PauliString("".join(self.label[qubit] for qubit in qubits))

    def matrix(self) -> NDArray[np.complex128]:
        """Return the dense matrix, shape ``(2**n, 2**n)``."""
        matrix: NDArray[np.complex128] = np.ones((1, 1), dtype=np.complex128)
        for letter in self.label:
            matrix = np.asarray(np.kron(matrix, PAULI_MATRICES[letter]), dtype=np.complex128)
        return matrix

    def __str__(self) -> str:
        return self.label


@dataclass(frozen=True)
class PauliSum:
    """A Hermitian observable: a sum of Pauli strings with real weights.

    Parameters
    ----------
    terms
        Pairs (weight, string), all on the same number of qubits, each string at most once.
    """

    terms: tuple[tuple[float, PauliString], ...]

    def __post_init__(self) -> None:
        if not self.terms:
            raise ValueError(
                "a Pauli sum needs at least one term; write '0*I...I' for the zero observable"
            )
        first = self.terms[0][1]
        seen = set()
        for weight, string in self.terms:
            if string.num_qubits != first.num_qubits:
                raise ValueError(
                    f"the Pauli strings {first.label!r} and {string.label!r} of one sum act on "
                    f"{first.num_qubits} and {string.num_qubits} qubits; "
                    "pad the shorter one with I"
                )
            if not math.isfinite(weight):
                raise ValueError(
                    f"the weight {weight} of the Pauli string {string.label!r} is not a finite "
                    "number"
                )
            if string in seen:
                raise ValueError(
                    f"the Pauli string {string.label!r} occurs twice in one sum; build the sum "
                    "with PauliSum.of, which adds the weights"
                )
            seen.add(string)
        if not math.isfinite(sum(abs(weight) for weight, _ in self.terms)):
            raise ValueError(
                "the weights of a Pauli sum add up to more than a floating-point number can hold; "
                "divide them by a common factor"
            )

    @classmethod
    def of(cls, terms: Iterable[tuple[float, PauliString | str]]) -> PauliSum:
        """Return the sum of `terms` in order of first occurrence; equal strings are added."""
        weights: dict[PauliString, float] = {}
        for weight, string in terms:
            key = PauliString(string) if isinstance(string, str) else string
            weights[key] = weights.get(key, 0.0) + float(weight)
        return cls(tuple((weight, string) for string, weight in weights.items()))

    @classmethod
    def parse(cls, text: str, num_qubits: int | None = None) -> PauliSum:
        """Read a sum such as ``"0.5*ZZII - XIII"`` or ``"0.5 Z0 Z1 - X0"``.

        Without indices there is one letter for each qubit, and the leftmost acts on qubit 0. With
        indices, `num_qubits` is the size of the register; if it is left out, that of the terms
        without indices, or else one more than the largest index. See
        `trainscape.physics.pauli_text`.

        Raises
        ------
        ValueError
            If it cannot be read.
        """
        from trainscape.physics.pauli_text import read_pauli_sum

        return read_pauli_sum(text, num_qubits)

    @classmethod
    def of_matrix(cls, matrix: ArrayLike, *, identity: bool = True) -> PauliSum:
        """Return a Hermitian matrix as a Pauli sum, in alphabetical order of the strings.

        The coefficients are ``c_P = tr(P M) / 2**n``.

        Parameters
        ----------
        matrix
            The matrix, shape ``(2**n, 2**n)``; its anti-Hermitian part is ignored.
        identity
            Whether to keep the identity term.

        Raises
        ------
        ValueError
            If nothing is left. Coefficients that are rounding errors of zero are left out.
        """
        array = np.asarray(matrix, dtype=np.complex128)
        n = len(array).bit_length() - 1
        # Axes: row and column bit of each qubit in turn; each pair is then replaced by the four
        # letters.
        tensor = array.reshape((2,) * (2 * n)).transpose(
            [axis for qubit in range(n) for axis in (qubit, n + qubit)]
        )
        letters = np.stack([PAULI_MATRICES[letter] for letter in "IXYZ"])
        for _ in range(n):
            tensor = np.tensordot(tensor, letters.conj() / 2, axes=((0, 1), (1, 2)))
        return cls._of_coefficients(tensor.real, "IXYZ", identity)

    @classmethod
    def of_diagonal(cls, diagonal: ArrayLike, *, identity: bool = True) -> PauliSum:
        """Return a real diagonal matrix as a sum of Z strings; see `of_matrix`.

        Parameters
        ----------
        diagonal
            Entries, shape ``(2**n,)``.
        identity
            Whether to keep the identity term.
        """
        array = np.asarray(diagonal, dtype=np.float64)
        n = len(array).bit_length() - 1
        tensor = array.reshape((2,) * n)
        for _ in range(n):
            tensor = np.tensordot(tensor, np.array([[0.5, 0.5], [0.5, -0.5]]), axes=(0, 0))
        return cls._of_coefficients(tensor, "IZ", identity)

    @classmethod
    def _of_coefficients(
        cls, tensor: NDArray[np.float64], letters: str, identity: bool
    ) -> PauliSum:
        """Return the sum whose coefficients are indexed by one letter a qubit."""
        if not identity:
            tensor[(0,) * tensor.ndim] = 0.0
        rounding = 4 * np.finfo(np.float64).eps * float(np.abs(tensor).max())
        nonzero = np.argwhere(np.abs(tensor) > rounding)
        if not len(nonzero):
            raise ValueError(
                "the matrix is zero or a multiple of the identity; as an observable or a generator "
                "it does nothing"
            )
        return cls(
            tuple(
                (float(tensor[tuple(row)]), PauliString("".join(letters[k] for k in row)))
                for row in nonzero
            )
        )

    @property
    def num_qubits(self) -> int:
        """Number of qubits of the register."""
        return self.terms[0][1].num_qubits

    @property
    def support(self) -> tuple[int, ...]:
        """Qubits on which any term is not the identity, ascending."""
        return tuple(sorted({qubit for _, string in self.terms for qubit in string.support}))

    def all_commute(self) -> bool:
        """Return whether all terms commute with each other."""
        masks = [(string.x_mask, string.z_mask) for _, string in self.terms]
        if not any(x for x, _ in masks) or not any(z for _, z in masks):
            return True
        return not any(
            ((x & w).bit_count() + (z & v).bit_count()) % 2
            for k, (x, z) in enumerate(masks)
            for v, w in masks[:k]
        )

    def restricted(self, qubits: Iterable[int]) -> PauliSum:
        """Return the sum on the register of `qubits`, in that order; other letters must be I."""
        kept = tuple(qubits)
        lost = set(self.support) - set(kept)
        if lost:
            raise ValueError(
                f"the observable acts on the qubits {sorted(lost)}, which the restriction to "
                f"{kept} would drop"
            )
        return PauliSum(tuple((weight, string.restricted(kept)) for weight, string in self.terms))

    def matrix(self) -> NDArray[np.complex128]:
        """Return the dense Hermitian matrix, shape ``(2**n, 2**n)``."""
        size = 2**self.num_qubits
        total = np.zeros((size, size), dtype=np.complex128)
        for weight, string in self.terms:
            total += weight * string.matrix()
        return total

    def __str__(self) -> str:
        text = " + ".join(f"{weight!r}*{string.label}" for weight, string in self.terms)
        return text.replace("+ -", "- ")
