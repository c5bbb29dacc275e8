"""Figures and tables of dimensions: at fixed order, at half filling, and what qumodes replace."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.kit.panels import (
    guide,
    legend_below,
    level,
    log_axis,
    panels,
    series,
    size_axis,
)
from trainscape.studies.kit.style import looks
from trainscape.studies.kit.tables import to_frame
from trainscape.studies.reporting import Plot, Results, Table

NAMES = {
    "modes": "modes",
    "order": "order",
    "edges": "edges",
    "algebra": "algebra_dimension",
    "full": "full_dimension",
    "abelian": "abelian_dimension",
    "qubit": "qubit_algebra_dimension",
}
MOST_ORDERS = 4


def _algebras(results: Results) -> pd.DataFrame:
    return to_frame(results.summary("algebras", Stage.SIMULATE))


def half_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the even numbers of modes that have all orders up to a half."""
    below = table[(2 * table["order"] <= table["modes"]) & (table["modes"] % 2 == 0)]
    counts = below.groupby("modes")["order"].nunique()
    modes = counts.index.to_numpy(dtype=int)
    whole = modes[(modes >= 4) & (counts.to_numpy() == modes // 2)]
    return below[below["modes"].isin(whole)]


def half_slopes(table: pd.DataFrame) -> pd.DataFrame:
    """Return ``n``, ``dimension`` and ``slope`` at half filling.

    The slope is that of ln dim h_k for each mode, from the next smaller number of modes; NaN at the
    smallest.
    """
    rows = half_rows(table)
    rows = rows[2 * rows["order"] == rows["modes"]].sort_values("modes")
    modes, dimensions = rows["modes"].to_numpy(), rows["algebra"].to_numpy(dtype=np.float64)
    slopes = np.diff(np.log(dimensions)) / np.diff(modes)
    return pd.DataFrame(
        {"n": modes, "dimension": dimensions, "slope": np.concatenate([[math.nan], slopes])}
    )


def dimensions(results: Results) -> Plot:
    """Dimensions of the algebras against the number of modes."""
    found = _algebras(results).sort_values(["order", "modes"])
    table = found.rename(columns=NAMES)[list(NAMES.values())]
    table = table.assign(
        **{
            name: table[name].where(table[name] >= 0).astype("Int64")
            for name in ("qubit_algebra_dimension",)
        }
    )
    figure, ((left, right),) = panels(2, width=3.1, height=2.5)
    left.set(xscale="log", yscale="log", xlabel="modes $n$", ylabel=r"$\dim\,\mathfrak{h}_k$")
    right.set(yscale="log", xlabel="qubits or modes $n$", ylabel="dimension of the algebra")
    orders = list(series(table[table["order"] <= MOST_ORDERS], "order"))
    for (order, rows), look in zip(orders, looks(len(orders)), strict=True):
        marks: dict[str, Any] = {**look, "linestyle": "none"}
        left.plot(rows["modes"], rows["algebra_dimension"], label=f"$k = {order}$", **marks)
        grid = np.geomspace(rows["modes"].min(), rows["modes"].max(), 50)
        law = 2 * grid if order == 1 else grid**order / math.factorial(order)
        visible = law >= rows["algebra_dimension"].min()
        guide(left, grid[visible], law[visible], color=look["color"])
        known = rows[rows["qubit_algebra_dimension"].notna()]
        if order >= 2:
            sizes = known["modes"].to_numpy()
            right.plot(sizes, known["algebra_dimension"], **look)
            hollow = {**look, "linestyle": "--", "markerfacecolor": "none"}
            right.plot(sizes, known["qubit_algebra_dimension"].to_numpy(dtype=float), **hollow)
    guide(left, [], [], label="leading term")
    right.plot([], [], color="0.3", marker="o", label="qumodes")
    look = {"color": "0.3", "marker": "o", "markerfacecolor": "none", "linestyle": "--"}
    right.plot([], [], label="qubits", **look)
    size_axis(left, table["modes"])
    size_axis(right, table["modes"][table["qubit_algebra_dimension"].notna()])
    for axes in (left, right):
        log_axis(axes)
    legend_below(figure, (left, right), columns=7)
    caption = (
        "(a) Dimension of the algebra of the qumode model at fixed order k of its gates, exact; "
        "lines: the leading term, n^k / k! (2 n for k = 1). (b) The same beside the algebra that X "
        "on one and Z on k qubits generate, which is exponential, counted on Pauli strings. "
        "Colours: k, in both panels."
    )
    return Plot(figure=figure, table=table, caption=caption)


def half_filling(results: Results) -> Plot:
    """Dimension of the algebra against the order of the gates, up to half filling."""
    table = half_rows(_algebras(results)).sort_values(["modes", "order"])
    slopes = half_slopes(table)
    figure, ((left, right),) = panels(2, width=3.1, height=2.5)
    left.set(yscale="log", xlabel="order over modes $k/n$", ylabel=r"$\dim\,\mathfrak{h}_k$")
    right.set(xlabel="modes $n$", ylabel=r"$\Delta \ln \dim\,\mathfrak{h}_{n/2} \,/\, \Delta n$")
    sizes = list(series(table, "modes"))
    for (modes, rows), look in zip(sizes, looks(len(sizes)), strict=True):
        left.plot(rows["order"] / modes, rows["algebra"], label=f"$n = {modes}$", **look)
    known = slopes[slopes["slope"].notna()]
    right.plot(known["n"], known["slope"], **looks(1)[0])
    level(right, math.log(2), r"$\ln 2$")
    size_axis(right, known["n"])
    log_axis(left)
    legend_below(figure, (left,), columns=5)
    caption = (
        "Dimension of the algebra, exact. (a) Against the order of the gates, for each number of "
        "modes n: a power of n at fixed k, exponential where k grows with n. (b) Growth of its "
        "logarithm for each mode at k = n/2, from one even number of modes to the next: it tends "
        "to ln 2."
    )
    columns = table[["modes", "order", "algebra"]].rename(columns={"algebra": "dimension"})
    merged = columns.merge(
        slopes.rename(columns={"n": "modes"})[["modes", "slope"]].assign(
            order=slopes["n"].to_numpy() // 2
        ),
        how="left",
        on=["modes", "order"],
    )
    return Plot(figure=figure, table=merged, caption=caption)


def inference_qumodes(results: Results) -> Plot:
    """Qumodes that hold what a simulation has in N parameters."""
    table = to_frame(results.summary("compression", Stage.SIMULATE))
    table = table.sort_values(["order", "parameters"])
    figure, ((axes,),) = panels(1, width=3.4, height=2.6)
    axes.set(
        xscale="log", yscale="log", xlabel="parameters $N$ of the simulation", ylabel="qumodes $n$"
    )
    orders = list(series(table, "order"))
    for (order, rows), look in zip(orders, looks(len(orders)), strict=True):
        marks = {**look, "linestyle": "none"}
        axes.plot(rows["parameters"], rows["modes"], label=f"$k = {order}$", **marks)
        grid = np.geomspace(rows["parameters"].min(), rows["parameters"].max(), 50)
        law = (math.factorial(order) * grid) ** (1 / order)
        guide(axes, grid, law, color=look["color"])
    guide(axes, [], [], label="$(k!\\,N)^{1/k}$")
    log_axis(axes)
    log_axis(axes, "x")
    legend_below(figure, (axes,), columns=3)
    caption = (
        "The least number n of qumodes with C(n, k) at least N: a model that is trained with N "
        "parameters on a classical computer is then sampled on so many qumodes. Exact; lines: "
        "the leading term, below the numbers by about (k - 1)/2."
    )
    return Plot(figure=figure, table=table, caption=caption)


def algebra_table(results: Results) -> Table:
    """Dimensions of the algebras, and how many numbers a simulation stores."""
    found = _algebras(results).sort_values(["order", "modes"])

    def known(name: str) -> list[str]:
        return [str(value) if value >= 0 else "not counted" for value in found[name]]

    table = pd.DataFrame(
        {
            "k": found["order"],
            "n": found["modes"],
            "D": found["edges"],
            "D - 1": found["edges"] - 1,
            "dim h": found["algebra"],
            "counted": known("counted"),
            "positions repeated": found["full"],
            "M": found["abelian"],
            "qubits": known("qubit"),
            "ad vanishes at power": known("nilpotency"),
        }
    )
    caption = (
        "D hyperedges with k of n modes; D - 1 is the paper's bound on the memory of a classical "
        "network. dim h: algebra of the qumode model, by its closed form and counted by brackets. "
        "M: real numbers that a simulation of the model stores for each sample. Qubits: algebra of "
        "X on one and Z on k qubits. Last: the first power of a random bracket that is zero."
    )
    return Table(table=table, caption=caption)


def pointer_table(results: Results) -> Table:
    """Dimensions of the algebras with pointer modes, which measure."""
    found = to_frame(results.summary("pointers", Stage.SIMULATE))
    names = {"order": "k", "modes": "n", "pointers": "m", "algebra": "dim h", "counted": "counted"}
    table = found.rename(columns=names)[list(names.values())]
    caption = (
        "Pointer modes measure by the coupling of their position with a momentum. The algebra "
        "stays closed and polynomial; counted: by brackets of monomials."
    )
    return Table(table=table, caption=caption)
