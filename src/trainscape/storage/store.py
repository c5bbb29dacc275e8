"""The Zarr store of one stage of one family: one group per cell, and a group ``summary``.

A chunk is a range of samples of one cell: one region of every sampled array of its group. Groups are created when their first result arrives, because
only then is the form of the result known; arrays are created as metadata, filled with NaN. Presence of data says nothing: the ledger says which chunks
are done. Chunks are always whole: the samples beyond the wanted number are stored too, and readers take the extent from the manifest. Growing a
study therefore never touches a chunk that is there.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
import zarr
from zarr.codecs import ZstdCodec

from trainscape.storage.values import SAMPLE, hash_chunk, is_sampled, normalise, sample_slice

__all__ = ["SUMMARY", "ChunkUnreadableError", "SchemaChangedError", "Store"]

SUMMARY = "summary"
"""Name of the group that the summary step writes. It is stored like a deterministic cell."""

_OWN = "trainscape"
"""The attribute of a group under which the store keeps its own facts, apart from those of the dataset."""


class ChunkUnreadableError(RuntimeError):
    """The store cannot give back a chunk: missing group, failed checksum, damaged metadata."""


class SchemaChangedError(RuntimeError):
    """A result does not have the form of the data that its cell already holds."""


def _fill(dtype: np.dtype[Any]) -> Any:
    """Return a value that no correct result has, so that a hole shows."""
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


def _dimensions(array: zarr.Array[Any]) -> tuple[str, ...]:
    return tuple(getattr(array.metadata, "dimension_names", None) or ())


def _is_sampled_array(array: zarr.Array[Any]) -> bool:
    return _dimensions(array)[:1] == (SAMPLE,)


def _create_array(group: zarr.Group, name: str, variable: xr.Variable, shape: tuple[int, ...], chunks: tuple[int, ...]) -> None:
    values = variable.values
    group.create_array(
        name,
        shape=shape,
        chunks=tuple(max(1, size) for size in chunks),
        dtype=str if values.dtype == object else values.dtype,
        fill_value=_fill(values.dtype),
        # The checksum makes a flipped bit an error; without it most codecs return wrong numbers silently.
        compressors=[ZstdCodec(level=3, checksum=True)],
        dimension_names=[str(dim) for dim in variable.dims],
        attributes=dict(variable.attrs),
    )


def _form(dataset: xr.Dataset) -> dict[str, tuple[Any, ...]]:
    """Return what must agree between all chunks of a cell: names, dimensions, types and shapes, the number of samples aside."""
    return {
        str(name): (
            tuple(map(str, variable.dims)),
            "str" if variable.dtype == object else variable.dtype.str,
            variable.shape[1:] if is_sampled(variable) else variable.shape,
            name in dataset.coords,
        )
        for name, variable in dataset.variables.items()
    }


class Store:
    """One Zarr store, opened for reading or, under its lock, for writing.

    Parameters
    ----------
    path
        Folder of the store.
    writable
        Create the store if it is missing, and allow `write`.
    attributes
        Attributes of the root group, written when the store is opened for writing.
    """

    def __init__(self, path: Path, *, writable: bool = False, attributes: Mapping[str, Any] | None = None) -> None:
        self.path = path
        self.writable = writable
        self._root: zarr.Group | None = None
        self._headers: dict[str, str] = {}
        if writable:
            self._root = self._open_writable(dict(attributes or {}))

    def _open_writable(self, attributes: dict[str, Any]) -> zarr.Group:
        if self.path.exists():
            for partial in self.path.rglob("*.partial"):  # left by a killed writer; harmless, but they add up
                partial.unlink(missing_ok=True)
        try:
            root = zarr.open_group(self.path, mode="a", zarr_format=3)
            root.attrs.asdict()
        except Exception:  # noqa: BLE001 - any damage to the root's metadata: it holds nothing that we cannot write again
            (self.path / "zarr.json").unlink(missing_ok=True)
            root = zarr.open_group(self.path, mode="a", zarr_format=3)
        if root.attrs.asdict() != attributes:
            root.attrs.put(attributes)
        return root

    def _group(self, cell: str) -> zarr.Group:
        # Empty chunks must be written: a chunk that equals the fill value would otherwise look like one that was never computed.
        with zarr.config.set({"array.write_empty_chunks": True}):
            try:
                if self._root is None:
                    self._root = zarr.open_group(self.path, mode="r", zarr_format=3)
                group = self._root[cell]
            except Exception as error:  # zarr raises many kinds here, and each means the same to us
                raise ChunkUnreadableError(f"{self.path}: cell {cell} cannot be opened ({type(error).__name__}: {error})") from error
        if not isinstance(group, zarr.Group):
            raise ChunkUnreadableError(f"{self.path}: cell {cell} is not a group")
        return group

    def _array(self, group: zarr.Group, name: str) -> zarr.Array[Any]:
        with zarr.config.set({"array.write_empty_chunks": True}):
            array = group[name]
        if not isinstance(array, zarr.Array):
            raise ChunkUnreadableError(f"{self.path}: {group.name}/{name} is not an array")
        return array

    def chunk_length(self, cell: str) -> int | None:
        """Return the samples per chunk of a cell, fixed when its group was created; None if there is no readable group."""
        try:
            own: Any = self._group(cell).attrs[_OWN]
        except (ChunkUnreadableError, KeyError):
            return None
        return int(own["chunk_length"])

    def resize(self, cell: str, chunks: int) -> None:
        """Make room for at least `chunks` chunks. Never shrinks: what was computed stays."""
        try:
            group = self._group(cell)
            length = self.chunk_length(cell) or 0
            for name in group.array_keys():
                array = self._array(group, name)
                if _is_sampled_array(array) and array.shape[0] < chunks * length:
                    array.resize((chunks * length, *array.shape[1:]))
        except ChunkUnreadableError:
            return  # nothing there yet, or damaged: the first write creates it anew

    def _load(self, cell: str, start: int | None, stop: int | None) -> xr.Dataset:
        """Return the samples ``start <= s < stop`` and the header; everything if `stop` is None, only the header if it is 0."""
        group = self._group(cell)
        try:
            variables: dict[str, xr.Variable] = {}
            for name, array in group.arrays():
                index = (slice(start, stop),) if _is_sampled_array(array) else ()
                values = np.asarray(array[index] if index else array[...])
                if stop is not None and index and values.shape[0] != stop - (start or 0):
                    raise ChunkUnreadableError(f"array {name} holds fewer samples than wanted")
                variables[name] = xr.Variable(
                    _dimensions(array), values if values.dtype.kind in "biufc" else values.astype(object), array.attrs.asdict()
                )
            attributes = dict(group.attrs.asdict())
            own: Any = attributes.pop(_OWN)
        except ChunkUnreadableError:
            raise
        except Exception as error:  # failed checksums, truncated chunks and damaged metadata arrive as many kinds
            raise ChunkUnreadableError(
                f"{self.path}: cell {cell}, samples {start} to {stop}: {type(error).__name__}: {' '.join(str(error).split())}"
            ) from error
        attributes.pop("coordinates", None)
        coords = {name: variables.pop(name) for name in own["coordinates"] if name in variables}
        return normalise(xr.Dataset(variables, coords, attributes))

    def read(self, cell: str, samples: int | None = None) -> xr.Dataset:
        """Return a cell at the extent of `samples` (None: a deterministic cell).

        Raises
        ------
        ChunkUnreadableError
            If any of it cannot be read back.
        """
        return self._load(cell, None if samples is None else 0, samples)

    def hash(self, cell: str, chunk: int) -> str:
        """Return the hash of a chunk as it reads back now.

        Raises
        ------
        ChunkUnreadableError
            If it cannot be read back.
        """
        length = self.chunk_length(cell)
        if length is None:
            raise ChunkUnreadableError(f"{self.path}: there is no readable cell {cell}")
        dataset = self._load(cell, chunk * length, (chunk + 1) * length) if self._has_samples(cell) else self._load(cell, None, None)
        return hash_chunk(dataset, header=chunk == 0)

    def _has_samples(self, cell: str) -> bool:
        try:
            return any(_is_sampled_array(array) for _, array in self._group(cell).arrays())
        except ChunkUnreadableError:
            raise
        except Exception as error:  # damaged array metadata
            raise ChunkUnreadableError(f"{self.path}: cell {cell}: {type(error).__name__}: {error}") from error

    def digest(self, cell: str, samples: int | None) -> str:
        """Return the digest of a cell at the extent of `samples`: values in sample order, coordinates and attributes."""
        return hash_chunk(self.read(cell, samples), header=True)

    def write(
        self, cell: str, chunk: int, dataset: xr.Dataset, *, length: int, chunks: int, parameters: Mapping[str, Any], replace: bool
    ) -> str:
        """Write one whole chunk and return its hash.

        Parameters
        ----------
        cell, chunk
            Name of the cell, and index of the chunk in it.
        dataset
            Result of the step, `length` samples or a deterministic dataset.
        length, chunks
            Samples per chunk and chunks wanted; they shape the arrays where the group is created.
        parameters
            The parameters of the cell, stored for people.
        replace
            Whether the group may be created anew if the result has another form than what is there, because nothing there is valid.

        Raises
        ------
        SchemaChangedError
            If the form of the result differs and `replace` is False, or if the header differs from that of another chunk.
        DatasetFormError
            If the dataset cannot be stored.
        """
        dataset = normalise(dataset)
        if SAMPLE in dataset.dims and dataset.sizes[SAMPLE] != length:
            raise SchemaChangedError(f"{self.path}: cell {cell}: the step returned {dataset.sizes[SAMPLE]} samples, {length} were wanted")
        header = hash_chunk(sample_slice(dataset, 0, 0), header=True)
        if cell not in self._headers:
            self._prepare(cell, dataset, length, chunks, parameters, replace, header)
            self._headers[cell] = header
        elif self._headers[cell] != header:
            raise SchemaChangedError(
                f"{self.path}: cell {cell}: chunk {chunk} has other coordinates, attributes, sample-free variables or shapes than the chunks "
                "before it. They may depend on the cell, not on the sample."
            )
        group = self._group(cell)
        for name, variable in dataset.variables.items():
            if is_sampled(variable):
                self._array(group, str(name))[chunk * length : (chunk + 1) * length] = variable.values
        return hash_chunk(dataset, header=chunk == 0)

    def _prepare(
        self, cell: str, dataset: xr.Dataset, length: int, chunks: int, parameters: Mapping[str, Any], replace: bool, header: str
    ) -> None:
        """Make the group of a cell fit its first result of this run: leave it, write its header again, or create it."""
        try:
            present = self._load(cell, 0, 0) if self._has_samples(cell) else self._load(cell, None, None)
            if self.chunk_length(cell) == length and _form(present) == _form(dataset):
                if hash_chunk(present, header=True) != header:
                    self._write_header(self._group(cell), dataset, length, parameters)
                return
        except ChunkUnreadableError:
            pass
        else:
            if not replace:
                raise SchemaChangedError(
                    f"{self.path}: cell {cell} holds valid chunks, but the step now returns another form: {_form(dataset)}. "
                    "A step must return the same variables for every sample."
                )
        self._create(cell, dataset, length, chunks, parameters)

    def _create(self, cell: str, dataset: xr.Dataset, length: int, chunks: int, parameters: Mapping[str, Any]) -> None:
        assert self._root is not None
        shutil.rmtree(self.path / cell, ignore_errors=True)
        group = self._root.create_group(cell)
        for name, variable in dataset.variables.items():
            if is_sampled(variable):
                inner = variable.shape[1:]
                _create_array(group, str(name), variable, (length * max(1, chunks), *inner), (length, *inner))
            else:
                _create_array(group, str(name), variable, variable.shape, variable.shape)
        self._write_header(group, dataset, length, parameters)

    def _write_header(self, group: zarr.Group, dataset: xr.Dataset, length: int, parameters: Mapping[str, Any]) -> None:
        coordinates = sorted(str(name) for name in dataset.coords)
        own: Any = {"parameters": dict(parameters), "chunk_length": length, "coordinates": coordinates}
        # xarray reads the attribute "coordinates" to tell coordinates from data, which our own copy must not depend on.
        visible = {"coordinates": " ".join(coordinates)} if coordinates else {}
        group.attrs.put({**dataset.attrs, **visible, _OWN: own})
        for name, variable in dataset.variables.items():
            array = self._array(group, str(name))
            if array.attrs.asdict() != variable.attrs:
                array.attrs.put(dict(variable.attrs))
            if not is_sampled(variable):
                array[...] = variable.values

    def chunks(self, cell: str, samples: int | None) -> int:
        """Return the number of chunks that cover `samples` samples of a stored cell."""
        return 1 if samples is None else math.ceil(samples / (self.chunk_length(cell) or 1))
