r"""Losses of all inputs at random parameters, and their distribution against the law of a Haar-random state.

For a state uniform in a block of dimension :math:`D = N_\lambda N_a`, of whose outcomes :math:`N_\lambda` carry the right label, the probability of a wrong one is distributed as
:math:`\mathrm{Beta}(N_\lambda (N_a - 1), N_\lambda)`, exactly (ratio of sums of independent exponential variables). In label mode ``lambda_q`` one ancilla state carries the label too, so that
the law is the same.

The sector of dimension 1 is a special case: all generators vanish on it, so that the Hamiltonian is that of the ancilla alone and the gate has rank one. Eigenvectors of the ancilla's
Hamiltonian that are nearly orthogonal to the gate's vector then mix slowly, in some instances far beyond 60 gates.

The inputs of one draw share a unitary and are not independent, so each draw gives one loss to each block's test: that of input ``q = sample mod N_lambda``.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy import stats

from trainscape.simulators.sectors.engine import Sectors
from trainscape.studies.contract import CellContext, Purpose, Stage, SummaryContext
from trainscape.studies.fragmentation.instances import load_problem
from trainscape.studies.fragmentation.moments import instance_of
from trainscape.studies.fragmentation.network import draw_parameters, draw_times

__all__ = ["independent_losses", "sample", "summarise"]

Real = NDArray[np.float64]

LEVEL = 0.01
"""Level of the tests whose results are counted."""


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the loss of every input, one row for each sample; inputs in the order of the sectors and in them of ``q``."""
    engine = Sectors(load_problem(cell.inputs[Stage.DATASET], cell["label"]))
    layers = cell["parameters"]
    theta = np.concatenate(
        [draw_parameters(cell.generator(Purpose.PARAMETERS, index), 1, layers) for index in samples]
    )
    times = np.stack(
        [
            draw_times(cell.generator(Purpose.STRUCTURE, index), layers, cell["horizon"])
            for index in samples
        ]
    )
    losses = engine.losses_per_state(theta, times)
    return xr.Dataset(
        {
            "losses": (
                ("sample", "state"),
                losses,
                {"long_name": "probability of a wrong label", "units": "1"},
            )
        }
    )


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
    return [
        losses[rows, start + rows % size] for start, size in zip(starts, dimensions, strict=True)
    ]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return a Kolmogorov-Smirnov test for each chain, number of parameters and sector, over all instances, with mean and variance beside those of the law."""
    cells = context.cells(Stage.SIMULATE)
    drawn = context.cells(Stage.DATASET)
    rows: list[dict[str, float]] = []
    for sites, count in dict.fromkeys((cell["sites"], cell["parameters"]) for cell in cells):
        mine = [cell for cell in cells if (cell["sites"], cell["parameters"]) == (sites, count)]
        instance = instance_of(mine[0], drawn).data
        dimensions, ancilla = instance["dimension"].values, instance.sizes["ancilla_row"]
        parts = [independent_losses(cell.data["losses"].values, dimensions) for cell in mine]
        for sector, (lines, size) in enumerate(
            zip(instance["through_lines"].values, dimensions, strict=True)
        ):
            values = np.concatenate([part[sector] for part in parts])
            law = stats.beta(size * (ancilla - 1), size)
            test = stats.kstest(values, law.cdf)
            alone = [stats.kstest(part[sector], law.cdf).pvalue for part in parts]
            rows.append(
                {
                    "sites": sites,
                    "parameters": count,
                    "through_lines": int(lines),
                    "dimension": int(size),
                    "ancilla_dim": ancilla,
                    "instances": len(mine),
                    "samples": len(values),
                    # Tests of the instances by themselves, at a level of 1 % for all of them together.
                    "instances_rejected": int(np.sum(np.array(alone) < LEVEL / len(alone))),
                    "distance": float(test.statistic),
                    "p_value": float(test.pvalue),
                    "critical_distance": float(stats.kstwo.isf(LEVEL, len(values))),
                    "mean": float(values.mean()),
                    "law_mean": float(law.mean()),
                    "variance": float(values.var(ddof=1)),
                    "law_variance": float(law.var()),
                }
            )
    return xr.Dataset({name: ("block", np.array([row[name] for row in rows])) for name in rows[0]})
