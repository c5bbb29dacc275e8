"""Figures of the group: the table of Krylov spaces, and N, gradients and training of all models."""

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from trainscape.physics.model_catalogue import CLASSES, LABELS
from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.scaling.haar_line import chain_sectors, chain_variance
from trainscape.studies.kit.panels import (
    guide,
    level,
    log_axis,
    panels,
    points,
    same_limits,
    series,
    size_axis,
)
from trainscape.studies.kit.style import COLOURS, LINES, MARKERS, Look
from trainscape.studies.kit.tables import select, span, to_frame
from trainscape.studies.reporting import Plot, Results, Table

LOOKS: dict[str, Look] = {
    model: {
        "color": colour,
        "marker": MARKERS[place],
        "linestyle": LINES[place % len(LINES)],
        "markerfacecolor": "none" if place else colour,
    }
    for colour, models in zip((*COLOURS[:4], COLOURS[6]), CLASSES.values(), strict=True)
    for place, model in enumerate(models)
}
"""A class has its colour, a model its marker; all but the first are hollow, since many coincide."""

LINE = range(2, 21)
"""Lengths of the Temperley-Lieb chain whose exact averages are drawn as a line."""

EASY: Look = {"marker": "_", "markersize": 7}
"""Critical number of those instances alone that are steered with few gates."""

HEADINGS = {
    "model": "model",
    "sites": "L",
    "hilbert_dimension": "dim H",
    "sectors": "sectors",
    "krylov_sum": "N",
    "bound": "N at least",
    "largest_krylov": "largest N_λ",
    "algebra_dimension": "dim A",
    "commutant_dimension": "dim C",
    "components": "components",
    "largest_component": "largest component",
    "closed_forms": "closed forms that agree",
    "fragmented": "fragmented",
    "kind": "kind",
    "strong": "strong (share)",
    "polynomial_krylov_sum": "N polynomial",
    "krylov_sum_law": "law of N",
    "commutant_dimension_law": "law of dim C",
}
"""Column of the data to its heading."""


def _mathtext(label: str) -> str:
    """Return a label of a model as a physicist would print it."""
    return label.replace("t-Jz", "$t$-$J_z$").replace("d = ", "$d$ = ").replace("r = ", "$r$ = ")


def krylov_table(results: Results) -> Table:
    """Krylov spaces of the built-in models at their largest lengths."""
    systems = to_frame(results.summary("models", Stage.DATASET))
    laws = to_frame(results.summary("models", Stage.THRESHOLDS))
    last = systems.groupby("model", sort=False).tail(1).set_index("model", drop=False)
    for quantity in ("krylov_sum", "commutant_dimension"):
        verdicts = select(laws, quantity=quantity).set_index("model")["verdict"]
        last[f"{quantity}_law"] = verdicts.reindex(last.index, fill_value="too few lengths")
    agree = last["closed_forms_agree"].astype(str) + " of " + last["closed_forms"].astype(str)
    last["closed_forms"] = agree.where(last["closed_forms"] > 0, "none known")
    last["model"] = last["model"].map(LABELS)
    return Table(
        table=last[list(HEADINGS)].rename(columns=HEADINGS).reset_index(drop=True),
        caption=(
            "Krylov spaces found from the generators alone, at the largest length L of each "
            "model. N is the sum of the distinct Krylov dimensions, with its bound from "
            "generators on disjoint supports; dim A and dim C are the dimensions of the algebra "
            "and its commutant; components are those of product states that the generators "
            "connect. All numbers are exact. Verdicts are fits over all lengths. Strong: the "
            "largest Krylov space is an exponentially small share of its symmetry sector. N "
            "polynomial: the condition of arXiv:2512.00751 on the full space. Law: the better "
            "of power law and exponential in L. Undecided: these lengths do not tell."
        ),
    )


def _note(axes: Axes, text: str, x: float, y: float, **place: Any) -> None:
    """Write a small text beside a point, to its right unless `place` says otherwise."""
    place = {"xytext": (3, 0), "va": "center"} | place
    axes.annotate(text, (x, y), textcoords="offset points", fontsize=6.5, color="0.35", **place)


def _krylov_sums(axes: Axes, chosen: pd.DataFrame, title: str) -> None:
    """Draw N of the models of a class against the length, with the bounds of their ranges."""
    for model, rows in series(chosen, "model"):
        axes.plot(rows["sites"], rows["krylov_sum"], **LOOKS[model])
    last = chosen.groupby("model").tail(1)
    longest = int(chosen["sites"].max())
    lengths = np.arange(2, longest + 1)
    reaches = sorted(set(last["range"][last["range"] < last["sites"]]))
    for reach in reaches:
        guide(axes, lengths, 2.0 ** (lengths // reach), drawstyle="steps-mid", color="0.6")
    _note(axes, f"$r$ = {', '.join(map(str, reaches))}", longest, 2.0 ** (longest // reaches[0]))
    axes.margins(y=0.1)
    axes.set_title(_mathtext(title), loc="right")
    axes.set(yscale="log", xlabel="sites $L$")


def _legend(figure: Figure, drawn: Collection[str]) -> None:
    """Put one legend below the panels, with one column for each class of models."""
    empty: Look = {"linestyle": "none"}
    columns = [
        [
            (title, empty),
            *((label, LOOKS[model]) for model, label in models.items() if model in drawn),
        ]
        for title, models in CLASSES.items()
    ]
    height = 1 + max(len(models) for models in CLASSES.values())
    entries = [entry for column in columns for entry in [*column, *[("", empty)] * height][:height]]
    handles = [Line2D([], [], **look) for _, look in entries]
    labels = [_mathtext(label) for label, _ in entries]
    figure.legend(handles, labels, loc="outside lower center", ncols=len(columns))


def _crossings(trained: pd.DataFrame) -> pd.DataFrame:
    """Return critical numbers of parameters in units of R, one row for each system that has one."""
    systems = trained.drop_duplicates(["model", "sites", "couplings"])
    systems = systems[systems["critical"] > 0].copy()
    for end in ("", "_low", "_high"):
        count = systems[f"critical{end}"]
        systems[f"critical_ratio{end}"] = (count / systems["rank_formula"]).where(count > 0)
    return systems


def _thresholds(axes: Axes, crossings: pd.DataFrame) -> None:
    """Draw critical numbers of parameters; systems of equal R stand side by side."""
    equal = crossings.groupby("rank_formula")["rank_formula"]
    offset = equal.cumcount() - (equal.transform("size") - 1) / 2
    places = crossings["rank_formula"] * 1.07**offset
    for (_, row), place in zip(crossings.iterrows(), places, strict=True):
        look: dict[str, Any] = {**LOOKS[row["model"]], "linestyle": "none"}
        points(axes, [place], row.to_frame().T, "critical_ratio", **look)
        if 0 < row["easy_critical"] < row["critical"]:
            guide(axes, [place], [row["easy_critical"] / row["rank_formula"]], **(look | EASY))
        if row["couplings"] != "u0515":
            below = {"xytext": (0, 16), "ha": "center", "va": "bottom"}
            _note(axes, row["couplings"], place, row["critical_ratio"], **below)
    level(axes, 1)
    axes.margins(0.15, 0.3)
    axes.set(xscale="log", xlabel="orbit rank $R$", ylabel="$p_c / R$")
    axes.set_ylim(bottom=min(0.85, axes.get_ylim()[0]))
    log_axis(axes, "x")


def models(results: Results) -> Plot:
    """N, gradients and critical numbers of parameters of all models."""
    table, moments, trained = (
        to_frame(results.summary("models", stage))
        for stage in (Stage.DATASET, Stage.GRADIENTS, Stage.SIMULATE)
    )
    crossings = _crossings(trained)
    figure, grid = panels(4, 2, width=1.8, height=1.9)
    *sums, gradient, ratio, critical = grid.ravel()
    for axes, (title, members) in zip(sums, CLASSES.items(), strict=True):
        _krylov_sums(axes, select(table, model=tuple(members)), title)
    same_limits(sums)
    same_limits(sums, "x")
    for axes in sums:
        size_axis(axes, table["sites"], most=5)
        log_axis(axes)
        axes.tick_params(labelleft=axes in grid[:, 0])
    for axes in grid[:, 0]:
        axes.set_ylabel(r"$N = \sum_\lambda N_\lambda$")
    for model, rows in series(moments, "model"):
        look = {**LOOKS[model], "linestyle": "none"}
        x = rows["krylov_dimension_sum"]
        haar = {"linestyle": "none", "marker": "_", "markersize": 7, "color": look["color"]}
        guide(gradient, x, rows["haar"], **haar)
        points(gradient, x, rows, "second_moment", **look)
        points(ratio, x, rows, "haar_ratio", **look)
    gradient.set(xscale="log", yscale="log", ylabel=r"$E[(\partial_k \ell)^2]$ (rad$^{-2}$)")
    ratio.set(xscale="log", ylabel="ratio to Haar")
    line = {
        sum(sector.dimension for sector in chain_sectors(sites)): chain_variance(sites)
        for sites in LINE
    }
    shown = [total for total in line if total <= moments["krylov_dimension_sum"].max()]
    guide(gradient, shown, [line[total] for total in shown])
    level(ratio, 1)
    for axes in (gradient, ratio):
        axes.set_xlabel("$N$")
        size_axis(axes, moments["krylov_dimension_sum"], most=5)
    log_axis(gradient)
    _thresholds(critical, crossings)
    _legend(figure, set(table["model"]))
    caption = (
        "(a) to (e) Sum N of the distinct Krylov dimensions against the length, by class of "
        "model, exact; Temperley-Lieb (TL) chains have the same N for all d. Grey steps: no "
        "chain with generators of range r on every place has N below 2^floor(L/r), from above "
        "with increasing r; the collective algebra is not local. (f) Second moment of the "
        f"gradient against N, {span(moments['instances'])} instances and "
        f"{span(moments['samples'])} samples in all for each point; the label is the sector, the "
        "mean is over the middle half of the gates. Dashes: exact Haar averages; line: those of "
        "the Temperley-Lieb chain. (g) The same divided by the Haar average of the model's own "
        "blocks. Bars: 95 % bootstrap intervals over "
        "instances. (h) Least number of parameters p_c at which half of the restarts succeed, "
        f"over the orbit rank R of the model's blocks, {span(trained['restarts'])} restarts by "
        "L-BFGS for each number of parameters, each on an instance of its own. Bars: the "
        "numbers that 95 % Wilson intervals of the success do not exclude; an arrow where none "
        "that was tried bounds them. Dashes: of the instances alone that are steered with few "
        "gates, where it is smaller. Systems of equal R stand side by side. Not drawn: systems "
        "in which no number that was tried is enough."
    )
    parts = {"krylov_spaces": table, "gradients": moments, "training": crossings}
    frames = [frame.assign(part=part) for part, frame in parts.items()]
    return Plot(figure=figure, table=pd.concat(frames, ignore_index=True), caption=caption)
