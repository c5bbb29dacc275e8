"""Figure of the group: what the attacks cost."""

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes

from trainscape.studies.contract import Stage
from trainscape.studies.kit.panels import (
    fit_line,
    guide,
    legend_below,
    level,
    log_axis,
    panels,
    same_limits,
    series,
    size_axis,
)
from trainscape.studies.kit.style import Look, looks
from trainscape.studies.kit.tables import select, to_frame
from trainscape.studies.reporting import Plot, Results

ATTACKS = {
    "product": "product states",
    "blocks": "sectors found",
    "lie": "Lie algebra (g-sim)",
    "words": "words as MPS",
    "diagrams": "diagrams",
    "energy": "energy list",
}
MODELS = {
    "temperley_lieb_d2": "TL $d=2$",
    "temperley_lieb_d3": "TL $d=3$",
    "t_jz_fields": "$t$-$J_z$",
}
SERIES = ("attack", "model", "sector")


def _look(attack: str, model: str, sector: str) -> Look:
    """Return the look of a series: an attack has its colour, open symbols are other systems."""
    look = looks(len(ATTACKS))[list(ATTACKS).index(attack)] | {"linestyle": "-"}
    if sector == "one_dimer":
        return look | {"linestyle": "--", "markerfacecolor": "white"}
    if not model.startswith("temperley_lieb"):
        # Larger, because product states and sectors coincide where the fragmentation is classical.
        size = {"markersize": 6} if attack == "product" else {}
        return look | {"linestyle": ":", "markerfacecolor": "0.8"} | size
    return look


def _success(axes: Axes, curves: Any) -> None:
    """Draw the success of the energy measurement; the longer the chain, the lighter the line."""
    energy = curves.isel(row=np.flatnonzero(curves["attack"].values == "energy"))
    shades = mpl.colormaps["viridis"](np.linspace(0, 0.85, energy.sizes["row"]))
    for shade, (_, one) in zip(shades, energy.groupby("sites"), strict=True):
        label = f"$L = {int(one['sites'].item())}$"
        axes.plot(one["error"], one["success"].squeeze(), color=shade, label=label)
    level(axes, 0.9)
    axes.legend(loc="lower left", ncols=2)
    axes.set(xscale="log", xlabel="energy error / spectral width")
    axes.set(ylim=(0, 1.03), ylabel="share of right labels")
    log_axis(axes, "x")


def dequantisation(results: Results) -> Plot:
    """Classical costs of the loss, and right labels by one energy measurement."""
    summary = results.summary("attacks", Stage.SIMULATE)
    table = to_frame(summary)
    laws = to_frame(results.summary("attacks", Stage.THRESHOLDS))
    laws = select(laws, abscissa="sites", quantity="total")
    figure, ((cost, against), (size, success)) = panels(2, 2, width=3.6, height=2.5)
    for (attack, model, sector), rows in series(table, *SERIES):
        look = _look(attack, model, sector)
        label = f"{ATTACKS[attack]}, {MODELS[model]}" + (", one dimer" * (sector == "one_dimer"))
        decided = select(laws, attack=attack, model=model, sector=sector)
        decided = decided[decided["verdict"] != "undecided"]
        line = look["linestyle"]
        for law in decided.to_dict("records"):
            # The points scatter about a law: draw that instead of joining them.
            text = fit_line(cost, law, rows["sites"], "L", color=look["color"], linestyle=line)
            label, line = f"{label}: {text}", "none"
        cost.plot(rows["sites"], rows["total"], label=label, **look | {"linestyle": line})
        against.plot(rows["dimension"], rows["total"], **look)
        size.plot(rows["sites"], rows["size"], **look)
    spaces = select(table, model="temperley_lieb_d3", sector="largest")
    spaces = spaces.drop_duplicates("sites").sort_values("sites")
    for axes, row, align, offset in ((cost, 0, "right", -3), (size, -1, "left", 3)):
        guide(axes, spaces["sites"], spaces["hilbert_dimension"], linestyle=":", color="0.5")
        end = spaces[["sites", "hilbert_dimension"]].iloc[row]
        place = {"xytext": (offset, 0), "textcoords": "offset points", "va": "center"}
        axes.annotate("$3^L$", end, ha=align, **place)
    for axes in (cost, against, size):
        axes.set(xscale="log", yscale="log", xlabel="sites $L$", ylabel="operations")
    against.set_xlabel(r"dimension of the sector, $N_\lambda$ (or $N$)")
    size.set_ylabel("dimension of the description")
    same_limits((cost, size), "x")
    same_limits((cost, against))
    for axes, sizes in ((cost, "sites"), (size, "sites"), (against, "dimension")):
        log_axis(axes)
        size_axis(axes, table[sizes])
    _success(success, summary)
    legend_below(figure, (cost,), columns=3)
    deviation = table["deviation"].abs()
    curves = {
        f"success_at_{error:.2e}": values
        for error, values in zip(summary["error"].values, summary["success"].values.T, strict=True)
    }
    caption = (
        "Exact counts of multiplications or elementary steps to leading order: there are no "
        "statistical errors. (a) Search for an effective description and one loss with it, "
        "against the length; a law in the legend is a fit that the lengths decide, drawn as a "
        "line in place of joined points. (b) The same against the dimension of the sector whose "
        "cost it is: the Krylov dimension of the sector that holds the state, or of the largest "
        "one; for g-sim and the energy list, which treat all sectors together, their sum N. (c) "
        "Dimension of the effective description, beside that of the full space; the energy list "
        "holds all N levels. Chains are Temperley-Lieb (TL), or t-Jz with fields. One dimer: "
        "the sector in which all lines but two pass through, of Krylov dimension L - 1; all "
        "others: the largest sector or component. A loss counts dense linear algebra with the "
        "ancilla, whose dimension is the number of labels rounded up to a power of two. Energy "
        "list: diagonalisations, and the evolution time in units of the inverse width for 90 % "
        "right labels. (d) Right labels when the energy is measured once with a Gaussian error, "
        f"from short chains (dark) to long ones; dashed: 90 %. {int(deviation.notna().sum())} of "
        f"{len(table)} computations were held against an exact loss or label; the largest "
        f"deviation is {deviation.max():.0e}."
    )
    return Plot(figure=figure, table=table.assign(**curves), caption=caption)
