r"""Gates and channels as real linear maps of Pauli components.

A gate maps :math:`r_Q` to :math:`\mathrm{Tr}(U^\dagger Q U \rho)`. For the rotation
:math:`e^{-i t P / 2}` strings Q that commute with P stay, and for the others

.. math:: r_Q \to \cos t\; r_Q + \sin t\; s_Q r_{R}, \qquad s_Q R = -i Q P .

Clifford gates permute strings and change signs. Depolarising and dephasing multiply strings by
factors; amplitude damping also adds p times the string with I in the place of Z to that with Z.

Each map has its transpose, which carries observables backwards, and, if it has a parameter, the
bilinear form :math:`\lambda^T (dM / dt) M^{-1} r'` of its derivative by the angle.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.channels import Channel
from trainscape.circuits.gates import GATE_MATRICES, Evolution, FixedGate, Gate, PauliRotation
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.density.kernels import slopes, still_parts, turn
from trainscape.simulators.density.pauli_vectors import (
    density_matrices,
    digits,
    embedded,
    local_numbers,
    pauli_vectors,
)

__all__ = ["Operation", "Rotation", "operation"]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Whole = NDArray[np.int64]

_DIGIT = {"I": 0, "X": 1, "Y": 2, "Z": 3}
# The product of the letters a b is i^power times a letter.
_PRODUCT: Whole = np.array([[0, 1, 2, 3], [1, 0, 3, 2], [2, 3, 0, 1], [3, 2, 1, 0]])
_POWER: Whole = np.array([[0, 0, 0, 0], [0, 0, 1, 3], [0, 3, 0, 1], [0, 1, 3, 0]])


class Operation(Protocol):
    """A linear map of Pauli components, shape ``(S, 4**n)``.

    Attributes
    ----------
    parameter : int or None
        Index of its parameter.
    scale : float
        Factor of the parameter in the angle.
    """

    parameter: int | None
    scale: float

    def apply(self, vectors: Real, theta: Real) -> Real:
        """Return the images of states; the argument may be overwritten."""
        ...

    def transposed(self, vectors: Real, theta: Real) -> Real:
        """Return the images of observables under the transpose; the argument may be overwritten."""
        ...

    def slope(self, observables: Real, states: Real) -> Real:
        """Return the derivative by the angle, shape ``(S,)``, from states after the map."""
        ...


class _Constant:
    """A map without a parameter."""

    parameter: int | None = None
    scale: float = 0.0

    def slope(self, observables: Real, states: Real) -> Real:
        raise TypeError("a map without a parameter has no derivative")


class Rotation:
    """A rotation about a Pauli string."""

    def __init__(self, gate: PauliRotation, num_qubits: int) -> None:
        self.parameter: int | None = gate.parameter
        self.scale = gate.scale
        letters = digits(num_qubits)
        partner = np.arange(4**num_qubits)
        power = np.zeros(4**num_qubits, dtype=np.int64)
        for letter, qubit in zip(gate.pauli, gate.qubits, strict=True):
            own = letters[qubit]
            step = 4 ** (num_qubits - 1 - qubit)
            partner += (_PRODUCT[own, _DIGIT[letter]] - own) * step
            power += _POWER[own, _DIGIT[letter]]
        turned = np.flatnonzero(power % 2)
        self._still = np.flatnonzero(power % 2 == 0)
        # Each pair once. -i i^power is 1 for power 1 and -1 for power 3, and the other way round
        # for the partner.
        self._first = turned[turned < partner[turned]]
        self._second = partner[self._first]
        self._signs = np.where(power[self._first] % 4 == 1, 1.0, -1.0)

    def _turn(self, vectors: Real, angles: Real) -> Real:
        turn(vectors, self._first, self._second, self._signs, angles)
        return vectors

    def apply(self, vectors: Real, theta: Real) -> Real:
        """Turn states."""
        return self._turn(vectors, self.scale * theta[:, self.parameter])

    def transposed(self, vectors: Real, theta: Real) -> Real:
        """Turn observables back."""
        return self._turn(vectors, -self.scale * theta[:, self.parameter])

    def slope(self, observables: Real, states: Real) -> Real:
        """Return the derivative by the angle, shape ``(S,)``."""
        found = slopes(observables, states, self._first, self._second, self._signs)
        return np.asarray(found)

    def still(self, observables: Real, states: Real) -> Real:
        """Return the part of the values that does not depend on the angle, shape ``(S,)``."""
        return np.asarray(still_parts(observables, states, self._still))


class _Clifford(_Constant):
    """A fixed gate: strings are permuted, and some change their sign."""

    def __init__(self, gate: FixedGate, num_qubits: int) -> None:
        matrix = GATE_MATRICES[gate.name]
        size = 4 ** len(gate.qubits)
        strings = density_matrices(np.eye(size)) * len(matrix)
        # Row Q has the components of G^dagger Q G.
        table = pauli_vectors(matrix.conj().T @ strings @ matrix) / len(matrix)
        source = np.argmax(np.abs(table), axis=1)
        signs = table[np.arange(size), source].round()
        self._source = embedded(num_qubits, gate.qubits, source)
        self._sign = signs[local_numbers(num_qubits, gate.qubits)]
        self._target = np.argsort(self._source)

    def apply(self, vectors: Real, theta: Real) -> Real:
        return np.asarray(vectors.take(self._source, axis=1) * self._sign)

    def transposed(self, vectors: Real, theta: Real) -> Real:
        return np.asarray((vectors * self._sign).take(self._target, axis=1))


class _Factors(_Constant):
    """A channel that multiplies strings by factors."""

    def __init__(self, channel: Channel, num_qubits: int) -> None:
        local = local_numbers(num_qubits, channel.qubits)
        lost = np.isin(local, (1, 2)) if channel.name == "dephasing" else local > 0
        self._factors = np.where(lost, 1 - channel.strength, 1.0)

    def apply(self, vectors: Real, theta: Real) -> Real:
        vectors *= self._factors
        return vectors

    def transposed(self, vectors: Real, theta: Real) -> Real:
        return self.apply(vectors, theta)


class _Damping(_Constant):
    """Amplitude damping: the component of Z moves towards that of I."""

    def __init__(self, channel: Channel, num_qubits: int) -> None:
        (qubit,) = channel.qubits
        letter = digits(num_qubits)[qubit]
        kept = 1 - channel.strength
        self._strength = channel.strength
        self._factors = np.array([1.0, math.sqrt(kept), math.sqrt(kept), kept])[letter]
        self._excited = np.flatnonzero(letter == 3)
        self._ground = self._excited - 3 * 4 ** (num_qubits - 1 - qubit)

    def apply(self, vectors: Real, theta: Real) -> Real:
        added = self._strength * vectors.take(self._ground, axis=1)
        vectors *= self._factors
        vectors[:, self._excited] += added
        return vectors

    def transposed(self, vectors: Real, theta: Real) -> Real:
        added = self._strength * vectors.take(self._excited, axis=1)
        vectors *= self._factors
        vectors[:, self._ground] += added
        return vectors


class _Evolution:
    """An evolution under terms that do not commute, by its matrix."""

    def __init__(self, gate: Evolution, num_qubits: int) -> None:
        self.parameter: int | None = gate.parameter
        self.scale = gate.scale
        terms = (
            (weight, PauliString.on(num_qubits, dict(zip(gate.qubits, own.label, strict=True))))
            for weight, own in gate.hamiltonian.terms
        )
        self._generator = PauliSum(tuple(terms)).matrix()
        self._energies, self._vectors = np.linalg.eigh(self._generator)

    def _conjugated(self, vectors: Real, times: Sequence[float]) -> Real:
        matrices = density_matrices(vectors)
        for place, time in enumerate(times):
            phases = np.exp(-1j * time * self._energies)
            unitary = (self._vectors * phases) @ self._vectors.conj().T
            matrices[place] = unitary @ matrices[place] @ unitary.conj().T
        return pauli_vectors(matrices)

    def apply(self, vectors: Real, theta: Real) -> Real:
        return self._conjugated(vectors, (self.scale * theta[:, self.parameter]).tolist())

    def transposed(self, vectors: Real, theta: Real) -> Real:
        return self._conjugated(vectors, (-self.scale * theta[:, self.parameter]).tolist())

    def slope(self, observables: Real, states: Real) -> Real:
        matrices = density_matrices(states)
        changes = -1j * (self._generator @ matrices - matrices @ self._generator)
        return np.asarray((observables * pauli_vectors(changes)).sum(axis=1))


def operation(gate: Gate, num_qubits: int) -> Operation:
    """Return the map of a gate of a lowered circuit, or of a channel.

    Raises
    ------
    ValueError
        For a gate that lowering should have replaced.
    """
    match gate:
        case PauliRotation():
            return Rotation(gate, num_qubits)
        case FixedGate():
            return _Clifford(gate, num_qubits)
        case Channel(name="amplitude_damping"):
            return _Damping(gate, num_qubits)
        case Channel():
            return _Factors(gate, num_qubits)
        case Evolution():
            return _Evolution(gate, num_qubits)
        case _:
            raise ValueError(f"{gate} was not written with other gates before it came here")
