"""Tensor networks of shallow circuits, by quimb, and by cotengra with JAX.

quimb computes expectation values. The other network is built here, contracted with cotengra and
differentiated by JAX.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks import instances
from benchmarks.worker import Workload
from trainscape.circuits.circuit import Problem
from trainscape.circuits.gates import PauliRotation
from trainscape.circuits.light_cone import light_cone

__all__ = ["jax_gradient", "quimb_value"]


def quimb_value(graph: str, layers: int, samples: int) -> Workload:
    """The value by `quimb.tensor.Circuit.local_expectation`, one circuit per call.

    The circuit is built beforehand.
    """
    import cotengra
    import quimb as qu
    import quimb.tensor as qtn

    problem, theta = instances.cone_problem(graph, layers, 1)
    circuit = qtn.Circuit(problem.circuit.num_qubits)
    for gate in problem.circuit.gates:
        if isinstance(gate, PauliRotation):
            circuit.apply_gate(
                f"R{gate.pauli}", gate.scale * theta[0, gate.parameter], gate.qubits[0]
            )
        else:
            circuit.apply_gate(gate.name, *gate.qubits)
    operator = qu.pauli("Z") & qu.pauli("Z")
    where = problem.observable.support
    # Keeps its paths from call to call. quimb's default starts processes for the search.
    optimiser = cotengra.ReusableRandomGreedyOptimizer(
        max_repeats=128, seed=0, accel=False, parallel=False
    )

    def value() -> Any:
        # The circuit keeps simplified networks of the place it was asked about; a new circuit, with
        # new angles, has none.
        circuit.clear_storage()
        return np.array([np.real(circuit.local_expectation(operator, where, optimize=optimiser))])

    return Workload(value)


class _Network:
    """The network of ``<0|U^dagger ZZ U|0>``.

    RY is a matrix, RZ a vector and CZ a matrix on the indices of the wires. Any number of tensors
    may share an index.
    """

    def __init__(self, problem: Problem) -> None:
        self.inputs: list[tuple[int, ...]] = []
        self.kinds: list[tuple[str, int, bool]] = []
        self.indices = 0
        ends = [self._layer(problem, bra) for bra in (False, True)]
        # Z is diagonal: the wires of both layers end in the same index.
        joined = dict(zip(ends[1], ends[0], strict=True))
        self.inputs = [
            tuple(joined.get(index, index) for index in tensor) for tensor in self.inputs
        ]
        for qubit in problem.observable.support:
            self.inputs.append((ends[0][qubit],))
            self.kinds.append(("Z", -1, False))

    def _layer(self, problem: Problem, bra: bool) -> list[int]:
        wires: list[int | None] = [None] * problem.circuit.num_qubits
        for gate in problem.circuit.gates:
            wire = wires[gate.qubits[0]]
            if isinstance(gate, PauliRotation) and gate.pauli == "Y":
                new, self.indices = self.indices, self.indices + 1
                self.inputs.append((new,) if wire is None else (new, wire))
                self.kinds.append(("start" if wire is None else "Y", gate.parameter, bra))
                wires[gate.qubits[0]] = new
            elif isinstance(gate, PauliRotation):
                assert wire is not None
                self.inputs.append((wire,))
                self.kinds.append(("RZ", gate.parameter, bra))
            else:
                other = wires[gate.qubits[1]]
                assert wire is not None
                assert other is not None
                self.inputs.append((wire, other))
                self.kinds.append(("CZ", -1, bra))
        return [wire for wire in wires if wire is not None]


def jax_gradient(graph: str, layers: int, samples: int) -> Workload:
    """Gradients of all samples by one compiled function.

    It is cotengra's contraction under `jit`, `vmap` and `grad`.
    """
    import cotengra
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    problem, theta = instances.cone_problem(graph, layers, samples)
    cone = light_cone(problem)
    network = _Network(cone.problem)
    optimiser = cotengra.RandomGreedyOptimizer(max_repeats=128, seed=0, accel=False, parallel=False)
    shapes = [tuple(2 for _ in indices) for indices in network.inputs]
    contract = cotengra.array_contract_expression(
        network.inputs, (), shapes=shapes, optimize=optimiser
    )

    def value(angles: Any) -> Any:
        cosines, sines = jnp.cos(angles / 2), jnp.sin(angles / 2)
        arrays = []
        for kind, parameter, bra in network.kinds:
            if kind == "CZ":
                arrays.append(jnp.array([[1.0, 1.0], [1.0, -1.0]], dtype=complex))
            elif kind == "Z":
                arrays.append(jnp.array([1.0, -1.0], dtype=complex))
            elif kind == "start":
                arrays.append(jnp.stack([cosines[parameter], sines[parameter]]).astype(complex))
            elif kind == "Y":
                c, s = cosines[parameter], sines[parameter]
                arrays.append(jnp.stack([c, -s, s, c]).reshape(2, 2).astype(complex))
            else:
                phase = jnp.exp((0.5j if bra else -0.5j) * angles[parameter])
                arrays.append(jnp.stack([phase, phase.conj()]))
        return jnp.real(contract(*arrays))

    gradient = jax.jit(jax.vmap(jax.grad(value)))
    rows = cone.restrict(theta)
    return Workload(lambda: cone.extend(np.asarray(gradient(rows)), theta.shape[1]), samples)
