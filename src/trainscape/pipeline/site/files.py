"""The list of a report's files, ``report-files.txt``, in the form of ``sha256sum``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from trainscape.storage.atomic import write_atomic
from trainscape.storage.digests import digest_file

__all__ = ["LIST", "listed_files", "report_problems", "write_list"]

LIST = "report-files.txt"
"""Names the files of a report, so that the next one knows what it may remove."""

_LINE = re.compile(r"([0-9a-f]{64})  (.+)")


def _lines(folder: Path) -> list[str]:
    return (folder / LIST).read_text(encoding="utf-8", errors="replace").splitlines()


def listed_files(folder: Path) -> list[Path]:
    """Return the files that the list of a report names, as far as they lie in its folder."""
    inside = folder.resolve()
    names = (_LINE.fullmatch(line) for line in _lines(folder))
    # The lists of earlier versions have names alone.
    paths = [
        folder / (match[2] if match else line)
        for match, line in zip(names, _lines(folder), strict=True)
        if "\0" not in line
    ]
    return [path for path in paths if path.resolve().is_relative_to(inside)]


def write_list(folder: Path, files: Iterable[Path]) -> None:
    """Write the list of a report, with the SHA-256 of each file."""
    names = {path.relative_to(folder).as_posix(): digest_file(path) for path in files}
    text = "".join(f"{digest}  {name}\n" for name, digest in sorted(names.items()))
    write_atomic(folder / LIST, text.encode())


def report_problems(folder: Path) -> list[str]:
    """Return what of a report is not as it was written. Where there is none, nothing is wrong."""
    if not folder.is_dir() or not any(folder.iterdir()):
        return []
    if not (folder / LIST).is_file():
        return [f"{folder / LIST} is missing"]
    problems = []
    named = set()
    for number, line in enumerate(_lines(folder), 1):
        match = _LINE.fullmatch(line)
        path = folder / match[2] if match else folder
        named.add(path)
        if match is None or not path.resolve().is_relative_to(folder.resolve()):
            problems.append(f"{folder / LIST}: line {number} is damaged")
        elif not path.is_file():
            problems.append(f"{path}, which {LIST} names, is missing")
        elif digest_file(path) != match[1]:
            problems.append(f"{path} holds other bytes than {LIST} says")
    if not problems and folder / "index.html" not in named:
        problems.append(f"{folder / LIST} does not name index.html")
    return problems
