"""The figure of gradients without an encoder."""

from typing import Any

import numpy as np
import pandas as pd

from trainscape.studies.clifford import style
from trainscape.studies.clifford.baseline.string_gradients import TURN
from trainscape.studies.contract import Stage
from trainscape.studies.kit.panels import guide, level, panels, points, size_axis
from trainscape.studies.kit.style import COLOURS, MARKERS, looks
from trainscape.studies.kit.tables import select, span, to_frame
from trainscape.studies.reporting import Plot, Results

DEEP: dict[str, Any] = {"ansatz": "mhea", "depth": "linear"}

KINDS = {
    "curved_string": ("strings of I and Z", COLOURS[1]),
    "one_string": ("random strings, sampled", "0.55"),
    "all_strings": ("random strings, exact", COLOURS[0]),
}
"""Estimates of the first panel, with label and colour."""


def random_strings(results: Results) -> Plot:
    """Gradients without an encoder: of all strings, exactly, and of strings of I and Z."""
    table = to_frame(results.summary("baseline", Stage.GRADIENTS))
    deep = select(table, **DEEP)
    middle, laws = select(deep, law="D^-1/2"), list(dict.fromkeys(deep["law"]))
    figure, grid = panels(2, 2, width=3.6)
    size, widths, circuits, wide = grid.flat
    size.set(yscale="log", ylabel=r"$E\|\nabla C\|^2$ (1/rad$^2$)")
    for place, (name, (label, colour)) in enumerate(KINDS.items()):
        look = {"color": colour, "marker": MARKERS[place], "label": label}
        points(size, middle["qubits"] + 0.1 * (place - 1), middle, name, **look)
    guide(size, middle["qubits"], middle["bound"], linestyle="--", label="bound for I and Z")
    style.log_limits((size,), middle[["curved_string", "one_string", "all_strings"]])
    for axes in (widths, circuits):
        axes.set(ylabel="scaled mean square", ylim=(0, 0.56))
        level(axes, 0.5)
    for law in laws:
        turn: dict[str, Any] = {"color": "k", "marker": "x", "zorder": 4}
        look = turn if law == TURN else style.law_look(law)
        rows = select(deep, law=law)
        points(widths, rows["qubits"], rows, "scaled", label=_name(law), **look)
    kinds = [*dict.fromkeys(table[["ansatz", "depth"]].itertuples(index=False, name=None))]
    for (ansatz, depth), look in zip(kinds, looks(len(kinds)), strict=True):
        rows = select(table, law="D^-1/2", ansatz=ansatz, depth=depth)
        label = f"{style.ANSATZ_NAMES[ansatz]}, {depth}"
        points(circuits, rows["qubits"], rows, "scaled", label=label, **look)
    for law, look in zip(("1", TURN), looks(2), strict=True):
        rows = select(deep, law=law)
        points(wide, rows["qubits"], rows, "deficit", label=f"missing, {_name(law)}", **look)
        first = {"color": look["color"], "linestyle": "--"}
        label = f"first layer, {_name(law)}"
        guide(wide, rows["qubits"], rows["first_deficit"], label=label, **first)
    wide.set(ylabel="share missing to a 2-design", ylim=(0, 1.2 * np.nanmax(_deficits(deep))))
    for axes in (size, widths, circuits, wide):
        axes.set_xlabel(style.QUBITS)
        size_axis(axes, table["qubits"], most=8)
    corners = ((size, "lower left", 1), (widths, "lower center", 3), (circuits, "lower center", 3))
    for axes, corner, columns in (*corners, (wide, "upper right", 2)):
        axes.legend(loc=corner, ncols=columns, fontsize=5.5)
    circuits_named = "; ".join(
        f"{style.ANSATZ_NAMES[key]}: {text}" for key, text in style.ANSATZ_LABELS.items()
    )
    caption = (
        "Gradients without an encoder, RY RZ circuits of linear depth if nothing else is said. (a) "
        r"At $\sigma = D^{-1/2}$: random strings, exact mean over all of them and a sample of one "
        "a draw; random strings of I and Z, whose loss is curved at zero, with their lower bound. "
        r"(b) Exact mean over all strings, in units of $2^n D / (4^n - 1)$, for several widths; it "
        r"cannot exceed 1/2 (dashed). (c) The same at $\sigma = D^{-1/2}$ for other circuits "
        f"({circuits_named}). "
        "(d) What is missing to the mean square of a 2-design, for the widest angles, and the part "
        f"of it that is missing in the first layer of rotations. {span(table['draws'])} draws of "
        "the angles for each point; bars: 95 % intervals of the mean, from Student's t (a to c: on "
        "the logarithm); some leave the panel."
    )
    return Plot(figure=figure, table=table, caption=caption)


def _name(law: str) -> str:
    return rf"$\sigma$ = {style.LAW_LABELS[law]}" if law != TURN else TURN


def _deficits(deep: pd.DataFrame) -> Any:
    return select(deep, law=("1", TURN))["deficit"]
