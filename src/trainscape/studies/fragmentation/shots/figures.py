"""Figure of the family ``shots``."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from trainscape.studies.contract import Results, Stage
from trainscape.studies.style import COLOURS, errorbar, label_ticks, new_figure, note, span

__all__ = ["shots"]


def shots(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw the error of the derivative against the number of shots, and the shots that resolve it against both measures of size."""
    summary = results.summary("shots", Stage.SIMULATE)
    table = summary.drop_dims("budget").to_dataframe().reset_index(drop=True)
    figure, ((left, middle, right),) = new_figure(3)
    full = np.flatnonzero(table["top_sectors"] == 0)
    chosen = full[np.unique(np.linspace(0, len(full) - 1, 3).round().astype(int))]
    budgets = summary["budget_shots"].values
    for colour, index in zip(COLOURS, chosen, strict=False):
        row = table.loc[index]
        left.plot(
            budgets,
            summary["gradient_error"].values[index],
            "o",
            color=colour,
            label=f"L = {row['sites']:.0f}: error",
        )
        left.plot(
            budgets, np.sqrt(row["one_shot_variance_predicted"] / budgets), color=colour, lw=0.8
        )
        left.axhline(row["gradient_rms"], color=colour, lw=0.8, ls="--")
    left.plot([], [], color="0.5", lw=0.8, label="predicted error")
    left.plot([], [], color="0.5", lw=0.8, ls="--", label="size of the derivative")
    left.set(
        xscale="log",
        yscale="log",
        xlabel="shots $n$",
        title="root mean square, one component of the gradient",
    )
    left.legend(fontsize=6)
    for colour, (top, rows) in zip(COLOURS[3:], table.groupby("top_sectors"), strict=False):
        label = "all sectors" if top == 0 else f"top {top} sectors"
        for axes, x in ((middle, "sites"), (right, "krylov_dimension_sum")):
            errorbar(axes, rows[x], rows, "shots", fmt="o", color=colour, label=label)
            axes.plot(rows[x], rows["predicted_shots"], color=colour, lw=0.8)
    middle.plot([], [], color="0.5", lw=0.8, label="Haar prediction")
    middle.set(
        yscale="log", xlabel="sites $L$", title="shots $n_*$ for noise as large as the derivative"
    )
    right.set(
        xscale="log",
        yscale="log",
        xlabel=r"$N = \sum_\lambda N_\lambda$",
        title="against the sum of the Krylov dimensions",
    )
    label_ticks(right, sorted(table.loc[full, "krylov_dimension_sum"].unique()))
    middle.legend()
    note(
        figure,
        f"{span(table['instances'])} instances, {span(table['samples'])} samples in all. "
        "Derivatives by the four-term shift rule, shots shared out by its coefficients; a relative error e takes n_* / e^2 shots.",
        "Bars: 95 % bootstrap intervals.",
    )
    return figure, table
