"""Panels: what every figure draws, in one way. Lines that are no data carry the id `GUIDE`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import (
    FixedLocator,
    FuncFormatter,
    LogFormatterSciNotation,
    LogLocator,
    NullFormatter,
    NullLocator,
    ScalarFormatter,
)

__all__ = [
    "GUIDE",
    "curve",
    "fit_line",
    "guide",
    "legend_below",
    "level",
    "log_axis",
    "panels",
    "points",
    "same_limits",
    "series",
    "size_axis",
]

GUIDE = "guide"
"""Id of what is drawn beside the data: laws, bounds, reference values."""


def panels(
    columns: int, rows: int = 1, *, width: float = 2.4, height: float = 2.2
) -> tuple[Figure, Any]:
    """Return a figure and its axes as an array of shape ``(rows, columns)``, with panel letters.

    Sizes are in inches for one panel: three of the default width fill the width of a page.
    """
    figure = Figure(figsize=(width * columns, height * rows), layout="constrained")
    layout: Any = figure.get_layout_engine()
    layout.set(w_pad=0.06, h_pad=0.06)
    axes = figure.subplots(rows, columns, squeeze=False)
    if axes.size > 1:
        for letter, panel in zip("abcdefghijklmnopqrstuvwxyz", axes.ravel(), strict=False):
            panel.set_title(letter, loc="left", fontweight="bold")
    return figure, axes


def series(table: pd.DataFrame, *names: str) -> Iterator[tuple[Any, pd.DataFrame]]:
    """Yield the series of a table: the values of the columns `names`, and the rows with them.

    Series come in the order of first appearance. One name yields values, several yield tuples.
    """
    yield from table.groupby(names[0] if len(names) == 1 else list(names), sort=False)


def points(axes: Axes, x: Any, table: pd.DataFrame, name: str, **look: Any) -> Any:
    """Draw an estimate of a table with its interval.

    A value without an interval has no bar. Where one end is missing or infinite, or zero on a
    logarithmic axis, the bar ends in an arrow: it is open there.

    Parameters
    ----------
    axes
        Panel.
    x
        Abscissae, as many as the table has rows.
    table
        Table with the columns ``name``, ``name_low``, ``name_high``.
    name
        Name of the estimate.
    look
        Arguments of the line, see `trainscape.studies.kit.style.looks`.
    """
    look = {"linestyle": "none", **look}
    value, low, high = (
        table[f"{name}{end}"].to_numpy(dtype=np.float64) for end in ("", "_low", "_high")
    )
    x = np.asarray(x, dtype=np.float64)
    logarithmic = axes.get_yscale() == "log"
    has_low, has_high = np.isfinite(low), np.isfinite(high)
    open_below = ~has_low & has_high | (has_low & (low <= 0) if logarithmic else False)
    open_above = ~has_high & has_low
    below = np.where(has_low & ~open_below, np.maximum(value - low, 0), 0.0)
    above = np.where(has_high, np.maximum(high - value, 0), 0.0)
    bars = axes.errorbar(
        x, value, yerr=np.nan_to_num(np.stack([below, above])), elinewidth=0.8, **look
    )
    for flags, direction in ((open_below, -1), (open_above, 1)):
        for place in np.flatnonzero(flags):
            axes.annotate(
                "",
                (x[place], value[place]),
                xytext=(0, 14 * direction),
                textcoords="offset points",
                arrowprops={
                    "arrowstyle": "<-",
                    "color": look.get("color", "0.3"),
                    "linewidth": 0.8,
                    "shrinkB": 0,
                },
            )
    return bars


def guide(axes: Axes, x: Any, y: Any, **look: Any) -> Any:
    """Draw a line that is no data: a law, a bound, a reference."""
    look = {"color": "0.4", "linewidth": 0.8, "zorder": 1, **look}
    (line,) = axes.plot(np.asarray(x), np.asarray(y), gid=GUIDE, **look)
    return line


def level(axes: Axes, value: float, label: str = "", *, vertical: bool = False) -> None:
    """Draw a reference value across the panel, with its name at the right end (or the top)."""
    look: dict[str, Any] = {
        "color": "0.55",
        "linewidth": 0.7,
        "zorder": 0,
        "gid": GUIDE,
        "linestyle": (0, (4, 3)),
    }
    if vertical:
        axes.axvline(value, **look)
        place: dict[str, Any] = {"xy": (value, 1), "xycoords": ("data", "axes fraction")}
        offset, align = (2, -2), ("left", "top")
    else:
        axes.axhline(value, **look)
        place = {"xy": (1, value), "xycoords": ("axes fraction", "data")}
        offset, align = (-1, 2), ("right", "bottom")
    if label:
        axes.annotate(
            label,
            **place,
            xytext=offset,
            textcoords="offset points",
            fontsize=6.5,
            color="0.35",
            ha=align[0],
            va=align[1],
        )


def curve(fit: Mapping[Any, Any], sizes: Any) -> tuple[Any, Any, str]:
    """Return a fitted law on a grid of sizes, and its text with exponent or rate.

    Parameters
    ----------
    fit
        Columns of a fit, see `trainscape.studies.kit.tables.fit_columns`. Where it is undecided,
        the law of the lower AICc is taken.
    sizes
        Sizes that the law shall span.
    """
    low, high = float(np.min(sizes)), float(np.max(sizes))
    law = str(fit["verdict"])
    if law == "undecided":
        deltas = {name: float(fit[f"{name}_delta"]) for name in ("power", "exponential")}
        law = min(
            deltas, key=lambda name: deltas[name] if math.isfinite(deltas[name]) else math.inf
        )
    slope, intercept = float(fit[f"{law}_slope"]), float(fit[f"{law}_intercept"])
    if law == "power":
        grid = np.geomspace(low, high, 100)
        return grid, np.exp(intercept + slope * np.log(grid)), rf"$\propto x^{{{slope:.2f}}}$"
    stretch = float(fit["stretch"]) if law == "stretched" else 1.0
    grid = np.linspace(low, high, 100)
    power = "x" if stretch == 1 else rf"x^{{{stretch:.2f}}}"
    text = rf"$\propto e^{{{slope:.2f}\,{power}}}$"
    return grid, np.exp(intercept + slope * grid**stretch), text


def fit_line(
    axes: Axes, fit: Mapping[Any, Any], sizes: Any, variable: str = "x", **look: Any
) -> str:
    """Draw the law that a fit prefers and return its text, with `variable` for the size."""
    grid, values, text = curve(fit, sizes)
    guide(axes, grid, values, **look)
    return text.replace("x", variable)


def legend_below(figure: Figure, axes: Iterable[Axes], columns: int = 4, **options: Any) -> None:
    """Put one legend for several panels below them, outside the data.

    Equal labels come once, and guides after the data.
    """
    entries: dict[str, Any] = {}
    for panel in axes:
        for handle, label in zip(*panel.get_legend_handles_labels(), strict=True):
            entries.setdefault(label, handle)
    guides = [getattr(handle, "get_gid", str)() == GUIDE for handle in entries.values()]
    order = np.argsort(guides, kind="stable")
    entries = dict(list(entries.items())[place] for place in order)
    figure.legend(
        list(entries.values()),
        list(entries),
        loc="outside lower center",
        ncols=min(columns, len(entries)),
        **options,
    )


CLOSEST = 12
"""Ticks lie no closer than this part of the axis."""


def _apart(sizes: Sequence[float], gap: float, place: Callable[[float], float]) -> list[float]:
    """Return the sizes whose places lie `gap` apart at least, both ends among them."""
    kept = [sizes[0]]
    for size in sizes[1:]:
        if place(size) - place(kept[-1]) >= gap:
            kept.append(size)
    if kept[-1] != sizes[-1]:
        kept = [size for size in kept if place(sizes[-1]) - place(size) >= gap] + [sizes[-1]]
    return kept


def _ticks(sizes: Sequence[float], most: int, *, logarithmic: bool) -> list[float]:
    """Return at most `most` of the sizes, which ascend, evenly along the axis.

    Whole numbers on a linear axis are those of one step, from the smallest on; all others, and
    where that leaves fewer than three, are as far apart as it takes.
    """
    if len(sizes) < 2 or (len(sizes) <= most and not logarithmic):
        return list(sizes)
    first, last = sizes[0], sizes[-1]
    if not logarithmic and all(size.is_integer() for size in sizes):
        unit = math.gcd(*(int(size - first) for size in sizes))
        steps = range(unit, int(last - first) + 1, unit)
        grids = ([size for size in sizes if (size - first) % step == 0] for step in steps)
        grid = next(one for one in grids if len(one) <= max(2, most))
        if len(grid) > 2:
            return grid
    place: Callable[[float], float] = math.log if logarithmic else float
    # Rounding must not leave out what is exactly so far away.
    length = (1 - 1e-9) * (place(last) - place(first))
    spreads = (_apart(sizes, length / parts, place) for parts in range(CLOSEST, 0, -1))
    return next(one for one in spreads if len(one) <= max(2, most))


def size_axis(axes: Axes, values: Iterable[Any], *, most: int = 7, which: str = "x") -> None:
    """Put the ticks of an axis at sizes that were computed, as few as do not touch, and evenly.

    On a logarithmic axis, sizes that lie closer than a twelfth of the axis are left out.
    """
    axis = axes.xaxis if which == "x" else axes.yaxis
    sizes = sorted({float(value) for value in values})
    scale = axes.get_xscale() if which == "x" else axes.get_yscale()
    ticks = _ticks(sizes, most, logarithmic=scale == "log")
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(ScalarFormatter())
    axis.set_ticks(ticks, [f"{tick:g}" for tick in ticks])


SUPERSCRIPTS = str.maketrans(
    "-0123456789", "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"
)


def _power_of_ten(value: float, _: object = None) -> str:
    """Return a power of ten as plain text.

    The same as a formula takes matplotlib a hundred times as long, and a figure has dozens.
    """
    return f"10{str(round(math.log10(value))).translate(SUPERSCRIPTS)}" if value > 0 else ""


def log_axis(axes: Axes, which: str = "y") -> None:
    """Give a logarithmic axis ticks that do not touch, over few decades and over many.

    Call it when the data are drawn: it looks at the limits.
    """
    axis = axes.xaxis if which == "x" else axes.yaxis
    low, high = axes.get_xlim() if which == "x" else axes.get_ylim()
    decades = abs(math.log10(high / low)) if low > 0 and high > 0 else 1.0
    if decades < 1.3:
        subs: tuple[float, ...] = (
            (1.0, 2.0, 5.0) if decades > 0.5 else (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)
        )
        axis.set_major_locator(LogLocator(subs=subs, numticks=8))
        axis.set_minor_locator(NullLocator())
        all_ticks = (math.inf, math.inf)
        axis.set_major_formatter(
            ScalarFormatter()
            if min(low, high) >= 1e-2 and max(low, high) < 1e5
            else LogFormatterSciNotation(labelOnlyBase=False, minor_thresholds=all_ticks)
        )
    else:
        axis.set_major_locator(LogLocator(numticks=6 if which == "y" else 5))
        axis.set_minor_locator(LogLocator(subs="auto", numticks=6))
        axis.set_major_formatter(FuncFormatter(_power_of_ten))
    axis.set_minor_formatter(NullFormatter())


def same_limits(axes: Iterable[Axes], which: str = "y") -> None:
    """Give panels that are compared the same limits."""
    chosen = list(axes)
    limits = [panel.get_ylim() if which == "y" else panel.get_xlim() for panel in chosen]
    low, high = min(limit[0] for limit in limits), max(limit[1] for limit in limits)
    for panel in chosen:
        if which == "y":
            panel.set_ylim(low, high)
        else:
            panel.set_xlim(low, high)
