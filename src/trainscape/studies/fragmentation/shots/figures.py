"""Figure of the shots that a component of the gradient costs."""

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.appearance import chain_look, chain_name
from trainscape.studies.kit.panels import (
    curve,
    guide,
    legend_below,
    log_axis,
    panels,
    points,
    same_limits,
    series,
    size_axis,
)
from trainscape.studies.kit.style import MARKERS
from trainscape.studies.kit.tables import select, span, to_frame
from trainscape.studies.reporting import Plot, Results

GREYS = ("0.15", "0.45", "0.7")


def shots(results: Results) -> Plot:
    """Shots that resolve a component of the gradient, against the size of the system."""
    summary = results.summary("shots", Stage.SIMULATE)
    systems = to_frame(summary)
    laws = to_frame(results.summary("shots", Stage.THRESHOLDS))
    dim = int(systems["site_dim"].iloc[0])
    budgets = summary["budget_shots"].values
    full = np.flatnonzero(systems["top_sectors"] == 0)
    chosen = full[np.unique(np.linspace(0, len(full) - 1, len(GREYS)).round().astype(int))]

    figure, ((error, length, dimension),) = panels(3, height=2.4)
    error.set(xscale="log", yscale="log", xlabel="shots $n$", ylabel="error (1/rad)")
    tables = [systems]
    for index, colour, marker in zip(chosen, GREYS, MARKERS, strict=False):
        row = systems.iloc[index]
        sites = int(row["sites"])
        names = ["budget_shots", *(f"gradient_error{end}" for end in ("", "_low", "_high"))]
        errors = to_frame(summary.isel(row=index)[names], "budget", sites=sites)
        tables.append(errors[["sites", *names]])
        look = {"color": colour, "marker": marker, "label": f"$L = {sites}$, all sectors"}
        points(error, budgets, errors, "gradient_error", **look)
        predicted = np.sqrt(row["one_shot_variance_predicted"] / budgets)
        guide(error, budgets, predicted, color=colour)
        guide(error, budgets[[0, -1]], [row["gradient_rms"]] * 2, color=colour, linestyle="--")
    for axes, abscissa in ((length, "sites"), (dimension, "krylov_dimension_sum")):
        axes.set(xscale="log", yscale="log")
        for top, rows in series(systems, "top_sectors"):
            look = chain_look(dim, top)
            label = chain_name(dim, top) if axes is length else None
            points(axes, rows[abscissa], rows, "shots", **look | {"linestyle": "none"}, label=label)
            guide(axes, rows[abscissa], rows["predicted_shots"], color=look["color"])
            fits = select(laws, top_sectors=top, abscissa=abscissa)
            for fit in fits.to_dict("records") if axes is length else ():
                grid, values, text = curve(fit, rows["sites"])
                label = f"fit: $n_*$ {text.replace('x', 'L')}"
                guide(axes, grid, values, color=look["color"], linestyle=":", label=label)
        size_axis(axes, systems[abscissa], most=6)
    length.set(xlabel="sites $L$", ylabel="shots $n_*$")
    dimension.set(xlabel="sum of Krylov dimensions $N$", ylabel="shots $n_*$")
    same_limits((length, dimension))
    for axes in (error, length, dimension):
        log_axis(axes)
    log_axis(error, "x")
    guide(length, [], [], label="Haar prediction")
    guide(error, [], [], linestyle="--", label="size of the derivative")
    legend_below(figure, (error, length), columns=3)
    caption = (
        "(a) Root mean square error of one component of the gradient from n shots, beside its "
        "prediction and the root mean square of the derivative itself (dashed). (b, c) Shots whose "
        "noise is as large as the derivative; a relative error e takes n_* / e^2 shots. "
        f"{span(systems['instances'])} instances, {span(systems['samples'])} samples in all for "
        f"each chain, networks of {span(systems['parameters'])} gates. "
        "Derivatives by the four-term shift rule, shots shared out by its "
        "coefficients. Thin lines: Haar averages. Dotted: the fitted laws. Bars: 95 % bootstrap "
        "intervals over instances."
    )
    return Plot(figure=figure, table=pd.concat(tables, ignore_index=True), caption=caption)
