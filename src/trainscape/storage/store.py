"""The Zarr store of one stage of one family: one group per cell, and a group ``summary``.

A chunk is a range of samples of one cell: one region of every sampled array of its group. Groups are created when their first result arrives, because
only then is the form of the result known; arrays are created as metadata, filled with NaN. Presence of data says nothing: the ledger says which chunks
are done. Chunks are always whole: the samples beyond the wanted number are stored too, and readers take the extent from the manifest. Growing a
study therefore never touches a chunk that is there.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
import zarr
from zarr.codecs import ZstdCodec

from trainscape.storage.values import (
    OWN,
    RESERVED,
    SAMPLE,
    hash_chunk,
    is_sampled,
    normalise,
    sample_slice,
)

__all__ = ["SUMMARY", "ChunkUnreadableError", "SchemaChangedError", "Store"]

SUMMARY = "summary"
"""Name of the group that the summary step writes. It is stored like a deterministic cell."""


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


def _one_line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())


def _create_array(
    group: zarr.Group,
    name: str,
    variable: xr.Variable,
    shape: tuple[int, ...],
    chunks: tuple[int, ...],
) -> zarr.Array[Any]:
    values = variable.values
    return group.create_array(
        name,
        shape=shape,
        chunks=tuple(max(1, size) for size in chunks),
        dtype=str if values.dtype == object else values.dtype,
        fill_value=_fill(values.dtype),
        # The checksum makes a flipped bit an error; without it most codecs return wrong numbers silently.
        compressors=[ZstdCodec(level=3, checksum=True)],
        dimension_names=[str(dim) for dim in variable.dims],
        attributes=dict(variable.attrs),
        # A chunk that equals the fill value would otherwise look like one that was never computed.
        config={"write_empty_chunks": True},
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

    def __init__(
        self, path: Path, *, writable: bool = False, attributes: Mapping[str, Any] | None = None
    ) -> None:
        self.path = path
        self.writable = writable
        self._headers: dict[str, str] = {}
        if writable:
            self._open_writable(dict(attributes or {}))

    def _open_writable(self, attributes: dict[str, Any]) -> None:
        if self.path.exists():
            for partial in self.path.rglob(
                "*.partial"
            ):  # left by a killed writer; harmless, but they add up
                partial.unlink(missing_ok=True)
        try:
            root = zarr.open_group(self.path, mode="a", zarr_format=3)
            root.attrs.asdict()
        except Exception:  # noqa: BLE001 - any damage to the root's metadata: it holds nothing that we cannot write again
            (self.path / "zarr.json").unlink(missing_ok=True)
            root = zarr.open_group(self.path, mode="a", zarr_format=3)
        if root.attrs.asdict() != attributes:
            root.attrs.put(attributes)

    def root_problem(self) -> str | None:
        """Return what keeps the store from being opened as one tree, or None. Our own reading opens each cell by its path and needs no root."""
        try:
            zarr.open_group(
                self.path, mode="r", zarr_format=3, use_consolidated=False
            ).attrs.asdict()
        except Exception as error:  # noqa: BLE001 - zarr raises many kinds here, and each means the same to us
            return f"{self.path}: the root group cannot be read ({_one_line(error)})"
        return None

    def _open(self, cell: str) -> tuple[zarr.Group, Any]:
        """Return the group of a cell, and the store's own facts about it."""
        try:
            group = zarr.open_group(
                self.path / cell,
                mode="r+" if self.writable else "r",
                zarr_format=3,
                use_consolidated=False,
            )
            own: Any = group.attrs[OWN]
            facts = {key: own[key] for key in ("chunk_length", "sampled", "fixed", "coordinates")}
        except Exception as error:  # as above
            raise ChunkUnreadableError(
                f"{self.path}: cell {cell} cannot be opened ({_one_line(error)})"
            ) from error
        return group, facts

    def _array(self, group: zarr.Group, name: str) -> zarr.Array[Any]:
        # Empty chunks must be written: a chunk that equals the fill value would otherwise look like one that was never computed.
        try:
            with zarr.config.set({"array.write_empty_chunks": True}):
                array = group[name]
            if not isinstance(array, zarr.Array):
                raise TypeError("not an array")
        except Exception as error:  # as above
            raise ChunkUnreadableError(
                f"{group.store_path}: array {name} cannot be opened ({_one_line(error)})"
            ) from error
        return array

    def chunk_length(self, cell: str) -> int | None:
        """Return the samples per chunk of a cell, fixed when its group was created; None if there is no readable group."""
        try:
            return int(self._open(cell)[1]["chunk_length"])
        except ChunkUnreadableError:
            return None

    def resize(self, cell: str, chunks: int) -> None:
        """Make room for at least `chunks` chunks. Never shrinks: what was computed stays."""
        try:
            group, own = self._open(cell)
            for name in own["sampled"]:
                array = self._array(group, name)
                if array.shape[0] < chunks * own["chunk_length"]:
                    array.resize((chunks * own["chunk_length"], *array.shape[1:]))
        except ChunkUnreadableError:
            return  # nothing there yet, or damaged: the first write creates it anew

    def _variable(
        self, cell: str, group: zarr.Group, name: str, samples: tuple[int, int] | None
    ) -> xr.Variable:
        """Read one array, or the samples ``start <= s < stop`` of it. A chunk without a file is an error, never a region of fill values."""
        array = self._array(group, name)
        dims = tuple(getattr(array.metadata, "dimension_names", None) or ())
        if samples is not None and array.shape[0] < samples[1]:
            raise ChunkUnreadableError(
                f"{self.path}: cell {cell}: array {name} holds fewer samples than wanted"
            )
        inner = (0,) * (array.ndim - (samples is not None))
        length = array.chunks[0] if samples is not None else 1
        keys = (
            [inner]
            if samples is None
            else [
                (chunk, *inner)
                for chunk in range(samples[0] // length, math.ceil(samples[1] / length))
            ]
        )
        for key in keys if all(array.shape) else []:
            file = self.path / cell / name / array.metadata.encode_chunk_key(key)
            if not file.is_file():
                raise ChunkUnreadableError(f"{self.path}: cell {cell}: {file} is missing")
        values = np.asarray(array[...] if samples is None else array[slice(*samples)])
        return xr.Variable(
            dims,
            values if values.dtype.kind in "biufc" else values.astype(object),
            array.attrs.asdict(),
        )

    def _load(self, cell: str, start: int, stop: int, *, header: bool) -> xr.Dataset:
        """Return the samples ``start <= s < stop`` of a cell, and its header if wanted: damage to the header is no damage to the other chunks."""
        group, own = self._open(cell)
        try:
            variables = {
                name: self._variable(cell, group, name, (start, stop)) for name in own["sampled"]
            }
            if not header:
                return normalise(xr.Dataset(variables))
            variables |= {name: self._variable(cell, group, name, None) for name in own["fixed"]}
            attributes = {
                key: value for key, value in group.attrs.asdict().items() if key not in RESERVED
            }
            coords = {name: variables.pop(name) for name in own["coordinates"]}
            return normalise(xr.Dataset(variables, coords, attributes))
        except ChunkUnreadableError:
            raise
        except (
            Exception
        ) as error:  # failed checksums, truncated chunks and damaged metadata arrive as many kinds
            raise ChunkUnreadableError(
                f"{self.path}: cell {cell}, samples {start} to {stop}: {_one_line(error)}"
            ) from error

    def read(self, cell: str, samples: int | None = None) -> xr.Dataset:
        """Return a cell at the extent of `samples` (None: a deterministic cell).

        Raises
        ------
        ChunkUnreadableError
            If any of it cannot be read back.
        """
        if (samples is None) == bool(self._open(cell)[1]["sampled"]):
            raise ChunkUnreadableError(
                f"{self.path}: cell {cell} is {'sampled' if samples is None else 'deterministic'}, which is not what was wanted"
            )
        return self._load(cell, 0, samples or 0, header=True)

    def hash(self, cell: str, chunk: int) -> str:
        """Return the hash of a chunk as it reads back now.

        Raises
        ------
        ChunkUnreadableError
            If it cannot be read back.
        """
        length = self._open(cell)[1]["chunk_length"]
        return hash_chunk(
            self._load(cell, chunk * length, (chunk + 1) * length, header=chunk == 0),
            header=chunk == 0,
        )

    def digest(self, cell: str, samples: int | None) -> str:
        """Return the digest of a cell at the extent of `samples`: values in sample order, coordinates and attributes."""
        return hash_chunk(self.read(cell, samples), header=True)

    def write(
        self,
        cell: str,
        chunk: int,
        dataset: xr.Dataset,
        *,
        length: int,
        chunks: int,
        parameters: Mapping[str, Any],
        valid: Collection[int],
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
        valid
            Chunks of the cell that are valid and must stay so. If there are none, the group may be created anew.

        Raises
        ------
        SchemaChangedError
            If the result has another form than the valid chunks, or another header than chunk 0 or a chunk that was written before.
        DatasetFormError
            If the dataset cannot be stored.
        """
        dataset = normalise(dataset)
        if SAMPLE in dataset.dims and dataset.sizes[SAMPLE] != length:
            raise SchemaChangedError(
                f"{self.path}: cell {cell}: the step returned {dataset.sizes[SAMPLE]} samples, {length} were wanted"
            )
        header = hash_chunk(sample_slice(dataset, 0, 0), header=True)
        if cell not in self._headers:
            self._prepare(cell, dataset, length, chunks, parameters, valid, header)
            self._headers[cell] = header
        elif self._headers[cell] != header:
            raise SchemaChangedError(
                f"{self.path}: cell {cell}: chunk {chunk} has other coordinates, attributes, sample-free variables or shapes than the chunks "
                "before it. They may depend on the cell, not on the sample."
            )
        group, own = self._open(cell)
        for name in own["sampled"]:
            self._array(group, name)[chunk * length : (chunk + 1) * length] = dataset[name].values
        return hash_chunk(dataset, header=chunk == 0)

    def _prepare(
        self,
        cell: str,
        dataset: xr.Dataset,
        length: int,
        chunks: int,
        parameters: Mapping[str, Any],
        valid: Collection[int],
        header: str,
    ) -> None:
        """Make the group of a cell fit its first result of this run: leave it, write its header again, or create it."""
        wanted = _form(
            dataset.drop_vars(
                [name for name, variable in dataset.variables.items() if not is_sampled(variable)]
            )
        )
        try:
            fits = (
                self.chunk_length(cell) == length
                and _form(self._load(cell, 0, 0, header=False)) == wanted
            )
        except ChunkUnreadableError:
            fits = False
        if not fits:
            if valid:
                raise SchemaChangedError(
                    f"{self.path}: cell {cell} holds valid chunks, but the step now returns another form: {wanted}. "
                    "A step must return the same variables for every sample."
                )
            self._create(cell, dataset, length, chunks, parameters)
            return
        try:
            same = hash_chunk(self._load(cell, 0, 0, header=True), header=True) == header
        except ChunkUnreadableError:
            same = False
        if same:
            return
        if 0 in valid:
            raise SchemaChangedError(
                f"{self.path}: cell {cell}: the step now returns other coordinates, attributes or sample-free variables than in chunk 0, from the same "
                "parameters, inputs and code. It must be a pure function of them; or was a package that it uses exchanged since?"
            )
        self._write_header(cell, dataset, length, parameters)

    def _create(
        self,
        cell: str,
        dataset: xr.Dataset,
        length: int,
        chunks: int,
        parameters: Mapping[str, Any],
    ) -> None:
        shutil.rmtree(self.path / cell, ignore_errors=True)
        group = zarr.create_group(self.path / cell, zarr_format=3)
        for name, variable in dataset.variables.items():
            if is_sampled(variable):
                inner = variable.shape[1:]
                _create_array(
                    group, str(name), variable, (length * max(1, chunks), *inner), (length, *inner)
                )
        self._write_header(cell, dataset, length, parameters)

    def _write_header(
        self, cell: str, dataset: xr.Dataset, length: int, parameters: Mapping[str, Any]
    ) -> None:
        """Write all that is not sampled, anew, whatever is there. The attributes of the group come last: without them it is not readable."""
        sampled = sorted(
            str(name) for name, variable in dataset.variables.items() if is_sampled(variable)
        )
        fixed = sorted(
            str(name) for name, variable in dataset.variables.items() if not is_sampled(variable)
        )
        coordinates = sorted(str(name) for name in dataset.coords)
        group = zarr.open_group(self.path / cell, mode="r+", zarr_format=3, use_consolidated=False)
        for folder in (self.path / cell).iterdir():
            if folder.is_dir() and folder.name not in sampled:
                shutil.rmtree(folder)
        for name in fixed:
            variable = dataset.variables[name]
            _create_array(group, name, variable, variable.shape, variable.shape)[...] = (
                variable.values
            )
        for name in sampled:
            array, attributes = self._array(group, name), dict(dataset.variables[name].attrs)
            if array.attrs.asdict() != attributes:
                array.attrs.put(attributes)
        own: Any = {
            "parameters": dict(parameters),
            "chunk_length": length,
            "sampled": sampled,
            "fixed": fixed,
            "coordinates": coordinates,
        }
        # xarray reads the attribute "coordinates" to tell coordinates from data, which our own copy must not depend on.
        visible = {"coordinates": " ".join(coordinates)} if coordinates else {}
        group.attrs.put({**dataset.attrs, **visible, OWN: own})

    def chunks(self, cell: str, samples: int | None) -> int:
        """Return the number of chunks that cover `samples` samples of a stored cell."""
        return 1 if samples is None else math.ceil(samples / (self.chunk_length(cell) or 1))
