"""Success of training against the number of parameters, and the critical number of each model."""

import numpy as np
import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.fragmentation.models.networks import UNTRIED, block_rank
from trainscape.studies.fragmentation.selection import instance_of
from trainscape.studies.kit.tables import to_dataset
from trainscape.trainability.thresholds import critical_count

__all__ = ["FAR", "STEERED", "summarise"]

SYSTEM = ("model", "sites", "couplings")

STEERED = 4
"""An instance is steered easily if this many times its bound on the gates is at most R: among
random times, trials needed two to four times the bound."""
FAR = 2
"""Labels are out of reach of R parameters if this many times the bound is R at least."""


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return success, N, R, the critical number of parameters and the Lie algebra of each model.

    There is a row for each number of parameters; what concerns the system stands in all of its own.
    The critical number ``critical`` and its bracket are of all restarts, ``easy_critical`` of the
    ``easy`` ones alone, which are steered with few gates, or -1. ``failures`` counts the restarts
    that fail somewhere from 1.1 R on; of these, ``easy_failures`` are easy and ``far_failures`` are
    those whose bound is R / 2 at least, and ``easy_mended`` and ``far_mended`` of them succeed from
    another start.
    """
    rows = []
    for cell in context.cells(Stage.SIMULATE):
        sectors = instance_of(cell, context.cells(Stage.DATASET)).data
        counts, losses = cell.data["parameters"].values.tolist(), cell.data["loss"].values.T
        success, other = context.options["success"], cell.data["other_start"].values
        points, crossing = critical_count(counts, list(losses), success)
        rank = block_rank(sectors)
        bounds = cell.data["steering_bound"].values
        easy, far = STEERED * bounds <= rank, FAR * bounds >= rank
        failed = other != UNTRIED
        of_easy = critical_count(counts, list(losses[:, easy]), success)[1] if easy.any() else {}
        system = {
            **{name: cell[name] for name in SYSTEM},
            "rank_formula": rank,
            "krylov_sum": int(sectors["dimension"].sum()),
            "largest_krylov": int(sectors["dimension"].max()),
            **crossing,
            "easy": int(easy.sum()),
            "easy_critical": of_easy.get("critical", -1),
            "failures": int(failed.sum()),
            "mended": int((other > 0).sum()),
            "easy_failures": int((failed & easy).sum()),
            "easy_mended": int((easy & (other > 0)).sum()),
            "far_failures": int((failed & far).sum()),
            "far_mended": int((far & (other > 0)).sum()),
            "lie_dimension": int(cell.data["lie_dimension"].min()),
            "lie_bound": int(cell.data["lie_bound"].max()),
        }
        iterations = np.median(cell.data["iterations"].values, axis=0).tolist()
        rows += [
            {**system, **point, "median_iterations": median}
            for point, median in zip(points, iterations, strict=True)
        ]
    return to_dataset(rows, (*SYSTEM, "parameters"))
