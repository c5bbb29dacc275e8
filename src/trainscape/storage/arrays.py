"""Zarr groups and arrays of the store: how they are created, opened and read.

zarr raises many kinds of errors for missing and damaged data. All of them become a
`ChunkUnreadableError` here.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Collection, Coroutine, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import EllipsisType
from typing import Any

import numpy as np
import xarray as xr
import zarr
from zarr.codecs import ZstdCodec
from zarr.core.chunk_grids import RegularChunkGrid
from zarr.core.metadata import ArrayV3Metadata
from zarr.core.sync import sync
from zarr.storage import LocalStore, MemoryStore

from trainscape.storage.extent import OWN

__all__ = [
    "ChunkUnreadableError",
    "create_arrays",
    "fill_value",
    "one_line",
    "open_arrays",
    "open_cell",
    "read_variables",
    "write_values",
]


class ChunkUnreadableError(RuntimeError):
    """A chunk cannot be read back: a missing group, a failed checksum, or damaged metadata."""


def fill_value(dtype: np.dtype[Any]) -> Any:
    """Return the value of array elements that were never written.

    It is one that correct results do not contain, as far as the type has such a value, so that
    missing data are noticed.
    """
    match dtype.kind:
        case "f":
            return float("nan")
        case "c":
            return complex(float("nan"), float("nan"))
        case "i":
            return int(np.iinfo(dtype).min)
        case "u":
            return int(np.iinfo(dtype).max)
        case "b":
            return False
        case _:
            return ""


def one_line(error: Exception) -> str:
    """Return the type and the message of an error on one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())


def create_arrays(
    folder: Path, wanted: Mapping[str, tuple[xr.Variable, tuple[int, ...], tuple[int, ...]]]
) -> dict[str, zarr.Array[Any]]:
    """Create arrays with the types, the dimensions and the attributes of variables.

    Parameters
    ----------
    folder
        Folder of the group that the arrays belong to, which exists.
    wanted
        For each name of an array a variable, whose values are not written, the shape of the array,
        and that of one Zarr chunk.

    Returns
    -------
    dict
        The arrays by their names.
    """
    nodes = {
        name: replace(
            _metadata(
                "str" if variable.dtype == object else variable.dtype.str,
                tuple(map(str, variable.dims)),
                json.dumps(variable.attrs),
            ),
            shape=shape,
            chunk_grid=RegularChunkGrid(chunk_shape=tuple(max(1, size) for size in chunks)),
        )
        for name, (variable, shape, chunks) in wanted.items()
    }
    # All at once: zarr takes milliseconds for each array that is created by itself.
    with _every_chunk_written():
        created = list(zarr.create_hierarchy(store=LocalStore(folder), nodes=dict(nodes)))
    return {name: node for name, node in created if isinstance(node, zarr.Array)}


@lru_cache
def _metadata(kind: str, dims: tuple[str, ...], attributes: str) -> ArrayV3Metadata:
    """Return the metadata that zarr gives to a new array, whose shape they do not know yet."""
    dtype = np.dtype(object if kind == "str" else kind)
    metadata = zarr.create_array(
        MemoryStore(),
        shape=(1,) * len(dims),
        dtype=str if kind == "str" else dtype,
        fill_value=fill_value(dtype),
        # The checksum turns a flipped bit into an error; most codecs would return wrong numbers.
        compressors=[ZstdCodec(level=3, checksum=True)],
        dimension_names=list(dims),
        attributes=json.loads(attributes),
        zarr_format=3,
    ).metadata
    assert isinstance(metadata, ArrayV3Metadata)
    return metadata


def _every_chunk_written() -> Any:
    """Let arrays that are opened or created in it write chunks of fill values, too.

    Otherwise such a chunk would look like one that was never computed.
    """
    return zarr.config.set({"array.write_empty_chunks": True})


def open_cell(store: Path, cell: str, *, writable: bool) -> tuple[zarr.Group, dict[str, Any]]:
    """Open the group of a cell.

    Returns
    -------
    group : zarr.Group
        The group.
    facts : dict
        What the store wrote about it: ``chunk_length``, and the names of the ``sampled``, ``fixed``
        and ``coordinates`` variables.

    Raises
    ------
    ChunkUnreadableError
        If the group is missing or its metadata are damaged.
    """
    try:
        group = zarr.open_group(
            store / cell,
            mode="r+" if writable else "r",
            zarr_format=3,
            use_consolidated=False,
        )
        own: Any = group.attrs[OWN]
        facts = {key: own[key] for key in ("chunk_length", "sampled", "fixed", "coordinates")}
    except Exception as error:
        raise ChunkUnreadableError(
            f"{store}: cell {cell} cannot be opened ({one_line(error)})"
        ) from error
    return group, facts


def open_arrays(group: zarr.Group, names: Collection[str]) -> dict[str, zarr.Array[Any]]:
    """Open arrays of a group.

    Raises
    ------
    ChunkUnreadableError
        If one is missing or its metadata are damaged.
    """

    async def opened(name: str) -> Any:
        try:
            return await zarr.AsyncArray.open(group.store_path / name, zarr_format=3)
        except Exception as error:
            raise ChunkUnreadableError(
                f"{group.store_path}: array {name} cannot be opened ({one_line(error)})"
            ) from error

    with _every_chunk_written():
        arrays = _together(opened(name) for name in names)
    return {name: zarr.Array(array) for name, array in zip(names, arrays, strict=True)}


def _together(tasks: Iterable[Coroutine[Any, Any, Any]]) -> list[Any]:
    """Return the results of what zarr does for many arrays, in one visit to its thread.

    Each visit costs a good part of a millisecond, as much as a small array. An event loop of our
    own would do as well in a script, but not in a notebook, whose thread has one that runs.
    """

    async def gathered() -> list[Any]:
        return await asyncio.gather(*tasks)

    return sync(gathered())


def write_values(
    arrays: Mapping[str, zarr.Array[Any]],
    values: Mapping[str, np.ndarray[Any, Any]],
    samples: slice | EllipsisType = ...,
) -> None:
    """Write values to opened arrays: to a range of samples, or to all of each."""
    _together(arrays[name].async_array.setitem(samples, values[name]) for name in values)


def read_variables(
    folder: Path,
    group: zarr.Group,
    names: Collection[str],
    samples: tuple[int, int] | None,
) -> dict[str, xr.Variable]:
    """Read arrays of a cell.

    Parameters
    ----------
    folder, group
        Folder and group of the cell.
    names
        Names of the arrays.
    samples
        Range ``start <= s < stop`` of samples to read, or None for whole arrays.

    Raises
    ------
    ChunkUnreadableError
        If an array has fewer samples, or a chunk has no file. zarr would return fill values.
    """
    arrays = open_arrays(group, names)
    for name, array in arrays.items():
        if samples is not None and array.shape[0] < samples[1]:
            raise ChunkUnreadableError(f"{folder}: array {name} holds fewer samples than wanted")
        for key in _keys(array, samples):
            file = folder / name / array.metadata.encode_chunk_key(key)
            if not file.is_file():
                raise ChunkUnreadableError(f"{file} is missing")
    selection = ... if samples is None else slice(*samples)
    read = _together(array.async_array.getitem(selection) for array in arrays.values())
    return {
        name: _variable(array, np.asarray(values))
        for (name, array), values in zip(arrays.items(), read, strict=True)
    }


def _keys(array: zarr.Array[Any], samples: tuple[int, int] | None) -> list[tuple[int, ...]]:
    """Return the coordinates of the Zarr chunks that hold the samples, or the whole array."""
    if not all(array.shape):
        return []
    if samples is None:
        return [(0,) * array.ndim]
    length = array.chunks[0]
    chunks = range(samples[0] // length, math.ceil(samples[1] / length))
    return [(chunk, *(0,) * (array.ndim - 1)) for chunk in chunks]


def _variable(array: zarr.Array[Any], values: np.ndarray[Any, Any]) -> xr.Variable:
    return xr.Variable(
        tuple(getattr(array.metadata, "dimension_names", None) or ()),
        values if values.dtype.kind in "biufc" else values.astype(object),
        array.attrs.asdict(),
    )
