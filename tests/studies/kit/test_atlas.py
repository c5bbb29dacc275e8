"""The atlas: points as plain values, words for laws, and what the panels show."""

import math
from typing import Any

import numpy as np
import pytest

from trainscape.studies.kit.atlas import AtlasPoint, Way, known, scaled
from trainscape.studies.kit.atlas_drawing import PANELS, draw_atlas, drawn
from trainscape.studies.kit.atlas_laws import family_rows, law_word
from trainscape.studies.kit.style import style
from trainscape.testing.figures import overlaps, unlabelled
from trainscape.trainability.intervals import Estimate


def estimate(value: float, low: float = math.nan, high: float = math.nan) -> Estimate:
    return Estimate(value, 0.1 * value, low, high, 0.95, 10, "test")


def rows(family: str, moments: dict[int, float], growth: Any = "power") -> list[dict[str, Any]]:
    return [
        {
            "study": "one",
            "page": f"claims/one/{family}.html",
            "moment_error": 0.01 * moment,
            **AtlasPoint(
                family=family,
                kind="circuit",
                size=size,
                claim=family,
                moment=estimate(moment, 0.9 * moment, 1.1 * moment),
                way=Way(name="way", numbers=2.0**size, growth=growth),
            ).row(),
        }
        for size, moment in moments.items()
    ]


def test_a_point_as_plain_values():
    point = AtlasPoint(
        family="f",
        kind="diagonal",
        size=3,
        claim="c",
        threshold=estimate(math.inf, 5.0, math.inf),
        dimension=4.0,
    )
    row = point.row()
    assert (row["threshold"], row["threshold_low"], row["threshold_high"]) == (None, 5.0, None)
    assert (row["moment"], row["numbers"], row["growth"]) == (None, None, "")


def test_units_scale_the_value_and_all_its_ends():
    found = scaled(estimate(2.0, 1.0, 4.0), 4.0)
    assert (found.value, found.low, found.high) == (8.0, 4.0, 16.0)
    assert found.standard_error == pytest.approx(0.8)


def test_points_without_a_number_are_not_known():
    def point(**values: Any) -> AtlasPoint:
        return AtlasPoint(family="f", kind="circuit", size=2, claim="", **values)

    nothing = [
        point(),
        point(moment=estimate(0.0)),
        point(threshold=estimate(math.inf, math.inf, math.inf)),
    ]
    something = [point(moment=estimate(1e-9)), point(threshold=estimate(math.inf, 3.0, math.inf))]
    assert known([*nothing, *something]) == something


SIZES = np.arange(2, 14, dtype=float)


@pytest.mark.parametrize(
    ("moments", "word"),
    [
        (np.full(12, 0.3), "constant"),
        (0.01 * SIZES, "constant"),
        (SIZES**-3, "power"),
        (2.0**-SIZES, "exponential"),
        (np.exp(-3 * SIZES**0.5), "stretched"),
    ],
)
def test_laws_have_words(moments: np.ndarray, word: str):
    noise = np.random.default_rng(0).normal(0, 0.002, len(SIZES))
    values = moments * (1 + noise)
    assert law_word(list(SIZES), list(values), list(0.002 * values)) == word


def test_few_sizes_name_no_law():
    values = list(2.0 ** -SIZES[:7])
    assert law_word(list(SIZES[:7]), values, [0.001 * one for one in values]) == "undecided"


def test_a_family_is_told_by_its_law_and_its_cheapest_way():
    points = [
        *rows("flat", dict.fromkeys(range(2, 10), 0.3), "exponential"),
        *rows("falling", {n: 2.0**-n for n in range(2, 10)}, "exponential"),
        *rows("short", {2: 0.5, 3: 0.4}),
    ]
    found = {row["family"]: row for row in family_rows(points)}
    words = {name: (row["law"], row["costly"], row["sizes"]) for name, row in found.items()}
    assert words == {
        "flat": ("constant", True, 8),
        "falling": ("exponential", True, 8),
        "short": ("undecided", False, 2),
    }
    derived = [row | {"derived": "power"} for row in rows("short", {2: 0.5, 3: 0.4})]
    assert [row["law"] for row in family_rows(derived)] == ["power"]
    assert (found["flat"]["least"], found["flat"]["largest"]) == (2, 9)


def test_panels_show_what_has_both_numbers():
    threshold = {
        **rows("trained", {4: 0.1})[0],
        "moment": None,
        "threshold": None,
        "threshold_low": 7.0,
        "dimension": 5.0,
    }
    points = [*rows("family", {3: 0.2, 2: 0.1}), threshold]
    found = {
        panel: [(one.x, one.y, one.bound) for spots in drawn(panel, points) for one in spots]
        for panel in PANELS
    }
    assert found == {
        "moments": [(2, 0.1, False), (3, 0.2, False)],
        "thresholds": [(5.0, 7.0, True)],
        "costs": [(0.1, 4.0, False), (0.2, 8.0, False)],
    }


def test_the_sheet_can_be_read_and_leads_to_claims():
    points = [
        *rows("flat", dict.fromkeys(range(2, 30, 3), 0.3)),
        *rows("falling", {n: 2.0**-n for n in range(2, 12)}, "exponential"),
    ]
    points[0] |= {"dimension": 10.0, "threshold": 12.0, "threshold_low": 9.0}
    points[1] |= {"dimension": 100.0, "threshold": 250.0}
    with style():
        figure = draw_atlas(points, ["one", "other"], lambda row: row["page"])
        assert unlabelled(figure) == []
        seen = [text for axes in figure.axes for text in axes.texts if text.get_alpha() == 0]
        assert {text.get_url() for text in seen} == {
            "claims/one/flat.html",
            "claims/one/falling.html",
        }
        for text in seen:
            text.remove()
        assert overlaps(figure) == []


def test_nothing_is_drawn_of_nothing():
    with style():
        figure = draw_atlas([], [])
    assert [len(axes.collections) for axes in figure.axes] == [0, 0, 0]
