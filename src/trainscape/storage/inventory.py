"""The inventory of a finished stage: size, time and SHA-256 of every file, and small texts whole.

A manifest vouches for values; an inventory remembers bytes. It makes a look at all files cheap
(sizes and times), a thorough one as fast as the disk (hashes, without decoding), and gives damaged
texts back as they were: manifest, ledger, provenance, and the metadata of the store. It stands
twice, and promises nothing by itself: without it, values are read back and compared with ledger and
manifest.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainscape.storage.atomic import write_atomic
from trainscape.storage.digests import digest_file
from trainscape.storage.extent import OWN
from trainscape.storage.paths import StagePaths
from trainscape.storage.sealed import is_intact, sealed

__all__ = [
    "Finding",
    "Inventory",
    "chunk_of",
    "damaged_inventories",
    "mend_inventories",
    "read_inventory",
    "store_files",
    "take_inventory",
    "write_inventory",
]

TEXTS = (".json", ".jsonl")
"""Endings of the files that are kept whole."""

LARGEST_TEXT = 2**24
"""Bytes up to which a text is kept whole."""


@dataclass(frozen=True)
class Finding:
    """A file that is not as the inventory says: its name, and what is wrong with it."""

    file: str
    problem: str


@dataclass(frozen=True)
class Inventory:
    """What is known of the files of one stage.

    Parameters
    ----------
    folder
        Where the files lie.
    files
        Size in bytes, time of change in nanoseconds, and SHA-256 of each, by path within `folder`.
    texts
        Contents of small text files, by SHA-256.
    """

    folder: Path
    files: Mapping[str, tuple[int, int, str]]
    texts: Mapping[str, str]

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(size for size, _, _ in self.files.values())

    def digest(self, file: str) -> str | None:
        """Return the SHA-256 of a file; None if it is not listed."""
        return self.files[file][2] if file in self.files else None

    def text(self, file: str) -> bytes | None:
        """Return the content that a file had; None if it is not kept here."""
        text = self.texts.get(self.digest(file) or "")
        return None if text is None else text.encode()

    def look(self, *, hashed: bool, threads: int = 1) -> tuple[list[Finding], int]:
        """Compare the files with what is known of them.

        Parameters
        ----------
        hashed
            Read and hash every file. Else only those are read that have another time, as copies
            have, and damaged ones nearly always.
        threads
            How many files to read at once.

        Returns
        -------
        findings : list of Finding
            In the order of the list.
        moved : int
            Bytes of the files that have another time, though no file has another content.
        """
        findings: list[Finding] = []
        suspects: list[str] = []
        moved = 0
        for file, (size, time, _) in self.files.items():
            try:
                found = (self.folder / file).stat()
            except (FileNotFoundError, NotADirectoryError):
                findings.append(Finding(file, "is missing"))
                continue
            except OSError as error:
                findings.append(Finding(file, f"cannot be looked at ({error.strerror})"))
                continue
            if found.st_size != size:
                wrong = f"has {found.st_size} bytes instead of {size}"
                findings.append(Finding(file, wrong))
            elif hashed or found.st_mtime_ns != time:
                suspects.append(file)
                moved += size if found.st_mtime_ns != time else 0
        for file, problem in zip(suspects, self._problems(suspects, threads), strict=True):
            if problem:
                findings.append(Finding(file, problem))
        order = {file: number for number, file in enumerate(self.files)}
        return sorted(findings, key=lambda one: order[one.file]), 0 if findings else moved

    def with_present_times(self) -> Inventory:
        """Return the same inventory with the times that the files have now."""
        files = {
            file: (size, (self.folder / file).stat().st_mtime_ns, digest)
            for file, (size, _, digest) in self.files.items()
        }
        return Inventory(self.folder, files, self.texts)

    def _problems(self, files: list[str], threads: int) -> Iterator[str]:
        if threads == 1 or len(files) < threads:
            yield from map(self._problem, files)
            return
        with ThreadPoolExecutor(threads) as pool:
            yield from pool.map(self._problem, files, chunksize=32)

    def _problem(self, file: str) -> str:
        try:
            same = digest_file(self.folder / file) == self.files[file][2]
        except OSError as error:
            return f"cannot be read ({error.strerror})"
        return "" if same else "holds other bytes than were written"


def _indices(store: Path, cell: str, samples: int | None) -> tuple[set[str], int] | None:
    """Return the sampled arrays of a cell, and how many chunks of theirs are wanted.

    None if its metadata cannot be read.
    """
    try:
        own = json.loads((store / cell / "zarr.json").read_bytes())["attributes"][OWN]
        length = int(own["chunk_length"])
        return set(own["sampled"]), 1 if samples is None else -(-samples // length)
    except (OSError, ValueError, KeyError, TypeError, ZeroDivisionError):
        return None


def store_files(store: Path, cells: Mapping[str, int | None]) -> list[str]:
    """Return the files of a store that a manifest rests on, by path within the folder above it.

    Parameters
    ----------
    store
        The store.
    cells
        Samples of each cell; None for a deterministic one. Chunks beyond them are left out.
    """
    files = [f"{store.name}/zarr.json"]
    for cell, samples in cells.items():
        extent = _indices(store, cell, samples)
        for folder, folders, names in os.walk(store / cell):
            folders.sort()
            place = Path(folder).relative_to(store).parts
            for name in sorted(names):
                parts = (*place, name)
                if name.startswith(".") or name.endswith(".partial"):
                    continue
                chunk = chunk_of(parts, extent[0]) if extent is not None else 0
                if extent is None or chunk < extent[1]:
                    files.append("/".join((store.name, *parts)))
    return files


def chunk_of(parts: Sequence[str], sampled: Collection[str]) -> int:
    """Return the chunk that a file of a store belongs to, from its path within the store.

    What is not sampled, metadata among it, belongs to the first one.
    """
    inside = len(parts) > 3 and parts[1] in sampled and parts[2] == "c" and parts[3].isdigit()
    return int(parts[3]) if inside else 0


def take_inventory(
    folder: Path, files: Iterable[str], contents: Mapping[str, bytes] | None = None
) -> Inventory:
    """Hash files and return the inventory of them.

    Parameters
    ----------
    folder, files
        Where they lie, and their paths within it.
    contents
        Files that are about to be written, with their contents.
    """
    listed: dict[str, tuple[int, int, str]] = {}
    texts: dict[str, str] = {}
    contents = contents or {}
    for file in (*files, *contents):
        path = folder / file
        if file in contents:
            content, time = contents[file], 0
        else:
            time = path.stat().st_mtime_ns
            if not file.endswith(TEXTS):
                listed[file] = (path.stat().st_size, time, digest_file(path))
                continue
            content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        listed[file] = (len(content), time, digest)
        if file.endswith(TEXTS) and len(content) <= LARGEST_TEXT:
            with suppress(UnicodeDecodeError):
                texts[digest] = content.decode()
    return Inventory(folder, listed, texts)


def write_inventory(paths: StagePaths, inventory: Inventory) -> None:
    """Write the inventory of a stage and its copy."""
    files = {file: list(facts) for file, facts in inventory.files.items()}
    record = sealed({"schema": 1, "files": files, "texts": dict(inventory.texts)})
    content = json.dumps(record, separators=(",", ":")).encode()
    for path in (paths.inventory_copy, paths.inventory):
        write_atomic(path, content)


def read_inventory(paths: StagePaths) -> Inventory | None:
    """Return the inventory of a stage, from its copy if need be; None if none of them is whole."""
    return _read(paths.inventory) or _read(paths.inventory_copy)


def damaged_inventories(paths: StagePaths) -> list[Path]:
    """Return those of the two files of a stage's inventory that are missing or not whole.

    None, if there is neither.
    """
    both = (paths.inventory, paths.inventory_copy)
    if not any(path.exists() for path in both):
        return []
    return [path for path in both if _read(path) is None]


def mend_inventories(paths: StagePaths) -> list[Path]:
    """Write that file of a stage's inventory again that is not whole; return it."""
    damaged = damaged_inventories(paths)
    if len(damaged) != 1:
        return []
    other = paths.inventory if damaged[0] == paths.inventory_copy else paths.inventory_copy
    write_atomic(damaged[0], other.read_bytes())
    return damaged


def _read(path: Path) -> Inventory | None:
    try:
        record: dict[str, Any] = json.loads(path.read_bytes())
        if not is_intact(record):
            return None
        files = {
            str(file): (int(size), int(time), str(digest))
            for file, (size, time, digest) in record["files"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    if any(part in ("..", "") for file in files for part in file.split("/")):
        return None  # a name that leads out of the folder, or to its root
    return Inventory(path.parent, files, record["texts"])
