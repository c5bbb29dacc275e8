"""Figures of thermalisation, and of gradients for several families of coefficients."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.appearance import COUPLING_LOOKS, COUPLING_NAMES
from trainscape.studies.fragmentation.spectra.claims import EQUIVALENT, largest_blocks
from trainscape.studies.kit.panels import (
    guide,
    legend_below,
    log_axis,
    panels,
    points,
    same_limits,
    series,
    size_axis,
)
from trainscape.studies.kit.tables import select, span, to_frame
from trainscape.studies.reporting import Plot, Results, Table
from trainscape.trainability.random_matrices import FREENESS, GAUSSIANITY
from trainscape.trainability.spectral_statistics import GOE, POISSON

CHECK_NAMES = {
    "gap_ratio": "gap ratio",
    "gaussianity": "normal elements",
    "variance_ratio": "diagonal variance",
    "freeness_window": "freeness in window",
    "frame_potential_2": "frame potential",
}
BAND = {"color": "0.92", "linewidth": 0, "zorder": 0}


def _families(
    axes: Axes, table: pd.DataFrame, name: str, x: str, ends: tuple[float, float], **look: Any
) -> None:
    """Draw an estimate for each family of coefficients against ``x``, which runs from end to end.

    Families are moved sideways so that none hides another: neighbours are one hundredth of the
    logarithmic axis apart.
    """
    for couplings, rows in series(table, "couplings"):
        line = rows.sort_values(x)
        place = list(COUPLING_NAMES).index(couplings) - (len(COUPLING_NAMES) - 1) / 2
        shifted = line[x] * (ends[1] / ends[0]) ** (0.01 * place)
        style = COUPLING_LOOKS[couplings] | {"linestyle": "-", "linewidth": 0.8} | look
        points(axes, shifted, line, name, **style, label=COUPLING_NAMES[couplings])


def eth(results: Results) -> Plot:
    """Statistics of spectra and matrix elements beside random matrices, against the block."""
    table = to_frame(results.summary("tl_spectra", Stage.THRESHOLDS))
    site_dims = sorted(table["site_dim"].unique())
    site_dim = 3 if 3 in site_dims else site_dims[0]
    shown = select(table, site_dim=site_dim)
    ancillas = sorted(shown["ancilla_dim"].unique())
    figure, grid = panels(3, len(ancillas), width=2.6, height=2.3)
    normal = np.pi / 2
    for row, ancilla in zip(grid, ancillas, strict=True):
        gaps, elements, freeness = row
        rows = select(shown, ancilla_dim=ancilla)
        ends = rows["order"].min(), rows["order"].max()
        for axes in row:
            axes.set(xscale="log", xlabel="order of the block")
            size_axis(axes, rows["order"], most=4)
        elements.set(ylabel=r"$E[O_{ab}^2] \, / \, E[|O_{ab}|]^2$", yscale="log")
        freeness.set_ylabel("freeness $c_4$ in the window")
        freeness.set_yscale("symlog", linthresh=2 * FREENESS)
        for axes, name, value in (
            (gaps, "gap_ratio", GOE),
            (elements, "gaussianity", normal),
            (freeness, "freeness_window", 0.0),
        ):
            _families(axes, rows, name, "order", ends)
            guide(axes, ends, [value] * 2, linestyle="--", label="random matrices")
        guide(gaps, ends, [POISSON] * 2, linestyle=":", label="independent levels")
        elements.axhspan((1 - GAUSSIANITY) * normal, (1 + GAUSSIANITY) * normal, **BAND)
        freeness.axhspan(-FREENESS, FREENESS, **BAND)
        name = "chain alone" if ancilla == 1 else f"$N_a = {ancilla}$"
        gaps.set_ylabel(f"{name}: gap ratio")
        gaps.set_ylim(0, None)
    same_limits(grid[:, 0])
    same_limits(grid[:, 2])
    for row in grid:
        log_axis(row[1])
    legend_below(figure, (grid[0][0],), columns=4)
    caption = (
        f"Hamiltonian in the sector 2 lambda = {table['through_lines'].iloc[0]} of the chain with "
        f"d = {site_dim}, alone and coupled to the ancilla of the network, for families of its "
        f"coefficients, {span(shown['draws'])} draws; reflection sectors are resolved where the "
        "chain is symmetric, and families are shifted sideways. Left: mean ratio of consecutive "
        "gaps. Middle: matrix elements of e_1 and e_(L/2) between close levels, medians. Right: "
        "late-time freeness of the two operators inside an energy window; its axis is linear "
        f"up to {2 * FREENESS:g} on either side of zero and logarithmic beyond. Dashed: random "
        "matrices. "
        "Grey: what the checks allow. Bars: 95 % intervals; for medians of fewer than six values "
        "their range."
    )
    return Plot(figure=figure, table=table, caption=caption)


def eth_checks(results: Results) -> Table:
    """List the checks for random matrices that each model passes, where its block is largest."""
    largest = largest_blocks(to_frame(results.summary("tl_spectra", Stage.THRESHOLDS)))
    checks = [f"passes_{check}" for check in CHECK_NAMES]
    largest[checks] = np.where(largest[checks], "pass", "fail")
    headings = {
        "site_dim": "d",
        "ancilla_dim": "ancilla dimension",
        "couplings": "coefficients",
        "order": "order of the block",
        "draws": "draws",
        **dict(zip(checks, CHECK_NAMES.values(), strict=True)),
        "verdict": "verdict",
    }
    caption = (
        "Checks of the largest block of each model; an ancilla of dimension 1 is the chain alone. "
        "The limits of the checks are chosen here, since the paper states its hypothesis without "
        "numbers."
    )
    table = largest[list(headings)].rename(columns=headings).reset_index(drop=True)
    return Table(table=table, caption=caption)


def coefficients(results: Results) -> Plot:
    """Second moment of the gradient over its Haar average, for families of coefficients."""
    table = to_frame(results.summary("tl_coefficients", Stage.GRADIENTS))
    lengths = sorted(table["sites"].unique())
    # The horizon of the scan of parameters, and the number of parameters of the scan of horizons.
    horizon = table.groupby("horizon")["parameters"].nunique().idxmax()
    count = table.groupby("parameters")["horizon"].nunique().idxmax()
    scans = (
        ("parameters", select(table, horizon=horizon), f"parameters $p$ ($T = {horizon:g}$)"),
        ("horizon", select(table, parameters=count), f"horizon $T$ ($p = {count}$)"),
    )
    figure, grid = panels(2, len(lengths), width=3.6, height=2)
    for row, sites in zip(grid, lengths, strict=True):
        for axes, (x, scan, label) in zip(row, scans, strict=True):
            axes.set(xscale="log", yscale="log", xlabel=label)
            ends = scan[x].min(), scan[x].max()
            _families(axes, select(scan, sites=sites), "haar_ratio", x, ends)
            guide(axes, ends, [1, 1], linestyle="--", label="equal")
            axes.axhspan(*EQUIVALENT, **BAND)
            size_axis(axes, scan[x])
            axes.set_ylabel(f"$L = {sites}$: gradient / Haar")
    for column in grid.T:
        same_limits(column)
    for axes in grid.ravel():
        log_axis(axes)
    legend_below(figure, grid.ravel(), columns=4)
    caption = (
        "Second moment of the gradient over its exact Haar average (dashed: equal; grey: what "
        "counts as equal), against the number of parameters and against the largest time. "
        f"{span(table['instances'])} instances and {span(table['samples'])} samples in all for "
        "each point; mean over the middle half of the gates. All families share parameters and "
        "times, and are shifted sideways. Bars: 95 % bootstrap intervals over instances."
    )
    return Plot(figure=figure, table=table, caption=caption)
