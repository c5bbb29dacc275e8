"""Figure of the group: what the attacks cost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from trainscape.studies.contract import Results, Stage
from trainscape.studies.fragmentation.attacks.thresholds import series_names
from trainscape.studies.style import COLOURS, new_figure, note

__all__ = ["dequantisation"]

LABELS = {
    "product, temperley_lieb_d3, largest": "product states, TL d=3",
    "product, temperley_lieb_d3, one_dimer": "product states, TL d=3, one dimer",
    "product, t_jz_fields, largest": "product states, t-J$_z$ with fields",
    "blocks, temperley_lieb_d3, largest": "sectors found, TL d=3",
    "blocks, t_jz_fields, largest": "sectors found, t-J$_z$ with fields",
    "lie, temperley_lieb_d2, largest": "Lie algebra (g-sim), TL d=2",
    "words, temperley_lieb_d3, largest": "words as MPS, TL d=3, largest sector",
    "words, temperley_lieb_d3, one_dimer": "words as MPS, TL d=3, one dimer",
    "diagrams, temperley_lieb_d3, largest": "diagrams, TL d=3, largest sector",
    "diagrams, temperley_lieb_d3, one_dimer": "diagrams, TL d=3, one dimer",
    "energy, temperley_lieb_d3, largest": "energy list, TL d=3",
}
STYLES = {
    name: {"color": colour, "marker": marker, "lw": 0.9, "ms": 4}
    for name, colour, marker in zip(
        ("product", "blocks", "lie", "words", "diagrams", "energy"), COLOURS, "os^Dv*", strict=False
    )
}


def dequantisation(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw the cost of each attack against the length and against N, and the success of the energy measurement against its resolution."""
    summary = results.summary("attacks", Stage.SIMULATE)
    names = series_names(summary)
    table = pd.DataFrame(
        {str(name): v.values for name, v in summary.variables.items() if v.dims == ("row",)}
    ).assign(series=names)
    figure, ((left, middle), (lower, right)) = new_figure(2, 2, width=4.2, height=3.1)
    for name in dict.fromkeys(names):
        rows = table[table["series"] == name]
        style: dict[str, Any] = {**STYLES[name.split(",")[0]]}
        if "one_dimer" in name:
            style |= {"ls": "--", "mfc": "white"}
        elif "temperley_lieb" not in name:
            style |= {"ls": ":", "mfc": "0.8"}
        left.plot(rows["sites"], rows["total"], label=LABELS.get(name, name), **style)
        middle.plot(rows["krylov_sum"], rows["total"], **style)
        lower.plot(rows["sites"], rows["size"], **style)
    spaces = (
        table[(table["model"] == "temperley_lieb_d3") & (table["sites"] <= 12)]
        .drop_duplicates("sites")
        .sort_values("sites")
    )
    for axes in (left, lower):
        axes.plot(
            spaces["sites"],
            spaces["hilbert_dimension"],
            color="0.5",
            ls=":",
            lw=1,
            label=r"$3^L$" if axes is left else None,
        )
    lower.plot(spaces["sites"], spaces["krylov_sum"], color="0.5", ls="-.", lw=1, label="$N$ (TL)")
    lower.legend(loc="upper right")
    lower.set(
        yscale="log",
        xlabel="sites $L$",
        ylabel="dimension",
        title="dimension of the effective description",
    )
    left.set(yscale="log", xlabel="sites $L$", ylabel="operations", title="search and one loss")
    middle.set(
        xscale="log",
        yscale="log",
        xlabel=r"$N = \sum_\lambda N_\lambda$ of the model",
        title="the same against N",
    )
    energy = summary.isel(row=np.flatnonzero(summary["attack"].values == "energy"))
    for index in range(energy.sizes["row"]):
        one = energy.isel(row=index)
        shade = 0.15 + 0.75 * index / max(1, energy.sizes["row"] - 1)
        right.plot(
            one["error"],
            one["success"],
            color=(0.0, 0.45 * shade, 0.7 * shade + 0.2),
            lw=0.9,
            label=f"L = {int(one['sites'])}, N = {int(one['krylov_sum'])}",
        )
    right.axhline(0.9, color="0.5", lw=0.8, ls="--")
    right.set(
        xscale="log",
        ylim=(0, 1.03),
        xlabel="energy error / spectral width",
        title="right labels, energy measured once",
    )
    right.legend(fontsize=6, loc="lower left")
    figure.legend(*left.get_legend_handles_labels(), loc="outside right upper", fontsize=6)
    checked = table["deviation"].abs()
    note(
        figure,
        f"Exact counts of multiplications or elementary steps to leading order, no error bars. {int(checked.notna().sum())} of {len(table)} computations were held against an exact loss or label:",
        f"largest deviation {checked.max():.0e}. All: the largest sector or component, except one dimer: the sector in which all lines but two pass through, of Krylov dimension L - 1.",
        "Evaluation counts dense linear algebra with the ancilla, whose dimension is the number of labels rounded up to a power of two (the steps). Energy list: diagonalisations, and the",
        "evolution time in units of the inverse width for 90 % right labels with a Gaussian error; its measurement needs quantum hardware. g-sim: search and evolution in the whole Lie algebra.",
    )
    return figure, table
