"""Values and gradients of the observable by reverse-mode contraction along the stored path, and their moments."""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.simulators.tensornet.engine import TensorNetwork
from trainscape.studies.contract import CellContext, Purpose, Stage, SummaryContext
from trainscape.studies.fragmentation.hea_local.circuit import local_problem, parameters
from trainscape.studies.fragmentation.moments import moment_table

__all__ = ["sample", "summarise"]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the value and its derivatives by the parameters in the light cone; all others vanish."""
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


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the second moment of the derivatives in the light cone, and how far quimb's own contraction is from the engine's values."""
    cells = context.cells(Stage.GRADIENTS)
    table = moment_table(
        cells,
        [cell.data["gradient"].values for cell in cells],
        context.generator(Purpose.BOOTSTRAP, 0),
        ("qubits", "layers"),
    )
    deviations = []
    for cell, other in zip(cells, context.cells(Stage.SIMULATE), strict=True):
        checked = min(cell.data.sizes["sample"], other.data.sizes["sample"])
        deviations.append(
            float(
                np.abs(
                    cell.data["loss"].values[:checked] - other.data["value"].values[:checked]
                ).max()
            )
        )
    return table.assign(largest_deviation_from_quimb=("system", np.array(deviations)))
