"""Figures of the families ``tl_spectra`` and ``tl_coefficients``."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from trainscape.studies.contract import Results, Stage
from trainscape.studies.fragmentation.spectra.thresholds import CHECKS, FREENESS, GAUSSIANITY
from trainscape.studies.style import COLOURS, errorbar, label_ticks, new_figure, note, span
from trainscape.trainability.spectral_statistics import GOE, POISSON

__all__ = ["coefficients", "eth"]

NAMES = {
    "uniform": "uniform",
    "gaussian": "Gaussian",
    "u0515": "U[0.5, 1.5]",
    "u01": "U[0, 1]",
    "j2": "uniform + neighbours",
    "quasiperiodic": "quasi-periodic",
}
CHECK_NAMES = {
    "gap_ratio": "gap ratio",
    "gaussianity": "normal elements",
    "variance_ratio": "diagonal variance",
    "freeness_window": "freeness in window",
    "frame_potential_2": "frame potential",
}


def _frame(summary: xr.Dataset, dimension: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            str(name): variable.values
            for name, variable in summary.variables.items()
            if variable.dims == (dimension,)
        }
    )


def _verdicts(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw one line of marks for each model: which checks it passes."""
    colours = {True: COLOURS[2], False: COLOURS[1]}
    labels = []
    for height, (_, row) in enumerate(rows.iloc[::-1].iterrows()):
        for column, check in enumerate(CHECKS):
            passed = bool(row[f"passes_{check}"])
            axes.plot(column, height, "o" if passed else "x", color=colours[passed], ms=6, mew=1.5)
        ancilla = "" if row["ancilla_dim"] == 1 else f", ancilla {row['ancilla_dim']}"
        labels.append(f"{NAMES[row['couplings']]}{ancilla}: {row['verdict']}")
    axes.set_yticks(range(len(labels)), labels, fontsize=7)
    axes.set_xticks(
        range(len(CHECKS)),
        [CHECK_NAMES[check] for check in CHECKS],
        rotation=30,
        ha="right",
        fontsize=7,
    )
    axes.set(xlim=(-0.5, len(CHECKS) - 0.5), ylim=(-0.5, len(labels) - 0.5))
    axes.grid(visible=False)


def eth(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw gap ratio, freeness and matrix elements of the chain against the order of the block, and the checks that each model passes where its block is largest."""
    table = _frame(results.summary("tl_spectra", Stage.THRESHOLDS), "model")
    site_dims = sorted(table["site_dim"].unique())
    figure, grid = new_figure(4, len(site_dims), width=3.2)
    for (gaps, free, elements, verdicts), site_dim in zip(grid, site_dims, strict=True):
        rows = table[table["site_dim"] == site_dim]
        for colour, (couplings, mine) in zip(
            COLOURS, rows[rows["ancilla_dim"] == 1].groupby("couplings", sort=False), strict=False
        ):
            order = mine["order"]
            errorbar(gaps, order, mine, "gap_ratio", color=colour, fmt="o-", label=NAMES[couplings])
            free.plot(order, mine["freeness_window"].abs(), "o-", color=colour)
            free.plot(order, mine["freeness"].abs(), "o:", color=colour, mfc="none", lw=0.8)
            elements.plot(order, mine["gaussianity"] / (np.pi / 2), "o-", color=colour)
        for value, name in ((GOE, "GOE"), (POISSON, "Poisson")):
            gaps.axhline(value, color="0.4", lw=0.8, ls="--")
            gaps.annotate(
                name,
                (0.99, value),
                xycoords=("axes fraction", "data"),
                ha="right",
                va="bottom" if name == "GOE" else "top",
                fontsize=6,
                color="0.35",
            )
        gaps.set(
            xscale="log",
            xlabel="order of the block",
            title=f"d = {site_dim}: mean gap ratio",
            ylim=(0, 0.9),
        )
        gaps.legend(fontsize=6, loc="upper center", ncols=2)
        free.axhline(FREENESS, color="0.4", lw=0.8, ls="--")
        free.set(
            xscale="log",
            yscale="log",
            xlabel="order of the block",
            title=r"$|c_4|$ in an energy window (dotted: whole)",
        )
        elements.axhline(1, color="0.4", lw=0.8, ls="--")
        elements.axhspan(1 - GAUSSIANITY, 1 + GAUSSIANITY, color="0.9", lw=0)
        elements.set(
            xscale="log",
            yscale="log",
            xlabel="order of the block",
            title=r"$E[O_{ab}^2]\,/\,E[|O_{ab}|]^2$ over $\pi/2$",
        )
        _verdicts(
            verdicts,
            rows.loc[rows.groupby(["ancilla_dim", "couplings"], sort=False)["order"].idxmax()],
        )
        for axes in (gaps, free, elements):
            label_ticks(axes, sorted(rows.loc[rows["ancilla_dim"] == 1, "order"].unique()))
        verdicts.set(title="checks, largest block (o passes, x fails)")
    note(
        figure,
        f"Sector 2 lambda = {table['through_lines'].iloc[0]}, {span(table['draws'])} draws; reflection sectors resolved where the chain is symmetric. "
        "Bars: 95 % intervals.",
        "Dashed and grey: values of random matrices and limits of the checks. Operators e_1 and e_(L/2); 'ancilla' couples the chain to a register of that dimension.",
    )
    return figure, table


def coefficients(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw the ratio of the second moment of the gradient to its Haar average against the number of parameters and against the horizon, for each chain."""
    table = _frame(results.summary("tl_coefficients", Stage.GRADIENTS), "system")
    lengths = sorted(table["sites"].unique())
    figure, grid = new_figure(2, len(lengths))
    # The horizon of the scan of parameters, and the number of parameters of the scan of horizons.
    horizon = table.groupby("horizon")["parameters"].nunique().idxmax()
    count = table.groupby("parameters")["horizon"].nunique().idxmax()
    for (left, right), sites in zip(grid, lengths, strict=True):
        rows = table[table["sites"] == sites]
        for colour, (couplings, mine) in zip(
            COLOURS, rows.groupby("couplings", sort=False), strict=False
        ):
            # Shifted a little, so that the bars of the families can be told apart.
            shift = 1.05 ** (COLOURS.index(colour) - 2.5)
            for axes, chosen, x in (
                (left, mine["horizon"] == horizon, "parameters"),
                (right, mine["parameters"] == count, "horizon"),
            ):
                line = mine[chosen].sort_values(x)
                errorbar(
                    axes,
                    shift * line[x],
                    line,
                    "haar_ratio",
                    color=colour,
                    fmt="o-",
                    label=NAMES[couplings],
                )
        left.set(
            xlabel="parameters $p$",
            title=f"L = {sites}: ratio to the Haar average, T = {horizon:g}",
        )
        right.set(
            xlabel="horizon $T$", title=f"L = {sites}: ratio to the Haar average, p = {count}"
        )
        for axes in (left, right):
            axes.axhline(1, color="0.4", lw=0.8, ls="--")
            axes.set(xscale="log", yscale="log")
        label_ticks(left, sorted(rows.loc[rows["horizon"] == horizon, "parameters"].unique()))
    grid[0][0].legend(fontsize=6)
    note(
        figure,
        f"{span(table['instances'])} instances and {span(table['samples'])} samples in all for each point; mean over the middle half of the gates.",
        "All families share parameters and times. Bars: 95 % bootstrap intervals over instances.",
    )
    return figure, table
