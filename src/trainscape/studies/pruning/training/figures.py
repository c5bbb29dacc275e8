"""Figures of the training runs: errors, iterations, and the least gates and parameters."""

from __future__ import annotations

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.kit.panels import (
    legend_below,
    level,
    log_axis,
    panels,
    points,
    same_limits,
    series,
    size_axis,
)
from trainscape.studies.kit.style import Look, looks
from trainscape.studies.kit.tables import select, span, to_frame
from trainscape.studies.pruning.names import MODEL_LABELS, STAGE_LABELS, STAGES
from trainscape.studies.reporting import Plot, Results

LOOKS: dict[str, Look] = dict(zip(STAGES, looks(len(STAGES)), strict=True))
MOST_SYSTEMS = 6


def _runs(results: Results) -> pd.DataFrame:
    return to_frame(results.summary("training", Stage.SIMULATE))


def _title(model: str, qubits: int) -> str:
    return f"{MODEL_LABELS[model]}, $n = {qubits}$"


def error_curves(results: Results) -> Plot:
    """Energy above the ground state during training, at the largest depth that all have."""
    runs = _runs(results)
    systems = list(series(runs, "model", "qubits"))[-MOST_SYSTEMS:]
    columns = min(3, len(systems))
    figure, grid = panels(columns, -(-len(systems) // columns), width=2.4)
    cells = results.cells("training", Stage.SIMULATE)
    drawn = []
    for axes, ((model, qubits), rows) in zip(grid.flat, systems, strict=False):
        depths = [set(part["layers"]) for _, part in series(rows, "stage")]
        depth = max(set.intersection(*depths), default=rows["layers"].max())
        for cell in cells:
            if (cell["model"], cell["qubits"], cell["layers"]) != (model, qubits, depth):
                continue
            values = np.quantile(cell.data["errors"].values, (0.1, 0.5, 0.9), axis=0)
            x = cell.data["iteration"].values
            look = LOOKS[cell["stage"]]
            line = {"color": look["color"], "label": STAGE_LABELS[cell["stage"]]}
            # The first iteration of a logarithmic axis is 1; the start is drawn there.
            x = np.maximum(x, 0.5)
            axes.plot(x, values[1], **line)
            axes.fill_between(x, values[0], values[2], color=look["color"], alpha=0.15, linewidth=0)
            columns_of = {"iteration": x, "low": values[0], "median": values[1], "high": values[2]}
            names = {"model": model, "qubits": qubits, "stage": cell["stage"], "layers": depth}
            drawn.append(pd.DataFrame({**names, **columns_of}))
        axes.set(xscale="log", yscale="log", xlabel="iteration", ylabel="$E - E_0$ ($J$)")
        axes.set_title(f"{_title(model, qubits)}, $L = {depth}$", loc="center", fontsize=7)
        level(axes, float(min(cells[0].data["limit"].values)))
    _finish(grid, len(systems))
    legend_below(figure, grid.flat)
    caption = (
        f"Adam from uniformly random angles, {span(runs['restarts'])} restarts: median, and band "
        "from the 10 % to the 90 % quantile, of the energy above the ground state. Dashed: where a "
        "run counts as converged and ends. The start is drawn at one half."
    )
    return Plot(figure=figure, table=pd.concat(drawn), caption=caption)


def iterations_to_convergence(results: Results) -> Plot:
    """Count iterations to convergence of each ansatz against its number of parameters."""
    runs = _runs(results)
    reached = runs[np.isfinite(runs["iterations"])]
    systems = list(series(reached, "model", "qubits"))[-MOST_SYSTEMS:]
    columns = min(3, len(systems))
    figure, grid = panels(columns, -(-len(systems) // columns), width=2.4)
    for axes, ((model, qubits), rows) in zip(grid.flat, systems, strict=False):
        axes.set(xscale="log", yscale="log", xlabel="parameters $P$", ylabel=r"$T(\epsilon)$")
        for stage, part in series(rows, "stage"):
            look = {**LOOKS[stage], "linestyle": "-"}
            points(axes, part["parameters"], part, "iterations", label=STAGE_LABELS[stage], **look)
        axes.set_title(_title(model, qubits), loc="center", fontsize=7)
        size_axis(axes, rows["parameters"], most=5)
    _finish(grid, len(systems))
    legend_below(figure, grid.flat)
    table = pd.concat([rows for _, rows in systems])
    caption = (
        "Iterations of Adam until the energy is within the limit of the ground state: median over "
        f"{span(runs['restarts'])} restarts, those that never converge counted as infinite, with "
        "95 % intervals by order statistics (arrow: open). Depths at which more than half of the "
        "restarts fail are left out."
    )
    return Plot(figure=figure, table=table, caption=caption)


def least_gates(results: Results) -> Plot:
    """Least numbers of gates and parameters with which training converges, against n."""
    table = to_frame(results.summary("training", Stage.THRESHOLDS))
    found = select(table, model="ising_ring")
    found = found[found["gates"] > 0]
    figure, (row,) = panels(2, width=3.0)
    for axes, name, label in zip(
        row, ("gates", "parameters"), ("gates", "parameters $P$"), strict=True
    ):
        axes.set(yscale="log", xlabel="qubits $n$", ylabel=f"least number of {label}")
        for stage, part in series(found, "stage"):
            look = {**LOOKS[stage], "linestyle": "-"}
            axes.plot(part["qubits"], part[name], label=STAGE_LABELS[stage], **look)
        size_axis(axes, found["qubits"])
        log_axis(axes)
    legend_below(figure, row)
    caption = (
        "Ising ring: gates and parameters of the least depth at which at least 90 % of "
        f"{span(table['restarts'])} restarts converge. Depths are whole layers, so that the true "
        "number lies between this one and that of the next smaller depth."
    )
    return Plot(figure=figure, table=found, caption=caption)


def _finish(grid: np.ndarray, count: int) -> None:
    """Give panels equal axes along y, and hide those that are not used."""
    shown = list(grid.flat[:count])
    same_limits(shown)
    for axes in shown:
        log_axis(axes)
    for axes in grid.flat[count:]:
        axes.set_visible(False)
