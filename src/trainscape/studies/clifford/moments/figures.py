"""Figures of gradients in patches."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from trainscape.studies.clifford.laws import PUBLISHED_LAWS
from trainscape.studies.clifford.moments.tables import LARGEST_ERROR, WINDOW
from trainscape.studies.clifford.plots import (
    ANSATZ_LABELS,
    LAW_COLOURS,
    LAW_LABELS,
    bars,
    frame,
    span,
)
from trainscape.studies.contract import Results, Stage
from trainscape.studies.style import COLOURS, new_figure, note

__all__ = [
    "encoder_variants",
    "escape_fhea",
    "escape_mhea",
    "escape_rpqc",
    "observables",
    "scaling_windows",
    "walk_moments",
    "zero_gradient_norm",
]

INTERVALS = "Bars: 95 % intervals of the mean, from Student's t on the logarithm."
ENCODER_LABELS = {"none": "without encoder", "lce": "with encoder", "angles": "encoder by offsets"}


def _escape(results: Results, ansatz: str) -> tuple[Figure, pd.DataFrame]:
    table = frame(results.summary("statevector", Stage.GRADIENTS))
    table = table[(table["ansatz"] == ansatz) & (table["observable"] == "random_pauli")]
    figure, panels = new_figure(2, 2)
    for line, depth in zip(panels, ("linear", "shallow"), strict=True):
        for axes, encoder in zip(line, ("lce", "none"), strict=True):
            chosen = table[(table["depth"] == depth) & (table["encoder"] == encoder)]
            for law in PUBLISHED_LAWS:
                rows = chosen[chosen["law"] == law]
                bars(
                    axes,
                    rows["qubits"],
                    rows,
                    "norm",
                    color=LAW_COLOURS[law],
                    fmt="o-",
                    label=LAW_LABELS[law],
                )
            axes.set(
                yscale="log",
                title=f"{ANSATZ_LABELS[ansatz]}, {depth} depth, {ENCODER_LABELS[encoder]}",
            )
            axes.set_xlabel("qubits $n$")
        line[0].set_ylabel(r"mean $\|\nabla C\|$")
        low = min(axes.get_ylim()[0] for axes in line)
        high = max(axes.get_ylim()[1] for axes in line)
        for axes in line:
            axes.set_ylim(max(low, 1e-9), high)
    panels[0][0].legend(title=r"$\sigma$", ncols=2)
    floor = table.drop_duplicates(["depth", "qubits", "parameters"])
    if ansatz != "rpqc":
        for axes in panels[0]:
            deep = floor[floor["depth"] == "linear"]
            n = deep["qubits"].to_numpy(dtype=np.float64)
            two_design = 4.0**n / (2 * (4.0**n - 1) * (2.0**n + 1))
            axes.plot(n, np.sqrt(deep["parameters"] * two_design), "k--", lw=0.8, label="2-design")
    note(
        figure,
        f"{span(table['runs'])} runs for each point, each with its own random Pauli string, parameter k and angles.",
        f"{INTERVALS} Dashed: root mean square for 2-designs. All widths share their draws.",
    )
    return figure, table


def escape_mhea(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw the mean norm of the gradient in five patches, for EfficientSU2 circuits with RY and RZ."""
    return _escape(results, "mhea")


def escape_fhea(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw the same for circuits with all three rotations and CX on all pairs."""
    return _escape(results, "fhea")


def escape_rpqc(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw the same for random circuits."""
    return _escape(results, "rpqc")


def zero_gradient_norm(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw the norm of the gradient at zero for strings and sums, at linear depth and at shallow depth."""
    table = frame(results.summary("origin", Stage.GRADIENTS))
    names = {
        "random_pauli": "random string",
        "random_sum": "random sum, unit weights",
        "weighted_sum": "random sum, random weights",
    }
    columns = [("mhea", "linear"), *((ansatz, "shallow") for ansatz in ("mhea", "fhea", "rpqc"))]
    figure, (panels,) = new_figure(len(columns), width=2.6)
    for axes, (ansatz, depth) in zip(panels, columns, strict=True):
        for colour, (observable, label) in zip(COLOURS, names.items(), strict=False):
            for encoder, style in (("lce", "o-"), ("none", "s--")):
                rows = table[
                    (table["ansatz"] == ansatz)
                    & (table["depth"] == depth)
                    & (table["observable"] == observable)
                    & (table["encoder"] == encoder)
                ]
                axes.plot(
                    rows["qubits"],
                    rows["mean"],
                    style,
                    color=colour,
                    ms=3,
                    label=f"{label}, {ENCODER_LABELS[encoder]}",
                )
        axes.set(title=f"{ANSATZ_LABELS[ansatz]}, {depth}", xlabel="qubits $n$")
    panels[0].set_ylabel(r"mean $\|\nabla C(0)\|$")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside right upper", fontsize=6)
    note(
        figure,
        f"{span(table['runs'])} instances for each point, exact at each. A zero is a gradient that vanishes exactly in all of them.",
    )
    return figure, table


def walk_moments(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw E[g_k^2] under the encoder for all widths, beside the leading path, and the share of that path."""
    table = frame(results.summary("walk", Stage.GRADIENTS))
    table = table[
        (table["observable"] == "random_pauli")
        & (table["encoder"] == "lce")
        & (table["ansatz"] == "mhea")
        & (table["depth"] == "linear")
    ]
    states = frame(results.summary("statevector", Stage.GRADIENTS))
    states = states[
        (states["observable"] == "random_pauli")
        & (states["encoder"] == "lce")
        & (states["ansatz"] == "mhea")
        & (states["depth"] == "linear")
    ]
    figure, ((left, right),) = new_figure(2, width=4.2)
    for law, colour in LAW_COLOURS.items():
        rows = table[(table["law"] == law) & (table["gradient"] > 0)]
        known = rows[rows["gradient_error"] <= LARGEST_ERROR * rows["gradient"]]
        bars(
            left,
            known["qubits"],
            known,
            "gradient",
            color=colour,
            fmt="o",
            ms=3,
            label=LAW_LABELS[law],
        )
        path = rows[rows["bound"] > 1e-12]
        left.plot(path["qubits"], path["bound"], color=colour, lw=0.8)
        here = states[states["law"] == law]
        left.plot(here["qubits"], here["gradient"], "x", color=colour, ms=3, alpha=0.6)
        if law not in ("D^-1/5", "1"):
            right.plot(
                known["qubits"], known["share"], "o-", ms=3, color=colour, label=LAW_LABELS[law]
            )
    sizes = np.unique(table["qubits"])
    floor = table.drop_duplicates("qubits")
    left.plot(floor["qubits"], floor["two_design"], "k--", lw=0.8, label="2-design")
    left.set(
        xscale="log",
        yscale="log",
        xlabel="qubits $n$",
        ylabel=r"$E[g_k^2]$",
        ylim=(1e-9, 2),
        title="second moment of the encoded derivative",
    )
    left.legend(ncols=2, fontsize=6, loc="lower left")
    right.set(
        xscale="log",
        xlabel="qubits $n$",
        ylabel=r"$R^2 = (1 - p)^{A + 1} / E[g_k^2]$",
        title="share of the leading Pauli path",
        ylim=(0, 1.05),
    )
    for axes in (left, right):
        axes.set_xticks(sizes, [str(n) for n in sizes], fontsize=6)
        axes.minorticks_off()
    note(
        figure,
        f"Circles: Pauli walk, {span(table['instances'])} instances; crosses: state vectors, {span(states['runs'])} runs; lines: leading path. {INTERVALS}",
        f"Points with a relative standard error above {LARGEST_ERROR:g} are left out.",
    )
    return figure, table


def scaling_windows(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw the fitted laws for the two widths of the transition zone, from the published window and from all sizes."""
    fits = frame(results.summary("walk", Stage.THRESHOLDS))
    fits = fits[
        (fits["ansatz"] == "mhea")
        & (fits["depth"] == "linear")
        & (fits["observable"] == "random_pauli")
        & (fits["encoder"] == "lce")
    ]
    table = frame(results.summary("walk", Stage.GRADIENTS))
    table = table[
        (table["ansatz"] == "mhea")
        & (table["depth"] == "linear")
        & (table["observable"] == "random_pauli")
        & (table["encoder"] == "lce")
        & (table["gradient_error"] <= LARGEST_ERROR * table["gradient"])
    ]
    laws = ("D^-1/3", "sqrt(ln D / D)")
    figure, panels = new_figure(2, 2, width=3.6)
    for line, law in zip(panels, laws, strict=True):
        rows = table[table["law"] == law]
        for axes, window in zip(line, ("published", "all"), strict=True):
            bars(axes, rows["qubits"], rows, "gradient", color="0.2", fmt="o", ms=3)
            chosen = fits[(fits["law"] == law) & (fits["window"] == window)]
            title = rf"$\sigma$ = {LAW_LABELS[law]}, " + (
                f"fitted up to n = {WINDOW}" if window == "published" else "fitted on all sizes"
            )
            if len(chosen) and len(rows):
                fit = chosen.iloc[0]
                n = np.geomspace(rows["qubits"].min(), rows["qubits"].max(), 100)
                curves = {"power": np.log(n), "exponential": n, "stretched": n ** fit["stretch"]}
                for colour, (name, x) in zip(COLOURS, curves.items(), strict=False):
                    label = (
                        f"{name}: " + r"$\Delta$" + f"AICc {fit[f'{name}_delta']:.1f}"
                        if np.isfinite(fit[f"{name}_delta"])
                        else f"{name}: too few sizes"
                    )
                    axes.plot(
                        n,
                        np.exp(fit[f"{name}_intercept"] + fit[f"{name}_slope"] * x),
                        color=colour,
                        lw=0.9,
                        label=label,
                    )
                title += f": {fit['verdict']}"
                axes.legend(fontsize=6)
                axes.set_ylim(rows["gradient_low"].min() / 3, 2)
            axes.axvspan(rows["qubits"].min(), WINDOW, color="0.93", zorder=0)
            axes.set(
                xscale="log", yscale="log", xlabel="qubits $n$", ylabel=r"$E[g_k^2]$", title=title
            )
            axes.set_xticks(rows["qubits"], [str(n) for n in rows["qubits"]], fontsize=6)
            axes.minorticks_off()
    note(
        figure,
        f"{span(table['instances'])} instances for each point; {INTERVALS} Grey: the window of the published gradients.",
        "A law is preferred from a difference of 4 on; the stretched exponential has one parameter more.",
    )
    return figure, fits


def observables(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw E||grad C||^2 for other observables, with and without the encoder, from state vectors."""
    table = frame(results.summary("statevector", Stage.GRADIENTS))
    table = table[(table["ansatz"] == "mhea") & (table["depth"] == "linear")]
    laws = ("D^-1/2", "D^-1/3")
    names = list(dict.fromkeys(table["observable"]))
    figure, panels = new_figure(2, 2)
    for line, law in zip(panels, laws, strict=True):
        for axes, encoder in zip(line, ("lce", "none"), strict=True):
            for colour, name in zip(COLOURS, names, strict=False):
                rows = table[
                    (table["law"] == law)
                    & (table["encoder"] == encoder)
                    & (table["observable"] == name)
                ]
                bars(
                    axes,
                    rows["qubits"],
                    rows,
                    "squared_norm",
                    color=colour,
                    fmt="o-",
                    ms=3,
                    label=name.replace("_", " "),
                )
            axes.set(
                yscale="log",
                xlabel="qubits $n$",
                title=rf"$\sigma$ = {LAW_LABELS[law]}, {ENCODER_LABELS[encoder]}",
            )
        line[0].set_ylabel(r"$E\|\nabla C\|^2$")
    panels[0][0].legend(fontsize=5.5, ncols=2)
    note(
        figure,
        f"RY RZ circuits of linear depth; {span(table['runs'])} runs for each point. {INTERVALS}",
    )
    return figure, table


def encoder_variants(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw E[g_k^2] against the closed form of the leading path, for the encoder with gates and the one with offsets of the angles."""
    table = frame(results.summary("walk", Stage.GRADIENTS))
    table = table[
        (table["ansatz"] == "mhea")
        & (table["depth"] == "linear")
        & (table["observable"] == "random_pauli")
    ]
    table = table[table["encoder"] != "none"]
    both = table.groupby(["qubits", "law"])["encoder"].transform("nunique") == 2
    table = table[both & table["law"].isin(("D^-1/2", "D^-2/5", "sqrt(ln D / D)", "D^-1/3"))]
    figure, ((left, right),) = new_figure(2)
    for law, rows in table.groupby("law", sort=False):
        for encoder, style in (("lce", "o-"), ("angles", "s--")):
            chosen = rows[rows["encoder"] == encoder]
            bars(
                left,
                chosen["qubits"],
                chosen,
                "gradient",
                color=LAW_COLOURS[str(law)],
                fmt=style,
                ms=3,
            )
            right.plot(
                chosen["qubits"], chosen["density"], style, color=LAW_COLOURS[str(law)], ms=3
            )
        left.plot([], [], color=LAW_COLOURS[str(law)], label=LAW_LABELS[str(law)])
    for encoder, style in (("lce", "o-"), ("angles", "s--")):
        left.plot(
            [], [], style, color="0.4", ms=3, label="gates" if encoder == "lce" else "offsets"
        )
    left.set(
        yscale="log",
        xlabel="qubits $n$",
        ylabel=r"$E[g_k^2]$",
        title="second moment of the encoded derivative",
    )
    left.legend(fontsize=6, ncols=2)
    right.set(
        xlabel="qubits $n$",
        ylabel="mean $A / D$",
        title="rotations that anticommute with the path",
        ylim=(0, 1),
    )
    note(
        figure,
        f"{span(table['instances'])} instances (offsets: those that can be encoded so). {INTERVALS}",
    )
    return figure, table
