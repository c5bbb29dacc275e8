"""Light cones of the local circuits, and the contraction paths of their networks, found once."""

import numpy as np
import xarray as xr

from trainscape.circuits.light_cone import light_cone
from trainscape.simulators.tensornet.contraction_paths import find_path, path_statistics
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.fragmentation.scaling.circuits import local_problem
from trainscape.studies.kit.variables import variable

__all__ = ["sample"]

MEANINGS = {
    "path": "contraction path in static single assignment form",
    "log10_flops": "decimal logarithm of the complex multiplications of one value",
    "width": "binary logarithm of the largest intermediate",
}


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the path with its cost, and the light cone's qubits and parameters."""
    problem = local_problem(cell["qubits"], cell["layers"])
    path = find_path(problem, int(cell.generator(Purpose.SEARCH, 0).integers(2**31)))
    cost = path_statistics(problem, path)
    cone = light_cone(problem)
    return xr.Dataset(
        {
            "path": variable(("contraction", "operand"), path, MEANINGS["path"]),
            "log10_flops": variable((), cost.log10_flops, MEANINGS["log10_flops"]),
            "width": variable((), cost.width, MEANINGS["width"]),
            "cone_qubits": ((), cone.problem.circuit.num_qubits),
            "cone_parameters": (("cone_parameter",), np.array(cone.parameters)),
        }
    )
