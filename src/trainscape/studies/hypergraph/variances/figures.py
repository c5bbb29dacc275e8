"""Figures of variances: against the number of modes, and against the order of the gates."""

from __future__ import annotations

from math import comb
from typing import Any

import numpy as np
import pandas as pd

from trainscape.physics.hypergraph.variances import qubit_variance
from trainscape.studies.contract import Stage
from trainscape.studies.kit.panels import (
    guide,
    legend_below,
    log_axis,
    panels,
    points,
    series,
    size_axis,
)
from trainscape.studies.kit.style import Look, looks
from trainscape.studies.kit.tables import select, span, to_frame
from trainscape.studies.reporting import Plot, Results, Table

LABELS = {
    "nullifier": "qumodes, nullifier",
    "loss": "qumodes, loss of all nullifiers",
    "displacement": "qumodes, displacement",
    "random": "qubits, random",
    "small": "qubits, small angles",
    "trained": "qubits, trained start",
    "circuit": "hardware-efficient circuit",
}
LOOKS: dict[str, Look] = dict(zip(LABELS, looks(len(LABELS)), strict=True))
MOST_ORDER = 3


def all_variances(results: Results) -> pd.DataFrame:
    """Return the variances of all readouts and of the control."""
    readouts = to_frame(results.summary("readouts", Stage.GRADIENTS))
    circuits = to_frame(results.summary("circuits", Stage.GRADIENTS))
    return pd.concat([readouts, circuits], ignore_index=True)


def gradient_variances(results: Results) -> Plot:
    """Variance of the gradient by one weight against the number of modes."""
    table = all_variances(results).sort_values(["order", "readout", "modes"])
    orders = [(order, rows) for order, rows in series(table, "order") if order <= MOST_ORDER]
    figure, (row,) = panels(len(orders), width=6.4 / max(2, len(orders)), height=2.7)
    for axes, (order, rows) in zip(row, orders, strict=True):
        axes.set(yscale="log", xlabel="modes or qubits $n$", ylabel="variance of the gradient")
        axes.set_title(f"$k = {order}$", loc="center", fontsize=7)
        for readout, part in series(rows, "readout"):
            look: dict[str, Any] = {**LOOKS[readout], "linestyle": "none", "markersize": 3.5}
            points(axes, part["modes"], part, "variance", label=LABELS[readout], **look)
            known = part[part["law"].notna()]
            guide(axes, known["modes"], known["law"], color=look["color"])
        guide(axes, [], [], label="closed form")
        size_axis(axes, rows["modes"])
        log_axis(axes)
    legend_below(figure, row, columns=3)
    caption = (
        "Mean square of the derivative by the weight of one hyperedge, over "
        f"{span(table['samples'])} draws, with 95 % intervals; lines: closed forms, "
        "where there are any. Qumodes: second moment of one nullifier, squared maximum mean "
        "discrepancy of all over a kernel as wide as the answers, expectation of a displacement at "
        "finite squeezing. Qubits: a check of the tied model from random angles, from angles that "
        "fall as the root of the number of edges, and from angles known within 0.05. Control: a "
        "deep hardware-efficient circuit."
    )
    return Plot(figure=figure, table=table, caption=caption)


def order_gradients(results: Results) -> Plot:
    """Variance of the gradient against the order of the gates, up to half the number of modes."""
    found = all_variances(results)
    table = found[(2 * found["order"] <= found["modes"]) & (found["modes"] % 2 == 0)]
    table = select(table, readout=("nullifier", "random")).sort_values(["modes", "order"])
    sizes = [n for n, part in series(table, "modes") if part["order"].nunique() > 1]
    figure, ((left, right),) = panels(2, width=3.1, height=2.5)
    left.set(yscale="log", xlabel="order over modes $k/n$", ylabel="variance, qubits")
    right.set(yscale="log", xlabel="order over modes $k/n$", ylabel="relative variance, qumodes")
    for n, look in zip(sizes, looks(len(sizes)), strict=True):
        part = select(table, modes=n, readout="random")
        marks = {**look, "linestyle": "none", "label": f"$n = {n}$"}
        points(left, part["order"] / n, part, "variance", **marks)
        orders = range(2, n // 2 + 1)
        law = [qubit_variance(n, order) for order in orders]
        guide(left, [order / n for order in orders], law, color=look["color"])
        part = select(table, modes=n, readout="nullifier")
        points(right, part["order"] / n, part, "relative", **marks)
        law = [12 / comb(n - 1, order - 1) ** 2 for order in orders]
        guide(right, [order / n for order in orders], law, color=look["color"])
    guide(left, [], [], label="closed form")
    for axes in (left, right):
        log_axis(axes)
    legend_below(figure, (left, right), columns=6)
    caption = (
        "The order k of the gates grows up to half the number n of modes; with 95 % intervals. (a) "
        "Qubits from random angles. (b) Nullifier of qumodes: the variance over the squared mean "
        "of what the weights add to the moment. That is one over the squared number of edges of a "
        "mode: polynomial in n at fixed k, exponential at k = n/2. Lines: closed forms."
    )
    return Plot(figure=figure, table=table, caption=caption)


def variance_slopes(results: Results) -> Table:
    """Laws of the variances of gradients against the number of modes."""
    parts = [
        to_frame(results.summary(family, Stage.THRESHOLDS)) for family in ("readouts", "circuits")
    ]
    found = pd.concat(parts, ignore_index=True)
    table = pd.DataFrame(
        {
            "readout": [LABELS[name] for name in found["readout"]],
            "k": found["order"],
            "sizes": found["sizes"],
            "to n": found["largest_size"].astype(int),
            "law": found["verdict"],
            "slope of ln for each mode": np.round(found["exponential_slope"], 4),
            "from": np.round(found["exponential_low"], 4),
            "to": np.round(found["exponential_high"], 4),
            "exponent of n": np.round(found["power_slope"], 3),
        }
    )
    caption = (
        "Fits of an exponential and of a power law to the variances of gradients. A barren plateau "
        "of 2^-n has a slope of -0.693 for each mode; law: the one that AICc prefers by four."
    )
    return Table(table=table, caption=caption)
