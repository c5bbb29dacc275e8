"""Values and gradients of the observable, by reverse-mode contraction along the stored path."""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.simulators.tensornet.engine import TensorNetwork
from trainscape.studies.contract import CellContext, Stage
from trainscape.studies.fragmentation.scaling.local_circuit import local_problem, parameters

__all__ = ["sample"]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the value and its derivatives by the parameters in the light cone.

    All others vanish.
    """
    instance = cell.inputs[Stage.DATASET]
    problem = local_problem(cell["qubits"], cell["layers"])
    engine = TensorNetwork(problem, instance["path"].values)
    value, gradient = engine.value_and_gradient(
        parameters(cell, samples, problem.circuit.num_parameters)
    )
    inside = instance["cone_parameters"].values
    return xr.Dataset(
        {
            "loss": (
                ("sample",),
                value,
                {"long_name": "expectation value of ZZ in the middle", "units": "1"},
            ),
            "gradient": (
                ("sample", "cone_parameter"),
                gradient[:, inside],
                {"long_name": "derivative of the value", "units": "1/rad"},
            ),
        },
        coords={"parameter": ("cone_parameter", np.asarray(inside))},
    )
