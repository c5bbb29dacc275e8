"""Atomic writes: after a crash a file has its old content or its new content, never a mixture."""

from __future__ import annotations

import json
import os
import re
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

from trainscape.storage.write_errors import writing

__all__ = ["write_atomic", "write_json"]

ABANDONED_SECONDS = 3600.0
"""Age from which on a temporary file of another host is one that a kill left behind."""


def write_atomic(path: Path, content: bytes) -> None:
    """Replace the file at `path` by one with `content`, atomically.

    The content goes to a temporary file, which is synced to disk and then renamed to `path`; at
    the end the folder is synced. A kill or a power cut leaves the old file or the new one, and
    perhaps a temporary file, which the next write of the same file removes. Missing folders are
    created.

    Raises
    ------
    CannotWriteError
        Saying why, and what to do.
    """
    with writing(path):
        _replace(path, content)


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Host and process keep two writers of one file apart; the last rename wins.
    temporary = path.with_name(f".{path.name}.{socket.gethostname()}-{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _remove_abandoned(path, temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _remove_abandoned(path: Path, temporary: Path) -> None:
    """Remove the temporary files that killed writers of `path` left beside `temporary`."""
    now = temporary.stat().st_mtime  # by the clock of the file system, which all hosts share
    pattern = re.compile(rf"\.{re.escape(path.name)}\.(.+)-(\d+)\.tmp")
    for other in path.parent.iterdir():
        match = pattern.fullmatch(other.name)
        if match is None or other.name == temporary.name:
            continue
        with suppress(OSError):
            if (
                _has_ended(int(match[2]))
                if match[1] == socket.gethostname()
                else now - other.stat().st_mtime > ABANDONED_SECONDS
            ):
                other.unlink()


def _has_ended(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False


def write_json(path: Path, value: Any) -> None:
    """Write `value` atomically as indented JSON with sorted keys.

    Raises
    ------
    ValueError
        If `value` contains a NaN or an infinity, which JSON cannot express.
    """
    text = json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"
    write_atomic(path, text.encode())
