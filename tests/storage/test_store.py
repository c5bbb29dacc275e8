"""The store gives back what was written, bit by bit, or says that it cannot."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from storage.sample_cell import CELL, LENGTH, fill, make
from trainscape.storage.arrays import fill_value
from trainscape.storage.store import SUMMARY, ChunkUnreadableError, SchemaChangedError, Store
from trainscape.storage.values import hash_chunk, normalise, sample_slice

DTYPES = [
    "?",
    "i1",
    "i2",
    "i4",
    "i8",
    "u1",
    "u2",
    "u4",
    "u8",
    "f2",
    "f4",
    "f8",
    "c8",
    "c16",
    "U",
    ">f8",
    ">i4",
    ">c16",
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "full.zarr"


TEXTS = [
    "",
    " ",
    "a",
    "row 1",
    "ä€𝄞",
    "null",
    "NaN",
    "a/b",
    'quote " and \\',
    "line\nbreak",
    "x" * 300,
]


def arbitrary(
    generator: np.random.Generator, dtype: str, shape: tuple[int, ...]
) -> np.ndarray[Any, Any]:
    """Values of arbitrary bits, with infinities, negative zeros, subnormal numbers and NaNs."""
    if dtype == "U":
        return generator.choice(TEXTS, shape)
    if dtype == "?":
        return generator.integers(2, size=shape).astype(bool)
    kind = np.dtype(dtype)
    values = (
        np.frombuffer(generator.bytes(int(np.prod(shape)) * kind.itemsize), dtype=kind)
        .reshape(shape)
        .copy()
    )
    if kind.kind in "fc":
        special = [np.nan, np.inf, -np.inf, 0.0, -0.0, np.finfo(kind).tiny, np.finfo(kind).max]
        values = np.where(
            generator.random(shape) < 0.5, generator.choice(special, shape).astype(kind), values
        ).astype(kind)
    return values


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("shape", [(), (3,), (2, 0)])
def test_round_trip_of_every_dtype(path: Path, shape: tuple[int, ...], seed: int):
    dims = tuple(f"d{i}" for i in range(len(shape)))
    generator = np.random.default_rng(seed)
    dataset = xr.Dataset(
        {
            f"sampled {kind}": (("sample", *dims), arbitrary(generator, kind, (LENGTH, *shape)))
            for kind in DTYPES
        }
        | {f"fixed {kind}": (dims, arbitrary(generator, kind, shape)) for kind in DTYPES}
    )
    written = Store(path, writable=True).write(
        CELL, 0, dataset, length=LENGTH, chunks=1, parameters={}, valid=()
    )
    assert written == hash_chunk(normalise(dataset), header=True)
    assert Store(path).hash(CELL, 0) == Store(path).digest(CELL, LENGTH) == written
    back = Store(path).read(CELL, LENGTH)
    assert set(back.variables) == set(dataset.variables)
    for name, variable in dataset.variables.items():
        assert back[name].dtype == (
            np.dtype(object) if variable.dtype.kind == "U" else variable.dtype.newbyteorder("<")
        )
        assert back[name].dims == variable.dims
        np.testing.assert_array_equal(back[name].values, variable.values)


@pytest.mark.parametrize("dtype", ["?", "i4", "f8", "c16", "U3"])
@pytest.mark.parametrize("value", ["fill", "zero"])
def test_chunks_that_look_empty_are_written(path: Path, dtype: str, value: str):
    """A chunk of fill values is a result too. Without a file it would look as if never computed."""
    kind = np.dtype(object if dtype == "U3" else dtype)
    content = fill_value(kind) if value == "fill" else ("" if kind.kind == "O" else kind.type(0))
    dataset = xr.Dataset({"value": (("sample",), np.full(LENGTH, content, dtype=kind))})
    store = Store(path, writable=True)
    written = store.write(CELL, 0, dataset, length=LENGTH, chunks=1, parameters={}, valid=())
    assert (path / CELL / "value/c/0").exists()
    assert Store(path).hash(CELL, 0) == written
    # A missing chunk is an error even if it would read as the recorded values.
    (path / CELL / "value/c/0").unlink()
    with pytest.raises(ChunkUnreadableError, match=r"size-2.*value/c/0 is missing"):
        Store(path).hash(CELL, 0)


def test_whole_cell_reads_back_at_any_extent(path: Path):
    hashes = fill(path, 3)
    store = Store(path)
    for samples in (1, 3, 4, 5, 12):
        expected = normalise(make(0, samples))
        back = store.read(CELL, samples)
        assert back.identical(expected)
        assert set(back.coords) == {"site", "name"}
        assert store.digest(CELL, samples) == hash_chunk(expected, header=True)
    assert {chunk: store.hash(CELL, chunk) for chunk in range(3)} == hashes
    with pytest.raises(ChunkUnreadableError, match="fewer samples than wanted"):
        store.read(CELL, 13)


def test_digest_is_independent_of_chunk_length_and_order(path: Path, tmp_path: Path):
    fill(path, 6, length=2)
    fill(tmp_path / "b.zarr", 3, length=4, order=reversed)
    fill(tmp_path / "c.zarr", 1, length=12)
    digests = {
        Store(store).digest(CELL, 11) for store in (path, tmp_path / "b.zarr", tmp_path / "c.zarr")
    }
    assert len(digests) == 1


def test_hash_of_a_chunk_is_that_of_its_samples_and_of_chunk_0_also_of_the_header(path: Path):
    hashes = fill(path, 2)
    assert hashes[0] == hash_chunk(normalise(make(0, 4)), header=True)
    assert hashes[1] == hash_chunk(normalise(make(4, 8)), header=False)


def test_growth_leaves_old_chunks_alone(path: Path):
    hashes = fill(path, 2)
    files = {
        file: (file.read_bytes(), file.stat().st_mtime_ns)
        for file in (path / CELL).rglob("c/*")
        if file.is_file()
    }
    store = Store(path, writable=True, attributes={"study": "test"})
    store.resize(CELL, 4)
    store.resize(CELL, 3)  # never shrinks
    hashes[3] = store.write(
        CELL, 3, make(12, 16), length=LENGTH, chunks=4, parameters={"size": 2}, valid={0, 1}
    )
    assert all(
        (file.read_bytes(), file.stat().st_mtime_ns) == before for file, before in files.items()
    )
    assert {chunk: Store(path).hash(CELL, chunk) for chunk in (0, 1, 3)} == hashes
    with pytest.raises(ChunkUnreadableError, match="is missing"):
        Store(path).hash(CELL, 2)
    with pytest.raises(ChunkUnreadableError, match="is missing"):
        Store(path).read(CELL, 16)  # never a region of fill values
    assert Store(path).digest(CELL, 8) == hash_chunk(normalise(make(0, 8)), header=True)


def test_chunk_length_is_kept(path: Path):
    assert Store(path).chunk_length(CELL) is None
    fill(path, 2)
    assert Store(path).chunk_length(CELL) == LENGTH
    assert [Store(path).chunks(CELL, samples) for samples in (1, 4, 5, None)] == [1, 1, 2, 1]


def test_another_form_needs_permission(path: Path):
    fill(path, 2)
    other = make(0, 4).drop_vars("flag")
    with pytest.raises(SchemaChangedError, match="cell size-2 holds valid chunks"):
        Store(path, writable=True).write(
            CELL, 0, other, length=LENGTH, chunks=2, parameters={}, valid={1}
        )
    assert Store(path).read(CELL, 8).identical(normalise(make(0, 8)))
    Store(path, writable=True).write(
        CELL, 0, other, length=LENGTH, chunks=2, parameters={}, valid=()
    )
    assert "flag" not in Store(path).read(CELL, 4)


def test_wrong_number_of_samples_is_refused(path: Path):
    with pytest.raises(SchemaChangedError, match="returned 3 samples, 4 were wanted"):
        Store(path, writable=True).write(
            CELL, 0, make(0, 3), length=LENGTH, chunks=1, parameters={}, valid=()
        )


def test_chunks_of_a_cell_must_agree_about_the_header(path: Path):
    store = Store(path, writable=True)
    store.write(CELL, 0, make(0, 4), length=LENGTH, chunks=2, parameters={}, valid=())
    with pytest.raises(SchemaChangedError, match="chunk 1 has other coordinates"):
        store.write(
            CELL,
            1,
            make(4, 8, attrs={"note": "other"}),
            length=LENGTH,
            chunks=2,
            parameters={},
            valid={0, 1},
        )


def test_header_is_written_anew_where_chunk_0_is(path: Path):
    fill(path, 2)
    changed = make(0, 4, attrs={"note": "new"}).assign_coords(site=[5, 6])
    with pytest.raises(SchemaChangedError, match="must be a pure function"):
        Store(path, writable=True).write(
            CELL, 1, changed, length=LENGTH, chunks=2, parameters={}, valid={0}
        )
    assert Store(path).read(CELL, 8).identical(normalise(make(0, 8)))
    written = Store(path, writable=True).write(
        CELL, 0, changed, length=LENGTH, chunks=2, parameters={}, valid={1}
    )
    assert Store(path).hash(CELL, 0) == written
    assert Store(path).read(CELL, 4).identical(normalise(changed))


def test_deterministic_cell_and_summary(path: Path):
    dataset = make(0, 4).isel(sample=0, drop=True)
    for cell in (CELL, SUMMARY):
        written = Store(path, writable=True).write(
            cell, 0, dataset, length=1, chunks=1, parameters={}, valid=()
        )
        assert Store(path).hash(cell, 0) == Store(path).digest(cell, None) == written
        assert Store(path).read(cell).identical(normalise(dataset))


def test_opens_as_datatree(path: Path):
    fill(path, 2)
    Store(path, writable=True, attributes={"study": "test"}).write(
        SUMMARY,
        0,
        xr.Dataset({"moment": (("size",), [1.0])}, coords={"size": [2]}),
        length=1,
        chunks=1,
        parameters={},
        valid=(),
    )
    with xr.open_datatree(path, engine="zarr", consolidated=False) as tree:
        assert tree.attrs["study"] == "test"
        assert set(tree.children) == {CELL, SUMMARY}
        dataset = tree[CELL].to_dataset().load()
        assert tree[SUMMARY]["moment"].sel(size=2).item() == 1.0
    expected = normalise(make(0, 8))
    assert dataset.attrs["note"] == "a note"
    assert dataset.attrs["trainscape"]["parameters"] == {"size": 2}
    assert set(dataset.coords) == set(expected.coords)
    assert dataset["real"].attrs == {"units": "1"}
    for name in expected.variables:
        np.testing.assert_array_equal(dataset[name].values, expected[name].values)


def test_readers_ask_no_lock_and_write_nothing(path: Path):
    fill(path, 2)
    before = {file: file.stat().st_mtime_ns for file in path.rglob("*")}
    Store(path).read(CELL, 8)
    Store(path).hash(CELL, 1)
    assert {file: file.stat().st_mtime_ns for file in path.rglob("*")} == before


def test_deterministic_and_sampled_are_not_mixed_up(path: Path):
    fill(path, 1)
    with pytest.raises(ChunkUnreadableError, match="is sampled"):
        Store(path).read(CELL)
    with pytest.raises(ChunkUnreadableError, match="holds fewer samples than wanted"):
        Store(path).read(CELL, 99)


def test_header_slice_of_a_stored_cell(path: Path):
    fill(path, 2)
    store = Store(path)
    assert hash_chunk(sample_slice(store.read(CELL, 4), 0, 0), header=True) == hash_chunk(
        store.read(CELL, 0), header=True
    )
