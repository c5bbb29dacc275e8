"""Figures and tables of violations against latent dimensions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.hypergraph.memory.least_dimensions import (
    SMALL,
    least_dimensions,
    plain_variants,
)
from trainscape.studies.kit.panels import (
    guide,
    legend_below,
    level,
    panels,
    points,
    series,
    size_axis,
)
from trainscape.studies.kit.style import looks
from trainscape.studies.kit.tables import span, to_frame
from trainscape.studies.reporting import Plot, Results, Table

LABELS = {
    "gru": "GRU",
    "lstm": "LSTM",
    "linear": "linear state space",
    "transformer": "Transformer",
    "khrnn": "k-HRNN, $n$ qumodes",
}
QUANTITIES = {"violation": "contexts violated", "miss": "nullifiers missed by $> 0.1$"}


def _rows(results: Results) -> pd.DataFrame:
    return to_frame(results.summary("networks", Stage.SIMULATE))


def _looks() -> dict[str, dict[str, Any]]:
    return dict(zip(LABELS, looks(len(LABELS)), strict=True))


def latent_dimension(results: Results) -> Plot:
    """Violations of trained networks against the latent dimension."""
    table = pd.concat([_rows(results), plain_variants(results)], ignore_index=True)
    systems = list(series(table, "modes", "order"))
    chosen = _looks()
    figure, grid = panels(len(systems), 2, width=max(2.2, 6.6 / len(systems)) * 0.9, height=2.1)
    for column, ((modes, order), rows) in enumerate(systems):
        edges = int(rows["edges"].iloc[0])
        for axes, (name, label) in zip(grid[:, column], QUANTITIES.items(), strict=True):
            axes.set(xlabel="latent dimension $d$", ylabel=label)
            axes.set_yscale("symlog", linthresh=1e-3, linscale=0.5)
            axes.set_ylim(-3e-4, 1.5)
            for number, (model, own) in enumerate(series(rows, "model")):
                look = chosen[str(model)]
                if model == "khrnn":
                    alone = {**look, "linestyle": "none", "markersize": 6, "zorder": 4}
                    alone["markerfacecolor"] = "none"
                    axes.plot(modes, own[name], label=LABELS[str(model)], **alone)
                    continue
                own = own.sort_values("latent_dimension")
                shift = 0.06 * (number - (rows["model"].nunique() - 1) / 2)
                places = own["latent_dimension"] + shift
                ahead = own["first"].notna()
                usual, label = own[~ahead], LABELS[str(model)]
                points(axes, places[~ahead], usual, name, **look, label=label)
                axes.plot(places[~ahead], usual[name], color=look["color"], lw=0.8)
                points(axes, places[ahead], own[ahead], name, color=look["color"], marker="x")
            axes.plot([], [], "x", color="0.3", label="nullifiers first")
            guide(axes, [edges - 1, edges - 1], [-3e-4, 1.5], linestyle=":", label="$C(n, k) - 1$")
            guide(axes, [edges, edges], [-3e-4, 1.5], label="$C(n, k)$")
            level(axes, SMALL, "1 %")
            size_axis(axes, rows["latent_dimension"])
            largest = float(max(rows["latent_dimension"].max(), edges))
            axes.set_xlim(rows["latent_dimension"].min() - 0.3, 1.2 * largest)
        grid[0, column].set_title(f"$n = {modes}$, $k = {order}$", loc="center", fontsize=7)
    legend_below(figure, grid.flat, columns=4)
    trained = table[table["model"] != "khrnn"]
    caption = (
        "Share of wrong answers of networks whose answering part sees d numbers of the sentence "
        f"and the questions; best of {span(trained['runs'])} runs by validation loss; bars: 95 % "
        f"intervals of {span(trained['sentences'])} test sentences. Top: contexts whose answer is "
        "ruled out; bottom: nullifiers with an error above 0.1. The axis is linear below 0.001. "
        "Lines: the paper's bound and the number of weights. Crosses: networks that learn "
        "nullifiers first. The k-HRNN is drawn at its number of qumodes."
    )
    return Plot(figure=figure, table=table, caption=caption)


def least_dimension(results: Results) -> Plot:
    """Least latent dimension at which networks translate, against the number of hyperedges."""
    rows = pd.concat([_rows(results), plain_variants(results)], ignore_index=True)
    table = least_dimensions(rows[rows["model"] != "khrnn"])
    chosen = _looks()
    figure, ((axes,),) = panels(1, width=3.6, height=2.7)
    axes.set(xlabel="hyperedges $C(n, k)$", ylabel="least latent dimension $d$")
    for number, (model, own) in enumerate(series(table, "model")):
        look = {**chosen[str(model)], "linestyle": "none"}
        shift = 1.06 ** (number - 1.5)
        axes.plot(own["edges"] * shift, own["least"], label=LABELS[str(model)], **look)
    modes = rows[["modes", "order", "edges"]].drop_duplicates()
    look = {**chosen["khrnn"], "linestyle": "none"}
    axes.plot(modes["edges"], modes["modes"], label=LABELS["khrnn"], **look)
    sizes = np.linspace(max(1, modes["edges"].min() - 1), modes["edges"].max() + 1, 50)
    guide(axes, sizes, sizes, label="$d = C(n, k)$, slope 1")
    guide(axes, sizes, sizes - 1, linestyle=":", label="$d = C(n, k) - 1$")
    axes.set(xscale="log", yscale="log")
    size_axis(axes, modes["edges"])
    size_axis(axes, sorted({*table["least"].dropna(), *modes["modes"]}), which="y")
    legend_below(figure, (axes,), columns=2)
    orders = ", ".join(f"({n}, {k})" for n, k in zip(modes["modes"], modes["order"], strict=True))
    caption = (
        f"Least d whose best run has fewer than {100 * SMALL:g} % of contexts violated and of "
        f"nullifiers missed, for (n, k) = {orders}. A network is missing where no d that was tried "
        "suffices. Points of one size are set apart a little."
    )
    table = table.rename(columns={"least": "least_dimension"})
    return Plot(figure=figure, table=table, caption=caption)


def memory(results: Results) -> Table:
    """Violations of contexts by network and latent dimension."""
    rows = _rows(results).sort_values(["modes", "order", "model", "latent_dimension"])
    names = {
        "model": "model",
        "modes": "modes",
        "order": "order",
        "latent_dimension": "latent_dimension",
        "violation": "violation",
        "violation_low": "low",
        "violation_high": "high",
        "runs": "seeds",
    }
    caption = (
        "Share of contexts violated by the best run of each network, with its 95 % interval, and "
        "the number of runs that it is the best of."
    )
    return Table(table=rows.rename(columns=names)[list(names.values())], caption=caption)


def runs_table(results: Results) -> Table:
    """List how good, how different and how long the runs of each network are."""
    rows = _rows(results).sort_values(["modes", "order", "model", "latent_dimension"])

    def both(name: str) -> list[str]:
        ends = zip(rows[f"least_{name}"], rows[f"most_{name}"], strict=True)
        return [f"{100 * low:.2f} to {100 * high:.2f}" for low, high in ends]

    table = pd.DataFrame(
        {
            "network": [LABELS[name].replace("$", "") for name in rows["model"]],
            "n": rows["modes"],
            "k": rows["order"],
            "d": rows["latent_dimension"],
            "runs": rows["runs"],
            "contexts violated (%)": both("violation"),
            "nullifiers missed (%)": both("miss"),
            "squared error / variance": [f"{value:.2g}" for value in rows["error"]],
            "least without memory (%)": [f"{100 * value:.1f}" for value in rows["blind"]],
            "learning rate": [f"{value:g}" for value in rows["rate"]],
            "segments": [f"{value:.1f}" for value in rows["segments"]],
            "parameters": rows["parameters"],
        }
    )
    caption = (
        "Least to largest over all runs of a network. Error and learning rate: of the run with the "
        "least validation loss. Least without memory: what answers reach that depend on the "
        "context alone. Segments: mean length of a run until it was good enough, stood still, or "
        "had used up its steps."
    )
    return Table(table=table, caption=caption)


def variants_table(results: Results) -> Table:
    """List networks that learn nullifiers first, carry few bits, or are asked about all weights."""
    rows = to_frame(results.summary("variants", Stage.SIMULATE))
    least = rows["edges"] * np.log2(rows["levels"].where(rows["levels"] > 0) / 2)

    def known(values: pd.Series, form: str = "{:g}") -> list[str]:
        return [form.format(value) if value == value and value != 0 else "-" for value in values]

    table = pd.DataFrame(
        {
            "network": [LABELS[name] for name in rows["model"]],
            "n": rows["modes"],
            "k": rows["order"],
            "d": rows["latent_dimension"],
            "positions": rows["positions"],
            "levels": known(rows["levels"]),
            "bits of a number": known(rows["bits"]),
            "bits in all": known(rows["bits"] * rows["latent_dimension"]),
            "necessary bits": known(least),
            "runs": rows["runs"],
            "contexts violated (%)": [f"{100 * value:.2f}" for value in rows["violation"]],
            "nullifiers missed (%)": [f"{100 * value:.2f}" for value in rows["miss"]],
            "behind a fold (%)": [
                f"{100 * value:.1f}" if value == value else "-" for value in rows["folded"]
            ],
        }
    )
    caption = (
        "Runs begin with nullifiers alone. Violated and missed: the run with the least validation "
        "loss. Necessary bits: C(n, k) log2(N / 2) for weights on N levels. Behind a fold: the "
        "largest share of sentences at which the Jacobian of the latent map has the rarer of both "
        "signs; 0 for a map that is one-to-one."
    )
    return Table(table=table, caption=caption)
