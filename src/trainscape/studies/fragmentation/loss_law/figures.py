"""Figure of the family ``loss_law``."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy import stats

from trainscape.studies.contract import Results, Stage
from trainscape.studies.fragmentation.loss_law.simulate import independent_losses
from trainscape.studies.style import COLOURS, label_ticks, new_figure, note, span

__all__ = ["loss_law"]


def loss_law(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw histograms and cumulative distributions of the longest chain beside the Beta law, and the distance of the two against the number of parameters."""
    table = results.summary("loss_law", Stage.SIMULATE).to_dataframe().reset_index(drop=True)
    sites, counts = table["sites"].max(), sorted(table["parameters"].unique())
    cells = results.cells("loss_law", Stage.SIMULATE)
    figure, ((left, middle, right),) = new_figure(3)
    rows = table[(table["sites"] == sites) & (table["parameters"] == counts[-1])]
    dimensions = rows["dimension"].to_numpy()
    grid = np.linspace(1e-3, 1 - 1e-3, 400)
    for count, style in ((counts[0], ":"), (counts[-1], "-")):
        mine = [cell for cell in cells if (cell["sites"], cell["parameters"]) == (sites, count)]
        parts = [independent_losses(cell.data["losses"].values, dimensions) for cell in mine]
        for colour, sector, (_, row) in zip(
            COLOURS, range(len(rows)), rows.iterrows(), strict=False
        ):
            values = np.sort(np.concatenate([part[sector] for part in parts]))
            law = stats.beta(row["dimension"] * (row["ancilla_dim"] - 1), row["dimension"])
            difference = np.searchsorted(values, grid, side="right") / len(values) - law.cdf(grid)
            middle.plot(grid, difference, style, color=colour, lw=1 if style == "-" else 0.8)
            if count == counts[-1]:
                left.hist(
                    values,
                    bins=40,
                    range=(0, 1),
                    density=True,
                    histtype="step",
                    color=colour,
                    label=rf"$N_\lambda$ = {row['dimension']:.0f}",
                )
                left.plot(grid, law.pdf(grid), color=colour, lw=0.8, ls="--")
    left.set(
        xlabel=r"loss $\ell_i$ of one input",
        title=f"density, L = {sites}, p = {counts[-1]} (dashed: Beta law)",
    )
    left.legend()
    middle.axhline(0, color="0.4", lw=0.8)
    middle.set(
        xlabel=r"loss $\ell_i$ of one input",
        title=f"measured minus Beta cumulative (dotted: p = {counts[0]})",
    )
    for marker, (length, chosen) in zip("os^vD", table.groupby("sites"), strict=False):
        for colour, (lines, line) in zip(COLOURS, chosen.groupby("through_lines"), strict=False):
            label = rf"L = {length}, $2\lambda$ = {lines}"
            right.plot(
                line["parameters"],
                line["distance"],
                f"{marker}-",
                color=colour,
                label=label,
                mfc="none" if length < sites else None,
            )
    right.plot(
        counts,
        [table.loc[table["parameters"] == count, "critical_distance"].mean() for count in counts],
        "--",
        color="0.4",
        label="1 % level",
    )
    right.set(
        xscale="log", yscale="log", xlabel="parameters $p$", title="Kolmogorov-Smirnov distance"
    )
    label_ticks(right, counts)
    right.set(ylim=(table["distance"].min() / 5, None))
    right.legend(fontsize=6, loc="lower left", ncols=2)
    note(
        figure,
        f"{span(table['samples'])} draws on {span(table['instances'])} instances for each sector and p, one input of each draw. "
        "Law: Beta(N_lambda (N_a - 1), N_lambda).",
    )
    return figure, table
