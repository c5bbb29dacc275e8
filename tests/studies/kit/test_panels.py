"""Ticks at sizes that were computed: few, even, and not too near to each other."""

import matplotlib.figure
import numpy as np
import pytest

from trainscape.studies.kit.panels import log_axis, size_axis


def ticks(sizes, scale, most):
    axes = matplotlib.figure.Figure().subplots()
    axes.set(xscale=scale, xlim=(min(sizes) / 2, 2 * max(sizes)))
    size_axis(axes, sizes, most=most)
    return axes.get_xticks().tolist()


@pytest.mark.parametrize(
    ("sizes", "most", "expected"),
    [
        (range(3, 9), 6, [3, 4, 5, 6, 7, 8]),
        (range(3, 9), 5, [3, 5, 7]),
        (range(2, 13), 5, [2, 5, 8, 11]),
        # One step for all, of those that the sizes have in common.
        ([4, 6, 8, 10, 12, 16, 20, 24], 7, [4, 8, 12, 16, 20, 24]),
        # No step fits: as far apart as it takes, with both ends.
        ([2, 3, 5, 8, 13], 4, [2, 5, 8, 13]),
        ([0.5, 0.8, 0.9, 1.0, 1.1, 1.3], 6, [0.5, 0.8, 0.9, 1.0, 1.1, 1.3]),
        ([7], 5, [7]),
    ],
)
def test_ticks_of_a_linear_axis_have_one_distance(sizes, most, expected):
    assert ticks(sizes, "linear", most) == expected


@pytest.mark.parametrize("most", [2, 3, 5, 8])
def test_ticks_of_a_logarithmic_axis_are_sizes_with_both_ends_and_far_enough_apart(most):
    sizes = [4, 6, 8, 10, 12, 16, 20, 24, 28, 32]
    found = ticks(sizes, "log", most)
    assert set(found) <= set(sizes)
    assert (found[0], found[-1]) == (4, 32)
    assert 2 <= len(found) <= most
    distances = np.diff(np.log(found))
    assert distances.min() >= np.log(8) / 12
    # No gap takes more than three of the others, where there are several.
    assert most < 5 or distances.max() <= 3 * distances.min()


def test_ticks_are_labelled_as_numbers():
    axes = matplotlib.figure.Figure().subplots()
    axes.set_yscale("log")
    size_axis(axes, [0.25, 1, 20], which="y")
    assert [label.get_text() for label in axes.get_yticklabels()] == ["0.25", "1", "20"]
    assert axes.get_yticks(minor=True).size == 0


def test_powers_of_ten_are_plain_text():
    axes = matplotlib.figure.Figure().subplots()
    axes.set(yscale="log", ylim=(1e-13, 10))
    log_axis(axes)
    axes.figure.draw_without_rendering()
    shown = [label.get_text() for label in axes.get_yticklabels()]
    places = axes.get_yticks()
    assert (
        dict(zip(places.round(20), shown, strict=True)).items()
        >= {
            1e-12: "10\u207b\u00b9\u00b2",
            1.0: "10\u2070",
        }.items()
    )
