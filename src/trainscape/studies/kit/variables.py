"""Variables of sampled datasets. Imports little, so that sampled steps stay light."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

__all__ = ["Description", "by_sample", "variable"]

Variable = tuple[Any, Any, dict[str, str]]

Description = tuple[tuple[str, ...], str, str]
"""Dimensions of the values of one sample, what they are, and their units (empty: none)."""


def variable(dimensions: Any, values: Any, long_name: str = "", units: str = "") -> Variable:
    """Return a variable as `xarray.Dataset` takes it, with a description and units if given."""
    attributes = {"long_name": long_name, "units": units}
    return dimensions, values, {name: text for name, text in attributes.items() if text}


def by_sample(
    rows: Iterable[Mapping[str, Any]], described: Mapping[str, Description]
) -> dict[str, Variable]:
    """Return variables from the values of one sample after the other.

    Parameters
    ----------
    rows
        The values of each sample by name: numbers, or arrays of the same shape in all samples.
    described
        What each variable is; others in the rows are left out.
    """
    found = list(rows)
    return {
        name: variable(("sample", *own), np.array([row[name] for row in found]), text, units)
        for name, (own, text, units) in described.items()
    }
