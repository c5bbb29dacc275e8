"""Kinds of sequences, as figures and claims tell them apart."""

from __future__ import annotations

import pandas as pd

__all__ = ["is_text", "kind_of"]

_TEXTS = ("genesis", "address", "rhyme", "file")


def is_text(table: pd.DataFrame) -> pd.Series[bool]:
    """Return which rows of a table are texts, shuffled or not."""
    return table["source"].isin(_TEXTS)


def kind_of(source: str, alphabet: str, shuffled: bool) -> str:
    """Return the kind of a sequence."""
    if shuffled:
        return "shuffled"
    if source in _TEXTS:
        return {"letters": "text, letters", "classes": "text, classes"}.get(alphabet, "bases")
    return "machine" if source == "machine" else "bases"
