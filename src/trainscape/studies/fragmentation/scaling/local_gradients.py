"""Values and gradients of the observable, by reverse-mode contraction along the stored path."""

import numpy as np
import xarray as xr

from trainscape.simulators.tensornet.engine import TensorNetwork
from trainscape.studies.contract import CellContext, Stage
from trainscape.studies.fragmentation.scaling.circuits import angles, local_problem
from trainscape.studies.kit.variables import variable

__all__ = ["sample"]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the value and its derivatives by the parameters in the light cone.

    All others vanish.
    """
    instance = cell.inputs[Stage.DATASET]
    problem = local_problem(cell["qubits"], cell["layers"])
    engine = TensorNetwork(problem, instance["path"].values)
    value, gradient = engine.value_and_gradient(angles(cell, samples, problem))
    inside = np.asarray(instance["cone_parameters"].values)
    axes = ("sample", "cone_parameter")
    return xr.Dataset(
        {
            "loss": variable("sample", value, "expectation value of ZZ in the middle", "1"),
            "gradient": variable(axes, gradient[:, inside], "derivative of the value", "1/rad"),
        },
        coords={"parameter": ("cone_parameter", inside)},
    )
