"""Figures of memories that must be told apart, and of what data ask for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.hypergraph.contextuality.kinds import kind_of
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
from trainscape.studies.kit.style import Look, looks
from trainscape.studies.kit.tables import span, to_frame
from trainscape.studies.reporting import Plot, Results, Table

ARROW: Look = {"arrowstyle": "->", "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0}
GREY: Look = {"linewidth": 5, "color": "0.82", "solid_capstyle": "round"}
KINDS = ("text, letters", "text, classes", "bases", "machine", "shuffled")


def machine_violation(results: Results) -> Plot:
    """Violations of machines with few states, and of the quantum memory."""
    table = to_frame(results.summary("machines", Stage.SIMULATE)).sort_values(
        ["modes", "levels", "states"]
    )
    figure, ((axes,),) = panels(1, width=4.2, height=2.9)
    axes.set(
        xscale="log",
        xlabel="classes $m$ that are kept of each weight",
        ylabel="rate of violations",
    )
    axes.set_yscale("symlog", linthresh=1e-3)
    groups = list(series(table, "modes", "levels"))
    for number, ((modes, levels), rows) in enumerate(groups):
        look = looks(len(groups))[number]
        label = f"machines, $n = {modes}$, $N = {levels}$"
        marks = {**look, "linestyle": "none"}
        # Side by side, since rates of different n are equal.
        shift = 1.06 ** (2 * number - len(groups) + 0.5)
        points(axes, rows["states"] * shift, rows, "machine", label=label, **marks)
        guide(axes, rows["states"], rows["optimum"], color=look["color"])
        hollow = {**marks, "markerfacecolor": "none"}
        label = f"quantum memory, $n = {modes}$"
        points(axes, rows["states"] * shift * 1.06, rows, "quantum", label=label, **hollow)
    guide(axes, [], [], label="optimum")
    size_axis(axes, table["states"])
    axes.set_yticks([0, 1e-3, 1e-2, 1e-1, 1], ["0", "0.001", "0.01", "0.1", "1"])
    axes.set_ylim(-2e-4, 1)
    legend_below(figure, [axes], columns=2)
    caption = (
        f"Weights on N levels; {span(table['sentences'])} sentences for each machine, in "
        f"{span(table['searches'])} batches with a search for the best classes each; bars: 95 % "
        "intervals. Points of one m are drawn side by side. Lines: the optimum by formula. Hollow: "
        "the exact player with n qumodes on the same sentences, which keeps all weights. Below "
        "0.001 the axis is linear."
    )
    return Plot(figure=figure, table=table, caption=caption)


def graph_classes(results: Results) -> Table:
    """Graph states of n qubits that Pauli contexts tell apart."""
    rows = [
        {
            "n": cell["vertices"],
            "states": int(cell.data["states"]),
            "pairs apart": int(cell.data["pairs"]),
            "triples": int(cell.data["all_triples"]),
            "triples apart": int(cell.data["triples"]),
            "of these without a pair": int(cell.data["pure_triples"]),
            "triples apart, any measurement": int(cell.data["any_measurement"]),
            "largest class": int(cell.data["largest"]),
            "classes necessary": int(cell.data["least"]),
            "classes enough": int(cell.data["enough"]),
        }
        for cell in results.cells("graphs", Stage.SIMULATE)
    ]
    caption = (
        "Exact counts. A class holds graph states of which no two and no three conflict in a "
        "context of Pauli strings; a classical model needs a latent state for each class at least. "
        "Larger sets of states may conflict in further contexts. Any measurement: the criterion of "
        "Caves, Fuchs and Schack."
    )
    return Table(table=pd.DataFrame(rows), caption=caption)


def bit_packing(results: Results) -> Plot:
    """Violations of a model with one latent number, against the bits that it keeps."""
    table = to_frame(results.summary("packing", Stage.SIMULATE))
    table = table.assign(share=table["bits"] / table["bound"])
    figure, ((left, right),) = panels(2, width=3.1, height=2.5)
    groups = list(series(table, "edges", "level_bits"))
    for ((edges, bits), rows), look in zip(groups, looks(len(groups)), strict=True):
        small = {**look, "markersize": 2.5}
        label = f"$D = {edges}$, $N = 2^{{{bits}}}$"
        points(left, rows["share"], rows, "rate", label=label, **small)
        some = rows[rows["uniform"] > 0]
        right.plot(some["share"], some["uniform"], **small)
    for axes in (left, right):
        axes.set(xlabel=r"bits of the latent number $/\;D \log_2 (N/2)$")
        level(axes, 1.0, vertical=True)
        axes.set(ylabel="rate of violations")
    left.set_title("neighbouring weights", loc="center", fontsize=7)
    right.set_title("weights at random", loc="center", fontsize=7)
    right.set(yscale="log")
    log_axis(right)
    legend_below(figure, (left, right))
    caption = (
        "One latent number, filled by discontinuous steps with the leading bits of D weights on N "
        "levels. (a) Queries name three neighbouring weights; "
        f"{span(table['sentences'])} sentences with a query for each edge, bars: 95 % intervals. "
        "(b) Queries name two other weights at random: exact rates, which end where they are zero. "
        "Dashed: the bound in bits. A continuous map would need D numbers. Where the line ends "
        "before the bound, a 64-bit float has no more bits."
    )
    return Plot(figure=figure, table=table, caption=caption)


def planted_estimates(results: Results) -> Plot:
    """Estimated against known number of states of planted sources."""
    table = to_frame(results.summary("planted", Stage.SIMULATE)).sort_values(["kind", "known"])
    figure, ((axes,),) = panels(1, width=3.4, height=2.8)
    axes.set(xscale="log", yscale="log", xlabel="states that are needed", ylabel="estimate $k^*$")
    names = {"grid": "sentences, weights on a grid", "machine": "random machines"}
    for (kind, rows), look in zip(series(table, "kind"), looks(2), strict=False):
        look = {**look, "linestyle": "none"}
        points(axes, rows["known"], rows, "classes", label=names[str(kind)], **look)
        hollow = {**look, "markerfacecolor": "none", "markersize": 6}
        axes.plot(rows["known"], rows["at_least"], label=f"lower bound, {kind}", **hollow)
    grid = np.array([1.0, max(table["known"].max(), table["classes_high"].max())])
    guide(axes, grid, grid, label="equal")
    guide(axes, grid, 2 * grid, linestyle=":", label="factor two")
    size_axis(axes, [1, 2, 4, 8, 16])
    size_axis(axes, [1, 2, 4, 8, 16], which="y")
    legend_below(figure, [axes], columns=2)
    caption = (
        f"Mean over {span(table['draws'])} draws; bars: least and largest. Sentences of the task "
        "with D = 1 to 3 weights on N levels need (N/2)^D states, although no two of their "
        "prefixes are distinguishable if all answers are seen. For machines, needed is what their "
        "exact supports ask for, on average over machines. Hollow: mean lower bound, that of pairs "
        "where the search for a largest class has not ended."
    )
    return Plot(figure=figure, table=table, caption=caption)


def _data(results: Results) -> pd.DataFrame:
    table = to_frame(results.summary("corpora", Stage.THRESHOLDS))
    columns = ("source", "alphabet", "shuffled")
    rows = zip(*(table[name] for name in columns), strict=True)
    table = table.assign(kind=[kind_of(*row) for row in rows])
    order = table["kind"].map(KINDS.index)
    return table.iloc[np.argsort(order.to_numpy(), kind="stable")].reset_index(drop=True)


def _ticks(values: pd.Series[int]) -> list[int]:
    return [tick for tick in (1, 2, 3, 5, 8, 12, 20, 30) if tick <= values.max()]


def _colours() -> dict[str, dict[str, Any]]:
    return dict(zip(KINDS, looks(len(KINDS)), strict=True))


def data_contextuality(results: Results) -> Plot:
    """Estimates of contextuality of sequences, beside those of shuffled answers."""
    table = _data(results)
    table = table.assign(place=np.arange(len(table))[::-1])
    figure, ((axes,),) = panels(1, width=4.6, height=1.0 + 0.19 * len(table))
    axes.set(xscale="log", xlabel="estimate $k^*$ of the latent states asked for")
    colours = _colours()
    for kind, rows in series(table, "kind"):
        look = {**colours[str(kind)], "linestyle": "none"}
        axes.plot(rows["classes"], rows["place"], label=str(kind), **look)
    hollow = {"color": "0.3", "linestyle": "none", "markerfacecolor": "none"}
    axes.plot(table["pairs"], table["place"], marker="s", markersize=7, label="by pairs", **hollow)
    for low, high, place in zip(table["null_low"], table["null_high"], table["place"], strict=True):
        # A little longer, so that equal ends are seen.
        guide(axes, [low / 1.03, 1.03 * high], [place, place], **GREY)
    guide(axes, [], [], label="shuffled answers", **GREY)
    axes.set_yticks(table["place"], table["corpus"])
    axes.set(ylim=(-0.7, len(table) - 0.3), ylabel="sequence")
    size_axis(axes, _ticks(table["classes"]))
    legend_below(figure, [axes], columns=4)
    caption = (
        "Filled: classes of prefixes that may share a latent state, by greedy colouring with the "
        "test of whole classes. Squares: the same if only pairs are tested; beyond them, a need is "
        "contextual as in a magic square. Grey: least to largest of "
        f"{span(table['shuffles'])} shuffles that keep the counts of prefixes, queries and "
        f"answers. At most {int(table['prefixes'].max())} prefixes each."
    )
    return Plot(figure=figure, table=table, caption=caption)


def data_hidden_states(results: Results) -> Plot:
    """Contextuality of sequences against the hidden states that predict them."""
    table = _data(results)
    figure, ((axes,),) = panels(1, width=3.8, height=2.8)
    axes.set(xscale="log", yscale="log", xlabel="least number of hidden states")
    axes.set(ylabel="estimate $k^*$")
    colours = _colours()
    for kind, rows in series(table, "kind"):
        look = {**colours[str(kind)], "linestyle": "none"}
        axes.plot(rows["hidden"], rows["classes"], label=str(kind), **look)
        for low, high, height in zip(
            rows["hidden_low"], rows["hidden_high"], rows["classes"], strict=True
        ):
            guide(axes, [low, high], [height, height], color=look["color"])
        for x, y in rows[rows["hidden"] == rows["largest_hidden"]][["hidden", "classes"]].values:
            axes.annotate("", (1.25 * x, y), (x, y), arrowprops={**ARROW, "color": look["color"]})
    most = float(table["hidden_high"].max())
    axes.set_xlim(0.9, 1.35 * most)
    guide(axes, [1, most], [1, most], linestyle=":", label="equal")
    size_axis(axes, [1, 2, 3, 4, 6, 8, 12])
    size_axis(axes, _ticks(table["classes"]), which="y")
    legend_below(figure, [axes], columns=3)
    caption = (
        "Least number of hidden states with which a hidden Markov model predicts held-out symbols "
        "within 0.02 nats of the best; bars: 95 % of resampled held-out pieces. At "
        f"{int(table['largest_hidden'].max())}, the largest number that was tried, it is a lower "
        "bound (arrows). Points lie on each other where sequences agree."
    )
    return Plot(figure=figure, table=table, caption=caption)
