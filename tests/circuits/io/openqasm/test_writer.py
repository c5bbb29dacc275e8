"""Writing OpenQASM: read back by our own reader, and by quimb and PennyLane."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from circuits.matrices import assert_equal_up_to_phase, unitary
from simulators.problems import ALL_GATES, LONG, PROBLEMS, fixed, problems, rotation
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import Evolution, FixedGate
from trainscape.circuits.io.openqasm.reader import read_openqasm
from trainscape.circuits.io.openqasm.writer import write_openqasm
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.dense import Dense

CIRCUIT = Circuit(4, 5, ALL_GATES)


def angles(circuit, seed=0):
    return np.random.default_rng(seed).uniform(-6, 6, circuit.num_parameters)


def reordered(found, theta):
    """Parameters of what was read, from those of what was written."""
    return np.array([theta[int(name.removeprefix("theta"))] for name in found.parameter_names])


@settings(max_examples=40, deadline=None)
@given(problems(max_qubits=4), st.sampled_from((2, 3)))
def test_values_survive_a_round_trip(problem, version):
    circuit = problem.circuit
    theta = angles(circuit)
    found = read_openqasm(write_openqasm(circuit, version, angles=theta if version == 2 else None))
    values = np.array(found.angles) if version == 2 else reordered(found, theta)
    again = Problem(found.circuit, problem.observable)
    np.testing.assert_allclose(
        Dense(again).value(values[None, :]),
        Dense(problem).value(theta[None, :]),
        rtol=0,
        atol=1e-12,
    )


@pytest.mark.parametrize(
    "name",
    ["every gate", "named gates", "evolutions", "unitaries", "no parameters", "unused parameter"],
)
def test_unitaries_survive_a_round_trip_up_to_the_phase(name):
    circuit = PROBLEMS[name].circuit
    theta = angles(circuit)
    expected = unitary(circuit, theta)
    found = read_openqasm(write_openqasm(circuit))
    assert_equal_up_to_phase(unitary(found.circuit, reordered(found, theta)), expected)
    found = read_openqasm(write_openqasm(circuit, 2, angles=theta))
    assert_equal_up_to_phase(unitary(found.circuit, found.angles), expected)


@settings(max_examples=40, deadline=None)
@given(problems(max_qubits=4))
def test_primitive_gates_come_back_as_they_were(problem):
    """Rotations about any Pauli string are recognised in the gates that the text defines."""
    gates = tuple(
        gate
        for gate in problem.circuit.gates
        if not (isinstance(gate, FixedGate) and gate.name in ("ISWAP", "SXDG"))
    )
    circuit = Circuit(problem.circuit.num_qubits, problem.circuit.num_parameters, gates)
    found = read_openqasm(write_openqasm(circuit))
    back = [int(name.removeprefix("theta")) for name in found.parameter_names]
    renamed = read_openqasm(write_openqasm(found.circuit, parameter_names=[f"t{k}" for k in back]))
    assert renamed.circuit == found.circuit
    order = {old: new for new, old in enumerate(back)}
    lists = [
        gate
        if isinstance(gate, FixedGate)
        else (gate.pauli, gate.qubits, order[gate.parameter], gate.scale)
        for gate in gates
    ]
    assert [
        gate
        if isinstance(gate, FixedGate)
        else (gate.pauli, gate.qubits, gate.parameter, gate.scale)
        for gate in found.circuit.gates
    ] == lists


def test_the_text_is_readable():
    circuit = Circuit(
        3,
        2,
        (
            fixed("H", 0),
            rotation("ZX", 2, 0, parameter=1, scale=-1.0),
            Evolution.of_pauli("Y", (1,), 0, 2.0, -0.5),
            fixed("SDG", 2),
        ),
    )
    assert write_openqasm(circuit, parameter_names=("a", "b")) == (
        "OPENQASM 3.0;\n"
        'include "stdgates.inc";\n'
        "gate rot_zx(theta) a0, a1 { h a1; cx a0, a1; rz(theta) a1; cx a0, a1; h a1; }\n"
        "input float[64] a;\n"
        "input float[64] b;\n"
        "qubit[3] q;\n"
        "h q[0];\n"
        "rot_zx(-b) q[2], q[0];\n"
        "ry(2.0*a - 0.5) q[1];\n"
        "sdg q[2];\n"
    )
    assert write_openqasm(circuit, 2, angles=(1.0, 0.25)) == (
        "OPENQASM 2.0;\n"
        'include "qelib1.inc";\n'
        "gate rot_zx(theta) a0, a1 { h a1; cx a0, a1; rz(theta) a1; cx a0, a1; h a1; }\n"
        "qreg q[3];\n"
        "h q[0];\n"
        "rot_zx(-0.25) q[2], q[0];\n"
        "ry(1.5) q[1];\n"
        "sdg q[2];\n"
    )
    assert "input" not in write_openqasm(circuit, 3, angles=(1.0, 0.25))


def test_quimb_reads_version_2():
    import quimb.tensor as qtn

    theta = angles(CIRCUIT)
    text = write_openqasm(CIRCUIT, 2, angles=theta)
    assert_equal_up_to_phase(
        qtn.Circuit.from_openqasm2_str(text).to_dense().reshape(-1), unitary(CIRCUIT, theta)[:, 0]
    )


def test_pennylane_reads_version_3():
    import pennylane as qml

    # PennyLane knows no includes, its libraries are built in; and its own gates take no indexed
    # qubits.
    text = (
        write_openqasm(CIRCUIT)
        .replace('include "stdgates.inc";', "")
        .replace("qubit[4] q;", "qubit q0; qubit q1; qubit q2; qubit q3;")
    )
    text = re.sub(r"q\[(\d)\]", r"q\1", text)
    theta = angles(CIRCUIT)
    names = [f"q{k}" for k in range(4)]

    @qml.qnode(qml.device("default.qubit", wires=names))
    def state():
        qml.from_qasm3(text, {name: name for name in names})(
            **{f"theta{k}": value for k, value in enumerate(theta)}
        )
        return qml.state()

    assert_equal_up_to_phase(np.asarray(state()), unitary(CIRCUIT, theta)[:, 0])


@pytest.mark.parametrize("name", ["pi", "h", "q", "rot_zz", "for", "a b", "1a", "sin(", ""])
def test_bad_parameter_names_are_refused(name):
    circuit = Circuit(2, 1, (fixed("H", 0), rotation("ZZ", 0, 1)))
    with pytest.raises(ValueError, match="cannot be the name of a parameter"):
        write_openqasm(circuit, parameter_names=(name,))


def test_errors():
    circuit = Circuit(2, 1, (rotation("ZZ", 0, 1),))
    with pytest.raises(ValueError, match="OpenQASM 2 has no parameters; pass the 1 angles"):
        write_openqasm(circuit, 2)
    with pytest.raises(ValueError, match="2 angles were given, but the circuit has 1"):
        write_openqasm(circuit, 2, angles=(1.0, 2.0))
    with pytest.raises(ValueError, match=r"2 parameter names.*needs 1 different"):
        write_openqasm(circuit, parameter_names=("a", "b"))
    with pytest.raises(ValueError, match="versions 2 and 3"):
        write_openqasm(circuit, 4)
    with pytest.raises(ValueError, match=r"cannot be written as OpenQASM.*Trotter"):
        write_openqasm(Circuit(5, 1, (LONG,)))
    commuting = Evolution(PauliSum.parse("ZZIII + IIZZZ"), (0, 1, 2, 3, 4), 0)
    assert "rot_zzz(2.0*theta0) q[2], q[3], q[4];" in write_openqasm(Circuit(5, 1, (commuting,)))
