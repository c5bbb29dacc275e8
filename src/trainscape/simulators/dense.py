"""The dense engine: every gate as a full matrix in plain numpy, as a reference for tests.

It is slow, limited to few qubits, and simple enough to be checked by reading. States are vectors of
length ``D = 2**n``, gates are Kronecker products and matrix exponentials, and derivatives follow
from the product rule applied gate by gate: with ``U = exp(-i (s theta_j + o) G)``, ``d(U psi) = U
dpsi + [j] (-i s G) U psi``. The loss is the mean over the inputs of ``<psi|O|psi>``, its gradient
that of ``2 Re <psi|O|d_j psi>`` and its Hessian that of ``2 Re (<d_j psi|O|d_k psi> + <psi|O|d_j
d_k psi>)``. Gates are not lowered, so that this engine checks the lowering too.
"""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainscape.circuits.channels import Channel
from trainscape.circuits.circuit import Problem
from trainscape.circuits.gates import (
    GATE_MATRICES,
    Evolution,
    FixedGate,
    Gate,
    PauliRotation,
    Unitary,
)
from trainscape.circuits.noise import noise_obstacle
from trainscape.circuits.observables import observable_matrix
from trainscape.circuits.states import BasisState, state_vector
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.contract import (
    Cost,
    Engine,
    Quantity,
    check_direction,
    quantum_fisher_of,
)

__all__ = ["Dense", "gate_matrix"]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

MAX_QUBITS = 10


class Dense(Engine):
    """Reference engine for at most 10 qubits.

    Parameters
    ----------
    problem
        Circuit, observable and inputs.

    Raises
    ------
    ValueError
        If the circuit has more qubits, or noise.
    """

    name: ClassVar[str] = "dense"

    @classmethod
    def supports(cls, problem: Problem, quantity: Quantity) -> str | None:
        """Return None if full matrices are small enough and there is no noise, else the reason."""
        n = problem.circuit.num_qubits
        if n > MAX_QUBITS:
            return (
                f"the dense engine multiplies full matrices and stops at {MAX_QUBITS} qubits; this "
                f"circuit has {n} (use the statevector engine)"
            )
        return noise_obstacle(problem.circuit.gates)

    @classmethod
    def cost(cls, problem: Problem, quantity: Quantity, batch: int) -> Cost:
        """Estimate from full matrix-vector products, one for each gate and tangent vector."""
        size = 2**problem.circuit.num_qubits
        p = problem.circuit.num_parameters
        first, second = 1 + p, 1 + p + p * p
        vectors = {
            Quantity.VALUE: 1,
            Quantity.HESSIAN: second,
            Quantity.HESSIAN_VECTOR_PRODUCT: second,
        }.get(quantity, first)
        seconds = (
            batch
            * problem.num_inputs
            * (len(problem.circuit.gates) + 1)
            * (1e-5 + vectors * size**2 * 2e-9)
        )
        return Cost(seconds, 16 * size * (vectors * problem.num_inputs + 4 * size))

    def __init__(self, problem: Problem) -> None:
        reason = self.supports(problem, Quantity.VALUE)
        if reason is not None:
            raise ValueError(reason)
        self.problem = problem
        self.observable = observable_matrix(problem.observable)
        self.starts = [
            state_vector(state)
            for state in problem.inputs or (BasisState("0" * problem.circuit.num_qubits),)
        ]

    def state(self, theta: Real) -> Complex:
        """Return the output states of the M inputs one after the other, shape ``(S, M * D)``."""
        rows = self._rows(theta)
        return np.array(
            [[self._tangents(row, start, 0)[0] for start in self.starts] for row in rows]
        ).reshape(len(rows), self._width)

    def value(self, theta: Real) -> Real:
        """Return the loss, shape ``(S,)``, at ``theta`` of shape ``(S, P)``."""
        psi = self.state(theta).reshape(len(theta), len(self.starts), len(self.observable))
        return np.asarray(
            np.einsum("smi,ij,smj->s", psi.conj(), self.observable, psi).real / len(self.starts)
        )

    def value_and_gradient(self, theta: Real) -> tuple[Real, Real]:
        """Return the loss, shape ``(S,)``, and its gradient, shape ``(S, P)``."""
        m, size = len(self.starts), len(self.observable)
        psi = self.state(theta).reshape(len(theta), m, size)
        tangents = self.jacobian(theta).reshape(
            len(theta), self.problem.circuit.num_parameters, m, size
        )
        gradient = 2 * np.einsum("smi,ij,spmj->sp", psi.conj(), self.observable, tangents).real / m
        return self.value(theta), np.asarray(gradient)

    def jacobian(self, theta: Real) -> Complex:
        """Return the derivatives of the output states, shape ``(S, P, M * D)``."""
        rows = self._rows(theta)
        p = self.problem.circuit.num_parameters
        tangents = [
            np.stack([self._tangents(row, start, 1)[1] for start in self.starts], axis=1)
            for row in rows
        ]
        return np.array(tangents).reshape(len(rows), p, self._width)

    def quantum_fisher(self, theta: Real) -> Real:
        """Return the quantum Fisher information matrix, averaged over the inputs.

        Its shape is ``(S, P, P)``.
        """
        return quantum_fisher_of(self.state(theta), self.jacobian(theta), len(self.starts))

    def hessian(self, theta: Real) -> Real:
        """Return the Hessian of the loss, shape ``(S, P, P)``, by the product rule."""
        p = self.problem.circuit.num_parameters
        result = np.zeros((len(theta), p, p))
        for sample, row in enumerate(self._rows(theta)):
            for start in self.starts:
                psi, first, second = self._tangents(row, start, 2)
                result[sample] += (
                    2
                    * (
                        first.conj() @ self.observable @ first.T
                        + second @ (self.observable @ psi).conj()
                    ).real
                )
        return result / len(self.starts)

    def hessian_vector_product(self, theta: Real, direction: ArrayLike) -> Real:
        """Return the Hessian of the loss times a direction for each sample, shape ``(S, P)``."""
        return np.asarray(
            np.einsum(
                "spq,sq->sp", self.hessian(theta), check_direction(direction, self._rows(theta))
            )
        )

    @property
    def _width(self) -> int:
        return len(self.starts) * len(self.observable)

    def _rows(self, theta: Real) -> Real:
        return self.problem.circuit.check_parameters(theta)

    def _tangents(
        self, theta: Real, start: Complex, order: int
    ) -> tuple[Complex, Complex, Complex]:
        """Return the state and its derivatives up to `order`; the others are zero.

        The shapes are (D,), (P, D) and (P, P, D).
        """
        n, p = self.problem.circuit.num_qubits, self.problem.circuit.num_parameters
        size = 2**n
        psi = start
        first = np.zeros((p if order > 0 else 0, size), dtype=np.complex128)
        second = np.zeros((p if order > 1 else 0, p if order > 1 else 0, size), dtype=np.complex128)
        for gate in self.problem.circuit.gates:
            matrix = gate_matrix(gate, n, theta)
            psi, first, second = matrix @ psi, first @ matrix.T, second @ matrix.T
            if order == 0 or not isinstance(gate, PauliRotation | Evolution):
                continue
            if gate.parameter is None:
                continue
            j = gate.parameter
            generator = -1j * gate.scale * _generator(gate, n)
            if order > 1:
                # Product rule for d_j d_k: cross terms of the gate with earlier tangents, and the
                # second derivative of the gate.
                cross = first @ generator.T
                second[j] += cross
                second[:, j] += cross
                second[j, j] += generator @ generator @ psi
            first[j] += generator @ psi
        return psi, first, second


def gate_matrix(gate: Gate, num_qubits: int, theta: Real) -> Complex:
    """Return the full matrix of a gate, shape ``(2**n, 2**n)``.

    `theta` is one parameter vector, shape (P,).
    """
    match gate:
        case PauliRotation():
            angle = gate.scale * theta[gate.parameter] / 2
            return np.asarray(
                math.cos(angle) * np.eye(2**num_qubits)
                - 2j * math.sin(angle) * _generator(gate, num_qubits)
            )
        case Evolution():
            time = gate.offset + (
                0.0 if gate.parameter is None else gate.scale * theta[gate.parameter]
            )
            energies, vectors = np.linalg.eigh(_generator(gate, num_qubits))
            return np.asarray((vectors * np.exp(-1j * time * energies)) @ vectors.conj().T)
        case Unitary():
            return _spread(gate.array(), gate.qubits, num_qubits)
        case FixedGate():
            return _spread(GATE_MATRICES[gate.name], gate.qubits, num_qubits)
        case Channel():
            raise ValueError(f"{gate} is no unitary gate and has no matrix; see kraus_operators")


def _generator(gate: PauliRotation | Evolution, num_qubits: int) -> Complex:
    """Return the generator G of a gate ``exp(-i t G)`` on the whole register."""
    terms = (
        ((0.5, PauliString(gate.pauli)),)
        if isinstance(gate, PauliRotation)
        else gate.hamiltonian.terms
    )
    spread = [
        (w, PauliString.on(num_qubits, dict(zip(gate.qubits, string.label, strict=True))))
        for w, string in terms
    ]
    return PauliSum(tuple(spread)).matrix()


def _spread(matrix: Complex, qubits: tuple[int, ...], num_qubits: int) -> Complex:
    """Return a gate's matrix on the whole register, identity on the other qubits."""
    order = [*qubits, *(qubit for qubit in range(num_qubits) if qubit not in qubits)]
    place = [int(axis) for axis in np.argsort(order)]
    full = np.kron(matrix, np.eye(2 ** (num_qubits - len(qubits))))
    tensor = full.reshape((2,) * (2 * num_qubits)).transpose(
        [*place, *(num_qubits + axis for axis in place)]
    )
    return np.ascontiguousarray(tensor).reshape(2**num_qubits, 2**num_qubits)
