"""Figures of gradients in patches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from trainscape.studies.clifford.moments.leading_path import LARGEST_ERROR, WINDOW
from trainscape.studies.clifford.names import (
    ANSATZ_LABELS,
    ANSATZ_NAMES,
    ENCODER_LABELS,
    ENCODER_LOOKS,
    LAW_COLOURS,
    LAW_LABELS,
    OBSERVABLE_LABELS,
    OBSERVABLE_LOOKS,
    law_look,
)
from trainscape.studies.contract import Stage
from trainscape.studies.kit.panels import (
    curve,
    guide,
    legend_below,
    log_axis,
    panels,
    points,
    size_axis,
)
from trainscape.studies.kit.tables import select, span, to_frame
from trainscape.studies.reporting import Plot, Results
from trainscape.trainability.patch_laws import PUBLISHED_LAWS
from trainscape.trainability.patches import two_design_gradient_moment

DEEP: dict[str, Any] = {"ansatz": "mhea", "depth": "linear"}
STRINGS: dict[str, Any] = {**DEEP, "observable": "random_pauli"}
INTERVALS = (
    "Bars: 95 % intervals of the mean, from Student's t on the logarithm; some leave the panel."
)
QUBITS = "qubits $n$"
DODGE = 0.05
"""Steps in n by which series are moved aside, so that their bars do not cover each other."""
NORM = r"mean $\|\nabla C\|$ (1/rad)"
MOMENT = r"$E[g_k^2]$ (1/rad$^2$)"


def _table(results: Results, family: str, **values: Any) -> pd.DataFrame:
    return select(to_frame(results.summary(family, Stage.GRADIENTS)), **values)


def _fits(results: Results, family: str, **values: Any) -> pd.DataFrame:
    return select(to_frame(results.summary(family, Stage.THRESHOLDS)), **values)


def _known(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["gradient_error"] <= LARGEST_ERROR * table["gradient"]]


def _log_limits(axes: Iterable[Axes], values: Any, least: float = 1e-9) -> None:
    """Give panels limits that hold all values; intervals may leave them."""
    positive = np.asarray(values, dtype=np.float64)
    positive = positive[positive > 0]
    for panel in axes:
        panel.set_yscale("log")
        panel.set_ylim(max(positive.min() / 3, least), positive.max() * 3)
        log_axis(panel)


def _proxy(axes: Axes, label: str, **look: Any) -> None:
    """Add an entry to the legend for what differs in line and marker and not in colour."""
    axes.plot([], [], label=label, **{"color": "0.4", **look})


def _escape(results: Results, ansatz: str) -> Plot:
    series: dict[str, Any] = {"ansatz": ansatz, "observable": "random_pauli"}
    table = _table(results, "statevector", **series)
    fits = _fits(results, "statevector", **series, law="D^-1/2", window="all")
    figure, rows = panels(2, 2, width=3.6)
    for line, depth in zip(rows, ("linear", "shallow"), strict=True):
        for axes, encoder in zip(line, ("lce", "none"), strict=True):
            shown = {"depth": depth, "encoder": encoder}
            axes.set_yscale("log")
            for place, law in enumerate(PUBLISHED_LAWS):
                chosen = select(table, **shown, law=law)
                x = chosen["qubits"] + DODGE * (place - 2)
                look = {**law_look(law), "linestyle": "-"}
                points(axes, x, chosen, "norm", label=LAW_LABELS[law], **look)
            for fit in select(fits, **shown).to_dict("records"):
                x, y, text = curve(fit, (fit["smallest_size"], fit["largest_size"]))
                guide(axes, x, y, linestyle=":", linewidth=1.4, color="0.1", zorder=3)
                text = f"{LAW_LABELS['D^-1/2']}: {text.replace('x', 'n')}"
                axes.annotate(text, (0.03, 0.05), xycoords="axes fraction")
            if depth == "linear" and ansatz != "rpqc":
                deep = select(table, **shown, law="1")
                floor = [
                    np.sqrt(d * two_design_gradient_moment(int(n)))
                    for n, d in zip(deep["qubits"], deep["parameters"], strict=True)
                ]
                guide(axes, deep["qubits"], floor, linestyle="--", label="2-design")
            axes.set(xlabel=QUBITS, ylabel=NORM)
            axes.set_title(f"{depth} depth, {ENCODER_LABELS[encoder]}", loc="center")
            size_axis(axes, select(table, depth=depth)["qubits"])
        _log_limits(line, select(table, depth=depth)["norm"])
    legend_below(figure, rows[0], columns=6)
    caption = (
        rf"Mean norm of the gradient for five widths $\sigma$: {ANSATZ_LABELS[ansatz]}. "
        f"{span(table['runs'])} runs for each point, each with a random Pauli string, parameter k "
        f"and angles of its own; all widths share their draws. {INTERVALS} Dotted: the law fitted "
        r"at $\sigma = D^{-1/2}$, where three sizes are known well enough; dashed: root mean "
        "square of 2-designs."
    )
    return Plot(figure=figure, table=table, caption=caption)


def escape_mhea(results: Results) -> Plot:
    """Mean norm of the gradient in five patches, for circuits with RY and RZ."""
    return _escape(results, "mhea")


def escape_fhea(results: Results) -> Plot:
    """Mean norm of the gradient in five patches, for circuits with RX, RY and RZ."""
    return _escape(results, "fhea")


def escape_rpqc(results: Results) -> Plot:
    """Mean norm of the gradient in five patches, for random circuits."""
    return _escape(results, "rpqc")


def zero_gradient_norm(results: Results) -> Plot:
    """Norm of the gradient at angle zero, for strings and sums of strings."""
    table = _table(results, "origin")
    columns = (("mhea", "linear"), *((ansatz, "shallow") for ansatz in ANSATZ_LABELS))
    figure, (axes_row,) = panels(len(columns), width=1.8)
    for axes, (ansatz, depth) in zip(axes_row, columns, strict=True):
        place = -3
        for observable in dict.fromkeys(table["observable"]):
            for encoder in ("lce", "none"):
                place += 1
                rows = select(
                    table, ansatz=ansatz, depth=depth, observable=observable, encoder=encoder
                )
                look = {**ENCODER_LOOKS[encoder], "color": OBSERVABLE_LOOKS[observable]["color"]}
                label = f"{OBSERVABLE_LABELS[observable]}, {ENCODER_LABELS[encoder]}"
                points(axes, rows["qubits"] * 1.02**place, rows, "norm", label=label, **look)
        axes.set(xlabel=QUBITS, xscale="log", ylim=(-0.1, 1.2 * table["norm"].max()))
        axes.set_ylabel(r"mean $\|\nabla C(0)\|$ (1/rad)")
        axes.set_title(f"{ANSATZ_NAMES[ansatz]}, {depth}", loc="center")
        size_axis(axes, select(table, ansatz=ansatz, depth=depth)["qubits"], most=4)
    legend_below(figure, axes_row[:1], columns=3)
    caption = (
        "Norm of the gradient at angle zero. "
        + ", ".join(f"{ANSATZ_NAMES[ansatz]}: {label}" for ansatz, label in ANSATZ_LABELS.items())
        + f". {span(table['runs'])} instances for each point, exact at each. Bars: 95 % intervals "
        "of the mean, from Student's t. A zero is a gradient that vanishes in all instances."
    )
    return Plot(figure=figure, table=table, caption=caption)


def walk_moments(results: Results) -> Plot:
    """Second moment of the encoded derivative, and the share of its leading Pauli path."""
    walks = _table(results, "walk", **STRINGS, encoder="lce", law=tuple(LAW_LABELS))
    walks = walks[walks["gradient"] > 0].assign(source="walk")
    walks["share_low"] = walks["bound"] / walks["gradient_high"]
    walks["share_high"] = np.minimum(1, walks["bound"] / walks["gradient_low"])
    known = _known(walks)
    states = _table(results, "statevector", **STRINGS, encoder="lce", law=tuple(LAW_LABELS))
    states = states.assign(source="state vector")
    figure, ((moment, share),) = panels(2, width=3.6, height=2.8)
    moment.set(xscale="log", yscale="log", xlabel=QUBITS, ylabel=MOMENT)
    for law in dict.fromkeys(walks["law"]):
        look = {**law_look(law), "linestyle": "none"}
        rows = select(known, law=law)
        points(moment, rows["qubits"], rows, "gradient", label=LAW_LABELS[law], **look)
        path = select(walks, law=law)
        path = path[path["bound"] > 1e-12]
        guide(moment, path["qubits"], path["bound"], color=look["color"])
        other = select(states, law=law)
        points(moment, 1.04 * other["qubits"], other, "gradient", **{**look, "marker": "x"})
        if law not in ("D^-1/5", "1"):
            points(share, rows["qubits"], rows, "share", **{**look, "linestyle": "-"})
    floor = walks.drop_duplicates("qubits")
    guide(moment, floor["qubits"], floor["two_design"], linestyle="--", label="2-design")
    _proxy(moment, "leading path", linewidth=0.8)
    _proxy(moment, "state vectors", linestyle="none", marker="x")
    _log_limits((moment,), [*known["gradient"], *states["gradient"]], 1e-6)
    share.set(xscale="log", xlabel=QUBITS, ylim=(0, 1.08))
    share.set_ylabel("$R^2$ of the leading path")
    for axes in (moment, share):
        size_axis(axes, [*walks["qubits"], *states["qubits"]])
    legend_below(figure, (moment,), columns=5)
    caption = (
        "(a) Second moment of the encoded derivative of random strings, RY RZ circuits of linear "
        f"depth. Filled: Pauli walk, {span(walks['instances'])} instances; crosses: state vectors, "
        f"{span(states['runs'])} runs; lines: the leading Pauli path, a lower bound. (b) Share of "
        f"that path. {INTERVALS} Walks with a relative standard error above {LARGEST_ERROR:g} are "
        "left out."
    )
    table = pd.concat([walks, states], ignore_index=True)
    return Plot(figure=figure, table=table, caption=caption)


def scaling_windows(results: Results) -> Plot:
    """Laws fitted to the moments of the transition zone, up to 16 qubits and on all sizes."""
    laws = ("D^-1/3", "sqrt(ln D / D)")
    series: dict[str, Any] = {**STRINGS, "encoder": "lce", "law": laws}
    fits = _fits(results, "walk", **series)
    table = _known(_table(results, "walk", **series))
    kinds = {"power": "-", "exponential": "--", "stretched": ":"}
    figure, grid = panels(2, 2, width=3.6)
    for line, law in zip(grid, laws, strict=True):
        rows = select(table, law=law)
        for axes, window in zip(line, ("published", "all"), strict=True):
            axes.set(xscale="log", yscale="log", xlabel=QUBITS, ylabel=MOMENT)
            look = {**law_look(law), "linestyle": "none", "zorder": 3}
            points(axes, rows["qubits"], rows, "gradient", **look)
            for fit in select(fits, law=law, window=window).to_dict("records"):
                for place, (kind, style) in enumerate(kinds.items()):
                    x, y, text = curve(fit | {"verdict": kind}, rows["qubits"])
                    guide(axes, x, y, linestyle=style, color="0.1", label=f"{kind} law")
                    delta = fit[f"{kind}_delta"]
                    delta = rf"$\Delta$AICc {delta:.1f}" if np.isfinite(delta) else "too few sizes"
                    axes.annotate(
                        f"{kind}: {text.replace('x', 'n')}, {delta}",
                        (0.03, 0.25 - 0.11 * place),
                        xycoords="axes fraction",
                        fontsize=6.5,
                    )
            fitted = f"$n \\leq {WINDOW}$" if window == "published" else "all sizes"
            axes.set_title(rf"$\sigma$ = {LAW_LABELS[law]}, fitted on {fitted}", loc="center")
            axes.axvspan(rows["qubits"].min(), WINDOW, color="0.94", zorder=0)
            size_axis(axes, rows["qubits"])
        _log_limits(line, rows["gradient"])
        low, high = line[0].get_ylim()
        for axes in line:
            axes.set_ylim(low**1.4 / high**0.4 / 3, high)
    legend_below(figure, grid.ravel(), columns=3)
    caption = (
        "Second moment of the encoded derivative in the two widths of the transition zone, "
        f"{span(table['instances'])} instances for each point. {INTERVALS} Grey: the window of the "
        r"published gradients. A law is preferred from a difference $\Delta$AICc of 4 on; the "
        "stretched exponential has one parameter more."
    )
    return Plot(figure=figure, table=table.merge(fits, on=[*series], how="left"), caption=caption)


def observables(results: Results) -> Plot:
    """Squared norm of the gradient for other observables, with and without the encoder."""
    laws = ("D^-1/2", "D^-1/3")
    table = _table(results, "statevector", **DEEP, law=laws)
    figure, grid = panels(2, 2, width=3.6)
    for line, law in zip(grid, laws, strict=True):
        for axes, encoder in zip(line, ("lce", "none"), strict=True):
            axes.set_yscale("log")
            for place, name in enumerate(dict.fromkeys(table["observable"])):
                rows = select(table, law=law, encoder=encoder, observable=name)
                x = rows["qubits"] + DODGE * (place - 2)
                look = {**OBSERVABLE_LOOKS[name], "label": OBSERVABLE_LABELS[name]}
                points(axes, x, rows, "squared_norm", **look)
            axes.set(xlabel=QUBITS, ylabel=r"$E\|\nabla C\|^2$ (1/rad$^2$)")
            axes.set_title(
                rf"$\sigma$ = {LAW_LABELS[law]}, {ENCODER_LABELS[encoder]}", loc="center"
            )
            size_axis(axes, table["qubits"])
        _log_limits(line, select(table, law=law)["squared_norm"])
    legend_below(figure, grid[0], columns=3)
    caption = (
        "Mean square of the norm of the gradient, RY RZ circuits of linear depth, by state "
        f"vectors; {span(table['runs'])} runs for each point. {INTERVALS}"
    )
    return Plot(figure=figure, table=table, caption=caption)


def encoder_variants(results: Results) -> Plot:
    """Moments and paths of the encoder with gates and of that by offsets of the angles."""
    laws = ("D^-1/2", "D^-2/5", "sqrt(ln D / D)", "D^-1/3")
    table = _table(results, "walk", **STRINGS, law=laws, encoder=("lce", "angles"))
    both = table.groupby(["qubits", "law"])["encoder"].transform("nunique") == 2
    table = table[both]
    figure, ((moment, density),) = panels(2, width=3.6)
    moment.set(yscale="log", xlabel=QUBITS, ylabel=MOMENT)
    for law in laws:
        for encoder in ("lce", "angles"):
            rows = select(table, law=law, encoder=encoder)
            look = {**ENCODER_LOOKS[encoder], "color": LAW_COLOURS[law]}
            points(moment, rows["qubits"], rows, "gradient", **look)
        moment.plot([], [], color=LAW_COLOURS[law], label=LAW_LABELS[law])
    for encoder, label in (("lce", "gates"), ("angles", "offsets")):
        _proxy(moment, label, **ENCODER_LOOKS[encoder])
        # A does not depend on the width.
        rows = select(table, law=laws[0], encoder=encoder)
        density.plot(rows["qubits"], rows["density"], **ENCODER_LOOKS[encoder])
    density.set(xlabel=QUBITS, ylabel=r"mean $A / D$", ylim=(0, 1))
    for axes in (moment, density):
        size_axis(axes, table["qubits"])
    _log_limits((moment,), table["gradient"])
    legend_below(figure, (moment,), columns=6)
    caption = (
        "(a) Second moment of the encoded derivative for four widths, with an encoder of gates "
        "around the circuit and with one of offsets of the angles. (b) Share of the rotations that "
        f"anticommute with the leading path, a mean without error bars. {span(table['instances'])} "
        f"instances (offsets: those that can be encoded so). {INTERVALS}"
    )
    return Plot(figure=figure, table=table, caption=caption)
