"""Figures of noise: rates and moments against its level, thresholds, and the price in energy."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from trainscape.physics.hypergraph.noise import CLASSICAL, jitter_moment, variance_of_decibels
from trainscape.studies.contract import Stage
from trainscape.studies.hypergraph.noise.energies import energy_table
from trainscape.studies.hypergraph.noise.thresholds import COLUMNS, all_thresholds
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
from trainscape.studies.kit.tables import select, span, to_frame
from trainscape.studies.reporting import Plot, Results, Table

TOLERANCE = math.pi / 3
ENERGY_MODES = (4, 8, 16, 32, 64, 128)
ENERGY_BITS = (2, 3, 4, 5, 6, 8, 10, 12)
SHOWN_BITS = 8


def _table(results: Results, family: str) -> pd.DataFrame:
    return to_frame(results.summary(family, Stage.SIMULATE))


def noise_rates(results: Results) -> Plot:
    """Violations and moments against squeezing, errors of gates, noise of qubits, and loss."""
    figure, grid = panels(3, 2, width=2.2, height=2.1)
    squeezing, jitter, qubits, contexts, moments = (
        _table(results, name)
        for name in ("squeezing", "jitter", "graph_noise", "lost_contexts", "lost_moments")
    )
    for axes, order in zip(grid[0], (2, 3), strict=False):
        axes.set(xlabel="squeezing (dB)", ylabel="rate of violations")
        rows = list(series(select(squeezing, order=order).sort_values("level"), "spacing"))
        for (spacing, part), look in zip(rows, looks(len(rows)), strict=True):
            _rates(axes, part, look, rf"$\delta = {spacing:g}$")
        axes.set_title(f"contexts, $k = {order}$", loc="center", fontsize=7)
        axes.legend(fontsize=6)
    axes = grid[0, 2]
    axes.set(yscale="log", xlabel="squeezing (dB)", ylabel=r"$E N^2$")
    rows = list(series(jitter.sort_values("level"), "modes", "order", "jitter"))
    for ((modes, order, sigma), part), look in zip(rows, looks(len(rows)), strict=True):
        marks = {**look, "linestyle": "none", "markersize": 3}
        name = rf"$({modes}, {order}),\ \sigma = {sigma:g}$"
        points(axes, part["level"], part, "square", label=name, **marks)
        fine = np.linspace(part["level"].min(), part["level"].max(), 100)
        law = jitter_moment(variance_of_decibels(fine), modes, order, sigma)
        guide(axes, fine, law, color=look["color"])
    axes.set_title("errors of gates", loc="center", fontsize=7)
    axes.legend(fontsize=6, title="$(n, k)$", title_fontsize=6)
    log_axis(axes)
    axes = grid[1, 0]
    axes.set(xlabel="probability", ylabel="rate of violations")
    kinds = {"depolarising": "depolarisation", "readout": "readout"}
    for (kind, part), look in zip(series(qubits, "kind"), looks(2), strict=True):
        _rates(axes, part, look, kinds[kind])
    axes.set_title("graph states, $n = 3$", loc="center", fontsize=7)
    axes.legend(fontsize=6)
    axes = grid[1, 1]
    axes.set(xlabel=r"lost share $1 - \eta$", ylabel="rate of violations")
    for (spacing, part), look in zip(series(contexts, "spacing"), looks(1), strict=True):
        _rates(axes, part, look, rf"$\delta = {spacing:g}$")
    axes.set_title("contexts, $k = 2$, loss", loc="center", fontsize=7)
    axes.legend(fontsize=6)
    axes = grid[1, 2]
    axes.set(yscale="log", xlabel=r"lost share $1 - \eta$", ylabel=r"$E N^2$")
    rows = list(series(moments, "modes", "order"))
    for ((modes, order), part), look in zip(rows, looks(len(rows)), strict=True):
        marks = {**look, "linestyle": "none", "markersize": 3}
        points(axes, part["level"], part, "square", label=f"$({modes}, {order})$", **marks)
        guide(axes, part["level"], part["law"], color=look["color"])
    axes.set_title("nullifiers, loss", loc="center", fontsize=7)
    axes.set_ylim(None, 12 * moments["square"].max())
    axes.legend(fontsize=6, title="$(n, k)$", title_fontsize=6, ncols=2)
    log_axis(axes)
    everything = pd.concat(
        [
            part.assign(panel=panel)
            for panel, part in enumerate((squeezing, jitter, qubits, contexts, moments))
        ]
    )
    caption = (
        f"Points: {span(everything['shots'])} shots, with 95 % intervals. Lines: laws. (a, b) The "
        "context of three weights a distance apart, the middle one stored; at order 3 the third "
        "mode is prepared at a random position. (c) A nullifier with an error in each gate. (d) "
        "Three graph states with depolarisation of each qubit, or flips of the readout. (e, f) "
        "After loss of photons. Dashed: a network without memory, 1/3."
    )
    return Plot(figure=figure, table=everything, caption=caption)


def _rates(axes: Any, rows: pd.DataFrame, look: dict[str, Any], label: str) -> None:
    marks = {**look, "linestyle": "none", "markersize": 3}
    points(axes, rows["level"], rows, "rate", label=label, **marks)
    guide(axes, rows["level"], rows["law"], color=look["color"])
    level(axes, CLASSICAL)
    axes.set_ylim(-0.03, None)


def noise(results: Results) -> Table:
    """Noise at which a network without memory does as well."""
    table = all_thresholds(results)[list(COLUMNS)]
    caption = (
        "The level of noise at which the rate of violations is 1/3, the least without memory, with "
        "95 % intervals. Squeezing: least one, for contexts of three weights; modes that are "
        "prepared count. Best variance: of a position, at which errors of gates and the finite "
        "squeezing together disturb a nullifier least."
    )
    return Table(table=table, caption=caption)


def thresholds(results: Results) -> Table:
    """Measured over expected thresholds."""
    found = all_thresholds(results)
    names = {"law": "expected", "ratio": "ratio", "ratio_low": "ratio from", "ratio_high": "to"}
    table = found.rename(columns=names)[
        ["modes", "order", "quantity", "threshold", "low", "high", *names.values()]
    ]
    caption = (
        "Thresholds of noise beside what the laws give. Ratios of squeezing are ratios of "
        "variances, not of decibels."
    )
    return Table(table=table, caption=caption)


def separation_energy(results: Results) -> Plot:
    """Squeezing and photons that replace the bits of a classical memory."""
    table = energy_table(ENERGY_MODES, ENERGY_BITS, (2, 3), TOLERANCE)
    measured = to_frame(results.summary("squeezing", Stage.THRESHOLDS))
    measured = measured.assign(bits=np.log2(2 / measured["spacing"] + 1)).rename(
        columns={f"threshold{end}": f"decibels{end}" for end in ("", "_low", "_high", "_error")}
    )
    figure, (row,) = panels(3, width=2.2, height=2.4)
    first, second, third = row
    first.set(xlabel="bits of a weight", ylabel="squeezing of a mode (dB)")
    second.set(xscale="log", yscale="log", xlabel="modes $n$", ylabel="photons, or bits")
    third.set(xscale="log", yscale="log", xlabel="modes $n$", ylabel="photons per classical bit")
    chosen = dict(zip((2, 3), looks(2), strict=True))
    for order, look in chosen.items():
        points(
            first,
            (rows := select(measured, order=order))["bits"],
            rows,
            "decibels",
            **{**look, "label": f"$k = {order}$", "linestyle": "none"},
        )
        for (_, part), line in zip(
            series(select(table, order=order, modes=ENERGY_MODES[-1]), "rate"),
            ("-", "--"),
            strict=True,
        ):
            guide(first, part["bits"], part["decibels"], color=look["color"], linestyle=line)
        part = select(table, order=order, bits=SHOWN_BITS)
        part = part[part["rate"] == CLASSICAL]
        second.plot(part["modes"], part["start"], **{**look, "linestyle": ":"})
        second.plot(part["modes"], part["stored"], **look)
        second.plot(
            part["modes"], part["classical"], **{**look, "linestyle": "--", "marker": "none"}
        )
        third.plot(part["modes"], part["stored"] / part["classical"], **look)
        third.plot(part["modes"], part["start"] / part["classical"], **{**look, "linestyle": ":"})
    guide(first, [], [], label="violations 1/3", linestyle="-")
    guide(first, [], [], label="violations 1 %", linestyle="--")
    guide(second, [], [], label="photons before the gates", linestyle=":")
    guide(second, [], [], label="photons after the gates", linestyle="-")
    guide(second, [], [], label="classical bits", linestyle="--")
    for axes in (second, third):
        size_axis(axes, ENERGY_MODES, most=4)
        log_axis(axes)
    legend_below(figure, row, columns=4)
    table = table.assign(
        stored_per_bit=table["stored"] / table["classical"],
        start_per_bit=table["start"] / table["classical"],
    )
    drawn = measured[["order", "bits", "decibels", "decibels_low", "decibels_high"]]
    caption = (
        "(a) Squeezing at which contexts of weights with so many bits are violated at a rate of "
        "1/3 (points: measured, with 95 % intervals) or 1 %; at k = 3 a random position of the "
        f"third mode helps to tell weights apart. (b) At {SHOWN_BITS} bits and a rate of 1/3: "
        "photons of all modes before and after the gates, and the bits of the classical memory "
        "that they replace. (c) Photons for each of these bits. Squeezing grows with the number "
        "of modes, the energy of the stored state with the number of hyperedges, as the bits do."
    )
    return Plot(figure=figure, table=pd.concat([table, drawn]), caption=caption)
