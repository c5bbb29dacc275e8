"""Mend what is damaged, or see to it that the next run does.

What an inventory keeps is given back as it was: manifests, ledgers, provenance, metadata of
stores. A figure is given back from its copy. Where data are damaged, the manifest of the stage is
taken away, so that Snakemake runs the stage, which computes the damaged chunks and no others.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from trainscape.pipeline.request import Request, groups_by_study
from trainscape.pipeline.site.files import report_problems
from trainscape.pipeline.stage_files import stage_files, twin, withdraw
from trainscape.pipeline.verify import (
    describe_findings,
    verify_claims,
    verify_values,
    was_started,
)
from trainscape.storage.atomic import write_atomic
from trainscape.storage.inventory import (
    Finding,
    Inventory,
    damaged_inventories,
    mend_inventories,
    read_inventory,
    take_inventory,
    write_inventory,
)
from trainscape.storage.lock import seems_held
from trainscape.storage.manifest import ManifestMissingError, read_manifest
from trainscape.storage.paths import StagePaths, study_claims
from trainscape.storage.write_errors import CannotWriteError, writing
from trainscape.studies.contract import Stage

__all__ = ["HASHED_BYTES", "Mended", "mend", "mend_report", "print_mended"]

HASHED_BYTES = 2**28
"""Bytes that a look at the start of a run reads: a quarter of a second. Of the stages beyond, only
sizes and times are looked at, and files with another time are read."""

WORTH_NOTING = 2**24
"""Bytes from which on new times of unchanged files, those of a copy, are noted in the inventory."""


@dataclass
class Mended:
    """What was done about damage.

    Parameters
    ----------
    problems
        What was found, in sentences.
    restored
        Files that are as they were again.
    again
        Stages that the next run has to complete again, and claims that it puts together.
    """

    problems: list[str] = field(default_factory=list)
    restored: list[Path] = field(default_factory=list)
    again: list[str] = field(default_factory=list)


def mend(requests: Sequence[Request], *, thorough: bool = False, threads: int = 1) -> Mended:
    """Look at all finished stages of some studies and mend them.

    Parameters
    ----------
    requests
        All requests, in the order in which they can run.
    thorough
        Hash every file. Else the first `HASHED_BYTES` are hashed, and of the rest what has another
        size or time.
    threads
        Files to read at once.

    Raises
    ------
    CannotWriteError
        If something can be mended but not written.
    """
    mended = Mended()
    budget = HASHED_BYTES
    for request in requests:
        paths = request.paths
        if seems_held(paths.lock) or not was_started(paths):
            continue
        inventory = read_inventory(paths)
        if inventory is None:
            _without_inventory(request, mended)
            continue
        mended.problems += [f"{path} is missing or damaged" for path in damaged_inventories(paths)]
        mended.restored += mend_inventories(paths)
        hashed = thorough or inventory.size <= budget
        budget -= inventory.size if hashed else 0
        _with_inventory(request, inventory, mended, hashed=hashed, threads=threads)
    for groups in groups_by_study(requests):
        problems = verify_claims(groups)
        if problems:
            first = groups[0].paths
            path = study_claims(first.root, first.preset, first.study)
            with writing(path):
                there = path.exists()
                path.unlink(missing_ok=True)
            # Missing is what the claims of an unfinished study are.
            mended.problems += problems if there else []
            mended.again += [str(path)] if there else []
    return mended


def _take_back(paths: StagePaths, mended: Mended) -> None:
    withdraw(paths)
    mended.again.append(str(paths))


def _without_inventory(request: Request, mended: Mended) -> None:
    """Read the values back; write the inventory if they are as recorded."""
    paths = request.paths
    lost = [f"{path} is missing or damaged" for path in damaged_inventories(paths)]
    try:
        manifest = read_manifest(paths)
    except ManifestMissingError as error:
        if lost or paths.manifest.exists():
            mended.problems += [*lost, str(error), *verify_values(request, None)[1]]
            _take_back(paths, mended)
        return  # else it is not finished, and runs anyway
    problems = verify_values(request, manifest)[1]
    mended.problems += lost + problems
    if problems:
        _take_back(paths, mended)
        return
    try:
        files = stage_files(request, manifest)
        inventory = take_inventory(paths.folder, [*files, paths.manifest.name])
    except FileNotFoundError as error:
        # Nothing that the values rest on: the provenance, or the claims of a group.
        mended.problems.append(f"{error.filename} is missing")
        _take_back(paths, mended)
        return
    with suppress(CannotWriteError):  # read-only results are read as they are
        write_inventory(paths, inventory)
        mended.restored += [paths.inventory, paths.inventory_copy] if lost else []


def _with_inventory(
    request: Request, inventory: Inventory, mended: Mended, *, hashed: bool, threads: int
) -> None:
    paths = request.paths
    if _figures_of_other_code(request):
        return
    findings, moved = inventory.look(hashed=hashed, threads=threads)
    if moved > WORTH_NOTING:
        with suppress(CannotWriteError):
            write_inventory(paths, inventory.with_present_times())
    if not findings:
        return
    mended.problems += describe_findings(paths, inventory, findings)
    damaged = {one.file for one in findings}
    rest = [one for one in findings if not _give_back(paths, inventory, one, damaged, mended)]
    if rest:
        _take_back(paths, mended)


def _figures_of_other_code(request: Request) -> bool:
    """Whether figures wait for being drawn anew: one of them may have been, with `redraw`."""
    try:
        return request.stage is Stage.FIGURES and (
            read_manifest(request.paths)["request"] != request.digest
        )
    except ManifestMissingError:
        return False


def _give_back(
    paths: StagePaths, inventory: Inventory, one: Finding, damaged: set[str], mended: Mended
) -> bool:
    """Write a damaged file again as it was, with its time; return whether that was possible."""
    content = inventory.text(one.file)
    if content is None:
        other = twin(paths, one.file)
        same = inventory.digest(other) == inventory.digest(one.file)
        if not same or other in damaged:
            return False
        content = (paths.folder / other).read_bytes()
    path = paths.folder / one.file
    write_atomic(path, content)
    _, time, _ = inventory.files[one.file]
    if time:
        with writing(path):
            os.utime(path, ns=(time, time))
    mended.restored.append(path)
    return True


SHOWN = 20
"""Problems that the start of a run prints; `trainscape verify` prints all."""


def print_mended(mended: Mended) -> None:
    """Print to stderr what was damaged and what becomes of it; nothing if all is in order."""
    more = len(mended.problems) - SHOWN
    lines = [f"damaged: {problem}" for problem in mended.problems[:SHOWN]]
    lines += [f"damaged: {more} more"] if more > 0 else []
    lines += [f"{len(mended.restored)} files are as they were again"] if mended.restored else []
    lines += [f"to complete again: {', '.join(mended.again)}"] if mended.again else []
    for line in lines:
        print(line, file=sys.stderr, flush=True)


def mend_report(root: Path, preset: str) -> list[str]:
    """Write a damaged report again; return what was wrong with it.

    Parameters
    ----------
    root, preset
        The report is that of all studies of the preset, beside their results.
    """
    problems = report_problems(root / preset / "report")
    if problems:
        print_mended(Mended(problems, again=[f"the report ({preset})"]))
        command = [sys.executable, "-m", "trainscape", "report", "--preset", preset]
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    return problems
