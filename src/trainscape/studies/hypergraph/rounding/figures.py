"""Figures of rounding: violations against bits, and the bits that are enough."""

from __future__ import annotations

import numpy as np
import pandas as pd

from trainscape.physics.hypergraph.rounding import rounded_violation
from trainscape.studies.contract import Stage
from trainscape.studies.hypergraph.rounding.needed_bits import LIMIT, needed_bits
from trainscape.studies.kit.panels import (
    guide,
    legend_below,
    level,
    log_axis,
    panels,
    points,
    same_limits,
    series,
    size_axis,
)
from trainscape.studies.kit.style import looks
from trainscape.studies.kit.tables import span, to_frame
from trainscape.studies.reporting import Plot, Results

MOST_PANELS = 3


def _table(results: Results, family: str) -> pd.DataFrame:
    return to_frame(results.summary(family, Stage.SIMULATE))


def rounding(results: Results) -> Plot:
    """Violation of a check of the qubit model against the bits of its angles."""
    table = _table(results, "qubits").sort_values(["order", "modes", "bits"])
    orders = list(series(table, "order"))[:MOST_PANELS]
    sizes = sorted(set(table["modes"]))
    chosen = dict(zip(sizes, looks(len(sizes)), strict=True))
    figure, (row,) = panels(len(orders), width=6.2 / max(2, len(orders)), height=2.5)
    for axes, (order, rows) in zip(row, orders, strict=True):
        axes.set(yscale="log", xlabel="bits $b$ of an angle", ylabel="violation $V$")
        axes.set_title(f"$k = {order}$", loc="center", fontsize=7)
        for modes, part in series(rows, "modes"):
            look = {**chosen[modes], "label": f"$n = {modes}$"}
            points(axes, part["bits"], part, "violation", **look)
            grid = np.linspace(part["bits"].min(), part["bits"].max(), 60)
            law = [rounded_violation(modes, order, bits) for bits in grid]
            guide(axes, grid, law, color=look["color"])
        guide(axes, [], [], label="formula")
        level(axes, LIMIT, "1 %")
        size_axis(axes, rows["bits"], most=8)
    same_limits(row)
    for axes in row:
        log_axis(axes)
    legend_below(figure, row, columns=6)
    names = {
        "formula": "violation_formula",
        "violation": "violation_measured",
        "violation_low": "low",
        "violation_high": "high",
    }
    columns = ["modes", "order", "bits", *names.values()]
    caption = (
        f"Mean over {span(table['samples'])} draws of random weights, rounded to b bits, of the "
        "probability that a check of the qubit model fails, with 95 % intervals (smaller than the "
        "markers). Lines: the formula for uniform errors."
    )
    return Plot(figure=figure, table=table.rename(columns=names)[columns], caption=caption)


def rounding_bits(results: Results) -> Plot:
    """Bits of an angle that a violation of one per cent needs, against the number of edges."""
    table = needed_bits(_table(results, "qubits")).sort_values(["order", "edges"])
    figure, ((axes,),) = panels(1, width=3.4, height=2.5)
    axes.set(xscale="log", xlabel=r"edges of a mode $\binom{n-1}{k-1}$", ylabel="bits $b$")
    orders = list(series(table, "order"))
    for (order, rows), look in zip(orders, looks(len(orders)), strict=True):
        points(axes, rows["edges"], rows, "bits", label=f"$k = {order}$", **look)
        guide(axes, rows["edges"], rows["law"], color=look["color"])
    if len(table):
        edges = np.array([table["edges"].min(), table["edges"].max()], dtype=float)
        guide(
            axes,
            edges,
            table["law"].min() + 0.5 * np.log2(edges / edges[0]),
            linestyle=":",
            label=r"slope $\frac{1}{2}\log_2$",
        )
        size_axis(axes, table["edges"], most=6)
    guide(axes, [], [], label="formula")
    legend_below(figure, (axes,), columns=3)
    caption = (
        "Bits at which the mean violation of a check is 1 %, interpolated between the whole "
        "numbers measured; bars, smaller than the markers: 95 % intervals. Lines: the formula. "
        "They grow as half the binary logarithm of the number of edges of a mode: no constant "
        "precision does."
    )
    return Plot(figure=figure, table=table, caption=caption)


def qudit_rounding(results: Results) -> Plot:
    """Violation of a check on a grid of d positions against the bits of the weights."""
    table = _table(results, "qudits").sort_values(["order", "modes", "levels", "bits"])
    systems = list(series(table, "order", "modes"))[:MOST_PANELS]
    levels = sorted(set(table["levels"]))
    chosen = dict(zip(levels, looks(len(levels)), strict=True))
    figure, (row,) = panels(len(systems), width=6.2 / max(2, len(systems)), height=2.5)
    for axes, ((order, modes), rows) in zip(row, systems, strict=True):
        axes.set(yscale="log", xlabel="bits $b$ of an angle", ylabel="violation $V$")
        axes.set_title(f"$n = {modes}$, $k = {order}$", loc="center", fontsize=7)
        for count, part in series(rows, "levels"):
            look = {**chosen[count], "label": f"$d = {count}$"}
            points(axes, part["bits"], part, "violation", **look)
            guide(axes, part["bits"], part["formula"], color=look["color"])
        guide(axes, [], [], label="formula")
        size_axis(axes, rows["bits"], most=8)
    same_limits(row)
    for axes in row:
        log_axis(axes)
    legend_below(figure, row, columns=6)
    caption = (
        "The same with d positions 0 to d - 1 for each mode in place of the two of a qubit, from "
        f"the state vectors of {span(table['samples'])} draws, with 95 % intervals. A finer grid "
        "reaches further and needs more bits for the same violation, not fewer."
    )
    return Plot(figure=figure, table=table, caption=caption)
