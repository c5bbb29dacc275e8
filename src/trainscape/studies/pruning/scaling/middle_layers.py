"""The measured number of the group: squared gradients in the middle third of the layers."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.studies.kit.variables import variable

__all__ = ["moments"]


def moments(gradients: NDArray[np.float64]) -> xr.Dataset:
    """Return the mean squared gradient of a parameter of each sample.

    Parameters
    ----------
    gradients
        In units of the coupling for each radian, shape ``(S, L, K)`` for L layers.
    """
    layers = gradients.shape[1]
    middle = gradients[:, layers // 3 : layers - layers // 3]
    return xr.Dataset(
        {
            "moment": variable(
                "sample", (middle**2).mean(axis=(1, 2)), "mean squared gradient", "J^2"
            ),
            "slope": variable("sample", middle.mean(axis=(1, 2)), "mean gradient", "J"),
        }
    )
