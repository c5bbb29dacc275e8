"""Values of the observable, contracted by quimb along the stored path.

An independent check of the engine that computes the gradients.
"""

import numpy as np
import xarray as xr

from trainscape.simulators.tensornet.expectation_network import expectation_networks, quimb_network
from trainscape.studies.contract import CellContext, Stage
from trainscape.studies.fragmentation.scaling.circuits import angles, local_problem
from trainscape.studies.kit.variables import variable

__all__ = ["sample"]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the value at each sample's angles, which are those of the gradients."""
    from cotengra.pathfinders.path_basic import ssa_to_linear

    problem = local_problem(cell["qubits"], cell["layers"])
    (network,) = expectation_networks(problem)
    stored = cell.inputs[Stage.DATASET]["path"].values
    path = tuple(tuple(pair) for pair in ssa_to_linear([tuple(pair) for pair in stored.tolist()]))
    values = [
        quimb_network(network, row[list(network.cone.parameters)]).contract(
            output_inds=(), optimize=path
        )
        for row in angles(cell, samples, problem)
    ]
    scaled = np.array([network.weight * float(np.real(value)) for value in values])
    return xr.Dataset(
        {"value": variable("sample", scaled, "expectation value of ZZ in the middle", "1")}
    )
