"""Figure of grouping against depth."""

from __future__ import annotations

import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.kit.panels import (
    legend_below,
    log_axis,
    panels,
    points,
    same_limits,
    series,
    size_axis,
)
from trainscape.studies.kit.style import Look, looks
from trainscape.studies.kit.tables import span, to_frame
from trainscape.studies.reporting import Plot, Results

MODE_LABELS = {
    "kinds": "one for each kind (FG)",
    "orbits": "one for each orbit (PG)",
    "free": "one for each gate (NG)",
    "slow": "NG, steps as long as FG's",
}
PROBLEM_LABELS = {
    "regular_cut": "cuts of weighted 3-regular graphs",
    "random_ring": "random Ising rings",
}
LOOKS: dict[str, Look] = dict(zip(MODE_LABELS, looks(len(MODE_LABELS)), strict=True))


def grouping_depth(results: Results) -> Plot:
    """Approximation ratio after training against depth, for three ways to group gates."""
    table: pd.DataFrame = to_frame(results.summary("grouping", Stage.SIMULATE))
    problems = list(series(table, "problem"))
    figure, (row,) = panels(len(problems), width=3.2, height=2.6)
    for axes, (problem, part) in zip(row, problems, strict=True):
        axes.set(xscale="log", yscale="log", xlabel="layers $p$", ylabel="$1 - r$")
        axes.set_title(PROBLEM_LABELS[str(problem)], loc="center", fontsize=7)
        for mode, rows in series(part, "mode"):
            look = {**LOOKS[mode], "linestyle": "-", "label": MODE_LABELS[mode]}
            points(axes, rows["depth"], rows, "missing", **look)
        size_axis(axes, part["depth"])
    same_limits(row)
    for axes in row:
        log_axis(axes)
    legend_below(figure, row, columns=2)
    caption = (
        f"Adam from uniformly random angles, {span(table['instances'])} instances on "
        f"{span(table['qubits'])} qubits with one start each: median of what is missing to an "
        "approximation ratio r of 1 (cut over largest cut, energy over ground energy), with 95 % "
        "intervals by order statistics. Parameters: one for each kind of gate, for each orbit of "
        "the graph without weights, or for each gate; a control has a smaller rate, so that a step "
        "of all parameters together is as long as with one for each kind."
    )
    return Plot(figure=figure, table=table, caption=caption)
