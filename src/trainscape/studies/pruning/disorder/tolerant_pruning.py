"""A ring with random couplings, pruned with tolerances."""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import by_sample
from trainscape.studies.pruning.disorder.rings import (
    base_ring,
    perturbation,
    pruned_ring,
    reached_space,
    with_disorder,
)

__all__ = ["sample"]

DESCRIBED = {
    "floor": (("tolerance",), "lowest energy of the ansatz above the ground state", "J"),
    "parameters": (("tolerance",), "parameters of a layer", ""),
}


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return parameters and floors of instances."""
    n, tolerances = cell["qubits"], cell.options["tolerances"]
    rows = []
    for index in samples:
        draws = cell.generator(Purpose.INSTANCE, index).uniform(-1, 1, n)
        change = perturbation("couplings", n, draws)
        target = with_disorder(base_ring("couplings", n), change, cell["size"])
        lowest = float(np.linalg.eigvalsh(target.matrix())[0])
        floors, parameters = [], []
        for tolerance in tolerances:
            pruned = pruned_ring(target, tolerance)
            space = reached_space(pruned, cell.generator(Purpose.SEARCH, index))
            floors.append(float(np.linalg.eigvalsh(space.restricted(target))[0]) - lowest)
            parameters.append(pruned.num_parameters)
        rows.append({"floor": floors, "parameters": parameters})
    return xr.Dataset(by_sample(rows, DESCRIBED), coords={"tolerance": list(tolerances)})
