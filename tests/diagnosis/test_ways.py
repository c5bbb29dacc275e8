"""Ways to simulate a circuit, where a constant angle must not pass for a parameter."""

from __future__ import annotations

import numpy as np

from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import Evolution, FixedGate, Gate, PauliRotation
from trainscape.diagnosis.ways import Way, ways
from trainscape.physics.pauli import PauliSum


def circuit(constant: float) -> Problem:
    gates: list[Gate] = [PauliRotation("Y", (qubit,), qubit) for qubit in range(5)]
    gates += [Evolution.of_pauli("X", (qubit,), None, offset=constant) for qubit in range(5)]
    gates += [FixedGate("CX", (qubit, qubit + 1)) for qubit in range(4)]
    # Outside of the light cone, which therefore has fewer gates.
    gates += [FixedGate("H", (5,)) for _ in range(12)]
    return Problem(Circuit(6, 5, tuple(gates)), PauliSum.parse("ZZZZZI"))


def found(problem: Problem) -> dict[str, Way]:
    rng = np.random.default_rng(1)
    return {way.name: way for way in ways(problem, None, None, width=0.1, rng=rng)}


def test_a_constant_angle_is_no_angle_of_a_patch():
    assert {"short Pauli paths", "stabilisers"} <= set(found(circuit(np.pi)))
    assert not {"short Pauli paths", "stabilisers"} & set(found(circuit(np.pi / 4)))
