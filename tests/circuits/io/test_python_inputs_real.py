"""Circuits and observables of PennyLane, Qiskit and quimb themselves: their numbers, ours.

Slow, since these packages are large; Qiskit is not part of the development environment.
"""

import math

import numpy as np
import pytest

from trainscape.circuits.io.python_inputs import import_circuit, import_observable, import_problem
from trainscape.simulators.dense import Dense
from trainscape.simulators.statevector.engine import Statevector

pytestmark = pytest.mark.slow


def value(problem, imported):
    return float(Dense(problem).value(np.array([imported.angles or ()], dtype=float))[0])


@pytest.fixture
def qml():
    return pytest.importorskip("pennylane")


OBSERVABLE = "0.5 Z0 + 0.25 X0 Y1 - 0.75 Y1 Z2 + 0.3 X2 + 0.2 Z1"


def theirs(qml):
    z, x, y = qml.PauliZ, qml.PauliX, qml.PauliY
    return 0.5 * z(0) + 0.25 * x(0) @ y(1) - 0.75 * y(1) @ z(2) + 0.3 * x(2) + 0.2 * z(1)


GATES = {
    "RX": 1,
    "RY": 1,
    "RZ": 1,
    "PhaseShift": 1,
    "U1": 1,
    "U2": 2,
    "U3": 3,
    "Rot": 3,
    "CRX": 1,
    "CRY": 1,
    "CRZ": 1,
    "CRot": 3,
    "ControlledPhaseShift": 1,
    "IsingXX": 1,
    "IsingYY": 1,
    "IsingZZ": 1,
    "IsingXY": 1,
    "SingleExcitation": 1,
    "SingleExcitationPlus": 1,
    "PSWAP": 1,
    **dict.fromkeys(
        ("Hadamard", "PauliX", "PauliY", "PauliZ", "S", "T", "SX", "CNOT", "CZ", "CY", "CH"), 0
    ),
    **dict.fromkeys(("SWAP", "ISWAP", "SISWAP", "ECR", "Toffoli", "CSWAP", "CCZ"), 0),
}


@pytest.mark.parametrize("form", ["plain", "adjoint", "ctrl", "ctrl on zero"])
@pytest.mark.parametrize("name", GATES)
def test_gates_of_pennylane(qml, name, form):
    gate = getattr(qml, name)
    wires = [2, 0, 1][: gate.num_wires]
    angles = [0.3, -0.7, 1.1][: GATES[name]]
    if form.startswith("ctrl") and len(wires) > 2:
        wires = wires[:3]
    spare = [wire for wire in (0, 1, 2, 3) if wire not in wires]
    with qml.tape.QuantumTape() as tape:
        for wire in range(4):
            qml.Rot(0.4 + wire, 0.9, -0.3 * wire, wires=wire)
        if form == "plain":
            gate(*angles, wires=wires)
        elif form == "adjoint":
            qml.adjoint(gate)(*angles, wires=wires)
        else:
            values = [0] if "zero" in form else [1]
            qml.ctrl(gate, control=spare[-1:], control_values=values)(*angles, wires=wires)
        for wire in range(4):
            qml.Rot(0.1, 0.5 + wire, 0.2, wires=wire)
        qml.expval(theirs(qml) + 0.4 * qml.PauliX(3))
    expected = qml.execute([tape], qml.device("default.qubit", wires=4))[0]
    assert value(*import_problem(tape)) == pytest.approx(float(expected), abs=1e-12)


def test_a_qnode_with_templates_and_its_gradient(qml):
    device = qml.device("default.qubit", wires=["a", "b", "c"])

    @qml.qnode(device)
    def circuit(weights):
        qml.BasisState(np.array([1, 0, 1]), wires=["a", "b", "c"])
        qml.StronglyEntanglingLayers(weights, wires=["c", "a", "b"])
        qml.PauliRot(weights[0, 0, 0], "XIY", wires=["a", "b", "c"])
        qml.MultiRZ(0.3, wires=["a", "c"])
        qml.GlobalPhase(0.4)
        qml.Barrier()
        return qml.expval(qml.PauliZ("a") @ qml.PauliX("c") - 0.5 * qml.PauliY("b"))

    weights = qml.numpy.array(
        np.random.default_rng(0).uniform(-2, 2, (2, 3, 3)), requires_grad=True
    )
    problem, imported = import_problem(circuit, weights)
    assert imported.circuit.num_parameters == 18 + 2
    assert imported.angles[:18] == pytest.approx(np.ravel(weights))
    values, gradients = Statevector(problem).value_and_gradient([imported.angles])
    assert values[0] == pytest.approx(float(circuit(weights)), abs=1e-12)
    slopes = gradients[0, :18].reshape(2, 3, 3).copy()
    slopes[0, 0, 0] += gradients[0, 18]  # the weight of the Pauli rotation too
    np.testing.assert_allclose(slopes, qml.grad(circuit)(weights), atol=1e-12)


def test_what_is_no_fixed_circuit_of_pennylane(qml):
    with qml.tape.QuantumTape() as broadcast:
        qml.RX(np.array([0.1, 0.2]), wires=0)
        qml.expval(qml.PauliZ(0))
    with qml.tape.QuantumTape() as channel:
        qml.BitFlip(0.1, wires=0)
        qml.expval(qml.PauliZ(0))
    with qml.tape.QuantumTape() as two:
        qml.RX(0.1, wires=0)
        qml.expval(qml.PauliZ(0))
        qml.probs(wires=0)
    with qml.tape.QuantumTape() as variance:
        qml.RX(0.1, wires=0)
        qml.var(qml.PauliZ(0))
    with qml.tape.QuantumTape() as measured:
        qml.measure(0)
        qml.RX(0.1, wires=0)
        qml.expval(qml.PauliZ(0))
    for tape, message in (
        (broadcast, "is broadcast over 2 values"),
        (channel, "'BitFlip'"),
        (two, "returns expval, ProbabilityMP, not one"),
        (variance, "returns VarianceMP, not one"),
        (measured, "a measurement before its end"),
    ):
        with pytest.raises(ValueError, match=message):
            import_problem(tape)
    problem, _ = import_problem(two, observable="Z")
    assert problem.observable.num_qubits == 1


@pytest.fixture
def qiskit():
    return pytest.importorskip("qiskit")


def reference(qiskit, circuit, operator):
    from qiskit.quantum_info import Statevector as State

    return float(
        State(circuit.remove_final_measurements(inplace=False)).expectation_value(operator).real
    )


def test_parameters_of_qiskit(qiskit):
    from qiskit.circuit import Parameter, ParameterVector
    from qiskit.quantum_info import SparsePauliOp

    theta, phi = ParameterVector("θ", 12), Parameter("φ")
    circuit = qiskit.QuantumCircuit(3, 3)
    circuit.reset(0)
    circuit.h(0)
    circuit.rx(2 * theta[10] - phi / 3 + 0.2, 0)
    circuit.u(theta[2], phi, -theta[10], 1)
    circuit.cry(theta[2], 0, 2)
    circuit.append(qiskit.circuit.library.RZXGate(phi), [1, 2])
    circuit.ecr(0, 1)
    circuit.barrier()
    circuit.rx(0.7, 1)
    circuit.measure(range(3), range(3))
    operator = SparsePauliOp(["IIZ", "XYI", "ZIX"], [1.0, -0.5, 0.25])
    problem, imported = import_problem(circuit, observable=operator)
    assert imported.parameter_names == ("θ[2]", "θ[10]", "φ")
    assert imported.angles is None
    assert str(problem.observable) == "1.0*ZII - 0.5*IYX + 0.25*XIZ"
    point = [0.3, -1.2, 0.8]
    bound = circuit.assign_parameters(dict(zip(circuit.parameters, point, strict=True)))
    values, gradients = Statevector(problem).value_and_gradient([point])
    assert values[0] == pytest.approx(reference(qiskit, bound, operator), abs=1e-12)
    for k in range(3):
        shifted = []
        for step in (1e-5, -1e-5):
            near = [angle + step * (j == k) for j, angle in enumerate(point)]
            there = circuit.assign_parameters(dict(zip(circuit.parameters, near, strict=True)))
            shifted.append(reference(qiskit, there, operator))
        assert gradients[0, k] == pytest.approx((shifted[0] - shifted[1]) / 2e-5, abs=1e-8)


@pytest.mark.parametrize("seed", range(6))
def test_random_circuits_of_qiskit(qiskit, seed):
    from qiskit.circuit.random import random_circuit
    from qiskit.quantum_info import SparsePauliOp, random_pauli_list

    circuit = random_circuit(4, 6, max_operands=3, seed=seed)
    operator = SparsePauliOp(random_pauli_list(4, 3, seed=seed, phase=False), [0.5, -1.0, 2.0])
    problem, imported = import_problem(circuit, observable=operator)
    assert value(problem, imported) == pytest.approx(
        reference(qiskit, circuit, operator), abs=1e-11
    )


def test_library_of_qiskit(qiskit):
    from qiskit.circuit.library import PauliEvolutionGate, UnitaryGate, XGate, efficient_su2
    from qiskit.quantum_info import Pauli, SparsePauliOp

    circuit = efficient_su2(4, reps=1, entanglement="circular")
    problem, imported = import_problem(circuit, observable=SparsePauliOp("XIYZ"))
    assert imported.parameter_names == tuple(parameter.name for parameter in circuit.parameters)
    point = np.linspace(-1, 2, 16)
    bound = circuit.assign_parameters(point)
    found = Dense(problem).value(point[None])[0]
    assert found == pytest.approx(reference(qiskit, bound, Pauli("XIYZ")), abs=1e-12)
    rest = qiskit.QuantumCircuit(4)
    rest.append(XGate().control(2, ctrl_state=1), [0, 1, 2])
    rest.append(PauliEvolutionGate(SparsePauliOp(["XX", "ZZ"]), time=0.3), [1, 3])
    matrix = np.linalg.qr(np.random.default_rng(0).normal(size=(8, 8)))[0]
    rest.append(UnitaryGate(matrix), [3, 0, 2])
    rest.global_phase = 0.3
    problem, imported = import_problem(rest, observable=-Pauli("XYIZ"))
    assert value(problem, imported) == pytest.approx(
        reference(qiskit, rest, -Pauli("XYIZ")), abs=1e-12
    )


def test_what_is_no_fixed_circuit_of_qiskit(qiskit):
    from qiskit.circuit import Parameter
    from qiskit.quantum_info import SparsePauliOp

    a, b = Parameter("a"), Parameter("b")
    product = qiskit.QuantumCircuit(1)
    product.rx(a * b, 0)
    sine = qiskit.QuantumCircuit(1)
    sine.rx(a.sin(), 0)
    late = qiskit.QuantumCircuit(1, 1)
    late.measure(0, 0)
    late.h(0)
    dynamic = qiskit.QuantumCircuit(1, 1)
    with dynamic.if_test((dynamic.clbits[0], 1)):
        dynamic.x(0)
    reset = qiskit.QuantumCircuit(1)
    reset.h(0)
    reset.reset(0)
    for circuit, message in (
        (product, "not affine in a"),
        (sine, "not affine in a"),
        (late, "after its measurement"),
        (dynamic, "'if_else' that depends on measurements"),
        (reset, "resets qubit 0 after a gate"),
    ):
        with pytest.raises(ValueError, match=message):
            import_circuit(circuit)
    with pytest.raises(ValueError, match="is not real: no observable"):
        import_observable(SparsePauliOp(["Z"], [1j]), 1)


def test_quimb():
    qtn = pytest.importorskip("quimb.tensor")
    circuit = qtn.Circuit(2)
    circuit.rx(0.3, 0)
    circuit.cnot(0, 1)
    problem, imported = import_problem(circuit, observable="Z0 + 0.5 Z1")
    assert value(problem, imported) == pytest.approx(1.5 * math.cos(0.3), abs=1e-12)
