"""Squared gradients of an ansatz on a ring at random angles, by state vectors."""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.circuits.circuit import Problem
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.pruning.models import deep_circuit, hamiltonian
from trainscape.studies.pruning.scaling.middle_layers import moments

__all__ = ["sample"]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the mean squared gradient in the middle layers of each sample."""
    model, qubits, layers = cell["model"], cell["qubits"], cell["layers"]
    circuit = deep_circuit(model, qubits, cell["stage"], layers)
    engine = Statevector(Problem(circuit, hamiltonian(model, qubits)))
    theta = np.stack(
        [
            cell.generator(Purpose.PARAMETERS, index).uniform(-np.pi, np.pi, circuit.num_parameters)
            for index in samples
        ]
    )
    _, gradients = engine.value_and_gradient(theta)
    return moments(np.asarray(gradients).reshape(len(samples), layers, -1))
