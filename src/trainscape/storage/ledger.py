"""The ledger: an append-only file of JSON lines, one for each chunk that was finished or failed.

It says which chunks of the store hold data, under which key, and the hash of the data. A line is
written after its data and synced to disk, so that a complete line can be trusted. A process that
dies while it writes leaves an incomplete last line: readers ignore it, and the next writer cuts it
off. A later line for the same chunk replaces an earlier one. Each line carries a checksum: one that
a flipped bit has changed is no promise either, and the next writer takes it out.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import ConfigDict, Field, TypeAdapter

from trainscape.storage.atomic import write_atomic
from trainscape.storage.lock import StoreLock
from trainscape.storage.records import CELL_NAME
from trainscape.storage.write_errors import writing

__all__ = [
    "Entry",
    "Ledger",
    "damaged_lines",
    "keys_of_values",
    "latest",
    "read_entries",
    "read_ledger",
]

TIME = r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00)?$"
"""Times as they are written: in UTC, to the second."""

CHECKSUM = "sum"
"""Key of the checksum of a line. Lines of earlier versions have none."""


@dataclass(frozen=True)
class Entry:
    """One line of the ledger: chunk `chunk` of `cell`, samples ``start <= s < stop``.

    Parameters
    ----------
    cell, chunk, start, stop
        The chunk and its samples.
    key
        Digest of everything that the data depend on.
    content
        The same without the code.
    status
        ``done``, ``failed``, or ``adopted``: computed by earlier code and accepted after a check.
    hash
        Hash of the stored values; empty for a failed chunk.
    seconds
        Time that the computation took.
    error
        Error message of a failed chunk.
    worker
        Process that computed the chunk.
    time
        Time stamp in UTC.
    """

    # How lines are read: they may come from somebody else.
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    cell: Annotated[str, Field(pattern=CELL_NAME)]
    chunk: Annotated[int, Field(ge=0, strict=True)]
    start: Annotated[int, Field(ge=0, strict=True)]
    stop: Annotated[int, Field(ge=0, strict=True)]
    key: str
    content: str
    status: Literal["done", "failed", "adopted"]
    hash: str = ""
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False, strict=True)] = 0.0
    error: str = ""
    worker: str = ""
    time: Annotated[str, Field(pattern=TIME)] = ""


_ENTRY = TypeAdapter(Entry)


def _checksum(fields: Any) -> str:
    text = json.dumps(fields, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _parse(line: bytes) -> Entry | None:
    try:
        fields = json.loads(line)
        recorded = fields.pop(CHECKSUM, None)
        if recorded is not None and recorded != _checksum(fields):
            return None
        return _ENTRY.validate_python(fields)
    except (ValueError, TypeError, AttributeError):
        return None


def _lines(path: Path) -> list[bytes]:
    """Return the complete lines: text after the last newline is no line, even if it parses."""
    try:
        return path.read_bytes().split(b"\n")[:-1]
    except FileNotFoundError:
        return []


def read_entries(path: Path) -> list[Entry]:
    """Return all entries in the order in which they were written.

    A missing file is an empty ledger. Lines that are damaged are ignored.
    """
    return [entry for entry in map(_parse, _lines(path)) if entry is not None]


def damaged_lines(path: Path) -> list[int]:
    """Return the numbers, from 1, of the lines that are damaged."""
    return [number for number, line in enumerate(_lines(path), 1) if _parse(line) is None]


def latest(entries: Iterable[Entry]) -> dict[tuple[str, int], Entry]:
    """Return the last entry of each (cell, chunk): what the store holds."""
    return {(entry.cell, entry.chunk): entry for entry in entries}


def keys_of_values(entries: Iterable[Entry]) -> dict[tuple[str, int], set[str]]:
    """Return all keys under which the values that the store holds were ever computed.

    Code that was edited and reverted without an effect on the values leaves two entries of one
    hash, and both keys are right.
    """
    entries = list(entries)
    held = {place: entry.hash for place, entry in latest(entries).items()}
    keys: dict[tuple[str, int], set[str]] = {}
    for entry in entries:
        place = entry.cell, entry.chunk
        if entry.status != "failed" and entry.hash and entry.hash == held[place]:
            keys.setdefault(place, set()).add(entry.key)
    return keys


def read_ledger(path: Path) -> dict[tuple[str, int], Entry]:
    """Return the last entry of each (cell, chunk).

    A missing file is an empty ledger. Lines that are damaged are ignored.
    """
    return latest(read_entries(path))


class Ledger:
    """The ledger, open for appending. Use it as a context manager, under the lock of the store.

    Parameters
    ----------
    path
        The file.
    lock
        The lock of the store. If it was taken over, the file is replaced by a copy: what its
        earlier holder may still write goes into a file that nobody reads.
    """

    def __init__(self, path: Path, lock: StoreLock) -> None:
        self.path = path
        self.lock = lock
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            if lock.taken_over and path.exists():
                write_atomic(path, path.read_bytes())
            self._take_out_damaged_lines()
            # Unbuffered: closing would try a failed write again, and its error would hide the
            # first.
            self._file = path.open("ab", buffering=0)
            self._cut_incomplete_line()

    def _take_out_damaged_lines(self) -> None:
        lines = _lines(self.path)
        whole = [line for line in lines if _parse(line) is not None]
        if len(whole) < len(lines):
            write_atomic(self.path, b"".join(line + b"\n" for line in whole))

    def _cut_incomplete_line(self) -> None:
        content = self.path.read_bytes()
        complete = content.rfind(b"\n") + 1
        if complete < len(content):
            self._file.truncate(complete)
            os.fsync(self._file.fileno())

    def append(self, entry: Entry) -> None:
        """Write one line and sync it to disk.

        Raises
        ------
        StoreLockedError
            If another run has taken the lock over.
        """
        self.lock.require()
        fields = asdict(entry)
        fields[CHECKSUM] = _checksum(fields)
        rest = json.dumps(fields, separators=(",", ":")).encode() + b"\n"
        with writing(self.path):
            while rest:  # a disk that is nearly full accepts a part only
                rest = rest[self._file.write(rest) :]
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file. All appended lines are on disk already."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
