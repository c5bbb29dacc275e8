"""Panels of training curves, one column for each patch, with their bands over the restarts."""

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from trainscape.studies.clifford import style
from trainscape.studies.clifford.vqe import views
from trainscape.studies.contract import Stage
from trainscape.studies.kit.panels import legend_below, log_axis, panels, same_limits, series
from trainscape.studies.kit.style import Look
from trainscape.studies.kit.tables import select, span
from trainscape.studies.reporting import Results

__all__ = [
    "ENCODED",
    "PLAIN",
    "WIDTH",
    "Curves",
    "Row",
    "bands",
    "curve_grid",
    "curves_of",
    "descents",
    "ranked_curves",
    "start_curves",
    "width_title",
    "words",
]

PLAIN, ENCODED = (
    {name: style.ENCODER_LOOKS[encoder][name] for name in ("color", "linestyle")}
    for encoder in ("none", "lce")
)
STARTS = (("plain", "without encoder", PLAIN), ("lce", "with encoder", ENCODED))

WIDTH = 1.8
"""Inches of a panel: four patches fill the width of a page."""

Curves = Sequence[tuple[pd.DataFrame, str, Look]]
"""Series of curves with label and look."""

Row = tuple[str, str, Curves]
"""What a row of panels shows: its label, a recorded quantity, and series."""


def curves_of(results: Results, family: str = "vqe", **values: Any) -> pd.DataFrame:
    """Return one row for each recorded iteration of each run: a cell in one patch."""
    summary = results.summary(family, Stage.THRESHOLDS).drop_dims("test")
    frame = summary.to_dataframe().reset_index()
    frame = frame.drop_duplicates(["run", "iteration"]).drop(columns=["run", "point"])
    return select(frame, **values)


def descents(results: Results) -> pd.DataFrame:
    """Return the curves of exact gradient descent, without and with encoder."""
    return curves_of(results, optimiser="gd", start=("plain", "lce"))


def width_title(exponent: float) -> str:
    """Return the title of a column: the width of its patch."""
    return style.width_label(views.patch_name(exponent))


def words(*systems: views.System) -> str:
    """Return systems in words."""
    named = (
        f"{style.OBSERVABLE_LABELS[name]}, $n = {n}$, $L = {depth}$" for name, n, depth in systems
    )
    return "; ".join(named)


def bands(curves: pd.DataFrame) -> str:
    """Return what lines and bands are, for a caption."""
    restarts = span(curves["restarts"])
    return f"Lines: mean over {restarts} restarts; bands: their 10 % to 90 % quantiles."


def start_curves(curves: pd.DataFrame) -> Curves:
    """Return the series without and with encoder."""
    return [(select(curves, start=start), label, look) for start, label, look in STARTS]


def ranked_curves(curves: pd.DataFrame, column: str, values: Sequence[Any], label: str) -> Curves:
    """Return the series of a quantity in its order; `label` has braces for the value, 0: exact."""
    shades = mpl.colormaps["viridis"](np.linspace(0.1, 0.8, len(values)))
    looks = [{"color": to_hex(shade)} for shade in shades]
    names = [label.format(value) if value else "exact" for value in values]
    parts = [select(curves, **{column: value}) for value in values]
    return list(zip(parts, names, looks, strict=True))


def curve_grid(rows: Sequence[Row], height: float, *, alike: int = 1) -> tuple[Figure, Any]:
    """Draw curves with their bands: one column for each patch, and one legend.

    Panels in a row have equal axes, as have `alike` rows that follow one another.
    """
    figure, grid = panels(4, len(rows), width=WIDTH, height=height)
    for line, (label, name, drawn) in zip(grid, rows, strict=True):
        for curves, text, look in drawn:
            for axes, (exponent, curve) in zip(line, series(curves, "exponent"), strict=True):
                x, low, high = (curve[key] for key in ("iteration", f"{name}_low", f"{name}_high"))
                axes.plot(x, curve[f"mean_{name}"], label=text, **look)
                axes.fill_between(x, low, high, color=look["color"], alpha=0.15, linewidth=0)
                if axes in grid[0]:
                    axes.set_title(width_title(exponent), loc="center")
        line[0].set_ylabel(label)
        for axes in line:
            axes.set_yscale("log" if name == "gradient_norm" else "linear")
    for start in range(0, len(rows), alike):
        chosen = grid[start : start + alike].ravel()
        same_limits(chosen)
        for axes in chosen:
            low, high = axes.get_ylim()
            if axes.get_yscale() == "log":
                log_axis(axes)
            else:
                axes.set_ylim(low - 0.03 * (high - low), high + 0.03 * (high - low))
    for axes in grid[:, 1:].flat:
        axes.tick_params(labelleft=False)
    for axes in grid[:-1].flat:
        axes.tick_params(labelbottom=False)
    for axes in grid[-1]:
        axes.set_xlabel("iteration")
    legend_below(figure, (grid[0, 0],))
    return figure, grid
