"""The figure of the failures family: a table, drawn."""

from __future__ import annotations

import textwrap

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from trainscape.studies.contract import Results, Stage
from trainscape.studies.fragmentation.plotting import frame
from trainscape.studies.style import COLOURS, new_figure, note, span

__all__ = ["failures"]

NAMES = {
    "none": "sound network",
    "frozen_sector": "frozen sector",
    "short_times": "short times",
    "no_coupling": "no ancilla coupling",
    "few_parameters": "too few parameters",
    "missing_sector": "missing sector",
}


def failures(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw the final loss of each failure beside what the diagnosis said before training."""
    table = frame(results.summary("failures", Stage.SIMULATE), "failures", "row")
    figure, ((left, right),) = new_figure(2, width=4.2, height=3.6)
    places = np.arange(len(table))[::-1]
    drawn = np.maximum(table[["training_loss", "loss", "worst_sector_loss"]].to_numpy(), 1e-16)
    for column, mark, label in (
        (0, "s", "trained states"),
        (1, "o", "all Krylov states"),
        (2, "x", "worst sector"),
    ):
        left.plot(drawn[:, column], places, mark, color=COLOURS[column], label=label)
    left.axvline(1e-8, color="0.5", lw=0.8, ls="--")
    left.set(
        xscale="log",
        xlim=(1e-17, 5),
        ylim=(-0.6, len(table) - 0.4),
        xlabel="median final loss",
        title="loss after training",
    )
    left.set_yticks(places, [NAMES.get(name, name) for name in table["failure"]])
    left.legend(loc="lower left", bbox_to_anchor=(0.12, 0.55))
    right.axis("off")
    right.set(
        xlim=(0, 1),
        ylim=left.get_ylim(),
        title="what the diagnosis says before training (first instance)",
    )
    for place, (_, row) in zip(places, table.iterrows(), strict=True):
        text = row["message"] or "no finding"
        right.text(0, place, textwrap.fill(text, 82), fontsize=5.5, va="center", ha="left")
    first = table.iloc[0]
    note(
        figure,
        f"d = {first['site_dim']}, L = {first['sites']}, label lambda; {span(table['restarts'])} restarts by L-BFGS on {span(table['instances'])} instances for each, "
        f"p = {span(table['parameters'])}, T = {table['horizon'].min():g} or {table['horizon'].max():g}.",
    )
    return figure, table
