"""Figure and table of larger Hamiltonians."""

from __future__ import annotations

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.kit.panels import guide, legend_below, level, log_axis, panels, series
from trainscape.studies.kit.style import looks
from trainscape.studies.kit.tables import span, to_frame
from trainscape.studies.pruning.lattices.systems import lattice_label
from trainscape.studies.reporting import Plot, Results, Table

PLAIN = str.maketrans("", "", "${}_")
"""Marks of formulas, which tables do without."""
LEAST = 1e-6
"""Error at which a run ends: better ones are drawn there."""


def lattice_energies(results: Results) -> Plot:
    """Effective dimensions before and after pruning, and energies that short training reaches."""
    table = to_frame(results.summary("lattices", Stage.SIMULATE))
    systems = table.drop_duplicates("system")
    names = [lattice_label(name) for name in systems["system"]]
    places = np.arange(len(systems))
    table["place"] = table["system"].map(dict(zip(systems["system"], places, strict=True)))
    figure, (row,) = panels(2, width=3.3, height=0.9 + 0.22 * max(len(systems), 6))
    spaces, errors = row
    before, after = looks(2)
    for name, look, label in (
        ("dense_effective", before, "before pruning"),
        ("effective", after, "after pruning"),
    ):
        spaces.plot(systems[name], places, label=label, **{**look, "linestyle": "none"})
    limits = (len(systems) - 0.5, -0.5)
    spaces.set(xscale="log", xlabel="effective dimension $d$", ylabel="system", ylim=limits)
    spaces.set_yticks(places, names)
    depths = list(series(table, "layers"))
    for (layers, rows), look in zip(depths, looks(len(depths) + 2)[2:], strict=True):
        best = rows.set_index("system").loc[list(systems["system"]), "best"]
        look = {**look, "linestyle": "none", "label": f"$L = {layers}$"}
        errors.plot(np.maximum(best, LEAST), places, **look)
    floors = (systems["gap"] / systems["ground"].abs()).to_numpy()
    shown = floors > LEAST
    guide(
        errors,
        floors[shown],
        places[shown],
        label="lowest that can be reached",
        marker="|",
        markersize=9,
        linestyle="none",
    )
    errors.set(xscale="log", xlabel=r"$(E - E_0)\,/\,|E_0|$", ylabel="system", ylim=limits)
    errors.set_yticks(places, [""] * len(places))
    level(errors, 0.01, vertical=True)
    for axes in row:
        log_axis(axes, "x")
        axes.grid(visible=True, axis="y", linewidth=0.4, color="0.9")
    legend_below(figure, row, columns=5)
    caption = (
        "(a) Effective dimension of the dense and of the pruned ansatz, exact. (b) Least error of "
        f"{span(table['restarts'])} restarts of the pruned ansatz with L layers after some hundred "
        "steps of Adam; runs end at 1e-6. Dashed: 1 %. Bars: the lowest energy that can be "
        "reached, where it is above the ground energy: a Néel state has half of its weight in each "
        "of two irreps, which it keeps."
    )
    return Plot(figure=figure, table=table, caption=caption)


def lattice_counts(results: Results) -> Table:
    """Gates, parameters and dimensions of larger Hamiltonians before and after pruning."""
    found = to_frame(results.summary("lattices", Stage.SIMULATE))
    deepest = found[found["layers"] == found["layers"].max()]
    table = pd.DataFrame(
        {
            "system": [lattice_label(name).translate(PLAIN) for name in deepest["system"]],
            "n": deepest["qubits"].to_numpy(),
            "gates before": deepest["dense_gates"].to_numpy(),
            "gates after": deepest["gates"].to_numpy(),
            "parameters after": deepest["parameters"].to_numpy(),
            "d before": deepest["dense_effective"].to_numpy(),
            "d after": deepest["effective"].to_numpy(),
            "ground energy": deepest["ground"].round(6).to_numpy(),
            "lowest in reach": (deepest["ground"] + deepest["gap"]).round(6).to_numpy(),
            "layers": deepest["layers"].to_numpy(),
            "least relative error": [f"{value:.1e}" for value in deepest["best"]],
        }
    )
    caption = (
        "Gates and parameters of a layer, effective dimension d before and after pruning (before, "
        "each gate has a parameter), ground energy, lowest energy that the pruned one reaches, and "
        "the error over the ground energy of the best restart of the deepest ansatz."
    )
    return Table(table=table, caption=caption)
