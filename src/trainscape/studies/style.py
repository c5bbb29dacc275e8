"""The look of all figures: one place for sizes, colours and fonts."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

__all__ = ["COLOURS", "new_figure", "note"]

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
    "savefig.dpi": 200,
    "svg.hashsalt": "trainscape",
    "pdf.fonttype": 42,
}


def new_figure(columns: int, rows: int = 1, *, width: float = 3.4, height: float = 2.9) -> tuple[Figure, Any]:
    """Return a figure in the common style, and its axes as an array of shape ``(rows, columns)``. Sizes are in inches for one panel."""
    import matplotlib as mpl

    parameters: Any = mpl.rcParams
    parameters.update(_STYLE)
    figure = Figure(figsize=(width * columns, height * rows), layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False)


def note(figure: Figure, *lines: str) -> None:
    """Write the sample counts and the meaning of the error bars below the panels, one line for each text."""
    figure.supxlabel("\n".join(lines), x=0.01, ha="left", fontsize=6, color="0.35", linespacing=1.4)
