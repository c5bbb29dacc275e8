"""The state-vector engine: exact values, gradients, Hessians and state Jacobians, for up to about 26 qubits.

A circuit is compiled once (`trainscape.simulators._statevector_compiler`) into a few sweeps over the state, several gates to a sweep, and blocks of the
state stay in the cache while many sweeps pass over them. The gradient of all P parameters is taken by adjoint differentiation: two state vectors, and
about three times the work of the value. Hessian-vector products differentiate that once more, along a direction; the state Jacobian carries
the tangents of many parameters through the circuit together.

Values, gradients and Hessians are computed on the light cone of the observable; states and their Jacobians on the whole register.
Samples are computed one after the other, so that no bit of a result depends on how a batch was cut.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import PauliRotation
from trainscape.circuits.light_cone import light_cone, whole_register
from trainscape.simulators import _statevector_jacobian_kernels as tangents
from trainscape.simulators import _statevector_kernels as kernels
from trainscape.simulators._statevector_compiler import compile_program, first_layers
from trainscape.simulators._statevector_tables import INNER_BITS, SUMS, Program, Scratch
from trainscape.simulators._statevector_vectors import WIDTH
from trainscape.simulators.contract import Cost, Engine, Quantity

__all__ = ["Statevector"]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

MAX_QUBITS = 26

WIDE_BITS = 14
"""Size of the wide state of a Jacobian, 2**14 amplitudes or 256 kB: within the second cache."""

# Measured on one 2.6 GHz core at 12 to 16 qubits: forward and backward together, for one amplitude and one gate or diagonal layer or general Pauli
# string; for each operation on any register; and for a call.
_SECONDS_PER_GATE = 0.4e-9
_SECONDS_PER_DIAGONAL = 1.0e-9
_SECONDS_PER_STRING = 1.2e-8
_SECONDS_PER_OPERATION = 1.3e-7
_SECONDS_PER_CALL = 3e-5


class Statevector(Engine):
    """Exact simulation of the whole state.

    Parameters
    ----------
    problem
        Circuit and observable.
    reduce
        Whether to restrict values, gradients and Hessians to the light cone, which changes no result beyond rounding.

    Raises
    ------
    ValueError
        If the light cone has more than 26 qubits.

    Notes
    -----
    An engine owns its work space (two state vectors, and more after the first Hessian or Jacobian): use one engine for each thread.
    """

    name: ClassVar[str] = "statevector"

    @classmethod
    def supports(cls, problem: Problem, quantity: Quantity) -> str | None:
        """Return None if the state of the qubits that `quantity` needs can be held, else the reason.

        Values, gradients and Hessians need the qubits of the light cone, a state Jacobian all of them.
        """
        if quantity == Quantity.JACOBIAN:
            return _too_wide(problem.circuit, "the circuit")
        return _too_wide(light_cone(problem).problem.circuit, "the light cone")

    @classmethod
    def cost(cls, problem: Problem, quantity: Quantity, batch: int) -> Cost:
        """Estimate the seconds on one core, and the peak memory in bytes including the result, from the number of gates of each kind."""
        reduced = problem if quantity == Quantity.JACOBIAN else light_cone(problem).problem
        n, p = reduced.circuit.num_qubits, reduced.circuit.num_parameters
        amplitudes = 2.0 ** max(n, 5)
        seconds, operations = _SECONDS_PER_STRING * sum(bool(string.x_mask) for _, string in reduced.observable.terms), 0
        in_diagonal, diagonals = False, 0
        for gate in reduced.circuit.gates:
            diagonal = set(gate.pauli) == {"Z"} if isinstance(gate, PauliRotation) else gate.name in ("S", "Z", "CZ")
            if len(gate.qubits) > 1 and not diagonal and isinstance(gate, PauliRotation):
                seconds += _SECONDS_PER_STRING
            elif diagonal:
                seconds += 0.0 if in_diagonal else _SECONDS_PER_DIAGONAL
                diagonals += not in_diagonal
            else:
                seconds += _SECONDS_PER_GATE * len(gate.qubits)
            in_diagonal = diagonal
            operations += 1
        forward, full = 0.35, 1.0
        once, overhead = seconds * amplitudes, operations * _SECONDS_PER_OPERATION
        sizes = {
            Quantity.VALUE: (forward * (once + overhead), 2, 0),
            Quantity.GRADIENT: (full * (once + overhead), 2, 0),
            # On average the tangents of a parameter pass through half of the circuit.
            Quantity.JACOBIAN: (forward * (once * (1 + 0.9 * p) + overhead), 1, 16 * batch * p * 2**n + (16 << max(WIDE_BITS, n + 3))),
            Quantity.HESSIAN: (6.0 * p * (once + overhead), 6, 8 * batch * (4 * p * p + problem.circuit.num_parameters**2)),
        }
        time, states, extra = sizes[quantity]
        # Phase tables have a row of both halves of the index for each diagonal layer; sign tables are few on sparse graphs, and not counted.
        tables = 400 * operations + 48 * diagonals * 2 ** max(n - INNER_BITS, (n + 1) // 2) + 2**14
        return Cost(_SECONDS_PER_CALL + batch * time, int(16 * amplitudes * states + 8 * amplitudes) + extra + tables)

    def __init__(self, problem: Problem, *, reduce: bool = True) -> None:
        self.problem = problem
        self.cone = light_cone(problem) if reduce else whole_register(problem)
        reason = _too_wide(self.cone.problem.circuit, "the light cone" if reduce else "the circuit")
        if reason is not None:
            raise ValueError(reason)
        self._main = _prepare(self.cone.problem, 0, 2)
        self._paired: _Prepared | None = None
        self._whole: _Prepared | None = None
        self._wide: _Prepared | None = None

    @property
    def program(self) -> Program:
        """The compiled circuit on the light cone."""
        return self._main.program

    def value(self, theta: Real) -> Real:
        """Return the loss, shape ``(S,)``, at ``theta`` of shape ``(S, P)`` in radians."""
        rows = self.cone.restrict(self.problem.circuit.check_parameters(theta))
        values = np.empty(len(rows))
        kernels.run_values(self.program, rows, *self._main.states, self._main.scratch, values)
        return values

    def value_and_gradient(self, theta: Real) -> tuple[Real, Real]:
        """Return the loss, shape ``(S,)``, and its gradient, shape ``(S, P)``, by adjoint differentiation."""
        rows = self.cone.restrict(self.problem.circuit.check_parameters(theta))
        values, gradients = np.empty(len(rows)), np.empty(rows.shape)
        kernels.run_gradients(self.program, rows, *self._main.states, self._main.scratch, values, gradients)
        return values, self.cone.extend(gradients, self.problem.circuit.num_parameters)

    def state(self, theta: Real) -> Complex:
        """Return the output states of the whole register, shape ``(S, 2**n)``, at ``theta`` of shape ``(S, P)``.

        Qubit 0 is the most significant bit of the index, and the global phase is that of the gates as they are defined.
        """
        rows = np.array(self.problem.circuit.check_parameters(theta))  # a copy: numba compiles once more for read-only arrays
        whole = self._whole_register()
        states = np.empty((len(rows), 2**self.problem.circuit.num_qubits), dtype=np.complex128)
        kernels.run_states(whole.program, rows, whole.states[0], whole.scratch, whole.columns, states)
        return states

    def jacobian(self, theta: Real) -> Complex:
        """Return the derivatives of the output states, shape ``(S, P, 2**n)``, in forward mode, many parameters at a time.

        Quantum Fisher information and its rank follow with `trainscape.trainability.curvature`.
        """
        rows = np.array(self.problem.circuit.check_parameters(theta))
        whole, n = self._whole_register(), self.problem.circuit.num_qubits
        layers = first_layers(whole.program, rows.shape[1])
        used = np.flatnonzero(layers >= 0)
        order = used[np.argsort(layers[used], kind="stable")]
        if self._wide is None:
            # Column 0 is the state itself.
            self._wide = _prepare(self.problem, max(1, min(len(order).bit_length(), max(3, WIDE_BITS - n))), 1)
        wide = self._wide
        jacobians = np.zeros((*rows.shape, 2**n), dtype=np.complex128)
        tangents.run_jacobians(
            whole.program,
            wide.program,
            rows,
            order,
            layers[order],
            whole.states[0],
            wide.states[0],
            whole.scratch,
            wide.scratch,
            wide.columns,
            jacobians,
        )
        return jacobians

    def hessian_vector_product(self, theta: Real, direction: ArrayLike) -> Real:
        """Return the product of the Hessian of the loss with one direction for each sample.

        Parameters
        ----------
        theta
            Shape ``(S, P)``.
        direction
            Shape ``(S, P)``, or ``(P,)`` for the same direction in all samples.

        Returns
        -------
        numpy.ndarray
            Shape ``(S, P)``: the derivative of the gradient along the direction, for three to eight times the work of the gradient.
        """
        rows = self.problem.circuit.check_parameters(theta)
        vectors = np.asarray(direction, dtype=np.float64)
        if vectors.shape not in (rows.shape, rows.shape[1:]) or not np.isfinite(vectors).all():
            raise ValueError(
                f"the direction has shape {vectors.shape}; it needs finite numbers of shape {rows.shape}, as theta, or {rows.shape[1:]} for all samples"
            )
        spread = self.cone.restrict(np.broadcast_to(vectors, rows.shape))
        products = self._products(self.cone.restrict(rows), spread[:, None, :])
        return self.cone.extend(products[:, 0, :], rows.shape[1])

    def hessian(self, theta: Real) -> Real:
        """Return the Hessian of the loss, shape ``(S, P, P)``: P Hessian-vector products, exactly symmetric by averaging with the transpose."""
        rows = self.problem.circuit.check_parameters(theta)
        restricted = self.cone.restrict(rows)
        kept = restricted.shape[1]
        products = self._products(restricted, np.tile(np.eye(kept), (len(rows), 1, 1)))
        full = np.zeros((len(rows), rows.shape[1], rows.shape[1]))
        where = np.array(self.cone.parameters, dtype=np.int64)
        full[:, where[:, None], where[None, :]] = (products + products.transpose(0, 2, 1)) / 2
        return full

    def _products(self, rows: Real, directions: Real) -> Real:
        """Return Hessian-vector products (S, R, P) on the light cone."""
        if self._paired is None:
            self._paired = _prepare(self.cone.problem, 1, 2)
        paired = self._paired
        products = np.empty(directions.shape)
        tangents.run_products(
            paired.program, rows, np.ascontiguousarray(directions), *paired.states, paired.scratch, paired.columns, products
        )
        return products

    def _whole_register(self) -> _Prepared:
        if self._whole is None:
            reason = _too_wide(self.problem.circuit, "the circuit")
            if reason is not None:
                raise ValueError(reason)
            same = self.cone.problem == self.problem
            self._whole = self._main if same else _prepare(self.problem, 0, 1)
        return self._whole


class _Prepared(NamedTuple):
    """A program with its work space; `columns` is 2 to the number of idle bits."""

    program: Program
    states: list[Real]
    scratch: Scratch
    columns: int


def _prepare(problem: Problem, extra_bits: int, count: int) -> _Prepared:
    """Compile a problem and allocate `count` states.

    Each state starts on a cache line, and they start at different places of a page: equal places would evict one another from the cache.
    """
    program = compile_program(problem, extra_bits=extra_bits)
    length = 2 ** (program.num_qubits + 1)
    space = np.empty((length + 256) * count + WIDTH)
    first = -(space.ctypes.data // 8) % WIDTH
    states = [space[first + k * (length + 256) :][:length] for k in range(count)]
    low, high = 2**program.low_bits, 2 ** (program.num_qubits - program.low_bits)
    widest = max((int(row[1] - row[0]) for row in program.layers), default=0)
    scratch = Scratch(
        np.empty((len(program.diagonals), 2, low)),
        np.empty((len(program.diagonals), 2, high)),
        np.empty((widest, 4 * WIDTH)),
        np.empty(widest, dtype=np.int64),
        np.empty((widest, SUMS)),
        np.empty(low),
        np.empty(high),
        np.empty(WIDTH),
    )
    return _Prepared(program, states, scratch, 2 ** (program.num_qubits - problem.circuit.num_qubits))


def _too_wide(circuit: Circuit, what: str) -> str | None:
    n = circuit.num_qubits
    if n <= MAX_QUBITS:
        return None
    return (
        f"{what} has {n} qubits, and the statevector engine stops at {MAX_QUBITS} (two states of {n} qubits need {2**n * 32 / 2**30:.3g} GiB); "
        "use the tensornet engine, or a circuit with fewer layers"
    )
