"""The three panels of the atlas: moments against size, thresholds, costs against moments."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullLocator, ScalarFormatter

from trainscape.studies.kit.atlas import Kind
from trainscape.studies.kit.panels import guide, log_axis, panels
from trainscape.studies.kit.style import COLOURS, MARKERS

__all__ = ["KINDS", "PANELS", "Spot", "colours", "draw_atlas", "draw_panel", "drawn"]

Row = Mapping[str, Any]
KINDS: dict[str, str] = dict(zip(get_args(Kind), MARKERS, strict=False))
"""Marker of each kind of family."""

COSTLY = (0, (3, 2))
"""Line style of families whose cheapest known way grows exponentially."""

_AXES: dict[str, tuple[str, str, str]] = {
    "moments": (
        "Second moment against size",
        "qubits that the system needs",
        r"second moment $\mathrm{E}[(\partial_k C)^2]$",
    ),
    "thresholds": (
        "Threshold against dimension",
        "dimension: orbit, or Fisher rank",
        "parameters from which training succeeds",
    ),
    "costs": (
        "Classical cost against trainability",
        r"second moment $\mathrm{E}[(\partial_k C)^2]$",
        "numbers of the cheapest known way",
    ),
}
PANELS: dict[str, str] = {name: texts[0] for name, texts in _AXES.items()}
"""Names of the panels, and their titles."""


@dataclass(frozen=True)
class Spot:
    """A point of a panel: its row, its place, and whether that is a lower bound."""

    row: Row
    x: float
    y: float
    bound: bool = False


def _spot(panel: str, row: Row) -> Spot | None:
    """Return the point of a row; None if it has no place in the panel."""
    moment = row["moment"] or 0.0
    match panel:
        case "moments":
            spot = Spot(row, row["size"], moment)
        case "thresholds":
            reached = row["threshold"]
            place = row["dimension"] or 0.0, reached or row["threshold_low"] or 0.0
            spot = Spot(row, *place, bound=not reached)
        case _:
            spot = Spot(row, moment, row["numbers"] or 0.0)
    return spot if spot.x > 0 and spot.y > 0 else None


def drawn(panel: str, rows: Sequence[Row]) -> Iterator[list[Spot]]:
    """Yield what a panel shows of the rows: the spots of one family, in the order of the size."""
    families: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        families.setdefault((row["study"], row["family"]), []).append(row)
    for members in families.values():
        ordered = sorted(members, key=lambda one: (one["size"], one["dimension"] or 0))
        spots = [spot for row in ordered if (spot := _spot(panel, row)) is not None]
        if spots:
            yield spots


def colours(studies: Sequence[str]) -> dict[str, str]:
    """Return the colour of each study, by its place in the list."""
    return {name: COLOURS[place % len(COLOURS)] for place, name in enumerate(studies)}


def _bars(axes: Axes, panel: str, spots: Sequence[Spot], colour: str) -> None:
    """Draw the intervals of points; a bar ends at the value where an end is open."""
    name = "threshold" if panel == "thresholds" else "moment"
    look: dict[str, Any] = {"colors": colour, "linewidths": 0.6, "alpha": 0.6, "zorder": 2}
    values = [spot.x if panel == "costs" else spot.y for spot in spots]
    # On a logarithmic axis an interval down to zero has no end that could be drawn.
    lows = [spot.row[f"{name}_low"] or one for spot, one in zip(spots, values, strict=True)]
    highs = [spot.row[f"{name}_high"] or one for spot, one in zip(spots, values, strict=True)]
    if panel == "costs":
        axes.hlines([spot.y for spot in spots], lows, highs, **look)
    else:
        axes.vlines([spot.x for spot in spots], lows, highs, **look)


def _limits(axes: Axes, panel: str, rows: Sequence[Row]) -> None:
    """Set limits by the points, so that a long bar may leave the panel, and ticks."""
    places = [(spot.x, spot.y) for spots in drawn(panel, rows) for spot in spots]
    for which, ends in zip("xy", zip(*places, strict=True), strict=False):
        margin = max(1.25, (max(ends) / min(ends)) ** 0.05)
        limits = min(ends) / margin, max(ends) * margin
        if which == "x":
            axes.set_xlim(*limits)
        else:
            axes.set_ylim(*limits)
    axes.autoscale(enable=False)
    for which in "xy":
        log_axis(axes, which)
    if panel == "moments":
        axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=12))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(ScalarFormatter())


def draw_panel(
    axes: Axes,
    panel: str,
    rows: Sequence[Row],
    studies: Sequence[str],
    link: Callable[[Row], str] = lambda row: "",
    *,
    printed: bool = False,
) -> None:
    """Draw one panel.

    Parameters
    ----------
    axes
        Empty axes.
    panel
        One of `PANELS`.
    rows
        Points as plain values, see `trainscape.studies.kit.atlas.AtlasPoint.row`, with ``study``.
    studies
        All studies, which fixes their colours.
    link
        Address that a point leads to; empty for none.
    printed
        Whether the panel is for a PDF, whose links need texts.
    """
    _, xlabel, ylabel = _AXES[panel]
    axes.set(xscale="log", yscale="log", xlabel=xlabel, ylabel=ylabel)
    # Before anything is drawn: single points would leave nothing to scale an axis by.
    _limits(axes, panel, rows)
    tint = colours(studies)
    for number, spots in enumerate(drawn(panel, rows)):
        first = spots[0].row
        colour = tint[first["study"]]
        xs, ys = [spot.x for spot in spots], [spot.y for spot in spots]
        if panel != "thresholds" and len(spots) > 1:
            costly = panel == "costs" and first["growth"] == "exponential"
            line = COSTLY if costly else "-"
            guide(axes, xs, ys, color=colour, linewidth=0.7, alpha=0.6, linestyle=line)
        _bars(axes, panel, spots, colour)
        markers = axes.scatter(
            xs,
            ys,
            s=13,
            marker=KINDS[first["kind"]],
            facecolors=["white" if spot.bound else colour for spot in spots],
            edgecolors=colour,
            linewidths=0.8,
            zorder=3,
        )
        addresses = [link(spot.row) or None for spot in spots]
        markers.set_gid(f"points-{number}")
        markers.set_urls(addresses)
        if printed:
            # PDF has links on texts only: an unseen one lies on the point.
            for x, y, address in zip(xs, ys, addresses, strict=True):
                if address:
                    axes.text(x, y, "o", fontsize=7, ha="center", va="center", alpha=0, url=address)
    if panel == "thresholds":
        ends = [end for spots in drawn(panel, rows) for spot in spots for end in (spot.x, spot.y)]
        if ends:
            guide(axes, (min(ends), max(ends)), (min(ends), max(ends)))
    if panel == "costs":
        axes.annotate(
            "trainable, and costly",
            (1, 1),
            xycoords="axes fraction",
            xytext=(0, 2),
            textcoords="offset points",
            ha="right",
            va="bottom",
            fontsize="x-small",
            color="0.35",
        )


def draw_atlas(
    rows: Sequence[Row], studies: Sequence[str], link: Callable[[Row], str] = lambda row: ""
) -> Figure:
    """Return the three panels side by side, with one legend: a page to print.

    Parameters are those of `draw_panel`.
    """
    figure, axes = panels(3, width=3.4, height=3.5)
    for panel, one in zip(PANELS, axes.ravel(), strict=True):
        draw_panel(one, panel, rows, studies, link, printed=True)
    shown = [name for name in studies if any(row["study"] == name for row in rows)]
    tint = colours(studies)
    common: dict[str, Any] = {"linestyle": "none", "markersize": 4}
    handles = [Line2D([], [], marker="o", color=tint[name], label=name, **common) for name in shown]
    kinds = [kind for kind in KINDS if any(row["kind"] == kind for row in rows)]
    handles += [
        Line2D([], [], marker=KINDS[kind], color="0.35", label=kind, **common) for kind in kinds
    ]
    hollow: dict[str, Any] = {"marker": "o", "color": "0.35", "markerfacecolor": "none"}
    handles += [
        Line2D([], [], label="lower bound", **hollow, **common),
        Line2D([], [], color="0.35", linestyle=COSTLY, label="cost grows exponentially"),
        Line2D([], [], color="0.35", label="equal (b)"),
    ]
    figure.legend(
        handles=handles, loc="outside lower center", ncols=min(6, math.ceil(len(handles) / 2))
    )
    return figure
