"""The colours of the report can be read, in light and dark."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

STYLE = files("trainscape.pipeline.site.templates").joinpath("style.css").read_text()
LIGHT, DARK = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)

PAIRS = [
    *((ink, paper) for ink in ("ink", "soft", "link") for paper in ("paper", "card")),
    ("part", "paper"),
    *((name, f"{name}-back") for name in ("good", "part", "bad", "open")),
]


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour as WCAG 2.2 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("text", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "paper"), PAIRS)
def test_text_has_a_contrast_of_at_least_four_and_a_half(text: str, ink: str, paper: str):
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", text))
    low, high = sorted((luminance(colours[ink]), luminance(colours[paper])))
    assert (high + 0.05) / (low + 0.05) >= 4.5


def test_the_style_sheet_asks_for_nothing():
    assert "url(" not in STYLE
    assert "@import" not in STYLE
