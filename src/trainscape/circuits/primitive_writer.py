r"""Rewrite single gates with the primitive ones. Exact to rounding.

* A constant angle becomes a rotation whose parameter is a *constant parameter* of value 1, appended
  after those of the circuit, with the angle as its scale.
* An evolution under commuting Pauli strings is a product of rotations. Under others, on at most
  four qubits, it is a diagonal evolution between two fixed unitaries,
  :math:`e^{-itH} = V e^{-itE} V^\dagger`. On more qubits it stays as it is.
* A fixed unitary is decomposed into rotations by the cosine-sine decomposition [1]_:

  .. math:: U = (A_0 \oplus A_1) \begin{pmatrix} C & -S \\ S & C \end{pmatrix} (B_0 \oplus B_1),
            \qquad A_0 \oplus A_1 = (1 \otimes V) (D \oplus D^\dagger) (1 \otimes W),

  where the middle factors are products of commuting rotations about :math:`Y Z_S` and
  :math:`Z Z_S`, and V, W are unitaries on one qubit less.

References
----------
.. [1] V. V. Shende, S. S. Bullock and I. L. Markov, Synthesis of quantum-logic circuits, IEEE
   Trans. CAD 25, 1000 (2006).
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.channels import Channel
from trainscape.circuits.gates import (
    MAX_UNITARY_QUBITS,
    Evolution,
    FixedGate,
    Gate,
    PauliRotation,
    Unitary,
)
from trainscape.circuits.periodic_angles import reduced_angle
from trainscape.physics.pauli import PauliSum

__all__ = ["PRIMITIVE_GATES", "PrimitiveWriter"]

Complex = NDArray[np.complex128]

PRIMITIVE_GATES = ("H", "S", "X", "Y", "Z", "CX", "CZ")
"""Fixed gates that engines know."""

# Gates in order of action, by positions in the gate's qubits.
_CLIFFORD: dict[str, tuple[tuple[str, tuple[int, ...]], ...]] = {
    "SDG": (("S", (0,)), ("Z", (0,))),
    "SX": (("H", (0,)), ("S", (0,)), ("H", (0,))),
    "SXDG": (("H", (0,)), ("S", (0,)), ("Z", (0,)), ("H", (0,))),
    "CY": (("S", (1,)), ("Z", (1,)), ("CX", (0, 1)), ("S", (1,))),
    "SWAP": (("CX", (0, 1)), ("CX", (1, 0)), ("CX", (0, 1))),
    "ISWAP": (
        ("S", (0,)),
        ("S", (1,)),
        ("CZ", (0, 1)),
        ("CX", (0, 1)),
        ("CX", (1, 0)),
        ("CX", (0, 1)),
    ),
}


class PrimitiveWriter:
    """Collects the primitive gates of a circuit.

    Parameters
    ----------
    constant
        Index of the constant parameter.

    Attributes
    ----------
    gates : list of Gate
        Primitive gates so far.
    phase : float
        Global phase of the rewritten gates, in radians.
    """

    def __init__(self, constant: int) -> None:
        self.constant = constant
        self.gates: list[Gate] = []
        self.phase = 0.0

    def add(self, gate: Gate) -> None:
        """Append a gate."""
        match gate:
            case PauliRotation() | Channel():
                self.gates.append(gate)
            case FixedGate():
                self.fixed(gate)
            case Unitary():
                self.unitary(gate.array(), gate.qubits)
            case Evolution():
                self.evolution(gate)

    def add_inverse(self, gate: Gate) -> None:
        """Append the inverse of a primitive gate with constant angle."""
        match gate:
            case PauliRotation():
                self.gates.append(replace(gate, scale=-gate.scale))
            case FixedGate("S", qubits):
                self.gates += [gate, FixedGate("Z", qubits)]
            case _:
                self.gates.append(gate)

    def rotate(self, pauli: str, qubits: Iterable[int], angle: float) -> None:
        """Append a rotation by a constant angle."""
        self.gates.append(PauliRotation(pauli, tuple(qubits), self.constant, reduced_angle(angle)))

    def constant_rotation(self, pauli: str, qubits: tuple[int, ...], angle: float) -> None:
        """Append a rotation by a constant angle, as fixed gates if they are Clifford gates.

        Only rotations of one qubit become fixed gates, which stabiliser methods can use.
        """
        angle = reduced_angle(angle)
        quarters = round(angle / (math.pi / 2))
        if len(pauli) > 1 or abs(angle - quarters * math.pi / 2) > 4e-16 * max(1.0, abs(angle)):
            self.rotate(pauli, qubits, angle)
            return
        # exp(-i k pi/4 Z) = exp(-i k pi/4) S^k; X = H Z H, and Y = S X S^dagger.
        before, after = {"X": (("H",), ("H",)), "Y": (("S", "Z", "H"), ("H", "S")), "Z": ((), ())}[
            pauli
        ]
        power = ((), ("S",), ("Z",), ("S", "Z"))[quarters % 4]
        self.gates += [FixedGate(name, qubits) for name in (*before, *power, *after)]
        self.phase -= quarters * math.pi / 4

    def fixed(self, gate: FixedGate) -> None:
        """Append a fixed gate."""
        if gate.name in PRIMITIVE_GATES:
            self.gates.append(gate)
        elif gate.name in ("T", "TDG"):
            angle = math.pi / 4 if gate.name == "T" else -math.pi / 4
            self.rotate("Z", gate.qubits, angle)
            self.phase += angle / 2
        else:
            self.gates += [
                FixedGate(name, tuple(gate.qubits[k] for k in places))
                for name, places in _CLIFFORD[gate.name]
            ]

    def evolution(self, gate: Evolution) -> None:
        """Append an evolution."""
        terms = gate.hamiltonian.terms
        if gate.hamiltonian.all_commute():
            for weight, string in terms:
                letters = "".join(string.label[k] for k in string.support)
                qubits = tuple(gate.qubits[k] for k in string.support)
                if gate.parameter is not None:
                    self.gates.append(
                        PauliRotation(letters, qubits, gate.parameter, 2 * weight * gate.scale)
                    )
                if gate.offset:
                    self.constant_rotation(letters, qubits, 2 * weight * gate.offset)
        elif len(gate.qubits) <= MAX_UNITARY_QUBITS:
            energies, vectors = np.linalg.eigh(gate.hamiltonian.matrix())
            if gate.parameter is None:
                self.unitary(
                    (vectors * np.exp(-1j * gate.offset * energies)) @ vectors.conj().T, gate.qubits
                )
                return
            self.unitary(vectors.conj().T, gate.qubits)
            diagonal = PauliSum.of_diagonal(energies, identity=False)
            self.evolution(replace(gate, hamiltonian=diagonal))
            self.unitary(vectors, gate.qubits)
            # What the two unitaries do to the global phase cancels, and the generator has no trace.
        else:
            if gate.parameter is not None:
                self.gates.append(replace(gate, offset=0.0))
            if gate.offset:
                self.gates.append(
                    replace(gate, parameter=self.constant, scale=gate.offset, offset=0.0)
                )

    def unitary(self, matrix: Complex, qubits: Sequence[int]) -> None:
        """Append rotations whose product is `matrix` up to the phase that is added to `phase`."""
        if len(qubits) == 1:
            self.one_qubit(matrix, qubits[0])
            return
        import scipy.linalg

        half = len(matrix) // 2
        (a0, a1), angles, (b0, b1) = scipy.linalg.cossin(matrix, p=half, q=half, separate=True)
        self.multiplexer(b0, b1, qubits)
        self.controlled_rotations("Y", angles, qubits)
        self.multiplexer(a0, a1, qubits)

    def multiplexer(self, first: Complex, second: Complex, qubits: Sequence[int]) -> None:
        """Append ``first`` on qubits[1:] where qubits[0] is 0, and ``second`` where it is 1."""
        import scipy.linalg

        # The Schur form of a unitary matrix is diagonal, and its vectors are orthonormal even where
        # eigenvalues are equal.
        triangle, vectors = scipy.linalg.schur(first @ second.conj().T, output="complex")
        half_phases = np.angle(np.diag(triangle)) / 2
        self.unitary(np.exp(1j * half_phases)[:, None] * (vectors.conj().T @ second), qubits[1:])
        self.controlled_rotations("Z", -half_phases, qubits)
        self.unitary(vectors, qubits[1:])

    def controlled_rotations(
        self, letter: str, angles: NDArray[np.float64], qubits: Sequence[int]
    ) -> None:
        """Append ``exp(-i angles[j] P)`` on qubits[0] for each basis state j of the others."""
        coefficients = angles.reshape((2,) * (len(qubits) - 1))
        for _ in range(len(qubits) - 1):
            coefficients = np.tensordot(
                coefficients, np.array([[0.5, 0.5], [0.5, -0.5]]), axes=(0, 0)
            )
        for index in np.ndindex(coefficients.shape):
            chosen = [qubits[1 + k] for k, bit in enumerate(index) if bit]
            self.rotate(
                letter + "Z" * len(chosen), (qubits[0], *chosen), 2 * float(coefficients[index])
            )

    def one_qubit(self, matrix: Complex, qubit: int) -> None:
        """Append RZ, RY, RZ by the Euler angles of a 2 x 2 unitary."""
        phase = cmath.phase(matrix[0, 0] * matrix[1, 1] - matrix[0, 1] * matrix[1, 0]) / 2
        special = matrix * cmath.exp(-1j * phase)
        polar = 2 * math.atan2(abs(special[1, 0]), abs(special[0, 0]))
        total, difference = 2 * cmath.phase(special[1, 1]), 2 * cmath.phase(special[1, 0])
        self.rotate("Z", (qubit,), (total - difference) / 2)
        self.rotate("Y", (qubit,), polar)
        self.rotate("Z", (qubit,), (total + difference) / 2)
        self.phase += phase
