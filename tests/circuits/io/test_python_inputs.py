"""Objects of other packages are recognised by the module of their type.

The stand-ins here have the attributes that are read and no others; that the packages themselves
have them, and mean the same, is what the slow tests in test_python_inputs_real show.
"""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from trainscape.circuits.circuit import Circuit
from trainscape.circuits.gates import FixedGate, PauliRotation
from trainscape.circuits.io.python_inputs import import_circuit, import_observable, import_problem
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.dense import Dense


class Word(dict):
    """A Pauli word: letters by wire, and a key of sentences."""

    __hash__ = object.__hash__


def stand_in(package: str, **attributes):
    """Return an object whose type seems to come from a package."""
    kind = type("StandIn", (SimpleNamespace,), {"__module__": f"{package}.somewhere"})
    return kind(**attributes)


def qiskit_circuit(*instructions, qubits=2):
    bits = tuple(f"bit {k}" for k in range(qubits))
    data = [
        SimpleNamespace(
            operation=SimpleNamespace(name=name, params=params, definition=None),
            qubits=[bits[k] for k in on],
        )
        for name, params, on in instructions
    ]
    return stand_in("qiskit", qubits=bits, data=data, parameters=())


def pennylane_tape(*operations, measurements=()):
    return stand_in(
        "pennylane",
        operations=[
            SimpleNamespace(name=name, data=data, wires=wires, hyperparameters={})
            for name, data, wires in operations
        ],
        wires=sorted({wire for _, _, wires in operations for wire in wires}),
        measurements=list(measurements),
        batch_size=None,
    )


def test_qiskit_circuit_and_operator():
    circuit = qiskit_circuit(
        ("reset", [], [0]),
        ("rx", [0.3], [0]),
        ("barrier", [], [0, 1]),
        ("cx", [], [0, 1]),
        ("ry", [0.5], [1]),
        ("measure", [], [0]),
    )
    operator = stand_in(
        "qiskit",
        paulis=SimpleNamespace(to_labels=lambda: ["IZ", "ZI"]),
        coeffs=np.array([1.0 + 0j, 0.5]),
    )
    problem, imported = import_problem(circuit, observable=operator)
    # The rightmost letter of Qiskit is its qubit 0.
    assert str(problem.observable) == "1.0*ZI + 0.5*IZ"
    assert imported.circuit.gates == (
        PauliRotation("X", (0,), 0),
        FixedGate("CX", (0, 1)),
        PauliRotation("Y", (1,), 1),
    )
    assert imported.angles == (0.3, 0.5)
    found = Dense(problem).value(np.array([imported.angles]))[0]
    assert found == pytest.approx(math.cos(0.3) + 0.5 * math.cos(0.3) * math.cos(0.5), abs=1e-14)


@pytest.mark.parametrize(
    ("instructions", "message"),
    [
        ([("if_else", [], [0])], "'if_else' that depends on measurements"),
        ([("measure", [], [0]), ("h", [], [0])], "'h' on qubit 0 after its measurement"),
        ([("h", [], [0]), ("reset", [], [0])], "resets qubit 0 after a gate"),
        ([("save_state", [], [0])], "'save_state', which has neither a definition nor a matrix"),
        ([("rx", [float("nan")], [0])], "has the angle nan"),
    ],
)
def test_qiskit_circuits_that_are_no_list_of_gates(instructions, message):
    with pytest.raises(ValueError, match=message):
        import_circuit(qiskit_circuit(*instructions))


def test_pennylane_tape_with_its_observable():
    sentence = {}
    sentence[Word({1: "Z"})] = 0.5
    sentence[Word({0: "X", 1: "Y"})] = np.float64(2.0)
    expectation = type("ExpectationMP", (SimpleNamespace,), {})
    tape = pennylane_tape(
        ("Hadamard", [], [1]),
        ("Rot", [0.1, 0.2, 0.3], [0]),
        measurements=[expectation(obs=stand_in("pennylane", pauli_rep=sentence))],
    )
    problem, imported = import_problem(tape)
    assert str(problem.observable) == "0.5*IZ + 2.0*XY"
    assert imported.angles == (0.1, 0.2, 0.3)
    assert [gate.pauli for gate in imported.circuit.gates[1:]] == ["Z", "Y", "Z"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: import_circuit("OPENQASM 3.0;"), "a builtins.str is no circuit that can be read"),
        (lambda: import_circuit(np.eye(2)), "a numpy.ndarray is no circuit that can be read"),
        (lambda: import_circuit(stand_in("qiskit")), "is no circuit that can be read"),
        (lambda: import_observable(np.eye(2), 1), "is no observable that can be read"),
        (lambda: import_observable(stand_in("qiskit"), 1), "is no observable that can be read"),
        (
            lambda: import_observable(stand_in("pennylane", pauli_rep=None), 1),
            "is no sum of Pauli words",
        ),
        (lambda: import_problem(Circuit(1, 0, ())), "there is no observable"),
        (
            lambda: import_problem(pennylane_tape(("PauliX", [], [0]))),
            "returns nothing, not one expectation value",
        ),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_own_circuits_and_texts_pass_through():
    circuit = Circuit(3, 1, (PauliRotation("X", (0,), 0),))
    problem, imported = import_problem(circuit, observable="0.5 Z0 - X2")
    assert problem.observable == PauliSum.parse("0.5*ZII - IIX")
    assert (imported.circuit, imported.parameter_names) == (circuit, ("theta0",))
    assert import_observable(problem.observable, 3) is problem.observable
