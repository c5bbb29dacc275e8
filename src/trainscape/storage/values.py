"""Hashes of datasets: over logical values, never over files.

A stored dataset has two kinds of variables. *Sampled* variables have ``sample`` as their first
dimension and are stored chunk by chunk. All others are *sample-free*: coordinates, and everything
in a deterministic cell. The sample-free variables and all attributes form the *header*. The hash of
chunk 0 covers its samples and the header; the hashes of the other chunks cover their samples only.
So a damaged byte belongs to exactly one chunk.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import numpy as np
import xarray as xr

from trainscape.storage.digests import canonical_json
from trainscape.storage.extent import OWN

__all__ = [
    "RESERVED",
    "SAMPLE",
    "DatasetFormError",
    "hash_chunk",
    "is_sampled",
    "normalise",
    "sample_slice",
]

SAMPLE = "sample"

RESERVED = (OWN, "coordinates")
"""Attributes of a group that no dataset may have. xarray keeps coordinate names in the second."""

_NUMBERS = {
    "b1",
    *(f"{kind}{size}" for kind in "iu" for size in (1, 2, 4, 8)),
    "f2",
    "f4",
    "f8",
    "c8",
    "c16",
}


class DatasetFormError(ValueError):
    """A step returned a dataset that cannot be stored."""


def is_sampled(variable: xr.Variable) -> bool:
    """Whether the variable has the ``sample`` dimension."""
    return SAMPLE in variable.dims


def _normalise_values(name: Hashable, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    if values.dtype.str[1:] in _NUMBERS:
        # Little-endian and contiguous: equal values then have equal bytes on every machine.
        return np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<")).reshape(
            values.shape
        )
    texts = values.astype(object)
    if values.dtype.kind in "biufc" or not all(isinstance(text, str) for text in texts.flat):
        raise DatasetFormError(
            f"variable {name!r} has dtype {values.dtype}; only numbers of at most 64 bits a "
            "component, booleans and strings can be stored"
        )
    return texts


def _check_attributes(where: str, attributes: Mapping[Any, Any]) -> None:
    for key, value in attributes.items():
        try:
            canonical_json(value)
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise DatasetFormError(
                f"attribute {key!r} of {where} is not a plain JSON value with finite numbers: "
                f"{error}"
            ) from None


def _check_name(name: Hashable) -> None:
    # A name becomes a folder in the store. Names with two leading underscores belong to Zarr.
    if (
        not isinstance(name, str)
        or not name
        or name.startswith((".", "__"))
        or "/" in name
        or "\\" in name
    ):
        raise DatasetFormError(
            f"variable {name!r}: a name must be a string without slashes that begins with neither "
            "a dot nor two underscores"
        )


def normalise(dataset: xr.Dataset) -> xr.Dataset:
    """Return `dataset` in the one form that is hashed and stored.

    Raises
    ------
    DatasetFormError
        If ``sample`` is not the first dimension of a variable that has it, if there is a coordinate
        along ``sample``, or if a name, a dtype or an attribute cannot be stored.
    """
    _check_attributes("the dataset", dataset.attrs)
    for key in RESERVED:
        if key in dataset.attrs:
            raise DatasetFormError(f"attribute {key!r} of the dataset is reserved for the store")
    for name, variable in dataset.variables.items():
        _check_name(name)
        _check_attributes(f"variable {name!r}", variable.attrs)
        if is_sampled(variable) and (variable.dims[0] != SAMPLE or name in dataset.coords):
            raise DatasetFormError(
                f"variable {name!r} has dimensions {variable.dims}; 'sample' must be the first "
                "dimension of a data variable, and no coordinate may have it"
            )
    variables = {
        name: xr.Variable(
            variable.dims,
            _normalise_values(name, np.asarray(variable.values)),
            dict(variable.attrs),
        )
        for name, variable in dataset.variables.items()
    }
    coords = {name: variable for name, variable in variables.items() if name in dataset.coords}
    data = {name: variable for name, variable in variables.items() if name not in dataset.coords}
    return xr.Dataset(data, coords, dict(dataset.attrs))


def sample_slice(dataset: xr.Dataset, start: int, stop: int) -> xr.Dataset:
    """Return the samples ``start <= s < stop`` of the sampled variables, and the whole header."""
    return dataset.isel({SAMPLE: slice(start, stop)}) if SAMPLE in dataset.dims else dataset


def _update(state: Any, name: Hashable, variable: xr.Variable) -> None:
    values = np.asarray(variable.values)
    kind = "str" if values.dtype == object else values.dtype.str
    state.update(
        canonical_json(
            [str(name), [str(dim) for dim in variable.dims], kind, list(values.shape)]
        ).encode()
    )
    if values.dtype == object:
        state.update(canonical_json(list(values.flat)).encode())
    else:
        state.update(np.ascontiguousarray(values).data)


def _sorted_variables(dataset: xr.Dataset) -> Iterable[tuple[Hashable, xr.Variable]]:
    return sorted(dataset.variables.items(), key=lambda item: str(item[0]))


def hash_chunk(dataset: xr.Dataset, *, header: bool) -> str:
    """Return the SHA-256 of the sampled values of a normalised dataset, and of its header if asked.

    Raises
    ------
    TypeError
        If an attribute is not a plain JSON value.
    """
    state = hashlib.sha256()
    for name, variable in _sorted_variables(dataset):
        if is_sampled(variable):
            _update(state, name, variable)
    if header:
        for name, variable in _sorted_variables(dataset):
            state.update(
                canonical_json([str(name), name in dataset.coords, variable.attrs]).encode()
            )
            if not is_sampled(variable):
                _update(state, name, variable)
        state.update(canonical_json(dataset.attrs).encode())
    return state.hexdigest()
