"""Errors on four losses, by descent and by Adam."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.kit.panels import guide, legend_below, log_axis, panels, same_limits
from trainscape.studies.kit.style import looks
from trainscape.studies.kit.tables import span
from trainscape.studies.pruning.kernels import CASES
from trainscape.studies.pruning.losses import METHODS
from trainscape.studies.pruning.losses.loss_runs import END
from trainscape.studies.pruning.names import MODEL_LABELS, STAGE_LABELS
from trainscape.studies.reporting import Plot, Results

CASE_LABELS = {
    "at": "square, target at $E_0$",
    "above": "square, target above",
    "below": "square, target below",
    "energy": "energy",
}
METHOD_LABELS = {"descent": "gradient descent", "adam": "Adam"}
MOST_SYSTEMS = 4


def _system(cell: Any) -> tuple[Any, ...]:
    return tuple(cell[name] for name in ("model", "qubits", "stage", "layers"))


def loss_curves(results: Results) -> Plot:
    """Error on four losses during gradient descent and Adam, with the law of the inverse step."""
    cells = results.cells("losses", Stage.SIMULATE)
    systems = list(dict.fromkeys(_system(cell) for cell in cells))[:MOST_SYSTEMS]
    colours = dict(zip(CASES, looks(len(CASES)), strict=True))
    figure, grid = panels(len(systems), 2, width=2.3, height=2.0)
    drawn = []
    for cell in (cell for cell in cells if _system(cell) in systems):
        axes = grid[METHODS.index(cell["method"]), systems.index(_system(cell))]
        colour = colours[cell["case"]]["color"]
        low, middle, high = np.quantile(cell.data["errors"].values, (0.1, 0.5, 0.9), axis=0)
        frame = pd.DataFrame(
            {
                **cell.parameters,
                "step": np.maximum(cell.data["step"].values, 0.5),
                "low": np.maximum(low, END),
                "median": middle,
                "high": high,
            }
        )
        # Runs stop one after the other below this: the median would show that, and no decay.
        frame = frame[frame["median"] > END]
        axes.plot(frame["step"], frame["median"], color=colour, label=CASE_LABELS[cell["case"]])
        band = (frame["low"], frame["high"])
        axes.fill_between(frame["step"], *band, color=colour, alpha=0.15, linewidth=0)
        drawn.append(frame)
        if (cell["case"], cell["method"]) == ("at", "descent"):
            late = frame[frame["step"] >= frame["step"].max() / 20]
            law = late["median"].iloc[-1] * late["step"].iloc[-1] / late["step"]
            guide(axes, late["step"], 3 * law, linestyle="--", label=r"$\propto 1/t$")
    for number, row in enumerate(grid):
        for axes, (model, qubits, stage, layers) in zip(row, systems, strict=True):
            axes.set(
                xscale="log", yscale="log", xlabel="step $t$", ylabel=r"$|E - E_\infty|$ ($J$)"
            )
            name = f"{MODEL_LABELS[model]}, $n = {qubits}$, {STAGE_LABELS[stage]}, $L = {layers}$"
            title = f"{name}\n{METHOD_LABELS[METHODS[number]]}"
            axes.set_title(title, loc="center", fontsize=6)
    same_limits(grid.flat)
    for axes in grid.flat:
        axes.set_ylim(END, None)
        log_axis(axes)
    legend_below(figure, grid.flat, columns=min(3, len(systems)))
    caption = (
        f"Median, and band from the 10 % to the 90 % quantile, over "
        f"{span([cell.data.sizes['sample'] for cell in cells])} runs from the same angles on all "
        "losses, of the distance from the energy at which a run ends: the target if that lies in "
        "the spectrum, else the ground energy. Learning rate of descent: a share of the inverse "
        "tangent kernel at the start; that on the energy makes first steps as long. The start is "
        "drawn at one half; lines end where the median error is below 1e-9."
    )
    return Plot(figure=figure, table=pd.concat(drawn), caption=caption)
