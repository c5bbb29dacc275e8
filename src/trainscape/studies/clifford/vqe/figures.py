"""Figures of the training runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from trainscape.studies.clifford.names import (
    ENCODER_LOOKS,
    LAW_COLOURS,
    LAW_LABELS,
    OBSERVABLE_LABELS,
)
from trainscape.studies.clifford.vqe.views import (
    LEVEL,
    System,
    against,
    at,
    main_rate,
    patch_name,
    systems_of,
    tests_of,
)
from trainscape.studies.contract import Stage
from trainscape.studies.kit.panels import legend_below, level, log_axis, panels, same_limits
from trainscape.studies.kit.style import COLOURS, Look
from trainscape.studies.kit.tables import select, span, to_frame
from trainscape.studies.reporting import Plot, Results

PLAIN, ENCODED = (
    {name: ENCODER_LOOKS[encoder][name] for name in ("color", "linestyle")}
    for encoder in ("none", "lce")
)
STARTS = (("plain", "without encoder", PLAIN), ("lce", "with encoder", ENCODED))

METHODS = {
    ("lce", "gd"): "encoder",
    ("plain", "gd"): "no encoder",
    ("angles", "gd"): "encoder by angles",
    ("clifford", "gd"): "Clifford search",
    ("gaussian", "gd"): r"Gaussian, $\sigma^2 = \frac{1}{4S(L+2)}$",
    ("identity", "gd"): "identity blocks",
    ("plain", "adam"): "no encoder, Adam",
    ("lce", "adam"): "encoder, Adam",
    ("plain", "walk"): "random walk, no encoder",
    ("lce", "walk"): "random walk, encoder",
}

LABELS = {
    "loss": "loss $C$",
    "gradient_norm": r"gradient norm $\|\nabla C\|$",
    "parameter_norm": r"angles $\|\theta\|$ (rad)",
}
"""Recorded quantities."""

WIDTH = 1.8
"""Inches of a panel: four patches fill the width of a page."""

Row = tuple[str, str, Sequence[tuple[pd.DataFrame, str, Look]]]
"""What a row of panels shows: its label, a recorded quantity, and series with label and look."""


def _curves(results: Results, family: str) -> pd.DataFrame:
    """Return one row for each recorded iteration of each run: a cell in one patch."""
    summary = results.summary(family, Stage.THRESHOLDS).drop_dims("test")
    frame = summary.to_dataframe().reset_index()
    return frame.drop_duplicates(["run", "iteration"]).drop(columns=["run", "point"])


def _runs(results: Results) -> pd.DataFrame:
    return to_frame(results.summary("vqe", Stage.THRESHOLDS), "run")


def _by_patch(table: pd.DataFrame) -> list[tuple[float, pd.DataFrame]]:
    """Return the exponent and the rows of each patch."""
    return [(float(str(name)), rows) for name, rows in table.groupby("exponent", sort=False)]


def _width(exponent: float) -> str:
    return rf"$\sigma = {LAW_LABELS[patch_name(exponent)].strip('$')}$"


def _words(*systems: System) -> str:
    named = (f"{OBSERVABLE_LABELS[name]}, $n = {n}$, $L = {depth}$" for name, n, depth in systems)
    return "; ".join(named)


def _bands(curves: pd.DataFrame) -> str:
    restarts = span(curves["restarts"])
    return f"Lines: mean over {restarts} restarts; bands: their 10 % to 90 % quantiles."


def _shades(count: int) -> list[Look]:
    """Return the looks of `count` series in the order of a quantity."""
    return [{"color": to_hex(mpl.colormaps["viridis"](x))} for x in np.linspace(0.1, 0.8, count)]


def _grid(rows: Sequence[Row], height: float, *, alike: int = 1) -> tuple[Figure, Any]:
    """Draw curves with their bands: one column for each patch, and one legend.

    Panels in a row have equal axes, as have `alike` rows that follow one another.
    """
    figure, grid = panels(4, len(rows), width=WIDTH, height=height)
    for panels_of_row, (label, name, series) in zip(grid, rows, strict=True):
        for curves, text, look in series:
            for axes, (exponent, curve) in zip(panels_of_row, _by_patch(curves), strict=True):
                x, low, high = (curve[key] for key in ("iteration", f"{name}_low", f"{name}_high"))
                axes.plot(x, curve[f"mean_{name}"], label=text, **look)
                axes.fill_between(x, low, high, color=look["color"], alpha=0.15, linewidth=0)
                if axes in grid[0]:
                    axes.set_title(_width(exponent), loc="center")
        panels_of_row[0].set_ylabel(label)
        if name == "gradient_norm":
            for axes in panels_of_row:
                axes.set_yscale("log")
    for start in range(0, len(rows), alike):
        chosen = grid[start : start + alike].ravel()
        same_limits(chosen)
        for axes in chosen:
            low, high = axes.get_ylim()
            if axes.get_yscale() == "log":
                log_axis(axes)
            else:
                axes.set_ylim(low - 0.03 * (high - low), high + 0.03 * (high - low))
    for axes in grid[:, 1:].ravel():
        axes.tick_params(labelleft=False)
    for axes in grid[:-1].ravel():
        axes.tick_params(labelbottom=False)
    for axes in grid[-1]:
        axes.set_xlabel("iteration")
    legend_below(figure, (grid[0, 0],))
    return figure, grid


def _both(curves: pd.DataFrame) -> list[tuple[pd.DataFrame, str, Look]]:
    """Return the series without and with encoder."""
    return [(select(curves, start=start), label, look) for start, label, look in STARTS]


def _product_curves(results: Results) -> tuple[pd.DataFrame, System]:
    """Return the descents on the first system of Z on all qubits, else on the first of all."""
    curves = select(_curves(results, "vqe"), optimiser="gd", start=("plain", "lce"))
    systems = systems_of(curves)
    system = next((system for system in systems if system[0] == "global_z"), systems[0])
    return at(curves, system), system


def vqe(results: Results) -> Plot:
    """Loss, gradient norm and norm of the angles during training, with and without encoder."""
    curves, system = _product_curves(results)
    rate = main_rate(_runs(results))
    curves = select(curves, rate=rate)
    figure, _ = _grid([(label, name, _both(curves)) for name, label in LABELS.items()], 1.6)
    caption = (
        f"Training on {_words(system)}: gradient descent with exact gradients, learning rate "
        f"{rate:g}, from Gaussian angles of four widths (columns; D is the number of angles). "
        f"{_bands(curves)}"
    )
    return Plot(figure=figure, table=curves, caption=caption)


def vqe_learning_rates(results: Results) -> Plot:
    """Loss during training on Z on all qubits at several learning rates."""
    curves, system = _product_curves(results)
    rates = sorted(curves["rate"].unique())
    rows = []
    for start, label, _ in STARTS:
        mine = select(curves, start=start)
        series = [
            (select(mine, rate=rate), f"rate {rate:g}", look)
            for rate, look in zip(rates, _shades(len(rates)), strict=True)
        ]
        rows.append((f"{LABELS['loss']},\n{label}", "loss", series))
    figure, _ = _grid(rows, 1.7, alike=2)
    caption = (
        f"Training on {_words(system)} without encoder (above) and with it (below): gradient "
        f"descent at several learning rates, from the same angles. {_bands(curves)}"
    )
    return Plot(figure=figure, table=curves, caption=caption)


def vqe_observables(results: Results) -> Plot:
    """Loss during training on all observables, each for its last, usually deepest, system."""
    curves = select(_curves(results, "vqe"), optimiser="gd", start=("plain", "lce"))
    rate = main_rate(_runs(results))
    systems = list({system[0]: system for system in systems_of(curves)}.values())
    parts = [select(at(curves, system), rate=rate) for system in systems]
    labels = [f"{OBSERVABLE_LABELS[system[0]]}\n{LABELS['loss']}" for system in systems]
    rows = [(label, "loss", _both(part)) for label, part in zip(labels, parts, strict=True)]
    figure, grid = _grid(rows, 1.5)
    for row, part in zip(grid, parts, strict=True):
        energy = part["ground_energy"].iloc[0]
        for axes in row:
            low, high = axes.get_ylim()
            axes.set_ylim(min(low, energy - 0.08 * (high - energy)), high)
            level(axes, energy)
    table = pd.concat(parts)
    caption = (
        f"Gradient descent with learning rate {rate:g}. From above: {_words(*systems)}. Thin "
        f"horizontal lines: lowest eigenvalue. {_bands(table)}"
    )
    return Plot(figure=figure, table=table, caption=caption)


def _intervals(axes: Axes, rows: pd.DataFrame, name: str, **look: Any) -> None:
    """Draw an estimate along x, in the line ``place`` of the picture, with its interval."""
    value, low, high = (rows[f"{name}{end}"] for end in ("", "_low", "_high"))
    bars = np.nan_to_num(np.stack([value - low, high - value])).clip(min=0)
    axes.errorbar(value, rows["place"], xerr=bars, elinewidth=0.8, linestyle="none", **look)


def _lines(panel: Axes, names: Sequence[str], label: str, *, shown: bool) -> None:
    """Name the lines of a picture, the first one at the top."""
    panel.set_ylabel(label if shown else "")
    panel.set_ylim(len(names) - 0.5, -0.5)
    panel.set_yticks(range(len(names)), names if shown else [])


def vqe_paired(results: Results) -> Plot:
    """Gain by the encoder in each patch, for all systems: paired tests of the final losses."""
    runs, tests = _runs(results), tests_of(results.summary("vqe", Stage.THRESHOLDS))
    systems = systems_of(runs)
    table = against(select(tests, rate=main_rate(runs)), "plain")
    scale = table["ground_energy"].abs()
    ends = {f"relative{end}": table[f"difference{end}"] / scale for end in ("", "_low", "_high")}
    columns = (table[name] for name in ("observable", "qubits", "layers"))
    places = [systems.index(system) for system in zip(*columns, strict=True)]
    table = table.assign(**ends, place=places, significant=table["p_holm"] < LEVEL)
    figure, (row,) = panels(4, width=WIDTH, height=0.9 + 0.2 * len(systems))
    for axes, (exponent, part) in zip(row, _by_patch(table), strict=True):
        for significant, group in part.groupby("significant"):
            filling = COLOURS[0] if significant else "none"
            look = {"marker": "o", "color": COLOURS[0], "markerfacecolor": filling}
            _intervals(axes, group, "relative", **look)
        level(axes, 0.0, vertical=True)
        axes.set_xlabel(r"$\Delta C\, /\, |E_0|$")
        axes.set_title(_width(exponent), loc="center")
        _lines(axes, [_words(system) for system in systems], "system", shown=axes is row[0])
    same_limits(row, "x")
    caption = (
        "Median paired difference of the final losses, with minus without encoder, in units of the "
        f"modulus of the lowest eigenvalue; {span(table['pairs'])} pairs each, bars: 95 % "
        "bootstrap intervals. Left of the line the encoder ends lower. Filled: p < 0.05 in the "
        "two-sided Wilcoxon signed-rank test, corrected over the four patches (Holm); differences "
        "below 0.1 % of the lowest eigenvalue are ties."
    )
    return Plot(figure=figure, table=table, caption=caption)


def vqe_baselines(results: Results) -> Plot:
    """Loss after descent with the encoder, and after cheap alternatives to it."""
    runs = _runs(results)
    rate = main_rate(runs)
    systems = systems_of(select(runs, start="clifford"))
    columns = min(len(systems), 3)
    rows = math.ceil(len(systems) / columns)
    figure, grid = panels(columns, rows, width=2.4 if columns > 1 else 3.6, height=2.8)
    drawn = []
    for axes, system in zip(grid.flat, systems, strict=False):
        mine = select(at(runs, system), rate=rate)
        for place, (start, optimiser) in enumerate(METHODS):
            method = select(mine, start=start, optimiser=optimiser)
            offsets = 0.16 * (np.arange(len(method)) - (len(method) - 1) / 2)
            drawn.append(method.assign(place=place + offsets))
            for exponent, run in _by_patch(drawn[-1]):
                look = {"color": "0.3", "marker": "D", "label": "own distribution"}
                if exponent > 0:
                    colour = LAW_COLOURS[patch_name(exponent)]
                    look = {"color": colour, "marker": "o", "label": _width(exponent)}
                _intervals(axes, run, "final_loss", markersize=3, **look)
        level(axes, mine["ground_energy"].iloc[0], vertical=True)
        axes.set_title(OBSERVABLE_LABELS[system[0]], loc="center")
        axes.set_xlabel("final loss $C$")
        _lines(axes, list(METHODS.values()), "method", shown=axes in grid[:, 0])
    for axes in grid.flat[len(systems) :]:
        axes.set_visible(False)
    legend_below(figure, grid.flat, columns=5 if columns > 1 else 3)
    table = pd.concat(drawn)
    caption = (
        f"Final losses after {span(table['iterations'])} iterations at learning rate {rate:g}: "
        f"mean over {span(table['restarts'])} restarts, bars: 95 % bootstrap intervals of the "
        f"mean. Dashed: lowest eigenvalue. {_words(*systems)}."
    )
    return Plot(figure=figure, table=table, caption=caption)


def vqe_shots(results: Results) -> Plot:
    """Loss during training with loss and gradient from measurement outcomes."""
    curves = _curves(results, "vqe_shots")
    systems = systems_of(curves)
    counts = sorted(curves["shots"].unique(), key=lambda shots: shots or math.inf)
    rows = []
    for system, (start, label, _) in product(systems, STARTS):
        mine = select(at(curves, system), start=start)
        series = [
            (select(mine, shots=shots), f"{shots} shots" if shots else "exact", look)
            for shots, look in zip(counts, _shades(len(counts)), strict=True)
        ]
        label = f"{OBSERVABLE_LABELS[system[0]]},\n{label}\n{LABELS['loss']}"
        rows.append((label, "loss", series))
    figure, grid = _grid(rows, 1.5, alike=2)
    for row, (_, _, series) in zip(grid, rows, strict=True):
        for measured, _, look in series:
            for axes, (_, curve) in zip(row, _by_patch(measured), strict=True):
                y = curve["mean_measured_loss"]
                axes.plot(curve["iteration"], y, **look, linestyle=":", linewidth=0.8)
    caption = (
        "Loss during training from measurement outcomes, without and with encoder: solid, the "
        "exact loss at the angles reached; dotted, as measured. Gradients by the parameter-shift "
        "rule; each of its 2D settings is measured with this many shots in each basis. Gradient "
        f"descent with learning rate {curves['rate'].iloc[0]:g}. {_words(*systems)}. "
        f"{_bands(curves)}"
    )
    return Plot(figure=figure, table=curves, caption=caption)


def random_walk(results: Results) -> Plot:
    """Loss during descent with the encoder, and during random walks with equal step lengths."""
    runs, curves = _runs(results), _curves(results, "vqe")
    system = systems_of(select(runs, optimiser="walk"))[0]
    curves = select(at(curves, system), rate=main_rate(runs))
    dotted = {"color": "#882255", "linestyle": ":"}
    series = [
        (select(curves, start=start, optimiser=optimiser), label, look)
        for start, optimiser, label, look in (
            ("lce", "gd", "descent with encoder", ENCODED),
            ("lce", "walk", METHODS["lce", "walk"], dotted),
            ("plain", "walk", METHODS["plain", "walk"], PLAIN | {"linestyle": ":"}),
        )
    ]
    figure, _ = _grid([(LABELS["loss"], "loss", series)], 1.8)
    table = pd.concat([part for part, _, _ in series])
    caption = (
        f"{_words(system)}. The walks start where the descent starts, and each of their steps is "
        f"as long as that of the descent. {_bands(table)}"
    )
    return Plot(figure=figure, table=table, caption=caption)
