"""Figures of gradient scaling."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from trainscape.studies.contract import Plot, Results, Stage
from trainscape.studies.kit.panels import (
    fit_line,
    guide,
    legend_below,
    log_axis,
    panels,
    points,
    same_limits,
    size_axis,
)
from trainscape.studies.kit.style import looks
from trainscape.studies.kit.tables import select, span, to_frame

GRADIENT = r"$E[(\partial_k \ell)^2]$"


def _with_average(axes: Axes, x: Any, rows: pd.DataFrame, label: str, look: dict[str, Any]) -> None:
    """Draw measured second moments and, as a thin line, their exact Haar average."""
    points(axes, x, rows, "second_moment", label=label, **look | {"linestyle": "none"})
    guide(axes, x, rows["haar"], color=look["color"])


def gradient_scaling(results: Results) -> Plot:
    """Second moment of the gradient against the size of the system."""
    full, top, control = (
        to_frame(results.summary(family, Stage.GRADIENTS), family=family)
        for family in ("tl_full", "tl_top", "hea_control")
    )
    local = to_frame(results.summary("hea_local", Stage.GRADIENTS), family="hea_local")
    series = [
        (rf"$d = {dim}$, all sectors", rows) for dim, rows in full.groupby("site_dim", sort=True)
    ] + [
        (rf"$d = {dim}$, top {count} sectors", rows)
        for (dim, count), rows in top.groupby(["site_dim", "top_sectors"], sort=True)
    ]
    figure, ((length, dimension, shallow),) = panels(3)
    styles = looks(len(series) + 1)
    for (label, rows), look in zip(series, styles, strict=False):
        _with_average(length, rows["sites"], rows, label, look)
        _with_average(dimension, rows["krylov_dimension_sum"], rows, label, look)
    _with_average(length, control["sites"], control, "hardware-efficient, full space", styles[-1])
    laws = to_frame(results.summary("tl_top", Stage.THRESHOLDS))
    for _, fit in select(laws, abscissa="sites", top_sectors=2).iterrows():
        sizes = select(top, top_sectors=2)["sites"]
        text = fit_line(length, fit, sizes, "L", linestyle="--", color="0.2")
        length.annotate(
            text,
            (sizes.max(), select(top, top_sectors=2)["second_moment"].iloc[-1]),
            xytext=(0, 8),
            textcoords="offset points",
            ha="right",
        )
    length.set(yscale="log", xlabel="sites $L$", ylabel=GRADIENT)
    dimension.set(xscale="log", yscale="log", xlabel=r"$N = \sum_\lambda N_\lambda$")
    for (layers, rows), look in zip(
        local.groupby("layers"), looks(local["layers"].nunique()), strict=True
    ):
        points(shallow, rows["qubits"], rows, "second_moment", **look | {"linestyle": "-"})
        shallow.annotate(
            f"{layers} layers",
            (rows["qubits"].iloc[-1], rows["second_moment"].iloc[-1]),
            xytext=(0, 5),
            textcoords="offset points",
            ha="right",
            color=look["color"],
        )
    shallow.set(yscale="log", xlabel="qubits $n$", ylabel=r"$E[(\partial_k \langle ZZ\rangle)^2]$")
    shallow.set_ylim(local["second_moment"].min() / 2, local["second_moment"].max() * 2)
    size_axis(shallow, local["qubits"])
    same_limits((length, dimension))
    for axes in (length, dimension, shallow):
        log_axis(axes)
    log_axis(dimension, "x")
    legend_below(figure, (length,), columns=3)
    caption = (
        "Second moment of the gradient of the network, (a) against the length of the chain and (b) "
        "against the sum of its Krylov dimensions: mean over the middle half of the gates, "
        f"{span(full['instances'])} instances and {span(full['samples'])} samples in all for each "
        f"chain with all sectors, {span(top['instances'])} and {span(top['samples'])} with top "
        "sectors. Thin lines: exact Haar averages. Dashed: the fitted power law. Crosses without a "
        f"network: a deep hardware-efficient circuit on the full space, {span(control['samples'])} "
        "samples, beside the Haar average of that space. (c) Shallow hardware-efficient circuits "
        f"with a local observable, contracted as tensor networks, {span(local['samples'])} samples, "
        "mean over the light cone. Bars: 95 % bootstrap intervals."
    )
    return Plot(
        figure=figure,
        table=pd.concat([full, top, control, local], ignore_index=True),
        caption=caption,
    )
