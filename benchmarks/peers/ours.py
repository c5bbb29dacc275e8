"""The engines of trainscape, through their public interface."""

from __future__ import annotations

import math
import time
from dataclasses import asdict

import numpy as np

from benchmarks import instances
from benchmarks.peers.propagation import FINER
from benchmarks.work import (
    contraction_work,
    gradient_work,
    jacobian_work,
    sector_work,
    triangle_of_products,
)
from benchmarks.worker import Workload
from trainscape.circuits.light_cone import light_cone
from trainscape.simulators.pauli.propagation import PauliPropagation
from trainscape.simulators.pauli.walk import Patch, PauliWalk
from trainscape.simulators.sectors.engine import Sectors
from trainscape.simulators.sectors.problem import SectorBlock, SectorProblem
from trainscape.simulators.statevector.engine import Statevector
from trainscape.simulators.tensornet.engine import TensorNetwork, find_path, path_statistics
from trainscape.trainability.curvature import stacked_qfim_rank

__all__ = [
    "cone_statevector",
    "cone_tensornet",
    "fragmentation",
    "jacobian",
    "near_clifford",
    "ring_gradient",
    "trotter",
    "walk",
]


def ring_gradient(n: int, cost: str, reduce: bool = True) -> Workload:
    """Gradients of the deep ring circuit, several samples a call."""
    samples = max(4, min(64, 2 ** (16 - n)))
    problem, theta = instances.ring(n, n, cost, samples)
    engine = Statevector(problem, reduce=reduce)
    return Workload(lambda: engine.gradient(theta), samples, work=gradient_work(engine.program))


def fragmentation(n: int, layers: int, inputs: int, restrict: bool = True) -> Workload:
    """The gradient inside the Krylov block of the inputs, or in the full space as one block.

    Both use the same compiled kernel.
    """
    instance = instances.fragmentation(n, layers, inputs)
    block = instance.block if restrict else np.arange(2**n)
    columns = np.zeros((len(block), len(instance.starts)))
    columns[np.searchsorted(block, instance.starts), np.arange(len(instance.starts))] = 1.0
    restricted = SectorBlock(
        "0",
        instance.hamiltonian[np.ix_(block, block)].toarray(),
        instance.gate[np.ix_(block, block)].toarray(),
        columns,
        instance.accepted[block],
    )
    engine = Sectors(SectorProblem((restricted,), instance.times))
    details = {
        "blocks": instance.blocks,
        "order": len(block),
        "share": instance.share,
        "inputs": len(instance.starts),
    }
    work = sector_work(restricted, layers)
    return Workload(lambda: engine.gradient(instance.theta), details=details, work=work)


def jacobian(n: int, layers: int, qfim: bool) -> Workload:
    """The state Jacobian of one sample, without or with the quantum Fisher information matrix."""
    problem, theta = instances.ring(n, layers, "zz", 1)
    engine = Statevector(problem)
    tangents = engine.jacobian(theta)[0]
    work = jacobian_work(engine)
    if not qfim:
        return Workload(lambda: engine.jacobian(theta), work=work)
    rank = stacked_qfim_rank(tangents, engine.state(theta)[0])
    return Workload(
        lambda: engine.quantum_fisher(theta),
        details={"rank": rank.rank, "gap": rank.gap if math.isfinite(rank.gap) else None},
        work=work.plus(triangle_of_products(len(tangents), 2 * tangents.shape[1])),
    )


def cone_tensornet(graph: str, layers: int, samples: int, value: bool = False) -> Workload:
    """Gradients, or values, of a shallow circuit by contraction; the path is found beforehand."""
    problem, theta = instances.cone_problem(graph, layers, samples)
    start = time.perf_counter()
    path = find_path(problem)
    details = {
        "search_s": time.perf_counter() - start,
        "cone": light_cone(problem).problem.circuit.num_qubits,
    }
    details |= asdict(path_statistics(problem, path))
    engine = TensorNetwork(problem, path)
    return Workload(
        lambda: engine.value(theta) if value else engine.gradient(theta),
        samples,
        details,
        work=contraction_work(path_statistics(problem, path), gradient=not value),
    )


def cone_statevector(graph: str, layers: int, samples: int, value: bool = False) -> Workload:
    """Gradients, or values, of a shallow circuit by the state vector of its light cone.

    Few samples for wide cones: each takes long.
    """
    problem, theta = instances.cone_problem(graph, layers, samples)
    cone = light_cone(problem).problem.circuit.num_qubits
    theta = theta[: max(1, min(samples, 2 ** (20 - cone)))]
    engine = Statevector(problem)
    return Workload(
        lambda: engine.value(theta) if value else engine.gradient(theta), len(theta), {"cone": cone}
    )


def near_clifford(n: int, layers: int, sigma: float, threshold: float) -> Workload:
    """The truncated value near Clifford angles."""
    problem, theta = instances.near_clifford(n, layers, sigma)
    engine = PauliPropagation(problem, min_coefficient=threshold)
    finer = PauliPropagation(problem, min_coefficient=threshold / FINER)
    value = float(engine.value(theta)[0])
    assert engine.last_truncation is not None
    details = {"value": value, "terms": int(engine.last_truncation.terms[0])}
    return Workload(lambda: engine.value(theta), details=details, answer=lambda: finer.value(theta))


def trotter(model: str, steps: int, threshold: float) -> Workload:
    """The truncated value of a Trotter circuit."""
    problem, theta = instances.trotter(model, steps)
    engine = PauliPropagation(problem, min_coefficient=threshold)
    value = float(engine.value(theta)[0])
    assert engine.last_truncation is not None
    details = {"value": value, "terms": int(engine.last_truncation.terms[0])}
    return Workload(lambda: engine.value(theta), details=details)


def walk(n: int, layers: int, size: float) -> Workload:
    """Second moments by packed walks.

    The result is the estimate; one evaluation is a million gates acting on a walker.
    """
    problem = instances.layered(n, layers, "ring", {0: "Z", 1: "Z"})
    gates, samples = len(light_cone(problem).problem.circuit.gates), 2**18
    engine = PauliWalk(problem)
    patch = Patch("gaussian", size)
    error = engine.value_moment(patch, samples, 1).standard_error
    return Workload(
        lambda: np.array([engine.value_moment(patch, samples, 1).mean]),
        gates * samples / 1e6,
        {"gates": gates, "samples": samples, "standard_error": error},
    )
