"""The folder of a report: what is written into it, and what of an earlier report is removed."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from trainscape.pipeline.errors import ConfigError
from trainscape.pipeline.request import Request
from trainscape.pipeline.site.comparison import compare, other_preset
from trainscape.pipeline.site.contents import read_studies
from trainscape.pipeline.site.files import LIST, listed_files, write_list
from trainscape.pipeline.site.pages import data_path, pages
from trainscape.storage.atomic import write_atomic

__all__ = ["write_report"]


def _earlier_files(folder: Path, *, own: bool) -> list[Path]:
    """Return the files of the report that is in a folder; our `own` may have lost its list.

    Raises
    ------
    ConfigError
        If something else is in it.
    """
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"--output {folder} is a file; name a folder")
    if not folder.is_dir() or not any(folder.iterdir()):
        return []
    if own and not (folder / LIST).is_file():
        return []
    if not (folder / LIST).is_file():
        raise ConfigError(
            f"--output {folder} has files that are no report of trainscape; name an empty or a "
            "new folder"
        )
    return listed_files(folder)


def write_report(
    requests: Sequence[Request], output: Path, *, command: str, other: Path | None = None
) -> Path:
    """Write the report of what is finished; return its first page.

    Parameters
    ----------
    requests
        All requests of the studies to report, of one preset.
    output
        Folder of the report: new, empty, or with an earlier report, which is replaced.
    command
        What was typed, for the foot of the pages.
    other
        Folder of results to compare with.

    Raises
    ------
    ConfigError
        If `output` holds something else, or `other` holds no finished figures.
    """
    preset = requests[0].preset
    own = output == requests[0].root / preset / "report"
    earlier = _earlier_files(output, own=own)
    before = None if other is None else other_preset(other, preset)
    studies = read_studies(requests)
    comparison = None if before is None else compare(studies, before)
    written: list[Path] = []
    for study in studies:
        for figure in study.figures:
            for file in figure.files:
                target = output / data_path(figure, file.suffix[1:])
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, target)
                written.append(target)
    for path, text in pages(studies, preset, command, comparison):
        target = output / path
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(target, text.encode())
        written.append(target)
    write_list(output, written)
    for gone in set(earlier) - set(written):
        gone.unlink(missing_ok=True)
        if gone.parent.is_dir() and not any(gone.parent.iterdir()):
            gone.parent.rmdir()
    return output / "index.html"
