"""From exact second moments to the depth from which they are those of Haar-random blocks."""

import math

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset
from trainscape.trainability.intervals import Estimate, mean, median

__all__ = ["CLOSE", "design_depth", "summarise"]

Real = NDArray[np.float64]

CLOSE = 0.05
"""Largest distance from 1 of a ratio that counts as Haar's."""

SYSTEM = ("site_dim", "sites", "top_sectors", "krylov_dimension_sum")


def design_depth(sides: Real, ratios: Real, close: float = CLOSE) -> float:
    """Return the depth from which on all ratios are 1 up to `close`.

    Between two depths of the ladder the distance from 1 is taken for a power of the depth.

    Parameters
    ----------
    sides
        Numbers m of gates on either side of the one in the middle, increasing, shape (n,).
    ratios
        Second moment over its Haar average at each, shape (n,).
    close
        What counts as 1.

    Returns
    -------
    float
        Number of gates ``2 m + 1``; infinity if the last ratio is still too far away. The least of
        the ladder if all ratios are close.
    """
    distance = np.abs(ratios - 1)
    far = np.flatnonzero(distance > close)
    if not len(far):
        return float(2 * sides[0] + 1)
    last = far[-1]
    if last + 1 == len(sides):
        return math.inf
    ends = np.log(sides[[last + 1, last]]), np.log(distance[[last + 1, last]] + 1e-300)
    return float(2 * np.exp(np.interp(math.log(close), ends[1], ends[0])) + 1)


def _closed(estimate: Estimate) -> Estimate:
    """Return a median that lies beyond the ladder as unknown."""
    if math.isfinite(estimate.value):
        return estimate
    nan = math.nan
    return Estimate(nan, nan, nan, nan, estimate.level, estimate.samples, estimate.method)


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the design depth of each system, over its instances.

    ``design_depth`` is the median (NaN beyond the ladder), ``late_depth`` the upper decile,
    ``found`` the share of the instances whose depth lies in the ladder. ``agreement`` is the ratio
    of sampled to exact moments, the mean over the sampled depths.
    """
    rows = []
    for cell in context.cells(Stage.GRADIENTS):
        data, count = cell.data, cell.data.sizes["sample"]
        sides = data["side"].values.astype(np.float64)
        ratios = (data["exact"] / data["haar"]).transpose("sample", "side").values
        depths = np.array([design_depth(sides, ratio) for ratio in ratios])
        agreement = data["sampled"] / data["exact"].sel(side=data["sampled_side"].values).rename(
            side="sampled_side"
        )
        rows.append(
            {name: cell[name] for name in SYSTEM[:-1]}
            | {
                "krylov_dimension_sum": int(data["krylov_dimension_sum"].values[0]),
                "design_depth": _closed(median(depths)),
                "late_depth": float(np.quantile(depths, 0.9, method="higher")),
                "found": float(np.isfinite(depths).mean()),
                "agreement": mean(agreement.mean("sampled_side").values),
                "instances": count,
                "samples": count * cell["draws"] * data.sizes["sampled_side"],
            }
        )
    return to_dataset(rows, SYSTEM)
