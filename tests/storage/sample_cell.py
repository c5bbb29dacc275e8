"""A small cell of a store with every kind of variable."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from trainscape.storage.store import Store

CELL = "size-2"


LENGTH = 4
"""Samples in a chunk."""


def make(
    start: int, stop: int, *, attrs: dict[str, Any] | None = None, sites: int = 2
) -> xr.Dataset:
    """Samples of every kind of variable; each is a function of its absolute index."""
    index = np.arange(start, stop)
    grid = index[:, None] + 0.1 * np.arange(sites)
    return xr.Dataset(
        {
            "real": (("sample", "site"), grid, {"units": "1"}),
            "phase": (("sample",), np.exp(1j * index)),
            "text": (("sample",), np.array([f"sample {i} ä" for i in index], dtype=object)),
            "flag": (("sample",), index % 2 == 0),
            "count": (("sample",), index.astype(np.int32)),
            "nothing": (("sample", "empty"), np.zeros((len(index), 0))),
            "fixed": ((), np.float64(2.5)),
        },
        coords={
            "site": np.arange(sites),
            "name": (("site",), np.array([f"site {i}" for i in range(sites)], dtype=object)),
        },
        attrs={"note": "a note", "nested": {"list": [1, 2.5, None]}} if attrs is None else attrs,
    )


def fill(
    path: Path, chunks: int, *, length: int = LENGTH, order: Callable[[range], Any] = list
) -> dict[int, str]:
    store = Store(path, writable=True, attributes={"study": "test"})
    return {
        chunk: store.write(
            CELL,
            chunk,
            make(chunk * length, (chunk + 1) * length),
            length=length,
            chunks=chunks,
            parameters={"size": 2},
            valid=range(1) if number else (),
        )
        for number, chunk in enumerate(order(range(chunks)))
    }
