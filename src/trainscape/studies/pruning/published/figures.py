"""Our successes beside published ones."""

from __future__ import annotations

from trainscape.studies.contract import Stage
from trainscape.studies.kit.panels import legend_below, panels, points, series, size_axis
from trainscape.studies.kit.style import looks
from trainscape.studies.kit.tables import span, to_frame
from trainscape.studies.pruning.names import MODEL_LABELS
from trainscape.studies.reporting import Plot, Results

OPTIMISER_LABELS = {"adam": "Adam", "lbfgs": "L-BFGS"}
APART = 1.025
"""Factor along the axis of layers between ours and the published share, on either side."""


def published_successes(results: Results) -> Plot:
    """Share of runs that find the ground state, here and published, against depth."""
    table = to_frame(results.summary("published", Stage.SIMULATE))
    parts = list(series(table, "optimiser", "model"))
    colours = dict(zip(sorted(set(table["qubits"])), looks(8), strict=False))
    figure, (row,) = panels(len(parts), width=2.4)
    for axes, ((optimiser, model), rows) in zip(row, parts, strict=True):
        axes.set(xscale="log", xlabel="layers $L$", ylabel="success", ylim=(-0.05, 1.08))
        for qubits, part in series(rows, "qubits"):
            look = {**colours[qubits], "linestyle": "none"}
            hollow = {**look, "markerfacecolor": "none"}
            points(axes, part["layers"] / APART, part, "success", label=f"$n = {qubits}$", **look)
            points(
                axes,
                part["layers"] * APART,
                part,
                "known",
                label=f"$n = {qubits}$, published",
                **hollow,
            )
        title = f"{OPTIMISER_LABELS[optimiser]}, {MODEL_LABELS[model]}"
        axes.set_title(title, loc="center", fontsize=6.5)
        size_axis(axes, rows["layers"], most=6)
    legend_below(figure, row)
    caption = (
        f"Share of runs that end near the ground state, ours ({span(table['runs'])} runs) and "
        f"published ({span(table['known_runs'])} runs), with Wilson's 95 % intervals. One "
        "parameter for each kind of term in a layer. Ours and the published ones are drawn beside "
        "each other, left and right of their depth."
    )
    return Plot(figure=figure, table=table, caption=caption)
