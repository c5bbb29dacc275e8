"""How well hidden Markov models with different numbers of states predict a sequence."""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.hypergraph.contextuality.sequences import alphabet_size
from trainscape.studies.kit.variables import variable
from trainscape.translation.hidden_markov import fitted, negative_log_likelihood, pieces

__all__ = ["sample"]

PIECE = 50
"""Symbols of a piece; every fourth piece is held out."""


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the loss of each held-out piece, for the fit that is likeliest on the others."""
    data = pieces(cell.inputs["dataset"]["symbols"].values, PIECE)
    held_out = np.arange(len(data)) % 4 == 3
    alphabet = alphabet_size(cell)
    losses = []
    for place, states in enumerate(cell.options["hidden"]):
        fits = [
            fitted(
                data[~held_out],
                alphabet,
                states,
                cell.generator(Purpose.TRAINING, place * cell.options["restarts"] + restart),
                steps=cell.options["steps"],
            )
            for restart in range(cell.options["restarts"])
        ]
        best = min(fits, key=lambda fit: negative_log_likelihood(fit, data[~held_out]).mean())
        losses.append(negative_log_likelihood(best, data[held_out]))
    return xr.Dataset(
        {"loss": variable(("hidden", "piece"), np.array(losses), "loss on held-out pieces", "nat")},
        coords={"hidden": list(cell.options["hidden"])},
    )
