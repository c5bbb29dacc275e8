r"""The density engine: exact mixed states of few qubits, for circuits with noise.

A state is the real vector of its :math:`4^n` Pauli components
(`trainscape.simulators.density.pauli_vectors`), in which depolarising and dephasing are
multiplications, and rotations turn pairs of components. Since the loss is linear in the state, the
inputs are one state, their mixture. The gradient is that of reverse differentiation: states are
kept on the way forwards, and the observable is carried backwards by transposed maps, so that noise
needs no inverse.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Problem
from trainscape.circuits.light_cone import light_cone
from trainscape.circuits.states import BasisState, state_vector
from trainscape.simulators.contract import Cost, Engine, Quantity
from trainscape.simulators.density.operations import operation
from trainscape.simulators.density.pauli_vectors import (
    density_matrices,
    observable_vector,
    pauli_vectors,
)

__all__ = ["MAX_QUBITS", "Density"]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

MAX_QUBITS = 8
"""Largest light cone."""
STATES_BYTES = 2**28
"""Memory for the states that a gradient keeps; larger batches are cut."""

_SECONDS_PER_MAP = 4e-6
_SECONDS_PER_COMPONENT = 1e-9


class Density(Engine):
    """Engine of mixed states, for circuits whose light cone has at most 8 qubits.

    Parameters
    ----------
    problem
        Circuit, observable and inputs; the circuit may have noise.

    Raises
    ------
    ValueError
        If the light cone has more qubits.

    Attributes
    ----------
    maps : list of Operation
        Gates and channels of the light cone.
    start : numpy.ndarray
        Pauli components of the mixture of the inputs, shape ``(4**n,)``.
    """

    name: ClassVar[str] = "density"

    @classmethod
    def supports(cls, problem: Problem, quantity: Quantity) -> str | None:
        """Return None if the engine has the quantity and holds the mixed state, else the reason."""
        if quantity not in (Quantity.VALUE, Quantity.GRADIENT):
            return (
                f"the density engine computes values and gradients, not the {quantity.value}; "
                "leave the noise out and use the statevector engine"
            )
        return _too_wide(light_cone(problem).problem.circuit.num_qubits)

    @classmethod
    def cost(cls, problem: Problem, quantity: Quantity, batch: int) -> Cost:
        """Estimate from the number of gates and channels, each of which passes all components."""
        circuit = light_cone(problem).problem.circuit
        maps, size = len(circuit.gates) + 1, 4**circuit.num_qubits
        passes = 1 if quantity == Quantity.VALUE else 4
        seconds = passes * maps * (_SECONDS_PER_MAP + _SECONDS_PER_COMPONENT * size * batch)
        kept = 8 * size * batch * (maps if passes > 1 else 4)
        tables = 40 * size * maps
        return Cost(seconds, min(kept, max(STATES_BYTES, 8 * size * maps)) + tables)

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.cone = light_cone(problem)
        reduced = self.cone.problem
        n = reduced.circuit.num_qubits
        reason = _too_wide(n)
        if reason is not None:
            raise ValueError(reason)
        self.maps = [operation(gate, n) for gate in reduced.circuit.gates]
        self._weights = observable_vector(reduced.observable)
        # Most observables have few strings.
        self._measured = np.flatnonzero(self._weights)
        starts = [state_vector(state) for state in reduced.inputs or (BasisState("0" * n),)]
        mixture = sum(np.outer(start, start.conj()) for start in starts) / len(starts)
        self.start = pauli_vectors(np.asarray(mixture)[None])[0]

    def value(self, theta: Real) -> Real:
        """Return the loss, shape ``(S,)``, at ``theta`` of shape ``(S, P)`` in radians."""
        rows = self.cone.restrict(self.problem.circuit.check_parameters(theta))
        values = np.empty(len(rows))
        for part in self._parts(len(rows)):
            states = self._evolved(rows[part])
            values[part] = self._read(states)
        return values

    def value_and_gradient(self, theta: Real) -> tuple[Real, Real]:
        """Return the loss, shape ``(S,)``, and its gradient, shape ``(S, P)``."""
        rows = self.cone.restrict(self.problem.circuit.check_parameters(theta))
        values, gradient = np.empty(len(rows)), np.zeros(rows.shape)
        for part in self._parts(len(rows)):
            values[part], gradient[part] = self._differentiated(rows[part])
        return values, self.cone.extend(gradient, self.problem.circuit.num_parameters)

    def state(self, theta: Real) -> Complex:
        """Return the mixed states on the light cone, shape ``(S, 2**n, 2**n)``.

        They are means over the inputs. A projector on a state other than basis states is measured
        by gates behind the circuit, and these states are those after them.
        """
        rows = self.cone.restrict(self.problem.circuit.check_parameters(theta))
        return density_matrices(self._evolved(rows))

    def _parts(self, samples: int) -> list[slice]:
        """Cut a batch so that the states that a gradient keeps fit into memory."""
        size = 8 * len(self.start) * (len(self.maps) + 1)
        length = max(1, STATES_BYTES // size)
        return [slice(first, first + length) for first in range(0, samples, length)]

    def _read(self, states: Real) -> Real:
        measured = states.take(self._measured, axis=1) * self._weights[self._measured]
        return np.asarray(measured.sum(axis=1))

    def _evolved(self, rows: Real) -> Real:
        states = np.tile(self.start, (len(rows), 1))
        for one in self.maps:
            states = one.apply(states, rows)
        return states

    def _differentiated(self, rows: Real) -> tuple[Real, Real]:
        states = np.tile(self.start, (len(rows), 1))
        kept: list[Real | None] = []
        for one in self.maps:
            states = one.apply(states, rows)
            kept.append(None if one.parameter is None else states.copy())
        observables = np.tile(self._weights, (len(rows), 1))
        gradient = np.zeros(rows.shape)
        for one, after in zip(reversed(self.maps), reversed(kept), strict=True):
            if after is not None and one.parameter is not None:
                gradient[:, one.parameter] += one.scale * one.slope(observables, after)
            observables = one.transposed(observables, rows)
        return self._read(states), gradient


def _too_wide(num_qubits: int) -> str | None:
    if num_qubits <= MAX_QUBITS:
        return None
    return (
        f"the density engine holds 4**n components and stops at {MAX_QUBITS} qubits; the light "
        f"cone has {num_qubits} (use fewer qubits or an observable on fewer, or leave the noise "
        "out and use the statevector engine)"
    )
