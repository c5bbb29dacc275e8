"""Times of files, by which Snakemake tells what is out of date, in line with their contents.

Copies and clocks that are wrong leave times in any order. What is complete is known from contents:
a manifest names its request and the manifests that it rests on. So where these agree, an output
that looks older than its input is dated like it, and where they do not, a manifest that looks newer
than its request is dated before it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from trainscape.pipeline.request import Request, groups_by_study
from trainscape.pipeline.verify import verify_claims
from trainscape.storage.digests import digest_file
from trainscape.storage.manifest import ManifestMissingError, read_manifest
from trainscape.storage.paths import study_claims
from trainscape.storage.write_errors import writing

__all__ = ["settle_times"]

SECOND = 10**9


def settle_times(requests: Sequence[Request]) -> None:
    """Date the outputs of finished stages in the order in which they rest on each other.

    Parameters
    ----------
    requests
        In the order in which they can run.

    Raises
    ------
    CannotWriteError
        If a time has to be set and cannot be.
    """
    _end_the_future(requests)
    done: set[Path] = set()
    for request in requests:
        paths = request.paths
        try:
            manifest = read_manifest(paths)
        except ManifestMissingError:
            continue
        if not _fits(request, manifest, done):
            # Snakemake has to see that it is out of date, whatever the clock said.
            newest = _time(paths.request)
            if manifest["request"] != request.digest and _time(paths.manifest) >= newest:
                _date(paths.manifest, newest - SECOND)
            continue
        done.add(paths.manifest)
        drawn = (paths.folder / file for info in request.figures for file in info.files)
        inputs = (paths.request, *(other.manifest for other in request.upstream))
        _after(inputs, (paths.manifest, *drawn))
    for groups in groups_by_study(requests):
        path = study_claims(groups[0].paths.root, groups[0].paths.preset, groups[0].study)
        if path.exists() and not verify_claims(groups):
            _after((one.paths.manifest for one in groups if one.paths.manifest in done), (path,))


def _end_the_future(requests: Sequence[Request]) -> None:
    """End times in the future.

    Snakemake takes an output that is older than its input for a mistake of the clock, and deletes
    it: a stage whose request, or whose upstream manifest, is dated in the future would lose its
    manifest each time that it has just been made.
    """
    # One moment for all, so that none of these files becomes newer than another.
    now = time.time_ns()
    for request in requests:
        for path in (request.paths.request, request.paths.manifest):
            if path.exists() and _time(path) > now:
                _date(path, now)


def _fits(request: Request, manifest: dict[str, Any], done: set[Path]) -> bool:
    """Whether a manifest stands for the request and for what lies upstream now."""
    if manifest["request"] != request.digest:
        return False
    return all(
        other.manifest in done
        and manifest["upstream"].get(f"{other.stage}/{other.family}") == digest_file(other.manifest)
        for other in request.upstream
    )


def _time(path: Path) -> int:
    return path.stat().st_mtime_ns


def _date(path: Path, time_ns: int) -> None:
    with writing(path):
        os.utime(path, ns=(time_ns, time_ns))


def _after(inputs: Iterable[Path], outputs: Iterable[Path]) -> None:
    """Date outputs that are older than an input like the newest input."""
    newest = max((_time(path) for path in inputs if path.exists()), default=0)
    for path in outputs:
        if path.exists() and _time(path) < newest:
            _date(path, newest)
