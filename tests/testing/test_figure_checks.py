"""The checks of figures find what they look for."""

import numpy as np
import pandas as pd
import pytest

from trainscape.studies.kit.panels import (
    guide,
    legend_below,
    log_axis,
    panels,
    points,
    same_limits,
    size_axis,
)
from trainscape.studies.kit.style import looks, style
from trainscape.studies.reporting import Plot
from trainscape.testing.figures import check_plot, overlaps, points_outside_table, unlabelled

TABLE = pd.DataFrame(
    {
        "n": [4, 8, 16, 32],
        "x": [1.0, 0.5, 0.2, 0.1],
        "x_low": [0.9, 0.4, 0.15, 0.05],
        "x_high": [1.1, 0.6, 0.25, 0.15],
    }
)


def drawn(table: pd.DataFrame = TABLE) -> Plot:
    with style():
        figure, ((left, right),) = panels(2)
        for axes, look in zip((left, right), looks(2), strict=True):
            axes.set(xscale="log", yscale="log", xlabel="qubits $n$", ylabel="$x$")
            points(axes, table["n"], table, "x", label="measured", **look)
            guide(axes, [4, 32], [3.0, 0.01])
            size_axis(axes, table["n"])
            log_axis(axes)
        same_limits((left, right))
        legend_below(figure, (left, right))
        return Plot(figure=figure, table=table, caption="Measured values and a law.")


def test_a_sound_figure_passes():
    with style():
        check_plot(drawn())


def test_missing_labels_are_found():
    plot = drawn()
    plot.figure.axes[1].set_xlabel("")
    assert unlabelled(plot.figure) == ["panel 1 has no x label"]


def test_overlapping_and_clipped_texts_are_found():
    plot = drawn()
    axes = plot.figure.axes[0]
    for text in ("one thing", "another thing"):
        axes.annotate(text, (8, 0.5))
    far = axes.annotate("far away", (8, 0.5), xytext=(0, 500), textcoords="offset points")
    far.set_in_layout(False)
    with style():
        problems = overlaps(plot.figure)
    assert any("one thing" in problem and "another thing" in problem for problem in problems)
    assert any("far away" in problem and "leaves" in problem for problem in problems)


def test_values_that_the_table_does_not_hold_are_found():
    plot = drawn()
    plot.figure.axes[0].plot([4, 8], [0.5, 0.77])
    assert points_outside_table(plot) == ["panel 0 draws 0.77, which is not in the table"]
    with style(), pytest.raises(AssertionError, match=r"0\.77"):
        check_plot(plot)


def test_open_bars_are_arrows_and_missing_ones_no_bars():
    table = TABLE.assign(x_low=[0.9, -1.0, np.nan, np.nan], x_high=[1.1, 0.6, 0.25, np.nan])
    with style():
        _, ((axes,),) = panels(1)
        axes.set(yscale="log")
        points(axes, table["n"], table, "x")
    # The second bar reaches below zero, the third has no lower end; the fourth has no bar at all.
    assert len(axes.texts) == 2
    (bars,) = axes.containers
    lengths = [segment[1, 1] - segment[0, 1] for segment in bars.lines[2][0].get_segments()]
    assert lengths == pytest.approx([0.2, 0.1, 0.05, 0.0])


def test_no_two_series_look_alike():
    seen = {tuple(sorted((k, str(v)) for k, v in look.items())) for look in looks(40)}
    assert len(seen) == 40
