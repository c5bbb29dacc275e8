r"""The squeezing at which the second moment of a nullifier is least, with errors of gates.

The moments are fitted by :math:`a/u + b u^{k-1}`, with the weights of their relative errors, which
has its minimum at :math:`(a/((k-1) b))^{1/k}`. The interval is that of resampled samples.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.physics.hypergraph.noise import jitter_optimum, variance_of_decibels
from trainscape.studies.contract import Purpose, Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset
from trainscape.trainability.intervals import LEVEL, Estimate

__all__ = ["best_variance", "summarise"]

RESAMPLES = 400

Real = NDArray[np.float64]


def best_variance(variances: Real, squares: Real, order: int) -> Real:
    """Return the variance u of a position at which moments are least, and the least moment.

    Parameters
    ----------
    variances
        Variances u, shape ``(points,)``.
    squares
        Moments, shape ``(points,)``.
    order
        Order k of the gates.
    """
    basis = np.stack([1 / variances, variances ** (order - 1)], axis=1)
    a, b = np.linalg.lstsq(basis / squares[:, None], np.ones_like(squares), rcond=None)[0]
    best = (a / ((order - 1) * b)) ** (1 / order) if a > 0 and b > 0 else np.nan
    return np.array([best, a / best + b * best ** (order - 1)])


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each system: ``best`` (u), ``least``, and their laws."""
    rows = []
    for number, cell in enumerate(context.cells(Stage.SIMULATE)):
        values, order = cell.data["square"].values, cell["order"]
        variances = variance_of_decibels(cell.data["level"].values)
        rng = context.generator(Purpose.BOOTSTRAP, number)
        draws = rng.integers(0, len(values), (RESAMPLES, len(values)))
        found = best_variance(variances, values.mean(axis=0), order)
        resampled = np.array(
            [best_variance(variances, values[draw].mean(axis=0), order) for draw in draws]
        )
        ends = np.nanquantile(resampled, ((1 - LEVEL) / 2, (1 + LEVEL) / 2), axis=0)
        errors = np.nanstd(resampled, axis=0, ddof=1)
        shots = len(values) * int(context.options["shots"])
        best, least = (
            Estimate(float(value), float(error), float(low), float(high), LEVEL, shots, "resampled")
            for value, error, low, high in zip(found, errors, *ends, strict=True)
        )
        law, least_law = jitter_optimum(cell["modes"], order, cell["jitter"])
        rows.append(
            {
                **{name: cell[name] for name in ("modes", "order", "jitter")},
                "shots": shots,
                "best": best,
                "law": law,
                "least": least,
                "least_law": least_law,
            }
        )
    return to_dataset(rows, ("modes", "order", "jitter"))
