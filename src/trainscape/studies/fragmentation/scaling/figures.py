"""Figures of gradient scaling."""

from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.appearance import chain_look, chain_name
from trainscape.studies.kit.panels import (
    curve,
    guide,
    legend_below,
    log_axis,
    panels,
    points,
    same_limits,
    series,
    size_axis,
)
from trainscape.studies.kit.style import COLOURS, MARKERS
from trainscape.studies.kit.tables import select, span, to_frame
from trainscape.studies.reporting import Plot, Results

GRADIENT = r"$E[(\partial_k \ell)^2]$ (rad$^{-2}$)"
LOCAL = r"$E[(\partial_k \langle ZZ\rangle)^2]$ (rad$^{-2}$)"
CONTROL = {"color": COLOURS[-1], "marker": "X", "linestyle": "none"}
FITTED = (("tl_full", 0), ("tl_top", 2))
"""Series with d = 3 whose fits against the length are claims."""


def _draw_network(axes: Axes, chains: pd.DataFrame, abscissa: str, *, named: bool) -> None:
    """Draw all series of chains beside their Haar averages."""
    axes.set(xscale="log", yscale="log")
    for (count, dim), rows in series(chains, "top_sectors", "site_dim"):
        look = chain_look(dim, count)
        # The Krylov dimensions do not depend on d: unshifted, the points would coincide.
        shift = 1.0 if count else 1.07 ** (dim - 3)
        style = look | {"linestyle": "none", "label": chain_name(dim, count) if named else None}
        points(axes, shift * rows[abscissa], rows, "second_moment", **style)
        guide(axes, rows[abscissa], rows["haar"], color=look["color"])


def _draw_local(axes: Axes, local: pd.DataFrame) -> None:
    """Draw the shallow circuits, one series for each depth."""
    depths = sorted(local["layers"].unique())
    shades = mpl.colormaps["viridis"](np.linspace(0.0, 0.8, len(depths)))
    for depth, shade, marker in zip(depths, shades, MARKERS, strict=False):
        rows, colour = select(local, layers=depth), mpl.colors.to_hex(shade)
        look = {"color": colour, "marker": marker, "linestyle": "-", "linewidth": 0.8}
        points(axes, rows["qubits"], rows, "second_moment", **look)
        end = (rows["qubits"].max(), rows["second_moment_high"].iloc[-1])
        place: dict[str, Any] = {"xytext": (2, 2), "textcoords": "offset points", "ha": "right"}
        axes.annotate(f"{depth} layers", end, color=colour, **place)
    axes.set(yscale="log", xlabel="qubits $n$", ylabel=LOCAL)
    axes.set_ylim(local["second_moment"].min() / 2, local["second_moment"].max() * 2)


def gradient_scaling(results: Results) -> Plot:
    """Second moment of the gradient against the size of the system."""
    full, top, control, local = (
        to_frame(results.summary(family, Stage.GRADIENTS), family=family)
        for family in ("tl_full", "tl_top", "hea_control", "hea_local")
    )
    chains = pd.concat([full, top], ignore_index=True)
    figure, ((length, dimension, shallow),) = panels(3, height=2.5)
    _draw_network(length, chains, "sites", named=True)
    _draw_network(dimension, chains, "krylov_dimension_sum", named=False)
    deep = "hardware-efficient, full space"
    points(length, control["sites"], control, "second_moment", label=deep, **CONTROL)
    guide(length, control["sites"], control["haar"], color=CONTROL["color"])
    for family, count in FITTED:
        laws = to_frame(results.summary(family, Stage.THRESHOLDS))
        fits = select(laws, abscissa="sites", site_dim=3, top_sectors=count)
        sizes = select(chains, site_dim=3, top_sectors=count)["sites"]
        for fit in fits.to_dict("records"):
            grid, values, text = curve(fit, sizes)
            name = f"fit, {chain_name(3, count)}: {text.replace('x', 'L')}"
            colour = chain_look(3, count)["color"]
            guide(length, grid, values, color=colour, linestyle="--", label=name)
    guide(length, [], [], label="Haar average")
    length.set(xlabel="sites $L$", ylabel=GRADIENT)
    dimension.set(xlabel="sum of Krylov dimensions $N$", ylabel=GRADIENT)
    _draw_local(shallow, local)
    size_axis(length, chains["sites"], most=9)
    size_axis(dimension, chains["krylov_dimension_sum"])
    size_axis(shallow, local["qubits"])
    same_limits((length, dimension))
    for axes in (length, dimension, shallow):
        log_axis(axes)
    legend_below(figure, (length,), columns=3)
    caption = (
        "Second moment of the gradient of the network, (a) against the length of the chain and (b) "
        "against the sum of its Krylov dimensions: mean over the middle half of the gates, "
        f"{span(full['instances'])} instances and {span(full['samples'])} samples in all for each "
        f"chain with all sectors, {span(top['instances'])} and {span(top['samples'])} with top "
        "sectors. Thin lines: exact Haar averages. Dashed: fitted laws. Points of different d are "
        "shifted sideways, because they nearly coincide. Grey: a deep hardware-efficient circuit "
        f"on the full space, {span(control['samples'])} samples, beside the Haar average of that "
        "space. (c) Shallow hardware-efficient circuits with a local observable, contracted as "
        f"tensor networks, {span(local['samples'])} samples, mean over the light cone. Bars: 95 % "
        "bootstrap intervals."
    )
    table = pd.concat([chains, control, local], ignore_index=True)
    return Plot(figure=figure, table=table, caption=caption)
