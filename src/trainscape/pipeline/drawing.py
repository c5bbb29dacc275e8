"""How the pictures of figures and of the atlas are drawn: the style of the house, and quickly."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from trainscape.studies.kit.pdf_fonts import without_layout_tables
from trainscape.studies.kit.style import style

__all__ = ["drawing", "lay_out"]


@contextmanager
def drawing() -> Iterator[None]:
    """Draw in the style of the house."""
    with style(), without_layout_tables(), _rare_collections():
        yield


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Let Python look for garbage rarely.

    A figure is some hundred thousand objects, nearly all of which live until it is written; looking
    through them again and again is a tenth of the work.
    """
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def lay_out(figure: Any) -> None:
    """Find the places of all axes, once for all formats.

    With a layout engine, even with one that does nothing, each `savefig` draws twice.
    """
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
        figure.set_layout_engine(None)
