"""Figure of the distribution of losses."""

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.loss_law.beta_law import pooled_losses
from trainscape.studies.kit.panels import (
    guide,
    legend_below,
    level,
    log_axis,
    panels,
    points,
    series,
    size_axis,
)
from trainscape.studies.kit.style import COLOURS, MARKERS
from trainscape.studies.kit.tables import by_parameters, select, span, to_frame
from trainscape.studies.reporting import Plot, Results
from trainscape.trainability.loss_law import LEVEL, binned, haar_loss

BINS = 40
NAMES = ("sites", "parameters", "through_lines", "dimension", "ancilla_dim")


def loss_law(results: Results) -> Plot:
    """Losses of single inputs against the Beta law of Haar-random states."""
    tests = to_frame(results.summary("loss_law", Stage.SIMULATE))
    lengths, counts = sorted(tests["sites"].unique()), sorted(tests["parameters"].unique())
    sites, few, many = lengths[-1], counts[0], counts[-1]
    sectors = sorted(tests["through_lines"].unique())
    colours = dict(zip(sectors, COLOURS, strict=False))
    longest = select(tests, sites=sites, parameters=(few, many))
    cells = by_parameters(results.cells("loss_law", Stage.SIMULATE), ("sites", "parameters"))

    figure, ((densities, differences), (distances, mixing)) = panels(2, 2, width=3.4)
    grid = np.linspace(1e-3, 1 - 1e-3, 400)
    tables = [tests]
    for count, rows in series(longest, "parameters"):
        blocks = pooled_losses(cells[sites, count], rows["dimension"].to_numpy())
        for row, parts in zip(rows.to_dict("records"), blocks, strict=True):
            size, ancilla = row["dimension"], row["ancilla_dim"]
            colour = colours[row["through_lines"]]
            table = binned(parts, size, ancilla, BINS)
            tables.append(pd.DataFrame({**{name: row[name] for name in NAMES}, **table}))
            style = "-" if count == many else ":"
            differences.plot(table["loss"], table["difference"], style, color=colour)
            if count == many:
                densities.stairs(table["density"], np.linspace(0, 1, BINS + 1), color=colour)
                law = haar_loss(size, ancilla).pdf(grid)
                guide(densities, grid, law, color=colour, linestyle="--")
    critical = select(longest, parameters=many)["critical_distance"].max()
    for sign in (-1, 1):
        guide(differences, [0, 1], [sign * critical] * 2, color="0.3", linestyle="-.")
    guide(differences, [0, 1], [0, 0])
    for (length, lines), rows in series(tests, "sites", "through_lines"):
        marker = MARKERS[lengths.index(length)]
        look = {"color": colours[lines], "marker": marker, "linewidth": 0.8}
        distances.plot(rows["parameters"], rows["distance"], **look)
    critical = select(tests, sites=sites).groupby("parameters")["critical_distance"].max()
    guide(distances, critical.index, critical, color="0.3", linestyle="-.")

    frozen = to_frame(results.summary("frozen_sector", Stage.SIMULATE))
    points(mixing, frozen["parameters"], frozen, "rejected", color="0.2", marker="D")
    level(mixing, LEVEL)
    mixing.set(xscale="log", xlabel="parameters $p$", ylim=(-0.02, None))
    mixing.set_ylabel("share of instances rejected")
    size_axis(mixing, frozen["parameters"])

    loss = r"loss $\ell_i$ of one input"
    densities.set(xlabel=loss, ylabel="probability density")
    differences.set(xlabel=loss, ylabel=r"$F - F_\mathrm{Beta}$")
    distances.set(xscale="log", yscale="log", xlabel="parameters $p$")
    distances.set_ylabel(r"$\max |F - F_\mathrm{Beta}|$")
    size_axis(distances, counts)
    log_axis(distances)
    keys = [(rf"$2\lambda = {lines}$", {"color": colours[lines]}) for lines in sectors]
    markers = zip(lengths, MARKERS, strict=False)
    keys += [(f"$L = {length}$", {"marker": m, "linestyle": "none"}) for length, m in markers]
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
        "the largest difference exceeds with a probability of 1 % if the law holds. (d) Share of "
        f"{span(frozen['instances'])} instances in which the law is rejected in the sector of "
        "dimension 1, where no generator acts, with 95 % intervals; dashed: what chance rejects."
    )
    return Plot(
        figure=figure, table=pd.concat([*tables, frozen], ignore_index=True), caption=caption
    )
