"""The mean over all Pauli strings, against gradients of each of them."""

import itertools

import numpy as np
import pytest

from trainscape.circuits.ansatze.efficient_su2 import fhea, mhea
from trainscape.circuits.ansatze.random_axis import rpqc
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import FixedGate, PauliRotation
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.dense import Dense
from trainscape.simulators.statevector.engine import Statevector
from trainscape.trainability.string_average import GeneratorMeans, string_share

PRODUCTS = Circuit(
    3,
    4,
    (
        PauliRotation("XYZ", (2, 0, 1), 1, -1.5),
        FixedGate("H", (1,)),
        FixedGate("CX", (1, 2)),
        PauliRotation("YY", (0, 2), 0, 0.7),
        FixedGate("S", (2,)),
        PauliRotation("ZX", (1, 0), 3),
        FixedGate("Y", (0,)),
        PauliRotation("Y", (1,), 2),
    ),
)
"""Rotations about products, with scales, signs, and parameters in another order than in time."""

CIRCUITS = {
    "mhea": mhea(3, 3),
    "fhea": fhea(2, 1),
    "rpqc": rpqc(3, 4, np.random.default_rng(1)),
    "products": PRODUCTS,
}


@pytest.mark.parametrize("name", CIRCUITS)
@pytest.mark.parametrize("width", [0.05, 0.4, 2.0])
def test_the_mean_is_that_over_all_strings(name, width):
    """All 4^n - 1 strings one by one, with gradients of the dense engine."""
    circuit = CIRCUITS[name]
    n, rng = circuit.num_qubits, np.random.default_rng(5)
    theta = rng.normal(0, width, (2, circuit.num_parameters))
    labels = ["".join(letters) for letters in itertools.product("IXYZ", repeat=n)][1:]
    squares = [
        (Dense(Problem(circuit, PauliSum(((1.0, PauliString(label)),)))).gradient(theta) ** 2).sum(
            axis=1
        )
        for label in labels
    ]
    assert len(squares) == 4**n - 1
    np.testing.assert_allclose(
        GeneratorMeans(circuit).mean_square(theta), np.mean(squares, axis=0), rtol=1e-12
    )


def test_expectations_of_generators_keep_their_sign():
    """Against the state of the gates before each rotation."""
    theta = np.random.default_rng(2).normal(size=(1, 4))
    means = GeneratorMeans(PRODUCTS).means(theta)[0]
    for place, gate in enumerate(PRODUCTS.gates):
        if isinstance(gate, PauliRotation):
            label = ["I", "I", "I"]
            for qubit, letter in zip(gate.qubits, gate.pauli, strict=True):
                label[qubit] = letter
            before = Circuit(3, 4, PRODUCTS.gates[:place])
            string = PauliSum(((1.0, PauliString("".join(label))),))
            value = Statevector(Problem(before, string)).value(theta)[0]
            assert means[gate.parameter] == pytest.approx(value, abs=1e-13)


def test_it_is_half_the_trace_of_the_fisher_information():
    circuit = mhea(4, 2)
    theta = np.random.default_rng(3).normal(0, 0.3, (3, circuit.num_parameters))
    any_string = PauliSum(((1.0, PauliString("ZIII")),))
    fisher = Statevector(Problem(circuit, any_string)).quantum_fisher(theta)
    expected = string_share(4) * np.trace(fisher, axis1=1, axis2=2) / 2
    np.testing.assert_allclose(GeneratorMeans(circuit).mean_square(theta), expected, rtol=1e-12)


def test_what_has_no_such_mean_is_refused():
    shared = Circuit(1, 1, (PauliRotation("X", (0,), 0), PauliRotation("Z", (0,), 0)))
    with pytest.raises(ValueError, match="2 rotations use 1 parameters"):
        GeneratorMeans(shared)
    with pytest.raises(ValueError, match="27 qubits"):
        GeneratorMeans(mhea(27, 1))
