"""The lowest eigenvalue of each observable, which losses are compared with."""

import xarray as xr

from trainscape.physics.ground_energy import ground_energy
from trainscape.studies.clifford.instances import observable_sum
from trainscape.studies.contract import CellContext, Purpose

__all__ = ["sample"]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the lowest eigenvalue; all random strings have the same, -1."""
    rng = cell.generator(Purpose.INSTANCE, 0)
    observable = observable_sum(cell["observable"], cell["qubits"], rng)
    return xr.Dataset({"ground_energy": ground_energy(observable, rng)})
