"""Files that are either the old one or the new one, never half of either, and JSON with one spelling per value."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["canonical_json", "digest", "digest_file", "write_atomic", "write_json"]


def write_atomic(path: Path, content: bytes) -> None:
    """Write `content` to `path` so that a kill or a power cut leaves the old file or the new one: temporary file, fsync, rename, fsync of the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # The process id keeps two writers of one file apart; the rename decides which of them was last.
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
    """Write `value` atomically as indented JSON with sorted keys. NaN and infinities are refused: JSON has no spelling for them."""
    write_atomic(
        path,
        (
            json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"
        ).encode(),
    )


def _exact(value: Any) -> Any:
    """Replace every float by its hexadecimal spelling, so that equal text means equal bits, and refuse what has no canonical form."""
    if isinstance(value, float):
        return {"float": value.hex()}
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, Mapping):
        return {str(key): _exact(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_exact(item) for item in value]
    raise TypeError(
        f"{value!r} of type {type(value).__name__} has no canonical JSON form; use Python scalars, strings, lists and dictionaries"
    )


def canonical_json(value: Any) -> str:
    """Return the one JSON text of `value`: sorted keys, no spaces, floats in hexadecimal."""
    return json.dumps(_exact(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(value: Any) -> str:
    """Return the SHA-256 of the canonical JSON text of `value`, in hexadecimal."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def digest_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
