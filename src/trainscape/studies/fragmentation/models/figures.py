"""Figures of the group: the table of Krylov spaces, and N and gradients of all models."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

from trainscape.studies.contract import Results, Stage
from trainscape.studies.fragmentation.plotting import frame
from trainscape.studies.style import COLOURS, new_figure, note, span

__all__ = ["krylov_table", "models"]

MARKERS = ("o", "s", "^")
HEADINGS = {
    "system_model": "model",
    "sites": "L",
    "hilbert_dimension": "dim H",
    "sectors": "sectors",
    "krylov_sum": "N",
    "bound": "N at least",
    "largest_krylov": "max $N_\\lambda$",
    "algebra_dimension": "dim A",
    "commutant_dimension": "dim C",
    "components": "$K_{cl}$",
    "largest_component": "$D_{max}$",
    "closed": "closed\nforms",
    "fragmented": "frag-\nmented",
    "kind": "kind",
    "strong": "strong\n(share)",
    "polynomial_krylov_sum": "N poly-\nnomial",
}
"""Column of the table to its heading in the picture."""


def _table(results: Results) -> pd.DataFrame:
    """Return one row for each model and length, with the verdicts on the model, and the better of power law and exponential for N and dim C against the length (``.._law``)."""
    summary = results.summary("models", Stage.DATASET)
    systems = pd.DataFrame(
        {str(name): v.values for name, v in summary.variables.items() if v.dims == ("system",)}
    )
    verdicts = pd.DataFrame(
        {str(name): v.values for name, v in summary.variables.items() if v.dims == ("model",)}
    )
    verdicts = verdicts.rename(columns=lambda name: str(name).removeprefix("verdict_"))
    fits = results.summary("models", Stage.THRESHOLDS)
    laws = dict(zip(fits["series"].values.tolist(), fits["verdict"].values.tolist(), strict=True))
    for quantity in ("krylov_sum", "commutant_dimension"):
        systems[f"{quantity}_law"] = [
            laws.get(f"{name}, {quantity}", "too few lengths") for name in systems["system_model"]
        ]
    return systems.merge(verdicts, left_on="system_model", right_on="model", how="left").drop(
        columns="model"
    )


def krylov_table(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw the table of Krylov spaces at the largest length of each model; the CSV has all lengths."""
    table = _table(results)
    last = table.groupby("system_model", sort=False).tail(1)
    closed = [
        f"{agree}/{known}" if known else "-"
        for agree, known in zip(last["closed_forms_agree"], last["closed_forms"], strict=True)
    ]
    shown = last.assign(closed=closed)[list(HEADINGS)]
    figure, ((axes,),) = new_figure(1, width=11.5, height=0.24 * (len(shown) + 3))
    axes.axis("off")
    text = [
        [
            f"{cell:,}" if isinstance(cell, int | np.integer) else str(cell).replace("_", " ")
            for cell in row
        ]
        for row in shown.to_numpy(dtype=object)
    ]
    drawn = axes.table(
        text, colLabels=list(HEADINGS.values()), loc="center", cellLoc="right", edges="horizontal"
    )
    drawn.auto_set_font_size(False)
    drawn.set_fontsize(7)
    drawn.auto_set_column_width(range(len(HEADINGS)))
    for (row, column), cell in drawn.get_celld().items():
        cell.set(linewidth=0.3, height=(1.7 if row == 0 else 1.0) / (len(shown) + 2))
        if row == 0:
            cell.get_text().set_fontweight("bold")
        elif (
            column == list(HEADINGS).index("polynomial_krylov_sum")
            and text[row - 1][column] == "yes"
        ):
            cell.get_text().set_color(COLOURS[1])
    note(
        figure,
        "Found from the generators alone, at the largest length L of each model. N: sum of the distinct Krylov dimensions; N at least: bound from generators on disjoint supports (exact numbers, no error bars).",
        "$K_{cl}$, $D_{max}$: connected components of product states and the largest of them. Closed forms: how many of the known ones agree. Verdicts are fits over all lengths; strong: the largest Krylov space is an",
        "exponentially small share of its symmetry sector (the field's sense); N polynomial: the condition of arXiv:2512.00751 on the full space. undecided: these lengths do not tell.",
    )
    return figure, table


def models(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw N against the length with the bound for local generators, the second moment of the gradient against N with the exact Haar average, and critical numbers of parameters against N."""
    table = _table(results)
    moments = results.summary("models", Stage.GRADIENTS).to_dataframe().reset_index()
    trained = results.summary("models", Stage.SIMULATE)
    crossings = frame(trained, "critical number").rename(
        columns=lambda name: name.removeprefix("system_")
    )
    # Shifted a little, so that models of equal N can be told apart.
    equal = crossings.groupby("krylov_sum")["krylov_sum"]
    crossings["place"] = crossings["krylov_sum"] * 1.04 ** (
        equal.cumcount() - (equal.transform("size") - 1) / 2
    )
    figure, ((left, middle), (right, last)) = new_figure(2, 2, width=4.2, height=3.2)
    names = list(dict.fromkeys(table["system_model"]))
    for index, name in enumerate(names):
        style = {"color": COLOURS[index % len(COLOURS)], "marker": MARKERS[index // len(COLOURS)]}
        rows = table[table["system_model"] == name]
        left.plot(
            rows["sites"], rows["krylov_sum"], lw=0.8, ms=3, label=name.replace("_", " "), **style
        )
        for _, found in crossings[crossings["model"] == name].iterrows():
            _crossing(last, found, style)
        rows = moments[moments["model"] == name]
        if rows.empty:
            continue
        for axes, column in ((middle, "second_moment"), (right, "haar_ratio")):
            below, above = (
                rows[column] - rows[f"{column}_low"],
                rows[f"{column}_high"] - rows[column],
            )
            bars = np.nan_to_num(np.maximum([below, above], 0))
            axes.errorbar(
                rows["krylov_dimension_sum"],
                rows[column],
                yerr=bars,
                ls="",
                ms=3,
                capsize=1.5,
                elinewidth=0.7,
                **style,
            )
        middle.plot(rows["krylov_dimension_sum"], rows["haar"], color=style["color"], lw=0.8)
    lengths = np.arange(2, table["sites"].max() + 1)
    for reach, dashes in ((1, ":"), (2, "--"), (3, "-."), (4, (0, (6, 1)))):
        left.plot(
            lengths,
            2.0 ** (lengths // reach),
            color="0.6",
            lw=0.9,
            ls=dashes,
            zorder=0,
            drawstyle="steps-mid",
            label=rf"$2^{{\lfloor L/{reach} \rfloor}}$",
        )
    left.set(
        yscale="log",
        xlabel="sites $L$",
        ylabel=r"$N = \sum_\lambda N_\lambda$",
        title="sum of the Krylov dimensions, and its bound",
    )
    middle.set(
        xscale="log",
        yscale="log",
        xlabel="$N$",
        ylabel=r"$E[(\partial_k \ell)^2]$",
        title="gradient (lines: exact Haar average)",
    )
    right.set(xscale="log", xlabel="$N$", title="gradient / Haar average")
    right.axhline(1, color="0.5", lw=0.8)
    last.plot([], [], "_", color="0.4", ms=9, mew=1.5, label="R of the model's blocks")
    last.set(
        xscale="log",
        yscale="log",
        xlabel="$N$",
        ylabel="parameters",
        title="least $p$ at which half of the restarts reach $10^{-8}$",
    )
    last.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    last.yaxis.set_major_formatter(ScalarFormatter())
    last.yaxis.set_minor_formatter(NullFormatter())
    last.legend(loc="upper left")
    for axes in (middle, right, last):
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 3)))
        axes.xaxis.set_major_formatter(ScalarFormatter())
        axes.xaxis.set_minor_formatter(NullFormatter())
    figure.legend(*left.get_legend_handles_labels(), loc="outside right upper", fontsize=6)
    note(
        figure,
        "Grey: no chain with generators of range r has N below $2^{\\lfloor L/r \\rfloor}$ (the collective algebra is not local). "
        f"Gradients: {int(moments['instances'].min())} instances and {int(moments['samples'].min())} samples in all for each point,",
        "label = sector, mean over the middle half of the gates. Bars: 95 % bootstrap intervals over instances.",
        f"Training: {span(crossings['restarts'])} restarts by L-BFGS for each number of parameters, each on an instance of its own. Bars: the numbers that 95 % Wilson intervals of the success do not exclude. Open",
        "symbol: uniform coefficients. Not drawn: models in which no number that was tried is enough.",
    )
    table = table.merge(
        moments, left_on=["system_model", "sites"], right_on=["model", "sites"], how="left"
    ).drop(columns="model")
    critical = crossings.drop(columns=["series", "krylov_sum", "place"]).rename(
        columns={"restarts": "training_restarts", "couplings": "training_couplings"}
    )
    return figure, table.merge(
        critical, left_on=["system_model", "sites"], right_on=["model", "sites"], how="left"
    ).drop(columns="model")


def _crossing(axes: Axes, found: pd.Series, style: dict[str, Any]) -> None:
    """Draw one critical number of parameters with its bracket, and a dash at R; nothing if there is none."""
    if found["critical"] < 0:
        return
    # -1: no number that was tried is surely enough; the bar then ends at the critical number.
    bar = [
        [found["critical"] - found["critical_low"]],
        [max(found["critical_high"] - found["critical"], 0)],
    ]
    filled = "none" if found["couplings"] == "uniform" else style["color"]
    axes.errorbar(
        found["place"],
        found["critical"],
        yerr=bar,
        ls="",
        ms=4,
        mfc=filled,
        capsize=1.5,
        elinewidth=0.7,
        **style,
    )
    axes.plot(found["place"], found["rank_formula"], "_", color="0.4", ms=9, mew=1.5, zorder=0)
