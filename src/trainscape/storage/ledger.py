"""The ledger: an append-only file of JSON lines, one for each chunk that was finished or failed.

The ledger says which chunks of the store hold data, under which key, and what their data hash to. A line is written only after its data, and
synced, so a line that stands is a promise. A process that dies while it writes leaves a torn last line, which was no promise: readers ignore it
and the next writer cuts it off. Later lines overrule earlier ones for the same chunk.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

__all__ = ["Entry", "Ledger", "read_ledger"]


@dataclass(frozen=True)
class Entry:
    """One line: chunk `chunk` of `cell`, samples ``start <= s < stop``.

    `key` names everything that the data depend on; `content` the same without the code. `hash` is that of the stored values, `seconds` the work
    that they cost, `time` a UTC time stamp for people. A failed chunk has the error instead of a hash; an adopted one was computed by earlier
    code and taken over after a spot check.
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
    """Return the last entry of each (cell, chunk). A missing file is an empty ledger; lines that do not parse are no promises and are ignored."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return {}
    # What follows the last newline is torn, even where it happens to parse: the newline is the last byte of a promise.
    complete = content[: content.rfind(b"\n") + 1]
    entries = (_parse(line) for line in complete.splitlines())
    return {(entry.cell, entry.chunk): entry for entry in entries if entry is not None}


class Ledger:
    """The ledger opened for appending. Use it as a context manager, under the lock of the store."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        # Unbuffered: a buffer that could not be written would be tried again on closing, and hide the first error behind a second.
        self._file = path.open("ab", buffering=0)
        self._cut_torn_line()

    def _cut_torn_line(self) -> None:
        content = self.path.read_bytes()
        complete = content.rfind(b"\n") + 1
        if complete < len(content):
            self._file.truncate(complete)
            os.fsync(self._file.fileno())

    def append(self, entry: Entry) -> None:
        """Write one line and sync it to disk."""
        rest = json.dumps(asdict(entry), separators=(",", ":")).encode() + b"\n"
        while rest:  # a disk that is nearly full takes a part
            rest = rest[self._file.write(rest) :]
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file; everything appended is on disk already."""
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
