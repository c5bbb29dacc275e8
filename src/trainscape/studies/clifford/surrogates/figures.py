"""Figures of classical surrogates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from trainscape.studies.clifford.plots import LAW_COLOURS, LAW_LABELS, frame, span
from trainscape.studies.clifford.surrogates.gradients import TARGET
from trainscape.studies.clifford.surrogates.thresholds import ERROR, TARGETS
from trainscape.studies.contract import Results, Stage
from trainscape.studies.style import COLOURS, new_figure, note

__all__ = [
    "decomposition_rank",
    "patch_sizes",
    "sine_truncation",
    "taylor_cost",
    "taylor_support",
    "transition_map",
    "truncation_order",
]


def _counts(results: Results, experiment: str) -> pd.DataFrame:
    """Return the counts of all cells, one row for each order; of encoded supports the published draw, the least, the median and the largest."""
    rows: list[dict[str, Any]] = []
    for cell in results.cells("surrogates", Stage.DATASET):
        if cell["experiment"] != experiment:
            continue
        for order in cell.data["m"].values.tolist():
            here = cell.data.sel(m=order)
            row = {**cell.parameters, **cell.data.attrs, "order": order}
            row |= {
                str(name): values.item()
                for name, values in here.data_vars.items()
                if not values.ndim
            }
            if experiment == "support":
                encoded = here["encoded"].values
                row |= {
                    "encoded_published_draw": int(encoded[0]),
                    "encoded_least": int(encoded.min()),
                }
                row |= {
                    "encoded_median": float(np.median(encoded)),
                    "encoded_largest": int(encoded.max()),
                }
            rows.append(row)
    return pd.DataFrame(rows)


def taylor_cost(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw the steps of four ways to compute a surrogate of order m, and those of the state vector, against qubits."""
    table = _counts(results, "cost")
    figure, panels = new_figure(2, width=4.0)
    ways = (
        ("shift_evaluations", "-", "shift rule (published)"),
        ("coefficients", "--", "one back-propagation each"),
        ("followed_paths", "o:", "paths with at most $m - 1$ sines, followed"),
        ("support", "s:", "non-zero Taylor coefficients"),
    )
    for axes, ansatz in zip(panels[0], ("mhea", "fhea"), strict=True):
        here = table[table["ansatz"] == ansatz]
        for colour, (order, rows) in zip(COLOURS, here.groupby("order"), strict=False):
            for name, style, _ in ways:
                axes.plot(rows["qubits"], np.maximum(rows[name], 0.5), style, color=colour, ms=3)
            axes.plot([], [], color=colour, label=f"m = {order}")
        naive = here.drop_duplicates("qubits")
        naive = naive[naive["qubits"] <= 16]
        axes.plot(
            naive["qubits"],
            naive["amplitude_steps"],
            "k-",
            lw=0.8,
            label="state vector: gates x amplitudes",
        )
        for _, style, label in ways:
            axes.plot([], [], style, color="0.4", ms=3, label=label)
        axes.set(
            xscale="log",
            yscale="log",
            xlabel="qubits $n$",
            ylabel="steps",
            title=f"{ansatz}, one layer, random Pauli string",
        )
    figure.legend(*panels[0][0].get_legend_handles_labels(), loc="outside right upper", fontsize=6)
    note(
        figure,
        "Exact counts for one string and one parameter k (the published draw, seed 7), with the encoder. Zero is drawn at 0.5.",
    )
    return figure, table


def taylor_support(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw the numbers of non-zero Taylor coefficients against layers and qubits, and the running sums that were published."""
    flat = _counts(results, "support")
    orders = [order for order in sorted(flat["order"].unique()) if order > 2]
    figure, panels = new_figure(2, len(orders))
    for line, order in zip(panels, orders, strict=True):
        sweeps = (("layers", flat[flat["qubits"] == 2]), ("qubits", flat[flat["layers"] == 1]))
        for axes, (x, chosen) in zip(line, sweeps, strict=True):
            points = chosen[chosen["order"] == order].sort_values(x)
            axes.plot(points[x], points["bare"], "s--", color=COLOURS[0], label="without encoder")
            axes.plot(
                points[x],
                points["encoded_published_draw"],
                "o-",
                color=COLOURS[1],
                label="with encoder, published $k$",
            )
            axes.fill_between(
                points[x],
                points["encoded_least"],
                points["encoded_largest"],
                color=COLOURS[1],
                alpha=0.2,
                lw=0,
                label="over all drawn $k$",
            )
            axes.plot(
                points[x], points["coefficients"], color="0.5", lw=0.8, label="all coefficients"
            )
            for name, colour in (("bare", COLOURS[0]), ("encoded_published_draw", COLOURS[1])):
                axes.plot(
                    points[x],
                    points[name].cumsum(),
                    ":",
                    color=colour,
                    lw=0.9,
                    label="running sum, as published" if name == "bare" else None,
                )
            axes.set(
                yscale="log",
                xlabel=f"{x} ${'L' if x == 'layers' else 'n'}$",
                ylabel="coefficients",
                title=f"order m = {order}, " + ("n = 2" if x == "layers" else "L = 1"),
            )
    panels[0][0].legend(fontsize=5.5)
    note(
        figure,
        "Exact counts, RY RZ circuits, product of Z. All coefficients are 0, 1 or -1, so that the squared norm is the same number.",
    )
    return figure, flat


def truncation_order(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw the least sufficient order against qubits for eight widths, at the mean 1-norm and at the published draws."""
    data = results.summary("surrogates", Stage.THRESHOLDS)
    figure, ((axes,),) = new_figure(1, width=4.6, height=3.4)
    qubits = data["order_qubits"].values
    rows = []
    greys = {"e^-D": "0.7", "D^-2": "0.5", "1/ln D": "0.2"}
    for law in data["order_law"].values.tolist():
        colour = LAW_COLOURS.get(law, greys.get(law))
        here = data.sel(order_law=law)
        axes.plot(
            qubits,
            here["order"],
            color=colour,
            ls="-" if law in LAW_COLOURS else "--",
            label=LAW_LABELS[law],
        )
        drawn = here["order_published"].values
        axes.plot(qubits[drawn > 0], drawn[drawn > 0], "o", color=colour, ms=3)
        names = ("norm", "order", "order_lambert", "order_published")
        rows += [
            {"law": law, "qubits": int(n), **{name: here[name].values[i].item() for name in names}}
            for i, n in enumerate(qubits)
        ]
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="qubits $n$",
        ylabel="order $m$",
        title=r"least $m$ with $\ell^m / m! \leq$ " + f"{ERROR:g}",
    )
    axes.legend(title=r"$\sigma$", ncols=2, fontsize=6)
    note(
        figure,
        r"RY RZ circuits, L = n. Lines: at the mean 1-norm $\ell = \sqrt{2/\pi}\,\sigma D$, exact.",
        "Circles: the published draws, by the published formula.",
    )
    return figure, pd.DataFrame(rows)


def decomposition_rank(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw decomposition ranks against qubits: equal angles, random ones, and random ones with the signed sines of the published curves."""
    data = results.summary("surrogates", Stage.THRESHOLDS)
    figure, (panels,) = new_figure(3)
    titles = {
        "rank_equal": "equal angles",
        "rank_random": "random angles",
        "rank_signed": "random angles, signed sines (as published)",
    }
    qubits = data["rank_qubits"].values
    rows = []
    for axes, (name, title) in zip(panels, titles.items(), strict=True):
        for law in data["rank_law"].values.tolist():
            values = data[name].sel(rank_law=law).values / np.log(10)
            axes.plot(
                qubits, values, "o-", ms=2, color=LAW_COLOURS.get(law, "0.4"), label=LAW_LABELS[law]
            )
            rows += [
                {"panel": title, "law": law, "qubits": int(n), "log10_rank": float(v)}
                for n, v in zip(qubits, values, strict=True)
            ]
        axes.axhline(0, color="0.5", lw=0.8)
        axes.set(xlabel="qubits $n = D$", ylabel=r"$\log_{10} \chi(\theta)$", title=title)
    panels[0].legend(title=r"$\sigma$", ncols=2, fontsize=6)
    note(
        figure,
        "One draw of the angles for each size. A rank is at least 1: with signed sines the product falls below, and is no rank.",
    )
    return figure, pd.DataFrame(rows)


def patch_sizes(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw the relative width q* up to which Taylor surrogates cost less than Pauli paths, and the number of parameters D* from which it exists."""
    data = results.summary("surrogates", Stage.THRESHOLDS)
    figure, (panels,) = new_figure(4, width=2.6)
    shown = (
        ("crossover_by_taylor", "constant", "constant $c$ of the Taylor error", "width $q^*$"),
        ("crossover_by_path", "constant", r"constant $\gamma$ of the path cost", "width $q^*$"),
        ("crossover_by_parameters", "parameters", "parameters $D$", "width $q^*$"),
        (
            "least_parameters",
            "small_constant",
            r"constant $\gamma$ of the path cost",
            "parameters $D^*$",
        ),
    )
    rows = []
    for axes, (name, x, label, ordinate) in zip(panels, shown, strict=True):
        for colour, target, values in zip(COLOURS, TARGETS, data[name].values, strict=False):
            axes.plot(
                data[x],
                values,
                color=colour,
                label=rf"$\rho$ = {target[0]:g}, $\epsilon$ = {target[1]:g}",
            )
            rows += [
                {
                    "panel": name,
                    "failure": target[0],
                    "error": target[1],
                    x: float(a),
                    "value": float(b),
                }
                for a, b in zip(data[x].values, values, strict=True)
            ]
        axes.set(xscale="log", xlabel=label, ylabel=ordinate)
    panels[0].legend(fontsize=6)
    note(
        figure,
        r"Defaults $c = \gamma = 10^{-3}$, $D = 1000$. Closed forms of the public code; what the symbols mean is a reading of it.",
    )
    return figure, pd.DataFrame(rows)


def sine_truncation(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw relative mean square errors of sine-limited surrogates against kappa: measured on state vectors, and expected by the walk."""
    table = frame(results.summary("surrogates", Stage.SIMULATE))
    sizes = sorted(table["qubits"].unique())
    figure, (panels,) = new_figure(len(sizes), width=2.9)
    for axes, qubits in zip(np.atleast_1d(panels), sizes, strict=True):
        for law, rows in table[table["qubits"] == qubits].groupby("law", sort=False):
            colour = LAW_COLOURS[str(law)]
            axes.errorbar(
                rows["kappa"],
                rows["measured"],
                yerr=1.96 * rows["measured_error"],
                fmt="o",
                color=colour,
                ms=3,
                capsize=1.5,
                label=LAW_LABELS[str(law)],
            )
            axes.plot(rows["kappa"], np.maximum(rows["expected"], 1e-9), color=colour, lw=0.9)
            axes.plot(
                [table["kappa"].max() + 0.4], [rows["taylor"].iloc[0]], "^", color=colour, ms=4
            )
        axes.axhline(1e-2, color="0.5", lw=0.8, ls="--")
        axes.set(
            yscale="log",
            ylim=(1e-7, 1e5),
            xlabel=r"sines $\kappa$",
            title=f"n = {qubits}, {span(table[table['qubits'] == qubits]['instances'])} instances",
        )
    panels[0].set_ylabel(r"mean square error / $E[C^2]$")
    panels[0].legend(fontsize=6, title=r"$\sigma$")
    note(
        figure,
        "Encoded loss of a random string. Points: surrogate against state vector, 95 % bars over the angles;",
        "lines: Pauli walk; triangles: Taylor polynomial of order 3.",
    )
    return figure, table


def transition_map(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw gradient strength, the share of its leading path, and worst-case and average-case costs of the surrogate, over qubits and scaled width."""
    table = frame(results.summary("surrogates", Stage.GRADIENTS))
    shown: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("log_gradient", r"$\log_{10} E[g_k^2]$", {"vmin": -4, "vmax": 0}),
        ("share", "share of the leading path of $g_k$", {"vmin": 0, "vmax": 1}),
        (
            "sines",
            rf"average case: sines $\kappa$ for relative MSE {TARGET:g}",
            {"vmin": 0, "vmax": 12},
        ),
        ("average_paths", r"average case: $\log_{10}$ paths", {"vmin": 0, "vmax": 20}),
        ("order", "worst case: Taylor order $m$", {"vmin": 0, "vmax": 60}),
        ("worst_paths", r"worst case: $\log_{10}$ coefficients", {"vmin": 0, "vmax": 60}),
    )
    table["log_gradient"] = np.log10(
        np.where(table["gradient_error"] <= 0.5 * table["gradient"], table["gradient"], np.nan)
    )
    qubits, widths = sorted(table["qubits"].unique()), sorted(table["scaled_width"].unique())
    figure, panels = new_figure(3, 2)
    for axes, (name, title, limits) in zip(panels.flat, shown, strict=True):
        grid = table.pivot(index="scaled_width", columns="qubits", values=name).to_numpy()
        axes.set_facecolor("0.85")
        axes.grid(False)
        image = axes.imshow(grid, origin="lower", aspect="auto", cmap="viridis", **limits)
        figure.colorbar(image, ax=axes)
        axes.set_xticks(range(len(qubits)), [str(n) for n in qubits])
        axes.set_yticks(range(len(widths)), [f"{width:g}" for width in widths])
        for (row, column), value in np.ndenumerate(grid):
            if np.isfinite(value):
                dark = (value - limits["vmin"]) / (limits["vmax"] - limits["vmin"]) < 0.6
                axes.text(
                    column,
                    row,
                    f"{value:.2g}" if abs(value) < 100 else f"{value:.0f}",
                    ha="center",
                    va="center",
                    fontsize=5,
                    color="w" if dark else "k",
                )
        axes.set(xlabel="qubits $n$", ylabel=r"scaled width $\sigma\sqrt{D}$", title=title)
    note(
        figure,
        f"Encoded losses of random Pauli strings, RY RZ circuits of linear depth; {span(table['instances'])} instances, medians of the costs.",
        "Grey: not resolved by the walkers in half of the instances. Worst case: bound on every angle vector of the mean 1-norm; average case: mean square over the patch.",
    )
    return figure, table
