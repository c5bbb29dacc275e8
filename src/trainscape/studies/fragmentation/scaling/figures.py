"""Figures of gradient scaling."""

from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.appearance import chain_look, chain_name
from trainscape.studies.fragmentation.scaling.haar_line import (
    chain_sectors,
    chain_variance,
    state_variance,
)
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
STATE = r"$E[(\partial_k \ell_i)^2]$ (rad$^{-2}$)"
LOCAL = r"$E[(\partial_k \langle ZZ\rangle)^2]$ (rad$^{-2}$)"
FITTED = ("tl_top", 2)
"""Family and number of sectors with d = 3 whose fit against the length is a claim."""


def _draw_network(axes: Axes, chains: pd.DataFrame, abscissa: str) -> None:
    """Draw all series of chains beside their exact Haar averages."""
    axes.set(xscale="log", yscale="log", ylabel=GRADIENT)
    for (count, dim), rows in series(chains, "top_sectors", "site_dim"):
        look = chain_look(dim, count)
        # The Krylov dimensions do not depend on d: unshifted, the points would coincide.
        shift = 1.0 if count else 1.07 ** (dim - 3)
        style = look | {"linestyle": "none", "label": chain_name(dim, count)}
        points(axes, shift * rows[abscissa], rows, "second_moment", **style)
    for count, rows in series(chains, "top_sectors"):
        lengths = np.arange(rows["sites"].min(), rows["sites"].max() + 1)
        haar = [chain_variance(sites, count) for sites in lengths]
        sums = [sum(sector.dimension for sector in chain_sectors(n, count)) for n in lengths]
        guide(axes, lengths if abscissa == "sites" else sums, haar)


def _draw_control(axes: Axes, control: pd.DataFrame, lengths: Any) -> None:
    """Draw gradients of one training state: the control's, and the network's Haar average."""
    axes.set(yscale="log", xlabel="sites $L$", ylabel=STATE)
    depths = control["layers"] // control["qubits"]
    for place, (depth, rows) in enumerate(control.groupby(depths)):
        look: dict[str, Any] = {"color": COLOURS[-1 - place], "marker": MARKERS[5 + place]}
        name = f"hardware-efficient, {depth} layer{'s' if depth > 1 else ''} a qubit"
        points(axes, rows["sites"], rows, "second_moment", label=name, **look)
    rows = control.drop_duplicates("sites")
    guide(axes, rows["sites"], rows["haar"], linestyle=":", label="Haar average, full space")
    network = [state_variance(sites) for sites in lengths]
    guide(axes, lengths, network, color=COLOURS[1], label="network, all sectors (Haar)")
    log_axis(axes)
    size_axis(axes, lengths)


def _draw_local(axes: Axes, local: pd.DataFrame) -> None:
    """Draw the shallow circuits, one series for each depth."""
    depths = sorted(local["layers"].unique())
    shades = mpl.colormaps["viridis"](np.linspace(0.0, 0.8, len(depths)))
    for depth, shade, marker in zip(depths, shades, MARKERS, strict=False):
        rows, colour = select(local, layers=depth), mpl.colors.to_hex(shade)
        look = {"color": colour, "marker": marker, "linestyle": "-", "linewidth": 0.8}
        name = f"local observable, {depth} layers"
        points(axes, rows["qubits"], rows, "second_moment", label=name, **look)
    axes.set(yscale="log", xlabel="qubits $n$", ylabel=LOCAL)
    axes.set_ylim(local["second_moment"].min() / 2, local["second_moment"].max() * 2)
    size_axis(axes, local["qubits"])
    log_axis(axes)


def gradient_scaling(results: Results) -> Plot:
    """Second moment of the gradient against the size of the system."""
    full, top, control, local = (
        to_frame(results.summary(family, Stage.GRADIENTS), family=family)
        for family in ("tl_full", "tl_top", "hea_control", "hea_local")
    )
    chains = pd.concat([full, top], ignore_index=True)
    figure, grid = panels(2, 2, width=3.4, height=2.5)
    length, dimension, state, shallow = grid.ravel()
    _draw_network(length, chains, "sites")
    _draw_network(dimension, chains, "krylov_dimension_sum")
    family, count = FITTED
    laws = to_frame(results.summary(family, Stage.THRESHOLDS))
    fits = select(laws, abscissa="sites", site_dim=3, top_sectors=count)
    for fit in fits.to_dict("records"):
        grid_sizes, values, text = curve(fit, select(top, top_sectors=count)["sites"])
        name = f"fit, {chain_name(3, count)}: {text.replace('x', 'L')}"
        look = {"color": chain_look(3, count)["color"], "linestyle": "--"}
        guide(length, grid_sizes, values, label=name, **look)
    guide(length, [], [], label="Haar average, exact")
    length.set_xlabel("sites $L$")
    dimension.set_xlabel("sum of Krylov dimensions $N$")
    size_axis(length, chains["sites"], most=9)
    size_axis(dimension, chains["krylov_dimension_sum"])
    same_limits((length, dimension))
    for axes in (length, dimension):
        log_axis(axes)
    _draw_control(state, control, sorted(set(full["sites"]) | set(control["sites"])))
    _draw_local(shallow, local)
    legend_below(figure, (length, state, shallow), columns=3)
    caption = (
        "Second moment of the gradient of the network, (a) against the length of the chain and (b) "
        "against the sum of its Krylov dimensions: mean over the middle half of the gates. All "
        f"sectors: {span(full['instances'])} instances, {span(full['samples'])} samples and "
        f"{span(full['parameters'])} gates for each chain; top sectors: {span(top['instances'])}, "
        f"{span(top['samples'])} and {span(top['parameters'])}. Lines: exact Haar averages, from "
        "dimensions alone. Dashed: the fitted law. Points of different d are shifted sideways, "
        "because they nearly coincide. (c) The same for the loss of one training state: Haar "
        "average of the network, mean over its training states, and hardware-efficient circuits on "
        f"the full space, {span(control['samples'])} samples, mean over the middle half of the "
        "angles. (d) Shallow hardware-efficient circuits with a local observable, contracted as "
        f"tensor networks, {span(local['samples'])} samples, mean over the light cone. Bars: 95 % "
        "bootstrap intervals."
    )
    table = pd.concat([chains, control, local], ignore_index=True)
    return Plot(figure=figure, table=table, caption=caption)
