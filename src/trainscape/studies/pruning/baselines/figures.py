"""Figures of the baselines: success, iterations, paired differences, and what each method keeps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from trainscape.studies.contract import Stage
from trainscape.studies.kit.panels import legend_below, level, log_axis, panels, same_limits
from trainscape.studies.kit.style import COLOURS
from trainscape.studies.kit.tables import select, span, to_frame
from trainscape.studies.pruning.baselines.names import COMPARISONS, METHODS, model_parts
from trainscape.studies.pruning.graphs import graph_label
from trainscape.studies.pruning.names import MODEL_LABELS
from trainscape.studies.reporting import Plot, Results

LEVEL = 0.05
MOST_SYSTEMS = 9
COLUMNS = 3
SYMMETRIC, OWN, RANDOM = COLOURS[0], COLOURS[2], COLOURS[1]
OWN_NUMBERS = ("dense", "fisher")
BY_SYMMETRY = ("respecting", "terms", "symmetric")


def _label(system: str) -> str:
    model = model_parts(system)
    return f"{MODEL_LABELS[model[0]]}, $n = {model[1]}$" if model else f"cut: {graph_label(system)}"


def _runs(results: Results) -> pd.DataFrame:
    """Return the table of runs, with a place on the axis of methods, the last method lowest."""
    table = to_frame(results.summary("baselines", Stage.SIMULATE))
    names = list(METHODS)
    table["place"] = [float(len(names) - names.index(method)) for method in table["method"]]
    return table


def _by_system(table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    pairs: Any = table.groupby(["system", "layers"], sort=False)
    return [(f"{_label(s)}, $L = {n}$", rows) for (s, n), rows in pairs][:MOST_SYSTEMS]


def _grid(count: int, width: float, height: float) -> tuple[Figure, list[Axes]]:
    columns = min(COLUMNS, count)
    figure, grid = panels(columns, -(-count // columns), width=width, height=height)
    for axes in list(grid.flat)[count:]:
        axes.set_visible(False)
    return figure, list(grid.flat)[:count]


def _categories(
    shown: Sequence[Axes], name: str, places: Sequence[float], labels: Sequence[str]
) -> None:
    """Name an axis and its places, in the first column alone."""
    for number, axes in enumerate(shown):
        first = number % min(COLUMNS, len(shown)) == 0
        axes.set_yticks(list(places), list(labels) if first else [""] * len(labels))
        axes.set_ylabel(name if first else "")
        axes.set_ylim(min(places) - 0.6, max(places) + 0.6)
        axes.tick_params(axis="y", which="minor", length=0)
        axes.grid(axis="y", visible=True, linewidth=0.3, color="0.85")


def _colour(method: str) -> str:
    if method in OWN_NUMBERS:
        return "0.35"
    return SYMMETRIC if method in BY_SYMMETRY else RANDOM


KINDS = {
    "0.35": "more gates",
    SYMMETRIC: "gates by symmetry and terms",
    RANDOM: "gates or ties by something else",
}


def _bars(axes: Axes, rows: pd.DataFrame, name: str, colour: str, **look: Any) -> None:
    """Draw an estimate with its horizontal interval; where that is open, up to the axis' end."""
    value, low, high = (rows[f"{name}{end}"].to_numpy(np.float64) for end in ("", "_low", "_high"))
    right = axes.get_xlim()[1]
    below = value - np.where(np.isfinite(low), low, value)
    above = np.where(np.isfinite(high), high, right) - value
    axes.errorbar(
        value,
        rows["place"],
        xerr=np.clip(np.stack([below, above]), 0, None),
        linestyle="none",
        elinewidth=0.8,
        color=colour,
        **{"marker": "o", "markersize": 3.5, **look},
    )


def _methods(axes: Axes, rows: pd.DataFrame, name: str) -> None:
    for colour, label in KINDS.items():
        own = rows[rows["method"].map(_colour) == colour]
        _bars(axes, own, name, colour, label=label)


def method_success(results: Results) -> Plot:
    """Share of restarts that converge, for each way to prune."""
    table = _runs(results)
    systems = _by_system(table)
    figure, shown = _grid(len(systems), 2.3, 2.2)
    for axes, (title, rows) in zip(shown, systems, strict=True):
        axes.set(xlim=(-0.04, 1.04), xlabel="share that converges")
        axes.set_title(title, loc="center", fontsize=7)
        _methods(axes, rows, "success")
    _categories(shown, "method", range(len(METHODS), 0, -1), list(METHODS.values()))
    legend_below(figure, shown)
    caption = (
        f"Adam from the same random angles, {span(table['restarts'])} restarts; random choices are "
        "drawn anew for each. Bars: Wilson's 95 % intervals. Where gates are tied, equal numbers "
        "of gates have fewer parameters. All methods but the first two have equal numbers of gates."
    )
    return Plot(figure=figure, table=pd.concat([rows for _, rows in systems]), caption=caption)


def method_iterations(results: Results) -> Plot:
    """Median iterations to convergence, for each way to prune."""
    table = _runs(results)
    systems = _by_system(table)
    reached = table["iterations"].to_numpy(np.float64)
    found = table[["iterations", "iterations_low", "iterations_high"]].to_numpy(np.float64)
    found = found[np.isfinite(found) & (found > 0)]
    low, high = (found.min() / 1.3, found.max() * 1.6) if len(found) else (1.0, 10.0)
    figure, shown = _grid(len(systems), 2.3, 2.2)
    for axes, (title, rows) in zip(shown, systems, strict=True):
        axes.set(xscale="log", xlim=(low, high), xlabel=r"iterations $T(\epsilon)$")
        axes.set_title(title, loc="center", fontsize=7)
        _methods(axes, rows[np.isfinite(rows["iterations"])], "iterations")
        never = rows[~np.isfinite(rows["iterations"])]
        for place in never["place"]:
            axes.annotate(
                r"$\infty$",
                (1.0, place),
                xycoords=("axes fraction", "data"),
                xytext=(-3, 0),
                textcoords="offset points",
                fontsize=7,
                color="0.35",
                ha="right",
                va="center",
            )
        log_axis(axes, "x")
    _categories(shown, "method", range(len(METHODS), 0, -1), list(METHODS.values()))
    legend_below(figure, shown)
    caption = (
        "Iterations of Adam until the energy is within the least limit of the ground state: median "
        f"over {span(table['restarts'])} restarts, those that never converge counted as infinite, "
        "with 95 % intervals by order statistics (to the right end: open). Infinity: more than "
        f"half of them never converge, in {int((~np.isfinite(reached)).sum())} of {len(table)} "
        "cases. The first part of the training is counted where the smallest angles are dropped."
    )
    return Plot(figure=figure, table=pd.concat([rows for _, rows in systems]), caption=caption)


def _compared(results: Results) -> Iterator[tuple[str, pd.DataFrame]]:
    table = to_frame(results.summary("baselines", Stage.THRESHOLDS))
    names = list(dict.fromkeys(zip(table["system"], table["layers"], strict=True)))
    order = {name: float(len(names) - place) for place, name in enumerate(names)}
    table["place"] = [order[key] for key in zip(table["system"], table["layers"], strict=True)]
    for name in COMPARISONS:
        rows = select(table, comparison=name)
        if len(rows):
            yield name, rows


OUTCOMES: dict[str, tuple[str, dict[str, Any]]] = {
    "the first is faster ($p < 0.05$)": (COLOURS[0], {}),
    "the second is faster": (COLOURS[1], {"marker": "s"}),
    "not told apart": ("0.35", {"markerfacecolor": "white"}),
    "all pairs tied": ("0.35", {"marker": "x"}),
}
"""What a test says, with colour and marker."""
BESIDE: Any = {
    "xytext": (4, 0),
    "textcoords": "offset points",
    "fontsize": 6,
    "color": "0.5",
    "va": "center",
}


def _outcome(row: dict[Any, Any]) -> str:
    first, second, open_, tied = OUTCOMES
    if row["iterations_p"] < LEVEL:
        return first if row["iterations_effect"] > 0 else second
    bounds = [row[f"iterations{end}"] for end in ("", "_low", "_high")]
    return tied if row["iterations_effect"] == 0 and not any(bounds) else open_


def paired_differences(results: Results) -> Plot:
    """Paired differences of iterations between ways to prune, in every system."""
    compared = list(_compared(results))
    table = pd.concat([rows for _, rows in compared])
    places = table.drop_duplicates("place").sort_values("place")
    figure, shown = _grid(len(compared), 2.3, 2.0)
    for axes, (name, rows) in zip(shown, compared, strict=True):
        axes.set(xlabel=r"median of $\Delta\,\log_2 T$")
        axes.set_title(COMPARISONS[name].asks, loc="center", fontsize=7)
        for label, (colour, look) in OUTCOMES.items():
            chosen = rows[[_outcome(row) == label for row in rows.to_dict("records")]]
            _bars(axes, chosen, "iterations", colour, label=label, **look)
        level(axes, 0.0, vertical=True)
    same_limits(shown, "x")
    for axes, (_, rows) in zip(shown, compared, strict=True):
        for place in sorted(set(places["place"]) - set(rows["place"])):
            axes.annotate("same method", (0.0, place), **BESIDE)
    labels = [f"{_label(s)}, $L = {n}$" for s, n in zip(places.system, places.layers, strict=True)]
    _categories(shown, "system", places["place"].tolist(), labels)
    legend_below(figure, shown)
    caption = (
        "Binary logarithm of the iterations of the first method over those of the second, from the "
        "same angles: left of zero the first needs fewer. A run that never converges counts as one "
        "iteration more than there are, so that differences are bounded, and zero where neither "
        "converges. Median of "
        f"{span(table['pairs'])} pairs with its 95 % bootstrap interval; filled: Wilcoxon's "
        "signed-rank test, corrected by Holm's method over the systems of a panel. Cross: all "
        "pairs are tied."
    )
    return Plot(figure=figure, table=table, caption=caption)


def kept_parameters(results: Results) -> Plot:
    """Gates, parameters and rank of the Fisher information that each way to prune leaves."""
    table = _runs(results)
    systems = _by_system(table)
    figure, shown = _grid(len(systems), 2.3, 2.2)
    looks: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("gates", "gates", {"marker": "s", "markersize": 6, "markerfacecolor": "none"}),
        ("parameters", "parameters", {"marker": "o", "markersize": 3.5}),
        ("rank", "rank of the QFIM", {"marker": "|", "markersize": 8, "markeredgewidth": 1.5}),
    )
    for axes, (title, rows) in zip(shown, systems, strict=True):
        axes.set(xscale="log", xlabel="number")
        axes.set_title(title, loc="center", fontsize=7)
        for colour, (name, label, look) in zip(COLOURS, looks, strict=False):
            look |= {"linestyle": "none", "color": colour, "label": label}
            axes.plot(rows[name], rows["place"], **look)
    same_limits(shown, "x")
    for axes in shown:
        log_axis(axes, "x")
    _categories(shown, "method", range(len(METHODS), 0, -1), list(METHODS.values()))
    legend_below(figure, shown)
    caption = (
        "Gates, parameters and rank of the quantum Fisher information matrix (QFIM) at random "
        f"angles; medians over {span(table['restarts'])} restarts, in which random choices are "
        "drawn anew. Null vectors of the QFIM leave as many parameters as its rank. The table has "
        "the tangent kernel for each parameter too."
    )
    return Plot(figure=figure, table=pd.concat([rows for _, rows in systems]), caption=caption)
