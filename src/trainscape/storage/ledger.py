"""The ledger: an append-only file of JSON lines, one for each chunk that was finished or failed.

It says which chunks of the store hold data, under which key, and the hash of the data. A line is
written after its data and synced to disk, so that a complete line can be trusted. A process that
dies while it writes leaves an incomplete last line: readers ignore it, and the next writer cuts it
off. A later line for the same chunk replaces an earlier one.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from trainscape.storage.atomic import write_atomic
from trainscape.storage.lock import StoreLock
from trainscape.storage.write_errors import writing

__all__ = ["Entry", "Ledger", "read_ledger"]


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

    cell: str
    chunk: int
    start: int
    stop: int
    key: str
    content: str
    status: Literal["done", "failed", "adopted"]
    hash: str = ""
    seconds: float = 0.0
    error: str = ""
    worker: str = ""
    time: str = ""


def _parse(line: bytes) -> Entry | None:
    try:
        return Entry(**json.loads(line))
    except (ValueError, TypeError):
        return None


def read_ledger(path: Path) -> dict[tuple[str, int], Entry]:
    """Return the last entry of each (cell, chunk).

    A missing file is an empty ledger. Lines that cannot be parsed are ignored.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return {}
    # Text after the last newline is incomplete, even if it can be parsed.
    complete = content[: content.rfind(b"\n") + 1]
    entries = (_parse(line) for line in complete.splitlines())
    return {(entry.cell, entry.chunk): entry for entry in entries if entry is not None}


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
            # Unbuffered: closing would try a failed write again, and its error would hide the
            # first.
            self._file = path.open("ab", buffering=0)
            self._cut_incomplete_line()

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
        rest = json.dumps(asdict(entry), separators=(",", ":")).encode() + b"\n"
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
