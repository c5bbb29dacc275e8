"""The ansatz families of the literature on gradients near Clifford circuits."""

import numpy as np
import pytest

from trainscape.circuits.ansatze.efficient_su2 import cx_layer, efficient_su2, fhea, mhea
from trainscape.circuits.ansatze.random_axis import rpqc
from trainscape.circuits.gates import FixedGate, PauliRotation


def test_layers_of_cx():
    assert cx_layer("linear", 4) == ((0, 1), (1, 2), (2, 3))
    assert cx_layer("circular", 4) == ((3, 0), (0, 1), (1, 2), (2, 3))
    assert cx_layer("circular", 2) == ((0, 1),)
    assert cx_layer("circular", 1) == ()
    assert cx_layer("full", 4) == ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3))


@pytest.mark.parametrize(
    ("ansatz", "axes", "pairs"),
    [(mhea, "YZ", cx_layer("circular", 3)), (fhea, "XYZ", cx_layer("full", 3))],
)
def test_parameters_have_the_axes_layer_axis_qubit(ansatz, axes, pairs):
    n, layers = 3, 2
    circuit = ansatz(n, layers)
    assert circuit.num_parameters == len(axes) * n * (layers + 1)
    index = np.arange(circuit.num_parameters).reshape(layers + 1, len(axes), n)
    expected = []
    for layer in range(layers + 1):
        expected += [
            PauliRotation(axis, (q,), int(index[layer, a, q]))
            for a, axis in enumerate(axes)
            for q in range(n)
        ]
        expected += [FixedGate("CX", pair) for pair in pairs] if layer < layers else []
    assert circuit.gates == tuple(expected)


def test_random_circuits_have_the_stated_law():
    n, depth = 5, 400
    circuit = rpqc(n, depth, np.random.default_rng(0))
    assert circuit.num_parameters == n * depth
    rotations = [gate for gate in circuit.gates if isinstance(gate, PauliRotation)]
    assert [(gate.parameter, gate.qubits[0]) for gate in rotations] == [
        (j, j % n) for j in range(n * depth)
    ]
    names = [gate.name for gate in circuit.gates if isinstance(gate, FixedGate)]
    assert names.count("CX") == n * depth
    # Binomial counts out of n * depth, within four standard deviations.
    total = n * depth
    for letter in "XYZ":
        assert sum(gate.pauli == letter for gate in rotations) == pytest.approx(
            total / 3, abs=4 * (total * 2 / 9) ** 0.5
        )
    for name in "HS":
        assert names.count(name) == pytest.approx(total / 2, abs=4 * (total / 4) ** 0.5)
    pairs = [gate.qubits for gate in circuit.gates if gate.qubits[1:]]
    for pair in {(a, b) for a in range(n) for b in range(n) if a != b}:
        assert pairs.count(pair) == pytest.approx(total / 20, abs=4 * (total * 19 / 400) ** 0.5)


def test_order_of_the_random_layers():
    """Rotations, then for each qubit H before S, then CX."""
    circuit = rpqc(4, 3, np.random.default_rng(1))
    places, layer = [], 0
    for gate in circuit.gates:
        if isinstance(gate, PauliRotation):
            layer = gate.parameter // 4
            places.append((layer, 0, gate.qubits[0], ""))
        else:
            places.append(
                (layer, 2, 0, "") if gate.name == "CX" else (layer, 1, gate.qubits[0], gate.name)
            )
    assert places == sorted(places)
    shallow = rpqc(4, 2, np.random.default_rng(1))
    assert circuit.gates[: len(shallow.gates)] == shallow.gates


def test_one_qubit_has_no_cx():
    assert all(
        len(gate.qubits) == 1
        for gate in (
            *rpqc(1, 5, np.random.default_rng(0)).gates,
            *mhea(1, 3).gates,
            *fhea(1, 1).gates,
        )
    )


def test_errors_name_the_alternatives():
    with pytest.raises(ValueError, match="'star'; known are linear, circular, full"):
        cx_layer("star", 3)
    with pytest.raises(ValueError, match="at least one qubit, not 0"):
        cx_layer("full", 0)
    with pytest.raises(ValueError, match="-1 layers"):
        mhea(2, -1)
    with pytest.raises(ValueError, match="at least one rotation axis"):
        efficient_su2(2, 1, axes="")
    with pytest.raises(ValueError, match="-2 layers"):
        rpqc(2, -2, np.random.default_rng(0))
    with pytest.raises(ValueError, match="at least one qubit, not 0"):
        rpqc(0, 1, np.random.default_rng(0))
