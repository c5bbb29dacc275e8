"""Fonts in PDF files: the glyphs of the figure, and no tables that lay out text."""

import io
import re
import zlib

import matplotlib.pyplot as plt
import pytest
from fontTools import subset
from fontTools.ttLib import TTFont

from trainscape.studies.kit.pdf_fonts import LAYOUT_TABLES, without_layout_tables
from trainscape.studies.kit.style import style


def embedded(pdf: bytes) -> list[TTFont]:
    """Return the TrueType fonts in a PDF file."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, flags=re.DOTALL)
    found = []
    for stream in streams:
        try:
            content = zlib.decompress(stream)
        except zlib.error:
            continue
        if content[:4] == b"\x00\x01\x00\x00":
            found.append(TTFont(io.BytesIO(content)))
    return found


def drawn() -> bytes:
    with style():
        figure, axes = plt.subplots()
        axes.set_title("variance at $10^{-3}$, depth 12")
        buffer = io.BytesIO()
        figure.savefig(buffer, format="pdf")
        plt.close(figure)
    return buffer.getvalue()


def outlines(font: TTFont) -> dict[str, bytes]:
    table = font["glyf"]
    return {name: table[name].compile(table) for name in font.getGlyphOrder()}


def test_glyphs_are_the_same_and_layout_tables_are_gone():
    usual = embedded(drawn())
    with without_layout_tables():
        lean = embedded(drawn())
    assert usual
    assert any(set(LAYOUT_TABLES) & set(font.keys()) for font in usual)
    assert not any(set(LAYOUT_TABLES) & set(font.keys()) for font in lean)
    assert [outlines(font) for font in lean] == [outlines(font) for font in usual]


def test_other_programs_subsets_are_left_alone():
    before = list(subset.Options().drop_tables)
    with pytest.raises(ZeroDivisionError), without_layout_tables():
        _ = 1 / ("GSUB" not in subset.Options().drop_tables)
    assert subset.Options().drop_tables == before
