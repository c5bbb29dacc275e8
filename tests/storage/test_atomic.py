"""Atomic files and canonical JSON."""

import json
import os
import stat
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainscape.storage.atomic import canonical_json, digest, digest_file, write_atomic, write_json

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def test_write_creates_folders_and_replaces(tmp_path: Path):
    path = tmp_path / "a/b/file"
    write_atomic(path, b"one")
    write_atomic(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("fault", ["fsync", "replace"])
def test_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
):
    path = tmp_path / "file"
    write_atomic(path, b"old")

    def fail(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    if fault == "fsync":
        monkeypatch.setattr("trainscape.storage.atomic.os.fsync", fail)
    else:
        monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="No space left"):
        write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_content_is_synced_before_the_rename_and_the_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    events = []
    real_sync, real_replace = os.fsync, Path.replace

    def sync(descriptor: int) -> None:
        events.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        real_sync(descriptor)

    def replace(self: Path, target: Path) -> Path:
        events.append("rename")
        return real_replace(self, target)

    monkeypatch.setattr("trainscape.storage.atomic.os.fsync", sync)
    monkeypatch.setattr(Path, "replace", replace)
    write_atomic(tmp_path / "file", b"content")
    assert events == ["file", "rename", "folder"]


def test_json_is_sorted_and_refuses_what_json_cannot_spell(tmp_path: Path):
    path = tmp_path / "value.json"
    write_json(path, {"b": 1, "a": "ä"})
    assert path.read_text(encoding="utf-8") == '{\n "a": "ä",\n "b": 1\n}\n'
    with pytest.raises(ValueError, match="JSON"):
        write_json(path, {"a": float("nan")})
    assert json.loads(path.read_text(encoding="utf-8"))["b"] == 1


def test_canonical_json_is_pinned():
    # Keys of chunks and words of seeds rest on this spelling: a change would discard every result.
    assert (
        canonical_json({"b": [1, True, None], "a": 0.1, "c": "ä"})
        == '{"a":{"float":"0x1.999999999999ap-4"},"b":[1,true,null],"c":"ä"}'
    )
    assert (
        digest({"sites": 4, "coupling": 0.5})
        == "acb2a39042e88b1c305f97ac508d52b4ce9b418b665cf7fab5b4a057d147574e"
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, 1.0), (1, True), (0.0, -0.0), (0.1, 0.1 + 2**-56), ("1", 1), (None, "null"), ([], {})],
)
def test_what_differs_has_different_digests(one: object, other: object):
    assert digest(one) != digest(other)


@given(value=PLAIN)
def test_digest_survives_a_round_trip_through_json(value: object):
    assert digest(json.loads(json.dumps(value))) == digest(value)


@given(value=st.dictionaries(st.text(), st.integers(), min_size=2))
def test_digest_does_not_depend_on_the_order_of_keys(value: dict[str, int]):
    assert digest(dict(reversed(value.items()))) == digest(value)


@pytest.mark.parametrize("value", [np.int64(1), b"bytes", {1, 2}, object()])
def test_what_has_no_canonical_form_is_refused(value: object):
    with pytest.raises(TypeError, match="no canonical JSON form"):
        canonical_json({"key": value})


def test_digest_of_a_file(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"")
    assert (
        digest_file(tmp_path / "file")
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
