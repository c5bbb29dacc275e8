"""The figure of reachability."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from trainscape.studies.contract import Stage
from trainscape.studies.kit.panels import (
    guide,
    legend_below,
    level,
    log_axis,
    panels,
    points,
    series,
    size_axis,
)
from trainscape.studies.kit.style import looks
from trainscape.studies.kit.tables import to_frame
from trainscape.studies.reporting import Plot, Results
from trainscape.trainability.intervals import median

WAYS = {"one": "one gate", "two": "two gates", "conditioned": "best vector"}
KINDS = {"drawn": "as drawn", "hard": "hard", "conditioned": "hard, with best vector"}
ALL_LOOKS = looks(len(KINDS) + len(WAYS))
LOOKS = dict(zip(KINDS, ALL_LOOKS, strict=False))
WAY_LOOKS = dict(zip(WAYS, ALL_LOOKS[len(KINDS) :], strict=True))


def _tail(axes: Axes, table: pd.DataFrame) -> None:
    """Draw the share of random geometries out of reach against the number of gates."""
    axes.set(xscale="log", yscale="log")
    for way, rows in series(table, "way"):
        look, seen = WAY_LOOKS[way], rows[rows["share"] > 0]
        points(axes, seen["gates"], seen, "share", label=WAYS[way], **(look | {"linestyle": ""}))
        if rows["law"].notna().all():
            label = r"$\pi/[4(p-1)]$" if way == "one" else r"$4S/[3(p-1)^2]$"
            guide(axes, rows["gates"], rows["law"], color=look["color"], label=label)
    axes.set(xlabel="gates $p$", ylabel="share out of reach", ylim=(1e-4, 2))
    size_axis(axes, table["gates"], most=5)
    log_axis(axes)


def _law(axes: Axes, table: pd.DataFrame) -> None:
    """Draw the least number of parameters of each restart against the law."""
    for kind, rows in series(table, "kind"):
        found = rows[rows["critical"] > 0]
        look = LOOKS[kind] | {"linestyle": "none", "markersize": 3, "alpha": 0.7}
        axes.plot(found["law"], found["critical"], label=KINDS[kind], **look)
        missed = rows[(rows["critical"] < 0) & (rows["law"] > 0)]
        axes.plot(missed["law"], missed["tried"], **(look | {"marker": r"$\uparrow$"}))
    ends = np.array([table["rank_formula"].min(), table["tried"].max()], dtype=np.float64)
    guide(axes, ends, ends, label="equality")
    axes.set(xscale="log", yscale="log", xlabel=r"$\max(R, \mathrm{reach})$")
    axes.set_ylabel("least $p$ that trains")
    for which in ("x", "y"):
        log_axis(axes, which)


def _medians(table: pd.DataFrame) -> pd.DataFrame:
    """Return the median of the least numbers over R, for each kind and rank."""
    rows = []
    for (kind, rank), chosen in series(table, "kind", "rank_formula"):
        # What never succeeded took more than all that was tried.
        numbers = chosen["critical"].where(chosen["critical"] > 0, 2 * chosen["tried"])
        middle = median(numbers / rank)
        low, high = middle.low, middle.high
        row = {"kind": kind, "rank_formula": rank, "restarts": len(chosen)}
        rows.append(row | {"median": middle.value, "median_low": low, "median_high": high})
    return pd.DataFrame(rows)


def reachability(results: Results) -> Plot:
    """Gates that steering takes, parameters that training takes, and the law between them."""
    shares = to_frame(results.summary("tl_reachability", Stage.SIMULATE))
    trained = to_frame(results.summary("tl_reachability", Stage.THRESHOLDS))
    medians = _medians(trained)
    figure, (axes,) = panels(3, height=2.4)
    _tail(axes[0], shares)
    _law(axes[1], trained)
    for kind, rows in series(medians, "kind"):
        points(axes[2], rows["rank_formula"], rows, "median", **(LOOKS[kind] | {"linestyle": "-"}))
    level(axes[2], 1.0)
    axes[2].set(xscale="log", yscale="log", xlabel="orbit rank $R$")
    axes[2].set_ylabel("median least $p\\,/\\,R$")
    size_axis(axes[2], medians["rank_formula"], most=6)
    log_axis(axes[2])
    legend_below(figure, axes, columns=3)
    lengths = ", ".join(map(str, sorted(set(trained["sites"]))))
    caption = (
        "Reachability on chains whose top two sectors are told apart by an ancilla of one qubit. "
        f"(a) Share of {int(shares['draws'].min())} random geometries of a sector of one state "
        "that p gates cannot steer to its label, exact for each draw: one gate, two gates with "
        "ancilla vectors of their own in turn, one gate with the best vector. Bars: 95 % Wilson "
        "intervals; lines: laws for many gates, S = 0.859. (b) Least number of parameters from "
        "which a restart trains to a loss of zero, among numbers that grow by 1.19, against the "
        "larger of the orbit rank R and the reach that geometry gives for the same times; each "
        f"point is one restart on an instance of its own, {len(trained)} in all, L = {lengths}. "
        "Line: equality, below which no point can lie; arrows: no number that was tried succeeded. "
        "Hard: the first draw with a reach from 2 R to 8 R, chosen without training. (c) Its "
        "median in units of R; bars: 95 % intervals of order statistics (the whole range for "
        "fewer than six restarts); dashed: R."
    )
    frames = {"shares": shares, "restarts": trained, "medians": medians}
    table = pd.concat([f.assign(part=part) for part, f in frames.items()], ignore_index=True)
    return Plot(figure=figure, table=table, caption=caption)
