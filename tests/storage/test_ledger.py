"""The ledger: complete lines are promises, everything else is ignored."""

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from trainscape.storage.ledger import (
    Entry,
    Ledger,
    damaged_lines,
    keys_of_values,
    read_ledger,
)
from trainscape.storage.lock import StoreLock

ENTRY = Entry(
    "sites-4",
    0,
    0,
    32,
    "key",
    "content",
    "done",
    hash="hash",
    seconds=1.5,
    worker="host:1",
    time="2026-01-01T00:00:00+00:00",
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "full.ledger.jsonl"


@contextmanager
def opened(path: Path) -> Iterator[Ledger]:
    with StoreLock(path.with_name("full.lock")) as lock, Ledger(path, lock) as ledger:
        yield ledger


def test_missing_is_empty(path: Path):
    assert read_ledger(path) == {}


def test_round_trip(path: Path):
    failed = Entry(
        "sites-6", 3, 96, 128, "key", "content", "failed", error='ValueError: "quoted"\nline two ä'
    )
    with opened(path) as ledger:
        ledger.append(ENTRY)
        ledger.append(failed)
    assert read_ledger(path) == {("sites-4", 0): ENTRY, ("sites-6", 3): failed}
    assert path.read_bytes().count(b"\n") == 2


def test_last_line_of_a_chunk_wins(path: Path):
    later = replace(ENTRY, status="failed", hash="")
    with opened(path) as ledger:
        for entry in (ENTRY, replace(ENTRY, cell="other"), later):
            ledger.append(entry)
    assert read_ledger(path)["sites-4", 0] == later
    assert len(read_ledger(path)) == 2


def test_line_torn_at_any_byte_is_no_promise_and_is_cut_off(path: Path):
    with opened(path) as ledger:
        ledger.append(ENTRY)
        ledger.append(replace(ENTRY, chunk=1))
    content = path.read_bytes()
    first = content.index(b"\n") + 1
    for end in range(first, len(content)):
        path.write_bytes(content[:end])
        # Also where the line would parse: without the newline it may be the beginning of a longer
        # number.
        assert set(read_ledger(path)) == {("sites-4", 0)}
        with opened(path) as ledger:
            ledger.append(replace(ENTRY, chunk=2))
        assert set(read_ledger(path)) == {("sites-4", 0), ("sites-4", 2)}
        assert path.read_bytes().count(b"\n") == 2


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"nonsense",
        b"[1]",
        b"3",
        b'{"cell": "sites-4"}',
        b'{"cell": "a", "unknown": 1}',
        b"\xff\xfe",
        b'{"cell',
    ],
)
def test_lines_that_are_no_entries_are_ignored(path: Path, line: bytes):
    with opened(path) as ledger:
        ledger.append(ENTRY)
    path.write_bytes(path.read_bytes() + line + b"\n")
    with opened(path) as ledger:
        ledger.append(replace(ENTRY, chunk=1))
    assert set(read_ledger(path)) == {("sites-4", 0), ("sites-4", 1)}


def test_each_line_is_on_disk_before_append_returns(path: Path, monkeypatch: pytest.MonkeyPatch):
    sizes = []
    real = os.fsync

    def sync(descriptor: int) -> None:
        real(descriptor)
        sizes.append(path.stat().st_size)

    monkeypatch.setattr("trainscape.storage.ledger.os.fsync", sync)
    with opened(path) as ledger:
        for chunk in range(3):
            ledger.append(replace(ENTRY, chunk=chunk))
            assert len(sizes) == chunk + 1
            assert sizes[-1] == path.stat().st_size
            assert len(read_ledger(path)) == chunk + 1


def test_failed_append_reports_itself_once_and_leaves_no_half_line(path: Path):
    """The append raises the error, closing raises none, and the next run reads the old lines."""
    with opened(path) as ledger:
        ledger.append(ENTRY)
    with opened(path) as ledger:
        full = os.open("/dev/full", os.O_WRONLY)
        os.dup2(full, ledger._file.fileno())
        os.close(full)
        with pytest.raises(OSError, match=r"cannot write .*: No space left") as caught:
            ledger.append(replace(ENTRY, chunk=1))
        assert caught.value.errno == errno.ENOSPC
    assert set(read_ledger(path)) == {("sites-4", 0)}


def test_line_with_any_flipped_bit_is_no_promise_and_is_taken_out(path: Path):
    with opened(path) as ledger:
        for chunk in range(3):
            ledger.append(replace(ENTRY, chunk=chunk))
    content = path.read_bytes()
    start = content.index(b"\n") + 1
    length = content.index(b"\n", start) - start
    for position in range(length):
        flipped = bytearray(content)
        flipped[start + position] ^= 1 << position % 8
        path.write_bytes(bytes(flipped))
        assert set(read_ledger(path)) == {("sites-4", 0), ("sites-4", 2)}, flipped
        assert damaged_lines(path)
    with opened(path) as ledger:
        ledger.append(replace(ENTRY, chunk=1))
    assert damaged_lines(path) == []
    assert len(read_ledger(path)) == 3


def test_lines_of_earlier_versions_have_no_checksum(path: Path):
    path.parent.mkdir()
    path.write_text(json.dumps(asdict(ENTRY)) + "\n")
    assert read_ledger(path) == {("sites-4", 0): ENTRY}


def test_keys_of_the_values_that_are_held():
    first = replace(ENTRY, key="one", hash="A")
    lines = [
        first,
        replace(first, key="two"),
        replace(first, key="three", hash="B"),
        replace(first, key="four", status="failed", hash=""),
        replace(first, key="five"),
    ]
    place = ("sites-4", 0)
    assert keys_of_values(lines) == {place: {"one", "two", "five"}}
    assert keys_of_values(lines[:3]) == {place: {"three"}}
    assert keys_of_values(lines[:4]) == {}
