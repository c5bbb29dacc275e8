"""Full Hessians of the state-vector engine, from the Jacobians of two states.

If every gate of a circuit has its own parameter, numbered in time order,

    H_jk = 2 Re <d_j psi| (O d_k psi - d_k chi)>    for j <= k,

with chi as in `trainscape.simulators.statevector.jacobian_kernels`. That takes two Jacobians and
half a real matrix product, where Hessian-vector products take P forward and backward passes.
Parameters that gates share are separated first: ``H = A^T H' A`` with A[g, j] = 1 if gate g has
parameter j.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeGuard

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import Evolution, Gate, PauliRotation
from trainscape.simulators.statevector.compiler import first_layers
from trainscape.simulators.statevector.jacobian_kernels import run_hessian_factors
from trainscape.simulators.statevector.space import Prepared, prepare

__all__ = ["SeparatedHessian", "ordered_parameters", "pays", "varied_gates", "wide_bits"]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Int = NDArray[np.int64]

WIDE_BITS = 13
"""Bits of the wide state of a Jacobian up to nine qubits: 2**13 amplitudes, 128 kB.

More columns would mostly be tangents that are still zero.
"""

MAX_BYTES = 2**30
"""Largest total size of the two Jacobians."""

MAX_GATES = 4
"""Largest number of gates per parameter: with more, Hessian-vector products cost less."""

_BLOCK = 64


def wide_bits(num_qubits: int, num_tangents: int) -> int:
    """Return the number of idle bits of a wide state.

    Column 0 is the state, the other columns are tangents.
    """
    return max(1, min(num_tangents.bit_length(), max(4, min(6, WIDE_BITS - num_qubits))))


def _separated(problem: Problem, num_varied: int) -> tuple[Problem, Int]:
    """Return a lowered problem in index every gate has its own parameter.

    Parameters
    ----------
    problem
        The problem.
    num_varied
        Number of its parameters without the constant one, index stays the last.

    Returns
    -------
    separated : Problem
        The new problem.
    parents : numpy.ndarray
        The old parameter of each gate, shape (G,).
    """
    gates: list[Gate] = []
    parents = [gate.parameter for gate in problem.circuit.gates if _varies(gate, num_varied)]
    new_parameters = iter(range(len(parents)))
    for gate in problem.circuit.gates:
        if isinstance(gate, PauliRotation | Evolution):
            gates.append(
                replace(
                    gate,
                    parameter=next(new_parameters) if _varies(gate, num_varied) else len(parents),
                )
            )
        else:
            gates.append(gate)
    constants = problem.circuit.num_parameters - num_varied
    circuit = Circuit(problem.circuit.num_qubits, len(parents) + constants, tuple(gates))
    return replace(problem, circuit=circuit), np.array(parents, dtype=np.int64)


def varied_gates(problem: Problem, num_varied: int) -> int:
    """Return the number of gates with a parameter below `num_varied`."""
    return sum(_varies(gate, num_varied) for gate in problem.circuit.gates)


def _varies(gate: Gate, num_varied: int) -> TypeGuard[PauliRotation | Evolution]:
    return (
        isinstance(gate, PauliRotation | Evolution)
        and gate.parameter is not None
        and gate.parameter < num_varied
    )


def pays(problem: Problem, num_varied: int) -> bool:
    """Return whether two Jacobians fit into `MAX_BYTES` and cost less than the products."""
    gates = varied_gates(problem, num_varied)
    return (
        gates <= MAX_GATES * num_varied and 32 * gates * 2**problem.circuit.num_qubits <= MAX_BYTES
    )


class SeparatedHessian:
    """Hessians of one problem, with their work space.

    Parameters
    ----------
    problem
        Lowered problem for index `pays` is true.
    num_varied
        Number of its parameters without the constant one.
    """

    def __init__(self, problem: Problem, num_varied: int) -> None:
        self.num_varied = num_varied
        self.problem, self.parents = _separated(problem, num_varied)
        self.narrow = prepare(self.problem, states=2)
        self.order, self.layers = ordered_parameters(self.narrow, len(self.parents))
        self.wide = prepare(
            self.problem,
            extra_bits=wide_bits(self.problem.circuit.num_qubits, len(self.order)),
            states=2,
        )
        self.factors = np.zeros(
            (2, len(self.parents) + self.constants, 2**self.problem.circuit.num_qubits),
            dtype=np.complex128,
        )

    @property
    def constants(self) -> int:
        """1 if there is a constant parameter, else 0."""
        return self.problem.circuit.num_parameters - len(self.parents)

    def hessian(self, theta: Real) -> Real:
        """Return the Hessian, shape ``(P, P)``, at one parameter vector.

        `theta` has shape (P + constants,).
        """
        angles = np.concatenate([theta[self.parents], theta[self.num_varied :]])
        gates, inputs = len(self.parents), self.narrow.inputs
        hessian = np.zeros((gates, gates))
        for index in range(inputs):
            run_hessian_factors(
                self.narrow.program,
                self.wide.program,
                angles,
                self.narrow.starts,
                index,
                self.order,
                self.layers,
                *self.narrow.states,
                *self.wide.states,
                self.narrow.scratch,
                self.wide.scratch,
                self.wide.columns,
                *self.factors,
            )
            left, right = (factor[:gates].view(np.float64) for factor in self.factors)
            for first in range(0, gates, _BLOCK):
                hessian[first : first + _BLOCK, first:] += (2 / inputs) * (
                    left[first : first + _BLOCK] @ right[first:].T
                )
        upper = np.triu(hessian, 1)
        full = np.triu(hessian) + upper.T
        rows = np.zeros((self.num_varied, gates))
        np.add.at(rows, self.parents, full)
        merged = np.zeros((self.num_varied, self.num_varied))
        np.add.at(merged, self.parents, rows.T)
        return (merged + merged.T) / 2


def ordered_parameters(prepared: Prepared, num_varied: int) -> tuple[Int, Int]:
    """Return the parameters below `num_varied` that gates use, in the order of their first layer.

    Returns
    -------
    order, layers : numpy.ndarray
        The parameters and their first layers, shape (U,).
    """
    layers = first_layers(prepared.program, num_varied)
    used = np.flatnonzero(layers >= 0)
    order = used[np.argsort(layers[used], kind="stable")]
    return order, layers[order]
