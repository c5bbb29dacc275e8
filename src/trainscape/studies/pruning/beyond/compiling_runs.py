"""Runs of Adam on the infidelity with a given state."""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.circuits.circuit import Problem
from trainscape.circuits.observables import Projector
from trainscape.circuits.states import ProductState, VectorState
from trainscape.physics.effective_subspace import effective_subspace
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import by_sample
from trainscape.studies.pruning.beyond.circuits import mean_bond, ring_circuit
from trainscape.studies.pruning.models import ansatz, deep_circuit
from trainscape.studies.pruning.names import StageName
from trainscape.training.batches import minimise_batch
from trainscape.training.optimisers import Adam

__all__ = ["sample"]

DESCRIBED = {
    "infidelity": ((), "1 minus the fidelity at the end", ""),
    "iterations": ((), "first iteration at or below the limit; one more than all if never", ""),
    "floor": ((), "infidelity of the nearest state of the space that the ansatz moves in", ""),
}
LIMITS = (1e-3, 1e-12)
"""Infidelity whose first iteration counts, and that at which a run ends."""
DEPTH = 8
"""Layers of the pruned ansatz that make a target: twice those that its orbit takes for n = 4."""


def _space(qubits: int, stage: StageName) -> np.ndarray:
    """Return an isometry onto the space that an ansatz reaches from plus; the seed is no matter."""
    generators = [block.total for block in ansatz("ising_ring", qubits, stage)]
    return effective_subspace(generators, "+" * qubits, np.random.default_rng(0)).isometry


def _target(cell: CellContext, index: int, pruned: np.ndarray) -> np.ndarray:
    """Return a random target, see `trainscape.studies.pruning.beyond`."""
    rng = cell.generator(Purpose.INSTANCE, index)
    if cell["target"] == "orbit":
        circuit = deep_circuit("ising_ring", cell["qubits"], "A3", DEPTH)
        theta = rng.uniform(-np.pi, np.pi, (1, circuit.num_parameters))
        engine = Statevector(Problem(circuit, mean_bond(cell["qubits"])), reduce=False)
        return np.asarray(engine.state(theta)[0])
    size = pruned.shape[1] if cell["target"] == "space" else len(pruned)
    vector = rng.standard_normal(size) + 1j * rng.standard_normal(size)
    state = pruned @ vector if cell["target"] == "space" else vector
    return np.asarray(state / np.linalg.norm(state))


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Train one restart for each target state."""
    n = cell["qubits"]
    circuit = ring_circuit(cell)
    own, pruned = _space(n, cell["stage"]), _space(n, "A3")
    plus = ProductState(((0.5**0.5, 0.5**0.5),) * n)
    options = Adam(iterations=cell.options["iterations"], learning_rate=cell.options["rate"])
    rows = []
    for index in samples:
        target = _target(cell, index, pruned)
        fidelity: Projector | PauliSum = Projector(n, VectorState(target))
        engine = Statevector(Problem(circuit, fidelity, (plus,)))

        def infidelity(
            theta: np.ndarray, engine: Statevector = engine
        ) -> tuple[np.ndarray, np.ndarray]:
            value, gradient = engine.value_and_gradient(theta)
            return 1 - value, -gradient

        rng = cell.generator(Purpose.PARAMETERS, index)
        start = rng.uniform(-np.pi, np.pi, (1, circuit.num_parameters))
        run = minimise_batch(infidelity, start, options, LIMITS)
        first = run.first[0, 0]
        reached = np.linalg.norm(own.conj().T @ target) ** 2
        rows.append(
            {
                "infidelity": run.losses[0],
                "iterations": first if first >= 0 else options.iterations + 1,
                "floor": 1 - reached,
            }
        )
    return xr.Dataset(by_sample(rows, DESCRIBED))
