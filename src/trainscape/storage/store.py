"""The Zarr store of one stage of one family: one group for each cell, and a group ``summary``.

A chunk is a range of samples of one cell, and one region of every sampled array of its group. A
group is created when the first result of its cell arrives, because only then the form of the result
is known; its arrays are filled with NaN at first. The ledger, not the store, says which chunks are
done. Chunks are always written whole: samples beyond the requested number are stored too, and
readers take the extent from the manifest. A study can therefore grow without a change to the chunks
that exist.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import xarray as xr
import zarr

from trainscape.storage.arrays import (
    ChunkUnreadableError,
    create_arrays,
    one_line,
    open_arrays,
    open_cell,
    read_variables,
    write_values,
)
from trainscape.storage.extent import OWN, SUMMARY
from trainscape.storage.values import (
    RESERVED,
    SAMPLE,
    hash_chunk,
    is_sampled,
    normalise,
    sample_slice,
)

__all__ = ["SUMMARY", "ChunkUnreadableError", "SchemaChangedError", "Store"]


class SchemaChangedError(RuntimeError):
    """A result does not have the form of the data that its cell already holds."""


def _form(dataset: xr.Dataset) -> dict[str, tuple[Any, ...]]:
    """Return what all chunks of a cell must have in common, apart from the number of samples.

    That is, for each variable, its dimensions, type and shape, and whether it is a coordinate.
    """
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
            # A killed writer leaves such files; they are harmless, but they accumulate.
            for partial in self.path.rglob("*.partial"):
                partial.unlink(missing_ok=True)
        try:
            root = zarr.open_group(self.path, mode="a", zarr_format=3)
            root.attrs.asdict()
        except Exception:  # noqa: BLE001 - the root holds nothing that cannot be written again
            (self.path / "zarr.json").unlink(missing_ok=True)
            root = zarr.open_group(self.path, mode="a", zarr_format=3)
        if root.attrs.asdict() != attributes:
            root.attrs.put(attributes)

    def root_problem(self) -> str | None:
        """Return why the store cannot be opened as one tree of groups, or None if it can.

        `Store` itself opens each cell by its path and needs no root group.
        """
        try:
            zarr.open_group(
                self.path, mode="r", zarr_format=3, use_consolidated=False
            ).attrs.asdict()
        except Exception as error:  # noqa: BLE001 - zarr raises many kinds of errors here
            return f"{self.path}: the root group cannot be read ({one_line(error)})"
        return None

    def _open(self, cell: str) -> tuple[zarr.Group, dict[str, Any]]:
        return open_cell(self.path, cell, writable=self.writable)

    def chunk_length(self, cell: str) -> int | None:
        """Return the samples per chunk of a cell, or None if there is no readable group.

        The number is fixed when the group is created.
        """
        try:
            return int(self._open(cell)[1]["chunk_length"])
        except ChunkUnreadableError:
            return None

    def resize(self, cell: str, chunks: int) -> None:
        """Make room for at least `chunks` chunks. An array never shrinks."""
        try:
            group, own = self._open(cell)
            for array in open_arrays(group, own["sampled"]).values():
                if array.shape[0] < chunks * own["chunk_length"]:
                    array.resize((chunks * own["chunk_length"], *array.shape[1:]))
        except ChunkUnreadableError:
            return  # missing or damaged: the first write creates the group

    def _load(
        self,
        cell: str,
        start: int,
        stop: int,
        *,
        header: bool,
        opened: tuple[zarr.Group, dict[str, Any]] | None = None,
    ) -> xr.Dataset:
        """Return the samples ``start <= s < stop`` of a cell, with the header if asked for.

        A damaged header does not make the other chunks unreadable.
        """
        group, own = opened or self._open(cell)
        try:
            folder = self.path / cell
            variables = read_variables(folder, group, own["sampled"], (start, stop))
            if not header:
                return normalise(xr.Dataset(variables))
            variables |= read_variables(folder, group, own["fixed"], None)
            attributes = {
                key: value for key, value in group.attrs.asdict().items() if key not in RESERVED
            }
            coords = {name: variables.pop(name) for name in own["coordinates"]}
            return normalise(xr.Dataset(variables, coords, attributes))
        except ChunkUnreadableError:
            raise
        except Exception as error:
            raise ChunkUnreadableError(
                f"{self.path}: cell {cell}, samples {start} to {stop}: {one_line(error)}"
            ) from error

    def read(self, cell: str, samples: int | None = None) -> xr.Dataset:
        """Return the first `samples` samples of a cell, or all of a deterministic cell (None).

        Raises
        ------
        ChunkUnreadableError
            If a part of it cannot be read back, or the cell is of the other kind.
        """
        opened = self._open(cell)
        if (samples is None) == bool(opened[1]["sampled"]):
            raise ChunkUnreadableError(
                f"{self.path}: cell {cell} is {'sampled' if samples is None else 'deterministic'}, "
                "which is not what was wanted"
            )
        return self._load(cell, 0, samples or 0, header=True, opened=opened)

    def hash(self, cell: str, chunk: int) -> str:
        """Return the hash of a chunk, computed from what the disk holds now.

        Raises
        ------
        ChunkUnreadableError
            If the chunk cannot be read back.
        """
        opened, first = self._open(cell), chunk == 0
        length = opened[1]["chunk_length"]
        samples = chunk * length, (chunk + 1) * length
        return hash_chunk(self._load(cell, *samples, header=first, opened=opened), header=first)

    def digest(self, cell: str, samples: int | None) -> str:
        """Return the hash of a cell: of its first `samples` samples, coordinates and attributes.

        Raises
        ------
        ChunkUnreadableError
            If the cell cannot be read back.
        """
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
            Result of the step: `length` samples, or a deterministic dataset.
        length, chunks
            Samples in a chunk, and number of chunks. They set the shape of new arrays.
        parameters
            Parameters of the cell, stored for human readers.
        valid
            Chunks of the cell that are valid and must stay so. If there are none, the group may be
            replaced.

        Raises
        ------
        SchemaChangedError
            If the form of the result differs from that of the valid chunks, or its header from that
            of chunk 0 or of a chunk written before.
        DatasetFormError
            If the dataset cannot be stored.
        """
        dataset = normalise(dataset)
        if SAMPLE in dataset.dims and dataset.sizes[SAMPLE] != length:
            raise SchemaChangedError(
                f"{self.path}: cell {cell}: the step returned {dataset.sizes[SAMPLE]} samples, "
                f"{length} were wanted"
            )
        header = hash_chunk(sample_slice(dataset, 0, 0), header=True)
        if cell not in self._headers:
            self._prepare(cell, dataset, length, chunks, parameters, valid, header)
            self._headers[cell] = header
        elif self._headers[cell] != header:
            raise SchemaChangedError(
                f"{self.path}: cell {cell}: chunk {chunk} has other coordinates, attributes, "
                "sample-free variables or shapes than the chunks before it. They may depend on "
                "the cell, not on the sample."
            )
        sampled = [str(name) for name, values in dataset.variables.items() if is_sampled(values)]
        if sampled:
            group, _ = self._open(cell)
            write_values(
                open_arrays(group, sampled),
                {name: dataset.variables[name].values for name in sampled},
                slice(chunk * length, (chunk + 1) * length),
            )
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
        """Make the group of a cell fit the first result of this run.

        The group is left as it is, its header is written again, or it is created.
        """
        form = _form(
            dataset.drop_vars(
                [name for name, variable in dataset.variables.items() if not is_sampled(variable)]
            )
        )
        try:
            fits = (
                (self.path / cell).exists()  # cheaper to see than what zarr says of its absence
                and self.chunk_length(cell) == length
                and _form(self._load(cell, 0, 0, header=False)) == form
            )
        except ChunkUnreadableError:
            fits = False
        if not fits:
            if valid:
                raise SchemaChangedError(
                    f"{self.path}: cell {cell} holds valid chunks, but the step now returns "
                    f"another form: {form}. A step must return the same variables for every "
                    "sample."
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
                f"{self.path}: cell {cell}: the step now returns other coordinates, attributes or "
                "sample-free variables than in chunk 0, from the same parameters, inputs and "
                "code. It must be a pure function of them; or was a package that it uses "
                "exchanged since?"
            )
        group = zarr.open_group(self.path / cell, mode="r+", zarr_format=3, use_consolidated=False)
        for name, array in open_arrays(group, list(form)).items():
            attributes = dict(dataset.variables[name].attrs)
            if array.attrs.asdict() != attributes:
                array.attrs.put(attributes)
        self._write_header(group, cell, dataset, length, parameters)

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
        create_arrays(
            self.path / cell,
            {
                str(name): (
                    variable,
                    (length * max(1, chunks), *variable.shape[1:]),
                    (length, *variable.shape[1:]),
                )
                for name, variable in dataset.variables.items()
                if is_sampled(variable)
            },
        )
        self._write_header(group, cell, dataset, length, parameters)

    def _write_header(
        self,
        group: zarr.Group,
        cell: str,
        dataset: xr.Dataset,
        length: int,
        parameters: Mapping[str, Any],
    ) -> None:
        """Write all variables that are not sampled, and the attributes of the group.

        The attributes come last: without them the group is not readable.
        """
        sampled = sorted(
            str(name) for name, variable in dataset.variables.items() if is_sampled(variable)
        )
        fixed = sorted(
            str(name) for name, variable in dataset.variables.items() if not is_sampled(variable)
        )
        coordinates = sorted(str(name) for name in dataset.coords)
        for folder in (self.path / cell).iterdir():
            if folder.is_dir() and folder.name not in sampled:
                shutil.rmtree(folder)
        variables = {name: dataset.variables[name] for name in fixed}
        arrays = create_arrays(
            self.path / cell,
            {name: (values, values.shape, values.shape) for name, values in variables.items()},
        )
        write_values(arrays, {name: values.values for name, values in variables.items()})
        own: Any = {
            "parameters": dict(parameters),
            "chunk_length": length,
            "sampled": sampled,
            "fixed": fixed,
            "coordinates": coordinates,
        }
        # xarray tells coordinates from data by the attribute "coordinates". This class uses its
        # own list.
        visible = {"coordinates": " ".join(coordinates)} if coordinates else {}
        group.attrs.put({**dataset.attrs, **visible, OWN: own})

    def chunks(self, cell: str, samples: int | None) -> int:
        """Return the number of chunks that cover `samples` samples of a stored cell."""
        return 1 if samples is None else math.ceil(samples / (self.chunk_length(cell) or 1))
