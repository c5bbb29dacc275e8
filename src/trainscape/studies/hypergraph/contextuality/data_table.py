"""One row for each sequence: its contextuality, that of shuffles, and its hidden states."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.studies.contract import Purpose, Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset

__all__ = ["NEAR", "least_hidden", "summarise"]

NEAR = 0.02
"""Loss, in nats for each symbol, that more hidden states must save to count as needed."""

RESAMPLES = 400

COORDINATES = ("corpus", "source", "alphabet", "states", "shuffled", "prefix", "query")


def least_hidden(loss: NDArray[np.float64], hidden: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the least number of hidden states whose loss is within `NEAR` of the best.

    Parameters
    ----------
    loss
        Mean losses, shape (..., models).
    hidden
        Their numbers of hidden states, rising.
    """
    near = loss <= loss.min(axis=-1, keepdims=True) + NEAR
    return np.asarray(hidden[near.argmax(axis=-1)])


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the rows.

    ``classes`` is the estimate k*, ``at_least`` a lower bound of what the observed supports ask
    for, ``pairs`` what distinguishable prefixes alone ask for. ``null``, with ``null_low`` and
    ``null_high``, is the mean, least and largest estimate of the shuffles. ``hidden`` is the least
    number of hidden states, its interval from resampled held-out pieces (percentiles of 95 %);
    ``largest_hidden`` the largest number that was tried: there the number is a lower bound.
    """
    sets = (context.cells(stage) for stage in (Stage.DATASET, Stage.SIMULATE, Stage.THRESHOLDS))
    rows = []
    for number, (own, null, fits) in enumerate(zip(*sets, strict=True)):
        hidden = fits.data["hidden"].values
        loss = fits.data["loss"].values
        rng = context.generator(Purpose.BOOTSTRAP, number)
        drawn = rng.integers(loss.shape[1], size=(RESAMPLES, loss.shape[1]))
        resampled = least_hidden(loss[:, drawn].mean(axis=2).T, hidden)
        low, high = np.quantile(resampled, (0.025, 0.975), method="inverted_cdf")
        estimate = {
            name: int(own.data[name])
            for name in ("prefixes", "queries", "at_least", "pairs", "classes", "triples")
        }
        shuffles = null.data["classes"].values
        rows.append(
            {
                **{name: own[name] for name in COORDINATES},
                "symbols": own.data.sizes["place"],
                **estimate,
                "shuffles": len(shuffles),
                "null": float(shuffles.mean()),
                "null_low": float(shuffles.min()),
                "null_high": float(shuffles.max()),
                "hidden": float(least_hidden(loss.mean(axis=1), hidden)),
                "hidden_low": float(low),
                "hidden_high": float(high),
                "largest_hidden": int(hidden[-1]),
                "best_loss": float(loss.mean(axis=1).min()),
            }
        )
    return to_dataset(rows, COORDINATES)
