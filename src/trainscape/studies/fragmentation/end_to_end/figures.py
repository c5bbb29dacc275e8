"""Figure of the group: what training costs, classically on easy copies and with shots."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from trainscape.studies.contract import Stage
from trainscape.studies.kit.panels import (
    fit_line,
    legend_below,
    level,
    log_axis,
    panels,
    points,
    same_limits,
    series,
    size_axis,
)
from trainscape.studies.kit.style import COLOURS
from trainscape.studies.kit.tables import select, span, to_frame
from trainscape.studies.reporting import Plot, Results

COSTS = {
    "easy_copies": ("operations", "classical, multiplications", COLOURS[0], "o"),
    "shot_training": ("gates", "with shots, gates", COLOURS[1], "s"),
}
COPIES = {
    "path_deviation": ("path basis", "o"),
    "random_deviation": ("random copies, full space", "^"),
    "entangled_deviation": ("entangled copies, MPS", "D"),
}
FLOOR = 1e-17


def _costs(results: Results, axes: Axes, abscissa: str) -> list[pd.DataFrame]:
    """Draw both kinds of training; return their tables."""
    tables = []
    axes.set(xscale="log", yscale="log", ylabel="operations or gates")
    for family, (quantity, name, colour, marker) in COSTS.items():
        table = to_frame(results.summary(family, Stage.SIMULATE), family=family)
        tables.append(table)
        laws = to_frame(results.summary(family, Stage.THRESHOLDS))
        for top, rows in series(table, "top_sectors"):
            face = colour if top == 2 else "white"
            look = {"color": colour, "marker": marker, "markerfacecolor": face}
            label = f"{name}, top {top} sectors"
            if len(laws):
                for fit in select(laws, top_sectors=top, abscissa=abscissa).to_dict("records"):
                    symbol = "L" if abscissa == "sites" else "N"
                    line = "-" if top == 2 else ":"
                    text = fit_line(axes, fit, rows[abscissa], symbol, color=colour, linestyle=line)
                    label = f"{label}: {text}" if abscissa == "sites" else label
            points(axes, rows[abscissa], rows, quantity, label=label, **look)
    size_axis(axes, pd.concat(tables)[abscissa])
    return tables


def end_to_end(results: Results) -> Plot:
    """Cost of training, classically on easy copies and with shots, and losses on other copies."""
    figure, ((length, dimension, copies),) = panels(3, height=2.4)
    tables = _costs(results, length, "sites")
    _costs(results, dimension, "krylov_dimension_sum")
    length.set_xlabel("sites $L$")
    dimension.set_xlabel("sum of Krylov dimensions $N$")
    same_limits((length, dimension))
    attack, shots = tables
    copies.set(xscale="log", yscale="log", xlabel="sites $L$", ylabel="deviation of the loss")
    for place, (name, (label, marker)) in enumerate(COPIES.items()):
        for top, own in series(attack, "top_sectors"):
            drawn = np.maximum(own[name], FLOOR)
            look = {"color": COLOURS[2 + place], "marker": marker, "linestyle": "none"}
            look["markerfacecolor"] = look["color"] if top == 2 else "white"
            shown = label if top == 2 else None
            copies.plot(own["sites"] * 1.04 ** (place - 1), drawn, label=shown, **look)
    level(copies, 1e-10, "limit")
    size_axis(copies, attack["sites"])
    for axes in (length, dimension, copies):
        log_axis(axes)
    legend_below(figure, (length, copies), columns=2)
    caption = (
        "Training of the same networks in the sectors with the most lines that pass through: "
        f"classically on one easy copy of each Krylov space, {span(attack['instances'])} "
        f"instances for each chain, to a mean loss of {attack['largest_loss'].max():.2g} at most, "
        "search for the sectors included; and by the parameter-shift rule with as many shots as "
        f"make noise and derivative equal at the start, {span(shots['instances'])} instances, to "
        f"{shots['largest_loss'].max():.2g} at most. An evolution by the Hamiltonian counts as "
        "one gate. (a) Against the length, (b) against N; lines: laws that were fitted. (c) "
        "Largest deviation of the loss on other copies from that of training; 1e-17 stands for "
        "less; hollow: top three sectors; dashed: the limit that is claimed, 1e-10. Bars: 95 % "
        "intervals over instances; single instances have none."
    )
    return Plot(figure=figure, table=pd.concat(tables, ignore_index=True), caption=caption)
