"""Reduce a problem exactly to the gates, qubits and parameters that its loss depends on.

`light_cone` rewrites a problem in the gates that engines know (`trainscape.circuits.lowering`), and
removes every gate, qubit and parameter outside the causal cone of the observable; `whole_register`
only rewrites it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import Evolution, FixedGate, Gate, PauliRotation
from trainscape.circuits.lowering import lower
from trainscape.circuits.observables import Projector
from trainscape.circuits.states import BasisState, InitialState, ProductState

__all__ = ["LightCone", "light_cone", "whole_register"]


@dataclass(frozen=True)
class LightCone:
    """The part of a problem that its loss depends on, in the gates that engines know.

    Parameters
    ----------
    problem
        The reduced problem; its loss equals that of the full one for all parameters.
    qubits
        Qubits of the full register that the reduced register keeps, ascending; entry k is qubit k
        of the reduced problem.
    parameters
        Parameters of the full problem that the reduced one keeps, ascending; entry k is parameter k
        of the reduced problem. An entry equal to the number of parameters of the full problem is
        the constant parameter, which is 1. The derivatives of the loss with respect to all others
        are zero.
    phase
        Global phase in radians: what the output state of the reduced problem has to be multiplied
        by, as ``exp(i phase)``, if no gate was removed.
    """

    problem: Problem
    qubits: tuple[int, ...]
    parameters: tuple[int, ...]
    phase: float = 0.0

    @cached_property
    def _columns(self) -> NDArray[np.intp]:
        """Kept parameters: an optimiser restricts and extends at each step, and looks them up."""
        return np.array(self.parameters, dtype=np.intp)

    def restrict(self, theta: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the parameters of the reduced problem, shape ``(S, P)`` to ``(S, P_kept)``."""
        if self.parameters and self.parameters[-1] == theta.shape[1]:
            theta = np.concatenate([theta, np.ones((len(theta), 1))], axis=1)
        return np.take(theta, self._columns, axis=1)

    def extend(self, gradient: NDArray[np.float64], num_parameters: int) -> NDArray[np.float64]:
        """Return the gradient over all parameters, shape ``(S, P_kept)`` to ``(S, P)``.

        Derivatives by parameters that were removed are exactly zero.
        """
        full = np.zeros((gradient.shape[0], num_parameters))
        kept = self._columns[: np.searchsorted(self._columns, num_parameters)]
        full[:, kept] = gradient[:, : len(kept)]
        return full

    def varied(self, num_parameters: int) -> list[int]:
        """Return the kept parameters without the constant one, which is the last, if any."""
        return [parameter for parameter in self.parameters if parameter < num_parameters]


# On each qubit the back-propagated observable lies in an algebra: nothing (the identity), {I, a}
# for one axis a, or everything. A gate that is a function of the Pauli product with letter a on
# that qubit keeps {I, a} as it is; gates all of whose letters match commute with the observable.
_EVERYTHING = "*"
_LETTERS = {"CX": "ZX", "CZ": "ZZ", "S": "Z", "X": "X", "Y": "Y", "Z": "Z"}
# One-qubit Clifford gates map an axis to an axis (unlisted: to itself), G^dagger a G = +- b.
_AXES: Mapping[str, Mapping[str, str]] = {
    "H": {"X": "Z", "Z": "X"},
    "S": {"X": "Y", "Y": "X"},
    "X": {},
    "Y": {},
    "Z": {},
}


def whole_register(problem: Problem) -> LightCone:
    """Return the problem in the gates that engines know, with all its qubits and parameters.

    A projector on a state is written as gates behind the circuit, so that the output state is that
    of the loss, not of the circuit.
    """
    lowered = lower(problem)
    circuit = lowered.problem.circuit
    return LightCone(
        lowered.problem,
        tuple(range(circuit.num_qubits)),
        tuple(range(circuit.num_parameters)),
        lowered.phase,
    )


def light_cone(problem: Problem) -> LightCone:
    """Remove every gate, qubit and parameter that the expectation value does not depend on. Exact.

    Gates are walked from last to first, with the algebra that the back-propagated observable lies
    in tracked on each qubit. A gate that touches no qubit of the observable, or that commutes with
    that algebra (such as a CZ next to Z observables), cancels against its own inverse. Derived
    here.

    Returns
    -------
    LightCone
        The problem on the remaining qubits, with the indices of the qubits and parameters kept. An
        observable that is a multiple of the identity keeps one idle qubit. All qubits stay if an
        input is entangled and no gates prepare it.
    """
    problem = lower(problem).problem
    algebra = _observed(problem)
    kept: list[Gate] = []
    for gate in reversed(problem.circuit.gates):
        letters = _letters(gate)
        touched = [
            (qubit, letter)
            for qubit, letter in zip(gate.qubits, letters, strict=True)
            if qubit in algebra
        ]
        if all(algebra[qubit] == letter != _EVERYTHING for qubit, letter in touched):
            continue
        kept.append(gate)
        if isinstance(gate, FixedGate) and gate.name in _AXES:
            axis = algebra[gate.qubits[0]]
            algebra[gate.qubits[0]] = _AXES[gate.name].get(axis, axis)
            continue
        for qubit, letter in zip(gate.qubits, letters, strict=True):
            _join(algebra, qubit, letter)
    separable = all(isinstance(state, BasisState | ProductState) for state in problem.inputs)
    qubits = (
        tuple(sorted(algebra)) or (0,) if separable else tuple(range(problem.circuit.num_qubits))
    )
    return _reduced(problem, qubits, reversed(kept))


def _observed(problem: Problem) -> dict[int, str]:
    """Return the algebra of the observable on each of its qubits."""
    observable = problem.observable
    algebra: dict[int, str] = {}
    if isinstance(observable, Projector):
        return dict.fromkeys(
            observable.qubits, "Z" if isinstance(observable.state, BasisState) else _EVERYTHING
        )
    for _, string in observable.terms:
        for qubit in string.support:
            _join(algebra, qubit, string.label[qubit])
    return algebra


def _letters(gate: Gate) -> str:
    """Return the axis of the gate on each of its qubits."""
    if isinstance(gate, PauliRotation):
        return gate.pauli
    if isinstance(gate, FixedGate) and gate.name in _LETTERS:
        return _LETTERS[gate.name]
    return _EVERYTHING * len(gate.qubits)


def _join(algebra: dict[int, str], qubit: int, letter: str) -> None:
    """Enlarge the algebra on `qubit` by one axis."""
    present = algebra.setdefault(qubit, letter)
    if present != letter:
        algebra[qubit] = _EVERYTHING


def _reduced(problem: Problem, qubits: tuple[int, ...], gates: Iterable[Gate]) -> LightCone:
    """Renumber the kept gates, qubits and parameters."""
    kept = tuple(gates)
    used = {gate.parameter for gate in kept if isinstance(gate, PauliRotation | Evolution)}
    parameters = tuple(sorted(parameter for parameter in used if parameter is not None))
    qubit_of = {qubit: index for index, qubit in enumerate(qubits)}
    parameter_of = {parameter: index for index, parameter in enumerate(parameters)}
    renumbered: list[Gate] = []
    for gate in kept:
        qubits_kept = tuple(qubit_of[qubit] for qubit in gate.qubits)
        if isinstance(gate, PauliRotation | Evolution) and gate.parameter is not None:
            renumbered.append(
                replace(gate, qubits=qubits_kept, parameter=parameter_of[gate.parameter])
            )
        else:
            renumbered.append(replace(gate, qubits=qubits_kept))
    circuit = Circuit(len(qubits), len(parameters), tuple(renumbered))
    inputs = tuple(_restricted_state(state, qubits) for state in problem.inputs)
    observable = problem.observable
    if isinstance(observable, Projector):
        observable = replace(
            observable,
            num_qubits=len(qubits),
            qubits=tuple(qubit_of[qubit] for qubit in observable.qubits),
        )
    else:
        observable = observable.restricted(qubits)
    return LightCone(Problem(circuit, observable, inputs), qubits, parameters)


def _restricted_state(state: InitialState, qubits: tuple[int, ...]) -> InitialState:
    match state:
        case BasisState(bits):
            return BasisState("".join(bits[qubit] for qubit in qubits))
        case ProductState(amplitudes):
            return ProductState(tuple(amplitudes[qubit] for qubit in qubits))
        case _:
            return state
