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
        return look | {"linestyle": "none"}
    if not model.startswith("temperley_lieb"):
        # Larger, because product states and sectors coincide where the fragmentation is classical.
        size = {"markersize": 6} if attack == "product" else {}
        return look | {"linestyle": ":", "markerfacecolor": "0.8"} | size
    return look | {"linestyle": "--", "markerfacecolor": "white"}


def _success(axes: Axes, curves: Any) -> None:
    """Draw the success of the energy measurement; the longer the chain, the lighter the line."""
    chosen = (curves["attack"].values == "energy") & (curves["sector"].values == "one_dimer")
    energy = curves.isel(row=np.flatnonzero(chosen))
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
    figure, ((beside, largest), (against, success)) = panels(2, 2, width=3.6, height=2.5)
    for (attack, model, sector), rows in series(table, *SERIES):
        look, axes = _look(attack, model, sector), beside if sector == "one_dimer" else largest
        label = ATTACKS[attack]
        for law in select(laws, attack=attack, model=model, sector=sector).to_dict("records"):
            if sector == "one_dimer":
                text = fit_line(axes, law, rows["sites"], "L", color=look["color"], linestyle="-")
                label = f"{label}: {text}"
        if sector != "one_dimer":
            label = f"{label}, {MODELS[model]}"
        axes.plot(rows["sites"], rows["total"], label=label, **look)
        against.plot(rows["dimension"], rows["total"], **look)
    spaces = select(table, model="temperley_lieb_d3", sector="largest")
    spaces = spaces.drop_duplicates("sites").sort_values("sites")
    guide(largest, spaces["sites"], spaces["hilbert_dimension"], linestyle=":", color="0.5")
    guide(largest, [], [], linestyle=":", color="0.5", label="dimension of the space, $3^L$")
    for axes in (beside, largest, against):
        axes.set(xscale="log", yscale="log", xlabel="sites $L$", ylabel="operations")
    beside.set_title("one dimer, $N = L - 1$", fontsize="medium", loc="center")
    largest.set_title("largest sector", fontsize="medium", loc="center")
    against.set_xlabel(r"dimension of the own sector, $N_\lambda$ (or $N$)")
    same_limits((beside, largest, against))
    sectors = (select(table, sector="one_dimer"), select(table, sector="largest"), table)
    sizes = zip((beside, largest, against), sectors, ("sites", "sites", "dimension"), strict=True)
    for axes, rows, size in sizes:
        log_axis(axes)
        size_axis(axes, rows[size])
    _success(success, summary)
    legend_below(figure, (beside, largest), columns=3)
    deviation = table["deviation"].abs()
    curves = {
        f"success_at_{error:.2e}": values
        for error, values in zip(summary["error"].values, summary["success"].values.T, strict=True)
    }
    caption = (
        "Exact counts of multiplications or elementary steps to leading order: there are no "
        "statistical errors. Search for an effective description, and one loss with it, for "
        "Temperley-Lieb (TL) chains or t-Jz with fields: (a) in the sector in which all lines but "
        "two pass through, of Krylov dimension L - 1, where the network is trainable; lines: laws "
        "that were fitted; (b) in the largest sector or component, where N grows exponentially; "
        "(c) both against the dimension of the sector whose cost it is: the Krylov dimension of "
        "the sector that holds the state, or of the largest one; for g-sim and the energy list "
        "over all sectors their sum N. A loss counts dense linear algebra with the ancilla, whose "
        "dimension is the number of labels rounded up to a power of two, hence steps. Energy "
        "list: diagonalisations, and the evolution time in units of the inverse width for 90 % "
        "right labels. (d) Right labels when the energy is measured once with a Gaussian error, "
        "beside one dimer, from short chains (dark) to long ones; dashed: 90 %. "
        f"{int(deviation.notna().sum())} of {len(table)} computations were "
        f"held against an exact loss or label; the largest deviation is {deviation.max():.0e}."
    )
    return Plot(figure=figure, table=table.assign(**curves), caption=caption)
