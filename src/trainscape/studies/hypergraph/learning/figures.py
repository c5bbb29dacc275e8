"""Figures of k-HRNNs that learn from random networks."""

from __future__ import annotations

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.kit.panels import legend_below, level, log_axis, panels, points, series
from trainscape.studies.kit.style import looks
from trainscape.studies.kit.tables import span, to_frame
from trainscape.studies.reporting import Plot, Results, Table

LOSSES = {"mmd": "discrepancy", "nll": "likelihood", "annealed": "likelihood, growing squeezing"}


def _rows(results: Results) -> pd.DataFrame:
    return to_frame(results.summary("cells", Stage.SIMULATE))


def learned_cells(results: Results) -> Plot:
    """Violations and errors of weights of k-HRNNs while they learn."""
    table = _rows(results)
    figure, ((left, right),) = panels(2, width=3.1, height=2.5)
    found = list(series(table, "modes", "order", "memory_order", "loss"))
    for ((modes, order, memory, loss), rows), look in zip(found, looks(len(found)), strict=True):
        label = f"$n = {modes}$, $k = {order}$"
        if memory != order:
            label += f", memory of order {memory}"
        if loss != "mmd":
            label += f", {LOSSES[str(loss)]}"
        shown = [(left, "violation", rows)]
        if memory == order:
            shown.append((right, "weight_error", rows))
        for axes, name, own in shown:
            points(axes, own["step"], own, name, **look, label=label)
            axes.plot(own["step"], own[name], color=look["color"], linewidth=0.8)
    left.set(xlabel="steps", ylabel="nullifiers missed by $> 0.1$")
    left.set_yscale("symlog", linthresh=1e-3, linscale=0.5)
    left.set_ylim(-1e-4, 1.5)
    right.set(xlabel="steps", ylabel="error of the weights", yscale="log")
    level(left, 0.01, "1 %")
    level(right, 0.01, "0.01")
    log_axis(right)
    legend_below(figure, (left, right), columns=3)
    caption = (
        "k-HRNNs whose four networks begin at random, trained on nullifiers; "
        f"{span(table['runs'])} runs each: median, and its interval where there are enough runs. "
        "(a) Share of answers with an error above 0.1, on "
        f"{span(table['sentences'])} test sentences; linear below 0.001. (b) Root mean square "
        "error of the weights that the cell puts on hyperedges, for weights uniform on [-1, 1]; "
        "a memory of another order than the sentences has none to compare, and is in (a) alone. "
        "Dashed: the limits of the claims."
    )
    return Plot(figure=figure, table=table, caption=caption)


def learned_contexts(results: Results) -> Plot:
    """Contexts that learned k-HRNNs violate, against the squeezing of their qumodes."""
    figure, ((axes,),) = panels(1, width=3.8, height=2.7)
    axes.set(yscale="log", xlabel="squeezing (dB)", ylabel="contexts violated")
    cells = [
        cell
        for cell in results.cells("cells", Stage.SIMULATE)
        if cell["memory_order"] == cell["order"] and cell["loss"] != "nll"
    ]
    rows = []
    for cell, look in zip(cells, looks(len(cells)), strict=True):
        decibels, rates = cell.data["level"].values, cell.data["contexts"].values
        label = f"$n = {cell['modes']}$, $k = {cell['order']}$"
        label += "" if cell["loss"] == "mmd" else f", {LOSSES[cell['loss']]}"
        band = {"color": look["color"], "linewidth": 0, "alpha": 0.2}
        axes.fill_between(decibels, rates.min(axis=0), rates.max(axis=0), **band)
        axes.plot(decibels, np.median(rates, axis=0), **{**look, "markersize": 2.5}, label=label)
        rows += [
            {**cell.parameters, "decibels": level_, "run": run, "violation": value}
            for run, values in enumerate(rates)
            for level_, value in zip(decibels, values, strict=True)
        ]
    level(axes, 1 / 3, "no memory")
    log_axis(axes)
    legend_below(figure, (axes,), columns=2)
    caption = (
        "Share of contexts in which an answer of a learned k-HRNN is off by over pi/6, against "
        "the squeezing of the qumodes that are asked. Lines: median over runs; bands: their range, "
        "from the exact law at the learned weights. The cells were trained on nullifiers and never "
        "saw a context; the weights of a context are at least 0.4 apart. Weak squeezing leaves "
        "broad angles, strong squeezing shows the errors of the weights, so that each has a best "
        "one. Dashed: one third, what a network without memory violates."
    )
    return Plot(figure=figure, table=pd.DataFrame(rows), caption=caption)


def learned_table(results: Results) -> Table:
    """Learned k-HRNNs at the end of their runs."""
    rows = _rows(results)
    rows = rows[rows["last"]]

    def percent(name: str) -> list[str]:
        return [f"{100 * value:.2f}" if value == value else "-" for value in rows[name]]

    table = pd.DataFrame(
        {
            "n": rows["modes"],
            "k": rows["order"],
            "order of the memory": rows["memory_order"],
            "loss": [LOSSES[name] for name in rows["loss"]],
            "runs": rows["runs"],
            "steps": rows["step"],
            "parameters": rows["parameters"],
            "hyperedges right (%)": percent("selected_edges"),
            "modes right (%)": percent("selected_modes"),
            "largest error of weights": [f"{value:.4f}" for value in rows["most_weight_error"]],
            "most missed (%)": percent("most_violation"),
            "contexts violated (%)": percent("context_violation"),
            "at (dB)": rows["context_decibels"].where(rows["order"] == rows["memory_order"]),
        }
    )
    caption = (
        "Choices: the least over all runs. Errors: the largest over all runs; the root mean square "
        "for weights, and the share of answers with an error above 0.1 on test sentences. "
        "Contexts: the largest over all runs, at the squeezing at which it is least."
    )
    return Table(table=table, caption=caption)
