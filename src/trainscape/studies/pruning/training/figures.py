"""Figures of the training runs: errors, iterations, success, and the least gates and parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from trainscape.studies.contract import CellData, Stage
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
from trainscape.studies.kit.style import Look, looks
from trainscape.studies.kit.tables import span, to_frame
from trainscape.studies.pruning.names import MODEL_LABELS, STAGE_LABELS, STAGES
from trainscape.studies.pruning.training.least_depths import ENOUGH
from trainscape.studies.reporting import Plot, Results, Table

LOOKS: dict[str, Look] = dict(zip(STAGES, looks(len(STAGES)), strict=True))
MOST_PANELS = 12
RANK = {"linestyle": "-", "linewidth": 0.9}
CEILING = {"linestyle": (0, (1, 1.5)), "linewidth": 0.9}
SHIFT = 0.18
"""Distance of the stages beside each other, so that their bars can be told apart."""


def _runs(results: Results) -> pd.DataFrame:
    return to_frame(results.summary("training", Stage.SIMULATE))


def _largest(table: pd.DataFrame) -> list[tuple[tuple[str, int], pd.DataFrame]]:
    """Return the rows of the largest system of each model."""
    return [
        ((str(model), int(rows["qubits"].max())), rows[rows["qubits"] == rows["qubits"].max()])
        for model, rows in series(_ordered(table), "model")
    ][:MOST_PANELS]


def _ordered(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its models and stages in the order in which they are always named."""
    places = {name: place for names in (MODEL_LABELS, STAGES) for place, name in enumerate(names)}
    return table.sort_values(
        ["model", "stage"], key=lambda column: column.map(places), kind="stable"
    )


def _grid(count: int, width: float = 2.4) -> tuple[Any, list[Axes]]:
    """Return a figure and as many panels as are used, three in a row."""
    columns = min(3, count)
    figure, grid = panels(columns, -(-count // columns), width=width, height=1.9)
    for axes in grid.flat[count:]:
        axes.set_visible(False)
    return figure, list(grid.flat[:count])


def _title(model: str, qubits: int) -> str:
    return f"{MODEL_LABELS[model]}, $n = {qubits}$"


def _common_depth(rows: pd.DataFrame) -> int:
    """Return the largest depth that all stages have, else the largest."""
    depths = [set(part["layers"]) for _, part in series(rows, "stage")]
    return int(max(set.intersection(*depths), default=rows["layers"].max()))


def error_curves(results: Results) -> Plot:
    """Energy above the ground state during training, at the largest depth that all have."""
    runs = _runs(results)
    systems = _largest(runs)
    cells = results.cells("training", Stage.SIMULATE)
    figure, shown = _grid(len(systems))
    drawn = []
    for axes, ((model, qubits), rows) in zip(shown, systems, strict=True):
        depth = _common_depth(rows)
        drawn += [
            _curve(axes, cell)
            for cell in cells
            if (cell["model"], cell["qubits"], cell["layers"]) == (model, qubits, depth)
        ]
        axes.set(xscale="log", yscale="log", xlabel="iteration", ylabel="$E - E_0$ ($J$)")
        axes.set_title(f"{_title(model, qubits)}, $L = {depth}$", loc="center", fontsize=6.5)
        level(axes, float(min(cells[0].data["limit"].values)))
    _finish(shown)
    _legend(figure, shown)
    caption = (
        f"Adam from uniformly random angles, {span(runs['restarts'])} restarts: median, and band "
        "from the 10 % to the 90 % quantile, of the energy above the ground state. Dashed: where a "
        "run ends. The start is drawn at one half."
    )
    return Plot(figure=figure, table=pd.concat(drawn), caption=caption)


def _curve(axes: Axes, cell: CellData) -> pd.DataFrame:
    """Draw the errors of one ansatz, and return them."""
    low, middle, high = np.quantile(cell.data["errors"].values, (0.1, 0.5, 0.9), axis=0)
    # The first iteration of a logarithmic axis is 1; the start is drawn there.
    x = np.maximum(cell.data["iteration"].values, 0.5)
    look = LOOKS[cell["stage"]]
    axes.plot(x, middle, color=look["color"], label=STAGE_LABELS[cell["stage"]])
    axes.fill_between(x, low, high, color=look["color"], alpha=0.15, linewidth=0)
    names = {name: cell[name] for name in ("model", "qubits", "stage", "layers")}
    return pd.DataFrame({**names, "iteration": x, "low": low, "median": middle, "high": high})


def iterations_to_convergence(results: Results) -> Plot:
    """Count iterations to convergence of each ansatz against its number of parameters."""
    runs = _runs(results)
    systems = _largest(runs[np.isfinite(runs["iterations"])])
    figure, shown = _grid(len(systems))
    for axes, ((model, qubits), rows) in zip(shown, systems, strict=True):
        axes.set(xscale="log", yscale="log", xlabel="parameters $M$", ylabel=r"$T(\epsilon)$")
        for stage, part in series(rows, "stage"):
            look = {**LOOKS[stage], "linestyle": "-"}
            points(axes, part["parameters"], part, "iterations", label=STAGE_LABELS[stage], **look)
        axes.set_title(_title(model, qubits), loc="center", fontsize=6.5)
        size_axis(axes, rows["parameters"], most=5)
    _finish(shown)
    _legend(figure, shown)
    caption = (
        "Iterations of Adam until the energy is within the limit of the ground state: median over "
        f"{span(runs['restarts'])} restarts, those that never converge counted as infinite, with "
        "95 % intervals by order statistics (arrow: open). Depths at which more than half of the "
        "restarts fail are left out."
    )
    return Plot(figure=figure, table=pd.concat([rows for _, rows in systems]), caption=caption)


def iterations_to_error(results: Results) -> Plot:
    """Count iterations until the error falls below a limit, against the limit."""
    summary = results.summary("training", Stage.SIMULATE)
    runs, limits = _runs(results), summary["limit"].values
    systems = _largest(runs)
    figure, shown = _grid(len(systems))
    drawn = []
    for axes, ((model, qubits), rows) in zip(shown, systems, strict=True):
        axes.set(xscale="log", xlabel=r"$\epsilon$ ($J$)", ylabel=r"$T(\epsilon)$")
        for stage, part in series(rows, "stage"):
            place = int(part["layers"].to_numpy().argmax())
            deepest = part.iloc[place]
            at = {name: summary[name].values[part.index[place]] for name in _TIMES}
            names = {name: deepest[name] for name in ("model", "qubits", "stage", "layers")}
            times = pd.DataFrame({**names, "limit": limits, **at})
            times = times[np.isfinite(times["times"])]
            look = {**LOOKS[stage], "linestyle": "-"}
            points(axes, times["limit"], times, "times", label=STAGE_LABELS[stage], **look)
            drawn.append(times)
        axes.set_title(_title(model, qubits), loc="center", fontsize=6.5)
        axes.invert_xaxis()
        log_axis(axes, "x")
        axes.minorticks_off()
        axes.set_ylim(0, None)
    _legend(figure, shown)
    caption = (
        "Median iterations of Adam until the energy is within a limit of the ground state, at the "
        "largest depth of each ansatz, with 95 % intervals by order statistics (arrow: open). A "
        "straight line is exponential convergence."
    )
    return Plot(figure=figure, table=pd.concat(drawn), caption=caption)


_TIMES = ("times", "times_low", "times_high")


def success_parameters(results: Results) -> Plot:
    """Success of training against the number of parameters, beside ranks and their ceilings."""
    runs = _runs(results)
    systems = _largest(runs)
    figure, shown = _grid(len(systems))
    for axes, ((model, qubits), rows) in zip(shown, systems, strict=True):
        axes.set(xscale="log", xlabel="parameters $M$", ylabel="success", ylim=(-0.05, 1.1))
        for stage, part in series(rows, "stage"):
            look = LOOKS[stage]
            points(
                axes,
                part["parameters"],
                part,
                "success",
                label=STAGE_LABELS[stage],
                **{**look, "linestyle": "-", "linewidth": 0.6},
            )
            one = part.iloc[0]
            for value, line in ((one["rank"], RANK), (2 * (one["effective"] - 1), CEILING)):
                guide(axes, [value, value], [-0.05, 1.1], color=look["color"], **line)
        axes.set_title(_title(model, qubits), loc="center", fontsize=6.5)
        size_axis(axes, rows["parameters"], most=4)
    guide(shown[0], [], [], label="rank of the QFIM", **RANK)
    guide(shown[0], [], [], label="$2(d-1)$", **CEILING)
    _legend(figure, shown)
    caption = (
        f"Share of {span(runs['restarts'])} restarts of Adam that come within the limit of the "
        "ground state, with Wilson's 95 % intervals. Vertical lines: saturated rank of the quantum "
        "Fisher information (QFIM) of each ansatz, and its ceiling 2 (d - 1) by the effective "
        "dimension d (an ansatz of real matrices and a real start state would have d - 1; none of "
        "these is one)."
    )
    return Plot(figure=figure, table=pd.concat([rows for _, rows in systems]), caption=caption)


def least_gates(results: Results) -> Plot:
    """Least number of gates with which training converges."""
    caption = (
        "Gates of the least depth at which at least 90 % of {restarts} restarts converge. Bars: "
        "depths that Wilson's 95 % intervals of the success leave open, down to one layer more "
        "than the last depth that they exclude (arrow: no depth that was tried is certain)."
    )
    return _least(results, "gates", "least number of gates", caption)


def least_parameters(results: Results) -> Plot:
    """Least number of parameters with which training converges, beside the rank of the QFIM."""
    caption = (
        "Parameters of the least depth at which at least 90 % of {restarts} restarts converge, "
        "with bars as for the least gates. Lines: saturated rank of the quantum Fisher information "
        "(QFIM) of each ansatz."
    )

    def ranks(axes: Axes, x: Any, part: pd.DataFrame, colour: Any) -> None:
        for place, rank in zip(x, part["rank"], strict=True):
            guide(
                axes,
                [place - SHIFT / 2, place + SHIFT / 2],
                [rank, rank],
                color=colour,
                linewidth=1.4,
            )

    return _least(results, "parameters", "least parameters $M$", caption, ranks)


def _least(
    results: Results,
    name: str,
    label: str,
    caption: str,
    beside: Callable[[Axes, Any, pd.DataFrame, Any], None] | None = None,
) -> Plot:
    table = to_frame(results.summary("training", Stage.THRESHOLDS))
    found = table[np.isfinite(table[name])]
    systems = list(series(_ordered(found).sort_values("qubits", kind="stable"), "model", "qubits"))
    systems.sort(key=lambda system: list(MODEL_LABELS).index(system[0][0]))
    figure, ((axes,),) = panels(1, width=max(3.4, 1.2 + 0.5 * len(systems)), height=2.8)
    axes.set(yscale="log", xlabel="system", ylabel=label)
    places = {system: place for place, (system, _) in enumerate(systems)}
    for number, stage in enumerate(STAGES):
        part = found[found["stage"] == stage]
        if len(part):
            own = [places[system] for system in zip(part["model"], part["qubits"], strict=True)]
            x = np.array(own) + SHIFT * (number - (len(STAGES) - 1) / 2)
            look = {**LOOKS[stage], "linestyle": "none", "label": STAGE_LABELS[stage]}
            points(axes, x, part, name, **look)
            if beside is not None:
                beside(axes, x, part, LOOKS[stage]["color"])
    labels = [_title(str(model), int(qubits)) for (model, qubits), _ in systems]
    axes.set_xticks(range(len(systems)), labels, rotation=35, ha="right", rotation_mode="anchor")
    axes.tick_params(axis="x", length=0)
    axes.set_xlim(-0.5, len(systems) - 0.5)
    if beside is not None:
        guide(axes, [], [], label="rank of the QFIM", linewidth=1.4)
    _finish([axes])
    _legend(figure, [axes])
    text = caption.format(restarts=span(table["restarts"]))
    return Plot(figure=figure, table=found, caption=text)


def thresholds(results: Results) -> Table:
    """List what each ansatz can reach, and the least layers, parameters and gates that converge."""
    table = to_frame(results.summary("training", Stage.THRESHOLDS))
    columns = {
        "model": [MODEL_LABELS[model].replace("$", "") for model in table["model"]],
        "n": table["qubits"],
        "ansatz": [STAGE_LABELS[stage].replace("$", "") for stage in table["stage"]],
        "d": table["effective"],
        "2 (d - 1)": table["ceiling"],
        "rank": table["rank"],
        **{
            title: [_written(row, name) for row in table.to_dict("records")]
            for title, name in (("L", "layers"), ("M", "parameters"), ("gates", "gates"))
        },
    }
    caption = (
        "Effective dimension d, ceiling 2 (d - 1) and saturated rank of the quantum Fisher "
        f"information; least layers L, parameters M and gates with which {100 * ENOUGH:g} % of "
        f"{span(table['restarts'])} restarts converge, with what the restarts leave open in "
        "brackets."
    )
    return Table(table=pd.DataFrame(columns), caption=caption)


def _written(row: Any, name: str) -> str:
    """Return a least number with its interval as text."""
    low, high = (row[f"{name}_{end}"] for end in ("low", "high"))
    value = f"{row[name]:.0f}" if np.isfinite(row[name]) else "none tried"
    return f"{value} [{low:.0f}, {high:.0f}]" if np.isfinite(high) else f"{value} [{low:.0f}, ..)"


def _legend(figure: Any, shown: list[Axes]) -> None:
    """Put one legend below all panels, as wide as they are."""
    legend_below(figure, shown, columns=min(4, 2 * len(shown)))


def _finish(shown: list[Axes]) -> None:
    """Give panels equal axes along y with room for arrows, and ticks that do not touch."""
    same_limits(shown)
    low, high = shown[0].get_ylim()
    room = (high / low) ** 0.08
    for axes in shown:
        axes.set_ylim(low / room, high * room)
    for axes in shown:
        log_axis(axes)
