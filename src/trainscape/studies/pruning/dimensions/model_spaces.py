"""Effective dimension and Lie algebra of a model at one stage of pruning, against n."""

from __future__ import annotations

import xarray as xr

from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import variable
from trainscape.studies.pruning.dimensions.spaces import ansatz_spaces
from trainscape.studies.pruning.models import ansatz, hamiltonian
from trainscape.studies.pruning.names import start_letters

__all__ = ["sample"]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the numbers of one model and stage, for each number of qubits."""
    model, stage, sizes = cell["model"], cell["stage"], cell["qubits"]
    limit = cell.options["limit"]
    layers = [ansatz(model, n, stage) for n in sizes]
    found = [
        ansatz_spaces(
            hamiltonian(model, n),
            blocks,
            limit,
            cell.generator(Purpose.SEARCH, n),
            start_letters(model, n),
        )
        for n, blocks in zip(sizes, layers, strict=True)
    ]
    gates = [sum(len(block.total.terms) for block in blocks) for blocks in layers]
    columns = {
        "parameters": ([len(blocks) for blocks in layers], "parameters of a layer"),
        "gates": (gates, "Pauli rotations of a layer"),
        "effective": ([one.effective for one in found], "effective dimension"),
        "algebra": ([one.algebra for one in found], "dimension of the Lie algebra, -1: unknown"),
        "centre": ([one.centre for one in found], "dimension of its centre, -1: unknown"),
        "name": ([one.name for one in found], "the Lie algebra by name, empty: unknown"),
    }
    return xr.Dataset(
        {name: variable("qubits", values, text) for name, (values, text) in columns.items()},
        coords={"qubits": list(sizes)},
    )
