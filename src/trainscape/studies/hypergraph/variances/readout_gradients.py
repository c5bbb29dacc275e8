"""Gradients of a readout by the weight of one hyperedge, at random weights.

Residual weights of qumodes are uniform on [-1, 1], random angles of qubits uniform on the circle,
small ones and those of a trained start normal. For the loss of all nullifiers weights and targets
are uniform on [-1, 1], and the constant of the kernel is the mean squared length of the answers.
"""

from __future__ import annotations

from math import comb
from typing import Any

import numpy as np
import xarray as xr

from trainscape.physics.hypergraph.squeezing import momentum_variance, position_variance
from trainscape.physics.hypergraph.variances import (
    displacement_gradient,
    nullifier_gradient,
    nullifier_loss_gradient,
    qubit_gradient,
)
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.hypergraph.variances.laws import spread
from trainscape.studies.kit.variables import variable

__all__ = ["sample"]


def _draws(cell: CellContext, samples: range) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the random weights of each sample: one set of them, or two for the loss."""
    readout, n, k = cell["readout"], cell["modes"], cell["order"]
    shape = (2, comb(n, k)) if readout == "loss" else (comb(n - 1, k - 1),)
    drawn = []
    for index in samples:
        rng = cell.generator(Purpose.PARAMETERS, index)
        if readout in ("small", "trained"):
            drawn.append(rng.normal(0.0, spread(readout, n, k), shape))
        else:
            largest = np.pi if readout == "random" else 1.0
            drawn.append(rng.uniform(-largest, largest, shape))
    return np.stack(drawn)


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the gradient of each draw, and its size relative to the readout's mean.

    ``scale`` is what the readout adds to the noise of momenta: the sum of squares for a nullifier,
    1 elsewhere.
    """
    readout, n, k = cell["readout"], cell["modes"], cell["order"]
    r = cell.options["squeezing"]
    u, drawn = position_variance(r), _draws(cell, samples)
    scale = np.ones(len(drawn))
    if readout == "nullifier":
        gradient = nullifier_gradient(drawn, k, u)
        scale = u ** (k - 1) * (drawn**2).sum(axis=-1)
    elif readout == "loss":
        length = n * (momentum_variance(r) + comb(n - 1, k - 1) / 3 * u ** (k - 1))
        gradient = nullifier_loss_gradient(drawn[:, 0], drawn[:, 1], n, k, u, length)[1][:, 0]
    elif readout == "displacement":
        gradient = displacement_gradient(drawn, cell.options["shift"], u)
    else:
        gradient = qubit_gradient(drawn, n, k)
    return xr.Dataset(
        {
            "gradient": variable(("sample",), gradient, "derivative by one weight"),
            "scale": variable(("sample",), scale, "what the weights add to the readout"),
        }
    )
