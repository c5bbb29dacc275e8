"""Figure and table of the networks that fail."""

import numpy as np

from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.appearance import FLOOR, floored
from trainscape.studies.kit.panels import legend_below, level, log_axis, panels, points
from trainscape.studies.kit.style import looks
from trainscape.studies.kit.tables import span, to_frame
from trainscape.studies.reporting import Plot, Results, Table

NAMES = {
    "none": "sound network",
    "frozen_sector": "frozen sector",
    "short_times": "short times",
    "no_coupling": "no ancilla coupling",
    "few_parameters": "too few parameters",
    "missing_sector": "missing sector",
}
LOSSES = {
    "training_loss": "trained states",
    "loss": "all Krylov states",
    "worst_sector_loss": "worst sector",
}


def failures(results: Results) -> Plot:
    """Loss after training of networks with one thing wrong."""
    table = to_frame(results.summary("failures", Stage.SIMULATE))
    table = floored(table, **{f"drawn_{name}": name for name in LOSSES})
    figure, ((axes,),) = panels(1, width=5.0, height=2.4)
    places = np.arange(len(table))
    axes.set_yscale("log")
    for shift, (name, label), look in zip((-0.2, 0, 0.2), LOSSES.items(), looks(3), strict=True):
        style = {**look, "linestyle": "none", "label": label}
        points(axes, places + shift, table, f"drawn_{name}", **style)
    level(axes, 1e-8)
    axes.set_xticks(places, [NAMES[name].replace(" ", "\n") for name in table["failure"]])
    axes.set(ylim=(FLOOR / 3, 3), ylabel=r"median final loss $\ell$")
    axes.set_xlabel("what is wrong with the network")
    log_axis(axes)
    legend_below(figure, (axes,))
    first = table.iloc[0]
    caption = (
        f"Training with one thing wrong: d = {first['site_dim']}, L = {first['sites']}, label "
        f"lambda, {span(table['restarts'])} restarts by L-BFGS on {span(table['instances'])} "
        f"instances for each failure, {span(table['parameters'])} parameters, T = "
        f"{table['horizon'].min():g} or {table['horizon'].max():g}. Bars: 95 % intervals of the "
        "median (the whole range for fewer than six restarts). Dashed: loss of a success, 1e-8. "
        "Losses below 1e-16 are drawn there."
    )
    return Plot(figure=figure, table=table, caption=caption)


def failure_diagnoses(results: Results) -> Table:
    """Diagnosis of each network before it is trained."""
    table = to_frame(results.summary("failures", Stage.SIMULATE))
    shown = table[["failure", "named", "instances", "message"]].assign(
        failure=table["failure"].map(NAMES),
        message=table["message"].where(table["message"] != "", "no finding"),
    )
    caption = (
        "Networks whose failure the diagnosis names, and nothing else, of all networks; and its "
        "message for the first instance."
    )
    columns = ("failure", "diagnosed rightly", "networks", "diagnosis")
    return Table(table=shown.set_axis(columns, axis=1), caption=caption)
