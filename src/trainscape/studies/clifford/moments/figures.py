"""Figures of gradients in patches."""

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from trainscape.studies.clifford import style
from trainscape.studies.clifford.moments.published_norms import NORMS
from trainscape.studies.clifford.moments.scaling_laws import LARGEST_ERROR, WINDOW
from trainscape.studies.clifford.moments.views import (
    DEEP,
    STRINGS,
    ZONE,
    fits_of,
    known,
    moments_of,
)
from trainscape.studies.kit.panels import (
    GUIDE,
    curve,
    guide,
    legend_below,
    panels,
    points,
    size_axis,
)
from trainscape.studies.kit.style import COLOURS, Look
from trainscape.studies.kit.tables import select, span
from trainscape.studies.reporting import Plot, Results
from trainscape.trainability.patch_laws import PUBLISHED_LAWS
from trainscape.trainability.patches import two_design_gradient_moment

INTERVALS = (
    "Bars: 95 % intervals of the mean, from Student's t on the logarithm; some leave the panel."
)
NORM = r"mean $\|\nabla C\|$ (1/rad)"
MOMENT = r"$E[g_k^2]$ (1/rad$^2$)"


def _compare(
    axes: Axes, table: pd.DataFrame, by: str, name: str, looks: Mapping[str, Look], title: str
) -> None:
    """Draw an estimate against the qubits, one series for each value of a column, side by side."""
    axes.set(yscale="log", xlabel=style.QUBITS)
    for place, (value, look) in enumerate(looks.items()):
        rows = select(table, **{by: value})
        # A step aside, so that the bars do not cover each other.
        points(axes, rows["qubits"] + 0.05 * (place - 2), rows, name, **look)
    axes.set_title(title, loc="center")


BANDS = (("D^-1", "D^-1/2", "#D55E00"), ("D^-1/2", "D^-1/3", "#0072B2"))
"""Widths between which the published figures are shaded, and the colours."""


def _shade(axes: Axes, table: pd.DataFrame) -> None:
    """Shade what lies between the curves of two widths, as published."""
    for first, last, colour in BANDS:
        low, high = (select(table, law=law)["norm"] for law in (first, last))
        sizes = select(table, law=first)["qubits"]
        axes.fill_between(sizes, low, high, color=colour, alpha=0.12, linewidth=0, zorder=0)


def _all_strings(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw the root mean square over all strings, which holds for every string that is drawn."""
    look = {"color": "0.1", "linewidth": 2.0, "alpha": 0.6, "zorder": 2}
    guide(axes, rows["qubits"], np.sqrt(rows["norm"]), label="all strings", **look)


def _published(axes: Axes, place: tuple[str, str, str], largest: int) -> bool:
    """Draw the published mean norms of an ansatz, depth and encoder up to a number of qubits.

    Return whether there are any.
    """
    known = False
    for law in PUBLISHED_LAWS:
        norms = {n: norm for n, norm in NORMS.get((*place, law), {}).items() if n <= largest}
        if norms:
            look: dict[str, Any] = {"marker": "*", "markersize": 7, "linestyle": "none"}
            look |= {"color": style.LAW_COLOURS[law], "markeredgecolor": "k", "zorder": 5}
            axes.plot(list(norms), list(norms.values()), gid=GUIDE, markeredgewidth=0.4, **look)
            known = True
    if known:
        style.proxy(axes, "published", marker="*", markersize=7, linestyle="none")
    return known


def _escape(results: Results, ansatz: str) -> Plot:
    series: dict[str, Any] = {"ansatz": ansatz, "observable": "random_pauli"}
    table = moments_of(results, "statevector", **series)
    encoded: dict[str, Any] = {"encoder": "lce", "law": "D^-1/2", "window": "all"}
    fits = fits_of(results, "statevector", **series, **encoded)
    bare = moments_of(results, "walk", **series, encoder="none", law="D^-1/2")
    looks = {
        law: {**style.law_look(law), "linestyle": "-", "label": style.width_label(law)}
        for law in PUBLISHED_LAWS
    }
    # Where all is flat, the two widest patches lie on one another.
    looks["1"] |= {"markerfacecolor": "none", "markersize": 6}
    figure, rows = panels(2, 2, width=3.6)
    known_there = False
    for line, depth in zip(rows, ("linear", "shallow"), strict=True):
        shown = select(table, depth=depth)
        for axes, encoder in zip(line, ("lce", "none"), strict=True):
            title = f"{depth} depth, {style.ENCODER_LABELS[encoder]}"
            _compare(axes, select(shown, encoder=encoder), "law", "norm", looks, title)
            for fit in select(fits, depth=depth, encoder=encoder).to_dict("records"):
                x, y, text = curve(fit, (fit["smallest_size"], fit["largest_size"]))
                guide(axes, x, y, linestyle=":", linewidth=1.4, color="0.1", zorder=3)
                text = f"{style.width_label('D^-1/2')}: {text.replace('x', 'n')}"
                axes.annotate(text, (0.03, 0.05), xycoords="axes fraction")
            _shade(axes, select(shown, encoder=encoder))
            sizes = select(shown, encoder=encoder, law="1")
            floor = sizes["parameters"] * sizes["qubits"].map(two_design_gradient_moment)
            guide(axes, sizes["qubits"], np.sqrt(floor), linestyle="--", label="2-design")
            if encoder == "none":
                _all_strings(axes, select(bare, depth=depth))
            known_there |= _published(axes, (ansatz, depth, encoder), shown["qubits"].max())
            axes.set_ylabel(NORM)
            size_axis(axes, shown["qubits"])
        style.log_limits(line, shown["norm"])
    legend_below(figure, rows.ravel(), columns=6)
    caption = (
        rf"Mean norm of the gradient for five widths $\sigma$: {style.ANSATZ_LABELS[ansatz]}. "
        f"{span(table['runs'])} runs for each point, each with a random Pauli string, parameter k "
        f"and angles of its own; all widths share their draws. {INTERVALS} Dotted: the law fitted "
        r"with encoder at $\sigma = D^{-1/2}$, where three sizes are known well enough; dashed: "
        "root mean square of 2-designs. Without the encoder a few rare strings carry the mean, "
        "which runs miss, and bars are too short: what counts is the mean over all strings (thick "
        r"line: its root mean square at $\sigma = D^{-1/2}$, by walks of generators). Shaded: from "
        r"$D^{-1}$ to $D^{-1/2}$ and from there to $D^{-1/3}$, as published."
    )
    if known_there:
        caption += " Stars: published means, as far as their numbers are known."
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
    table = moments_of(results, "origin")
    columns = (("mhea", "linear"), *((ansatz, "shallow") for ansatz in style.ANSATZ_LABELS))
    figure, (axes_row,) = panels(len(columns), width=1.8)
    for axes, (ansatz, depth) in zip(axes_row, columns, strict=True):
        shown = select(table, ansatz=ansatz, depth=depth)
        pairs = product(dict.fromkeys(table["observable"]), ("lce", "none"))
        for place, (observable, encoder) in enumerate(pairs):
            rows = select(shown, observable=observable, encoder=encoder)
            look = style.ENCODER_LOOKS[encoder] | {
                "color": style.OBSERVABLE_LOOKS[observable]["color"]
            }
            label = f"{style.OBSERVABLE_LABELS[observable]}, {style.ENCODER_LABELS[encoder]}"
            points(axes, rows["qubits"] * 1.02 ** (place - 2), rows, "norm", label=label, **look)
        axes.set(xlabel=style.QUBITS, xscale="log", ylim=(-0.1, 1.2 * table["norm"].max()))
        axes.set_ylabel(r"mean $\|\nabla C(0)\|$ (1/rad)")
        axes.set_title(f"{style.ANSATZ_NAMES[ansatz]}, {depth}", loc="center")
        size_axis(axes, shown["qubits"], most=4)
    legend_below(figure, axes_row[:1], columns=3)
    caption = (
        "Norm of the gradient at angle zero. "
        + ", ".join(
            f"{style.ANSATZ_NAMES[one]}: {name}" for one, name in style.ANSATZ_LABELS.items()
        )
        + f". {span(table['runs'])} instances for each point, exact at each. Bars: 95 % intervals "
        "of the mean, from Student's t. A zero is a gradient that vanishes in all instances."
    )
    return Plot(figure=figure, table=table, caption=caption)


def walk_moments(results: Results) -> Plot:
    """Second moment of the encoded derivative, and what its leading Pauli path leaves of it."""
    encoded: dict[str, Any] = {**STRINGS, "encoder": "lce", "law": tuple(style.LAW_LABELS)}
    walks = moments_of(results, "walk", **encoded)
    walks = walks[walks["gradient"] > 0].assign(source="walk")
    settled = known(walks)
    states = moments_of(results, "statevector", **encoded).assign(source="state vector")
    figure, ((moment, left),) = panels(2, width=3.6, height=2.8)
    moment.set(xscale="log", yscale="log", xlabel=style.QUBITS, ylabel=MOMENT)
    left.set(xscale="log", yscale="log", xlabel=style.QUBITS)
    left.set_ylabel("$1 - R^2$ of the leading path")
    for law in dict.fromkeys(walks["law"]):
        look = {**style.law_look(law), "linestyle": "none"}
        rows, path, other = (select(table, law=law) for table in (settled, walks, states))
        points(moment, rows["qubits"], rows, "gradient", label=style.width_label(law), **look)
        path = path[path["bound"] > 1e-12]
        guide(moment, path["qubits"], path["bound"], color=look["color"])
        points(moment, 1.04 * other["qubits"], other, "gradient", **{**look, "marker": "x"})
        if law in ("D^-1/2", *ZONE):
            for power_of_two, face in ((True, look["color"]), (False, "w")):
                own = np.log2(rows["qubits"]) % 1 == 0
                own = rows[own if power_of_two else ~own]
                points(left, own["qubits"], own, "missing", **{**look, "markerfacecolor": face})
    floor = walks.drop_duplicates("qubits")
    guide(moment, floor["qubits"], floor["two_design"], linestyle="--", label="2-design")
    style.proxy(moment, "leading path", linewidth=0.8)
    style.proxy(moment, "state vectors", linestyle="none", marker="x")
    hollow = {"linestyle": "none", "marker": "o", "markerfacecolor": "w"}
    style.proxy(moment, "$n$ no power of 2 (b)", **hollow)
    style.log_limits((moment,), [*settled["gradient"], *states["gradient"]], least=1e-6)
    left.set_ylim(None, 1.5)
    for axes in (moment, left):
        size_axis(axes, [*walks["qubits"], *states["qubits"]])
    legend_below(figure, (moment,), columns=5)
    caption = (
        "(a) Second moment of the encoded derivative of random strings, RY RZ circuits of linear "
        f"depth. Filled: Pauli paths and walks, {span(walks['instances'])} instances; crosses: "
        f"state vectors, {span(states['runs'])} runs; lines: the leading Pauli path, a lower "
        "bound. (b) What that path leaves of the moment, mean over instances. "
        f"{INTERVALS} Moments with a relative standard error above {LARGEST_ERROR:g} are left out."
    )
    table = pd.concat([walks, states], ignore_index=True)
    return Plot(figure=figure, table=table, caption=caption)


def _draw_laws(axes: Axes, fit: Mapping[Any, Any], sizes: Any) -> None:
    """Draw the three fitted laws, and name them with their AICc, less the least one."""
    for place, (kind, line) in enumerate(
        {"power": "-", "exponential": "--", "stretched": ":"}.items()
    ):
        x, y, text = curve({**fit, "verdict": kind}, sizes)
        guide(axes, x, y, linestyle=line, color="0.1", label=f"{kind} law")
        delta = fit[f"{kind}_delta"]
        delta = rf"$\Delta$AICc {delta:.1f}" if np.isfinite(delta) else "too few sizes"
        text = f"{kind}: {text.replace('x', 'n')}, {delta}"
        where = (0.03, 0.25 - 0.11 * place)
        axes.annotate(text, where, xycoords="axes fraction", fontsize=6.5)


def scaling_windows(results: Results) -> Plot:
    """Laws fitted to the moments of the transition zone, up to 16 qubits and on all sizes."""
    series: dict[str, Any] = {**STRINGS, "encoder": "lce", "law": ZONE}
    fits = fits_of(results, "walk", **series)
    table = known(moments_of(results, "walk", **series))
    fitted = {"published": f"$n \\leq {WINDOW}$", "all": "all sizes"}
    figure, grid = panels(2, 2, width=3.6)
    for line, law in zip(grid, ZONE, strict=True):
        rows = select(table, law=law)
        for axes, window in zip(line, fitted, strict=True):
            axes.set(xscale="log", yscale="log", xlabel=style.QUBITS, ylabel=MOMENT)
            look = {**style.law_look(law), "linestyle": "none", "zorder": 3}
            points(axes, rows["qubits"], rows, "gradient", **look)
            for fit in select(fits, law=law, window=window).to_dict("records"):
                _draw_laws(axes, fit, rows["qubits"])
            d = rows["parameters"]
            derived = np.exp(-(d ** (1 / 3)) / 2) if law == ZONE[0] else d**-0.5
            look = {"color": COLOURS[1], "linestyle": "-.", "linewidth": 1.2}
            guide(axes, rows["qubits"], derived, label="derived law", **look)
            title = f"{style.width_label(law)}, fitted on {fitted[window]}"
            axes.set_title(title, loc="center")
            axes.axvspan(rows["qubits"].min(), WINDOW, color="0.94", zorder=0)
            size_axis(axes, rows["qubits"])
        style.log_limits(line, rows["gradient"])
        low, high = line[0].get_ylim()
        for axes in line:
            axes.set_ylim(low**1.4 / high**0.4 / 3, high)
    legend_below(figure, grid.ravel(), columns=4)
    caption = (
        "Second moment of the encoded derivative in the two widths of the transition zone, "
        f"{span(table['instances'])} instances for each point. {INTERVALS} Grey: the window of the "
        r"published gradients. A law is preferred from a difference $\Delta$AICc of 4 on; the "
        "stretched exponential has one parameter more. Derived: the leading path with A = D/2, "
        r"$\exp(-D^{1/3}/2)$ and $D^{-1/2}$."
    )
    return Plot(figure=figure, table=table.merge(fits, on=[*series], how="left"), caption=caption)


def observables(results: Results) -> Plot:
    """Squared norm of the gradient for other observables, with and without the encoder."""
    laws = ("D^-1/2", "D^-1/3")
    table = moments_of(results, "statevector", **DEEP, law=laws)
    looks = {
        name: {**style.OBSERVABLE_LOOKS[name], "label": style.OBSERVABLE_LABELS[name]}
        for name in dict.fromkeys(table["observable"])
    }
    figure, grid = panels(2, 2, width=3.6)
    for line, law in zip(grid, laws, strict=True):
        shown = select(table, law=law)
        for axes, encoder in zip(line, ("lce", "none"), strict=True):
            title = f"{style.width_label(law)}, {style.ENCODER_LABELS[encoder]}"
            rows = select(shown, encoder=encoder)
            _compare(axes, rows, "observable", "squared_norm", looks, title)
            axes.set_ylabel(r"$E\|\nabla C\|^2$ (1/rad$^2$)")
            size_axis(axes, table["qubits"])
        style.log_limits(line, shown["squared_norm"])
    legend_below(figure, grid[0], columns=3)
    caption = (
        "Mean square of the norm of the gradient, RY RZ circuits of linear depth, by state "
        f"vectors; {span(table['runs'])} runs for each point. {INTERVALS}"
    )
    return Plot(figure=figure, table=table, caption=caption)


def encoder_variants(results: Results) -> Plot:
    """Moments and paths of the encoder with gates and of that by offsets of the angles."""
    laws = ("D^-1/2", "D^-2/5", "sqrt(ln D / D)", "D^-1/3")
    table = moments_of(results, "walk", **STRINGS, law=laws, encoder=("lce", "angles"))
    table = table[table.groupby(["qubits", "law"])["encoder"].transform("nunique") == 2]
    figure, ((moment, density),) = panels(2, width=3.6)
    moment.set(yscale="log", xlabel=style.QUBITS, ylabel=MOMENT)
    for law in laws:
        for encoder in ("lce", "angles"):
            rows = select(table, law=law, encoder=encoder)
            look = {**style.ENCODER_LOOKS[encoder], "color": style.LAW_COLOURS[law]}
            points(moment, rows["qubits"], rows, "gradient", **look)
        style.proxy(moment, style.width_label(law), color=style.LAW_COLOURS[law])
    for encoder, label in (("lce", "gates"), ("angles", "offsets")):
        style.proxy(moment, label, **style.ENCODER_LOOKS[encoder])
        # A does not depend on the width.
        rows = select(table, law=laws[0], encoder=encoder)
        density.plot(rows["qubits"], rows["density"], **style.ENCODER_LOOKS[encoder])
    density.set(xlabel=style.QUBITS, ylabel=r"mean $A / D$", ylim=(0, 1))
    for axes in (moment, density):
        size_axis(axes, table["qubits"])
    style.log_limits((moment,), table["gradient"])
    legend_below(figure, (moment,), columns=6)
    caption = (
        "(a) Second moment of the encoded derivative for four widths, with an encoder of gates "
        "around the circuit and with one of offsets of the angles. (b) Share of the rotations that "
        f"anticommute with the leading path, a mean without error bars. {span(table['instances'])} "
        f"instances (offsets: those that can be encoded so). {INTERVALS}"
    )
    return Plot(figure=figure, table=table, caption=caption)
