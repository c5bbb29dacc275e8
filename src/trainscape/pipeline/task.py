"""The description of one task: all that a chunk depends on.

Apart from what computes it, so that commands which only look import no numerical library.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["ChunkTask", "Input"]


@dataclass(frozen=True)
class Input:
    """An upstream cell that a task reads: which values, and where they lie."""

    stage: str
    store: Path
    cell: str
    digest: str


@dataclass(frozen=True)
class ChunkTask:
    """Description of one chunk. `words` maps each purpose to the words of the cell's seeds.

    `checkpoints` is where states of its unfinished blocks lie. `key`, `content` and `seconds`
    travel along for the ledger.
    """

    module: str
    cell: str
    chunk: int
    start: int
    stop: int
    block: int
    deterministic: bool
    parameters: Mapping[str, Any]
    options: Mapping[str, Any]
    inputs: tuple[Input, ...]
    entropy: int
    words: Mapping[int, tuple[int, ...]]
    checkpoints: Path
    key: str
    content: str
    seconds: float
