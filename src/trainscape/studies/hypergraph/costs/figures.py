"""Figures of costs: operations of a cell, memory, and laws of answers after redeployment."""

from __future__ import annotations

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.kit.panels import (
    guide,
    legend_below,
    level,
    log_axis,
    panels,
    points,
    series,
    size_axis,
)
from trainscape.studies.kit.style import looks
from trainscape.studies.kit.tables import span, to_frame
from trainscape.studies.reporting import Plot, Results, Table

LIMIT = 0.01
"""Total variation below which two laws of answers count as one."""


def cost_rows(results: Results) -> pd.DataFrame:
    """Return the counted operations, by order and number of modes."""
    table = to_frame(results.summary("cell_costs", Stage.SIMULATE))
    return table.sort_values(["order", "modes"])


def upper_slope(rows: pd.DataFrame, name: str) -> float:
    """Return the exponent of a cost against the dimension, of the upper half of the sizes."""
    upper = rows.sort_values("dimension").iloc[-max(2, (len(rows) + 1) // 2) :]
    logs = np.log(upper[["dimension", name]].to_numpy(dtype=np.float64))
    return float(np.polyfit(logs[:, 0], logs[:, 1], 1)[0])


def cell_cost(results: Results) -> Plot:
    """Operations of a cell against the dimension of the algebra, dense and sparse."""
    table = cost_rows(results)
    figure, ((left, right),) = panels(2, width=3.1, height=2.6)
    left.set(
        xscale="log",
        yscale="log",
        xlabel=r"$\dim\,\mathfrak{h}_k$",
        ylabel="operations of a cell",
    )
    right.set(xscale="log", yscale="log", xlabel="modes $n$", ylabel="numbers stored")
    orders = list(series(table, "order"))
    for (order, rows), look in zip(orders, looks(len(orders)), strict=True):
        marks = {**look, "linestyle": "none", "markersize": 3.5}
        left.plot(rows["dimension"], rows["dense"], **marks)
        left.plot(rows["dimension"], rows["sparse"], **{**marks, "markerfacecolor": "none"})
        right.plot(rows["modes"], rows["stored"], label=f"$k = {order}$", **marks)
    ends = np.array([table["dimension"].min(), table["dimension"].max()], dtype=float)
    guide(left, ends, 4 * ends**3, label=r"$4 \dim^3$", linestyle="-")
    guide(left, ends, 5 * ends, label=r"$5 \dim$", linestyle="--")
    guide(right, *(2 * [np.array(right.get_xlim())]), label="modes of the quantum model")
    for axes in (left, right):
        log_axis(axes)
        log_axis(axes, "x")
    legend_below(figure, (left, right), columns=3)
    caption = (
        "(a) Operations, counted, of a cell with one gate, one displacement and the moments of one "
        "nullifier: by dense matrices of the algebra (full), and by rules that touch only the "
        "monomials with one mode (hollow). (b) Numbers that a simulation stores for each sample."
    )
    return Plot(figure=figure, table=table, caption=caption)


def redeployed_answers(results: Results) -> Plot:
    """Total variation between answers of qumodes with trained and with true weights."""
    table = to_frame(results.summary("redeployment", Stage.SIMULATE))
    table = table.sort_values(["order", "modes"])
    figure, ((axes,),) = panels(1, width=3.4, height=2.5)
    axes.set(xlabel="modes $n$", ylabel="total variation")
    orders = list(series(table, "order"))
    for (order, rows), look in zip(orders, looks(len(orders)), strict=True):
        marks = {**look, "linestyle": "none"}
        points(axes, rows["modes"], rows, "variation", label=f"$k = {order}$", **marks)
        guide(axes, rows["modes"], rows["resolution"], color=look["color"])
    guide(axes, [], [], label="two draws of the true law")
    level(axes, LIMIT)
    axes.set_ylim(0, 1.2 * LIMIT)
    size_axis(axes, table["modes"])
    legend_below(figure, (axes,), columns=3)
    caption = (
        "A simulation with a parameter for each hyperedge is trained on moments of answers; its "
        "weights are then sampled on qumodes. Total variation of the answers from those of the "
        f"true weights, means of {span(table['samples'])} trainings with 95 % intervals; line: "
        "what two sets of answers of one law differ by."
    )
    return Plot(figure=figure, table=table, caption=caption)


def memory_table(results: Results) -> Table:
    """Modes of the quantum model, numbers that a simulation stores, and operations of a cell."""
    table = cost_rows(results).rename(
        columns={
            "order": "k",
            "modes": "n",
            "dimension": "dim h",
            "stored": "M",
            "dense": "operations, dense",
            "sparse": "operations, sparse",
        }
    )
    caption = "n modes against M real numbers for each sample, and operations of a cell, counted."
    return Table(table=table, caption=caption)
