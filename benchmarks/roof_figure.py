"""The roofline figure: rate of arithmetic against operations for each byte."""

from __future__ import annotations

import io
import statistics
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import numpy as np

from benchmarks.records import Record
from trainscape.storage.atomic import write_atomic

__all__ = ["draw_roofs"]

CLASSES = ((2**15, "up to 32 KiB"), (2**20, "up to 1 MiB"), (float("inf"), "more"))
"""Sizes of data whose streams are drawn as one slope."""

NAMES = {
    "G": "gradients (G)",
    "C": "gradients, CX (C)",
    "E": "fragmentation (E)",
    "Q": "Jacobians (Q)",
    "TN": "contraction (TN)",
}


def _class(held: float) -> int:
    return next(place for place, (limit, _) in enumerate(CLASSES) if held <= limit)


def draw_roofs(records: Sequence[Record], folder: Path) -> None:
    """Draw ``roofs.pdf`` and ``.png``, if operations were counted for a record.

    The horizontal line is the rate of fused vector operations, the slopes are those of streams in
    data of several sizes; all are medians of what was measured beside the engines.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    shown = [one for one in records if one.get("roof") is not None]
    if not shown:
        return
    figure = Figure(figsize=(6.9, 4.2), layout="constrained")
    axes = figure.subplots()
    intensities = [one["flops"] / one["bytes"] for one in shown]
    left, right = min(intensities) / 2, max(intensities) * 2
    x = np.geomspace(left, right, 50)
    peak = statistics.median(one["peak_gflops"] for one in shown)
    axes.axhline(peak, color="k", linewidth=1.8, label=f"arithmetic, {peak:.0f} GFLOP/s")
    for place, style in zip(range(len(CLASSES)), ("-", "--", ":"), strict=True):
        rates = [one["stream_gbytes"] for one in shown if _class(one["held"]) == place]
        if rates:
            rate = statistics.median(rates)
            label = f"stream, {CLASSES[place][1]}, {rate:.0f} GB/s"
            y = np.where(rate * x <= peak, rate * x, np.nan)
            axes.plot(x, y, color="0.3", linewidth=1.0, linestyle=style, label=label)
    ours = sorted(shown, key=lambda one: str(one["case"]).split("-", 1)[0])
    for index, (group, members) in enumerate(
        groupby(ours, key=lambda one: str(one["case"]).split("-", 1)[0])
    ):
        points = list(members)
        for place in range(len(CLASSES)):
            inside = [one for one in points if _class(one["held"]) == place]
            axes.plot(
                [one["flops"] / one["bytes"] for one in inside],
                [one["gflops"] for one in inside],
                "os^"[place],
                color=mpl.colormaps["tab10"](index % 10),
                markersize=4,
                label=f"{NAMES.get(group, group)}, {CLASSES[place][1]}" if inside else None,
            )
    axes.set(
        xscale="log",
        yscale="log",
        xlim=(left, right),
        xlabel="operations for each byte moved at the slowest level",
        ylabel="achieved GFLOP/s of CPU time",
    )
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.set_minor_formatter(NullFormatter())
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=7, frameon=False)
    for ending in ("pdf", "png"):
        buffer = io.BytesIO()
        figure.savefig(buffer, format=ending, dpi=200)
        write_atomic(folder / f"roofs.{ending}", buffer.getvalue())
