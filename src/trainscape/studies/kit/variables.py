"""Variables of sampled datasets. Imports nothing, so that sampled steps stay light."""

from __future__ import annotations

from typing import Any

__all__ = ["variable"]

Variable = tuple[Any, Any, dict[str, str]]


def variable(dimensions: Any, values: Any, long_name: str = "", units: str = "") -> Variable:
    """Return a variable as `xarray.Dataset` takes it, with a description and units if given."""
    attributes = {"long_name": long_name, "units": units}
    return dimensions, values, {name: text for name, text in attributes.items() if text}
