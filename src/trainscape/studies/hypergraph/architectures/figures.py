"""Figures of networks with phases and numbers as their memories."""

from __future__ import annotations

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.kit.panels import legend_below, panels, points, series
from trainscape.studies.kit.style import looks
from trainscape.studies.kit.tables import span, to_frame
from trainscape.studies.reporting import Plot, Results, Table

ASKED = {
    "translation": "nullifiers missed by $> 0.1$",
    "copying": "symbols copied wrong",
    "text": "next characters wrong",
}
ARCHITECTURES = {"recurrent": "recurrent", "attention": "linear attention"}


def _rows(results: Results) -> pd.DataFrame:
    rows = to_frame(results.summary("streams", Stage.SIMULATE))
    return rows.sort_values(["task", "architecture", "memory", "used"])


def _kinds(rows: pd.DataFrame) -> list[tuple[str, int, str]]:
    """Return memory, what of it is used, and label, in the order of the axis."""
    modes, order = int(rows["modes"].iloc[0]), int(rows["order"].iloc[0])
    many = int(rows.loc[rows["memory"] == "numbers", "used"].max())
    return [
        ("numbers", modes, f"{2 * modes}\nnumbers"),
        ("phase", 1, f"{2 * modes} modes\n$k = 1$"),
        ("phase", order, f"{2 * modes} modes\n$k = {order}$"),
        ("numbers", many, f"{2 * many}\nnumbers"),
    ]


def stream_errors(results: Results) -> Plot:
    """Errors of networks whose memory is numbers, or the phase of a hypergraph state."""
    table = _rows(results)
    tasks = [task for task in ASKED if task in set(table["task"])]
    figure, (row,) = panels(len(tasks), width=2.3, height=2.4)
    kinds = _kinds(table)
    for axes, task in zip(row, tasks, strict=True):
        own = table[table["task"] == task]
        for number, (architecture, found) in enumerate(series(own, "architecture")):
            look = looks(len(ARCHITECTURES))[list(ARCHITECTURES).index(str(architecture))]
            chosen = [
                found[(found["memory"] == memory) & (found["used"] == used)]
                for memory, used, _ in kinds
            ]
            places = np.concatenate(
                [np.full(len(one), place) for place, one in enumerate(chosen)]
            ) + 0.16 * (number - 0.5)
            label = ARCHITECTURES[str(architecture)]
            look = {**look, "linestyle": "none"}
            points(axes, places, pd.concat(chosen), "error", **look, label=label)
        axes.set(xlabel="memory", ylabel=ASKED[task], xlim=(-0.5, len(kinds) - 0.5))
        axes.set_xticks(range(len(kinds)), [label for *_, label in kinds], fontsize=5.5)
        axes.set_yscale("symlog", linthresh=1e-3, linscale=0.5)
        axes.set_ylim(-3e-4, 1.5)
    legend_below(figure, row, columns=2)
    caption = (
        "Two layers, whose memories are classical numbers or the phases of hypergraph states on "
        "as many qumodes; what is named below an axis is that of both layers. Best of "
        f"{span(table['runs'])} runs by the cost on test sequences, with 95 % intervals of "
        f"{span(table['asked'])} answers. Order 1 is the ablation without products; the last "
        "column has as many numbers as the phase of the largest order has coefficients. Linear "
        "below 0.001."
    )
    return Plot(figure=figure, table=table, caption=caption)


def streams_table(results: Results) -> Table:
    """List networks with numbers and phases as their memories."""
    rows = _rows(results)
    table = pd.DataFrame(
        {
            "task": rows["task"],
            "architecture": [ARCHITECTURES[name] for name in rows["architecture"]],
            "memory": [
                f"phase of order {used}" if memory == "phase" else "numbers"
                for memory, used in zip(rows["memory"], rows["used"], strict=True)
            ],
            "qumodes declared": rows["qumodes"],
            "numbers kept": rows["numbers"],
            "runs": rows["runs"],
            "steps": rows["steps"],
            "parameters": rows["parameters"],
            "wrong (%)": [f"{100 * value:.2f}" for value in rows["error"]],
            "least to most wrong (%)": [
                f"{100 * low:.2f} to {100 * high:.2f}"
                for low, high in zip(rows["least_error"], rows["most_error"], strict=True)
            ],
            "cost": [f"{value:.4f}" for value in rows["cost"]],
            "learning rate": [f"{value:g}" for value in rows["rate"]],
        }
    )
    caption = (
        "Of both layers together. Wrong: symbols that are not the likeliest, or nullifiers with an "
        "error above 0.1, of the run with the least cost. Cost: cross-entropy of a symbol in nats, "
        "or squared error of a nullifier."
    )
    return Table(table=table, caption=caption)
