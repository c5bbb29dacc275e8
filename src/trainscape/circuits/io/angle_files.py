"""Read the angles of a circuit from JSON: a list in parameter order, or an object by name.

JSON itself leaves open what a name that is given twice means, and allows numbers of any size. Here
both are errors, since either way a circuit would be evaluated at angles that nobody meant.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from typing import Any

__all__ = ["parse_angles", "some_names"]


def parse_angles(text: str, names: Sequence[str]) -> list[float]:
    """Return one finite angle in radians for each parameter.

    Parameters
    ----------
    text
        JSON: a list of numbers, or an object of numbers by name.
    names
        Names of the parameters, in the order of the parameter vector.

    Raises
    ------
    ValueError
        If it is not that. The message is to follow the name of the file.

    Examples
    --------
    >>> parse_angles('{"b": 2, "a": 0.5}', ["a", "b"])
    [0.5, 2.0]
    """
    try:
        data = json.loads(text, object_pairs_hook=_object, parse_int=_number, parse_float=_number)
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON: {error}") from error
    except RecursionError:
        raise ValueError("is nested too deeply; write a JSON list of angles") from None
    if isinstance(data, dict):
        unknown = [name for name in data if name not in set(names)]
        missing = [name for name in names if name not in data]
        if unknown or missing:
            wrong = [f"names no parameter of the circuit: {some_names(unknown)}"] if unknown else []
            wrong += [f"lacks {some_names(missing)}"] if missing else []
            raise ValueError(f"{', and '.join(wrong)}; the parameters are {some_names(names)}")
        data = [data[name] for name in names]
    if not isinstance(data, list):
        raise ValueError(
            f"holds {_shown(data)}; write a JSON list of angles, or an object of angles by name"
        )
    if len(data) != len(names):
        raise ValueError(
            f"has {len(data)} angles, but the circuit has {len(names)} parameters "
            f"({some_names(names)}), in this order"
        )
    for name, angle in zip(names, data, strict=True):
        if not isinstance(angle, float) or not math.isfinite(angle):
            raise ValueError(
                f"has {_shown(angle)} for the angle of parameter {name}, which is not a finite "
                "number; angles are in radians"
            )
    return data


def some_names(names: Iterable[str]) -> str:
    """Return the first few of many names."""
    chosen = list(names)
    return ", ".join(chosen[:8]) + (", ..." if len(chosen) > 8 else "") or "none"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"names {_shown(name)} twice; keep the angle that you mean")
        found[name] = value
    return found


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(
            f"has the number {text[:20]}{'...' if len(text) > 20 else ''}, which is beyond the "
            "range of floating-point numbers; angles are in radians"
        )
    return number


def _shown(value: Any) -> str:
    """Return a value of JSON, cut short."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."
