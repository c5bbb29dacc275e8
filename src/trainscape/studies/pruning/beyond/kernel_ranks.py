"""Ranks of kernels, and what bounds them, for each ansatz."""

from __future__ import annotations

import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset
from trainscape.studies.pruning.beyond.circuits import orbit_of
from trainscape.studies.pruning.models import ansatz

__all__ = ["summarise"]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each ansatz and orbit of inputs."""
    rows = []
    for cell in context.cells(Stage.SIMULATE):
        labels = [str(bits) for bits in cell.data["input"].values]
        orbits = {bits: orbit_of(bits, cell["model"]) for bits in labels}
        ranks = cell.data["rank"].values
        tangents = cell.data["tangents"].values
        for orbit in dict.fromkeys(orbits.values()):
            members = [place for place, bits in enumerate(labels) if orbits[bits] == orbit]
            own = cell.data["effective"].values[members]
            rows.append(
                {
                    "model": cell["model"],
                    "stage": cell["stage"],
                    "orbit": orbit,
                    "inputs": len(members),
                    "effective": int(own.max()),
                    "least_effective": int(own.min()),
                    "tangents": int(tangents[:, members].max()),
                    "rank": int(ranks.max()),
                    "sum_of_tangents": int(tangents.sum(axis=1).min()),
                    "orbits": len(set(orbits.values())),
                    "parameters": cell["layers"]
                    * len(ansatz(cell["model"], cell["qubits"], cell["stage"])),
                    "points": len(ranks),
                }
            )
    return to_dataset(rows, ("model", "stage", "orbit"))
