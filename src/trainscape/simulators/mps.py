"""The matrix-product-state engine: values for deep circuits on a chain whose entanglement stays low.

The state is kept as a matrix product by quimb's `CircuitMPS`: every gate on two neighbours acts on the joined pair of tensors, which singular values split
again; at most `max_bond` of them are kept, and those whose squares add up to a fraction below `cutoff` are dropped (G. Vidal, Phys. Rev. Lett. 91, 147902
(2003)). The time grows as ``n L chi^3`` with the bond dimension chi, not with the light cone. Distant qubits are swapped next to each other and back.

If every truncation drops a fraction e_i of the squared norm, the fidelity with the exact state is about ``F = prod (1 - e_i)``, the squared norm that is left
(Y. Zhou, E. M. Stoudenmire and X. Waintal, Phys. Rev. X 10, 041038 (2020)). This is an estimate: errors of different truncations can also add up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Circuit, Gate, PauliRotation, Problem, light_cone
from trainscape.physics.pauli import PAULI_MATRICES, PauliString
from trainscape.simulators.contract import Cost, Engine, Quantity

__all__ = ["CUTOFF", "MatrixProductState", "Truncation"]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

CUTOFF = 1e-24
"""Default for the fraction of the squared norm that a split may drop: rounding errors of the singular values, and nothing else."""

_MAX_LETTERS = 8
_SECONDS_PER_GATE = 5e-4
_SECONDS_PER_FLOP = 1e-10

_MATRICES: dict[str, Complex] = {
    "H": np.array([[1, 1], [1, -1]], dtype=np.complex128) / math.sqrt(2.0),
    "S": np.diag([1, 1j]).astype(np.complex128),
    "X": PAULI_MATRICES["X"],
    "Y": PAULI_MATRICES["Y"],
    "Z": PAULI_MATRICES["Z"],
    "CX": np.eye(4, dtype=np.complex128)[[0, 1, 3, 2]],
    "CZ": np.diag([1, 1, 1, -1]).astype(np.complex128),
}


@dataclass(frozen=True, eq=False)
class Truncation:
    """What the truncations of the last call cost, one entry a sample.

    Parameters
    ----------
    infidelity
        Estimate of one minus the fidelity with the exact state, shape ``(S,)``. Not a bound.
    bond
        Largest bond dimension of the final state, shape ``(S,)``.
    norm
        Sum of the absolute weights of the observable, which bounds its operator norm.
    """

    infidelity: Real
    bond: NDArray[np.int64]
    norm: float

    @property
    def error_estimate(self) -> Real:
        """``2 ||O|| sqrt(1 - F)``, which would bound the error of the value if the estimate F were the fidelity; usually far above the error."""
        return 2.0 * self.norm * np.sqrt(self.infidelity)


class MatrixProductState(Engine):
    """Values by matrix product states on the light cone, gradients by the parameter-shift rule.

    Parameters
    ----------
    problem
        Circuit and observable. Gates should couple near qubits: a gate over a distance d takes 2 d splits.
    max_bond
        Largest bond dimension kept; None keeps all of them, so that the values are exact.
    cutoff
        Largest fraction of the squared norm that one split may drop.

    Attributes
    ----------
    last_truncation : Truncation or None
        Report of the last call of `value` or `value_and_gradient`, for its values.

    Notes
    -----
    The gradient takes two values for each rotation in the light cone. It is the exact derivative if nothing is truncated; otherwise it carries the
    errors of the shifted values.
    """

    name: ClassVar[str] = "mps"

    @classmethod
    def supports(cls, problem: Problem, quantity: Quantity) -> str | None:
        """Return None for values and gradients, unless a rotation in the light cone acts on more than eight qubits."""
        if quantity not in (Quantity.VALUE, Quantity.GRADIENT):
            return f"the mps engine computes values and gradients, not the {quantity.value}"
        widest = max(light_cone(problem).problem.circuit.gates, key=lambda gate: len(gate.qubits), default=None)
        if widest is not None and len(widest.qubits) > _MAX_LETTERS:
            return (
                f"the mps engine applies gates of at most {_MAX_LETTERS} qubits, but the light cone holds a rotation on {len(widest.qubits)}; "
                "use the tensornet engine"
            )
        return None

    @classmethod
    def cost(cls, problem: Problem, quantity: Quantity, batch: int) -> Cost:
        """Return an upper estimate: exact values, every bond as large as the circuit can make one. Real and truncated bonds take far less."""
        circuit = light_cone(problem).problem.circuit
        bond = _largest_bond(circuit)
        flops = sum(100.0 * bond**3 * (2 * (max(gate.qubits) - min(gate.qubits)) - 1) for gate in circuit.gates if len(gate.qubits) > 1)
        one = len(circuit.gates) * _SECONDS_PER_GATE + flops * _SECONDS_PER_FLOP + 1e-3
        rotations = sum(isinstance(gate, PauliRotation) for gate in circuit.gates)
        values = batch * (1 + 2 * rotations if quantity == Quantity.GRADIENT else 1)
        return Cost(values * one, 16 * 2 * bond**2 * (3 * circuit.num_qubits + 16) + 8 * batch * (1 + problem.circuit.num_parameters))

    def __init__(self, problem: Problem, *, max_bond: int | None = None, cutoff: float = CUTOFF) -> None:
        reason = self.supports(problem, Quantity.VALUE)
        if reason is not None:
            raise ValueError(reason)
        if (max_bond is not None and max_bond < 1) or not 0.0 <= cutoff < 1.0:
            raise ValueError(f"max_bond is {max_bond} and cutoff {cutoff}; the bond dimension is at least 1, the cutoff a fraction below 1")
        self.problem = problem
        self.max_bond = max_bond
        self.cutoff = cutoff
        self.last_truncation: Truncation | None = None
        self._cone = light_cone(problem)

    def value(self, theta: Real) -> Real:
        """Return the loss, shape ``(S,)``, at ``theta`` of shape ``(S, P)`` in radians."""
        rows = self._cone.restrict(self.problem.circuit.check_parameters(theta))
        found = [self._evaluate(self._angles(row)) for row in rows]
        norm = sum(abs(weight) for weight, _ in self.problem.observable.terms)
        self.last_truncation = Truncation(
            np.array([infidelity for _, infidelity, _ in found], dtype=np.float64),
            np.array([bond for *_, bond in found], dtype=np.int64),
            norm,
        )
        return np.array([value for value, _, _ in found], dtype=np.float64)

    def value_and_gradient(self, theta: Real) -> tuple[Real, Real]:
        """Return the loss, shape ``(S,)``, and its gradient, shape ``(S, P)``, by two shifted values for each rotation."""
        values = self.value(theta)
        rows = self._cone.restrict(self.problem.circuit.check_parameters(theta))
        gradient = np.zeros(rows.shape)
        for sample, row in enumerate(rows):
            angles = self._angles(row)
            for position, gate in enumerate(self._cone.problem.circuit.gates):
                if not isinstance(gate, PauliRotation):
                    continue
                shift = np.zeros(len(angles))
                shift[position] = math.pi / 2
                difference = self._evaluate(angles + shift)[0] - self._evaluate(angles - shift)[0]
                gradient[sample, gate.parameter] += gate.scale * difference / 2
        return values, self._cone.extend(gradient, self.problem.circuit.num_parameters)

    def _angles(self, row: Real) -> Real:
        """Return the angle of each gate, 0 for fixed ones."""
        gates = self._cone.problem.circuit.gates
        return np.array([gate.scale * row[gate.parameter] if isinstance(gate, PauliRotation) else 0.0 for gate in gates])

    def _evaluate(self, angles: Real) -> tuple[float, float, int]:
        """Return the value, the estimated infidelity, and the largest bond dimension."""
        from quimb.tensor import CircuitMPS

        reduced = self._cone.problem
        circuit = CircuitMPS(reduced.circuit.num_qubits, max_bond=self.max_bond, cutoff=self.cutoff)
        # Gates on one qubit wait for the next gate on more.
        waiting: dict[int, Complex] = {}
        for gate, angle in zip(reduced.circuit.gates, angles, strict=True):
            matrix = _matrix(gate, angle)
            for qubit in gate.qubits if len(gate.qubits) > 1 else ():
                waiting.setdefault(qubit, PAULI_MATRICES["I"])
            if len(gate.qubits) == 1:
                waiting[gate.qubits[0]] = matrix @ waiting.get(gate.qubits[0], PAULI_MATRICES["I"])
            else:
                circuit.apply_gate_raw(matrix @ _kron([waiting.pop(qubit) for qubit in gate.qubits]), gate.qubits)
        for qubit, matrix in waiting.items():
            circuit.apply_gate_raw(matrix, (qubit,))
        infidelity = max(0.0, 1.0 - float(circuit.fidelity_estimate()))
        state = circuit.psi
        tensors = _tensors(state)
        norm = _transfer(tensors, PauliString("I" * reduced.circuit.num_qubits))
        total = sum(weight * _transfer(tensors, string) for weight, string in reduced.observable.terms) / norm
        return total, infidelity, int(state.max_bond() or 1)


def _largest_bond(circuit: Circuit) -> int:
    """Return a bound on the bond dimensions: at each cut every gate across it doubles the bond at most, and either side has its own dimension."""
    n = circuit.num_qubits
    crossing = np.zeros(n + 1, dtype=np.int64)
    for gate in circuit.gates:
        crossing[min(gate.qubits) + 1 : max(gate.qubits) + 1] += 1
    bits = max(min(cut, n - cut, int(crossing[cut])) for cut in range(n + 1))
    return 1 << min(bits, 100)  # more is as far out of reach, and its cube is no number


def _matrix(gate: Gate, angle: float) -> Complex:
    """Return the matrix of a gate, its first qubit being the most significant one."""
    if not isinstance(gate, PauliRotation):
        return _MATRICES[gate.name]
    product = _kron([PAULI_MATRICES[letter] for letter in gate.pauli])
    return math.cos(angle / 2) * np.eye(len(product)) - 1j * math.sin(angle / 2) * product


def _kron(matrices: list[Complex]) -> Complex:
    product = np.eye(1, dtype=np.complex128)
    for matrix in matrices:
        product = np.asarray(np.kron(product, matrix), dtype=np.complex128)
    return product


def _tensors(state: Any) -> list[Complex]:
    """Return the tensors of a state with axes (left bond, letter, right bond)."""
    tensors = []
    for site in range(state.L):
        bonds = [state.bond(site - 1, site) if site else None, state.bond(site, site + 1) if site + 1 < state.L else None]
        data = state[site].transpose(*[index for index in (bonds[0], state.site_ind(site), bonds[1]) if index is not None]).data
        tensors.append(data.reshape(1 if site == 0 else data.shape[0], 2, -1))
    return tensors


def _transfer(tensors: list[Complex], string: PauliString) -> float:
    """Return the expectation value of a Pauli string, from left to right."""
    left = np.ones((1, 1), dtype=np.complex128)
    for tensor, letter in zip(tensors, string.label, strict=True):
        acted = tensor if letter == "I" else np.einsum("ij,ajb->aib", PAULI_MATRICES[letter], tensor)
        left = np.einsum("aib,aic->bc", tensor.conj(), np.einsum("ab,bic->aic", left, acted, optimize=True), optimize=True)
    return float(left[0, 0].real)
