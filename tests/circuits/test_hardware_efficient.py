"""The hardware-efficient ansatz."""

import numpy as np
import pytest

from trainscape.circuits.ansatze.hardware_efficient import (
    connectivity_edges,
    grid_edges,
    hardware_efficient,
)
from trainscape.circuits.circuit import Problem
from trainscape.circuits.gates import FixedGate, PauliRotation
from trainscape.circuits.light_cone import light_cone
from trainscape.physics.pauli import PauliString, PauliSum


def test_edges():
    assert connectivity_edges("open", 4) == ((0, 1), (1, 2), (2, 3))
    assert connectivity_edges("ring", 4) == ((0, 1), (1, 2), (2, 3), (3, 0))
    assert connectivity_edges("all-to-all", 4) == ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3))
    assert connectivity_edges("ring", 2) == ((0, 1),)  # twice the same CZ would cancel
    assert connectivity_edges("ring", 1) == ()
    assert set(grid_edges(2, 3)) == {(0, 1), (1, 2), (3, 4), (4, 5), (0, 3), (1, 4), (2, 5)}
    assert len(grid_edges(6, 6)) == 60


def test_parameters_have_the_axes_layer_kind_qubit():
    n, layers = 3, 2
    circuit = hardware_efficient(n, layers, "open")
    assert circuit.num_parameters == 2 * n * layers
    index = np.arange(circuit.num_parameters).reshape(layers, 2, n)
    rotations = [gate for gate in circuit.gates if isinstance(gate, PauliRotation)]
    assert len(rotations) == circuit.num_parameters
    for gate in rotations:
        _, kind, qubit = np.argwhere(index == gate.parameter)[0]
        assert gate.qubits == (qubit,)
        assert gate.pauli == "YZ"[kind]
        assert gate.scale == 1.0
    per_layer = 2 * n + 2
    assert [type(gate) for gate in circuit.gates] == (
        [PauliRotation] * 2 * n + [FixedGate] * 2
    ) * layers
    assert circuit.gates[per_layer - 1] == FixedGate("CZ", (1, 2))


@pytest.mark.parametrize(("layers", "width"), [(1, 2), (2, 4), (4, 8), (6, 12)])
def test_light_cone_of_a_pair_on_a_ring(layers, width):
    """The CZ of the last layer commute with Z Z; each earlier layer widens the cone by one qubit on
    either side."""
    problem = Problem(
        hardware_efficient(40, layers, "ring"),
        PauliSum(((1.0, PauliString.on(40, {20: "Z", 21: "Z"})),)),
    )
    cone = light_cone(problem)
    assert cone.qubits == tuple(range(21 - width // 2, 21 + width // 2))


def test_errors_name_the_alternatives():
    with pytest.raises(ValueError, match=r"'star'.*open, ring, all-to-all"):
        hardware_efficient(3, 1, "star")
    with pytest.raises(ValueError, match="-1 layers"):
        hardware_efficient(3, -1, "open")
    with pytest.raises(ValueError, match="at least one qubit"):
        connectivity_edges("open", 0)
    with pytest.raises(ValueError, match="0 x 3"):
        grid_edges(0, 3)
    with pytest.raises(ValueError, match="outside the register of 3"):
        hardware_efficient(3, 1, ((0, 3),))
