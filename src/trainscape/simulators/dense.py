"""The dense engine: every gate as a full matrix in plain numpy. Slow, small, and written to be obviously right: the reference of the tests.

States are vectors of length ``D = 2**n``, gates are Kronecker products, and derivatives follow from the product rule applied gate by gate:
with ``U = exp(-i s theta_j P / 2)``, ``d(U psi) = U dpsi + [j] (-i s P / 2) U psi``. The loss is ``<psi|O|psi>``, its gradient ``2 Re <psi|O|d_j psi>``
and its Hessian ``2 Re (<d_j psi|O|d_k psi> + <psi|O|d_j d_k psi>)``.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import FixedGate, Gate, PauliRotation, Problem
from trainscape.physics.pauli import PAULI_MATRICES, PauliString
from trainscape.simulators.contract import Cost, Engine, Quantity

__all__ = ["Dense"]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

MAX_QUBITS = 10

_FIXED: dict[str, Complex] = {
    "H": np.array([[1, 1], [1, -1]], dtype=np.complex128) / np.sqrt(2.0),
    "S": np.diag(np.array([1, 1j], dtype=np.complex128)),
    **{letter: PAULI_MATRICES[letter] for letter in "XYZ"},
}
_TARGET = {"CX": PAULI_MATRICES["X"], "CZ": PAULI_MATRICES["Z"]}


class Dense(Engine):
    """Reference engine for at most 10 qubits.

    Parameters
    ----------
    problem
        Circuit and observable.
    """

    name: ClassVar[str] = "dense"

    @classmethod
    def supports(cls, problem: Problem, quantity: Quantity) -> str | None:
        """Return None if the problem is small enough for full matrices, else the reason."""
        n = problem.circuit.num_qubits
        if n > MAX_QUBITS:
            return f"the dense engine multiplies full matrices and stops at {MAX_QUBITS} qubits; this circuit has {n} (use the statevector engine)"
        return None

    @classmethod
    def cost(cls, problem: Problem, quantity: Quantity, batch: int) -> Cost:
        """Estimate from full matrix-vector products, one for each gate and tangent vector."""
        size = 2**problem.circuit.num_qubits
        p = problem.circuit.num_parameters
        vectors = {Quantity.VALUE: 1, Quantity.GRADIENT: 1 + p, Quantity.JACOBIAN: 1 + p, Quantity.HESSIAN: 1 + p + p * p}[quantity]
        seconds = batch * (len(problem.circuit.gates) + 1) * (1e-5 + vectors * size**2 * 2e-9)
        return Cost(seconds, 16 * size * (vectors + 4 * size))

    def __init__(self, problem: Problem) -> None:
        reason = self.supports(problem, Quantity.VALUE)
        if reason is not None:
            raise ValueError(reason)
        self.problem = problem
        self.observable = problem.observable.matrix()

    def state(self, theta: Real) -> Complex:
        """Return the output states, shape ``(S, D)``."""
        return np.array([self._tangents(row, 0)[0] for row in self._rows(theta)]).reshape(len(theta), len(self.observable))

    def value(self, theta: Real) -> Real:
        """Return the loss, shape ``(S,)``, at ``theta`` of shape ``(S, P)``."""
        psi = self.state(theta)
        return np.asarray(np.einsum("si,ij,sj->s", psi.conj(), self.observable, psi).real)

    def value_and_gradient(self, theta: Real) -> tuple[Real, Real]:
        """Return the loss, shape ``(S,)``, and its gradient, shape ``(S, P)``, by the product rule."""
        psi, tangents = self.state(theta), self.jacobian(theta)
        gradient = 2 * np.einsum("si,ij,spj->sp", psi.conj(), self.observable, tangents).real
        return self.value(theta), np.asarray(gradient)

    def jacobian(self, theta: Real) -> Complex:
        """Return the derivatives of the output states, shape ``(S, P, D)``."""
        rows = [self._tangents(row, 1)[1] for row in self._rows(theta)]
        return np.array(rows).reshape(len(theta), self.problem.circuit.num_parameters, len(self.observable))

    def hessian(self, theta: Real) -> Real:
        """Return the Hessian of the loss, shape ``(S, P, P)``, by the product rule."""
        p = self.problem.circuit.num_parameters
        result = np.empty((len(theta), p, p))
        for sample, row in enumerate(self._rows(theta)):
            psi, first, second = self._tangents(row, 2)
            result[sample] = 2 * (first.conj() @ self.observable @ first.T + second @ (self.observable @ psi).conj()).real
        return result

    def _rows(self, theta: Real) -> Real:
        return self.problem.circuit.check_parameters(theta)

    def _tangents(self, theta: Real, order: int) -> tuple[Complex, Complex, Complex]:
        """Return the state (D,), its first derivatives (P, D), and its second derivatives (P, P, D), each up to `order` (else zero)."""
        n, p = self.problem.circuit.num_qubits, self.problem.circuit.num_parameters
        size = 2**n
        psi = np.zeros(size, dtype=np.complex128)
        psi[0] = 1.0
        first = np.zeros((p if order > 0 else 0, size), dtype=np.complex128)
        second = np.zeros((p if order > 1 else 0, p if order > 1 else 0, size), dtype=np.complex128)
        for gate in self.problem.circuit.gates:
            matrix = gate_matrix(gate, n, theta)
            psi, first, second = matrix @ psi, first @ matrix.T, second @ matrix.T
            if order == 0 or isinstance(gate, FixedGate):
                continue
            j = gate.parameter
            generator = -0.5j * gate.scale * _product(gate, n)
            if order > 1:
                # Product rule for d_j d_k: cross terms from the tangents before this gate's own contribution, and the second derivative of the gate.
                cross = first @ generator.T
                second[j] += cross
                second[:, j] += cross
                second[j, j] += generator @ generator @ psi
            first[j] += generator @ psi
        return psi, first, second


def gate_matrix(gate: Gate, num_qubits: int, theta: Real) -> Complex:
    """Return the full matrix of a gate, shape ``(2**n, 2**n)``, at one parameter vector ``theta`` of shape (P,)."""
    if isinstance(gate, PauliRotation):
        angle = gate.scale * theta[gate.parameter] / 2
        identity = np.eye(2**num_qubits)
        return np.asarray(np.cos(angle) * identity - 1j * np.sin(angle) * _product(gate, num_qubits))
    if gate.name in _TARGET:
        control, target = gate.qubits
        zero, one = np.diag([1.0, 0.0]).astype(complex), np.diag([0.0, 1.0]).astype(complex)
        return _kron(num_qubits, {control: zero}) + _kron(num_qubits, {control: one, target: _TARGET[gate.name]})
    return _kron(num_qubits, {gate.qubits[0]: _FIXED[gate.name]})


def _product(gate: PauliRotation, num_qubits: int) -> Complex:
    return PauliString.on(num_qubits, dict(zip(gate.qubits, gate.pauli, strict=True))).matrix()


def _kron(num_qubits: int, factors: dict[int, Complex]) -> Complex:
    """Return the Kronecker product of the given one-qubit matrices, identity elsewhere; qubit 0 is the leftmost factor."""
    matrix: Complex = np.ones((1, 1), dtype=np.complex128)
    for qubit in range(num_qubits):
        matrix = np.asarray(np.kron(matrix, factors.get(qubit, PAULI_MATRICES["I"])), dtype=np.complex128)
    return matrix
