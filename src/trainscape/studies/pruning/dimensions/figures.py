"""Figures and tables of effective dimensions, Lie algebras and ranks."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from trainscape.studies.contract import Stage
from trainscape.studies.kit.panels import (
    guide,
    legend_below,
    log_axis,
    panels,
    same_limits,
    series,
    size_axis,
)
from trainscape.studies.kit.style import Look, looks
from trainscape.studies.kit.tables import select, to_frame
from trainscape.studies.pruning.dimensions.laws import algebra_law, effective_law
from trainscape.studies.pruning.graphs import graph_label
from trainscape.studies.pruning.names import MODEL_LABELS, STAGE_LABELS, STAGES
from trainscape.studies.reporting import Plot, Results, Table

LOOKS: dict[str, Look] = dict(zip(STAGES, looks(len(STAGES)), strict=True))
DRAWN = ("A0", "A2", "A3")
"""Stages in the figure of dimensions: the first step alone halves the space at most."""
MOST_MODELS = 4
MODE_LABELS = {"free": "none", "orbits": "orbits", "kinds": "kinds"}


def _table(results: Results, family: str) -> pd.DataFrame:
    return to_frame(results.summary(family, Stage.SIMULATE))


def dimensions(results: Results) -> Plot:
    """Effective dimension and dimension of the Lie algebra against the number of qubits."""
    table = select(_table(results, "models"), stage=DRAWN)
    models = list(series(table, "model"))[:MOST_MODELS]
    figure, grid = panels(len(models), 2, width=1.9, height=2.0)
    shown: tuple[tuple[str, str, Callable[..., int | None]], ...] = (
        ("effective", "effective dimension $d$", effective_law),
        ("algebra", r"$\dim\,\mathfrak{g}$", algebra_law),
    )
    for row, (name, label, law) in zip(grid, shown, strict=True):
        for axes in row[1:]:
            axes.sharey(row[0])
        for axes, (model, rows) in zip(row, models, strict=True):
            axes.set(yscale="log", xlabel="qubits $n$")
            _against_qubits(axes, rows, name, law)
            if name == "effective":
                axes.set_title(MODEL_LABELS[model], loc="center", fontsize=7)
            size_axis(axes, rows["qubits"])
            guide(axes, [], [], label="closed form")
        row[0].set_ylabel(label)
        for axes in row:
            log_axis(axes)
    legend_below(figure, grid.flat)
    caption = (
        "Effective dimension from the state plus (above) and dimension of the Lie algebra (below) "
        "of the dense ansatz, of that of the terms of the Hamiltonian, and of the pruned one, "
        "exact. Lines: closed forms, where there is one. Chains of eight spins and more with a "
        "parameter for each term have a larger effective dimension than algebra."
    )
    return Plot(figure=figure, table=pd.concat([rows for _, rows in models]), caption=caption)


def _against_qubits(
    axes: Axes, rows: pd.DataFrame, name: str, law: Callable[..., int | None]
) -> None:
    for stage, part in series(rows[rows[name] > 0], "stage"):
        part = part.sort_values("qubits")
        look: dict[str, Any] = {**LOOKS[stage], "linestyle": "none"}
        axes.plot(part["qubits"], part[name], label=STAGE_LABELS[stage], **look)
        laws = [
            law(model, n, stage) for model, n in zip(part["model"], part["qubits"], strict=True)
        ]
        if None not in laws:
            guide(axes, part["qubits"], laws, color=LOOKS[stage]["color"])


def fisher_rank(results: Results) -> Plot:
    """Rank of the quantum Fisher information against the number of parameters, with its ceiling."""
    table = _table(results, "ranks")
    systems = []
    for model, rows in series(table, "model"):
        stages = rows.groupby("qubits")["stage"].nunique()
        size = int(max(stages[stages == stages.max()].index))
        systems.append((model, size, rows[rows["qubits"] == size]))
    columns = min(2, len(systems)) if len(systems) < 5 else 3
    figure, grid = panels(columns, math.ceil(len(systems) / columns), width=6.4 / columns)
    for axes, (model, size, rows) in zip(grid.flat, systems, strict=False):
        axes.set(xscale="log", yscale="log", xlabel="parameters $P$", ylabel="rank of the QFIM")
        for stage, part in series(rows, "stage"):
            look = {**LOOKS[stage], "linestyle": "none", "markersize": 3}
            axes.plot(part["parameters"], part["rank"], label=STAGE_LABELS[stage], **look)
            guide(axes, part["parameters"], part["bound"], color=LOOKS[stage]["color"])
        guide(axes, [], [], label=r"least of $P$, $\dim\,\mathfrak{g}$, $2(d-1)$")
        axes.set_title(f"{MODEL_LABELS[model]}, $n = {size}$", loc="center", fontsize=7)
    shown = list(grid.flat[: len(systems)])
    same_limits(shown)
    for axes in shown:
        log_axis(axes)
        log_axis(axes, "x")
    for axes in grid.flat[len(systems) :]:
        axes.set_visible(False)
    legend_below(figure, shown, columns=5)
    caption = (
        "Rank of the quantum Fisher information matrix against the number of parameters, the "
        "largest of some random points, a point for each depth. Lines: the ceiling, the least of "
        "the number of parameters P, the dimension of the Lie algebra and 2 (d - 1). Free fermions "
        "(Ising rings and chains, cuts of rings) stay below it: their orbits are smaller. Equal "
        "ranks of two ansätze lie on each other."
    )
    return Plot(figure=figure, table=pd.concat([rows for _, _, rows in systems]), caption=caption)


def _counted(values: pd.Series, limit: str = "not counted") -> list[str]:
    return [str(value) if value > 0 else limit for value in values]


def model_dimensions(results: Results) -> Table:
    """Dimensions of every model, at every stage of pruning."""
    found = _table(results, "models")
    table = pd.DataFrame(
        {
            "model": [MODEL_LABELS[name].replace("$", "") for name in found["model"]],
            "n": found["qubits"],
            "stage": found["stage"],
            "parameters": found["parameters"],
            "gates": found["gates"],
            "d": found["effective"],
            "dim g": _counted(found["algebra"]),
            "algebra": found["name"],
        }
    )
    caption = (
        "A layer of each ansatz (A0 dense, A1 symmetric, A2 terms of H, A3 pruned): parameters, "
        "gates, effective dimension d from the state plus, Lie algebra. Dimensions are exact. "
        "Algebras of sums are named up to six qubits and a hundred dimensions."
    )
    return Table(table=table, caption=caption)


def graph_dimensions(results: Results) -> Table:
    """Symmetries and dimensions of MaxCut on named graphs."""
    found = _table(results, "graphs")
    table = pd.DataFrame(
        {
            "graph": [graph_label(name) for name in found["graph"]],
            "vertices": found["vertices"],
            "edges": found["edges"],
            "automorphisms": found["automorphisms"],
            "vertex orbits": found["vertex_orbits"],
            "edge orbits": found["edge_orbits"],
            "sector": found["sector"],
            "shared": [MODE_LABELS[mode] for mode in found["mode"]],
            "parameters": found["parameters"],
            "d": found["effective"],
            "dim g": _counted(found["algebra"]),
            "algebra": found["name"],
        }
    )
    caption = (
        "MaxCut on graphs, with a parameter for each gate (none shared), for each orbit of the "
        "automorphisms, or for each kind of gate, as QAOA has it. Sector: orbits of bit strings "
        "under automorphisms and the flip of all bits, at least the effective dimension d of the "
        "tied ansätze."
    )
    return Table(table=table, caption=caption)
