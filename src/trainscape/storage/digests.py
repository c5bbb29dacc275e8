"""Canonical JSON and SHA-256 digests: equal values have equal texts, and so equal digests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["canonical_json", "digest", "digest_file"]

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _exact(value: Any) -> Any:
    """Replace every float by its hexadecimal form, so that equal texts mean equal bits."""
    kind = type(value)
    if kind is str or kind is int or kind is bool or value is None:
        return value
    if isinstance(value, float):
        return {"float": value.hex()}
    if isinstance(value, str | int):
        return value
    if isinstance(value, Mapping):
        return {str(key): _exact(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_exact(item) for item in value]
    raise TypeError(
        f"{value!r} of type {type(value).__name__} has no canonical JSON form; use Python scalars, "
        "strings, lists and dictionaries"
    )


def canonical_json(value: Any) -> str:
    """Return the one JSON text of `value`: sorted keys, no spaces, floats in hexadecimal.

    Raises
    ------
    TypeError
        If `value` contains anything but Python scalars, strings, lists and dictionaries.
    """
    return _ENCODER.encode(_exact(value))


def digest(value: Any) -> str:
    """Return the SHA-256 of the canonical JSON text of `value`, in hexadecimal.

    Raises
    ------
    TypeError
        If `value` has no canonical JSON text; see `canonical_json`.
    """
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def digest_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
