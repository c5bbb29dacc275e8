"""Figures of the training runs."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from trainscape.studies.clifford import style
from trainscape.studies.clifford.vqe import views
from trainscape.studies.clifford.vqe.curve_panels import (
    ENCODED,
    PLAIN,
    WIDTH,
    bands,
    curve_grid,
    curves_of,
    descents,
    ranked_curves,
    start_curves,
    width_title,
    words,
)
from trainscape.studies.clifford.vqe.depth_trends import FEWEST_DEPTHS
from trainscape.studies.clifford.vqe.published_losses import HEISENBERG_GAINS, PUBLISHED
from trainscape.studies.clifford.vqe.sine_medians import ERROR
from trainscape.studies.contract import Stage
from trainscape.studies.kit.panels import (
    GUIDE,
    legend_below,
    level,
    panels,
    points,
    same_limits,
    series,
    size_axis,
)
from trainscape.studies.kit.style import COLOURS, looks
from trainscape.studies.kit.tables import select, span, to_frame
from trainscape.studies.reporting import Plot, Results

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


def _product(curves: pd.DataFrame) -> tuple[pd.DataFrame, views.System]:
    """Return the curves of the first system of Z on all qubits, else of the first of all."""
    systems = views.systems_of(curves)
    system = next((system for system in systems if system[0] == "global_z"), systems[0])
    return views.at(curves, system), system


def vqe(results: Results) -> Plot:
    """Loss, gradient norm and norm of the angles during training, with and without encoder."""
    curves, system = _product(descents(results))
    rate = views.main_rate(views.runs_of(results))
    curves = select(curves, rate=rate)
    figure, _ = curve_grid(
        [(label, name, start_curves(curves)) for name, label in LABELS.items()], 1.6
    )
    caption = (
        f"Training on {words(system)}: gradient descent with exact gradients, learning rate "
        f"{rate:g}, from Gaussian angles of four widths (columns; D is the number of angles). "
        f"{bands(curves)}"
    )
    return Plot(figure=figure, table=curves, caption=caption)


def vqe_learning_rates(results: Results) -> Plot:
    """Loss during training on Z on all qubits at several learning rates."""
    curves, system = _product(descents(results))
    rates = sorted(curves["rate"].unique())
    rows = [
        (f"{LABELS['loss']},\n{label}", "loss", ranked_curves(mine, "rate", rates, "rate {:g}"))
        for mine, label, _ in start_curves(curves)
    ]
    figure, _ = curve_grid(rows, 1.7, alike=2)
    caption = (
        f"Training on {words(system)} without encoder (above) and with it (below): gradient "
        f"descent at several learning rates, from the same angles. {bands(curves)}"
    )
    return Plot(figure=figure, table=curves, caption=caption)


def vqe_observables(results: Results) -> Plot:
    """Loss during training on all observables, each for its last, usually deepest, system."""
    rate = views.main_rate(views.runs_of(results))
    curves = descents(results)
    systems = list({system[0]: system for system in views.systems_of(curves)}.values())
    parts = [select(views.at(curves, system), rate=rate) for system in systems]
    labels = [f"{style.OBSERVABLE_LABELS[system[0]]}\n{LABELS['loss']}" for system in systems]
    rows = [(label, "loss", start_curves(part)) for label, part in zip(labels, parts, strict=True)]
    figure, grid = curve_grid(rows, 1.5)
    for row, part in zip(grid, parts, strict=True):
        energy = part["ground_energy"].iloc[0]
        for axes in row:
            low, high = axes.get_ylim()
            axes.set_ylim(min(low, energy - 0.08 * (high - energy)), high)
            level(axes, energy)
    table = pd.concat(parts)
    caption = (
        f"Gradient descent with learning rate {rate:g}. From above: {words(*systems)}. Thin "
        f"horizontal lines: lowest eigenvalue. {bands(table)}"
    )
    return Plot(figure=figure, table=table, caption=caption)


def _intervals(axes: Axes, rows: pd.DataFrame, name: str, **look: Any) -> None:
    """Draw an estimate along x, in the line ``place`` of the picture, with its interval."""
    value, low, high = (rows[f"{name}{end}"] for end in ("", "_low", "_high"))
    bars = np.nan_to_num(np.stack([value - low, high - value])).clip(min=0)
    axes.errorbar(value, rows["place"], xerr=bars, elinewidth=0.8, linestyle="none", **look)


def _lines(panel: Axes, names: Iterable[str], label: str, *, shown: bool) -> None:
    """Name the lines of a picture, the first one at the top."""
    lines = list(names)
    panel.set(ylabel=label if shown else "", ylim=(len(lines) - 0.5, -0.5))
    panel.set_yticks(range(len(lines)), lines if shown else [])


def vqe_paired(results: Results) -> Plot:
    """Gain by the encoder in each patch, for all systems: paired tests of the final losses."""
    runs = views.runs_of(results)
    systems = views.systems_of(runs)
    table = views.against(select(views.paired_tests(results), rate=views.main_rate(runs)), "plain")
    scale = table["ground_energy"].abs()
    for end in ("", "_low", "_high"):
        table[f"relative{end}"] = table[f"difference{end}"] / scale
    table["place"] = [systems.index(one) for one in table[[*views.SYSTEM]].itertuples(False, None)]
    table["significant"] = table["p_holm"] < views.LEVEL
    figure, (row,) = panels(4, width=WIDTH, height=0.9 + 0.2 * len(systems))
    for axes, (exponent, part) in zip(row, series(table, "exponent"), strict=True):
        for significant, group in part.groupby("significant"):
            filling = COLOURS[0] if significant else "none"
            look = {"marker": "o", "color": COLOURS[0], "markerfacecolor": filling}
            _intervals(axes, group, "relative", **look)
        level(axes, 0.0, vertical=True)
        axes.set_xlabel(r"$\Delta C\, /\, |E_0|$")
        axes.set_title(width_title(exponent), loc="center")
        _lines(axes, map(words, systems), "system", shown=axes is row[0])
    same_limits(row, "x")
    caption = (
        "Median paired difference of the final losses, with minus without encoder, in units of the "
        f"modulus of the lowest eigenvalue; {span(table['pairs'])} pairs each, bars: 95 % "
        "bootstrap intervals. Left of the line the encoder ends lower. Filled: p < 0.05 in the "
        "two-sided Wilcoxon signed-rank test, corrected over the four patches (Holm); differences "
        "below 0.1 % of the lowest eigenvalue are ties."
    )
    return Plot(figure=figure, table=table, caption=caption)


def vqe_depth(results: Results) -> Plot:
    """Gain by the encoder against the number of layers, by observable and number of qubits."""
    runs = views.runs_of(results)
    tests = views.against(select(views.paired_tests(results), rate=views.main_rate(runs)), "plain")
    depths = tests.groupby(["observable", "qubits"])["layers"].transform("nunique")
    # Where no observable has three depths, all are shown.
    table = tests[depths >= min(FEWEST_DEPTHS, depths.max())].copy()
    for end in ("", "_low", "_high"):
        table[f"relative{end}"] = table[f"difference{end}"] / table["ground_energy"].abs()
    kinds = list(series(table, "observable", "qubits"))
    figure, (row,) = panels(4, width=WIDTH, height=2.0)
    for patch, (axes, (exponent, _)) in enumerate(zip(row, series(table, "exponent"), strict=True)):
        axes.set(xscale="log", xlabel="layers $L$")
        for ((name, qubits), rows), look in zip(kinds, looks(len(kinds)), strict=True):
            rows = select(rows, exponent=exponent).sort_values("layers")
            label = f"{style.OBSERVABLE_LABELS[name]}, $n = {qubits}$"
            points(axes, rows["layers"], rows, "relative", label=label, **look)
        for (qubits, layers), gains in HEISENBERG_GAINS.items():
            label = f"published, Heisenberg, $n = {qubits}$"
            look = {"color": "0.1", "marker": "*", "markersize": 6, "linestyle": "none"}
            axes.plot([layers], [gains[patch]], label=label, gid=GUIDE, **look)
        level(axes, 0.0)
        axes.set_title(width_title(exponent), loc="center")
        size_axis(axes, [*table["layers"], 6, 36], most=5)
    row[0].set_ylabel(r"$\Delta C\, /\, |E_0|$")
    same_limits(row)
    low, high = row[0].get_ylim()
    for axes in row:
        axes.set_ylim(low - 0.06 * (high - low), high)
    for axes in row[1:]:
        axes.tick_params(labelleft=False)
    legend_below(figure, row[:1])
    caption = (
        "Median paired difference of the final losses, with minus without encoder, in units of the "
        f"modulus of the lowest eigenvalue; {span(table['pairs'])} pairs each, bars: 95 % "
        "bootstrap intervals. Below the line the encoder ends lower. Stars: means of the published "
        "runs (1000 iterations at a learning rate of 0.01; those of 6 layers with 128 shots)."
    )
    return Plot(figure=figure, table=table, caption=caption)


def _method_ends(axes: Axes, runs: pd.DataFrame) -> pd.DataFrame:
    """Draw the final losses of all methods on one system, and return what is drawn."""
    drawn = []
    for place, (start, optimiser) in enumerate(METHODS):
        method = select(runs, start=start, optimiser=optimiser)
        offsets = 0.16 * (np.arange(len(method)) - (len(method) - 1) / 2)
        drawn.append(method.assign(place=place + offsets))
        for exponent, run in series(drawn[-1], "exponent"):
            look = {"color": "0.3", "marker": "D", "label": "own distribution"}
            if exponent > 0:
                colour = style.LAW_COLOURS[views.patch_name(exponent)]
                look = {"color": colour, "marker": "o", "label": width_title(exponent)}
            _intervals(axes, run, "final_loss", markersize=3, **look)
    level(axes, runs["ground_energy"].iloc[0], vertical=True)
    axes.set_xlabel("final loss $C$")
    return pd.concat(drawn)


def vqe_baselines(results: Results) -> Plot:
    """Loss after descent with the encoder, and after cheap alternatives to it."""
    runs = views.runs_of(results)
    rate = views.main_rate(runs)
    systems = views.systems_of(select(runs, start="clifford"))
    columns = min(len(systems), 3)
    rows = math.ceil(len(systems) / columns)
    figure, grid = panels(columns, rows, width=2.4 if columns > 1 else 3.6, height=2.8)
    drawn = []
    for axes, system in zip(grid.flat, systems, strict=False):
        drawn.append(_method_ends(axes, select(views.at(runs, system), rate=rate)))
        axes.set_title(style.OBSERVABLE_LABELS[system[0]], loc="center")
        _lines(axes, METHODS.values(), "method", shown=axes in grid[:, 0])
    for axes in grid.flat[len(systems) :]:
        axes.set_visible(False)
    legend_below(figure, grid.flat, columns=5 if columns > 1 else 3)
    table = pd.concat(drawn)
    caption = (
        f"Final losses after {span(table['iterations'])} iterations at learning rate {rate:g}: "
        f"mean over {span(table['restarts'])} restarts, bars: 95 % bootstrap intervals of the "
        f"mean. Dashed: lowest eigenvalue. {words(*systems)}."
    )
    return Plot(figure=figure, table=table, caption=caption)


def vqe_shots(results: Results) -> Plot:
    """Loss during training with loss and gradient from measurement outcomes."""
    curves = curves_of(results, "vqe_shots")
    counts = sorted(curves["shots"].unique(), key=lambda shots: shots or math.inf)
    rows = []
    for (name, *_), one in views.by_system(curves):
        for mine, label, _ in start_curves(one):
            label = f"{style.OBSERVABLE_LABELS[name]},\n{label}\n{LABELS['loss']}"
            rows.append((label, "loss", ranked_curves(mine, "shots", counts, "{} shots")))
    figure, grid = curve_grid(rows, 1.5, alike=2)
    for row, (_, _, drawn) in zip(grid, rows, strict=True):
        for measured, _, look in drawn:
            for axes, (_, curve) in zip(row, series(measured, "exponent"), strict=True):
                y = curve["mean_measured_loss"]
                axes.plot(curve["iteration"], y, **look, linestyle=":", linewidth=0.8)
    caption = (
        "Loss during training from measurement outcomes, without and with encoder: solid, the "
        "exact loss at the angles reached; dotted, as measured. Gradients by the parameter-shift "
        "rule; each of its 2D settings is measured with this many shots in each basis. Gradient "
        f"descent with learning rate {curves['rate'].iloc[0]:g}. "
        f"{words(*views.systems_of(curves))}. {bands(curves)}"
    )
    return Plot(figure=figure, table=curves, caption=caption)


def vqe_sines(results: Results) -> Plot:
    """Sines that a surrogate of the loss needs along the descent with the encoder."""
    table = to_frame(results.summary("vqe_sines", Stage.SIMULATE))
    names = {"zero": "about zero", "nearest": "about the nearest Clifford point"}
    kinds = list(series(table, "observable"))
    figure, grid = panels(4, len(kinds), width=WIDTH, height=1.7)
    # Medians are whole numbers and often equal: the origins stand side by side.
    aside = 0.02 * table["iteration"].max()
    for line, (observable, one) in zip(grid, kinds, strict=True):
        for axes, (exponent, part) in zip(line, series(one, "exponent"), strict=True):
            for (origin, label), look, step in zip(names.items(), looks(2), (-1, 1), strict=True):
                rows = select(part, origin=origin)
                x = rows["iteration"] + step * aside
                points(axes, x, rows, "needed", label=label, **{**look, "linestyle": "-"})
            axes.set_ylim(-0.3, 1.08 * table["needed_high"].max())
            if axes in grid[0]:
                axes.set_title(width_title(exponent), loc="center")
            if axes in grid[-1]:
                axes.set_xlabel("iteration")
            else:
                axes.tick_params(labelbottom=False)
        line[0].set_ylabel(f"{style.OBSERVABLE_LABELS[observable]}\nsines needed")
        for axes in line[1:]:
            axes.tick_params(labelleft=False)
    legend_below(figure, grid[0, :1], columns=2)
    sizes = views.systems_of(table)
    caption = (
        "Least number of sines from which on a surrogate that keeps Pauli paths with at most so "
        f"many is within {ERROR:g} of the loss, at angles along gradient descent with the encoder, "
        "expanded at zero or at the multiples of a quarter turn that are nearest. Points: median "
        f"over {span(table['restarts'])} restarts; bars: their 10 % to 90 % quantiles. "
        f"{words(*sizes)}."
    )
    return Plot(figure=figure, table=table, caption=caption)


def random_walk(results: Results) -> Plot:
    """Loss during descent with the encoder, and during random walks with equal step lengths."""
    runs = views.runs_of(results)
    system = views.systems_of(select(runs, optimiser="walk"))[0]
    curves = select(views.at(curves_of(results), system), rate=views.main_rate(runs))
    dotted = {"linestyle": ":"}
    drawn = [
        (select(curves, start=start, optimiser=optimiser), label, look)
        for start, optimiser, label, look in (
            ("lce", "gd", "descent with encoder", ENCODED),
            ("lce", "walk", METHODS["lce", "walk"], {"color": "#882255", **dotted}),
            ("plain", "walk", METHODS["plain", "walk"], PLAIN | dotted),
        )
    ]
    figure, _ = curve_grid([(LABELS["loss"], "loss", drawn)], 1.8)
    table = pd.concat([part for part, _, _ in drawn])
    caption = (
        f"{words(system)}. The walks start where the descent starts, and each of their steps is "
        f"as long as that of the descent. {bands(table)}"
    )
    return Plot(figure=figure, table=table, caption=caption)


def vqe_published(results: Results) -> Plot:
    """Loss at the end of the published protocols, beside the published numbers."""
    runs = views.runs_of(results, "vqe_published")
    protocols = [*series(runs, *views.SYSTEM, "rate", "iterations")]
    kinds = [kind for kind, _ in series(runs, "start", "optimiser")]
    look_of = dict(zip(kinds, looks(len(kinds)), strict=True))
    columns = min(len(protocols), 3)
    figure, grid = panels(columns, math.ceil(len(protocols) / columns), width=2.4, height=2.5)
    for axes, (protocol, rows) in zip(grid.flat, protocols, strict=False):
        for kind, ends in series(rows, "start", "optimiser"):
            look, places = look_of[kind], np.arange(len(ends))
            points(axes, places, ends, "final_loss", label=METHODS[kind], **look)
            star = {"marker": "*", "markersize": 7, "linestyle": "none", "markeredgewidth": 0.4}
            known = PUBLISHED.get(protocol, {}).get(kind, ())
            axes.plot(places[: len(known)], known, gid=GUIDE, color=look["color"], mec="k", **star)
        widths = [views.patch_name(exponent) for exponent in rows["exponent"].unique()]
        labels = [style.LAW_LABELS[width] for width in widths]
        axes.set_xticks(range(len(widths)), labels)
        axes.set(xlabel=r"width $\sigma$", ylabel="final loss $C$", xlim=(-0.4, len(widths) - 0.6))
        observable, qubits, layers, rate, iterations = protocol
        axes.set_title(
            f"{style.OBSERVABLE_LABELS[observable]},\n$n = {qubits}$, $L = {layers}$,\n"
            f"{iterations} steps of {rate:g}",
            loc="center",
        )
    for axes in grid.flat[len(protocols) :]:
        axes.set_visible(False)
    style.proxy(grid.flat[0], "published", marker="*", markersize=7, linestyle="none")
    legend_below(figure, grid.flat, columns=4)
    caption = (
        f"Mean final losses of {span(runs['restarts'])} runs with the published random numbers, in "
        "the four published patches; bars: 95 % bootstrap intervals of the mean over the runs. "
        "Stars: the published means of the same runs, where they are known."
    )
    return Plot(figure=figure, table=runs, caption=caption)
