"""The look of all figures: one style sheet, colours that people tell apart, looks of series."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import matplotlib as mpl

__all__ = ["COLOURS", "MARKERS", "Look", "looks", "style"]

COLOURS = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
    "#6A3D9A",
    "#444444",
)
"""Okabe and Ito's palette, which people with any kind of colour vision can tell apart; its yellow
and black are replaced by a violet and a grey that print."""

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<")
LINES = ("-", "--", ":", "-.")

Look = dict[str, Any]
"""Keyword arguments of a line: colour, marker, line style, filling of the markers."""


def style() -> AbstractContextManager[None]:
    """Return a context in which figures have the project's look."""
    context: AbstractContextManager[None] = mpl.rc_context(
        fname=Path(__file__).with_name("trainscape.mplstyle")
    )
    return context


def looks(count: int) -> list[Look]:
    """Return looks for `count` series, no two of them alike.

    The first eight differ in colour and marker; later ones repeat the colours with other markers
    and line styles, and every second eight are hollow.
    """
    chosen = []
    for number in range(count):
        turn, place = divmod(number, len(COLOURS))
        look: Look = {
            "color": COLOURS[place],
            "marker": MARKERS[(place + 3 * turn) % len(MARKERS)],
            "linestyle": LINES[turn % len(LINES)],
        }
        if turn % 2:
            look["markerfacecolor"] = "none"
        chosen.append(look)
    return chosen
