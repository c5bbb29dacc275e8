"""What was drawn of a group, kept figure by figure, so that a kill costs one figure.

Snakemake removes the files of a job before it starts the job again, so they are kept beside: in
``<group>.drawn``, with a record for each figure of what it was drawn from. A figure whose record
stands is not drawn again. The claims of the group are kept alike.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from trainscape.storage.atomic import write_atomic, write_json
from trainscape.storage.digests import digest_file
from trainscape.storage.sealed import is_intact, sealed
from trainscape.storage.write_errors import writing

__all__ = ["DrawnFiles"]


class DrawnFiles:
    """The kept files of one group.

    Parameters
    ----------
    kept
        Folder of the copies and the records.
    folder
        Folder of the figures.
    """

    def __init__(self, kept: Path, folder: Path) -> None:
        self.kept = kept
        self.folder = folder

    def _record(self, name: str) -> Path:
        return self.kept / f"{name}.record.json"

    def take(self, name: str, key: str, files: Sequence[str]) -> str | None:
        """Put kept files in their place and return the caption; None if there are none.

        Parameters
        ----------
        name, files
            The figure and its files.
        key
            Digest of everything that it is drawn from.
        """
        try:
            record: dict[str, Any] = json.loads(self._record(name).read_bytes())
            if not is_intact(record) or record["key"] != key or set(record["files"]) != set(files):
                return None
            contents = {file: (self.kept / file).read_bytes() for file in files}
            if any(digest_file(self.kept / file) != record["files"][file] for file in files):
                return None
        except (OSError, ValueError, KeyError, TypeError):
            return None
        for file, content in contents.items():
            path = self.folder / file
            if not path.exists() or path.read_bytes() != content:
                write_atomic(path, content)
        return str(record["caption"])

    def keep(self, name: str, key: str, files: Sequence[str], caption: str) -> None:
        """Keep the files of a figure that was just drawn."""
        with writing(self._record(name)):
            self._record(name).unlink(missing_ok=True)
        for file in files:
            write_atomic(self.kept / file, (self.folder / file).read_bytes())
        digests = {file: digest_file(self.kept / file) for file in files}
        record = {"key": key, "files": digests, "caption": caption}
        write_json(self._record(name), sealed(record))

    def discard_others(self, names: Collection[str], files: Collection[str]) -> None:
        """Remove what is kept of figures that the group does not have any more."""
        known = {*files, *(self._record(name).name for name in names)}
        for path in self.kept.iterdir() if self.kept.is_dir() else ():
            if path.name not in known:
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
