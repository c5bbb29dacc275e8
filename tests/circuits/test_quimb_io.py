"""Circuits from and to quimb: states must agree with quimb's own contraction."""

import numpy as np
import pytest
import quimb as qu
import quimb.tensor as qtn

from circuits.matrices import assert_equal_up_to_phase, unitary
from simulators.problems import LONG, PROBLEMS, random_unitary
from trainscape.circuits.circuit import Circuit
from trainscape.circuits.gates import Evolution, FixedGate, PauliRotation, Unitary
from trainscape.circuits.io.quimb import from_quimb, to_quimb
from trainscape.physics.pauli import PauliSum


def state(circuit):
    return circuit.to_dense().reshape(-1)


def scrambled(num_qubits):
    """A state in which no phase of a gate is hidden."""
    circuit = qtn.Circuit(num_qubits)
    for qubit in range(num_qubits):
        circuit.apply_gate("U3", 0.7 + qubit, 0.3 * qubit, -0.4, qubit)
    for qubit in range(num_qubits - 1):
        circuit.apply_gate("FSIM", 0.4, 0.9, qubit, qubit + 1)
    return circuit


@pytest.mark.parametrize("label", sorted(qtn.circuit.gates.ALL_GATES))
def test_every_gate_of_quimb(label):
    size = qtn.circuit.gates.GATE_SIZE[label]
    circuit = scrambled(4)
    counts = {
        "U2": 2,
        "CU2": 2,
        "U3": 3,
        "CU3": 3,
        "FS": 2,
        "FSIM": 2,
        "FSIMG": 5,
        "GIVENS2": 2,
        "XXPLUSYY": 2,
        "XXMINUSYY": 2,
        "SU4": 15,
    }
    count = counts.get(label, 1) if label in qtn.circuit.gates.PARAM_GATES else 0
    angles = [0.3 + 0.2 * k for k in range(count)]
    circuit.apply_gate(label, *angles, *(3, 0, 2)[:size])
    found = from_quimb(circuit)
    assert_equal_up_to_phase(unitary(found.circuit, found.angles)[:, 0], state(circuit))
    if label not in ("SWAP", "IDEN"):  # which quimb cannot control
        circuit.apply_gate(label, *angles, *(3, 0, 2)[:size], controls=[1])
        found = from_quimb(circuit)
        assert_equal_up_to_phase(unitary(found.circuit, found.angles)[:, 0], state(circuit))


def test_angles_are_parameters_in_the_order_of_the_gates():
    circuit = qtn.Circuit(3)
    circuit.apply_gate("H", 0)
    circuit.apply_gate("RX", 0.5, 2, parametrize=True)
    circuit.apply_gate("U3", 0.1, 0.2, 0.3, 1)
    circuit.apply_gate("RZZ", -0.7, 2, 0)
    circuit.apply_gate("CNOT", 1, 0)
    circuit.apply_gate_raw(qu.rand_uni(4), (2, 1))
    found = from_quimb(circuit)
    assert found.angles == (0.5, 0.1, 0.2, 0.3, -0.7)
    assert found.parameter_names == tuple(f"theta{k}" for k in range(5))
    assert found.circuit.gates[:-1] == (
        FixedGate("H", (0,)),
        PauliRotation("X", (2,), 0),
        PauliRotation("Z", (1,), 3),
        PauliRotation("Y", (1,), 1),
        PauliRotation("Z", (1,), 2),
        PauliRotation("ZZ", (2, 0), 4),
        FixedGate("CX", (1, 0)),
    )
    assert isinstance(found.circuit.gates[-1], Unitary)
    assert found.circuit.gates[-1].qubits == (2, 1)


def test_only_the_gates_of_a_matrix_product_circuit_are_read():
    """Its tensors hold the gates already, and say nothing about the initial state."""
    circuit = qtn.CircuitMPS(2)
    circuit.apply_gate("X", 0)
    circuit.apply_gate("RY", 0.3, 1)
    assert from_quimb(circuit).circuit.gates == (FixedGate("X", (0,)), PauliRotation("Y", (1,), 0))


@pytest.mark.parametrize(
    "name", ["every gate", "named gates", "evolutions", "unitaries", "ring", "no parameters"]
)
def test_to_quimb_and_back(name):
    circuit = PROBLEMS[name].circuit
    theta = np.random.default_rng(0).uniform(-6, 6, circuit.num_parameters)
    expected = unitary(circuit, theta)
    there = to_quimb(circuit, theta)
    assert_equal_up_to_phase(state(there), expected[:, 0])
    back = from_quimb(there)
    assert_equal_up_to_phase(unitary(back.circuit, back.angles), expected)


def test_long_evolutions():
    commuting = Evolution(PauliSum.parse("ZZIII + 0.3*IIZZZ"), (0, 1, 2, 3, 4), 0, 1.0, 0.2)
    circuit = Circuit(5, 1, (*(FixedGate("H", (q,)) for q in range(5)), commuting))
    assert_equal_up_to_phase(state(to_quimb(circuit, [0.4])), unitary(circuit, [0.4])[:, 0])
    with pytest.raises(ValueError, match=r"cannot be given to quimb.*Trotter"):
        to_quimb(Circuit(5, 1, (LONG,)), [0.4])


def test_errors():
    start = qtn.Dense1D(random_unitary(4)[0])
    with pytest.raises(ValueError, match="starts from a state other than"):
        from_quimb(qtn.Circuit(psi0=start))
    circuit = qtn.Circuit(5)
    circuit.apply_gate("H", 0)
    circuit.apply_gate_raw(random_unitary(32), (0, 1, 2, 3, 4))
    with pytest.raises(ValueError, match=r"gate 1 of the quimb circuit.*5 qubits.*at most 4"):
        from_quimb(circuit)
    with pytest.raises(ValueError, match="needs \\(samples, 1\\)"):
        to_quimb(Circuit(1, 1, (PauliRotation("X", (0,), 0),)), [0.1, 0.2])
