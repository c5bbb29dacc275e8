"""Squared gradients of free fermions at random angles, by covariance matrices."""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.physics.free_fermions import coupling_matrix, rotations_of
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.fermions.circuit import FermionCircuit
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.pruning.models import hamiltonian
from trainscape.studies.pruning.names import ModelName
from trainscape.studies.pruning.scaling.middle_layers import moments

__all__ = ["fermion_generators", "sample"]


def fermion_generators(model: ModelName, qubits: int, stage: str) -> list[PauliSum]:
    """Return the generators of a layer, ZZ before X: each term (A2), or the sum of a kind (A3).

    They are those of the pruned dense ansatz, without pruning anything.
    """
    terms = [string for _, string in hamiltonian(model, qubits).terms]
    kinds = [[string for string in terms if len(string.support) == size] for size in (2, 1)]
    if stage == "A3":
        return [PauliSum.of((1.0, string) for string in kind) for kind in kinds]
    return [PauliSum(((1.0, string),)) for kind in kinds for string in kind]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the mean squared gradient in the middle layers of each sample."""
    model, qubits, layers = cell["model"], cell["qubits"], cell["layers"]
    layer = rotations_of(fermion_generators(model, qubits, cell["stage"]))
    circuit = FermionCircuit(layer, layers, coupling_matrix(hamiltonian(model, qubits)))
    gradients = []
    for index in samples:
        rng = cell.generator(Purpose.PARAMETERS, index)
        theta = rng.uniform(-np.pi, np.pi, (layers, circuit.layer_parameters))
        _, gradient = circuit.energy_and_gradient(theta)
        gradients.append(gradient.reshape(layers, -1))
    return moments(np.stack(gradients))
