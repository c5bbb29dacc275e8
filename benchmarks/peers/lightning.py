"""PennyLane's lightning.qubit: adjoint differentiation by the device, its fastest interface.

Tapes are made beforehand.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pennylane as qml
from numpy.typing import NDArray
from pennylane.tape import QuantumScript

from benchmarks import instances
from benchmarks.worker import Workload
from trainscape.circuits.circuit import Problem
from trainscape.circuits.gates import PauliRotation
from trainscape.circuits.light_cone import light_cone

__all__ = ["cone_gradient", "metric_tensor", "ring_gradient"]

_ROTATIONS = {"X": qml.RX, "Y": qml.RY, "Z": qml.RZ}
_GATES = {"CZ": qml.CZ, "CX": qml.CNOT}
_LETTERS = {"X": qml.X, "Y": qml.Y, "Z": qml.Z}


def _tape(problem: Problem, theta: NDArray[np.float64]) -> QuantumScript:
    operations: list[Any] = []
    for gate in problem.circuit.gates:
        if isinstance(gate, PauliRotation):
            operations.append(
                _ROTATIONS[gate.pauli](gate.scale * theta[gate.parameter], wires=gate.qubits[0])
            )
        else:
            operations.append(_GATES[gate.name](wires=list(gate.qubits)))
    terms = [
        (weight, [_LETTERS[string.label[q]](q) for q in string.support])
        for weight, string in problem.observable.terms
    ]
    products = [qml.prod(*factors) if len(factors) > 1 else factors[0] for _, factors in terms]
    observable = (
        products[0]
        if len(products) == 1
        else qml.Hamiltonian([weight for weight, _ in terms], products)
    )
    tape = QuantumScript(operations, [qml.expval(observable)])
    tape.trainable_params = list(range(problem.circuit.num_parameters))
    return tape


def _gradients(problem: Problem, theta: NDArray[np.float64]) -> Workload:
    device = qml.device("lightning.qubit", wires=problem.circuit.num_qubits)
    tapes = tuple(_tape(problem, row) for row in theta)
    config = device.setup_execution_config(qml.devices.ExecutionConfig(gradient_method="adjoint"))
    # Rotations appear in the order of their parameters, as the tape counts them.
    order = [gate.parameter for gate in problem.circuit.gates if isinstance(gate, PauliRotation)]
    if order != sorted(order):
        raise ValueError("the parameters of this circuit are not in the order of its gates")
    return Workload(lambda: np.array(device.compute_derivatives(tapes, config)), len(tapes))


def ring_gradient(n: int, cost: str) -> Workload:
    """Gradients of the deep ring circuit."""
    return _gradients(*instances.ring(n, n, cost, 4 if n <= 12 else 1))


def cone_gradient(graph: str, layers: int, samples: int) -> Workload:
    """Gradients of a shallow circuit by the state vector, reduced to its light cone beforehand."""
    problem, theta = instances.cone_problem(graph, layers, min(samples, 4))
    cone = light_cone(problem)
    workload = _gradients(cone.problem, cone.restrict(theta))
    reduced = workload.call
    workload.call = lambda: cone.extend(reduced(), theta.shape[1])
    workload.details["cone"] = cone.problem.circuit.num_qubits
    return workload


def metric_tensor(n: int, layers: int) -> Workload:
    """Four times PennyLane's adjoint metric tensor: the quantum Fisher information matrix."""
    problem, theta = instances.ring(n, layers, "zz", 1)
    tape = _tape(problem, theta[0])
    return Workload(lambda: 4 * np.asarray(qml.adjoint_metric_tensor(tape)).real[None])
