r"""Rewrites problems with the few gates that engines know: Pauli rotations without offsets, H, S, X, Y, Z, CX and CZ. Exact to rounding.

* A constant angle becomes a rotation whose parameter is a *constant parameter* of value 1, appended after those of the circuit, with the angle as its scale.
* An evolution under commuting Pauli strings is a product of rotations. Under others, on at most four qubits, it is a diagonal evolution between two fixed
  unitaries, :math:`e^{-itH} = V e^{-itE} V^\dagger`. On more qubits it stays as it is.
* A fixed unitary is decomposed into rotations by the cosine-sine decomposition [1]_:

  .. math:: U = (A_0 \oplus A_1) \begin{pmatrix} C & -S \\ S & C \end{pmatrix} (B_0 \oplus B_1), \qquad A_0 \oplus A_1 = (1 \otimes V) (D \oplus D^\dagger) (1 \otimes W),

  where the middle factors are products of commuting rotations about :math:`Y Z_S` and :math:`Z Z_S`, and V, W are unitaries on one qubit less.
* A single input that a few gates prepare becomes gates in front; a projector on such a state becomes gates behind, and the projector on zeros.

References
----------
.. [1] V. V. Shende, S. S. Bullock and I. L. Markov, Synthesis of quantum-logic circuits, IEEE Trans. CAD 25, 1000 (2006).
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import (
    MAX_UNITARY_QUBITS,
    Evolution,
    FixedGate,
    Gate,
    PauliRotation,
    Unitary,
)
from trainscape.circuits.observables import Observable, Projector, zero_projector_terms
from trainscape.circuits.states import BasisState, VectorState, preparation
from trainscape.physics.pauli import PauliString, PauliSum

__all__ = [
    "MAX_PROJECTED",
    "PRIMITIVE_GATES",
    "Lowered",
    "lower",
    "near_clifford",
    "obstacle",
    "pauli_terms",
    "primitive_gates",
    "single_inputs",
]

Complex = NDArray[np.complex128]

PRIMITIVE_GATES = ("H", "S", "X", "Y", "Z", "CX", "CZ")
"""Fixed gates that engines know."""

MAX_PROJECTED = 12
"""Number of qubits up to which a projector is expanded into Pauli strings."""

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


@dataclass(frozen=True)
class Lowered:
    """A problem in the gates that engines know.

    Parameters
    ----------
    problem
        The rewritten problem; it may have one more parameter, the last, which must be set to 1.
    phase
        Global phase, in radians: the output state of the original circuit is ``exp(i phase)`` times that of the rewritten one.
    """

    problem: Problem
    phase: float


def lower(problem: Problem) -> Lowered:
    """Rewrite a problem; one that needs no rewriting is returned as it is.

    Only a problem with one input gets gates in front: with several, they stay initial states (see `single_inputs`).
    """
    circuit, observable, inputs = problem.circuit, problem.observable, problem.inputs
    gates: list[Gate] = list(circuit.gates)
    if len(inputs) == 1:
        prepared = preparation(inputs[0], range(circuit.num_qubits))
        if prepared is not None:
            gates, inputs = [*prepared, *gates], ()
    writer = _Writer(circuit.num_parameters)
    for gate in gates:
        writer.add(gate)
    phase = writer.phase
    if isinstance(observable, Projector) and set(getattr(observable.state, "bits", "1")) != {"0"}:
        prepared = preparation(observable.state, observable.qubits)
        if prepared is not None:
            backward = _Writer(circuit.num_parameters)
            for gate in prepared:
                backward.add(gate)
            for gate in reversed(backward.gates):
                writer.add_inverse(gate)
            observable = replace(observable, state=BasisState("0" * len(observable.qubits)))
    if (
        tuple(writer.gates) == circuit.gates
        and observable is problem.observable
        and inputs == problem.inputs
    ):
        return Lowered(problem, 0.0)
    constants = any(
        isinstance(gate, PauliRotation | Evolution) and gate.parameter == circuit.num_parameters
        for gate in writer.gates
    )
    lowered = Circuit(circuit.num_qubits, circuit.num_parameters + constants, tuple(writer.gates))
    return Lowered(Problem(lowered, observable, inputs), phase)


def single_inputs(problem: Problem) -> tuple[Problem, ...]:
    """Return one problem for each input; the loss of `problem` is the mean of theirs."""
    if len(problem.inputs) < 2:
        return (problem,)
    return tuple(replace(problem, inputs=(state,)) for state in problem.inputs)


def obstacle(problem: Problem) -> str | None:
    """Return why a lowered problem needs an engine that holds the whole state, or None: all its gates are primitive, and so are its inputs and observable."""
    for gate in problem.circuit.gates:
        if isinstance(gate, Evolution):
            return (
                f"an evolution on {len(gate.qubits)} qubits under terms that do not commute ({gate.hamiltonian.terms[0][1].label}, ...) needs the whole state; "
                "use the statevector engine, or write it as Trotter steps"
            )
    if any(isinstance(state, VectorState) for state in problem.inputs):
        return "an input given by its amplitudes needs the whole state; use the statevector engine, or a basis, product or stabiliser state"
    if isinstance(problem.observable, Projector) and not isinstance(
        problem.observable.state, BasisState
    ):
        return "a projector on a state given by its amplitudes needs the whole state; use the statevector engine"
    return None


def primitive_gates(circuit: Circuit) -> tuple[PauliRotation | FixedGate, ...]:
    """Return the gates of a lowered circuit that has rotations and fixed gates only; raise ValueError with the `obstacle` otherwise."""
    gates: list[PauliRotation | FixedGate] = []
    for gate in circuit.gates:
        if isinstance(gate, Evolution | Unitary):
            raise ValueError(
                f"gate {gate} is not primitive: the engine should have refused this circuit"
            )
        gates.append(gate)
    return tuple(gates)


def near_clifford(problem: Problem) -> Problem:
    """Return a problem as Clifford gates, rotations that each have a parameter, and a Pauli sum; for methods that expand around Clifford points.

    Raises
    ------
    ValueError
        If there are several inputs, the `obstacle` of the lowered problem, or constant angles that are not multiples of pi/2, such as T gates.
    """
    if len(problem.inputs) > 1:
        raise ValueError(
            f"the problem has {len(problem.inputs)} inputs, but is to be expanded for one; take each by itself"
        )
    lowered = lower(problem).problem
    reason = obstacle(lowered)
    if reason is not None:
        raise ValueError(reason)
    if lowered.circuit.num_parameters > problem.circuit.num_parameters:
        raise ValueError(
            "the circuit has a gate with a constant angle that is no multiple of pi/2, or a fixed gate that is no Clifford gate (T, a general unitary); "
            "give its rotation a parameter, or replace it by Clifford gates"
        )
    return replace(lowered, observable=pauli_terms(lowered.observable))


def pauli_terms(observable: Observable) -> PauliSum:
    """Return a lowered observable as a Pauli sum; a projector on k qubits becomes ``2**k`` strings.

    Raises
    ------
    ValueError
        For a projector on more than `MAX_PROJECTED` qubits.
    """
    if isinstance(observable, PauliSum):
        return observable
    if len(observable.qubits) > MAX_PROJECTED:
        raise ValueError(
            f"a projector on {len(observable.qubits)} qubits is a sum of 2**{len(observable.qubits)} Pauli strings, more than 2**{MAX_PROJECTED}; "
            "use the statevector or tensornet engine"
        )
    return zero_projector_terms(observable)


class _Writer:
    """Writes gates with primitive ones."""

    def __init__(self, constant: int) -> None:
        self.constant = constant
        self.gates: list[Gate] = []
        self.phase = 0.0

    def add(self, gate: Gate) -> None:
        match gate:
            case PauliRotation():
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
        self.gates.append(PauliRotation(pauli, tuple(qubits), self.constant, angle))

    def constant_rotation(self, pauli: str, qubits: tuple[int, ...], angle: float) -> None:
        """Append a rotation by a constant angle; Clifford rotations of one qubit as fixed gates, so that stabiliser methods see them as such."""
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
        terms = gate.hamiltonian.terms
        if _all_commute(terms):
            for weight, string in terms:
                letters = "".join(string.label[k] for k in string.support)
                where = tuple(gate.qubits[k] for k in string.support)
                if gate.parameter is not None:
                    self.gates.append(
                        PauliRotation(letters, where, gate.parameter, 2 * weight * gate.scale)
                    )
                if gate.offset:
                    self.constant_rotation(letters, where, 2 * weight * gate.offset)
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

        # The Schur form of a unitary matrix is diagonal, and its vectors are orthonormal even where eigenvalues are equal.
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


def _all_commute(terms: Sequence[tuple[float, PauliString]]) -> bool:
    masks = [(string.x_mask, string.z_mask) for _, string in terms]
    if not any(x for x, _ in masks) or not any(z for _, z in masks):
        return True
    return not any(
        ((x & w).bit_count() + (z & v).bit_count()) % 2
        for k, (x, z) in enumerate(masks)
        for v, w in masks[:k]
    )
