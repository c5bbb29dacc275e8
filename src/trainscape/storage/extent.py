"""How a cell is cut into chunks, read from the metadata of its group alone.

Commands that only look ask for nothing else of a store, and need no numerical library for it.
"""

from __future__ import annotations

import json
from pathlib import Path

__all__ = ["OWN", "SUMMARY", "chunk_length"]

SUMMARY = "summary"
"""Name of the group that the summary step writes. It is stored like a deterministic cell."""

OWN = "trainscape"
"""Attribute of a group that holds what the store itself has to know about the cell."""


def chunk_length(store: Path, cell: str) -> int | None:
    """Return the samples per chunk of a cell, or None if there is no readable group.

    The number is fixed when the group is created.
    """
    try:
        group = json.loads((store / cell / "zarr.json").read_bytes())
        return int(group["attributes"][OWN]["chunk_length"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
