"""Put an archive's results and configuration back, trusting nothing that the archive says.

First everything is looked at: names, numbers, sizes, hashes, and what is in the way. Only then
anything is written. An archive cannot write outside of the folder that was named, cannot bring code
or links, cannot replace a file, and cannot grow beyond its bounds.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import struct
import tempfile
import time
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from trainscape.pipeline.archive.crate import METADATA
from trainscape.pipeline.archive.writing import LIST
from trainscape.pipeline.config import plugin_name
from trainscape.pipeline.errors import ConfigError
from trainscape.storage.digests import digest_file
from trainscape.storage.write_errors import writing
from trainscape.studies.contract import Stage

__all__ = ["MOST_FILES", "Restored", "restore_archive"]

MOST_FILES = 10**6
"""Most files of an archive."""

LARGEST_LIST = 2**28
"""Largest list of files, in bytes: `MOST_FILES` names of 200 letters."""

CONFIGURATION = "config/config.yaml"

_PART = re.compile(r"[A-Za-z0-9_+][A-Za-z0-9_.+=-]{0,254}")
"""A part of a name. None begins with a dot, so that none is ``..`` or hidden."""

_NAME = r"[a-z][a-z0-9_]*"
_STAGES = "|".join(Stage)
_INSIDE = re.compile(rf"results/{_NAME}/{_NAME}/(?:{_STAGES})/{_NAME}\.(?:zarr|drawn)/.+")
_BESIDE = re.compile(
    rf"results/{_NAME}/{_NAME}/(?:{_STAGES})/{_NAME}(?:\.[a-z-]+)?\.(?:jsonl?|pdf|png|csv|html)"
)
_STUDY = re.compile(rf"config/studies/{_NAME}\.yaml")
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")
_BLOCK = 2**20


@dataclass(frozen=True)
class Restored:
    """What was put back.

    Parameters
    ----------
    files
        Number of files that are there now.
    preset
        Preset of the results.
    studies
        Their studies.
    kept_configuration
        Whether another ``config/config.yaml`` was there, which stays.
    """

    files: int
    preset: str
    studies: list[str]
    kept_configuration: bool


class _Archive:
    """An archive, open for reading, whose names and sizes are checked.

    Raises
    ------
    ConfigError
        If it is no archive of this program.
    """

    def __init__(self, path: Path, file: zipfile.ZipFile, largest: int) -> None:
        self.path = path
        self.file = file
        entries = file.infolist()
        self.entries = {entry.filename: entry for entry in entries}
        if len(entries) > MOST_FILES:
            raise self.wrong(f"holds {len(entries)} files, and at most {MOST_FILES} are allowed")
        if len(self.entries) < len(entries):
            raise self.wrong("holds two files of one name")
        for entry in entries:
            if problem := _problem(entry):
                raise self.wrong(f"{problem}: {entry.orig_filename[:200]!r}")
        self.size = sum(entry.file_size for entry in entries)
        if self.size > largest:
            raise self.wrong(
                f"would become {self.size / 2**30:.1f} GiB, more than the {largest / 2**30:.4g} "
                "GiB that are allowed (--max-gib)"
            )
        self.digests = self._read_list()

    def wrong(self, what: str) -> ConfigError:
        """Return the error that the archive is not sound."""
        return ConfigError(
            f"{self.path} {what}. Nothing was written. It is not what `trainscape archive` writes: "
            "get it again."
        )

    def _read_list(self) -> dict[str, str]:
        if not {METADATA, LIST} <= self.entries.keys():
            raise self.wrong(f"has no {METADATA} or no {LIST}")
        if self.entries[LIST].file_size > LARGEST_LIST:
            raise self.wrong(f"has a {LIST} of {self.entries[LIST].file_size} bytes")
        text = b"".join(self.blocks(LIST)).decode(errors="replace")
        matches = [_LINE.fullmatch(line) for line in text.splitlines()]
        digests = {match[2]: match[1] for match in matches if match}
        if digests.keys() != self.entries.keys() - {LIST} or len(digests) < len(matches):
            raise self.wrong(f"does not hold the files that its {LIST} names")
        return digests

    def blocks(self, name: str) -> Iterator[bytes]:
        """Yield the content of a file, as many bytes as were announced at most."""
        left = self.entries[name].file_size
        try:
            with self.file.open(name) as stream:
                while block := stream.read(_BLOCK):
                    left -= len(block)
                    if left < 0:
                        raise self.wrong(f"holds more bytes of {name} than it says")
                    yield block
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as error:
            raise self.wrong(f"is damaged at {name} ({error})") from None

    def check(self, name: str) -> None:
        """Make sure that a file is the one in the list."""
        state = hashlib.sha256()
        for block in self.blocks(name):
            state.update(block)
        if state.hexdigest() != self.digests[name]:
            raise self.wrong(f"is damaged: {name} is not the file that its {LIST} names")


def _problem(entry: zipfile.ZipInfo) -> str:
    """Return what is wrong with an entry, before anything of it is read."""
    name = entry.filename
    kind = entry.external_attr >> 28
    if entry.orig_filename != name or not all(map(_PART.fullmatch, name.split("/"))):
        return "holds a name that leads elsewhere, or that is no name of results"
    if entry.is_dir() or kind not in (0, 0o10):
        return "holds a link, a folder or a device"
    if entry.flag_bits & 0x1:
        return "holds an encrypted file"
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "holds a file that is compressed in another way than archives are"
    known = name in (METADATA, LIST) or name.split("/")[0] in ("environment", "report")
    if not (known or _is_restored(name)):
        return "holds a file that is neither configuration nor results"
    return ""


def _is_restored(name: str) -> bool:
    """Whether a file is put back; all others are for readers of the archive.

    Names are given, endings among them: no code is, which a later command might import.
    """
    results = _INSIDE.fullmatch(name) or _BESIDE.fullmatch(name)
    return name == CONFIGURATION or bool(results or _STUDY.fullmatch(name))


def _same(path: Path, digest: str) -> bool:
    return path.is_file() and digest_file(path) == digest


def _check_plugins(archive: _Archive, trusted: Collection[str]) -> None:
    """Refuse studies whose package is not known to be harmless: commands import it.

    Raises
    ------
    ConfigError
        Naming the package.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name in filter(_STUDY.fullmatch, archive.digests):
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                for block in archive.blocks(name):
                    file.write(block)
            try:
                package = plugin_name(path)
            except ConfigError as error:
                reason = str(error).replace(f"{folder}/", "")
                raise archive.wrong(f"holds a damaged configuration ({reason})") from None
            if package.split(".")[0] not in {"trainscape", *trusted}:
                raise ConfigError(
                    f"{archive.path}: {name} names the package {package}, which every command "
                    "would import from then on. If you know it and trust it, add `--trust "
                    f"{package.split('.')[0]}`. Nothing was written."
                )


def _in_the_way(files: Mapping[str, str], into: Path) -> tuple[list[str], bool]:
    """Return the files that are there with another content, and whether the configuration is one.

    That one is no result: it says how to run on this machine, and stays.
    """
    others = [
        name
        for name, digest in files.items()
        if os.path.lexists(into / name) and not _same(into / name, digest)
    ]
    return [name for name in others if name != CONFIGURATION], CONFIGURATION in others


def _write(archive: _Archive, name: str, path: Path) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    state = hashlib.sha256()
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("wb") as file:
                _copy(archive.blocks(name), file, state)
            if state.hexdigest() != archive.digests[name]:
                raise archive.wrong(f"changed while it was read, at {name}")
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def _copy(blocks: Iterator[bytes], file: IO[bytes], state: hashlib._Hash) -> None:
    for block in blocks:
        state.update(block)
        file.write(block)


def _check_space(archive: _Archive, into: Path) -> None:
    present = next(folder for folder in (into, *into.absolute().parents) if folder.exists())
    free = shutil.disk_usage(present).free
    if archive.size > free:
        raise ConfigError(
            f"{archive.path} needs {archive.size / 2**20:.0f} MiB, and {present} has "
            f"{free / 2**20:.0f} MiB free. Make room, or name another folder (--into)."
        )


def _open(path: Path) -> zipfile.ZipFile:
    try:
        if not path.is_file():  # opening a pipe would wait for whoever writes into it
            raise ValueError("there is no such file" if not path.exists() else "it is no file")
        return zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(
            f"{path} cannot be read as an archive ({reason}). Name a file that `trainscape "
            "archive` wrote."
        ) from None


def restore_archive(
    path: Path, into: Path, *, largest: int, trusted: Collection[str] = ()
) -> Restored:
    """Put the configuration and the results of an archive into a folder.

    Files that are there with the same content stay, so that a restore that was killed is completed
    by the same command. All get one time, so that no output looks older than its input.

    Parameters
    ----------
    path
        The archive.
    into
        The folder, which is made if need be.
    largest
        Most bytes of all files together.
    trusted
        Packages outside of trainscape whose studies are accepted.

    Raises
    ------
    ConfigError
        If it is no archive, or damaged, or too large, or if other files are in the way. Nothing is
        written then.
    CannotWriteError
        Saying why, and what to do.
    """
    with _open(path) as file:
        archive = _Archive(path, file, largest)
        files = {name: one for name, one in archive.digests.items() if _is_restored(name)}
        places = {tuple(name.split("/")[1:3]) for name in files if name.startswith("results/")}
        if len({preset for preset, _ in places}) != 1:
            raise archive.wrong("does not hold the results of one preset")
        _check_plugins(archive, trusted)
        others, kept = _in_the_way(files, into)
        if others:
            more = f" and {len(others) - 5} more" if len(others) > 5 else ""
            raise ConfigError(
                f"{into} holds other files than {path}: {', '.join(others[:5])}{more}. Nothing "
                "was written. Name a new folder (--into), or move these away."
            )
        _check_space(archive, into)
        for name in archive.digests:
            archive.check(name)
        wanted = [name for name in files if name != CONFIGURATION or not kept]
        for name in wanted:
            if not (into / name).exists():
                _write(archive, name, into / name)
        now = time.time_ns()
        for name in wanted:
            with writing(into / name):
                os.utime(into / name, ns=(now, now))
    studies = sorted(study for _, study in places)
    return Restored(len(wanted), next(iter(places))[0], studies, kept)
