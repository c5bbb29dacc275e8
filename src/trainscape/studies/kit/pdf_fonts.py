"""Fonts in PDF files: only what a figure needs of them.

matplotlib embeds the glyphs that a figure shows, and places each of them itself. Yet its subsets
keep the tables by which a text program would join or move glyphs, and cutting these down takes more
time than drawing the figure: DejaVu Sans has five thousand glyphs in dozens of scripts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fontTools import subset

__all__ = ["LAYOUT_TABLES", "without_layout_tables"]

LAYOUT_TABLES = ("GDEF", "GPOS", "GSUB", "kern")
"""Tables by which a program lays out text: definitions, positions, substitutions, pairs."""


@contextmanager
def without_layout_tables() -> Iterator[None]:
    """Let fonts that are embedded in the body come without the tables that lay out text."""
    default = subset.Options._drop_tables_default
    subset.Options._drop_tables_default = [*default, *LAYOUT_TABLES]
    try:
        yield
    finally:
        subset.Options._drop_tables_default = default
