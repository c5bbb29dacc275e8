"""What can be checked of a figure without eyes: labels, texts that overlap, data in the table."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from trainscape.studies.kit.panels import GUIDE
from trainscape.studies.reporting import Plot

__all__ = ["check_plot", "overlaps", "points_outside_table", "unlabelled"]

SLACK = 1.0
"""Pixels by which two boxes may touch."""


def _panels(figure: Figure) -> list[Axes]:
    return [axes for axes in figure.axes if axes.get_visible() and axes.has_data()]


def unlabelled(figure: Figure) -> list[str]:
    """Return the panels that lack a label, own or shared, on an axis that shows ticks."""
    problems = []
    for number, axes in enumerate(_panels(figure)):
        for which in ("x", "y"):
            axis = getattr(axes, f"{which}axis")
            shown = [
                tick for tick in axis.get_ticklabels() if tick.get_visible() and tick.get_text()
            ]
            siblings = getattr(axes, f"get_shared_{which}_axes")().get_siblings(axes)
            named = any(getattr(other, f"get_{which}label")() for other in [axes, *siblings])
            colour_bar = axes.get_label() == "<colorbar>"
            if shown and not named and not colour_bar:
                problems.append(f"panel {number} has no {which} label")
    return problems


def _texts(figure: Figure) -> Iterator[tuple[str, Any]]:
    """Yield every visible text of a figure with its box in pixels."""
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    outside = _ticks_outside(figure)
    for text in figure.findobj(Text):
        content = str(text.get_text()).strip()
        if not content or not text.get_visible() or id(text) in outside:
            continue
        box = text.get_window_extent(renderer)
        inside = figure.bbox.x0 <= box.x1 and box.x0 <= figure.bbox.x1
        if box.width > 0 and inside:
            yield content, box


def _ticks_outside(figure: Figure) -> set[int]:
    """Return the ids of the labels of ticks beyond the limits of their axis: none is drawn."""
    labels = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
                if not low <= tick.get_loc() <= high:
                    labels |= {id(tick.label1), id(tick.label2)}
    return labels


def _drawn_ticks(figure: Figure) -> set[str]:
    return {
        tick.get_text()
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in axis.get_ticklabels(which="both")
    }


def overlaps(figure: Figure) -> list[str]:
    """Return the pairs of texts whose boxes overlap, and the texts that leave the figure."""
    texts = list(_texts(figure))
    problems = []
    for (first, one), (second, other) in combinations(texts, 2):
        width = min(one.x1, other.x1) - max(one.x0, other.x0)
        height = min(one.y1, other.y1) - max(one.y0, other.y0)
        if width > SLACK and height > SLACK:
            problems.append(f"{first!r} overlaps {second!r}")
    ticks = _drawn_ticks(figure)
    problems += [
        f"{content!r} leaves the figure"
        for content, box in texts
        if content not in ticks
        and (
            box.x0 < figure.bbox.x0 - SLACK
            or box.x1 > figure.bbox.x1 + SLACK
            or box.y0 < figure.bbox.y0 - SLACK
            or box.y1 > figure.bbox.y1 + SLACK
        )
    ]
    return problems


def points_outside_table(plot: Plot) -> list[str]:
    """Return the drawn values that the table behind the figure does not hold.

    Lines with the id `trainscape.studies.kit.panels.GUIDE` are laws and references, and no data.
    """
    numbers = plot.table.select_dtypes("number").to_numpy(dtype=np.float64).ravel()
    known = np.unique(numbers[np.isfinite(numbers)])
    problems = []
    for number, axes in enumerate(_panels(plot.figure)):
        lines = [line for line in axes.lines if line.get_gid() != GUIDE]
        drawn = [np.asarray(line.get_ydata(), dtype=np.float64) for line in lines]
        # The end of a bar is a value minus a length: exact to the last digits of the value only.
        rounding = 1e-15 * max((np.abs(v[np.isfinite(v)]).max(initial=0) for v in drawn), default=0)
        for values in drawn:
            problems += [
                f"panel {number} draws {value:.6g}, which is not in the table"
                for value in values[np.isfinite(values)]
                if not known.size or np.abs(known - value).min() > 1e-9 * abs(value) + rounding
            ]
    return problems


def check_plot(plot: Plot) -> None:
    """Assert what can be checked of a figure that is fit to print.

    Raises
    ------
    AssertionError
        With a list of what is wrong.
    """
    problems = [
        *unlabelled(plot.figure),
        *overlaps(plot.figure),
        *points_outside_table(plot),
        *([] if plot.caption.strip().endswith(".") else ["the caption is no sentence"]),
        *([] if len(plot.table) else ["the table is empty"]),
    ]
    assert not problems, "\n".join(problems)
