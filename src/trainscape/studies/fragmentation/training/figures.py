"""Figures of training."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from trainscape.studies.contract import CellData, Stage
from trainscape.studies.fragmentation.appearance import (
    COUPLING_LOOKS,
    COUPLING_NAMES,
    FLOOR,
    floored,
    qubits,
    system_name,
)
from trainscape.studies.fragmentation.selection import CHAIN, SYSTEM
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
from trainscape.studies.kit.style import COLOURS, LINES, Look, looks
from trainscape.studies.kit.tables import by_parameters, select, span, to_frame
from trainscape.studies.reporting import Plot, Results

OPTIMISERS = {"lbfgs": "L-BFGS", "adam": "Adam", "descent": "gradient descent"}
NEAR = 0.1
"""Distance from R, in units of R, up to which the threshold is shown enlarged."""
MARKS = (0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 40, 100)
"""Ticks of axes of parameters in units of R."""
CRITICAL = ("critical", "critical_low", "critical_high")


def _restarts(results: Results, **chosen: Any) -> pd.DataFrame:
    table = select(to_frame(results.summary("tl_training", Stage.THRESHOLDS)), **chosen)
    return table.assign(ratio=table["parameters"] / table["rank_formula"])


def _numbers(table: pd.DataFrame) -> str:
    return (
        f"{span(table['restarts'])} restarts by L-BFGS for each number of parameters, on "
        f"{span(table['instances'])} instances."
    )


def overparameterisation(results: Results) -> Plot:
    """Loss after training, and share of successful restarts, against the number of parameters."""
    table = floored(_restarts(results, compared=False), drawn_loss="median_loss")
    near = table[abs(table["ratio"] - 1) < NEAR]
    refined = near.groupby(list(SYSTEM)).filter(lambda rows: len(rows) > 3)
    figure, (axes,) = panels(2 if refined.empty else 3)
    systems = list(series(table, *SYSTEM))
    for (system, rows), look in zip(systems, looks(len(systems)), strict=True):
        look["linestyle"] = "-"
        label = f"{system_name(*system[:-1])}: $R = {rows['rank_formula'].iloc[0]}$"
        close = refined[refined.index.isin(rows.index)]
        points(axes[0], rows["ratio"], rows, "drawn_loss", label=label, **look)
        points(axes[1], rows["ratio"], rows, "success", **look)
        if len(close):
            points(axes[2], close["ratio"], close, "success", **look)
    for panel in axes:
        level(panel, 1.0, vertical=True)
        panel.set(xlabel="parameters $p / R$", ylabel="share of successes", ylim=(-0.05, 1.12))
    least = table["ratio"].min()
    for panel in axes[:2]:
        panel.set_xscale("log")
        size_axis(panel, [one for one in MARKS if least <= one <= table["ratio"].max()])
    axes[0].set(yscale="log", ylabel=r"median final loss $\ell$", ylim=(FLOOR / 3, 2))
    log_axis(axes[0])
    legend_below(figure, axes[:1], columns=3)
    zoom = "" if refined.empty else "; (c) the same where p was refined around R"
    caption = (
        "Training of the network with p gates, in units of the rank R of the Hessian at a perfect "
        f"minimum (dashed). {_numbers(table)} (a) Median final loss; 1e-16 stands for less. (b) "
        f"Share of restarts below 1e-8{zoom}. Bars: 95 % intervals, of order statistics for the "
        "median (the whole range for fewer than six restarts), Wilson's for the share. (lambda, "
        "q): sector and state are learned, else the sector; top 2: the two top sectors alone."
    )
    return Plot(figure=figure, table=table, caption=caption)


def _draw_runs(axes: Axes, cell: CellData, rank: int, ratios: list[float]) -> list[pd.DataFrame]:
    """Draw every run of a cell, in the colour of its number of parameters; return what is drawn."""
    iterations = cell.data["iteration"].values
    named = {name: value for name, value in cell.parameters.items() if name != "counts"}
    tables = []
    for count in cell.data["parameters"].values:
        place = ratios.index(round(count / rank, 1))
        look: Look = {"color": COLOURS[place], "linestyle": LINES[place % len(LINES)]}
        for run, loss in enumerate(cell.data["loss"].sel(parameters=count).values):
            drawn = np.maximum(loss, FLOOR)
            axes.plot(iterations, drawn, label=f"$p = {ratios[place]:g}\\,R$", **look)
            curve = {"iteration": iterations, "loss": loss, "drawn_loss": drawn}
            names = {**named, "parameters": count, "rank": rank, "run": run}
            tables.append(pd.DataFrame({**curve, **names}))
    return tables


def loss_curves(results: Results) -> Plot:
    """Loss of every run against the iteration, below and above the threshold."""
    medians = to_frame(results.summary("tl_training", Stage.GRADIENTS))
    ratios = sorted({round(r, 1) for r in medians["parameters"] / medians["rank_formula"]})
    systems = by_parameters(results.cells("tl_training", Stage.GRADIENTS), SYSTEM)
    several = len({name[:-1] for name in systems}) < len(systems)
    figure, rows = panels(len(OPTIMISERS), len(systems))
    tables = []
    for line, (system, cells) in zip(rows, systems.items(), strict=True):
        of_system = select(medians, **dict(zip(SYSTEM, system, strict=True)))
        rank = int(of_system["rank_formula"].iloc[0])
        for cell in cells:
            axes = line[list(OPTIMISERS).index(cell["optimiser"])]
            tables += _draw_runs(axes, cell, rank, ratios)
        for axes, title in zip(line, OPTIMISERS.values(), strict=True):
            axes.set_title(title, loc="center")
            axes.set(yscale="log", xlabel="iteration", ylim=(FLOOR / 3, 2), ylabel=r"loss $\ell$")
            log_axis(axes)
        family = f", {COUPLING_NAMES[system[-1]]}" if several else ""
        line[0].set_ylabel(f"{system_name(*system[:-1])}{family}\nloss $\\ell$")
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
    systems = [item for item in series(table, *SYSTEM) if item[1]["ratio"].max() >= 1]
    columns = min(3, len(systems))
    figure, axes = panels(columns, -(-len(systems) // columns))
    for panel in axes.ravel()[len(systems) :]:
        panel.set_visible(False)
    for panel, (system, rows) in zip(axes.ravel(), systems, strict=False):
        _draw_ranks(panel, rows)
        panel.set_title(f"{system_name(*system[:-1])}{qubits(*system[:2])}", loc="center")
    legend_below(figure, axes.ravel(), columns=columns)
    caption = (
        f"Curvature ranks. {_numbers(table)} Minima: restarts with a loss below 1e-13, where "
        "the Hessian's rank is that of the wrong amplitudes' derivatives. Largest rank of all "
        "restarts; for the Hessian at random parameters the least. Lines: the number of "
        "parameters p, and the orbit dimensions at which the ranks saturate."
    )
    return Plot(figure=figure, table=table, caption=caption)


def _crossings(rows: pd.DataFrame) -> pd.DataFrame:
    """Return p_c/R of each family with its bracket; where p_c is unknown, its lower bound."""
    families = rows.groupby("couplings", sort=False)
    first, last = families.first(), families["ratio"].max()
    value, low, high = (
        (first[name] / first["rank_formula"]).where(first[name] >= 0) for name in CRITICAL
    )
    return first.assign(
        crossing=value.fillna(last), crossing_low=low.fillna(last), crossing_high=high
    )


def threshold_coefficients(results: Results) -> Plot:
    """Success, iterations and critical number of parameters for each family of coefficients."""
    table = _restarts(results, compared=True)
    chains = list(series(table, *CHAIN))
    figure, axes = panels(3, max(1, len(chains)))
    tables = [table]
    for (left, middle, right), (chain, rows) in zip(axes, chains, strict=False):
        families = [name for name in COUPLING_NAMES if name in set(rows["couplings"])]
        crossings = _crossings(rows).loc[families]
        tables.append(crossings.reset_index())
        for place, name in enumerate(families):
            chosen, style = select(rows, couplings=name), COUPLING_LOOKS[name]
            look = {**style, "linestyle": "-"}
            # Shifted a little, so that the bars of the families can be told apart.
            shifted = chosen["ratio"] + 0.008 * (place - len(families) / 2)
            points(left, shifted, chosen, "success", label=COUPLING_NAMES[name], **look)
            points(middle, shifted, chosen, "median_iterations", **look)
            points(right, [place], crossings.iloc[place : place + 1], "crossing", **style)
        algebras = crossings["lie_dimension"].astype(str) + "/" + crossings["lie_bound"].astype(str)
        right.set_xticks(range(len(families)), algebras, rotation=60)
        right.set(xlim=(-0.6, len(families) - 0.4), xlabel="dimension of the Lie algebra")
        level(right, 1.0)
        right.set_ylabel("$p_c / R$")
        left.set_ylabel("share of successes")
        left.set_title(system_name(*chain), loc="center")
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
