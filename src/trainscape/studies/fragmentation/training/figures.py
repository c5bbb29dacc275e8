"""The figures of the training family."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter

from trainscape.studies.contract import Results, Stage
from trainscape.studies.fragmentation.plotting import frame, qubits, system_name
from trainscape.studies.fragmentation.spectra.figures import NAMES
from trainscape.studies.fragmentation.training.systems import CHAIN, SYSTEM
from trainscape.studies.style import COLOURS, errorbar, new_figure, note, span

__all__ = ["loss_curves", "overparameterisation", "ranks", "threshold_coefficients"]

OPTIMISERS = {"lbfgs": "L-BFGS", "adam": "Adam", "descent": "gradient descent, rate ~ 1/p"}
NEAR = 0.1
"""Distance from R, in units of R, up to which the threshold is shown enlarged."""
FLOOR = 1e-16
"""Losses below are drawn here: they are rounding."""
MARKS = "osv^Dxp*<>"


def _thresholds(results: Results, series: str, *, compared: bool) -> pd.DataFrame:
    """Return the points of the chains that are trained with several families of coefficients, which have a figure of their own, or those of the others."""
    table = frame(results.summary("tl_training", Stage.THRESHOLDS), series, "point")
    return table[table["compared"] == compared]


def _name(key: Any) -> str:
    site_dim, sites, top, label = key[: len(CHAIN)]
    return system_name(site_dim, sites, label, top)


def _title(key: Any) -> str:
    return _name(key) + qubits(int(key[0]), int(key[1]))


def overparameterisation(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw final loss and fraction of successful restarts against the number of parameters."""
    table = _thresholds(results, "training", compared=False)
    figure, ((left, middle, right),) = new_figure(3)
    systems = list(table.groupby(list(SYSTEM), sort=False))
    for number, (key, rows) in enumerate(systems):
        style: dict[str, Any] = {
            "color": COLOURS[number % len(COLOURS)],
            "fmt": MARKS[number % len(MARKS)] + "-",
            "markersize": 3,
        }
        ratio = rows["parameters"] / rows["rank_formula"]
        drawn = rows.assign(
            **{
                name: np.maximum(rows[name], FLOOR)
                for name in ("median_loss", "median_loss_low", "median_loss_high")
            }
        )
        errorbar(
            left,
            ratio,
            drawn,
            "median_loss",
            label=f"{_name(key)}: R = {rows['rank_formula'].iloc[0]}",
            **style,
        )
        middle.plot(ratio, rows["success"], style["fmt"], color=style["color"], markersize=3)
        near = rows[abs(ratio - 1) < NEAR]
        if len(near) > 3:
            errorbar(right, near["parameters"] / near["rank_formula"], near, "success", **style)
    for axes in (left, middle, right):
        axes.axvline(1, color="0.5", lw=0.8, ls="--")
        axes.set(xlabel="parameters $p / R$")
    for axes in (left, middle):
        axes.set(xscale="log")
    left.set(yscale="log", title="median final loss")
    left.legend(fontsize=5, loc="lower left")
    middle.set(title="fraction of restarts below $10^{-8}$")
    right.set(
        title="the same where p was refined around R",
        xlim=(1 - NEAR, 1 + NEAR),
        ylim=middle.get_ylim(),
    )
    note(
        figure,
        f"{span(table['restarts'])} restarts by L-BFGS for each number of parameters, on {span(table['instances'])} instances. "
        "Bars: 95 % order-statistic interval of the median, 95 % Wilson interval of the fraction.",
    )
    return figure, table


def loss_curves(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw the loss of every run against the iteration, below and above the threshold."""
    summary = results.summary("tl_training", Stage.GRADIENTS)
    cells = results.cells("tl_training", Stage.GRADIENTS)
    curves = frame(summary, "curves", "curve")
    systems = list(curves.groupby(list(SYSTEM), sort=False))
    several = len({key[: len(CHAIN)] for key, _ in systems}) < len(systems)
    figure, panels = new_figure(len(OPTIMISERS), len(systems), height=2.4)
    tables = []
    for line, (key, chosen) in zip(panels, systems, strict=True):
        family = f", {NAMES[str(key[-1])]}" if several else ""
        ratios = sorted(
            set(zip(chosen["parameters"].tolist(), chosen["rank_formula"].tolist(), strict=True))
        )
        colours = dict(zip((count for count, _ in ratios), COLOURS, strict=False))
        for axes, (optimiser, title) in zip(line, OPTIMISERS.items(), strict=True):
            for count, rank in ratios:
                mine = [
                    cell
                    for cell in cells
                    if (*(cell[name] for name in SYSTEM), cell["optimiser"]) == (*key, optimiser)
                ]
                for number, cell in enumerate(mine):
                    losses = cell.data["loss"].sel(parameters=count).values
                    iterations = cell.data["iteration"].values
                    for index, losses_of_run in enumerate(losses):
                        label = (
                            f"p = {count} = {count / rank:.2g} R"
                            if number == 0 and index == 0
                            else None
                        )
                        axes.plot(
                            iterations,
                            np.maximum(losses_of_run, FLOOR),
                            color=colours[count],
                            lw=0.7,
                            alpha=0.8,
                            label=label,
                        )
                        run = {
                            "iteration": iterations,
                            "loss": losses_of_run,
                            "run": index,
                            "instance": cell["instance"],
                        }
                        tables.append(
                            pd.DataFrame(
                                {
                                    **dict(zip(SYSTEM, key, strict=True)),
                                    "parameters": count,
                                    "rank_formula": rank,
                                    "optimiser": optimiser,
                                    **run,
                                }
                            )
                        )
            axes.set(
                yscale="log",
                xlabel="iteration",
                ylim=(FLOOR / 3, 2),
                title=f"{_title(key)}{family}: {title}",
            )
        line[0].set(ylabel="loss")
        line[-1].legend(fontsize=6, loc="lower left")
    note(
        figure,
        f"Each line is one run; {span(curves['runs'])} runs for each number of parameters, the same starts for all optimisers. Losses below 1e-16 are drawn there.",
    )
    return figure, pd.concat(tables, ignore_index=True)


def ranks(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw the ranks of the Hessian and of the quantum Fisher information against the number of parameters, at minima and at random parameters."""
    table = _thresholds(results, "ranks", compared=False)
    shown = [
        (key, rows)
        for key, rows in table.groupby(list(SYSTEM), sort=False)
        if (rows["parameters"] >= rows["rank_formula"]).any()
    ]
    columns = min(3, len(shown))
    figure, panels = new_figure(columns, -(-len(shown) // columns), height=2.5)
    for axes in panels.ravel()[len(shown) :]:
        axes.set_visible(False)
    for axes, (key, rows) in zip(panels.ravel(), shown, strict=False):
        minima = rows[rows["converged"] > 0]
        rank, fisher = rows["rank_formula"].iloc[0], rows["qfim_formula"].iloc[0]
        axes.axhline(rank, color=COLOURS[0], lw=0.8, label=f"R = {rank}")
        axes.axhline(fisher, color=COLOURS[1], lw=0.8, ls="--", label=f"QFIM formula = {fisher}")
        counts = rows["parameters"]
        axes.plot(counts, counts, color="0.5", lw=0.8, ls=":", label="$p$")
        axes.plot(
            counts,
            rows["start_hessian_rank_least"],
            "^",
            color=COLOURS[2],
            mfc="none",
            label="Hessian, random parameters",
        )
        axes.plot(
            counts,
            rows["start_qfim_rank_largest"],
            "s",
            color=COLOURS[1],
            mfc="none",
            ms=5,
            label="QFIM, random parameters",
        )
        axes.plot(
            counts,
            rows["qfim_rank_largest"],
            "x",
            color=COLOURS[1],
            label="QFIM, where training ended",
        )
        axes.plot(
            minima["parameters"],
            minima["hessian_rank_largest"],
            "o",
            color=COLOURS[0],
            ms=3,
            label="Hessian, minima",
        )
        axes.set_xscale("log", base=2)
        axes.set_yscale("log", base=2)
        axes.xaxis.set_major_formatter(ScalarFormatter())
        axes.yaxis.set_major_formatter(ScalarFormatter())
        axes.set(xlabel="parameters $p$", ylabel="rank", title=_title(key))
    panels.ravel()[0].legend(fontsize=5, loc="upper left")
    note(
        figure,
        f"{span(table['restarts'])} restarts for each number of parameters, on {span(table['instances'])} instances. Minima: restarts with a loss below 1e-13. "
        "Largest rank of all restarts, except Hessian at random parameters: least.",
    )
    return figure, table


def threshold_coefficients(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw success and iterations against the number of parameters for each family of coefficients, and the critical number of each."""
    summary = results.summary("tl_training", Stage.THRESHOLDS)
    table = _thresholds(results, "coefficients", compared=True)
    crossings = frame(summary, "coefficients", "system")
    crossings = crossings.rename(columns=lambda name: name.removeprefix("system_"))
    crossings = crossings[crossings["compared"]]
    chains = list(table.groupby(list(CHAIN), sort=False))
    figure, panels = new_figure(3, max(1, len(chains)))
    for (left, middle, right), (key, rows) in zip(panels, chains, strict=False):
        ticks: list[str] = []
        for number, (couplings, mine) in enumerate(rows.groupby("couplings", sort=False)):
            # Shifted a little, so that the bars of the families can be told apart.
            shift, colour = 0.008 * (number - 2.5), COLOURS[number % len(COLOURS)]
            ratio = mine["parameters"] / mine["rank_formula"]
            errorbar(
                left,
                ratio + shift,
                mine,
                "success",
                color=colour,
                fmt="o-",
                label=NAMES[str(couplings)],
            )
            middle.plot(ratio + shift, mine["median_iterations"], "o-", color=colour)
            chosen = crossings[
                np.all(
                    [
                        crossings[name] == value
                        for name, value in zip(SYSTEM, (*key, couplings), strict=True)
                    ],
                    axis=0,
                )
            ]
            found = chosen.iloc[0]
            # -1: no number that was tried is perhaps enough, and there is no bar; or none is surely enough, and the bar ends where the numbers tried do.
            if found["critical_low"] >= 0:
                high = (
                    found["critical_high"]
                    if found["critical_high"] >= 0
                    else mine["parameters"].max()
                )
                bar = np.array([found["critical_low"], high]) / found["rank_formula"]
                right.plot(bar, [number, number], "-", color=colour, lw=1.5)
            if found["critical"] >= 0:
                right.plot(found["critical"] / found["rank_formula"], number, "o", color=colour)
            ticks.append(
                f"{NAMES[str(couplings)]}: {found['lie_dimension']} of {found['lie_bound']}"
            )
        right.set_yticks(range(len(ticks)), ticks, fontsize=7)
        right.set(
            ylim=(len(ticks) - 0.5, -0.5),
            xlabel="$p_c / R$",
            title="critical number; dimension of the Lie algebra",
            xlim=left.get_xlim(),
        )
        left.set(
            xlabel="parameters $p / R$",
            title=f"{_name(key)}: restarts below $10^{{-8}}$, R = {rows['rank_formula'].iloc[0]}",
        )
        middle.set(
            xlabel="parameters $p / R$", title="median number of L-BFGS iterations", ylim=(0, None)
        )
        for axes in (left, middle, right):
            axes.axvline(1, color="0.5", lw=0.8, ls="--")
        left.legend(fontsize=6)
    note(
        figure,
        f"{span(table['restarts'])} restarts by L-BFGS for each number of parameters, on {span(table['instances'])} instances. Left: 95 % Wilson intervals. Right: least number of parameters at which half of",
        "the restarts succeed, with the numbers that the intervals do not exclude. Lie algebra: that of H and A on all blocks with the ancilla, least of the instances, of the largest possible.",
    )
    return figure, table.merge(
        crossings[
            [*SYSTEM, "critical", "critical_low", "critical_high", "lie_dimension", "lie_bound"]
        ],
        on=list(SYSTEM),
    )
