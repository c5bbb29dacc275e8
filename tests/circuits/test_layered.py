"""Circuits whose layers are held once, and their encoder, against lists of all gates."""

import numpy as np
import pytest

from simulators.problems import fixed, rotation
from trainscape.circuits.ansatze.efficient_su2 import fhea, mhea
from trainscape.circuits.encoders import linear_clifford_encoder
from trainscape.circuits.gates import PauliRotation
from trainscape.circuits.layered import (
    LayeredCircuit,
    LayeredProblem,
    Part,
    layered_efficient_su2,
)
from trainscape.circuits.layered_encoder import layered_encoder
from trainscape.physics.hamiltonians import random_pauli
from trainscape.physics.pauli import PauliString

MIXED = LayeredCircuit(
    3,
    (
        Part((fixed("H", 0), rotation("Y", 1, parameter=0), fixed("S", 2))),
        Part(
            (
                rotation("XY", 0, 2, parameter=0, scale=-0.5),
                fixed("CZ", 0, 1),
                rotation("Z", 1, parameter=1),
                fixed("S", 1),
                fixed("CX", 2, 0),
            ),
            3,
        ),
        Part((rotation("X", 0, parameter=0), fixed("H", 1)), 2),
        Part((fixed("H", 2),)),
    ),
)
"""Parts with and without rotations, about one letter and two, with a scale."""


@pytest.mark.parametrize(("qubits", "layers"), [(1, 2), (2, 1), (3, 0), (5, 4)])
def test_layers_make_the_ansatz(qubits, layers):
    assert layered_efficient_su2(qubits, layers).expanded() == mhea(qubits, layers)
    assert layered_efficient_su2(qubits, layers, "XYZ", "full").expanded() == fhea(qubits, layers)


def test_parameters_are_located_in_time_order():
    circuit = MIXED.expanded()
    assert (MIXED.num_parameters, MIXED.num_gates) == (9, len(circuit.gates)) == (9, 23)
    offsets = np.cumsum([0, *(len(part.gates) * part.repetitions for part in MIXED.parts)])
    for parameter in range(9):
        index, repetition, place = MIXED.located(parameter)
        gate = circuit.gates[offsets[index] + repetition * len(MIXED.parts[index].gates) + place]
        assert isinstance(gate, PauliRotation)
        assert gate.parameter == parameter


def test_encoders_are_those_of_the_list_of_gates():
    """Gate by gate, for every parameter and several strings."""
    rng = np.random.default_rng(2)
    circuits = [MIXED, layered_efficient_su2(4, 3), layered_efficient_su2(3, 2, "XYZ", "full")]
    for circuit in circuits:
        for parameter in range(circuit.num_parameters):
            problem = LayeredProblem(circuit, random_pauli(circuit.num_qubits, rng))
            ours = layered_encoder(problem, parameter)
            theirs = linear_clifford_encoder(problem.expanded(), parameter)
            assert ours.circuit.expanded() == theirs.circuit
            assert ours.gradient_at_zero == theirs.gradient_at_zero


def test_encoded_layers_are_held_once():
    """The phase inducer repeats what it undoes: a thousand layers are as few gates as two."""
    held = [
        sum(len(part.gates) for part in layered_encoder(problem, 40).circuit.parts)
        for layers in (10, 1000)
        for problem in [LayeredProblem(layered_efficient_su2(4, layers), PauliString("XYZZ"))]
    ]
    assert held[0] == held[1] < 60


def test_refusals():
    with pytest.raises(ValueError, match="repeated 0 times"):
        Part((fixed("H", 0),), 0)
    with pytest.raises(ValueError, match="uses parameter 3"):
        Part((rotation("X", 0, parameter=3),))
    with pytest.raises(ValueError, match="outside the register of 2 qubits"):
        LayeredCircuit(2, (Part((fixed("H", 2),)),))
    with pytest.raises(ValueError, match=r"no parameter 9; the circuit has 9"):
        MIXED.located(9)
    with pytest.raises(ValueError, match="2 letters"):
        LayeredProblem(MIXED, PauliString("XX"))
    with pytest.raises(ValueError, match="identity has no derivative"):
        layered_encoder(LayeredProblem(MIXED, PauliString("III")), 0)
