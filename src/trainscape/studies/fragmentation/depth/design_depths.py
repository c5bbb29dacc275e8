"""From exact second moments to the depth from which they are those of Haar-random blocks."""

import math
from dataclasses import replace

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.studies.contract import Purpose, Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset
from trainscape.trainability.intervals import Estimate, bootstrap, mean, median

__all__ = ["CLOSE", "design_depth", "design_depths", "ratios_to_haar", "summarise"]

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


def ratios_to_haar(data: xr.Dataset, part: str = "") -> Real:
    """Return exact moments over Haar averages, shape (instances, depths).

    `part` is empty for the whole loss, or ``_largest`` for the largest sector's part.
    """
    ratios: Real = (data[f"exact{part}"] / data[f"haar{part}"]).transpose("sample", "side").values
    return ratios


def design_depths(data: xr.Dataset, part: str = "") -> Real:
    """Return the design depth of each instance; see `ratios_to_haar`."""
    sides = data["side"].values.astype(np.float64)
    return np.array([design_depth(sides, ratios) for ratios in ratios_to_haar(data, part)])


def _typical(depths: Real, rng: np.random.Generator) -> Estimate:
    """Return the median depth with its interval from order statistics; NaN beyond the ladder.

    Its standard error is that of resampled logarithms; depths beyond the ladder count as twice the
    largest of the others there.
    """
    found = median(depths)
    if not math.isfinite(found.value):
        return replace(found, value=math.nan, low=math.nan, high=math.nan)
    known = np.where(np.isfinite(depths), depths, 2 * depths[np.isfinite(depths)].max())
    error = bootstrap(np.log(known), np.median, rng).standard_error
    return replace(found, standard_error=found.value * error)


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the design depth of each system, over its instances.

    ``design_depth`` is the median, ``sector_depth`` the same for the largest sector's part of the
    loss, ``late_depth`` the upper decile, ``found`` the share of the instances whose depth lies in
    the ladder. ``agreement`` is the ratio of sampled to exact moments, the mean over the sampled
    depths.
    """
    rows = []
    for place, cell in enumerate(context.cells(Stage.GRADIENTS)):
        data, count = cell.data, cell.data.sizes["sample"]
        rng = context.generator(Purpose.BOOTSTRAP, place)
        depths = design_depths(data)
        sampled = data["sampled"].transpose("sample", "sampled_side").values
        exact = data["exact"].sel(side=data["sampled_side"].values)
        agreement = sampled / exact.transpose("sample", "side").values
        rows.append(
            {name: cell[name] for name in SYSTEM[:-1]}
            | {
                "krylov_dimension_sum": int(data["krylov_dimension_sum"].values[0]),
                "design_depth": _typical(depths, rng),
                "sector_depth": _typical(design_depths(data, "_largest"), rng),
                "late_depth": float(np.quantile(depths, 0.9, method="higher")),
                "found": float(np.isfinite(depths).mean()),
                "agreement": mean(agreement.mean(axis=1)),
                "instances": count,
                "samples": agreement.size * cell["draws"],
            }
        )
    return to_dataset(rows, SYSTEM)
