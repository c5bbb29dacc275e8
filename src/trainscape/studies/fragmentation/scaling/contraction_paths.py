"""Instances.

The light cone of the observable, and the contraction path of its network, found once and kept.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.circuits.light_cone import light_cone
from trainscape.simulators.tensornet.contraction_paths import find_path, path_statistics
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.fragmentation.scaling.local_circuit import local_problem

__all__ = ["sample"]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the path with its cost, and the light cone's qubits and parameters."""
    problem = local_problem(cell["qubits"], cell["layers"])
    seed = int(cell.generator(Purpose.SEARCH, 0).integers(2**31))
    path = find_path(problem, seed)
    statistics = path_statistics(problem, path)
    cone = light_cone(problem)
    return xr.Dataset(
        {
            "path": (
                ("contraction", "operand"),
                path,
                {"long_name": "contraction path in static single assignment form"},
            ),
            "log10_flops": (
                (),
                statistics.log10_flops,
                {"long_name": "decimal logarithm of the complex multiplications of one value"},
            ),
            "width": (
                (),
                statistics.width,
                {"long_name": "binary logarithm of the largest intermediate"},
            ),
            "cone_qubits": ((), cone.problem.circuit.num_qubits),
            "cone_parameters": (("cone_parameter",), np.array(cone.parameters)),
        }
    )
