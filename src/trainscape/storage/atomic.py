"""Atomic writes: after a crash a file has its old content or its new content, never a mixture."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from trainscape.storage.write_errors import writing

__all__ = ["write_atomic", "write_json"]


def write_atomic(path: Path, content: bytes) -> None:
    """Replace the file at `path` by one with `content`, atomically.

    The content goes to a temporary file, which is synced to disk and then renamed to `path`; at
    the end the folder is synced. A kill or a power cut leaves the old file or the new one. Missing
    folders are created.

    Raises
    ------
    CannotWriteError
        Saying why, and what to do.
    """
    with writing(path):
        _replace(path, content)


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # The process id keeps two writers of one file apart; the last rename wins.
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def write_json(path: Path, value: Any) -> None:
    """Write `value` atomically as indented JSON with sorted keys.

    Raises
    ------
    ValueError
        If `value` contains a NaN or an infinity, which JSON cannot express.
    """
    text = json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"
    write_atomic(path, text.encode())
