r"""Floors of the pruned ansatz under disorder, and what the second order says of them.

With the ground state :math:`|0\rangle` of the ring and the disorder W, levels k outside of the
space that the ansatz reaches lower the ground energy alone, so that the floor is

.. math:: \delta^2 \sum_{k \notin V^*} \frac{|\langle k| W |0 \rangle|^2}{E_k - E_0}
          + O(\delta^3) .
"""

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
    "floor": (("size",), "lowest energy of the ansatz above the ground state", "J"),
    "second_order": ((), "floor over the squared size of the disorder, for small ones", "J"),
    "clean": ((), "floor without disorder", "J"),
}


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the floors of instances."""
    kind, n = cell["kind"], cell["qubits"]
    base = base_ring(kind, n)
    space = reached_space(pruned_ring(base), cell.generator(Purpose.SEARCH, 0))
    inside = space.isometry @ space.isometry.conj().T
    matrix = base.matrix()
    levels, states = np.linalg.eigh(matrix)
    outside = (np.eye(len(matrix)) - inside) @ states
    rows = []
    for index in samples:
        draws = cell.generator(Purpose.INSTANCE, index).uniform(-1, 1, n)
        change = perturbation(kind, n, draws)
        elements = np.abs(outside.conj().T @ change.matrix() @ states[:, 0]) ** 2
        with np.errstate(divide="ignore", invalid="ignore"):
            orders = np.where(elements > 1e-20, elements / (levels - levels[0]), 0.0)
        floors = []
        for size in (0.0, *cell.options["sizes"]):
            target = with_disorder(base, change, size)
            lowest = np.linalg.eigvalsh(space.restricted(target))[0]
            floors.append(float(lowest - np.linalg.eigvalsh(target.matrix())[0]))
        rows.append({"clean": floors[0], "floor": floors[1:], "second_order": orders.sum()})
    return xr.Dataset(by_sample(rows, DESCRIBED), coords={"size": list(cell.options["sizes"])})
