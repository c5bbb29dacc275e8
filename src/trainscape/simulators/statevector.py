"""The state-vector engine: exact values and adjoint gradients for up to about 26 qubits in the light cone.

The circuit is compiled once into a short list of sweeps over the state: consecutive diagonal gates (RZ and other Z strings, S, Z, CZ) become one sweep with
a phase table for each half of the index, whose gradients all come from one weight vector; RX and RY have their own vectorised sweep each, which in the
backward pass undoes the gate and takes the derivative in the same pass. The gradient of all P parameters needs two state vectors and about
three times the work of the value.

Samples are computed one after the other, so that no bit of a result depends on how a batch was cut.
"""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import FixedGate, Gate, LightCone, PauliRotation, Problem, light_cone
from trainscape.physics.pauli import PauliString
from trainscape.simulators import _statevector_kernels as kernels
from trainscape.simulators.contract import Cost, Engine, Quantity

__all__ = ["Statevector", "compile_program"]

Real = NDArray[np.float64]

MAX_QUBITS = 26
_DIAGONAL = {"S", "Z", "CZ"}

# Seconds for one amplitude and one operation, forward and backward together; measured at 12 to 16 qubits on one 2.6 GHz core.
_SECONDS_PER_SWEEP = 1.8e-9
_SECONDS_PER_OPERATION = 5e-8


class Statevector(Engine):
    """Exact simulation of the whole state, on the qubits of the light cone.

    Parameters
    ----------
    problem
        Circuit and observable.
    reduce
        Whether to restrict the problem to its light cone first, which changes no result beyond rounding.
    """

    name: ClassVar[str] = "statevector"

    @classmethod
    def supports(cls, problem: Problem, quantity: Quantity) -> str | None:
        """Return None for values and gradients of problems with at most 26 qubits in the light cone, else the reason."""
        if quantity not in (Quantity.VALUE, Quantity.GRADIENT):
            return f"the statevector engine computes values and gradients, not the {quantity.value}"
        return _too_wide(light_cone(problem).problem)

    @classmethod
    def cost(cls, problem: Problem, quantity: Quantity, batch: int) -> Cost:
        """Estimate from the number of sweeps over the state."""
        reduced = light_cone(problem).problem
        n = reduced.circuit.num_qubits
        operations, sweeps = 1, 2.0 + sum(bool(string.x_mask) for _, string in reduced.observable.terms)
        previous_diagonal = False
        for gate in reduced.circuit.gates:
            diagonal = _is_diagonal(gate)
            operations += 1
            sweeps += 0.0 if diagonal and previous_diagonal else 1.0 if len(gate.qubits) == 1 or diagonal else 4.0
            previous_diagonal = diagonal
        share = 1.0 if quantity == Quantity.GRADIENT else 0.35
        seconds = batch * share * (sweeps * 2.0**n * _SECONDS_PER_SWEEP + operations * _SECONDS_PER_OPERATION)
        return Cost(seconds, 2**n * (2 * 16 + 2 * 8) + 2 ** ((n + 1) // 2) * 32 * operations)

    def __init__(self, problem: Problem, *, reduce: bool = True) -> None:
        self.problem = problem
        circuit = problem.circuit
        everything = LightCone(problem, tuple(range(circuit.num_qubits)), tuple(range(circuit.num_parameters)))
        self.cone = light_cone(problem) if reduce else everything
        reason = _too_wide(self.cone.problem)
        if reason is not None:
            raise ValueError(reason)
        self.program = compile_program(self.cone.problem)
        n, low = self.program.num_qubits, self.program.low_bits
        self._states = np.empty((2, 2 ** (n + 1)))
        self._phases = np.empty((len(self.program.layers), 2, 2 ** (low + 1)))
        self._scratch = np.empty((3, max(2**low, kernels.LANES)))

    def value(self, theta: Real) -> Real:
        """Return the loss, shape ``(S,)``, at ``theta`` of shape ``(S, P)`` in radians."""
        rows = self.cone.restrict(self.problem.circuit.check_parameters(theta))
        values = np.empty(len(rows))
        kernels.run_values(self.program, rows, self._states, self._phases, self._scratch, values)
        return values

    def value_and_gradient(self, theta: Real) -> tuple[Real, Real]:
        """Return the loss, shape ``(S,)``, and its gradient, shape ``(S, P)``, by adjoint differentiation."""
        rows = self.cone.restrict(self.problem.circuit.check_parameters(theta))
        values, gradients = np.empty(len(rows)), np.empty(rows.shape)
        kernels.run_gradients(self.program, rows, self._states, self._phases, self._scratch, values, gradients)
        return values, self.cone.extend(gradients, self.problem.circuit.num_parameters)


def _too_wide(problem: Problem) -> str | None:
    n = problem.circuit.num_qubits
    if n <= MAX_QUBITS:
        return None
    return (
        f"the light cone has {n} qubits, and the statevector engine stops at {MAX_QUBITS} (two states of {n} qubits need {2**n * 32 / 2**30:.3g} GiB); "
        "use the tensornet engine, or a circuit with fewer layers"
    )


def _is_diagonal(gate: Gate) -> bool:
    return set(gate.pauli) == {"Z"} if isinstance(gate, PauliRotation) else gate.name in _DIAGONAL


class _Compiler:
    """Collects operations, diagonal layers and sign tables."""

    def __init__(self, num_qubits: int) -> None:
        self.n = num_qubits
        self.low = (num_qubits + 1) // 2
        self.operations: list[tuple[int, int, int, int]] = []
        self.scales: list[float] = []
        self.layers: list[tuple[int, int, int]] = []
        self.offsets: list[float] = []
        self.entries: list[tuple[int, int, int]] = []
        self.coefficients: list[float] = []
        self.signs: dict[int, int] = {}
        self.flips: dict[frozenset[tuple[int, int]], int] = {}

    def bit(self, qubit: int) -> int:
        """Return the bit position of a qubit: qubit 0 is the most significant."""
        return self.n - 1 - qubit

    def mask(self, qubits: tuple[int, ...]) -> int:
        return sum(1 << self.bit(qubit) for qubit in qubits)

    def halves(self, mask: int) -> tuple[int, int]:
        """Split a mask into its high and low half."""
        return mask >> self.low, mask & ((1 << self.low) - 1)

    def sign_row(self, mask: int) -> int:
        return self.signs.setdefault(mask, len(self.signs))

    def add(self, kind: int, a: int, b: int = 0, parameter: int = -1, scale: float = 0.0) -> None:
        self.operations.append((kind, a, b, parameter))
        self.scales.append(scale)

    def gate(self, gate: Gate) -> None:
        """Add a gate that is not diagonal."""
        if isinstance(gate, FixedGate):
            first = self.bit(gate.qubits[0])
            if gate.name == "H":
                self.add(kernels.HADAMARD, first)
            elif gate.name == "CX":
                self.add(kernels.CX, first, self.bit(gate.qubits[1]))
            else:
                self.add(kernels.PAULI, 1 << first, 1 << first if gate.name == "Y" else 0)
        elif gate.pauli in ("X", "Y"):
            kind = kernels.ROTATION_X if gate.pauli == "X" else kernels.ROTATION_Y
            self.add(kind, self.bit(gate.qubits[0]), 0, gate.parameter, gate.scale)
        else:
            string = PauliString.on(self.n, dict(zip(gate.qubits, gate.pauli, strict=True)))
            self.add(kernels.ROTATION, string.x_mask, string.z_mask, gate.parameter, gate.scale)

    def diagonal(self, gates: list[Gate]) -> None:
        """Add a run of diagonal gates: one fused layer, and one operation for each Z string that spans both halves of the index."""
        first, offset = len(self.entries), 0.0
        pairs: set[tuple[int, int]] = set()
        for gate in gates:
            high, low = self.halves(self.mask(gate.qubits))
            if isinstance(gate, PauliRotation) and high and low:
                self.add(kernels.ROTATION_Z, self.sign_row(high), self.sign_row(low), gate.parameter, gate.scale)
            elif isinstance(gate, PauliRotation):
                self.entries.append((1 if high else 0, self.sign_row(high or low), gate.parameter))
                self.coefficients.append(-0.5 * gate.scale)
            elif gate.name == "CZ":
                pairs ^= {(min(gate.qubits), max(gate.qubits))}
            else:
                # diag(1, exp(i phi)) = exp(i phi / 2) exp(-i phi Z / 2), with phi = pi for Z and pi / 2 for S.
                angle = math.pi / 2 if gate.name == "Z" else math.pi / 4
                offset += angle
                self.entries.append((1 if high else 0, self.sign_row(high or low), -1))
                self.coefficients.append(-angle)
        if pairs or len(self.entries) > first:
            flip = self.flips.setdefault(frozenset(pairs), len(self.flips))
            self.add(kernels.DIAGONAL, len(self.layers))
            self.layers.append((first, len(self.entries), flip))
            self.offsets.append(offset)

    def sign_table(self) -> Real:
        index = np.arange(2**self.low, dtype=np.uint64)
        rows = [1.0 - 2.0 * (np.bitwise_count(index & np.uint64(mask)) % 2) for mask in self.signs]
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(index))

    def flip_table(self) -> Real:
        index = np.arange(2**self.n)
        table = np.ones((len(self.flips), len(index)))
        for row, pairs in enumerate(self.flips):
            for a, b in pairs:
                table[row] *= 1.0 - 2.0 * ((index >> self.bit(a)) & (index >> self.bit(b)) & 1)
        return table


def compile_program(problem: Problem) -> kernels.Program:
    """Compile a problem into the arrays that the kernels run."""
    compiler = _Compiler(problem.circuit.num_qubits)
    run: list[Gate] = []
    for gate in problem.circuit.gates:
        if _is_diagonal(gate):
            run.append(gate)
            continue
        compiler.diagonal(run)
        run = []
        compiler.gate(gate)
    compiler.diagonal(run)
    index = np.arange(2**compiler.n, dtype=np.uint64)
    diagonal = np.zeros(len(index))
    terms, weights = [], []
    for weight, string in problem.observable.terms:
        if string.x_mask:
            terms.append((string.x_mask, string.z_mask))
            weights.append(weight)
        else:
            diagonal += weight * (1.0 - 2.0 * (np.bitwise_count(index & np.uint64(string.z_mask)) % 2))
    return kernels.Program(
        compiler.n,
        compiler.low,
        np.array(compiler.operations, dtype=np.int64).reshape(-1, 4),
        np.array(compiler.scales, dtype=np.float64),
        np.array(compiler.layers, dtype=np.int64).reshape(-1, 3),
        np.array(compiler.offsets, dtype=np.float64),
        np.array(compiler.entries, dtype=np.int64).reshape(-1, 3),
        np.array(compiler.coefficients, dtype=np.float64),
        compiler.sign_table(),
        compiler.flip_table(),
        diagonal,
        np.array(terms, dtype=np.int64).reshape(-1, 2),
        np.array(weights, dtype=np.float64),
    )
