"""What the figures of the study share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes

from trainscape.studies.style import COLOURS

__all__ = ["ANSATZ_LABELS", "LAW_COLOURS", "LAW_LABELS", "bars", "frame", "span"]

LAW_LABELS = {
    "D^-1": r"$D^{-1}$",
    "D^-1/2": r"$D^{-1/2}$",
    "D^-1/3": r"$D^{-1/3}$",
    "D^-1/5": r"$D^{-1/5}$",
    "1": r"$1$",
    "0.5 D^-1/2": r"$\frac{1}{2} D^{-1/2}$",
    "2 D^-1/2": r"$2 D^{-1/2}$",
    "D^-2/5": r"$D^{-2/5}$",
    "sqrt(ln D / D)": r"$\sqrt{\ln D / D}$",
    "uniform D^-1/2": r"uniform, $D^{-1/2}$",
    "uniform D^-1/3": r"uniform, $D^{-1/3}$",
    "uniform sqrt(ln D / D)": r"uniform, $\sqrt{\ln D / D}$",
    "e^-D": r"$e^{-D}$",
    "D^-2": r"$D^{-2}$",
    "1/ln D": r"$1 / \ln D$",
}

LAW_COLOURS = {
    "D^-1": COLOURS[0],
    "D^-1/2": COLOURS[1],
    "D^-1/3": COLOURS[2],
    "D^-1/5": COLOURS[3],
    "1": COLOURS[4],
    "D^-2/5": COLOURS[5],
    "sqrt(ln D / D)": COLOURS[6],
}

ANSATZ_LABELS = {"mhea": "RY RZ, circular CX", "fhea": "RX RY RZ, all CX", "rpqc": "random circuit"}


def frame(summary: xr.Dataset) -> pd.DataFrame:
    """Return a summary with the dimension ``row`` as a table."""
    return pd.DataFrame(
        {
            str(name): variable.values
            for name, variable in summary.variables.items()
            if variable.dims == ("row",)
        }
    )


def span(counts: Any) -> str:
    """Return a number, or the range of several."""
    low, high = int(np.min(counts)), int(np.max(counts))
    return str(low) if low == high else f"{low} to {high}"


def bars(axes: Axes, x: Any, rows: pd.DataFrame, name: str, **style: Any) -> None:
    """Draw a column with the interval in its columns ``_low`` and ``_high``, where there is one."""
    value, low, high = (
        rows[column].to_numpy(dtype=np.float64) for column in (name, f"{name}_low", f"{name}_high")
    )
    spread = np.nan_to_num(
        np.stack([np.maximum(value - low, 0), np.maximum(high - value, 0)]), nan=0.0
    )
    axes.errorbar(x, value, yerr=spread, capsize=1.5, elinewidth=0.8, **style)
