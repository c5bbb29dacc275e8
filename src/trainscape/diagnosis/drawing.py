"""A diagnosis as a figure: gradients by parameter, and a family's law or the ways to simulate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from trainscape.diagnosis.results import Diagnosis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["COLOURS", "alternative_text", "draw"]

COLOURS = {"all_angles": "#0072B2", "patch": "#D55E00", "point": "#666666"}
NAMES = {"all_angles": "all angles", "patch": "patch", "point": "given point"}

SMALLEST = 1e-18
"""Moments below this are not drawn: they are rounding errors of zero."""


def draw(diagnosis: Diagnosis) -> Figure:
    """Return the figure of a diagnosis, 7 inches wide."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.0, 3.0), layout="constrained")
    left, right = figure.subplots(1, 2)
    _parameters(left, diagnosis)
    if "family" in diagnosis.gradients.details:
        _family(right, diagnosis.gradients.details["family"])
    else:
        _ways(right, diagnosis)
    for letter, axes in zip("ab", (left, right), strict=True):
        axes.text(-0.02, 1.02, letter, ha="right", transform=axes.transAxes, fontweight="bold")
        axes.tick_params(which="both", labelsize=8)
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def _parameters(axes: Axes, diagnosis: Diagnosis) -> None:
    rows: Sequence[dict[str, Any]] = diagnosis.gradients.details.get("parameters", ())
    shown = False
    for key, colour in COLOURS.items():
        places = [index for index, row in enumerate(rows) if row.get(key)]
        places = [index for index in places if rows[index][key]["value"] > SMALLEST]
        if not places:
            continue
        shown = True
        values = np.array([rows[index][key]["value"] for index in places])
        low = np.array([rows[index][key]["low"] for index in places])
        high = np.array([rows[index][key]["high"] for index in places])
        bars = np.maximum(np.stack([values - low, high - values]), 0.0)
        axes.errorbar(
            places,
            values,
            bars if len(places) <= 60 and key != "point" else None,
            fmt=".",
            markersize=3,
            linewidth=0.8,
            color=colour,
            label=NAMES[key],
        )
    axes.set_xlabel("parameter, in order", fontsize=8)
    axes.set_ylabel(r"$E[g_k^2]$, units of $O^2$", fontsize=8)
    if shown:
        axes.set_yscale("log")
        axes.legend(fontsize=7, frameon=False, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3)
    else:
        axes.text(0.5, 0.5, "no gradient", ha="center", transform=axes.transAxes, fontsize=8)


def _family(axes: Axes, rows: Sequence[dict[str, Any]]) -> None:
    for key in ("all_angles", "patch"):
        kept = [row for row in rows if row.get(key) and row[key]["value"]]
        if not kept:
            continue
        sizes = [row["qubits"] for row in kept]
        values = np.array([row[key]["value"] for row in kept])
        ends = [(row[key]["low"] or 0.0, row[key]["high"] or 0.0) for row in kept]
        bars = np.maximum(
            [
                [value - low for value, (low, _) in zip(values, ends, strict=True)],
                [high - value for value, (_, high) in zip(values, ends, strict=True)],
            ],
            0.0,
        )
        axes.errorbar(
            sizes,
            values,
            bars,
            fmt="o-",
            markersize=3.5,
            linewidth=1,
            color=COLOURS[key],
            label=NAMES[key],
        )
    for key, style, name in (("two_design", ":", "2-design"), ("predicted", "--", "deep circuit")):
        kept = [row for row in rows if row.get(key)]
        if kept:
            axes.plot(
                [row["qubits"] for row in kept],
                [row[key] for row in kept],
                style,
                color="black",
                linewidth=0.9,
                label=name,
            )
    axes.set_yscale("log")
    axes.set_xlabel("qubits n", fontsize=8)
    axes.set_ylabel(r"mean $E[g^2]$, units of $O^2$", fontsize=8)
    # Two columns: four would be wider than the panel, and cut off.
    axes.legend(fontsize=7, frameon=False, loc="lower left", bbox_to_anchor=(0.05, 1.0), ncols=2)


def _ways(axes: Axes, diagnosis: Diagnosis) -> None:
    ways = diagnosis.simulation.details["ways"][str(diagnosis.sizes[-1])]
    known = sorted(
        (way for way in ways if way["seconds"] and np.isfinite(way["seconds"])),
        key=lambda way: -way["seconds"],
    )
    # Beyond this an axis of times shows nothing but its own length.
    times = [min(way["seconds"], 1e18) for way in known]
    names = [way["way"] + ("" if way["exact"] else "*") for way in known]
    colours = ["#0072B2" if way["exact"] else "#56B4E9" for way in known]
    axes.barh(range(len(known)), times, color=colours, height=0.6)
    axes.set_yticks(range(len(known)), names, fontsize=7)
    axes.set_xscale("log")
    axes.axvline(86400, color="black", linewidth=0.8, linestyle=":")
    axes.set_xlabel("seconds a value (dotted: one day; * approximate)", loc="right", fontsize=8)


def alternative_text(diagnosis: Diagnosis) -> str:
    """Return what the figure shows, for people who cannot see it."""
    right = (
        "mean squared gradient against the number of qubits"
        if "family" in diagnosis.gradients.details
        else "time of each way to simulate the circuit"
    )
    return (
        f"Left: mean squared derivative of each parameter over all angles, in a patch and at the "
        f"given point. Right: {right}. Verdict: {diagnosis.gradients.verdict}."
    )
