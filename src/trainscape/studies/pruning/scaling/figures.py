"""Figures of squared gradients against the number of qubits."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from trainscape.studies.contract import Stage
from trainscape.studies.kit.panels import (
    guide,
    legend_below,
    log_axis,
    panels,
    points,
    series,
    size_axis,
)
from trainscape.studies.kit.style import Look, looks
from trainscape.studies.kit.tables import select, span, to_frame
from trainscape.studies.pruning.names import STAGE_LABELS, STAGES, ModelName, StageName
from trainscape.studies.pruning.scaling.moment_laws import deep, moment_law
from trainscape.studies.reporting import Plot, Results

MOMENT = r"$\langle(\partial_\theta E)^2\rangle$ ($J^2$)"
LOOKS: dict[str, Look] = dict(zip(STAGES, looks(len(STAGES)), strict=True))


def _tables(results: Results) -> dict[str, pd.DataFrame]:
    return {
        name: to_frame(results.summary(name, Stage.GRADIENTS))
        for name in ("states", "covariances", "modes")
    }


def _law(
    axes: Axes, model: ModelName, stage: StageName, low: int, high: int, label: str, **look: object
) -> None:
    # The closed form of a tied ring is that of even n.
    step = 2 if stage == "A3" else 1
    sizes = np.arange(low + low % step, high + 1, step)
    guide(axes, sizes, [moment_law(model, stage, int(n)) for n in sizes], label=label, **look)


def gradient_scaling(results: Results) -> Plot:
    """Mean squared gradient of a parameter on Ising rings, before, during and after pruning."""
    tables = _tables(results)
    rings = select(tables["covariances"], model="ising_ring")
    last = max(int(table["qubits"].max()) for table in (rings, tables["modes"]))
    figure, (row,) = panels(2, width=3.2, height=2.5)
    small, large = row
    small.set(yscale="log", xlabel="qubits $n$", ylabel=MOMENT)
    large.set(xscale="log", yscale="log", xlabel="qubits $n$", ylabel=MOMENT)
    for stage, rows in series(tables["states"], "stage"):
        look = {**LOOKS[stage], "linestyle": "none", "label": STAGE_LABELS[stage]}
        points(small, rows["qubits"], rows, "moment", **look)
        low, high = int(rows["qubits"].min()), int(rows["qubits"].max())
        _law(small, "ising_ring", stage, low, high, "law", color=LOOKS[stage]["color"])
    fermions: tuple[tuple[pd.DataFrame, StageName], ...] = (
        (select(rings, stage="A2"), "A2"),
        (tables["modes"], "A3"),
    )
    for rows, stage in fermions:
        mixed = deep(rows)
        for part, label, fill in (
            (rows[mixed], STAGE_LABELS[stage], LOOKS[stage]["color"]),
            (rows[~mixed], f"{STAGE_LABELS[stage]}, not deep", "none"),
        ):
            if len(part):
                look = {**LOOKS[stage], "linestyle": "none", "markerfacecolor": fill}
                points(large, part["qubits"], part, "moment", label=label, **look)
        if len(rows):
            low, high = int(rows["qubits"].min()), int(rows["qubits"].max())
            color = LOOKS[stage]["color"]
            _law(large, "ising_ring", stage, low, max(high, last), "law", color=color)
    whole: tuple[StageName, ...] = ("A0", "A1")
    for stage in whole:
        _law(large, "ising_ring", stage, 4, 32, "law", color=LOOKS[stage]["color"])
    large.set_ylim(1e-4, None)
    large.set_xlim(3.5, 1.2 * last)
    size_axis(small, tables["states"]["qubits"], most=8)
    size_axis(large, [n for n in (4, 8, 16, 32, 64) if 1.5 * n < last] + [last])
    for axes in row:
        log_axis(axes)
    legend_below(figure, row)
    counts = pd.concat([tables["states"]["samples"], rings["samples"], tables["modes"]["samples"]])
    caption = (
        "Gates exp(-i t G / 2) at uniformly random angles, middle third of the layers, Ising ring "
        f"with J = h = 1; means over {span(counts)} draws with 95 % intervals, where larger than "
        "the markers. Lines: deep circuits, SU(d) on the whole space and on its even half (P1), "
        "SO(2n) and one SU(2) for each momentum (P2). (a) State vectors. (b) Free fermions by "
        "covariance matrices and by momenta; hollow: too few layers to be deep."
    )
    return Plot(figure=figure, table=pd.concat(list(tables.values())), caption=caption)


def tied_scaling(results: Results) -> Plot:
    """Mean squared gradient over its closed form for free fermions of any size."""
    tables = _tables(results)
    named = {
        "ring, a parameter for each kind": tables["modes"],
        "ring, one for each term": select(tables["covariances"], model="ising_ring", stage="A2"),
        "chain, one for each kind": select(tables["covariances"], model="ising_chain", stage="A3"),
        "chain, one for each term": select(tables["covariances"], model="ising_chain", stage="A2"),
    }
    figure, ((axes,),) = panels(1, width=3.6, height=2.6)
    axes.set(xscale="log", xlabel="qubits $n$", ylabel="measured / law")
    drawn = []
    for (name, table), look in zip(named.items(), looks(len(named)), strict=True):
        rows = table[deep(table)]
        drawn.append(rows)
        if len(rows):
            points(
                axes, rows["qubits"], rows, "ratio", **{**look, "linestyle": "none", "label": name}
            )
    table = pd.concat(drawn)
    sizes = [table["qubits"].min(), table["qubits"].max()]
    guide(axes, sizes, [1, 1], linestyle=(0, (4, 2)), label="law (P2)")
    size_axis(axes, table["qubits"])
    legend_below(figure, [axes], columns=2)
    caption = (
        "Deep circuits of free fermions: mean squared gradient in the middle third over its value "
        "by the ideals of the algebra, one SU(2) for each momentum, SO(2n), or U(n). Means over "
        f"{span(table['samples'])} draws with 95 % intervals."
    )
    return Plot(figure=figure, table=table, caption=caption)
