"""Damage to a store is noticed, never gives wrong numbers, and can be repaired."""

import shutil
from pathlib import Path

import pytest
import xarray as xr

from storage.sample_cell import CELL, LENGTH, fill, make
from trainscape.storage.store import ChunkUnreadableError, Store
from trainscape.storage.values import normalise
from workspace import DAMAGE, flip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "full.zarr"


def test_flipped_bit_is_an_error_for_readers_that_know_nothing_of_the_ledger(path: Path):
    fill(path, 1)
    file = path / CELL / "real/c/0/0"
    content = file.read_bytes()
    for position in range(len(content)):
        flip(file, position)
        with (
            pytest.raises(Exception, match=r"."),
            xr.open_datatree(path, engine="zarr", consolidated=False) as tree,
        ):
            tree[CELL]["real"].load()
        file.write_bytes(content)


def test_missing_store_and_cell(path: Path):
    for cell in ("nowhere", CELL):
        with pytest.raises(ChunkUnreadableError, match=f"{path}.*{cell}"):
            Store(path).read(cell, 1)
        with pytest.raises(ChunkUnreadableError, match=cell):
            Store(path).hash(cell, 0)
        assert Store(path).chunk_length(cell) is None
        fill(path, 1)
        shutil.rmtree(path / CELL)


def test_root_that_cannot_be_read_is_reported(path: Path):
    fill(path, 1)
    assert Store(path).root_problem() is None
    (path / "zarr.json").unlink()
    problem = Store(path).root_problem()
    assert problem is not None
    assert str(path) in problem
    assert Store(path).read(CELL, 4).identical(normalise(make(0, 4)))


# What is damaged, and which of the three chunks that affects. Sample-free variables belong to
# chunk 0.
PLACES = {
    "real/c/1/0": {1},
    "phase/c/2": {2},
    "text/c/0": {0},
    "flag/c/1": {1},
    "count/c/2": {2},
    "site/c/0": {0},
    "name/c/0": {0},
    "fixed/c": {0},
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("place", PLACES)
def test_damage_to_a_chunk_is_noticed_and_belongs_to_one_chunk(path: Path, place: str, damage: str):
    hashes = fill(path, 3)
    DAMAGE[damage](path / CELL / place)
    store = Store(path)
    found, named = set(), {True}
    for chunk in range(3):
        try:
            if store.hash(CELL, chunk) != hashes[chunk]:
                found.add(chunk)
        except ChunkUnreadableError as error:
            named |= {CELL in str(error), str(path) in str(error)}
            found.add(chunk)
    assert found == PLACES[place]
    assert named == {True}
    # Computing that one chunk again repairs it.
    writer = Store(path, writable=True, attributes={"study": "test"})
    (chunk,) = found
    assert (
        writer.write(
            CELL,
            chunk,
            make(chunk * LENGTH, (chunk + 1) * LENGTH),
            length=LENGTH,
            chunks=3,
            parameters={"size": 2},
            valid={0, 1, 2} - found,
        )
        == hashes[chunk]
    )
    assert {chunk: Store(path).hash(CELL, chunk) for chunk in range(3)} == hashes


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize(
    "place",
    [
        "zarr.json",
        f"{CELL}/zarr.json",
        f"{CELL}/real/zarr.json",
        f"{CELL}/site/zarr.json",
        f"{CELL}/fixed/zarr.json",
    ],
)
def test_damage_to_metadata_never_gives_wrong_numbers_and_can_be_repaired(
    path: Path, place: str, damage: str
):
    hashes = fill(path, 3)
    DAMAGE[damage](path / place)
    valid = {chunk for chunk in range(3) if hash_or_none(Store(path), chunk) == hashes[chunk]}
    writer = Store(path, writable=True, attributes={"study": "test"})
    writer.resize(CELL, 3)
    for chunk in sorted(set(range(3)) - valid):
        writer.write(
            CELL,
            chunk,
            make(chunk * LENGTH, (chunk + 1) * LENGTH),
            length=LENGTH,
            chunks=3,
            parameters={"size": 2},
            valid=valid,
        )
        valid.add(chunk)
    assert {chunk: Store(path).hash(CELL, chunk) for chunk in range(3)} == hashes
    assert Store(path).read(CELL, 12).identical(normalise(make(0, 12)))
    with xr.open_datatree(path, engine="zarr", consolidated=False) as tree:
        assert tree.attrs == {"study": "test"}


def hash_or_none(store: Store, chunk: int) -> str | None:
    try:
        return store.hash(CELL, chunk)
    except ChunkUnreadableError:
        return None


def test_remains_of_a_killed_writer_are_removed(path: Path):
    fill(path, 1)
    partial = path / CELL / "real/c/0/0.abc.partial"
    partial.write_bytes(b"half")
    Store(path, writable=True, attributes={"study": "test"})
    assert not partial.exists()
