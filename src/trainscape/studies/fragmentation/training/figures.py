"""Figures of training."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.names import CHAIN, COUPLINGS, SYSTEM, qubits, system_name
from trainscape.studies.kit.panels import (
    guide,
    legend_below,
    level,
    log_axis,
    panels,
    points,
    same_limits,
    size_axis,
)
from trainscape.studies.kit.style import COLOURS, LINES, Look, looks
from trainscape.studies.kit.tables import by_parameters, select, span, to_frame
from trainscape.studies.reporting import Plot, Results

OPTIMISERS = {"lbfgs": "L-BFGS", "adam": "Adam", "descent": "gradient descent"}
NEAR = 0.1
"""Distance from R, in units of R, up to which the threshold is shown enlarged."""
FLOOR = 1e-16
"""Losses below are drawn here: they are rounding."""
CRITICAL = ("critical", "critical_low", "critical_high")


def _restarts(results: Results, **chosen: Any) -> pd.DataFrame:
    table = select(to_frame(results.summary("tl_training", Stage.THRESHOLDS)), **chosen)
    return table.assign(ratio=table["parameters"] / table["rank_formula"])


def _name(system: Any) -> str:
    site_dim, sites, top, label = system[: len(CHAIN)]
    return system_name(site_dim, sites, label, top)


def _numbers(table: pd.DataFrame) -> str:
    return (
        f"{span(table['restarts'])} restarts by L-BFGS for each number of parameters, on "
        f"{span(table['instances'])} instances."
    )


def overparameterisation(results: Results) -> Plot:
    """Loss after training, and share of successful restarts, against the number of parameters."""
    table = _restarts(results, compared=False)
    for end in ("", "_low", "_high"):
        table[f"drawn_loss{end}"] = np.maximum(table[f"median_loss{end}"], FLOOR)
    near = table[abs(table["ratio"] - 1) < NEAR]
    refined = near.groupby(list(SYSTEM)).filter(lambda rows: len(rows) > 3)
    figure, (axes,) = panels(2 if refined.empty else 3)
    systems = list(table.groupby(list(SYSTEM), sort=False))
    for (system, rows), look in zip(systems, looks(len(systems)), strict=True):
        label = f"{_name(system)}: $R = {rows['rank_formula'].iloc[0]}$"
        look["linestyle"] = "-"
        points(axes[0], rows["ratio"], rows, "drawn_loss", label=label, **look)
        points(axes[1], rows["ratio"], rows, "success", **look)
        close = refined[(refined[list(SYSTEM)] == list(system)).all(axis=1)]
        if len(close):
            points(axes[2], close["ratio"], close, "success", **look)
    for panel in axes:
        level(panel, 1.0, vertical=True)
        panel.set(xlabel="parameters $p / R$", ylabel="share of successes", ylim=(-0.05, 1.12))
    for panel in axes[:2]:
        panel.set_xscale("log")
        log_axis(panel, "x")
    axes[0].set(yscale="log", ylabel=r"median final loss $\ell$", ylim=(FLOOR / 3, 2))
    log_axis(axes[0])
    legend_below(figure, axes[:1], columns=3)
    zoom = "" if refined.empty else "; (c) the same where p was refined around R"
    caption = (
        "Training of the network with p gates, in units of the rank R of the Hessian at a perfect "
        f"minimum (dashed). {_numbers(table)} (a) Median final loss; 1e-16 stands for less. (b) "
        f"Share of restarts below 1e-8{zoom}. Bars: 95 % intervals, of order statistics for the "
        "median (the whole range for fewer than six restarts), Wilson's for the share."
    )
    return Plot(figure=figure, table=table, caption=caption)


def loss_curves(results: Results) -> Plot:
    """Loss of every run against the iteration, below and above the threshold."""
    medians = to_frame(results.summary("tl_training", Stage.GRADIENTS))
    ratios = sorted({round(r, 1) for r in medians["parameters"] / medians["rank_formula"]})
    systems = by_parameters(results.cells("tl_training", Stage.GRADIENTS), SYSTEM)
    figure, rows = panels(len(OPTIMISERS), len(systems))
    tables = []
    for line, (system, cells) in zip(rows, systems.items(), strict=True):
        ranks = select(medians, **dict(zip(SYSTEM, system, strict=True)))["rank_formula"]
        rank = int(ranks.iloc[0])
        for cell in cells:
            axes = line[list(OPTIMISERS).index(cell["optimiser"])]
            iterations = cell.data["iteration"].values
            for count in cell.data["parameters"].values:
                place = ratios.index(round(count / rank, 1))
                look: Look = {
                    "color": COLOURS[place],
                    "linestyle": LINES[place % len(LINES)],
                }
                losses = cell.data["loss"].sel(parameters=count).values
                for run, loss in enumerate(losses):
                    drawn = np.maximum(loss, FLOOR)
                    axes.plot(iterations, drawn, label=f"$p = {ratios[place]:g}\\,R$", **look)
                    curve = {"iteration": iterations, "loss": loss, "drawn_loss": drawn}
                    names = {**cell.parameters, "parameters": count, "rank": rank, "run": run}
                    names.pop("counts")
                    tables.append(pd.DataFrame({**curve, **names}))
        several = len({name[:-1] for name in systems}) < len(systems)
        family = f", {COUPLINGS[system[-1]]}" if several else ""
        for axes, title in zip(line, OPTIMISERS.values(), strict=True):
            axes.set_title(title, loc="center")
            axes.set(yscale="log", xlabel="iteration", ylim=(FLOOR / 3, 2), ylabel=r"loss $\ell$")
            log_axis(axes)
        line[0].set_ylabel(f"{_name(system)}{family}\nloss $\\ell$")
    legend_below(figure, rows.ravel())
    runs = span(medians["runs"])
    caption = (
        "Loss during training by three optimisers from the same starts. Each line is one run: "
        f"{runs} for each number of parameters p, in units of the rank R. The learning rate of "
        "gradient descent falls like 1/p. Losses below 1e-16 are drawn there."
    )
    return Plot(figure=figure, table=pd.concat(tables, ignore_index=True), caption=caption)


RANKS = {
    "start_hessian_rank_least": ("Hessian, random parameters", "^", 2),
    "start_qfim_rank_largest": ("QFIM, random parameters", "s", 1),
    "qfim_rank_largest": ("QFIM, where training ended", "x", 1),
    "hessian_rank_largest": ("Hessian, minima", "o", 0),
}
"""Column, name, marker and colour of each rank."""


def _draw_ranks(axes: Axes, rows: pd.DataFrame) -> None:
    counts = rows["parameters"]
    guide(axes, counts, counts, linestyle=":", label="$p$")
    for name, colour, label in (("rank", 0, "$R$"), ("qfim", 1, "QFIM formula")):
        formula = rows[f"{name}_formula"]
        guide(axes, counts, formula, color=COLOURS[colour], linestyle="--", label=label)
    for name, (label, marker, colour) in RANKS.items():
        known = rows[rows[name] >= 0]
        look: Look = {"color": COLOURS[colour], "markerfacecolor": "none", "label": label}
        axes.plot(known["parameters"], known[name], marker, **look)
    axes.set(xscale="log", yscale="log", xlabel="parameters $p$", ylabel="rank")
    for which in ("x", "y"):
        log_axis(axes, which)


def ranks(results: Results) -> Plot:
    """Ranks of the Hessian and of the quantum Fisher information against the parameters."""
    table = _restarts(results, compared=False)
    systems = [
        (system, rows)
        for system, rows in table.groupby(list(SYSTEM), sort=False)
        if rows["ratio"].max() >= 1
    ]
    columns = min(3, len(systems))
    figure, axes = panels(columns, -(-len(systems) // columns))
    for panel in axes.ravel()[len(systems) :]:
        panel.set_visible(False)
    for panel, (system, rows) in zip(axes.ravel(), systems, strict=False):
        _draw_ranks(panel, rows)
        panel.set_title(
            f"{_name(system)}{qubits(rows['site_dim'].iloc[0], rows['sites'].iloc[0])}",
            loc="center",
        )
    legend_below(figure, axes.ravel(), columns=columns)
    caption = (
        f"Curvature ranks. {_numbers(table)} Minima: restarts with a loss below 1e-13. Largest "
        "rank of all restarts; for the Hessian at random parameters the least. Lines: the number "
        "of parameters p, and the orbit dimensions at which the ranks saturate."
    )
    return Plot(figure=figure, table=table, caption=caption)


def _crossings(rows: pd.DataFrame) -> pd.DataFrame:
    """Return p_c/R of each family with its bracket; where p_c is unknown, its lower bound."""
    first = rows.groupby("couplings", sort=False).first()
    last = rows.groupby("couplings", sort=False)["ratio"].max()
    numbers = {name: first[name] / first["rank_formula"] for name in CRITICAL}
    value, low, high = (numbers[name].where(first[name] >= 0) for name in CRITICAL)
    columns = {"": value.fillna(last), "_low": low.fillna(last), "_high": high}
    return first.assign(**{f"crossing{end}": values for end, values in columns.items()})


def threshold_coefficients(results: Results) -> Plot:
    """Success, iterations and critical number of parameters for each family of coefficients."""
    table = _restarts(results, compared=True)
    chains = list(table.groupby(list(CHAIN), sort=False))
    styles = dict(zip(COUPLINGS, looks(len(COUPLINGS)), strict=True))
    figure, axes = panels(3, max(1, len(chains)))
    tables = [table]
    for (left, middle, right), (chain, rows) in zip(axes, chains, strict=False):
        families = [name for name in COUPLINGS if name in set(rows["couplings"])]
        crossings = _crossings(rows).loc[families]
        tables.append(crossings.reset_index())
        for place, name in enumerate(families):
            chosen = select(rows, couplings=name)
            look = {**styles[name], "linestyle": "-"}
            # Shifted a little, so that the bars of the families can be told apart.
            shifted = chosen["ratio"] + 0.008 * (place - len(families) / 2)
            points(left, shifted, chosen, "success", label=COUPLINGS[name], **look)
            points(middle, shifted, chosen, "median_iterations", **look)
            points(right, [place], crossings.iloc[place : place + 1], "crossing", **styles[name])
        algebras = crossings["lie_dimension"].astype(str) + "/" + crossings["lie_bound"].astype(str)
        right.set_xticks(range(len(families)), algebras, rotation=60)
        right.set(xlim=(-0.6, len(families) - 0.4), xlabel="dimension of the Lie algebra")
        level(right, 1.0)
        right.set_ylabel("$p_c / R$")
        left.set_ylabel("share of successes")
        left.set_title(_name(chain), loc="center")
        middle.set(ylabel="median iterations", ylim=(0, None))
        for panel in (left, middle):
            level(panel, 1.0, vertical=True)
            panel.set_xlabel("parameters $p / R$")
            size_axis(panel, rows["ratio"], most=6)
    if len(chains) > 1:
        for column in (0, 2):
            same_limits(axes[:, column])
    legend_below(figure, axes[:, 0])
    caption = (
        f"Families of coefficients of the Hamiltonian. {_numbers(table)} Points are shifted "
        "sideways to be told apart; dashed: p = R. Left: share of restarts below 1e-8, with 95 % "
        "Wilson intervals. Middle: 95 % intervals of the median. Right: least p at which half of "
        "the restarts succeed, with the p that the intervals do not exclude; arrows: no p that was "
        "tried is surely enough. Below it the dimension of the Lie algebra of H and A on all "
        "blocks with the ancilla, least of the instances, and the largest possible."
    )
    return Plot(figure=figure, table=pd.concat(tables, ignore_index=True), caption=caption)
