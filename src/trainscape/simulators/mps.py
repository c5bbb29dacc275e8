"""The matrix-product-state engine: values of deep circuits on a chain with little entanglement.

The state is kept as a matrix product by quimb's `CircuitMPS`. A gate on two neighbours acts on
their joined tensor, which a singular value decomposition splits again; at most `max_bond` singular
values are kept, and those whose squares add up to a fraction below `cutoff` are dropped (G. Vidal,
Phys. Rev. Lett. 91, 147902 (2003)). The time grows as ``n L chi^3`` with the bond dimension chi,
not with the light cone. Distant qubits are swapped next to each other and back.

If every truncation drops a fraction e_i of the squared norm, the fidelity with the exact state is
about ``F = prod (1 - e_i)``, the remaining squared norm (Y. Zhou, E. M. Stoudenmire and X. Waintal,
Phys. Rev. X 10, 041038 (2020)). This is an estimate: errors of different truncations can also add
up.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import GATE_MATRICES, FixedGate, PauliRotation
from trainscape.circuits.light_cone import LightCone, light_cone
from trainscape.circuits.lowering import lower, obstacle, primitive_gates, single_inputs
from trainscape.circuits.observables import Observable, Projector
from trainscape.circuits.periodic_angles import reduced_angles
from trainscape.physics.pauli import PAULI_MATRICES
from trainscape.simulators.contract import Cost, Engine, Quantity

__all__ = ["CUTOFF", "MatrixProductState", "Truncation"]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

CUTOFF = 1e-24
"""Default fraction of the squared norm that a split may drop: only rounding errors."""

_MAX_LETTERS = 8
_SECONDS_PER_GATE = 5e-4
_SECONDS_PER_FLOP = 1e-10


@dataclass(frozen=True, eq=False)
class Truncation:
    """Truncation errors of the last call, with one entry for each sample.

    Parameters
    ----------
    infidelity
        Estimate of one minus the fidelity with the exact state, the largest over the inputs, shape
        ``(S,)``. It is no bound.
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
        """Estimate ``2 ||O|| sqrt(1 - F)`` of the error of the value; usually far too large.

        It would be a bound if the estimate F were the fidelity.
        """
        return 2.0 * self.norm * np.sqrt(self.infidelity)


class MatrixProductState(Engine):
    """Values by matrix product states on the light cone, gradients by the parameter-shift rule.

    Parameters
    ----------
    problem
        Circuit and observable. Gates should couple qubits that are close to each other: a gate over
        a distance d takes 2 d splits.
    max_bond
        Largest bond dimension kept; None keeps all of them, so that the values are exact.
    cutoff
        Largest fraction of the squared norm that one split may drop.

    Attributes
    ----------
    last_truncation : Truncation or None
        Truncation errors of the values of the last call.

    Notes
    -----
    The gradient takes two values for each rotation in the light cone. It is the exact derivative if
    nothing is truncated; otherwise it carries the errors of the shifted values.
    """

    name: ClassVar[str] = "mps"

    @classmethod
    def supports(cls, problem: Problem, quantity: Quantity) -> str | None:
        """Return None for values and gradients, else the reason.

        A rotation in the light cone may act on at most eight qubits.
        """
        if quantity not in (Quantity.VALUE, Quantity.GRADIENT):
            return f"the mps engine computes values and gradients, not the {quantity.value}"
        reason = obstacle(lower(problem).problem)
        if reason is not None:
            return reason
        widest = max(
            light_cone(problem).problem.circuit.gates,
            key=lambda gate: len(gate.qubits),
            default=None,
        )
        if widest is not None and len(widest.qubits) > _MAX_LETTERS:
            return (
                f"the mps engine applies gates of at most {_MAX_LETTERS} qubits, but the light "
                f"cone holds a rotation on {len(widest.qubits)}; use the tensornet engine"
            )
        return None

    @classmethod
    def cost(cls, problem: Problem, quantity: Quantity, batch: int) -> Cost:
        """Return an upper estimate, for bonds as large as the circuit can create.

        Actual and truncated bonds take far less.
        """
        circuit = light_cone(single_inputs(problem)[0]).problem.circuit
        bond = _largest_bond(circuit)
        flops = sum(
            100.0 * bond**3 * (2 * (max(gate.qubits) - min(gate.qubits)) - 1)
            for gate in circuit.gates
            if len(gate.qubits) > 1
        )
        one = len(circuit.gates) * _SECONDS_PER_GATE + flops * _SECONDS_PER_FLOP + 1e-3
        rotations = sum(isinstance(gate, PauliRotation) for gate in circuit.gates)
        values = (
            batch * problem.num_inputs * (1 + 2 * rotations if quantity == Quantity.GRADIENT else 1)
        )
        return Cost(
            values * one,
            16 * 2 * bond**2 * (3 * circuit.num_qubits + 16)
            + 8 * batch * (1 + problem.circuit.num_parameters),
        )

    def __init__(
        self, problem: Problem, *, max_bond: int | None = None, cutoff: float = CUTOFF
    ) -> None:
        reason = self.supports(problem, Quantity.VALUE)
        if reason is not None:
            raise ValueError(reason)
        if (max_bond is not None and max_bond < 1) or not 0.0 <= cutoff < 1.0:
            raise ValueError(
                f"max_bond is {max_bond} and cutoff {cutoff}; the bond dimension is at least 1, "
                "the cutoff a fraction below 1"
            )
        self.problem = problem
        self.max_bond = max_bond
        self.cutoff = cutoff
        self.last_truncation: Truncation | None = None
        self._cones = [light_cone(part) for part in single_inputs(problem)]

    def value(self, theta: Real) -> Real:
        """Return the loss, shape ``(S,)``, at ``theta`` of shape ``(S, P)`` in radians."""
        rows = self.problem.circuit.check_parameters(theta)
        values, infidelity = np.zeros(len(rows)), np.zeros(len(rows))
        bond = np.ones(len(rows), dtype=np.int64)
        for cone in self._cones:
            for sample, row in enumerate(cone.restrict(rows)):
                value, lost, largest = self._evaluate(cone, _angles(cone, row))
                values[sample] += value / len(self._cones)
                infidelity[sample] = max(infidelity[sample], lost)
                bond[sample] = max(bond[sample], largest)
        observable = self.problem.observable
        norm = (
            abs(observable.weight)
            if isinstance(observable, Projector)
            else sum(abs(weight) for weight, _ in observable.terms)
        )
        self.last_truncation = Truncation(infidelity, bond, norm)
        return values

    def value_and_gradient(self, theta: Real) -> tuple[Real, Real]:
        """Return the loss, shape ``(S,)``, and its gradient, shape ``(S, P)``.

        The gradient takes two shifted values for each rotation.
        """
        values = self.value(theta)
        rows = self.problem.circuit.check_parameters(theta)
        total = np.zeros(rows.shape)
        for cone in self._cones:
            kept = cone.restrict(rows)
            gradient = np.zeros(kept.shape)
            for sample, row in enumerate(kept):
                angles = _angles(cone, row)
                for position, gate in enumerate(cone.problem.circuit.gates):
                    if (
                        not isinstance(gate, PauliRotation)
                        or cone.parameters[gate.parameter] == rows.shape[1]
                    ):
                        continue
                    shift = np.zeros(len(angles))
                    shift[position] = math.pi / 2
                    difference = (
                        self._evaluate(cone, angles + shift)[0]
                        - self._evaluate(cone, angles - shift)[0]
                    )
                    gradient[sample, gate.parameter] += gate.scale * difference / 2
            total += cone.extend(gradient, rows.shape[1]) / len(self._cones)
        return values, total

    def _evaluate(self, cone: LightCone, angles: Real) -> tuple[float, float, int]:
        """Return the value, the estimated infidelity, and the largest bond dimension."""
        from quimb.tensor import CircuitMPS

        reduced = cone.problem
        circuit = CircuitMPS(reduced.circuit.num_qubits, max_bond=self.max_bond, cutoff=self.cutoff)
        # Gates on one qubit are merged into the next gate on more qubits.
        waiting: dict[int, Complex] = {}
        for gate, angle in zip(primitive_gates(reduced.circuit), angles, strict=True):
            matrix = _matrix(gate, angle)
            for qubit in gate.qubits if len(gate.qubits) > 1 else ():
                waiting.setdefault(qubit, PAULI_MATRICES["I"])
            if len(gate.qubits) == 1:
                waiting[gate.qubits[0]] = matrix @ waiting.get(gate.qubits[0], PAULI_MATRICES["I"])
            else:
                circuit.apply_gate_raw(
                    matrix @ _kron([waiting.pop(qubit) for qubit in gate.qubits]), gate.qubits
                )
        for qubit, matrix in waiting.items():
            circuit.apply_gate_raw(matrix, (qubit,))
        infidelity = max(0.0, 1.0 - float(circuit.fidelity_estimate()))
        state = circuit.psi
        tensors = _tensors(state)
        norm = _transfer(tensors, {})
        total = (
            sum(
                weight * _transfer(tensors, factors)
                for weight, factors in _terms(reduced.observable)
            )
            / norm
        )
        return total, infidelity, int(state.max_bond() or 1)


def _largest_bond(circuit: Circuit) -> int:
    """Return a bound on the bond dimensions.

    At each cut, every gate across it doubles the bond at most, and both sides have a finite
    dimension.
    """
    n = circuit.num_qubits
    crossing = np.zeros(n + 1, dtype=np.int64)
    for gate in circuit.gates:
        crossing[min(gate.qubits) + 1 : max(gate.qubits) + 1] += 1
    bits = max(min(cut, n - cut, int(crossing[cut])) for cut in range(n + 1))
    return 1 << min(bits, 100)  # the cube of a larger number would overflow


def _angles(cone: LightCone, row: Real) -> Real:
    """Return the angle of each gate, 0 for fixed ones."""
    gates = cone.problem.circuit.gates
    angles = np.array(
        [
            gate.scale * row[gate.parameter] if isinstance(gate, PauliRotation) else 0.0
            for gate in gates
        ]
    )
    return reduced_angles(angles)  # so that shifts by pi/2 are not lost in rounding


def _terms(observable: Observable) -> list[tuple[float, dict[int, Complex]]]:
    """Return the weight of each term and its matrices by qubit."""
    if isinstance(observable, Projector):
        return [
            (
                observable.weight,
                dict.fromkeys(observable.qubits, np.diag([1, 0]).astype(np.complex128)),
            )
        ]
    return [
        (weight, {qubit: PAULI_MATRICES[string.label[qubit]] for qubit in string.support})
        for weight, string in observable.terms
    ]


def _matrix(gate: PauliRotation | FixedGate, angle: float) -> Complex:
    """Return the matrix of a gate, its first qubit being the most significant one."""
    if not isinstance(gate, PauliRotation):
        return GATE_MATRICES[gate.name]
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
        bonds = [
            state.bond(site - 1, site) if site else None,
            state.bond(site, site + 1) if site + 1 < state.L else None,
        ]
        data = (
            state[site]
            .transpose(
                *[
                    index
                    for index in (bonds[0], state.site_ind(site), bonds[1])
                    if index is not None
                ]
            )
            .data
        )
        tensors.append(data.reshape(1 if site == 0 else data.shape[0], 2, -1))
    return tensors


def _transfer(tensors: list[Complex], factors: Mapping[int, Complex]) -> float:
    """Return the expectation value of a product of matrices on some qubits, from left to right."""
    left = np.ones((1, 1), dtype=np.complex128)
    for site, tensor in enumerate(tensors):
        acted = np.einsum("ij,ajb->aib", factors[site], tensor) if site in factors else tensor
        left = np.einsum(
            "aib,aic->bc",
            tensor.conj(),
            np.einsum("ab,bic->aic", left, acted, optimize=True),
            optimize=True,
        )
    return float(left[0, 0].real)
