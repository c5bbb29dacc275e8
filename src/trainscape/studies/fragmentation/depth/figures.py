"""Figures of the depth that a network needs."""

from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from trainscape.studies.contract import CellData, Stage
from trainscape.studies.fragmentation.appearance import chain_look, chain_name
from trainscape.studies.fragmentation.depth.design_depths import (
    CLOSE,
    design_depths,
    ratios_to_haar,
)
from trainscape.studies.kit.panels import (
    curve,
    guide,
    legend_below,
    level,
    log_axis,
    panels,
    points,
    series,
    size_axis,
)
from trainscape.studies.kit.style import COLOURS
from trainscape.studies.kit.tables import select, span, to_frame
from trainscape.studies.reporting import Plot, Results

STORE = ("tl_depth", Stage.GRADIENTS)
STAGES = (Stage.GRADIENTS, Stage.THRESHOLDS)
TOP = 2
"""Top sectors of the series whose law is a claim."""


def _ladder(cell: CellData) -> pd.DataFrame:
    """Return the quartiles of the ratio to Haar's at each depth of a cell."""
    ratios = ratios_to_haar(cell.data)
    low, middle, high = np.quantile(ratios, (0.25, 0.5, 0.75), axis=0)
    names = ("site_dim", "sites", "top_sectors")
    columns = {"ratio": middle, "ratio_low": low, "ratio_high": high}
    gates = 2 * cell.data["side"].values + 1
    own = {name: cell[name] for name in names}
    return pd.DataFrame({**own, "parameters": gates, **columns, "instances": len(ratios)})


def _draw_ratios(axes: Axes, ladder: pd.DataFrame) -> None:
    """Draw the ratio to Haar's against the depth, one series for each length."""
    lengths = sorted(ladder["sites"].unique())
    shades = mpl.colormaps["viridis"](np.linspace(0.0, 0.9, len(lengths)))
    for sites, shade in zip(lengths, shades, strict=True):
        rows, colour = select(ladder, sites=sites), mpl.colors.to_hex(shade)
        axes.plot(rows["parameters"], rows["ratio"], color=colour, label=f"$L = {sites}$")
        band: dict[str, Any] = {"alpha": 0.15, "linewidth": 0, "color": colour}
        axes.fill_between(rows["parameters"], rows["ratio_low"], rows["ratio_high"], **band)
    level(axes, 1)
    guide(axes, [], [], color="0.55", linestyle=":", label=f"Haar average to {100 * CLOSE:g} %")
    for side in (1 - CLOSE, 1 + CLOSE):
        guide(axes, ladder["parameters"].agg(["min", "max"]), [side, side], linestyle=":")
    axes.set(xscale="log", yscale="log", xlabel="gates $p$", ylabel="ratio to Haar")
    size_axis(axes, ladder["parameters"], most=5)
    log_axis(axes)


def depth(results: Results) -> Plot:
    """Depth from which gradients are those of Haar-random blocks."""
    table, laws = (to_frame(results.summary(STORE[0], stage)) for stage in STAGES)
    cells = results.cells(*STORE)
    ladder = pd.concat([_ladder(cell) for cell in cells], ignore_index=True)
    figure, ((ratios, lengths, dimensions),) = panels(3, height=2.5)
    _draw_ratios(ratios, select(ladder, top_sectors=TOP))
    for axes, abscissa in ((lengths, "sites"), (dimensions, "krylov_dimension_sum")):
        axes.set(xscale="log", yscale="log", ylabel="design depth $p^*$")
        for (count, dim), rows in series(table, "top_sectors", "site_dim"):
            look = chain_look(dim, count) | {"linestyle": "none"}
            points(axes, rows[abscissa], rows, "design_depth", label=chain_name(dim, count), **look)
            faint = {"s": 4, "color": look["color"], "alpha": 0.5, "linewidth": 0, "zorder": 1}
            for cell in cells:
                if (cell["top_sectors"], cell["site_dim"]) == (count, dim):
                    own = select(rows, sites=cell["sites"])[abscissa].iloc[0]
                    depths = design_depths(cell.data)
                    axes.scatter(1.06 * np.full(len(depths), own), depths, **faint)
        size_axis(axes, table[abscissa], most=8)
        log_axis(axes)
    alone = select(table, top_sectors=TOP)
    hollow = {"color": COLOURS[-1], "marker": "o", "markerfacecolor": "none", "linestyle": "none"}
    name = f"the largest of the top {TOP} alone"
    points(lengths, 0.95 * alone["sites"], alone, "sector_depth", label=name, **hollow)
    for quantity, what in (
        ("design_depth", f"top {TOP} sectors"),
        ("sector_depth", "the largest alone"),
    ):
        fits = select(laws, quantity=quantity, top_sectors=TOP)
        for fit in fits.to_dict("records"):
            grid, values, text = curve(fit, alone["sites"])
            line = {"linestyle": "--", "color": chain_look(3, TOP)["color"]}
            if quantity == "sector_depth":
                line = {"linestyle": ":", "color": COLOURS[-1]}
            undecided = " (undecided)" if fit["verdict"] == "undecided" else ""
            label = f"law of {what}: {text.replace('x', 'L')}{undecided}"
            guide(lengths, grid, values, label=label, **line)
    lengths.set(xlabel="sites $L$")
    dimensions.set(xlabel="sum of Krylov dimensions $N$")
    legend_below(figure, (ratios, lengths), columns=4)
    caption = (
        f"(a) Second moment of the derivative by the gate in the middle of p gates, top {TOP} "
        "sectors, over its Haar average: exact averages over all angles and over times without "
        f"limit; median and quartiles over {span(table['instances'])} instances. (b) Depth from "
        f"which on this ratio is 1 to {100 * CLOSE:g} %, against the length: median with its "
        "interval from order statistics (nominally 95 %; an arrow where it ends beyond the deepest "
        "network), and single instances (dots; those beyond are left out). Hollow: the same for "
        "the largest sector's part of the loss alone. Broken lines: fitted laws, the better of "
        "power law and exponential. (c) The same against the sum of the Krylov dimensions."
    )
    parts = {"ratios": ladder, "depths": table}
    frames = [frame.assign(part=part) for part, frame in parts.items()]
    return Plot(figure=figure, table=pd.concat(frames, ignore_index=True), caption=caption)
