"""JSON records that carry a digest of themselves, so that no flipped byte in them passes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trainscape.storage.digests import digest

__all__ = ["SEAL", "is_intact", "sealed"]

SEAL = "seal"
"""Key of the digest."""

LENGTH = 16
"""Hexadecimal digits of it: it guards against accidents, not against forgery."""


def sealed(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record of plain JSON values with the digest of all the rest in it.

    Raises
    ------
    TypeError
        If it holds anything but plain JSON values.
    """
    body = {key: value for key, value in record.items() if key != SEAL}
    return {**body, SEAL: digest(body)[:LENGTH]}


def is_intact(record: Mapping[str, Any]) -> bool:
    """Return whether a record, as it was read, is the one that was sealed."""
    try:
        return bool(record[SEAL] == sealed(record)[SEAL])
    except (KeyError, TypeError):
        return False
