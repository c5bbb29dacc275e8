"""Estimated time and memory of the state-vector engine, from the number of gates of each kind."""

from __future__ import annotations

import math
from itertools import groupby

from trainscape.circuits.circuit import Problem
from trainscape.circuits.gates import Evolution, FixedGate, PauliRotation
from trainscape.circuits.observables import Projector
from trainscape.circuits.states import BasisState
from trainscape.simulators.contract import Cost, Quantity
from trainscape.simulators.statevector.evolution_kernels import chebyshev_degree
from trainscape.simulators.statevector.hessian import pays, varied_gates, wide_bits
from trainscape.simulators.statevector.program import INNER_BITS

__all__ = ["estimate"]

# Measured on one 2.6 GHz core at 12 to 16 qubits. The first five are times of forward and backward
# pass together for one amplitude, and for one gate, one diagonal layer, one run of CX gates, one
# general Pauli string, or one string of an evolution and one degree. Then come the times of an
# operation on any register, of a call, and of a multiply-add in a matrix product.
_SECONDS_PER_GATE = 0.4e-9
_SECONDS_PER_DIAGONAL = 1.0e-9
_SECONDS_PER_PERMUTATION = 4.0e-9
_SECONDS_PER_STRING = 1.2e-8
_SECONDS_PER_TERM = 2.0e-9
_SECONDS_PER_OPERATION = 1.3e-7
_SECONDS_PER_CALL = 3e-5
_SECONDS_PER_PRODUCT = 8e-11

_FORWARD = 0.35
"""Share of the forward pass in a gradient."""

_COLUMN = 0.25
"""Time of an evolution for one of many columns, which is vectorised, relative to one state."""

_PRODUCT = 6.0
"""Time of a Hessian-vector product, in gradients."""


def estimate(
    reduced: Problem, num_varied: int, num_parameters: int, quantity: Quantity, batch: int
) -> Cost:
    """Return the cost of one call.

    Parameters
    ----------
    reduced
        The lowered problem on the qubits that are simulated.
    num_varied
        Number of its parameters without the constant one.
    num_parameters
        Number of parameters of the full problem, which results are extended to.
    quantity, batch
        As for `Engine.cost`.
    """
    n, inputs = reduced.circuit.num_qubits, reduced.num_inputs
    amplitudes = 2.0 ** max(n, 5)
    seconds, evolution, diagonals = _gate_seconds(reduced, num_varied)
    runs = _runs_of_cx(reduced)
    seconds += _SECONDS_PER_PERMUTATION * len(runs)
    operations = len(reduced.circuit.gates)
    once, overhead = seconds * amplitudes, operations * _SECONDS_PER_OPERATION
    evolution *= amplitudes
    gradient = inputs * (once + evolution + overhead)
    state = 16 * amplitudes
    evolves = any(isinstance(gate, Evolution) for gate in reduced.circuit.gates)
    # Two work vectors for evolutions, or one for permutations.
    work = 2 if evolves else bool(runs)
    # With the initial states, and half a state for the diagonal of the observable, or up to one for
    # the vector of a projector.
    extra = state * (
        work + (0 if not reduced.inputs else inputs) + (0.5 if _diagonal(reduced) else 1)
    )

    def tangents(gates: int) -> float:
        """Return the time of a Jacobian.

        On average, the tangents of a parameter pass through half of the circuit.
        """
        return float(
            _FORWARD * inputs * ((once + _COLUMN * evolution) * (1 + 0.9 * gates) + overhead)
        )

    def wide(gates: int) -> float:
        """Return the bytes of a wide state, with its work vectors."""
        return float(16 * 2 ** (n + wide_bits(n, gates)) * (1 + work))

    match quantity:
        case Quantity.VALUE:
            time, memory = _FORWARD * gradient, 2 * state
        case Quantity.GRADIENT:
            time, memory = gradient, 2 * state + 8 * batch * num_parameters
        case Quantity.JACOBIAN:
            time, memory = (
                tangents(num_varied),
                2 * state + wide(num_varied) + 16 * batch * inputs * num_parameters * 2**n,
            )
        case Quantity.QFIM:
            time = tangents(num_varied) + inputs * _SECONDS_PER_PRODUCT * num_parameters**2 * 2**n
            memory = (
                3 * state
                + wide(num_varied)
                + 16 * num_parameters * 2**n
                + 8 * (batch + 1) * num_parameters**2
            )
        case Quantity.HESSIAN if pays(reduced, num_varied):
            gates = varied_gates(reduced, num_varied)
            time = (
                gradient + 2 * tangents(gates) + 2 * inputs * _SECONDS_PER_PRODUCT * gates**2 * 2**n
            )
            memory = (
                4.5 * state
                + 2.5 * wide(gates)
                + 32 * gates * 2**n
                + 8 * (4 * gates**2 + batch * num_parameters**2)
            )
        case Quantity.HESSIAN:
            time, memory = (
                _PRODUCT * num_varied * gradient,
                7 * state + 2 * extra + 8 * batch * (4 * num_varied**2 + num_parameters**2),
            )
        case _:
            time, memory = (
                _PRODUCT * gradient,
                7 * state + 2 * extra + 8 * batch * 4 * num_parameters,
            )
    # Tables have entries for the larger half of the index: of phases for each diagonal layer, and
    # of places for each different run of CX gates. Signs are not counted: sparse graphs have few.
    entries = 48 * diagonals + 32 * len(set(runs))
    tables = 400 * operations + entries * 2 ** max(n - INNER_BITS, (n + 1) // 2) + 2**14
    return Cost(_SECONDS_PER_CALL + batch * time, int(memory + extra) + tables)


def _runs_of_cx(problem: Problem) -> list[tuple[tuple[int, ...], ...]]:
    """Return the qubits of CX gates that follow each other, run by run."""
    runs = groupby(problem.circuit.gates, lambda gate: getattr(gate, "name", "") == "CX")
    return [tuple(gate.qubits for gate in run) for moves, run in runs if moves]


def _diagonal(problem: Problem) -> bool:
    return not isinstance(problem.observable, Projector) or isinstance(
        problem.observable.state, BasisState
    )


def _gate_seconds(problem: Problem, num_varied: int) -> tuple[float, float, int]:
    """Return the time of a gradient for one amplitude, and the number of diagonal layers.

    The time is split into that of all gates but evolutions, and that of evolutions. CX gates are
    left out.
    """
    seconds, evolution, diagonals, in_diagonal = 0.0, 0.0, 0, False
    if isinstance(problem.observable, Projector):
        seconds += _SECONDS_PER_STRING
    else:
        seconds += _SECONDS_PER_STRING * sum(
            bool(string.x_mask) for _, string in problem.observable.terms
        )
    for gate in problem.circuit.gates:
        match gate:
            case PauliRotation():
                diagonal = set(gate.pauli) == {"Z"}
            case FixedGate():
                diagonal = gate.name in ("S", "Z", "CZ")
            case _:
                diagonal = False
        if isinstance(gate, Evolution):
            radius = sum(abs(weight) for weight, _ in gate.hamiltonian.terms)
            time = abs(gate.scale) * (
                math.pi if gate.parameter is not None and gate.parameter < num_varied else 1.0
            )
            evolution += (
                _SECONDS_PER_TERM
                * len(gate.hamiltonian.terms)
                * chebyshev_degree.py_func(time * radius)
            )
        elif diagonal:
            seconds += 0.0 if in_diagonal else _SECONDS_PER_DIAGONAL
            diagonals += not in_diagonal
        elif len(gate.qubits) > 1 and isinstance(gate, PauliRotation):
            seconds += _SECONDS_PER_STRING
        elif not (isinstance(gate, FixedGate) and gate.name == "CX"):
            seconds += _SECONDS_PER_GATE * len(gate.qubits)
        in_diagonal = diagonal
    return seconds, evolution, diagonals
