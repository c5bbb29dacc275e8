"""The state of unfinished blocks: what a killed run has to show for a block that takes long.

A checkpoint belongs to one block of one chunk key, so a state that other code, settings or inputs
left is never found. It is a promise of nothing: whatever is missing or damaged is computed anew,
and the file goes as soon as the chunk stands in the ledger.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from trainscape.storage.atomic import write_atomic

__all__ = ["CheckpointFile", "checkpoint_path", "discard_all", "discard_checkpoints"]

INTERVAL = 10.0
"""Seconds between two writes of one block: what a kill costs at most, beside a step's segment."""


def checkpoint_path(folder: Path, key: str, start: int) -> Path:
    """Return the file of the block that begins at sample `start` of the chunk with this key."""
    return folder / f"{key}.{start}.checkpoint"


def discard_checkpoints(folder: Path, key: str) -> None:
    """Remove the checkpoints of a chunk."""
    for path in folder.glob(f"{key}.*"):
        path.unlink(missing_ok=True)


def discard_all(folder: Path) -> None:
    """Remove the checkpoints of a stage, those of other code or settings among them."""
    shutil.rmtree(folder, ignore_errors=True)


@dataclass
class CheckpointFile:
    """The checkpoint of one block.

    Parameters
    ----------
    path
        The file. It and its folder need not exist.
    interval
        Seconds from one write to the next; what is saved in between is passed over.
    """

    path: Path
    interval: float = field(default_factory=lambda: INTERVAL)
    _written: float = field(default_factory=time.monotonic, init=False)

    def load(self) -> dict[str, np.ndarray] | None:
        """Return the state that was saved last; None if there is none that is whole."""
        try:
            recorded, _, content = self.path.read_bytes().partition(b"\n")
        except FileNotFoundError:
            return None
        if hashlib.sha256(content).hexdigest().encode() != recorded:
            return None
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
                return {name: arrays[name] for name in arrays.files}
        except (ValueError, zipfile.BadZipFile):
            return None

    def save(self, state: Mapping[str, np.ndarray]) -> None:
        """Keep a state, unless one was kept a moment ago.

        Raises
        ------
        TypeError
            If an array holds Python objects, which could not be read without executing them.
        CannotWriteError
            Saying why, and what to do.
        """
        for name, array in state.items():
            if np.asarray(array).dtype.hasobject:
                raise TypeError(f"{name} holds Python objects; a checkpoint has arrays of numbers")
        if time.monotonic() - self._written < self.interval:
            return
        buffer = io.BytesIO()
        np.savez(buffer, allow_pickle=False, **dict(state))
        content = buffer.getvalue()
        write_atomic(self.path, hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
        self._written = time.monotonic()
