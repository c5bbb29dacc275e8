"""Figures of the kernels: against depth and dimension, and the errors of descents."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.kit.panels import (
    guide,
    legend_below,
    log_axis,
    panels,
    points,
    same_limits,
    series,
    size_axis,
)
from trainscape.studies.kit.style import Look, looks
from trainscape.studies.kit.tables import select, span, to_frame
from trainscape.studies.pruning.kernels import CASES
from trainscape.studies.pruning.names import MODEL_LABELS
from trainscape.studies.reporting import Plot, Results

MODE_LABELS = {"kinds": "tied", "free": "free"}
CASE_LABELS = {
    "at": "square loss, $E_t = E_0$",
    "above": "square loss, $E_t > E_0$",
    "below": "square loss, $E_t < E_0$",
    "energy": "energy",
}
P1: Look = {"linestyle": (0, (4, 2))}
P2: Look = {"linestyle": "-"}
PER_LAYER = "$Q / L$ ($J^2$)"
END = 1e-9
MOST_SYSTEMS = 3


def _kernels(results: Results) -> pd.DataFrame:
    return to_frame(results.summary("kernels", Stage.GRADIENTS))


def _sizes(results: Results) -> dict[int, Look]:
    sizes = sorted(set(_kernels(results)["qubits"]))
    return dict(zip(sizes, looks(len(sizes)), strict=True))


def kernel_depth(results: Results) -> Plot:
    """Mean and spread of the tangent kernel against depth, for tied parameters."""
    table = select(_kernels(results), mode="kinds")
    colours = _sizes(results)
    models = list(series(table, "model"))
    figure, (upper, lower) = panels(len(models), 2, width=2.4, height=2.0)
    for axes, below, (model, rows) in zip(upper, lower, models, strict=True):
        axes.set(xscale="log", yscale="log", xlabel="layers $L$", ylabel=PER_LAYER)
        below.set(xscale="log", xlabel="layers $L$", ylabel=r"std $Q$ / mean $Q$")
        for qubits, part in series(rows, "qubits"):
            look = {**colours[qubits], "linestyle": "none", "label": f"$n = {qubits}$"}
            points(axes, part["layers"], part, "per_layer", **look)
            points(below, part["layers"], part, "spread", **{**look, "linestyle": "-"})
            for name, line in (("controllable", P1), ("resolved", P2)):
                guide(axes, part["layers"], part[name], color=look["color"], **line)
        axes.set_title(MODEL_LABELS[str(model)], loc="center", fontsize=7)
        below.set_ylim(0, None)
        for panel in (axes, below):
            size_axis(panel, rows["layers"], most=5)
    for axes in upper:
        log_axis(axes)
    same_limits(lower)
    _name_predictions(upper[0])
    legend_below(figure, [*upper, *lower])
    caption = (
        "Uniformly random angles, one parameter for each kind of term. Top: mean tangent kernel of "
        f"a layer over {span(table['samples'])} draws, with 95 % intervals; lines: what it is for "
        "deep circuits if the group is SU(d) on the effective space (P1), and by the ideals of the "
        "Lie algebra (P2); in the tilted field they are one. Bottom: its relative spread, with "
        "95 % intervals by bootstrap."
    )
    return Plot(figure=figure, table=table, caption=caption)


def kernel_dimension(results: Results) -> Plot:
    """Compare kernels of a layer against the effective dimension with what predicts them."""
    table = _kernels(results)
    table = table[table["layers"] == table["layers"].max()].sort_values("dimension")
    tilted = table["model"].str.startswith("tilted")
    names = list(series(table.sort_values(["model", "mode"]), "model", "mode"))
    chosen = dict(zip((name for name, _ in names), looks(len(names)), strict=True))
    figure, (row,) = panels(2, width=3.2, height=2.6)
    halves = ((row[0], table[tilted], "controllable"), (row[1], table[~tilted], "free fermions"))
    for axes, rows, title in halves:
        axes.set(xscale="log", yscale="log", xlabel="effective dimension $d$", ylabel=PER_LAYER)
        axes.set_title(title, loc="center", fontsize=7)
        for (model, mode), part in series(rows, "model", "mode"):
            look = chosen[model, mode]
            label = f"{MODEL_LABELS[model]}, {MODE_LABELS[mode]}"
            points(
                axes,
                part["dimension"],
                part,
                "middle",
                label=label,
                **{**look, "linestyle": "none"},
            )
            for name, line in (("controllable", P1), ("resolved", P2)):
                if name == "controllable" or not model.startswith("tilted"):
                    guide(axes, part["dimension"], part[name], color=look["color"], **line)
        if len(rows):
            size_axis(axes, rows["dimension"])
    same_limits(row)
    for axes in row:
        log_axis(axes)
    _name_predictions(row[1])
    legend_below(figure, row)
    caption = (
        f"Mean kernel of a layer in the middle third of {table['layers'].max()} layers, over "
        f"{span(table['samples'])} draws of uniformly random angles, with 95 % intervals. Lines "
        "join the predictions: SU(d) on the effective space (P1), and the ideals of the Lie "
        "algebra (P2). In a tilted field (a) they are one; for free fermions (b) the effective "
        "dimension alone says little."
    )
    return Plot(figure=figure, table=table, caption=caption)


def late_times(results: Results) -> Plot:
    """Error and tangent kernel during gradient descent, for four losses."""
    cells = results.cells("kernels", Stage.SIMULATE)
    systems = list(dict.fromkeys(_system(cell) for cell in cells))[:MOST_SYSTEMS]
    colours = dict(zip(CASES, looks(len(CASES)), strict=True))
    figure, grid = panels(len(systems), 2, width=2.9, height=2.1)
    drawn = []
    for column, system in enumerate(systems):
        model, qubits, mode, layers = system
        for cell in (cell for cell in cells if _system(cell) == system):
            look = {"color": colours[cell["case"]]["color"], "label": CASE_LABELS[cell["case"]]}
            steps = cell.data["step"].values
            names = {"model": model, "qubits": qubits, "mode": mode, "layers": layers}
            frame = pd.DataFrame({**names, "case": cell["case"], "step": np.maximum(steps, 0.5)})
            for name in ("errors", "kernels"):
                low, mid, high = np.quantile(cell.data[name].values, (0.1, 0.5, 0.9), axis=0)
                frame = frame.assign(
                    **{f"{name}_low": low, f"{name}_median": mid, f"{name}_high": high}
                )
            # Runs stop one after the other below this: the median would show that, and no decay.
            frame = frame[frame["errors_median"] > END]
            for axes, name in zip(grid[:, column], ("errors", "kernels"), strict=True):
                axes.plot(frame["step"], frame[f"{name}_median"], **look)
                band = (frame[f"{name}_low"], frame[f"{name}_high"])
                axes.fill_between(
                    frame["step"], *band, color=look["color"], alpha=0.15, linewidth=0
                )
            drawn.append(frame)
        upper, lower = grid[:, column]
        upper.set(ylabel=r"$|E - E_\infty|$ ($J$)", ylim=(END, None))
        lower.set(ylabel="kernel $Q$ ($J^2$)", ylim=(END, None))
        for axes in (upper, lower):
            axes.set(xscale="log", yscale="log", xlabel="step")
        title = f"{MODEL_LABELS[model]}, $n = {qubits}$, $L = {layers}$"
        upper.set_title(title, loc="center", fontsize=7)
    for row in grid:
        same_limits(row)
    for axes in grid.flat:
        log_axis(axes)
    legend_below(figure, grid.flat, columns=2)
    runs = [cell.data.sizes["sample"] for cell in cells]
    caption = (
        f"Plain gradient descent from uniformly random angles, {span(runs)} runs: median, and band "
        "from the 10 % to the 90 % quantile. Top: distance from the energy at which it ends, the "
        "target if that lies in the spectrum, else the ground energy. Bottom: tangent kernel. "
        "Learning rate of the square loss: the same share of the inverse mean kernel for all; that "
        "of the energy makes first steps as long. The start is drawn at one half; lines end where "
        "the median error is below 1e-9."
    )
    return Plot(figure=figure, table=pd.concat(drawn), caption=caption)


def _system(cell: Any) -> tuple[Any, ...]:
    return tuple(cell[name] for name in ("model", "qubits", "mode", "layers"))


def _name_predictions(axes: Any) -> None:
    """Give the legend one entry for each prediction."""
    for label, line in (("P1: $SU(d)$", P1), ("P2: Lie algebra", P2)):
        guide(axes, [], [], label=label, **line)
