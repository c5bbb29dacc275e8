"""The figure of circuits and observables with more than one path."""

import numpy as np

from trainscape.studies.clifford import style
from trainscape.studies.contract import Stage
from trainscape.studies.kit.panels import (
    guide,
    legend_below,
    panels,
    points,
    series,
    size_axis,
)
from trainscape.studies.kit.style import looks
from trainscape.studies.kit.tables import select, span, to_frame
from trainscape.studies.reporting import Plot, Results
from trainscape.trainability.patch_laws import LAWS


def path_shares(results: Results) -> Plot:
    """Share of one Pauli path in the encoded gradient, and where it is not near one."""
    table = to_frame(results.summary("counterexamples", Stage.GRADIENTS))
    cases = list(dict.fromkeys(table["case"]))
    figure, (row,) = panels(3)
    for axes, (law, part) in zip(row, series(table, "law"), strict=True):
        axes.set(xscale="log", xlabel=style.QUBITS)
        for place, (case, look) in enumerate(zip(cases, looks(len(cases)), strict=True)):
            rows = select(part, case=case)
            x = rows["qubits"] * 1.02 ** (place - 1)
            points(axes, x, rows, "share", label=case, **{**look, "linestyle": "-"})
        # At least n L^2 / 4 paths with two sines more.
        ring = select(part, case="CZ ring").sort_values("qubits")
        n = ring["qubits"].astype(float)
        p = [LAWS[law].patch(d).flip_probability() for d in ring["parameters"]]
        derived = 1 / (1 + n**3 / 4 * np.square(p))
        colour = looks(len(cases))[cases.index("CZ ring")]["color"]
        guide(axes, n, derived, linestyle=":", linewidth=1.4, color=colour, label="bound for CZ")
        axes.set_title(style.width_label(law), loc="center")
        axes.set_ylabel("$R^2$ of the leading path")
        size_axis(axes, table["qubits"], most=6)
        axes.set_ylim(min(0.0, 1.1 * table["share"].min()), 1.08)
    legend_below(figure, row[:1], columns=3)
    caption = (
        "Share of the leading Pauli path in the second moment of the encoded derivative, RY RZ "
        "circuits with L = n, for three widths: random strings with a ring of CX and with one of "
        "CZ, strings of one letter, and the Heisenberg chain. Strings: among the paths with up to "
        "two more sines, an upper bound; chain: measured over draws of the angles, "
        "for the path of the encoded term and for one path of each term. Dotted: "
        r"$1 / (1 + N_2 p^2)$ with $N_2 = n L^2 / 4$, the paths that flip twice about Z. "
        f"{span(table['instances'])} instances for each point; bars: 95 % intervals of the mean, "
        "from Student's t."
    )
    return Plot(figure=figure, table=table, caption=caption)
