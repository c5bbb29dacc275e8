"""Figure of the distribution of losses."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from trainscape.studies.contract import Plot, Results, Stage
from trainscape.studies.fragmentation.loss_law.beta_law import pooled_losses
from trainscape.studies.kit.panels import guide, legend_below, log_axis, panels, size_axis
from trainscape.studies.kit.style import COLOURS, MARKERS
from trainscape.studies.kit.tables import select, span, to_frame

BINS = 40


def _distributions(results: Results, tests: pd.DataFrame) -> pd.DataFrame:
    """Return densities and cumulative distributions in bins, for the systems in a table of tests.

    ``loss`` is the upper end of a bin, ``density`` that in the bin, and ``difference`` the measured
    cumulative distribution at its upper end less that of the law.
    """
    edges = np.linspace(0, 1, BINS + 1)
    tables = []
    for (sites, count), rows in tests.groupby(["sites", "parameters"]):
        cells = [
            cell
            for cell in results.cells("loss_law", Stage.SIMULATE)
            if (cell["sites"], cell["parameters"]) == (sites, count)
        ]
        blocks = pooled_losses(cells, rows["dimension"].to_numpy())
        for row, parts in zip(rows.itertuples(), blocks, strict=True):
            counts, _ = np.histogram(np.concatenate(parts), edges)
            law = stats.beta(row.dimension * (row.ancilla_dim - 1), row.dimension)
            values = {
                "sites": sites,
                "parameters": count,
                "through_lines": row.through_lines,
                "dimension": row.dimension,
                "ancilla_dim": row.ancilla_dim,
                "loss": edges[1:],
                "density": BINS * counts / counts.sum(),
                "difference": np.cumsum(counts) / counts.sum() - law.cdf(edges[1:]),
            }
            tables.append(pd.DataFrame(values))
    return pd.concat(tables, ignore_index=True)


def loss_law(results: Results) -> Plot:
    """Losses of single inputs against the Beta law of Haar-random states."""
    tests = to_frame(results.summary("loss_law", Stage.SIMULATE))
    lengths, counts = sorted(tests["sites"].unique()), sorted(tests["parameters"].unique())
    sites, few, many = lengths[-1], counts[0], counts[-1]
    sectors = sorted(tests["through_lines"].unique())
    colours = dict(zip(sectors, COLOURS, strict=False))
    longest = select(tests, sites=sites, parameters=(few, many))
    curves = _distributions(results, longest)

    figure, ((densities, differences, distances),) = panels(3)
    grid = np.linspace(1e-3, 1 - 1e-3, 400)
    for (count, lines), curve in curves.groupby(["parameters", "through_lines"]):
        row, colour = curve.iloc[0], colours[lines]
        style = "-" if count == many else ":"
        differences.plot(curve["loss"], curve["difference"], style, color=colour)
        if count == many:
            densities.stairs(curve["density"], np.linspace(0, 1, BINS + 1), color=colour)
            law = stats.beta(row["dimension"] * (row["ancilla_dim"] - 1), row["dimension"])
            guide(densities, grid, law.pdf(grid), color=colour, linestyle="--")
    critical = select(longest, parameters=many)["critical_distance"].max()
    for sign in (-1, 1):
        guide(differences, [0, 1], [sign * critical] * 2, color="0.3", linestyle="-.")
    guide(differences, [0, 1], [0, 0])
    for (length, lines), rows in tests.groupby(["sites", "through_lines"]):
        marker = MARKERS[lengths.index(length)]
        look = {"color": colours[lines], "marker": marker, "linewidth": 0.8}
        distances.plot(rows["parameters"], rows["distance"], **look)
    level = select(tests, sites=sites).groupby("parameters")["critical_distance"].max()
    guide(distances, level.index, level, color="0.3", linestyle="-.")

    loss = r"loss $\ell_i$ of one input"
    densities.set(xlabel=loss, ylabel="probability density")
    differences.set(xlabel=loss, ylabel=r"$F - F_\mathrm{Beta}$")
    distances.set(xscale="log", yscale="log", xlabel="parameters $p$")
    distances.set_ylabel(r"$\max |F - F_\mathrm{Beta}|$")
    size_axis(distances, counts)
    log_axis(distances)
    keys = [(rf"$2\lambda = {lines}$", {"color": colours[lines]}) for lines in sectors]
    keys += [
        (f"$L = {length}$", {"marker": marker, "linestyle": "none"})
        for length, marker in zip(lengths, MARKERS, strict=False)
    ]
    keys += [
        (f"$p = {many}$", {"linestyle": "-"}),
        (f"$p = {few}$", {"linestyle": ":"}),
        ("Beta law", {"linestyle": "--", "linewidth": 0.8}),
        ("1 % level", {"linestyle": "-.", "linewidth": 0.8}),
    ]
    for label, look in keys:
        distances.plot([], [], label=label, **{"color": "0.3", **look})
    legend_below(figure, (distances,), columns=6)
    caption = (
        f"Losses of single inputs at random parameters, {span(tests['samples'])} draws on "
        f"{span(tests['instances'])} instances for each sector and p, one input of each draw. "
        f"(a) Densities for L = {sites}, p = {many}, beside the Beta law of Haar-random states of "
        f"each sector. (b) Cumulative distributions F less those of the law, L = {sites}. "
        "(c) Largest difference for all chains (Kolmogorov-Smirnov distance). Dash-dotted: what "
        "the largest difference exceeds with a probability of 1 % if the law holds."
    )
    return Plot(figure=figure, table=pd.concat([tests, curves], ignore_index=True), caption=caption)
