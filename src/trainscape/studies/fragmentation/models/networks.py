"""The network on the sectors of a model that were found; the label is the sector.

The gate is built from the model's first generator, scaled to norm 1.
"""

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.simulators.sectors.problem import SectorProblem
from trainscape.studies.contract import CellContext, Purpose, Stage
from trainscape.studies.fragmentation.network import Couplings, Label, build_problem, draw_qnn
from trainscape.trainability.label_learning import ancilla_dimension, orbit_rank

__all__ = ["LATE", "STARTS", "UNTRIED", "block_rank", "draw_problem", "sector_blocks"]

LATE = 1.1
"""Parameters, in units of R, from which on training should not fail."""
STARTS = 4
"""Other initial parameters that are tried where it does; in trials one of the first three succeeds
or none."""
UNTRIED = -1
"""Stands for a restart that does not fail, so that no other start is tried."""


def sector_blocks(sectors: xr.Dataset) -> list[NDArray[np.float64]]:
    """Return the generators of each stored sector, shape ``(m, N, N)``."""
    sizes = [int(size) for size in sectors["dimension"].values]
    if "blocks" not in sectors:
        raise ValueError(
            f"the blocks of this model ({sectors.attrs['hilbert_dimension']} states, N = "
            f"{sum(sizes)}) are too large to be stored; leave this length out of models.gradients "
            "and models.training"
        )
    count = sectors.attrs["generators"]
    ends = np.cumsum([count * size * size for size in sizes])[:-1]
    parts = np.split(sectors["blocks"].values, ends)
    return [part.reshape(count, size, size) for part, size in zip(parts, sizes, strict=True)]


def block_rank(sectors: xr.Dataset) -> int:
    """Return the orbit rank R of a model's blocks."""
    sizes = [int(size) for size in sectors["dimension"].values]
    return orbit_rank(sizes, ancilla_dimension(Label.LAMBDA, sizes), Label.LAMBDA)


def draw_problem(
    cell: CellContext, instance: int, couplings: Couplings = Couplings.U0515
) -> SectorProblem:
    """Return the network of an instance on its sectors, on the reduced training set."""
    blocks = sector_blocks(cell.inputs[Stage.DATASET])
    sizes = [stack.shape[1] for stack in blocks]
    norm = max(float(np.linalg.norm(stack[0], 2)) for stack in blocks)
    qnn = draw_qnn(
        cell.generator(Purpose.INSTANCE, instance),
        len(blocks[0]),
        ancilla_dimension(Label.LAMBDA, sizes),
        couplings=couplings,
        gate_scale=1 / norm,
    )
    return build_problem(qnn, [list(stack) for stack in blocks], label=Label.LAMBDA)
