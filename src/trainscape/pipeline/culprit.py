"""Find the setting that an error is about: the one without which it does not occur.

A study's code raises errors in its own words, far from the settings. So the settings are changed,
one place at a time: an entry of a list is left out, a number is replaced by ordinary ones. The
first change that works names the key.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from pydantic import BaseModel

__all__ = ["culprit", "largest_number", "repetition"]

_SECONDS = 3.0
"""How long it is searched: a key is a help, not a result."""
_ORDINARY = (4, 2, 10, 1)


def culprit(settings: BaseModel, key: str, works: Callable[[Any], bool]) -> tuple[str, str] | None:
    """Return key and value of the setting without which settings work, None if none is found.

    Parameters
    ----------
    settings
        What does not work.
    key
        Where it stands.
    works
        Whether changed settings do.
    """
    end = time.monotonic() + _SECONDS
    for place, value, changed in _changes(settings, key):
        if time.monotonic() > end:
            return None
        if works(changed):
            return place, value
    return None


def repetition(value: Any, key: str) -> str:
    """Return which list has an entry twice, and the entry, or an empty text."""
    items = list(value) if isinstance(value, list | tuple) else []
    for place, item in enumerate(items):
        if item in items[:place]:
            return f"{key} lists {_shown(item)} twice"
    for name, item in _parts(value):
        if found := repetition(item, f"{key}.{name}"):
            return found
    return ""


def largest_number(value: Any, key: str, *, given: bool = False) -> tuple[float, str]:
    """Return the largest absolute number in settings, keys of mappings included, and its key.

    With `given` only among those that somebody gave, defaults left out.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return min(abs(value), 10**300), key
    found = (0.0, "")
    for name, item in _parts(value):
        if given and isinstance(value, BaseModel) and name not in value.model_fields_set:
            continue
        names = [largest_number(name, f"{key}.{name}")] if isinstance(value, dict) else []
        found = max(found, largest_number(item, f"{key}.{name}", given=given), *names)
    return found


def _parts(value: Any) -> list[tuple[Any, Any]]:
    """Return name and value of everything directly below a value."""
    if isinstance(value, BaseModel):
        return [(name, getattr(value, name)) for name in type(value).model_fields]
    if isinstance(value, dict):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list | tuple) else []


def _changes(value: Any, key: str) -> Iterator[tuple[str, str, Any]]:
    """Yield key and text of what is changed, and what a value becomes by the change."""
    if isinstance(value, tuple) and len(value) > 1:
        for position, item in enumerate(value):
            yield key, _shown(item), (*value[:position], *value[position + 1 :])
    if isinstance(value, int | float) and not isinstance(value, bool):
        for number in _ORDINARY:
            if number != value:
                yield key, _shown(value), type(value)(number)
    for name, item in _parts(value):
        for place, text, changed in _changes(item, f"{key}.{name}"):
            if isinstance(value, BaseModel):
                yield place, text, value.model_copy(update={name: changed})
            elif isinstance(value, dict):
                yield place, text, {**value, name: changed}
            elif len(value) == 1 or _parts(item):  # others were left out above
                yield place, text, (*value[:name], changed, *value[name + 1 :])
    if isinstance(value, dict) and len(value) > 1:
        for name, item in value.items():
            rest = {other: kept for other, kept in value.items() if other != name}
            yield f"{key}.{name}", _shown(item), rest
    for name in value if isinstance(value, dict) else ():
        for number in _ORDINARY if isinstance(name, int) else ():
            renamed = {number if other == name else other: kept for other, kept in value.items()}
            yield f"{key}.{name}", _shown(value[name]), renamed


def _shown(value: Any) -> str:
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    text = str(plain)
    return text if len(text) <= 60 else text[:57] + "..."
