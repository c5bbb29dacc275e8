"""Names and looks that all figures of the study share: widths of patches, ansätze, encoders."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from trainscape.studies.kit.panels import log_axis
from trainscape.studies.kit.style import COLOURS, MARKERS, Look, looks

__all__ = [
    "ANSATZ_LABELS",
    "ANSATZ_NAMES",
    "ENCODER_LABELS",
    "ENCODER_LOOKS",
    "LAW_COLOURS",
    "LAW_LABELS",
    "OBSERVABLE_LABELS",
    "OBSERVABLE_LOOKS",
    "QUBITS",
    "law_look",
    "log_limits",
    "proxy",
    "width_label",
]

QUBITS = "qubits $n$"

LAW_LABELS = {
    "D^-1": r"$D^{-1}$",
    "D^-1/2": r"$D^{-1/2}$",
    "D^-1/3": r"$D^{-1/3}$",
    "D^-1/5": r"$D^{-1/5}$",
    "1": r"$1$",
    "D^-2/5": r"$D^{-2/5}$",
    "sqrt(ln D / D)": r"$\sqrt{\ln D / D}$",
    "e^-D": r"$e^{-D}$",
    "D^-2": r"$D^{-2}$",
    "1/ln D": r"$1 / \ln D$",
}
"""Widths of patches as functions of the number of parameters D."""

LAW_COLOURS = dict(zip(LAW_LABELS, (*COLOURS[:7], "#8C564B", COLOURS[7], "#999999"), strict=True))
"""The colour of each width, the same in all figures."""

ANSATZ_NAMES = {"mhea": "mHEA", "fhea": "fHEA", "rpqc": "RPQC"}

ANSATZ_LABELS = {"mhea": "RY RZ, circular CX", "fhea": "RX RY RZ, all CX", "rpqc": "random circuit"}

ENCODER_LABELS = {"none": "without encoder", "lce": "with encoder", "angles": "encoder by offsets"}

ENCODER_LOOKS: dict[str, Look] = {
    "none": {"color": "0.55", "marker": "s", "linestyle": "--", "markerfacecolor": "none"},
    "lce": {"color": "0.1", "marker": "o", "linestyle": "-"},
    "angles": {"color": "0.3", "marker": "^", "linestyle": ":", "markerfacecolor": "none"},
}
"""The encoders differ in line and marker, so that the colour may stand for the width."""

OBSERVABLE_LABELS = {
    "random_pauli": "random string",
    "global_z": r"$Z^{\otimes n}$",
    "heisenberg": "Heisenberg",
    "biased_heisenberg": "biased Heisenberg",
    "random_sum": "random sum, unit weights",
    "weighted_sum": "random sum, random weights",
    "tfim": "transverse-field Ising",
}

OBSERVABLE_LOOKS: dict[str, Look] = dict(
    zip(OBSERVABLE_LABELS, looks(len(OBSERVABLE_LABELS)), strict=True)
)


def law_look(law: str) -> Look:
    """Return colour, marker and line of the series of a width."""
    place = list(LAW_LABELS).index(law)
    line = "-" if place < 7 else "--"
    return {"color": LAW_COLOURS[law], "marker": (*MARKERS, "*", "p")[place], "linestyle": line}


def width_label(law: str) -> str:
    """Return the width of a patch as an equation, for legends and titles."""
    return rf"$\sigma = {LAW_LABELS[law].strip('$')}$"


def proxy(axes: Axes, label: str, **look: Any) -> None:
    """Add an entry to the legend for what several series have in common."""
    axes.plot([], [], label=label, **{"color": "0.4", **look})


def log_limits(
    axes: Iterable[Axes], values: Any, *, least: float = 1e-9, above: float = 3.0
) -> None:
    """Give panels logarithmic limits that hold all values; intervals may leave them."""
    numbers = np.asarray(values, dtype=np.float64)
    positive = numbers[numbers > 0]
    for panel in axes:
        panel.set_yscale("log")
        panel.set_ylim(max(positive.min() / 3, least), positive.max() * above)
        log_axis(panel)
