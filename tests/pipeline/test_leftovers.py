"""Temporary folders of killed processes are removed; all others are left alone."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from trainscape.pipeline.leftovers import MARK, mark_temporary_folder, remove_leftovers


@pytest.fixture
def ended() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def folder(parent: Path, name: str, **facts: object) -> Path:
    path = parent / name
    path.mkdir()
    (path / "some file").write_text("")
    (path / MARK).write_text(json.dumps({"host": socket.gethostname(), "start": "1", **facts}))
    return path


def test_folder_of_a_process_that_ended_is_removed(tmp_path: Path, ended: int):
    gone = folder(tmp_path, "snakemake1", pid=ended)
    own = tmp_path / "snakemake2"
    own.mkdir()
    mark_temporary_folder(own)
    assert remove_leftovers(tmp_path) == [gone]
    assert list(tmp_path.iterdir()) == [own]


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_another_process_with_the_same_number_does_not_keep_it(tmp_path: Path):
    gone = folder(tmp_path, "snakemake1", pid=os.getpid())
    assert remove_leftovers(tmp_path) == [gone]


def test_others_are_left_alone(tmp_path: Path, ended: int):
    folder(tmp_path, "snakemake1", pid=ended, host="elsewhere")
    folder(tmp_path, "snakemake2", pid="x")
    folder(tmp_path, "something-else", pid=ended)
    (tmp_path / "snakemake3").mkdir()
    inside = tmp_path / "something-else"
    (tmp_path / "snakemake4").symlink_to(inside)
    for number, text in enumerate(("[]", "{", "null"), 5):
        (tmp_path / f"snakemake{number}").mkdir()
        (tmp_path / f"snakemake{number}" / MARK).write_text(text)
    before = sorted(tmp_path.rglob("*"))
    assert remove_leftovers(tmp_path) == []
    assert sorted(tmp_path.rglob("*")) == before


def test_folder_that_cannot_be_written_is_not_marked(tmp_path: Path):
    mark_temporary_folder(tmp_path / "missing")
    assert list(tmp_path.iterdir()) == []
