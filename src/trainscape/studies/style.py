"""The look of all figures: one place for sizes, colours and fonts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLOURS", "errorbar", "label_ticks", "new_figure", "note", "span"]

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's palette, which people with any kind of colour vision can tell apart."""

_STYLE: dict[str, Any] = {
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "grid.linewidth": 0.5,
    "lines.linewidth": 1.2,
    "lines.markersize": 4,
    "legend.frameon": False,
    "legend.fontsize": 7,
    "savefig.dpi": 160,
    "svg.hashsalt": "trainscape",
    "pdf.fonttype": 42,
}


def new_figure(
    columns: int, rows: int = 1, *, width: float = 3.4, height: float = 2.9
) -> tuple[Figure, Any]:
    """Return a figure in the common style, and its axes as an array of shape ``(rows, columns)``. Sizes are in inches for one panel."""
    import matplotlib as mpl

    parameters: Any = mpl.rcParams
    parameters.update(_STYLE)
    figure = Figure(figsize=(width * columns, height * rows), layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False)


def note(figure: Figure, *lines: str) -> None:
    """Write the sample counts and the meaning of the error bars below the panels, one line for each text."""
    figure.supxlabel("\n".join(lines), x=0.01, ha="left", fontsize=6, color="0.35", linespacing=1.4)


def span(counts: Any) -> str:
    """Return "least to largest", or the one number if all are equal."""
    low, high = int(np.min(counts)), int(np.max(counts))
    return str(low) if low == high else f"{low} to {high}"


def errorbar(axes: Axes, x: Any, table: pd.DataFrame, name: str, **style: Any) -> None:
    """Draw the column `name` with bars from ``name_low`` to ``name_high``; a bar that does not exist is left out."""
    value, low, high = (
        table[f"{name}{end}"].to_numpy(dtype=np.float64) for end in ("", "_low", "_high")
    )
    bars = np.maximum(np.nan_to_num([value - low, high - value], nan=0.0), 0)
    axes.errorbar(x, value, yerr=bars, capsize=1.5, elinewidth=0.8, **style)


def label_ticks(axes: Axes, values: Any) -> None:
    """Put the ticks of a logarithmic abscissa at the values that were computed."""
    axes.set_xticks(list(values), [f"{value:g}" for value in values])
    axes.set_xticks([], minor=True)
