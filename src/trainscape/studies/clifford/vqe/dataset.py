"""The lowest eigenvalue of each observable, which losses are compared with."""

from __future__ import annotations

import xarray as xr

from trainscape.studies.clifford.vqe.problems import ground_energy, observable
from trainscape.studies.contract import CellContext, Purpose

__all__ = ["sample"]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the lowest eigenvalue; all random strings have the same, -1."""
    rng = cell.generator(Purpose.INSTANCE, 0)
    return xr.Dataset(
        {"ground_energy": ground_energy(observable(cell["observable"], cell["qubits"], rng), rng)}
    )
