"""Squared gradients of a tied ring at random angles, by its momenta."""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.physics.ring_modes import RingModes
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.pruning.scaling.middle_layers import moments

__all__ = ["sample"]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the mean squared gradient in the middle layers of each sample."""
    theta = np.stack(
        [
            cell.generator(Purpose.PARAMETERS, index).uniform(-np.pi, np.pi, (cell["layers"], 2))
            for index in samples
        ]
    )
    _, gradients = RingModes(cell["qubits"]).energy_and_gradient(theta)
    return moments(gradients)
