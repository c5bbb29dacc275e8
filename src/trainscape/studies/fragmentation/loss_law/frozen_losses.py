"""Losses in the sector of dimension 1, where all generators vanish, at several numbers of gates.

The Hamiltonian there is that of the ancilla alone, and the gate has rank one. Networks with more
gates extend those with fewer.
"""

import numpy as np
import xarray as xr

from trainscape.simulators.sectors.engine import Sectors
from trainscape.simulators.sectors.problem import SectorProblem
from trainscape.studies.contract import CellContext, Stage
from trainscape.studies.fragmentation.instances import draw_points, load_problem
from trainscape.studies.kit.variables import variable

__all__ = ["sample"]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the losses of the one input, and the smallest overlap, which slows the mixing.

    ``overlap`` is the smallest squared overlap of the gate's vector with an eigenvector of the
    Hamiltonian of the ancilla: at 0 that eigenvector is never left.
    """
    instance, counts = cell.inputs[Stage.DATASET], cell.options["counts"]
    problem = load_problem(instance, cell["label"])
    # Sectors are in ascending order of lines that pass through: the last one has dimension 1.
    engine = Sectors(SectorProblem(problem.blocks[-1:]))
    theta, times = draw_points(cell, samples, max(counts))
    losses = [
        engine.losses_per_state(theta[:, :count], times[:, : count + 2])[:, 0] for count in counts
    ]
    vectors = np.linalg.eigh(instance["ancilla_hamiltonian"].values)[1]
    overlap = ((vectors.T @ instance["ancilla_vector"].values) ** 2).min()
    name = "probability of a wrong label"
    return xr.Dataset(
        {"losses": variable(("sample", "count"), np.stack(losses, axis=1), name, "1")},
        coords={"parameters": ("count", np.array(counts)), "overlap": overlap},
    )
