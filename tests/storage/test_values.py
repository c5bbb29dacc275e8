"""Hashes are over logical values: equal data have equal hashes, different data different ones."""

import numpy as np
import pytest
import xarray as xr

from trainscape.storage.values import DatasetFormError, hash_chunk, normalise, sample_slice


def dataset() -> xr.Dataset:
    return xr.Dataset(
        {
            "value": (("sample", "site"), np.arange(8.0).reshape(4, 2), {"units": "1"}),
            "label": (("site",), np.array(["a", "b"])),
        },
        coords={"site": [0, 1]},
        attrs={"note": "x", "limit": 0.5},
    )


def whole(value: xr.Dataset) -> str:
    return hash_chunk(normalise(value), header=True)


def changed_value(data: xr.Dataset) -> xr.Dataset:
    data["value"].values[3, 1] = np.nextafter(7.0, 8.0)
    return data


DIFFERENT = {
    "last bit of a value": changed_value,
    "sign of zero": lambda data: data.assign(
        value=data["value"] * [[1.0], [1.0], [1.0], [1.0]] + 0.0
    ).assign(
        value=(
            ["sample", "site"],
            np.where(data["value"] == 0, -0.0, data["value"]),
            {"units": "1"},
        )
    ),
    "dtype": lambda data: data.assign(value=data["value"].astype(np.float32)),
    "shape": lambda data: data.isel(sample=slice(3)),
    "name of a variable": lambda data: data.rename(value="values"),
    "name of a dimension": lambda data: data.rename(site="bond"),
    "label": lambda data: data.assign(label=("site", ["a", "c"])),
    "how labels are cut": lambda data: data.assign(label=("site", ["ab", ""])),
    "coordinate": lambda data: data.assign_coords(site=[0, 2]),
    "coordinate as variable": lambda data: data.assign_coords(label=data["label"]),
    "attribute of the dataset": lambda data: data.assign_attrs(limit=0.5 + 2**-53),
    "new attribute": lambda data: data.assign_attrs(more=None),
    "attribute of a variable": lambda data: data.assign(
        value=data["value"].assign_attrs(units="2")
    ),
    "dropped variable": lambda data: data.drop_vars("label"),
}


@pytest.mark.parametrize("what", DIFFERENT)
def test_whatever_differs_hashes_differently(what: str):
    assert whole(DIFFERENT[what](dataset())) != whole(dataset())


EQUAL = {
    "big-endian": lambda data: data.assign(
        value=data["value"].astype(">f8").assign_attrs(units="1")
    ),
    "Fortran order": lambda data: data.assign(
        value=(["sample", "site"], np.asfortranarray(data["value"].values), {"units": "1"})
    ),
    "strided": lambda data: data.assign(
        value=(
            ["sample", "site"],
            np.repeat(data["value"].values, 2, axis=1)[:, ::2],
            {"units": "1"},
        )
    ),
    "order of variables": lambda data: data[["label", "value"]],
    "kind of string": lambda data: data.assign(label=("site", np.array(["a", "b"], dtype=object))),
    "width of string": lambda data: data.assign(label=("site", np.array(["a", "b"], dtype="<U9"))),
    "order of attributes": lambda data: data.assign_attrs(note=data.attrs.pop("note")),
}


@pytest.mark.parametrize("what", EQUAL)
def test_what_is_equal_hashes_equal(what: str):
    assert whole(EQUAL[what](dataset())) == whole(dataset())


def test_list_and_tuple_are_the_same_attribute():
    assert whole(dataset().assign_attrs(shape=(1, 2))) == whole(
        dataset().assign_attrs(shape=[1, 2])
    )


def test_header_and_samples_are_hashed_apart():
    data = normalise(dataset())
    other_header, other_samples = (
        normalise(dataset().assign_attrs(note="y")),
        normalise(changed_value(dataset())),
    )
    assert hash_chunk(data, header=False) == hash_chunk(other_header, header=False)
    assert hash_chunk(data, header=False) != hash_chunk(other_samples, header=False)
    empty, other_empty = sample_slice(data, 0, 0), sample_slice(other_samples, 0, 0)
    assert hash_chunk(empty, header=True) == hash_chunk(other_empty, header=True)


def test_hash_is_pinned():
    # A change discards every result that anybody has: it needs another SCHEMA.
    assert whole(dataset()) == "8ca22d23f87e9466eeb50c40145df0cdf04dde58a1642cffd0ddd03dc7f36e26"


def test_sample_slice_leaves_deterministic_datasets_alone():
    data = dataset().isel(sample=0)
    assert sample_slice(data, 0, 0).identical(data)
    assert sample_slice(dataset(), 1, 3)["value"].shape == (2, 2)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            xr.Dataset({"value": (("site", "sample"), np.zeros((2, 4)))}),
            "'value'.*must be the first dimension",
        ),
        (
            xr.Dataset({"value": (("sample",), np.zeros(4))}, coords={"sample": np.arange(4)}),
            "'sample'.*no coordinate may have it",
        ),
        (
            xr.Dataset(
                {"value": (("sample",), np.zeros(4))}, coords={"weight": (("sample",), np.ones(4))}
            ),
            "'weight'.*no coordinate",
        ),
        (xr.Dataset({"value": ((), np.array(b"bytes"))}), "'value' has dtype .S5"),
        (
            xr.Dataset({"value": (("site",), np.array([{}, None], dtype=object))}),
            "'value' has dtype object",
        ),
        (
            xr.Dataset({"value": (("time",), np.array(["2026-01-01"], dtype="datetime64[ns]"))}),
            "'value' has dtype datetime64",
        ),
        (
            xr.Dataset({"value": (("site",), np.zeros(2, dtype=np.longdouble))}),
            "'value' has dtype (float128|longdouble)",
        ),
        (
            xr.Dataset({"value": (("site",), np.zeros(2, dtype=np.clongdouble))}),
            "'value' has dtype (complex256|clongdouble)",
        ),
        (xr.Dataset({"a/b": (("site",), np.zeros(2))}), "'a/b'.*name"),
        (xr.Dataset({"": (("site",), np.zeros(2))}), "''.*name"),
        (xr.Dataset({3: (("site",), np.zeros(2))}), "3.*name"),
        (xr.Dataset(attrs={"shape": np.int64(3)}), "attribute.*'shape'.*int64"),
        (xr.Dataset(attrs={"when": object()}), "attribute.*'when'"),
        (xr.Dataset({"value": ((), 1.0, {"array": np.zeros(2)})}), "attribute.*'array'.*'value'"),
        (xr.Dataset(attrs={"limit": float("inf")}), "attribute.*'limit'.*finite"),
        (xr.Dataset(attrs={"trainscape": 1}), "attribute.*'trainscape'.*reserved"),
        (xr.Dataset(attrs={"coordinates": "x"}), "attribute.*'coordinates'.*reserved"),
    ],
)
def test_what_cannot_be_stored_is_refused_by_name(data: xr.Dataset, message: str):
    with pytest.raises(DatasetFormError, match=message):
        normalise(data)
