"""Inventories: what they find, what they pass over, and what they do not believe."""

import json
import os
from pathlib import Path

import pytest

from trainscape.storage.inventory import (
    Inventory,
    damaged_inventories,
    mend_inventories,
    read_inventory,
    store_files,
    take_inventory,
    write_inventory,
)
from trainscape.storage.paths import StagePaths
from trainscape.storage.sealed import is_intact, sealed

FILES = ("a.bin", "b.json")


@pytest.fixture
def paths(tmp_path: Path) -> StagePaths:
    found = StagePaths(tmp_path, "smoke", "study", "simulate", "full")
    found.folder.mkdir(parents=True)
    (found.folder / "a.bin").write_bytes(bytes(1000))
    (found.folder / "b.json").write_text('{"ä": 1}')
    return found


@pytest.fixture
def taken(paths: StagePaths) -> Inventory:
    write_inventory(paths, take_inventory(paths.folder, FILES, {"c.json": b"{}"}))
    (paths.folder / "c.json").write_bytes(b"{}")
    found = read_inventory(paths)
    assert found is not None
    return found


def problems(inventory: Inventory, *, hashed: bool = False) -> dict[str, str]:
    return {one.file: one.problem for one in inventory.look(hashed=hashed, threads=2)[0]}


def test_texts_are_kept_and_data_are_not(taken: Inventory):
    assert taken.size == 1000 + 9 + 2
    assert taken.text("b.json") == '{"ä": 1}'.encode()
    assert taken.text("c.json") == b"{}"
    assert taken.text("a.bin") is None
    assert taken.text("unknown") is None
    assert problems(taken, hashed=True) == {}


def test_each_difference_is_a_finding(taken: Inventory, paths: StagePaths):
    (paths.folder / "a.bin").write_bytes(b"1" + bytes(999))
    (paths.folder / "b.json").write_text("{}")
    (paths.folder / "c.json").unlink()
    assert problems(taken) == {
        "a.bin": "holds other bytes than were written",
        "b.json": "has 2 bytes instead of 9",
        "c.json": "is missing",
    }


def test_same_size_and_time_are_believed_unless_files_are_hashed(
    taken: Inventory, paths: StagePaths
):
    file = paths.folder / "a.bin"
    times = file.stat()
    file.write_bytes(b"1" + bytes(999))
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert problems(taken) == {}
    assert list(problems(taken, hashed=True)) == ["a.bin"]


def test_other_times_alone_are_no_finding_and_can_be_noted(taken: Inventory, paths: StagePaths):
    os.utime(paths.folder / "a.bin", (1, 1))
    findings, moved = taken.look(hashed=False)
    assert findings == []
    assert moved >= 1000
    assert taken.with_present_times().look(hashed=False) == ([], 0)


@pytest.mark.parametrize("position", range(0, 400, 7))
def test_no_flipped_inventory_is_believed(taken: Inventory, paths: StagePaths, position: int):
    content = bytearray(paths.inventory.read_bytes())
    content[position % len(content)] ^= 1
    paths.inventory.write_bytes(bytes(content))
    assert damaged_inventories(paths) == [paths.inventory]
    assert read_inventory(paths) == taken  # from the copy
    assert mend_inventories(paths) == [paths.inventory]
    assert damaged_inventories(paths) == []


def test_without_both_there_is_none(taken: Inventory, paths: StagePaths):
    for path in (paths.inventory, paths.inventory_copy):
        path.write_text("[]")
    assert damaged_inventories(paths) == [paths.inventory, paths.inventory_copy]
    assert read_inventory(paths) is None
    assert mend_inventories(paths) == []


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a//b", ""])
def test_names_that_lead_elsewhere_are_refused(paths: StagePaths, name: str):
    record = {"schema": 1, "files": {name: [0, 0, ""]}, "texts": {}}
    paths.inventory.write_text(json.dumps(sealed(record)))
    assert read_inventory(paths) is None


def test_chunks_beyond_the_wanted_samples_are_not_listed(paths: StagePaths):
    own = {"chunk_length": 32, "sampled": ["value"]}
    for file in ("zarr.json", "cell/zarr.json", "cell/value/zarr.json", "cell/label/c/7"):
        (paths.store / file).parent.mkdir(parents=True, exist_ok=True)
        (paths.store / file).write_text(json.dumps({"attributes": {"trainscape": own}}))
    for chunk in range(3):
        (paths.store / f"cell/value/c/{chunk}").mkdir(parents=True)
        (paths.store / f"cell/value/c/{chunk}/0").write_text("")
    (paths.store / "cell/value/c/0/.0.partial").write_text("")
    (paths.store / "other").mkdir()
    assert sorted(store_files(paths.store, {"cell": 64})) == [
        "full.zarr/cell/label/c/7",
        "full.zarr/cell/value/c/0/0",
        "full.zarr/cell/value/c/1/0",
        "full.zarr/cell/value/zarr.json",
        "full.zarr/cell/zarr.json",
        "full.zarr/zarr.json",
    ]


def test_seal():
    record = sealed({"a": 1.5, "b": ["x", None]})
    assert is_intact(json.loads(json.dumps(record)))
    assert sealed(record) == record
    assert not is_intact(record | {"a": 1.25})
    assert not is_intact({key: record[key] for key in ("a", "b")})
