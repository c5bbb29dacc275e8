"""Zarr groups and arrays of the store: how they are created, opened and read.

zarr raises many kinds of errors for missing and damaged data. All of them become a
`ChunkUnreadableError` here.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
import zarr
from zarr.codecs import ZstdCodec

from trainscape.storage.extent import OWN

__all__ = [
    "ChunkUnreadableError",
    "create_array",
    "fill_value",
    "one_line",
    "open_array",
    "open_cell",
    "read_variable",
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


def create_array(
    group: zarr.Group,
    name: str,
    variable: xr.Variable,
    shape: tuple[int, ...],
    chunks: tuple[int, ...],
) -> zarr.Array[Any]:
    """Create an array with the type, the dimensions and the attributes of `variable`.

    Parameters
    ----------
    group
        Group that the array belongs to.
    name
        Name of the array.
    variable
        Its values are not written.
    shape, chunks
        Shape of the array and of one Zarr chunk.
    """
    values = variable.values
    return group.create_array(
        name,
        shape=shape,
        chunks=tuple(max(1, size) for size in chunks),
        dtype=str if values.dtype == object else values.dtype,
        fill_value=fill_value(values.dtype),
        # The checksum turns a flipped bit into an error; most codecs would return wrong numbers.
        compressors=[ZstdCodec(level=3, checksum=True)],
        dimension_names=[str(dim) for dim in variable.dims],
        attributes=dict(variable.attrs),
        # Otherwise a chunk of fill values would look like one that was never computed.
        config={"write_empty_chunks": True},
    )


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


def open_array(group: zarr.Group, name: str) -> zarr.Array[Any]:
    """Open an array of a group.

    Raises
    ------
    ChunkUnreadableError
        If the array is missing or its metadata are damaged.
    """
    try:
        # The setting takes effect when a chunk is written; see `create_array`.
        with zarr.config.set({"array.write_empty_chunks": True}):
            array = group[name]
        if not isinstance(array, zarr.Array):
            raise TypeError("not an array")
    except Exception as error:
        raise ChunkUnreadableError(
            f"{group.store_path}: array {name} cannot be opened ({one_line(error)})"
        ) from error
    return array


def read_variable(
    store: Path, cell: str, group: zarr.Group, name: str, samples: tuple[int, int] | None
) -> xr.Variable:
    """Read one array of a cell.

    Parameters
    ----------
    store
        Folder of the store.
    cell, group
        Name and group of the cell.
    name
        Name of the array.
    samples
        Range ``start <= s < stop`` of samples to read, or None for the whole array.

    Raises
    ------
    ChunkUnreadableError
        If the array has fewer samples, or a chunk has no file. zarr would return fill values.
    """
    array = open_array(group, name)
    dims = tuple(getattr(array.metadata, "dimension_names", None) or ())
    if samples is not None and array.shape[0] < samples[1]:
        raise ChunkUnreadableError(
            f"{store}: cell {cell}: array {name} holds fewer samples than wanted"
        )
    inner = (0,) * (array.ndim - (samples is not None))
    if samples is None:
        keys = [inner]
    else:
        length = array.chunks[0]
        chunks = range(samples[0] // length, math.ceil(samples[1] / length))
        keys = [(chunk, *inner) for chunk in chunks]
    for key in keys if all(array.shape) else []:
        file = store / cell / name / array.metadata.encode_chunk_key(key)
        if not file.is_file():
            raise ChunkUnreadableError(f"{store}: cell {cell}: {file} is missing")
    values = np.asarray(array[...] if samples is None else array[slice(*samples)])
    return xr.Variable(
        dims,
        values if values.dtype.kind in "biufc" else values.astype(object),
        array.attrs.asdict(),
    )
