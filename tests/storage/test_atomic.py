"""Atomic writes of files."""

import json
import os
import socket
import stat
import subprocess
from pathlib import Path

import pytest

from trainscape.storage.atomic import write_atomic, write_json


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


def test_what_killed_writers_left_is_removed_by_the_next_and_nothing_else(tmp_path: Path):
    ended = subprocess.Popen(["true"])
    ended.wait()
    host, path = socket.gethostname(), tmp_path / "file"
    left = [f".file.{host}-{ended.pid}.tmp", ".file.other.host-7.tmp"]
    kept = [
        f".file.{host}-{os.getppid()}.tmp",
        ".file.other-1.tmp",
        f".file.x.{host}-{ended.pid}.tmp",
        f"xfile.{host}-{ended.pid}.tmp",
    ]
    for name in left + kept:
        (tmp_path / name).touch()
    an_hour_ago = path.with_name(kept[0]).stat().st_mtime - 3700
    os.utime(tmp_path / left[1], (an_hour_ago, an_hour_ago))
    os.utime(tmp_path / kept[0], (an_hour_ago, an_hour_ago))
    write_atomic(path, b"new")
    assert {file.name for file in tmp_path.iterdir()} == {"file", *kept}


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
