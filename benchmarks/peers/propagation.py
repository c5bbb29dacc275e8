"""Pauli propagation by propaq and by pauli-prop (Qiskit).

Circuits are converted beforehand, so that the propagation alone is timed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import instances
from benchmarks.worker import Workload
from trainscape.circuits.circuit import Problem
from trainscape.circuits.gates import PauliRotation

__all__ = ["FINER", "pauli_prop", "propaq_commuted", "propaq_gates", "propaq_trotter"]

FINER = 100
"""Factor by which the truncation of the compared values is finer.

Packages drop terms before or after equal strings are merged, so that they agree only within a few
times the truncation.
"""


def _qiskit(problem: Problem, theta: NDArray[np.float64]) -> Any:
    from qiskit import QuantumCircuit

    circuit = QuantumCircuit(problem.circuit.num_qubits)
    for gate in problem.circuit.gates:
        if isinstance(gate, PauliRotation):
            getattr(circuit, f"r{gate.pauli.lower()}")(
                gate.scale * theta[gate.parameter], gate.qubits[0]
            )
        else:
            getattr(circuit, gate.name.lower())(*gate.qubits)
    return circuit


def pauli_prop(n: int, layers: int, sigma: float, threshold: float, max_terms: int) -> Workload:
    """pauli-prop, with the Clifford gates commuted away once, as its documentation advises."""
    from pauli_prop.propagation import (
        circuit_to_rotation_gates,
        evolve_through_cliffords,
        propagate_through_rotation_gates,
    )
    from qiskit.quantum_info import SparsePauliOp

    problem, theta = instances.near_clifford(n, layers, sigma)
    prefix, rest = evolve_through_cliffords(_qiskit(problem, theta[0]))
    gates = circuit_to_rotation_gates(rest)
    # Qiskit writes qubit 0 rightmost.
    observable = SparsePauliOp.from_list(
        [(string.label[::-1], weight) for weight, string in problem.observable.terms]
    )

    def value(smallest: float, largest: int) -> Any:
        final, _ = propagate_through_rotation_gates(observable, gates, largest, smallest, "h")
        paulis = final.paulis.evolve(prefix, frame="h")
        signs = (-1.0) ** (paulis.phase // 2)
        return np.array([np.sum((final.coeffs.real * signs)[~paulis.x.any(axis=1)])])

    return _checked(
        lambda: value(threshold, max_terms), lambda: value(threshold / FINER, 32 * max_terms)
    )


def propaq_gates(n: int, layers: int, sigma: float, threshold: float) -> Workload:
    """propaq, with the circuit as it is: a CZ becomes three rotations."""
    from propaq import PauliCircuit

    problem, theta = instances.near_clifford(n, layers, sigma)
    letters = [
        (weight, {q: string.label[q] for q in string.support})
        for weight, string in problem.observable.terms
    ]
    return _propaq(n, letters, PauliCircuit.from_qiskit(_qiskit(problem, theta[0])), threshold)


def propaq_commuted(n: int, layers: int, sigma: float, threshold: float) -> Workload:
    """propaq, with the CZ gates commuted to the end beforehand by stim."""
    import stim
    from propaq import PauliCircuit

    problem, theta = instances.near_clifford(n, layers, sigma)
    # `pulled` maps P to C^dagger P C, with C the fixed gates so far.
    pulled = stim.Tableau(n)
    generators, angles = [], []
    for gate in problem.circuit.gates:
        if isinstance(gate, PauliRotation):
            image = pulled(_stim(n, dict(zip(gate.qubits, gate.pauli, strict=True))))
            generators.append(_propaq_string(n, _letters(image)))
            angles.append(gate.scale * theta[0, gate.parameter] * image.sign.real)
        else:
            pulled.prepend(stim.Tableau.from_named_gate(gate.name).inverse(), list(gate.qubits))
    images = [
        (weight, pulled(_stim(n, {q: string.label[q] for q in string.support})))
        for weight, string in problem.observable.terms
    ]
    letters = [(weight * image.sign.real, _letters(image)) for weight, image in images]
    return _propaq(
        n, letters, PauliCircuit.from_generators_and_angles(generators, angles), threshold
    )


def propaq_trotter(model: str, steps: int, threshold: float) -> Workload:
    """propaq, with the rotations of a Trotter circuit as they are."""
    from propaq import PauliCircuit

    problem, theta = instances.trotter(model, steps)
    n = problem.circuit.num_qubits
    gates = [gate for gate in problem.circuit.gates if isinstance(gate, PauliRotation)]
    circuit = PauliCircuit.from_generators_and_angles(
        [_propaq_string(n, dict(zip(gate.qubits, gate.pauli, strict=True))) for gate in gates],
        [gate.scale * theta[0, gate.parameter] for gate in gates],
    )
    letters = [
        (weight, {q: string.label[q] for q in string.support})
        for weight, string in problem.observable.terms
    ]
    expectation = _expectation(n, letters, circuit)
    result = expectation(threshold)
    return Workload(
        lambda: np.array([expectation(threshold).expectation_value]),
        details={"value": result.expectation_value, "terms": int(max(result.n_terms))},
    )


def _checked(call: Any, finer: Any) -> Workload:
    return Workload(call, details={"value": float(call()[0])}, answer=finer)


def _letters(string: Any) -> dict[int, str]:
    """Return the letters of a stim string, without the identities."""
    return {q: "IXYZ"[string[q]] for q in string.pauli_indices()}


def _stim(n: int, letters: dict[int, str]) -> Any:
    import stim

    return stim.PauliString("".join(letters.get(q, "_") for q in range(n)))


def _propaq_string(n: int, letters: dict[int, str]) -> Any:
    from propaq import PauliString

    x = sum(1 << q for q, letter in letters.items() if letter in "XY")
    z = sum(1 << q for q, letter in letters.items() if letter in "ZY")
    return PauliString(x, z, n)


def _propaq(
    n: int, letters: list[tuple[float, dict[int, str]]], circuit: Any, threshold: float
) -> Workload:
    expectation = _expectation(n, letters, circuit)

    def value(smallest: float) -> Any:
        return np.array([expectation(smallest).expectation_value])

    return _checked(lambda: value(threshold), lambda: value(threshold / FINER))


def _expectation(n: int, letters: list[tuple[float, dict[int, str]]], circuit: Any) -> Any:
    """Return a function from the truncation threshold to a result of propaq, with one thread."""
    from propaq import PauliTermSum
    from propaq.propagators import PauliPropagator
    from propaq.truncation import CoefficientTruncator

    observable = PauliTermSum({_propaq_string(n, string): weight for weight, string in letters})

    def expectation(smallest: float) -> Any:
        propagator = PauliPropagator(
            truncation=CoefficientTruncator(smallest), n_threads=1, pin_threads=False
        )
        return propagator.expectation_value(observable, circuit, initial_state=0)

    return expectation
