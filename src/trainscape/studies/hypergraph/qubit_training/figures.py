"""Figure of the qubit model's training."""

from __future__ import annotations

from trainscape.studies.contract import Stage
from trainscape.studies.hypergraph.qubit_training.claims import LEARNT
from trainscape.studies.kit.panels import (
    legend_below,
    level,
    log_axis,
    panels,
    points,
    series,
    size_axis,
)
from trainscape.studies.kit.style import looks
from trainscape.studies.kit.tables import span, to_frame
from trainscape.studies.reporting import Plot, Results

LABELS = {
    "tied": "tied, random angles",
    "untied": "untied, whole sentences",
    "rounded": "tied, rounded weights of qumodes",
    "streaming": "untied, in a stream",
}


def trained_checks(results: Results) -> Plot:
    """Violations of the qubit model after training, against the number of qubits."""
    table = to_frame(results.summary("checks", Stage.SIMULATE))
    figure, ((axes,),) = panels(1, width=3.8, height=2.7)
    axes.set(yscale="log", xlabel="qubits $n$", ylabel="checks violated after training")
    for (training, rows), look in zip(series(table, "training"), looks(len(LABELS)), strict=False):
        points(axes, rows["qubits"], rows, "violation", **look, label=LABELS[str(training)])
        axes.plot(rows["qubits"], rows["violation"], color=look["color"], linewidth=0.8)
    level(axes, LEARNT, "2 %")
    size_axis(axes, table["qubits"])
    log_axis(axes)
    legend_below(figure, (axes,), columns=2)
    caption = (
        f"Median of {span(table['runs'])} runs with its 95 % interval. All ways to train have "
        "the same number of estimates of checks, from 100 shots each; random angles violate one "
        "check of two, rounded weights begin at what 3 bits leave. Dashed: what counts as learnt."
    )
    return Plot(figure=figure, table=table, caption=caption)
