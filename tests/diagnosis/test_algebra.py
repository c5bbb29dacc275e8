"""Predictions from the generators against the graph of all strings, and against sampling."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainscape.circuits.ansatze.hardware_efficient import hardware_efficient
from trainscape.circuits.ansatze.qaoa import maxcut, qaoa
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import FixedGate, Gate, PauliRotation
from trainscape.diagnosis.algebra import algebra_of, predicted_moment, two_design_moment
from trainscape.diagnosis.generators import generators_of
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.dense import Dense
from trainscape.simulators.statevector.engine import Statevector
from trainscape.trainability.commutator_graph import commutator_graph
from trainscape.trainability.patches import two_design_gradient_moment


@st.composite
def circuits(draw) -> Circuit:
    n = 3
    gates: list[Gate] = []
    parameters = 0
    for _ in range(draw(st.integers(3, 10))):
        first, second = draw(st.permutations(range(n)))[:2]
        match draw(st.sampled_from(["one", "two", "H", "S", "CX", "CZ"])):
            case "one":
                letter = draw(st.sampled_from("XYZ"))
                gates.append(PauliRotation(letter, (first,), parameters))
                parameters += 1
            case "two":
                letters = draw(st.sampled_from(["XX", "ZZ", "XY", "ZX"]))
                gates.append(PauliRotation(letters, (first, second), parameters, 2.0))
                parameters += 1
            case "H" | "S" as name:
                gates.append(FixedGate(name, (first,)))
            case name:
                gates.append(FixedGate(name, (first, second)))
    gates.append(PauliRotation("X", (0,), parameters))
    return Circuit(n, parameters + 1, tuple(gates))


@settings(max_examples=40)
@given(circuits(), st.sampled_from(["XZZ", "ZII", "IYX", "0.5*ZZI + 2*IIX"]))
def test_the_prediction_is_that_of_the_graph_of_all_strings(circuit, observable):
    problem = Problem(circuit, PauliSum.parse(observable))
    try:
        generators = generators_of(problem)
    except ValueError:
        return  # the loss depends on no parameter
    predicted = predicted_moment(generators, algebra_of(generators))
    if predicted is None:
        return  # cross terms
    start = np.zeros(2**generators.num_qubits, dtype=complex)
    start[0] = 1
    graph = commutator_graph(generators.strings)
    each = [
        graph.gradient_moment(string, generators.observable, start) / 4
        for string in generators.strings
    ]
    assert predicted == pytest.approx(generators.squares @ each / generators.gates, abs=1e-12)


@settings(max_examples=25)
@given(circuits())
def test_generators_and_observable_are_the_same_circuit(circuit):
    problem = Problem(circuit, PauliSum.parse("XZZ"))
    try:
        generators = generators_of(problem)
    except ValueError:
        return
    if generators.num_qubits < 3 or len(generators.sums) < circuit.num_parameters:
        return
    # One rotation for each parameter, in order, and no fixed gate.
    again = Circuit(
        3,
        circuit.num_parameters,
        tuple(
            PauliRotation(string.label, (0, 1, 2), index, float(np.sqrt(square)))
            for index, (string, square) in enumerate(
                zip(generators.strings, generators.squares, strict=True)
            )
        ),
    )
    rng = np.random.default_rng(1)
    theta = rng.uniform(-np.pi, np.pi, (64, circuit.num_parameters))
    # Signs of the angles are not kept: compare what does not depend on them.
    one = Dense(problem).value_and_gradient(theta)[1]
    other = Dense(Problem(again, generators.observable)).value_and_gradient(theta)[1]
    assert (np.abs(one).max(axis=0) > 1e-9).tolist() == (np.abs(other).max(axis=0) > 1e-9).tolist()


def test_a_full_algebra_predicts_a_two_design():
    circuit = hardware_efficient(3, 3, "open", rotations="XYZ")
    generators = generators_of(Problem(circuit, PauliSum.parse("ZII")))
    algebra = algebra_of(generators)
    assert algebra.full
    assert algebra.name == "su(8)"
    assert predicted_moment(generators, algebra) == pytest.approx(two_design_gradient_moment(3))


def test_rings_of_cz_have_strings_of_odd_weight_only():
    # Rotations about X, Y, Z and CZ on a ring: the algebra is that of strings of odd weight.
    circuit = hardware_efficient(4, 4, "ring", rotations="XYZ")
    algebra = algebra_of(generators_of(Problem(circuit, PauliSum.parse("ZIII"))))
    assert algebra.name == "so(16)"
    assert not algebra.full
    assert algebra.holds_observable


def test_tied_gates_are_sums_and_their_moment_that_of_deep_circuits():
    edges = [(qubit, (qubit + 1) % 4) for qubit in range(4)]
    problem = Problem(qaoa(4, edges, 12), maxcut(4, edges))
    generators = generators_of(problem)
    assert len(generators.sums) == 2
    predicted = predicted_moment(generators, algebra_of(generators))
    theta = np.random.default_rng(2).uniform(-np.pi, np.pi, (4096, 24))
    middle = (Statevector(problem).gradient(theta) ** 2).mean(axis=0)[8:16]
    assert predicted == pytest.approx(middle.mean(), rel=0.1)
    assert predicted > two_design_moment(generators)


def test_a_parameter_of_gates_apart_has_no_prediction():
    gates = tuple(PauliRotation(letter, (0,), index % 2) for index, letter in enumerate("XYXY"))
    generators = generators_of(Problem(Circuit(1, 2, gates), PauliSum.parse("Z")))
    assert generators.apart
    assert predicted_moment(generators, algebra_of(generators)) is None
