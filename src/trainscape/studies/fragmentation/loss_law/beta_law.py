r"""The distribution of losses against the law of a Haar-random state.

For a state uniform in a block of dimension :math:`D = N_\lambda N_a`, of whose outcomes
:math:`N_\lambda` carry the right label, the probability of a wrong one is distributed as
:math:`\mathrm{Beta}(N_\lambda (N_a - 1), N_\lambda)`, exactly (a ratio of sums of independent
exponential variables). In label mode ``lambda_q`` one ancilla state carries the label too, so that
the law is the same.

The sector of dimension 1 is a special case: all generators vanish on it, so that the Hamiltonian is
that of the ancilla alone and the gate has rank one. Eigenvectors of the ancilla's Hamiltonian that
are nearly orthogonal to the gate's vector then mix slowly, in some instances far beyond 60 gates.

The inputs of one draw share a unitary and are not independent, so each draw gives one loss to each
block's test: that of input ``q = sample mod N_lambda``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy import stats

from trainscape.studies.contract import CellData, Stage, SummaryContext
from trainscape.studies.fragmentation.selection import instance_of
from trainscape.studies.kit.tables import by_parameters, to_dataset

__all__ = ["independent_losses", "pooled_losses", "summarise"]

Real = NDArray[np.float64]

LEVEL = 0.01
"""Level of the tests whose results are counted."""


def independent_losses(losses: Real, dimensions: NDArray[np.int64]) -> list[Real]:
    """Return for each block one loss of each draw.

    Parameters
    ----------
    losses
        Shape ``(samples, M)``, from the first sample on.
    dimensions
        ``N_lambda`` of each block.
    """
    rows = np.arange(len(losses))
    starts = np.cumsum([0, *dimensions[:-1]])
    blocks = zip(starts, dimensions, strict=True)
    return [losses[rows, start + rows % size] for start, size in blocks]


def pooled_losses(cells: Sequence[CellData], dimensions: NDArray[np.int64]) -> list[list[Real]]:
    """Return for each block the independent losses of each cell."""
    parts = [independent_losses(cell.data["losses"].values, dimensions) for cell in cells]
    return [list(block) for block in zip(*parts, strict=True)]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return a Kolmogorov-Smirnov test for each chain, number of parameters and sector.

    The losses of all instances together are tested. Their mean and variance stand beside those of
    the law.
    """
    instances = context.cells(Stage.DATASET)
    rows = []
    systems = by_parameters(context.cells(Stage.SIMULATE), ("sites", "parameters"))
    for (sites, count), cells in systems.items():
        instance = instance_of(cells[0], instances).data
        dimensions, ancilla = instance["dimension"].values, instance.sizes["ancilla_row"]
        for lines, size, parts in zip(
            instance["through_lines"].values,
            dimensions,
            pooled_losses(cells, dimensions),
            strict=True,
        ):
            values = np.concatenate(parts)
            law = stats.beta(size * (ancilla - 1), size)
            test = stats.kstest(values, law.cdf)
            alone = np.array([stats.kstest(part, law.cdf).pvalue for part in parts])
            rows.append(
                {
                    "sites": sites,
                    "parameters": count,
                    "through_lines": int(lines),
                    "dimension": int(size),
                    "ancilla_dim": ancilla,
                    "instances": len(cells),
                    "samples": len(values),
                    # Tests of the instances by themselves, at one level for all of them together.
                    "instances_rejected": int(np.sum(alone < LEVEL / len(alone))),
                    "distance": float(test.statistic),
                    "p_value": float(test.pvalue),
                    "critical_distance": float(stats.kstwo.isf(LEVEL, len(values))),
                    "mean": float(values.mean()),
                    "law_mean": float(law.mean()),
                    "variance": float(values.var(ddof=1)),
                    "law_variance": float(law.var()),
                }
            )
    return to_dataset(rows, ("sites", "parameters", "through_lines"))
