"""In how many instances is the law rejected in the sector of dimension 1, at each depth?"""

import numpy as np
import xarray as xr
from scipy import stats

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset
from trainscape.trainability.intervals import proportion
from trainscape.trainability.loss_law import LEVEL, law_test

__all__ = ["summarise"]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return a row for each number of gates, with the share of instances that are rejected.

    ``p_value`` is that of McNemar's exact test that no fewer are rejected than with the fewest
    gates; ``overlap_rejected`` and ``overlap_accepted`` are median overlaps, see `frozen_losses`.
    """
    cells, instances = context.cells(Stage.SIMULATE), context.cells(Stage.DATASET)
    ancilla = instances[0].data.sizes["ancilla_row"]
    overlaps = np.array([float(cell.data["overlap"]) for cell in cells])
    counts = cells[0].data["parameters"].values
    tests = [
        [law_test([cell.data["losses"].values[:, k]], 1, ancilla) for cell in cells]
        for k in range(len(counts))
    ]
    rejected = np.array([[test["p_value"] < LEVEL for test in row] for row in tests])
    rows = []
    for k, count in enumerate(counts):
        mended = int((rejected[0] & ~rejected[k]).sum())
        broken = int((~rejected[0] & rejected[k]).sum())
        rows.append(
            {
                "parameters": int(count),
                "instances": len(cells),
                "samples": sum(int(test["samples"]) for test in tests[k]),
                "rejected": proportion(int(rejected[k].sum()), len(cells)),
                "p_value": float(stats.binom.cdf(broken, mended + broken, 0.5)),
                "overlap_rejected": np.median(overlaps[rejected[k]])
                if rejected[k].any()
                else np.nan,
                "overlap_accepted": np.median(overlaps[~rejected[k]]),
            }
        )
    return to_dataset(rows, ("parameters",))
