"""Figures of training under noise: errors, what a gate costs, and shots."""

from __future__ import annotations

from typing import Any

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
    same_limits,
    series,
)
from trainscape.studies.kit.style import Look, looks
from trainscape.studies.kit.tables import select, span, to_frame
from trainscape.studies.pruning.names import MODEL_LABELS, STAGE_LABELS, STAGES
from trainscape.studies.reporting import Plot, Results

LOOKS: dict[str, Look] = dict(zip(STAGES, looks(len(STAGES)), strict=True))
STRENGTH = "strength of the noise $p$"
LEAST = 1e-5
"""Smallest error that is shown, in units of the coupling."""


def _runs(results: Results) -> pd.DataFrame:
    return to_frame(results.summary("noise", Stage.SIMULATE))


def _system(table: pd.DataFrame) -> str:
    return f"{MODEL_LABELS[table['model'].iloc[0]]} of {table['qubits'].iloc[0]} spins"


def _strength_axis(axes: Axes, strengths: Any) -> dict[float, float]:
    """Put the strengths at equal distances, 0 among them, and return their places."""
    values = sorted({float(value) for value in strengths})
    axes.set_xticks(range(len(values)), [f"{value:g}" for value in values])
    axes.set_xlim(-0.4, len(values) - 0.6)
    axes.set_xlabel(STRENGTH)
    return {value: float(place) for place, value in enumerate(values)}


def noise_errors(results: Results) -> Plot:
    """Energy after training under noise against its strength, measured with and without it."""
    table = select(_runs(results), shots=0)
    depths = sorted(set(table["layers"]))
    figure, grid = panels(2, len(depths), width=3.0, height=2.1)
    names = (("error", "measured with the noise"), ("clean", "same angles without noise"))
    for row, depth in zip(grid, depths, strict=True):
        chosen = select(table, layers=depth)
        for axes, (name, title) in zip(row, names, strict=True):
            places = _strength_axis(axes, table["strength"])
            axes.set(yscale="log", ylabel="$E - E_0$ ($J$)")
            axes.set_title(f"$L = {depth}$, {title}", loc="center", fontsize=7)
            for stage, part in series(chosen, "stage"):
                look = {**LOOKS[stage], "linestyle": "-", "label": STAGE_LABELS[stage]}
                # Side by side where errors are equal.
                x = part["strength"].map(places) + 0.06 * (STAGES.index(stage) - 1.5)
                points(axes, x, part, name, **look)
    for row in grid:
        same_limits(row)
    for axes in grid.flat:
        axes.set_ylim(max(axes.get_ylim()[0], LEAST), None)
        log_axis(axes)
    # The deepest panel has all ansätze, in order.
    legend_below(figure, grid[::-1].flat)
    caption = (
        f"{_system(table)}, Adam on the energy of the noisy circuit with exact gradients: median "
        f"error over {span(table['restarts'])} restarts, with 95 % intervals by order statistics. "
        "After each gate its qubits are fully mixed with probability p. Points of equal strength "
        "are set side by side; errors below 1e-5 J lie outside."
    )
    return Plot(figure=figure, table=table, caption=caption)


def noise_per_gate(results: Results) -> Plot:
    """Energy that noise adds to the trained circuit, against strength times gates."""
    table = select(_runs(results), shots=0)
    table = table[table["strength"] > 0]
    table = table.assign(errors=table["strength"] * table["gates"])
    figure, ((axes,),) = panels(1, width=4.0, height=2.8)
    axes.set(xscale="log", yscale="log", xlabel="strength times gates $p G$")
    axes.set_ylabel("energy that noise adds ($J$)")
    for (stage, depth), part in series(table, "stage", "layers"):
        look = {**LOOKS[stage], "linestyle": "none"}
        if depth != table["layers"].max():
            look["markerfacecolor"] = "none"
        label = f"{STAGE_LABELS[stage]}, $L = {depth}$"
        points(axes, part["errors"], part, "lost", label=label, **look)
    x = np.geomspace(table["errors"].min(), table["errors"].max(), 50)
    deep = table[table["layers"] == table["layers"].max()]
    weak = deep[deep["strength"] == deep["strength"].min()]
    cost = float((weak["lost"] / weak["errors"]).mean())
    guide(axes, x, cost * x, label=rf"$\propto p G$: {cost:.2f} $J$ a gate")
    for which in ("x", "y"):
        log_axis(axes, which)
    legend_below(figure, [axes], columns=3)
    caption = (
        f"{_system(table)}: energy with noise minus that of the same, trained angles without; "
        f"median over {span(table['restarts'])} restarts, with 95 % intervals by order statistics. "
        "Hollow: fewer layers. Line: proportional to the number of gates, with the mean of all "
        "ansätze at the weakest noise."
    )
    return Plot(figure=figure, table=table, caption=caption)


def noise_shots(results: Results) -> Plot:
    """Energy after training with a finite number of shots."""
    table = _runs(results)
    shots = table[table["shots"] > 0]
    figure, ((axes,),) = panels(1, width=3.8, height=2.7)
    axes.set(xscale="log", yscale="log", xlabel="shots for each setting and group $M$")
    axes.set_ylabel("$E - E_0$ under noise ($J$)")
    found = list(series(shots, "stage", "layers", "strength"))
    for number, ((stage, layers, strength), part) in enumerate(found):
        look = LOOKS[stage]
        name = f"{STAGE_LABELS[stage]}, $L = {layers}$"
        # Side by side, so that bars do not cover each other.
        moved = part["shots"] * 1.08 ** (2 * number - len(found) + 1)
        points(axes, moved, part, "error", **look, label=name)
        exact = select(table, stage=stage, layers=layers, strength=strength, shots=0)
        ends = [shots["shots"].min() / 1.3, shots["shots"].max() * 1.3]
        for value in exact["error"]:
            dashed = {"color": look["color"], "linestyle": (0, (4, 3))}
            guide(axes, ends, [value, value], **dashed, label=f"{name}, exact gradients")
    for which in ("x", "y"):
        log_axis(axes, which)
    legend_below(figure, [axes], columns=2)
    first = shots.iloc[0]
    caption = (
        f"{_system(shots)}, depolarising noise of strength "
        f"{first['strength']:g} after each gate, gradients by the parameter-shift rule: exact "
        f"energy of the final angles, median over {span(shots['restarts'])} restarts, with 95 % "
        "intervals by order statistics; side by side at equal shots. Dashed: exact gradients."
    )
    return Plot(figure=figure, table=shots, caption=caption)


def noise_fisher(results: Results) -> Plot:
    """Fisher information that noise takes, and that it adds, against its strength."""
    table = to_frame(results.summary("fisher", Stage.SIMULATE))
    figure, (row,) = panels(2, width=3.0, height=2.4)
    names = (
        ("lost", "share of the QFIM lost"),
        ("lifted", "lifted part of the QFIM"),
    )
    for axes, (name, label) in zip(row, names, strict=True):
        axes.set(xscale="log", yscale="log", xlabel=STRENGTH, ylabel=label)
        shown = table[table[name] > 0]
        for (stage, layers), part in series(shown, "stage", "layers"):
            look = {**LOOKS[stage], "label": f"{STAGE_LABELS[stage]}, $L = {layers}$"}
            if layers != table[table["stage"] == stage]["layers"].min():
                look["markerfacecolor"] = "none"
            points(axes, part["strength"], part, name, **look)
        weak = shown[shown["strength"] == shown["strength"].min()]
        ends = np.array([shown["strength"].min(), shown["strength"].max()])
        if len(weak):
            # Below the points of the least.
            least = float((weak[name] / weak["strength"]).min()) / 2
            guide(axes, ends, least * ends, label=r"$\propto p$")
        for which in ("x", "y"):
            log_axis(axes, which)
    legend_below(figure, row, columns=3)
    caption = (
        f"{_system(table)}, quantum Fisher information matrix at {span(table['points'])} random "
        "points, after each gate depolarising noise of strength p: medians with 95 % intervals by "
        "order statistics. (a) What directions in which the pure state moves lose, over the sum "
        "of them all. (b) Mean of the others, which are zero without noise, over the mean of the "
        "former without noise; the pruned ansatz of two layers has none. Hollow: more layers."
    )
    return Plot(figure=figure, table=table, caption=caption)
