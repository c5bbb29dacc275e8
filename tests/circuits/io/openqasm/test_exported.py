"""Programs as other packages write them, against values and derivatives of Qiskit.

The programs in `exported` were written by Qiskit 2.6, PennyLane 0.45, Cirq 1.7 and pytket 2.18, or by
hand in the manner of what its name says. `store_expected.py` computes the stored values.
"""

import json

import numpy as np
import pytest

from circuits.io.openqasm.store_expected import FOLDER, STORED, all_expected, version
from circuits.matrices import assert_equal_up_to_phase, unitary
from trainscape.circuits.circuit import Problem
from trainscape.circuits.io.openqasm.reader import read_openqasm
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.dense import Dense

EXPECTED = json.loads(STORED.read_text(encoding="utf-8"))
NAMES = sorted(path.stem for path in FOLDER.glob("*.qasm"))


def test_there_are_forty():
    assert set(NAMES) == set(EXPECTED)
    assert len(NAMES) >= 40


@pytest.mark.parametrize("name", NAMES)
def test_value_and_gradient(name):
    text = (FOLDER / f"{name}.qasm").read_text(encoding="utf-8")
    expected = EXPECTED[name]
    found = read_openqasm(text)
    observable = PauliSum(
        tuple((weight, PauliString(word)) for weight, word in expected["observable"])
    )
    if version(text) == 2:
        theta = np.array([found.angles])
        gradient = expected["gradient"]
    else:
        theta = np.array([[expected["parameters"][key] for key in found.parameter_names]])
        gradient = [expected["gradient"][key] for key in found.parameter_names]
        assert set(found.parameter_names) == set(expected["parameters"])
    engine = Dense(Problem(found.circuit, observable))
    values, gradients = engine.value_and_gradient(theta.reshape(1, len(gradient)))
    assert values[0] == pytest.approx(expected["value"], abs=1e-12)
    np.testing.assert_allclose(gradients[0], gradient, rtol=0, atol=1e-9)


@pytest.mark.slow
def test_the_stored_values_are_those_of_qiskit():
    pytest.importorskip("qiskit", reason="pip install -e '.[peers]'")
    pytest.importorskip("qiskit_qasm3_import", reason="pip install -e '.[peers]'")
    again = all_expected()
    for name in NAMES:
        stored, new = EXPECTED[name], again[name]
        assert new["observable"] == stored["observable"]
        assert new.get("parameters") == stored.get("parameters")
        assert new["value"] == pytest.approx(stored["value"], abs=1e-12)
        assert new["gradient"] == pytest.approx(stored["gradient"], abs=1e-10)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_random_circuits_of_qiskit(seed):
    """Written in both versions, plain and transpiled, and read back."""
    qiskit = pytest.importorskip("qiskit", reason="pip install -e '.[peers]'")
    from qiskit import qasm2, qasm3
    from qiskit.circuit.random import random_circuit
    from qiskit.quantum_info import Statevector

    drawn = random_circuit(4, 6, max_operands=4, seed=seed)
    line = qiskit.transpiler.CouplingMap.from_line(4)
    placed = qiskit.transpile(
        drawn, basis_gates=["rz", "sx", "x", "ecr"], coupling_map=line, seed_transpiler=seed
    )
    for circuit, text in (
        (drawn, qasm2.dumps(drawn)),
        (drawn, qasm3.dumps(drawn)),
        (placed, qasm2.dumps(placed)),
        (placed, qasm3.dumps(placed)),
    ):
        found = read_openqasm(text)
        state = unitary(found.circuit, found.angles or ())[:, 0]
        # Qiskit's first qubit is the least significant bit.
        expected = Statevector(circuit).reverse_qargs().data
        unused = 2 ** (circuit.num_qubits - found.circuit.num_qubits)
        assert_equal_up_to_phase(np.kron(state, np.eye(unused)[0]), expected, 1e-10)
