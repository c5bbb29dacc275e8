"""Figure of generalisation."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from trainscape.studies.contract import CellData, Stage
from trainscape.studies.fragmentation.appearance import system_name
from trainscape.studies.kit.panels import guide, legend_below, level, log_axis, panels, points
from trainscape.studies.kit.style import looks
from trainscape.studies.kit.tables import (
    by_parameters,
    estimates,
    joined,
    select,
    span,
    to_dataset,
    to_frame,
)
from trainscape.studies.reporting import Plot, Results
from trainscape.trainability.intervals import median

SYSTEM = ("site_dim", "sites", "label")
FLOOR = 1e-20
"""Spreads of zero are drawn here."""

CURVES = {
    "outside_loss": ("-", "loss, operator outside"),
    "outside_spread": ("--", "spread over copies, outside"),
    "inside_spread": (":", "spread over copies, inside"),
}


def _spreads(axes: Axes, cells: list[CellData], label: str, look: dict[str, Any]) -> pd.DataFrame:
    """Draw the spread over copies and over their superpositions against the training loss."""
    names = ("training_loss", "copy_spread", "copy_superposition_deviation", "unseen_loss")
    values = {name: joined(cells, name) for name in names}
    for name, face in ((names[1], look["color"]), (names[2], "none")):
        drawn = values[f"drawn_{name}"] = np.maximum(values[name], FLOOR)
        style = {**look, "linestyle": "none", "markerfacecolor": face}
        axes.plot(np.maximum(values["training_loss"], 1e-16), drawn, label=label, **style)
        label = "_hidden"
    return pd.DataFrame(values)


def _curves(axes: Axes, cells: list[CellData], look: dict[str, Any]) -> pd.DataFrame:
    """Draw the medians over perturbed networks against the strength of the operator."""
    perturbed = [cell for cell in cells if "outside_loss" in cell.data]
    tables = [pd.DataFrame()]
    for name, (line, _) in CURVES.items() if perturbed else ():
        values = joined(perturbed, name)
        values = np.maximum(values[np.isfinite(values).all(axis=1)], FLOOR)
        if len(values):
            strengths = perturbed[0].data["strength"].values
            drawn = zip(strengths, map(median, values.T), strict=True)
            rows = [{"strength": strength, "drawn": middle} for strength, middle in drawn]
            table = to_frame(to_dataset(rows), quantity=name)
            points(axes, strengths, table, "drawn", **look | {"linestyle": line})
            tables.append(table)
    return pd.concat(tables)


def _unseen(
    axes: Axes, table: pd.DataFrame, runs: pd.DataFrame, styles: dict[Any, dict[str, Any]]
) -> None:
    """Draw the losses of labels that were left out, beside their Haar averages."""
    partial = table[table["missing"] != "nothing"]
    for place, (_, row) in enumerate(partial.iterrows()):
        look = styles[tuple(row[list(SYSTEM)])]
        single = select(runs, **{name: row[name] for name in (*SYSTEM, "missing")})["unseen_loss"]
        dots = {"color": look["color"], "markersize": 3, "alpha": 0.6}
        axes.plot(np.full(len(single), place - 0.2), single, ".", **dots)
        points(axes, [place + 0.15], row.to_frame().T, "unseen_loss", **look | {"linestyle": ""})
        guide(axes, [place - 0.4, place + 0.4], [row["unseen_expected"]] * 2, color="0.2")
    axes.set_xticks(range(len(partial)), partial["missing"], rotation=60)
    axes.set(ylim=(-0.03, 1.03), ylabel="loss of what is left out", xlabel="left out of training")


def generalisation(results: Results) -> Plot:
    """Losses on the full space of networks that were trained on one copy of each Krylov state."""
    table = to_frame(results.summary("generalisation", Stage.SIMULATE))
    systems = by_parameters(results.cells("generalisation", Stage.SIMULATE), SYSTEM)
    styles = dict(zip(systems, looks(len(systems)), strict=True))
    figure, ((left, middle, right),) = panels(3, height=2.4)
    runs, curves = [], []
    for axes in (left, middle):
        axes.set(xscale="log", yscale="log")
    for system, cells in systems.items():
        site_dim, sites, mode = system
        names = {"site_dim": site_dim, "sites": sites, "label": mode}
        label = system_name(site_dim, sites, 0, mode)
        for (missing,), chosen in by_parameters(cells, ("missing",)).items():
            drawn = _spreads(left, chosen, label, styles[system])
            runs.append(drawn.assign(**names, missing=missing))
        curves.append(_curves(middle, cells, styles[system]).assign(**names))
    networks = pd.concat(runs, ignore_index=True)
    _unseen(right, table, networks, styles)
    for line, label in CURVES.values():
        middle.plot([], [], line, color="0.3", label=label)
    strengths = np.array([1e-7, 1e-5])
    guide(middle, strengths, 1e7 * strengths**2)
    middle.annotate(r"$\propto\epsilon^2$", (1e-6, 1e-5), ha="right", va="bottom")
    level(left, 1e-10, "rounding")
    left.set(xlabel=r"training loss $\ell$", ylabel="spread over copies", ylim=(None, 1e-8))
    middle.set(xlabel=r"strength $\epsilon$ of an added operator", ylabel="loss and its spread")
    for axes in (left, middle):
        log_axis(axes, "x")
        log_axis(axes)
    legend_below(figure, (left, middle))
    exponents = [str(e) for e in estimates(table[table["exponent"].notna()], "exponent")]
    caption = (
        "Networks trained in the sectors and evaluated on the full space: "
        f"{span(table['networks'])} on {span(table['instances'])} instances for each chain and "
        "training set. (a) Largest spread of the loss over the copies of a Krylov state (filled) "
        "and deviation of their superpositions (hollow); 1e-20 stands for less. (b) Operators "
        "outside and inside the algebra, added to the Hamiltonian: medians over networks with a "
        "training loss below 1e-10, with 95 % intervals (the whole range for fewer than six). "
        f"Grey: the square of the strength; fitted exponents: {', '.join(exponents) or 'none'}. "
        "(c) Labels left out of training, one state or a whole sector: single networks (dots), "
        "their mean with its 95 % interval over instances, and the Haar average of what training "
        "leaves free (lines)."
    )
    table = pd.concat([table, networks, *curves], ignore_index=True)
    return Plot(figure=figure, table=table, caption=caption)
