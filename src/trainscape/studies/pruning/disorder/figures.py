"""Figures of disorder: floors against its size, tolerances, and start states."""

from __future__ import annotations

from trainscape.studies.contract import Stage
from trainscape.studies.kit.panels import (
    guide,
    legend_below,
    log_axis,
    panels,
    points,
    series,
    size_axis,
)
from trainscape.studies.kit.style import Look, looks
from trainscape.studies.kit.tables import span, to_frame
from trainscape.studies.pruning.disorder.floor_laws import LARGEST
from trainscape.studies.reporting import Plot, Results, Table

KIND_LABELS = {
    "couplings": "couplings",
    "fields": "fields",
    "frustrated": "couplings, frustrated ring",
    "tilt": "field along $Z$",
}
LOOKS: dict[str, Look] = dict(zip(KIND_LABELS, looks(len(KIND_LABELS)), strict=True))
CASE_LABELS = {"ring": "ring", "frustrated": "frustrated ring", "turned": "ring, fields turned"}


def disorder_floors(results: Results) -> Plot:
    """Floor of the pruned ansatz against the size of the disorder."""
    table = to_frame(results.summary("floors", Stage.SIMULATE))
    figure, ((axes,),) = panels(1, width=4.0, height=2.9)
    axes.set(xscale="log", yscale="log", xlabel=r"size of the disorder $\delta$")
    axes.set_ylabel("floor above $E_0$ ($J$)")
    for kind, part in series(table, "kind"):
        look = {**LOOKS[kind], "linestyle": "none"}
        exponent = part["exponent"].iloc[0]
        label = rf"{KIND_LABELS[str(kind)]}: $\propto \delta^{{{exponent:.2f}}}$"
        points(axes, part["size"], part, "floor", label=label, **look)
        guide(axes, part["size"], part["law"], color=LOOKS[kind]["color"])
    guide(axes, [], [], label="second order")
    size_axis(axes, table["size"])
    log_axis(axes)
    legend_below(figure, [axes], columns=2)
    caption = (
        f"Ising rings of {span(table['qubits'])} spins with disorder uniform in "
        r"$[-\delta, \delta]$: lowest energy that the ansatz pruned for the clean ring reaches, "
        f"above the ground energy; mean over {span(table['instances'])} draws, with 95 % "
        f"intervals on the logarithm. Exponents are fitted up to {LARGEST:g}; lines: second order "
        "of perturbation theory, from the levels that the ansatz does not reach. A field along Z "
        "breaks the flip of all spins."
    )
    return Plot(figure=figure, table=table, caption=caption)


def disorder_tolerance(results: Results) -> Plot:
    """Parameters and floor of a disordered ring against the tolerance of pruning."""
    table = to_frame(results.summary("tolerances", Stage.SIMULATE))
    figure, (row,) = panels(2, width=2.8, height=2.2)
    names = (("parameters", "parameters of a layer"), ("floor", "floor above $E_0$ ($J$)"))
    for axes, (name, label) in zip(row, names, strict=True):
        axes.set(xlabel=r"tolerance $\tau$ ($J$)", ylabel=label)
        points(axes, table["tolerance"], table, name, **{**looks(1)[0], "linestyle": "-"})
        axes.set_ylim(0, None)
    caption = (
        f"Ising ring of {span(table['qubits'])} spins, couplings with disorder of size "
        f"{table['size'].iloc[0]:g}, pruned with couplings that differ by at most the tolerance "
        f"counted as equal: means over {span(table['instances'])} draws, with 95 % intervals. "
        "Couplings are compared in order of size, neighbours with each other."
    )
    return Plot(figure=figure, table=table, caption=caption)


def start_sectors(results: Results) -> Table:
    """Start states of either parity: refused where their sector has no ground state."""
    table = to_frame(results.summary("sectors", Stage.SIMULATE))
    model, start = (table["case"].str.split(" ").str[place] for place in (0, 1))
    shown = table.assign(model=model.map(CASE_LABELS), start=start)
    columns = {
        "qubits": "n",
        "model": "Hamiltonian",
        "start": "start state",
        "gap": "lowest energy of its sector above the ground state (J)",
        "refused": "refused",
        "named": "right sector named",
    }
    shown = shown[list(columns)].rename(columns=columns)
    caption = (
        "Ising rings, one with an antiferromagnetic bond, one with fields of the other sign: "
        "start states with none, one and two spins turned, and what the compiler says of them."
    )
    return Table(table=shown, caption=caption)
