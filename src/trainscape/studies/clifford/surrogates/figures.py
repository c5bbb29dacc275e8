"""Figures of classical surrogates."""

import math
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from trainscape.studies.clifford import style
from trainscape.studies.clifford.surrogates.cost_map import ZONE
from trainscape.studies.contract import Stage
from trainscape.studies.kit.panels import (
    guide,
    legend_below,
    level,
    log_axis,
    panels,
    points,
    same_limits,
    series,
    size_axis,
)
from trainscape.studies.kit.tables import select, span, to_frame
from trainscape.studies.reporting import Plot, Results

SIGMA = r"$\sigma$"
CLOSE = 0.9
"""Sizes closer than this ratio share a column of the map."""

EXTRA = "#D55E00"
"""Colour of what every way is compared with."""


def _counts(results: Results, experiment: str) -> pd.DataFrame:
    """Return the counts of all cells of an experiment, one row for each order.

    Of encoded supports the rows have the published draw, the least, and the largest.
    """
    rows: list[dict[str, Any]] = []
    cells = results.cells("surrogates", Stage.DATASET)
    for cell in (cell for cell in cells if cell["experiment"] == experiment):
        for order in cell.data["m"].values.tolist():
            data = cell.data.sel(m=order)
            numbers = {str(name): one.item() for name, one in data.items() if not one.ndim}
            row = {**cell.parameters, **data.attrs, "order": order, **numbers}
            if "encoded" in data:
                encoded = data["encoded"].values.tolist()
                row["encoded_published_draw"] = encoded[0]
                row |= {"encoded_least": min(encoded), "encoded_largest": max(encoded)}
            rows.append(row)
    return pd.DataFrame(rows)


def taylor_cost(results: Results) -> Plot:
    """Cost of four ways to compute a surrogate of order m, and of the state vector."""
    table = _counts(results, "cost")
    figure, grid = panels(2, 2, width=3.6, height=2.2)
    # What is counted differs: runs of the whole circuit above, parts of one below.
    ways = (
        {
            "shift_evaluations": ("-", "losses by the shift rule (published)"),
            "coefficients": ("--", "back-propagations, one a coefficient"),
        },
        {
            "followed_paths": ("o:", "Pauli paths followed, at most $m - 1$ sines"),
            "support": ("s-", "non-zero Taylor coefficients"),
        },
    )
    shades = mpl.colormaps["viridis"](np.linspace(0, 0.85, table["order"].max()))
    for line, kinds in zip(grid, ways, strict=True):
        for axes, ansatz in zip(line, ("mhea", "fhea"), strict=True):
            axes.set(xscale="log", yscale="log", xlabel=style.QUBITS)
            chosen = select(table, ansatz=ansatz)
            for colour, (order, rows) in zip(shades, chosen.groupby("order"), strict=False):
                for name, (look, _) in kinds.items():
                    axes.plot(rows["qubits"], rows[name], look, color=colour)
                style.proxy(axes, f"$m = {order}$", color=colour)
            for look, label in kinds.values():
                axes.plot([], [], look, color="0.4", label=label)
            if kinds is ways[1]:
                small = chosen.drop_duplicates("qubits").query("qubits <= 16")
                label = "amplitudes that the gates of one loss touch"
                axes.plot(small["qubits"], small["amplitude_steps"], color=EXTRA, label=label)
            else:
                axes.set_title(f"{style.ANSATZ_NAMES[ansatz]}, one layer", loc="center")
            size_axis(axes, chosen["qubits"])
            log_axis(axes)
            axes.set_ylabel("paths, coefficients" if kinds is ways[1] else "runs of the circuit")
        same_limits(line)
    legend_below(figure, grid[:, 0], columns=3)
    caption = (
        "Exact counts for one random string and one parameter k (the published draw), with the "
        "encoder, for surrogates of order m. (a, b) Runs of the circuit for all coefficients. (c, "
        "d) Pauli paths that one tree search follows, and coefficients that it finds; one loss by "
        "a state vector for comparison. Counts of zero are not shown."
    )
    return Plot(figure=figure, table=table, caption=caption)


def _draw_support(axes: Axes, x: str, rows: pd.DataFrame) -> None:
    """Draw the counts of one order against layers or qubits, with their published running sums."""
    for name, encoder, label, summed in (
        ("bare", "none", "without encoder", "running sum, as published"),
        ("encoded_published_draw", "lce", "with encoder, published $k$", ""),
    ):
        look = style.ENCODER_LOOKS[encoder]
        axes.plot(rows[x], rows[name], label=label, **look)
        running = rows[f"{name}_running_sum"]
        axes.plot(rows[x], running, label=summed, color=look["color"], linestyle=":")
    band = (rows["encoded_least"], rows["encoded_largest"])
    look = {"color": style.ENCODER_LOOKS["lce"]["color"], "alpha": 0.2, "lw": 0}
    axes.fill_between(rows[x], *band, label="over all drawn $k$", **look)
    axes.plot(rows[x], rows["coefficients"], color=EXTRA, lw=0.8, label="all coefficients")
    axes.set(yscale="log", ylabel="coefficients")
    size_axis(axes, rows[x], most=5)
    log_axis(axes)


def taylor_support(results: Results) -> Plot:
    """Numbers of non-zero Taylor coefficients, with and without the encoder."""
    flat = _counts(results, "support")
    depths = flat.groupby("qubits")["layers"].nunique()
    sweeps = [
        ("layers", "layers $L$", {"qubits": n}, f"$n = {n}$") for n in depths[depths > 1].index
    ]
    sweeps.append(("qubits", style.QUBITS, {"layers": 1}, "$L = 1$"))
    # Some systems are counted to higher orders than their sweep.
    shown = []
    for x, label, held, fixed in sweeps:
        rows = select(flat, **held)
        for order, part in rows[rows["order"] > 2].groupby("order"):
            if part[x].nunique() == rows[x].nunique():
                shown.append((x, label, fixed, order, part.sort_values(x).assign(sweep=x)))
    columns = min(4, len(shown))
    figure, grid = panels(columns, math.ceil(len(shown) / columns), width=7.2 / columns)
    frames = []
    for axes, (x, label, fixed, order, rows) in zip(grid.flat, shown, strict=False):
        for name in ("bare", "encoded_published_draw"):
            rows[f"{name}_running_sum"] = rows[name].cumsum()
        _draw_support(axes, x, rows)
        axes.set_xlabel(label)
        axes.set_title(f"$m = {order}$, {fixed}", loc="center")
        frames.append(rows)
    for axes in grid.flat[len(shown) :]:
        axes.set_visible(False)
    legend_below(figure, grid[0, :1], columns=3)
    caption = (
        "Exact counts, RY RZ circuits, product of Z. All coefficients are 0, 1 or -1, so that the "
        "squared norm is the same number. Dotted: the running sums that were published."
    )
    return Plot(figure=figure, table=pd.concat(frames, ignore_index=True), caption=caption)


def truncation_order(results: Results) -> Plot:
    """Least sufficient order of the Taylor surrogate, for eight widths."""
    data = results.summary("surrogates", Stage.THRESHOLDS)
    names = ["norm", "order", "order_lambert", "order_published"]
    table = data[names].to_dataframe().reset_index()
    figure, ((axes,),) = panels(1, width=4.8, height=3.0)
    axes.set(xscale="log", yscale="log", xlabel=style.QUBITS, ylabel="least order $m$")
    for law, rows in series(table, "order_law"):
        look = {**style.law_look(law), "marker": ""}
        axes.plot(rows["order_qubits"], rows["order"], label=style.LAW_LABELS[law], **look)
        drawn = rows[rows["order_published"] > 0]
        look |= {"marker": "o", "linestyle": "none"}
        axes.plot(drawn["order_qubits"], drawn["order_published"], **look)
    log_axis(axes)
    log_axis(axes, "x")
    legend_below(figure, (axes,), columns=4, title=SIGMA)
    caption = (
        r"Least order m with $\ell^m / m! \leq 10^{-6}$, RY RZ circuits with L = n. Lines: at the "
        r"mean 1-norm $\ell = \sqrt{2/\pi}\,\sigma D$, exact. Circles: the published draws, by the "
        "published formula."
    )
    return Plot(figure=figure, table=table, caption=caption)


def decomposition_rank(results: Results) -> Plot:
    """Ranks of stabiliser decompositions, for equal and for random angles."""
    data = results.summary("surrogates", Stage.THRESHOLDS)
    titles = {
        "rank_equal": "equal angles",
        "rank_random": "random angles",
        "rank_signed": "random, signed sines",
    }
    table = (data[list(titles)] / np.log(10)).to_dataframe().reset_index()
    figure, (axes_row,) = panels(3)
    for axes, (name, title) in zip(axes_row, titles.items(), strict=True):
        for law, rows in series(table, "rank_law"):
            axes.plot(
                rows["rank_qubits"], rows[name], label=style.LAW_LABELS[law], **style.law_look(law)
            )
        level(axes, 0)
        axes.set(xlabel="qubits $n = D$", ylabel=r"$\log_{10} \chi(\theta)$")
        axes.set_title(title, loc="center")
    same_limits(axes_row[:2])
    legend_below(figure, axes_row[:1], columns=6, title=SIGMA)
    caption = (
        "Decimal logarithm of the rank of a stabiliser decomposition; one draw of the angles for "
        "each size. A rank is at least 1 (dashed): with signed sines, as published, the product "
        "falls below, and is no rank."
    )
    return Plot(figure=figure, table=table, caption=caption)


def patch_sizes(results: Results) -> Plot:
    """Width up to which Taylor surrogates cost less than Pauli paths, and where it exists."""
    data = results.summary("surrogates", Stage.THRESHOLDS)
    shown = (
        ("crossover_by_taylor", "constant", "Taylor constant $c$", "width $q^*$"),
        ("crossover_by_path", "constant", r"path constant $\gamma$", "width $q^*$"),
        ("crossover_by_parameters", "parameters", "parameters $D$", "width $q^*$"),
        ("least_parameters", "small_constant", r"path constant $\gamma$", "parameters $D^*$"),
    )
    looks = (("0.1", "-"), ("0.4", "--"), ("0.6", ":"))
    figure, (axes_row,) = panels(4, width=1.8, height=2.0)
    frames = []
    for axes, (name, x, xlabel, ylabel) in zip(axes_row, shown, strict=True):
        rows = data[[name, "failure", "error", x]].to_dataframe().reset_index()
        for (colour, line), (_, one) in zip(looks, series(rows, "target"), strict=True):
            powers = np.log10(one[["failure", "error"]].iloc[0]).round().astype(int)
            text = "$\\rho = 10^{{{}}}$, $\\epsilon = 10^{{{}}}$".format(*powers)
            axes.plot(one[x], one[name], color=colour, linestyle=line, label=text)
        axes.set(xscale="log", xlabel=xlabel, ylabel=ylabel)
        axes.xaxis.set_major_locator(LogLocator(numticks=4))
        axes.xaxis.set_minor_locator(NullLocator())
        frames.append(rows.rename(columns={name: "value"}).assign(panel=name))
    same_limits(axes_row[:3])
    legend_below(figure, axes_row[:1], columns=3)
    caption = (
        "Relative width q* up to which Taylor surrogates cost less than Pauli paths, and number of "
        r"parameters D* from which it exists. Where they are not varied, $c = \gamma = 10^{-3}$ "
        "and D = 1000. Closed forms of the public code; what the symbols mean is a reading of it."
    )
    return Plot(figure=figure, table=pd.concat(frames, ignore_index=True), caption=caption)


def sine_truncation(results: Results) -> Plot:
    """Errors of surrogates with few sines: measured, and expected by the Pauli walk."""
    table = to_frame(results.summary("surrogates", Stage.SIMULATE))
    half = 1.96 * table["measured_error"]
    table["measured_low"] = table["measured"] - half
    table["measured_high"] = table["measured"] + half
    sizes, last = sorted(table["qubits"].unique()), int(table["kappa"].max())
    figure, (axes_row,) = panels(len(sizes), width=7.2 / max(2, len(sizes)), height=2.6)
    for axes, qubits in zip(axes_row, sizes, strict=True):
        axes.set_yscale("log")
        for place, (law, rows) in enumerate(series(select(table, qubits=qubits), "law")):
            look, aside = {**style.law_look(law), "linestyle": "none"}, 0.06 * (place - 2)
            points(
                axes, rows["kappa"] + aside, rows, "measured", label=style.LAW_LABELS[law], **look
            )
            guide(axes, rows["kappa"], rows["expected"], color=look["color"])
            look["markerfacecolor"] = "none"
            axes.plot([last + 1 + aside], rows["taylor"].iloc[:1], **look)
        level(axes, 1e-2)
        axes.axvline(last + 0.5, color="0.8", linewidth=0.6, gid="guide")
        axes.set(xlabel=r"sines $\kappa$", xlim=(-0.5, last + 1.5))
        axes.set_ylabel("mean square error / $E[C^2]$")
        axes.set_xticks(range(last + 2), [*map(str, range(last + 1)), "Taylor"])
        axes.set_title(f"$n = {qubits}$", loc="center")
    style.log_limits(axes_row, table[["measured", "taylor", "expected"]], least=1e-8, above=5)
    legend_below(figure, axes_row[:1], columns=5, title=SIGMA)
    caption = (
        r"Encoded loss of a random string: surrogates with at most $\kappa$ sines, and (hollow) "
        "the Taylor polynomial of order 3, against state vectors; "
        f"{span(table['instances'])} instances. Bars: 95 % intervals over the angles, with arrows "
        "where they reach zero. Lines: expected by the Pauli walk. Dashed: an error of 1e-2."
    )
    return Plot(figure=figure, table=table, caption=caption)


def _draw_map(
    figure: Figure, axes: Axes, table: pd.DataFrame, shown: tuple[str, str, int, int]
) -> None:
    """Draw a quantity over qubits and widths as a picture with numbers and a scale of its own."""
    name, label, low, high = shown
    values = table.pivot(index="scaled_width", columns="qubits", values=name)
    axes.set_facecolor("0.85")
    image = axes.imshow(values, origin="lower", aspect="auto", vmin=low, vmax=high)
    beyond = "min" if low else "max" if high > 1 else "neither"
    figure.colorbar(image, ax=axes, extend=beyond, label=label)
    axes.set_xticks(range(values.shape[1]), [f"{n}" for n in values.columns])
    axes.set_yticks(range(values.shape[0]), [f"{width:g}" for width in values.index])
    for (row, column), value in np.ndenumerate(values.to_numpy()):
        if np.isfinite(value):
            dark = (value - low) / (high - low) < 0.6
            digits = ".2f" if high <= 1 and value > -1 else ".0f" if value >= 10 else ".2g"
            # Without the sign of what rounds to zero.
            text = axes.text(column, row, f"{value:z{digits}}", ha="center", va="center")
            text.set(fontsize=5.5, color="w" if dark else "k")
    axes.set(xlabel=style.QUBITS, ylabel=r"scaled width $\sigma\sqrt{D}$")


def transition_map(results: Results) -> Plot:
    """Strength of the gradient and costs of surrogates, over qubits and scaled width."""
    table = select(to_frame(results.summary("surrogates", Stage.GRADIENTS)), law="")
    known = table["gradient_error"] <= 0.5 * table["gradient"]
    table["log_gradient"] = np.log10(table["gradient"].where(known & (table["gradient"] > 0)))
    table["share"] = table["share"].where(known)
    shown_sizes: list[int] = []
    for size in sorted(table["qubits"].unique(), reverse=True):
        if not shown_sizes or size < CLOSE * shown_sizes[-1]:
            shown_sizes.append(size)
    shown = (
        ("log_gradient", r"$\log_{10} E[g_k^2]$ (rad$^{-2}$)", -4, 0),
        ("share", "share of the leading path", 0, 1),
        ("sines", r"average case: sines $\kappa$", 0, 12),
        ("average_paths", r"average case: $\log_{10}$ paths", 0, 20),
        ("order", "worst case: order $m$", 0, 60),
        ("worst_paths", r"worst case: $\log_{10}$ terms", 0, 60),
    )
    figure, grid = panels(2, 3, width=3.6)
    for axes, quantity in zip(grid.flat, shown, strict=True):
        _draw_map(figure, axes, table[table["qubits"].isin(shown_sizes)], quantity)
    caption = (
        "Encoded losses of random Pauli strings, RY RZ circuits of linear depth; "
        f"{span(table['instances'])} instances. Costs are medians, for a relative mean square "
        "error of 1e-2. Worst case: the Taylor bound, on every vector of angles of the mean "
        "1-norm; average case: mean square over the patch. Grey: not resolved in half of the "
        "instances. Sizes just below another one are in the table only."
    )
    return Plot(figure=figure, table=table, caption=caption)


def zone_surrogates(results: Results) -> Plot:
    """Share of the loss beyond one sine in the transition zone, and exponents of the costs."""
    table = select(to_frame(results.summary("surrogates", Stage.GRADIENTS)), law=ZONE)
    for name in ("worst", "average"):
        table[f"{name}_exponent"] = table[f"{name}_paths"] / np.log10(table["parameters"])
    figure, ((share, exponent),) = panels(2, width=3.6, height=2.6)
    for place, (law, rows) in enumerate(series(table, "law")):
        look, label = style.law_look(law), style.width_label(law)
        points(share, rows["qubits"] * 1.03**place, rows, "beyond", label=label, **look)
        worst = {**look, "linestyle": "-"}
        exponent.plot(rows["qubits"], rows["worst_exponent"], **worst)
        average = {**look, "linestyle": ":", "markerfacecolor": "none"}
        exponent.plot(rows["qubits"], rows["average_exponent"], **average)
    style.proxy(share, "worst case", linestyle="-")
    style.proxy(share, "average case", linestyle=":", marker="o", markerfacecolor="none")
    level(share, 1e-2)
    share.set(xscale="log", yscale="log", ylabel="share of $E[C^2]$ beyond one sine")
    exponent.set(xscale="log", ylabel=r"exponent $\ln$(terms) / $\ln D$")
    for axes in (share, exponent):
        axes.set_xlabel(style.QUBITS)
        size_axis(axes, table["qubits"])
    log_axis(share)
    legend_below(figure, (share,), columns=4)
    caption = (
        "Encoded losses of random Pauli strings in the transition zone, RY RZ circuits of linear "
        f"depth, {span(table['instances'])} instances. (a) Median share of $E[C^2]$ that Pauli "
        "paths with more than one sine carry; bars: 95 % intervals between order statistics; "
        "dashed: 1e-2, below which the D candidates with one sine are enough. (b) Exponent of D in "
        "the number of terms for a relative mean square error of 1e-2, medians: coefficients of "
        "the Taylor bound (worst case), and choices of sines (average case)."
    )
    return Plot(figure=figure, table=table, caption=caption)
