"""The state-vector engine: exact simulation of up to about 26 qubits.

A circuit is compiled once (`trainscape.simulators.statevector.compiler`) into a few sweeps over the
state. A sweep applies several gates, and blocks of the state stay in the cache during many sweeps.
The gradient by all P parameters is taken by adjoint differentiation: it takes two state vectors,
and about three times the work of the value. Hessian-vector products are the derivative of that
algorithm along a direction. The state Jacobian propagates the tangents of many parameters together,
and the full Hessian follows from the Jacobians of two states
(`trainscape.simulators.statevector.hessian`). Evolutions under terms that do not commute, on more
than four qubits, are Chebyshev expansions (`trainscape.simulators.statevector.evolution_kernels`)
and take two more state vectors. Runs of CX gates are permutations of the amplitudes
(`trainscape.simulators.statevector.permutation_kernels`), and take one.

Values, gradients and Hessians are computed on the light cone of the observable; states, their
Jacobians and quantum Fisher matrices on the whole register. Samples and inputs are computed one
after the other, so that no bit of a result depends on how a batch was cut. Threads work together on
one large state (`trainscape.simulators.statevector.threads`).
"""

from __future__ import annotations

import cmath
import math
from dataclasses import replace
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainscape.circuits.circuit import Problem
from trainscape.circuits.light_cone import LightCone, light_cone, whole_register
from trainscape.circuits.noise import noise_obstacle
from trainscape.circuits.observables import Projector
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.contract import Cost, Engine, Quantity, check_direction
from trainscape.simulators.statevector import jacobian_kernels, kernels
from trainscape.simulators.statevector import threads as threaded
from trainscape.simulators.statevector.cost import estimate
from trainscape.simulators.statevector.hessian import (
    SeparatedHessian,
    ordered_parameters,
    pays,
    wide_bits,
)
from trainscape.simulators.statevector.product_kernels import run_products
from trainscape.simulators.statevector.program import SHARED_BITS, Program
from trainscape.simulators.statevector.small_jacobian import JacobianRows, small
from trainscape.simulators.statevector.space import Prepared, prepare

__all__ = ["Statevector"]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

MAX_QUBITS = 26

_WHOLE = (Quantity.JACOBIAN, Quantity.QFIM)
"""Quantities of the whole register."""


class Statevector(Engine):
    """Exact simulation of the whole state.

    Parameters
    ----------
    problem
        Circuit, observable and inputs.
    reduce
        Whether to restrict values, gradients and Hessians to the light cone, which changes no
        result beyond rounding.
    threads
        Threads that work together on one state of 20 qubits or more, for values and gradients. At
        most 8 are used. The bits of results do not depend on their number. For smaller problems,
        one engine in each process is faster.

    Raises
    ------
    ValueError
        If the light cone has more than 26 qubits, the circuit has noise, or `threads` is below 1.

    Notes
    -----
    An engine owns its work space (two state vectors, and more after the first Hessian or Jacobian):
    use one engine for each thread of your own.
    """

    name: ClassVar[str] = "statevector"

    @classmethod
    def supports(cls, problem: Problem, quantity: Quantity) -> str | None:
        """Return None if the engine can hold the state that `quantity` needs, else the reason.

        Values, gradients and Hessians need the qubits of the light cone; state Jacobians and
        quantum Fisher matrices need all of them.
        """
        noise = noise_obstacle(problem.circuit.gates)
        if noise is not None:
            return noise
        if quantity in _WHOLE:
            return _too_wide(problem.circuit.num_qubits, "the circuit")
        return _too_wide(light_cone(problem).problem.circuit.num_qubits, "the light cone")

    @classmethod
    def cost(cls, problem: Problem, quantity: Quantity, batch: int) -> Cost:
        """Estimate time and memory of a call from the number of gates of each kind.

        The time is in seconds on one core; the peak memory in bytes includes the result.
        """
        cone = _lowered_on_all_qubits(problem) if quantity in _WHOLE else light_cone(problem)
        p = problem.circuit.num_parameters
        return estimate(cone.problem, len(cone.varied(p)), p, quantity, batch)

    def __init__(self, problem: Problem, *, reduce: bool = True, threads: int = 1) -> None:
        if threads < 1:
            raise ValueError(
                f"the statevector engine was given {threads} threads; it needs at least 1"
            )
        noise = noise_obstacle(problem.circuit.gates)
        if noise is not None:
            raise ValueError(noise)
        self.problem = problem
        self.threads = threads
        self.cone = light_cone(problem) if reduce else whole_register(problem)
        reason = _too_wide(
            self.cone.problem.circuit.num_qubits, "the light cone" if reduce else "the circuit"
        )
        if reason is not None:
            raise ValueError(reason)
        self._main = prepare(self.cone.problem, states=2)
        self._paired: Prepared | None = None
        self._second: SeparatedHessian | None = None
        self._whole: _Register | None = None

    @property
    def program(self) -> Program:
        """The compiled circuit on the light cone."""
        return self._main.program

    def value(self, theta: Real) -> Real:
        """Return the loss, shape ``(S,)``, at ``theta`` of shape ``(S, P)`` in radians."""
        rows = self.cone.restrict(self.problem.circuit.check_parameters(theta))
        values = np.empty(len(rows))
        program, starts, (p, q), scratch, _ = self._main
        if self._shared:
            threaded.run_values(program, rows, starts, p, q, scratch, values, self.threads)
        else:
            kernels.run_values(program, rows, starts, p, q, scratch, values)
        return values

    def value_and_gradient(self, theta: Real) -> tuple[Real, Real]:
        """Return the loss, shape ``(S,)``, and its gradient, shape ``(S, P)``.

        `theta` has shape ``(S, P)``, in radians. The method is adjoint differentiation.
        """
        rows = self.cone.restrict(self.problem.circuit.check_parameters(theta))
        values, gradients = np.empty(len(rows)), np.empty(rows.shape)
        program, starts, (p, q), scratch, _ = self._main
        if self._shared:
            threaded.run_gradients(
                program, rows, starts, p, q, scratch, values, gradients, self.threads
            )
        else:
            kernels.run_gradients(program, rows, starts, p, q, scratch, values, gradients)
        return values, self.cone.extend(gradients, self.problem.circuit.num_parameters)

    def state(self, theta: Real) -> Complex:
        """Return the output states of the whole register, shape ``(S, M * 2**n)``.

        Those of the M inputs follow one another. Qubit 0 is the most significant bit of the index,
        and the global phase is that of the gates as they are defined.
        """
        whole = self._whole_register()
        return whole.states(whole.restrict(self.problem.circuit.check_parameters(theta)))

    def jacobian(self, theta: Real) -> Complex:
        """Return the derivatives of the output states, shape ``(S, P, M * 2**n)``.

        They are taken in forward mode, many parameters at a time.
        `trainscape.trainability.curvature` computes ranks of the quantum Fisher information from
        them.
        """
        rows = self.problem.circuit.check_parameters(theta)
        whole = self._whole_register()
        width = whole.narrow.inputs * 2**self.problem.circuit.num_qubits
        jacobians = np.zeros((*rows.shape, width), dtype=np.complex128)
        states = np.empty((len(rows), width), dtype=np.complex128)
        whole.tangents(whole.restrict(rows), whole.narrow.starts, states, jacobians)
        if whole.cone.phase:
            jacobians *= cmath.exp(1j * whole.cone.phase)
        return jacobians

    def quantum_fisher(self, theta: Real) -> Real:
        """Return the quantum Fisher information matrix, averaged over the inputs.

        The shape is ``(S, P, P)``; see `quantum_fisher_of`. One Jacobian is held at a time, of one
        sample and one input.
        """
        rows = self.problem.circuit.check_parameters(theta)
        whole = self._whole_register()
        restricted, inputs = whole.restrict(rows), whole.narrow.inputs
        psi = np.empty((1, 2**self.problem.circuit.num_qubits), dtype=np.complex128)
        jacobian = np.zeros((1, rows.shape[1], psi.shape[1]), dtype=np.complex128)
        fisher = np.empty((*rows.shape, rows.shape[1]))
        for sample in range(len(rows)):
            row = restricted[sample : sample + 1]
            for index in range(inputs):
                start = whole.narrow.starts[index : index + 1]
                whole.tangents(row, start, psi, jacobian)
                # Re <a|b> is the inner product of the vectors of real and imaginary parts, and
                # <psi|a> that with psi, and with i psi as imaginary part.
                real = jacobian[0].view(np.float64)
                axes = np.concatenate([psi, 1j * psi]).view(np.float64)
                real -= (real @ axes.T) @ axes
                real *= 2 / math.sqrt(inputs)
                if index == 0:
                    np.matmul(real, real.T, out=fisher[sample])
                else:
                    fisher[sample] += real @ real.T
        return fisher

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
            Shape ``(S, P)``: the derivative of the gradient along the direction, for three to eight
            times the work of the gradient.
        """
        rows = self.problem.circuit.check_parameters(theta)
        spread = self.cone.restrict(np.ascontiguousarray(check_direction(direction, rows)))
        spread[:, len(self.cone.varied(rows.shape[1])) :] = 0.0
        products = self._products(self.cone.restrict(rows), spread[:, None, :])
        return self.cone.extend(products[:, 0, :], rows.shape[1])

    def hessian(self, theta: Real) -> Real:
        """Return the Hessian of the loss, shape ``(S, P, P)``, exactly symmetric.

        It follows from the Jacobians of two states or, if these are too large or many gates share a
        parameter, from P Hessian-vector products.
        """
        rows = self.problem.circuit.check_parameters(theta)
        restricted, varied = self.cone.restrict(rows), self.cone.varied(rows.shape[1])
        full = np.zeros((len(rows), rows.shape[1], rows.shape[1]))
        where = np.ix_(varied, varied)
        if pays(self.cone.problem, len(varied)):
            if self._second is None:
                self._second = SeparatedHessian(self.cone.problem, len(varied))
            for sample, row in enumerate(restricted):
                full[sample][where] = self._second.hessian(row)
            return full
        directions = np.eye(len(varied), restricted.shape[1])[None]
        for sample in range(len(rows)):
            products = self._products(restricted[sample : sample + 1], directions)[
                0, :, : len(varied)
            ]
            full[sample][where] = (products + products.T) / 2
        return full

    @property
    def _shared(self) -> bool:
        return self.threads > 1 and self.program.num_qubits >= SHARED_BITS

    def _products(self, rows: Real, directions: Real) -> Real:
        """Return Hessian-vector products (S, R, P) on the light cone."""
        if self._paired is None:
            self._paired = prepare(self.cone.problem, extra_bits=1, states=2)
        paired = self._paired
        products = np.empty(directions.shape)
        run_products(
            paired.program,
            rows,
            paired.starts,
            np.ascontiguousarray(directions),
            *paired.states,
            paired.scratch,
            paired.columns,
            products,
        )
        return products

    def _whole_register(self) -> _Register:
        if self._whole is None:
            reason = _too_wide(self.problem.circuit.num_qubits, "the circuit")
            if reason is not None:
                raise ValueError(reason)
            cone = _lowered_on_all_qubits(self.problem)
            narrow = (
                self._main
                if cone.problem == self.cone.problem
                else prepare(cone.problem, observed=False)
            )
            self._whole = _Register(cone, narrow, self.problem.circuit.num_parameters)
        return self._whole


class _Register:
    """The whole register: states and their tangents."""

    def __init__(self, cone: LightCone, narrow: Prepared, num_varied: int) -> None:
        self.cone, self.narrow = cone, narrow
        self.order, self.layers = ordered_parameters(narrow, num_varied)
        self.wide: Prepared | None = None
        self.rows: JacobianRows | None = None
        self._unchanged = cone.parameters == tuple(range(num_varied))

    def restrict(self, rows: Real) -> Real:
        """Return the parameters of the lowered circuit, shape ``(S, P)`` to ``(S, P_kept)``."""
        return rows if self._unchanged else self.cone.restrict(rows)

    def states(self, rows: Real) -> Complex:
        """Return the output states, shape ``(S, M * D)``, with their global phase."""
        states = np.empty(
            (len(rows), self.narrow.inputs * 2**self.cone.problem.circuit.num_qubits),
            dtype=np.complex128,
        )
        self._write_states(rows, self.narrow.starts, states)
        if self.cone.phase:
            states *= cmath.exp(1j * self.cone.phase)
        return states

    def _write_states(self, rows: Real, starts: Real, states: Complex) -> None:
        """Write the output states of `starts` without their global phase."""
        narrow = self.narrow
        kernels.run_states(
            narrow.program, rows, starts, narrow.states[0], narrow.scratch, narrow.columns, states
        )

    def tangents(self, rows: Real, starts: Real, states: Complex, jacobians: Complex) -> None:
        """Write the output states of `starts` and their derivatives, without their global phase.

        Entries for unused parameters are not written.
        """
        if small(self.narrow.program):
            if self.rows is None:
                self.rows = JacobianRows(
                    self.narrow.program,
                    self.order,
                    self.layers,
                    self.cone.problem.circuit.num_parameters,
                )
            self.rows.write(rows, starts, states, jacobians)
            return
        if self.wide is None:
            bits = wide_bits(self.cone.problem.circuit.num_qubits, len(self.order))
            self.wide = prepare(self.cone.problem, extra_bits=bits, observed=False)
        narrow, wide = self.narrow, self.wide
        self._write_states(rows, starts, states)
        jacobian_kernels.run_jacobians(
            narrow.program,
            wide.program,
            rows,
            starts,
            self.order,
            self.layers,
            narrow.states[0],
            wide.states[0],
            narrow.scratch,
            wide.scratch,
            wide.columns,
            jacobians,
        )


def _lowered_on_all_qubits(problem: Problem) -> LightCone:
    """Return the lowered circuit on all qubits.

    A projector is replaced, because lowering would turn it into gates after the output state.
    """
    if isinstance(problem.observable, Projector):
        problem = replace(
            problem, observable=PauliSum(((1.0, PauliString("I" * problem.circuit.num_qubits)),))
        )
    return whole_register(problem)


def _too_wide(num_qubits: int, what: str) -> str | None:
    if num_qubits <= MAX_QUBITS:
        return None
    return (
        f"{what} has {num_qubits} qubits, and the statevector engine stops at {MAX_QUBITS} (two "
        f"states of {num_qubits} qubits need {2**num_qubits * 32 / 2**30:.3g} GiB); use the "
        "tensornet engine, or a circuit with fewer layers"
    )
