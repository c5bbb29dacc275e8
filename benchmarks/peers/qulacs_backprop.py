"""qulacs: ``backprop`` of a parametric circuit.

Its rotations are ``exp(+i t P / 2)``, so angles go in, and derivatives come out, with the opposite
sign.
"""

from __future__ import annotations

import numpy as np
import qulacs

from benchmarks import instances
from benchmarks.worker import Workload
from trainscape.circuits.gates import PauliRotation

__all__ = ["ring_gradient"]


def ring_gradient(n: int, cost: str) -> Workload:
    """The gradient of the deep ring circuit at one sample; parameters are set beforehand."""
    problem, theta = instances.ring(n, n, cost, 1)
    circuit = qulacs.ParametricQuantumCircuit(n)
    for gate in problem.circuit.gates:
        if isinstance(gate, PauliRotation):
            getattr(circuit, f"add_parametric_R{gate.pauli}_gate")(
                gate.qubits[0], -gate.scale * theta[0, gate.parameter]
            )
        else:
            add = circuit.add_CNOT_gate if gate.name == "CX" else circuit.add_CZ_gate
            add(*gate.qubits)
    observable = qulacs.Observable(n)
    for weight, string in problem.observable.terms:
        observable.add_operator(weight, " ".join(f"{string.label[q]} {q}" for q in string.support))
    return Workload(lambda: -np.array(circuit.backprop(observable))[None])
