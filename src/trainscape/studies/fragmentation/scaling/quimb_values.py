"""Values of the observable, contracted by quimb along the stored path.

An independent check of the engine that computes the gradients.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.simulators.tensornet.expectation_network import expectation_networks, quimb_network
from trainscape.studies.contract import CellContext, Stage
from trainscape.studies.fragmentation.scaling.local_circuit import local_problem, parameters

__all__ = ["sample"]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the value at each sample's angles, which are those of the gradients."""
    import cotengra

    problem = local_problem(cell["qubits"], cell["layers"])
    theta = parameters(cell, samples, problem.circuit.num_parameters)
    (network,) = expectation_networks(problem)
    stored = cell.inputs[Stage.DATASET]["path"].values
    path = tuple(
        tuple(pair)
        for pair in cotengra.pathfinders.path_basic.ssa_to_linear(
            [tuple(pair) for pair in stored.tolist()]
        )
    )
    values = []
    for row in theta:
        contracted = quimb_network(network, row[list(network.cone.parameters)]).contract(
            output_inds=(), optimize=path
        )
        values.append(network.weight * float(np.real(contracted)))
    return xr.Dataset(
        {
            "value": (
                ("sample",),
                np.array(values),
                {"long_name": "expectation value of ZZ in the middle", "units": "1"},
            )
        }
    )
