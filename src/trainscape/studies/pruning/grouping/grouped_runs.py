"""Runs of Adam, each on an instance of its own."""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.circuits.circuit import Problem
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import by_sample
from trainscape.studies.pruning.grouping.instances import (
    approximation_ratio,
    grouped_circuit,
    random_hamiltonian,
)
from trainscape.training.batches import minimise_batch
from trainscape.training.optimisers import Adam

__all__ = ["sample"]

KINDS = 2
"""Kinds of gates in a layer: bonds and fields, or bonds and drivers."""

DESCRIBED = {
    "ratio": ((), "approximation ratio at the end", ""),
    "start": ((), "approximation ratio at the start", ""),
    "parameters": ((), "number of parameters", ""),
}


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Train one restart on each instance."""
    rows = []
    for index in samples:
        target = random_hamiltonian(
            cell["problem"], cell["qubits"], cell.generator(Purpose.INSTANCE, index)
        )
        circuit = grouped_circuit(target, cell["mode"], cell["depth"])
        engine = Statevector(Problem(circuit, target))
        rate = cell.options["rate"]
        if cell["mode"] == "slow":
            rate *= (KINDS * cell["depth"] / circuit.num_parameters) ** 0.5
        options = Adam(iterations=cell.options["iterations"], learning_rate=rate)
        rng = cell.generator(Purpose.PARAMETERS, index)
        start = rng.uniform(-np.pi, np.pi, (1, circuit.num_parameters))
        run = minimise_batch(engine.value_and_gradient, start, options, [-np.inf])
        energies = np.concatenate([run.losses, engine.value(start)])
        final, first = approximation_ratio(cell["problem"], target, energies)
        rows.append({"ratio": final, "start": first, "parameters": circuit.num_parameters})
    return xr.Dataset(by_sample(rows, DESCRIBED))
