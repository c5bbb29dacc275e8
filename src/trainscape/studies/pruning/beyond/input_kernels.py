"""Kernels K_xy = grad f_x . grad f_y of all inputs at random angles, and tangent ranks."""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import by_sample, variable
from trainscape.studies.pruning.beyond.circuits import (
    basis_labels,
    effective_dimensions,
    input_engines,
)

__all__ = ["sample"]

RELATIVE = 1e-9
"""Singular values below this, in units of the largest, are rounding errors."""

DESCRIBED = {
    "kernel": (("input", "other"), "product of the gradients of two inputs", ""),
    "rank": ((), "rank of the kernel", ""),
    "tangents": (("input",), "rank of the derivatives of the state, modulo its phase", ""),
}


def _rank(matrix: np.ndarray) -> int:
    values = np.linalg.svd(matrix, compute_uv=False)
    return int((values > RELATIVE * values[0]).sum()) if values[0] > 0 else 0


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return kernels and ranks at random angles."""
    engines = input_engines(cell)
    parameters = next(iter(engines.values())).problem.circuit.num_parameters
    rows = []
    for index in samples:
        rng = cell.generator(Purpose.PARAMETERS, index)
        theta = rng.uniform(-np.pi, np.pi, (1, parameters))
        gradients = np.array([engine.gradient(theta)[0] for engine in engines.values()])
        tangents = []
        for engine in engines.values():
            psi, jacobian = engine.state(theta)[0], engine.jacobian(theta)[0]
            centred = jacobian - np.outer(jacobian @ psi.conj(), psi)
            tangents.append(_rank(np.concatenate([centred.real, centred.imag], axis=1)))
        # The rank of the kernel is that of the gradients, whose rounding errors are smaller.
        rows.append(
            {"kernel": gradients @ gradients.T, "rank": _rank(gradients), "tangents": tangents}
        )
    data = xr.Dataset(by_sample(rows, DESCRIBED), coords={"input": basis_labels(cell["qubits"])})
    dimensions = variable("input", effective_dimensions(cell), "effective dimension of the input")
    return data.assign(effective=dimensions)
