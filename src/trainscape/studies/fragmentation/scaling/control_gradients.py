"""Gradients of the control: a hardware-efficient circuit on the full space of a chain."""

import xarray as xr

from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.contract import CellContext
from trainscape.studies.fragmentation.scaling.circuits import angles, control_problem
from trainscape.studies.kit.variables import variable

__all__ = ["sample"]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the loss and its gradient at random angles."""
    problem = control_problem(cell["qubits"], cell["layers"], cell["label_qubits"])
    loss, gradient = Statevector(problem).value_and_gradient(angles(cell, samples, problem))
    axes = ("sample", "parameter")
    return xr.Dataset(
        {
            "loss": variable("sample", loss, "probability of a wrong label", "1"),
            "gradient": variable(axes, gradient, "derivative of the loss", "1/rad"),
        }
    )
