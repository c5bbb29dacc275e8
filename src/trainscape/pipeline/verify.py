"""Walk from the figures down to every chunk that they rest on, and name each broken link."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainscape.pipeline.claims_files import study_records
from trainscape.pipeline.errors import ConfigError
from trainscape.pipeline.request import Request, read_request
from trainscape.storage.digests import digest_file
from trainscape.storage.ledger import read_ledger
from trainscape.storage.manifest import ManifestMissingError, read_manifest
from trainscape.storage.paths import StagePaths, study_claims
from trainscape.storage.provenance import versions
from trainscape.storage.store import SUMMARY, ChunkUnreadableError, Store

__all__ = ["StageReport", "verify_claims", "verify_stage", "version_warnings", "was_started"]


@dataclass(frozen=True)
class StageReport:
    """What was found out about one stage.

    `checked` chunks or tables, and the problems, each a sentence that names the place. A stage that
    was never `started` has neither.
    """

    paths: StagePaths
    checked: int
    problems: list[str]
    started: bool = True


def _check_upstream(
    paths: StagePaths, manifest: dict[str, Any], reads: list[StagePaths]
) -> Iterator[str]:
    for other in reads:
        name = f"{other.stage}/{other.family}"
        if not other.manifest.exists():
            yield f"{paths.manifest} rests on {name}, which has no manifest any more"
        elif digest_file(other.manifest) != manifest["upstream"].get(name):
            yield (
                f"{paths.manifest} rests on another version of {name} "
                f"than {other.manifest} describes now"
            )


def _check_chunks(paths: StagePaths, manifest: dict[str, Any]) -> Iterator[str | None]:
    """Yield None for each chunk that is as recorded, and a problem for each other."""
    entries = read_ledger(paths.ledger)
    store = Store(paths.store)
    if problem := store.root_problem():
        yield problem
    cells = [(cell["name"], cell["samples"]) for cell in manifest["cells"]]
    if manifest["summary"] is not None:
        cells.append((SUMMARY, None))
    for cell, samples in cells:
        if store.chunk_length(cell) is None:
            yield (
                f"{paths.store}: cell {cell} cannot be opened, and with it all its chunks are lost"
            )
            continue
        for chunk in range(store.chunks(cell, samples)):
            where = f"{paths.store}: cell {cell}, chunk {chunk}"
            entry = entries.get((cell, chunk))
            if entry is None or entry.status == "failed":
                yield f"{where}: the ledger has no finished entry"
                continue
            try:
                intact = store.hash(cell, chunk) == entry.hash
            except ChunkUnreadableError as error:
                yield f"{where}: cannot be read back ({error})"
                continue
            yield None if intact else f"{where}: the values are not those that were recorded"


def _check_digests(paths: StagePaths, manifest: dict[str, Any]) -> Iterator[str]:
    store = Store(paths.store)
    lines = [(cell["name"], cell["samples"], cell["digest"]) for cell in manifest["cells"]]
    if manifest["summary"] is not None:
        lines.append((SUMMARY, None, manifest["summary"]["digest"]))
    for cell, samples, digest in lines:
        if store.digest(cell, samples) != digest:
            yield f"{paths.store}: cell {cell}: its digest is not the one in {paths.manifest}"


def _check_files(paths: StagePaths, manifest: dict[str, Any]) -> Iterator[str | None]:
    for file, digest in manifest["files"].items():
        path: Path = paths.folder / file
        if not path.exists():
            yield f"{path} is missing"
        else:
            yield (
                None
                if digest_file(path) == digest
                else f"{path} is not the file that {paths.manifest} names"
            )


def was_started(paths: StagePaths) -> bool:
    """Return whether a stage has left anything but its request, which is written beforehand.

    An empty ledger is left by a run that was refused.
    """
    made = (paths.manifest, paths.store, paths.provenance, paths.claims)
    return any(path.exists() for path in made) or bool(read_ledger(paths.ledger))


def verify_stage(request: Request) -> StageReport:
    """Check one stage.

    Request, manifest, its links upwards, and every chunk or table that it vouches for. A stage that
    was never started is not damaged; what rests on it names it, if anything does.
    """
    paths = request.paths
    if not was_started(paths):
        return StageReport(paths, 0, [], started=False)
    try:
        manifest = read_manifest(paths)
        written = read_request(paths)
    except (ManifestMissingError, ConfigError) as error:
        return StageReport(paths, 0, [str(error)])
    problems: list[str] = []
    if written.digest != request.digest:
        problems.append(
            f"{paths.request} is not what the configuration and the code ask for now; run `make "
            "figures`"
        )
    if manifest["request"] != written.digest:
        problems.append(
            f"{paths.manifest} was written for another request than {paths.request}; run `make "
            "figures`"
        )
    problems += _check_upstream(paths, manifest, request.upstream)
    outcomes = list(
        _check_files(paths, manifest) if "files" in manifest else _check_chunks(paths, manifest)
    )
    damage = [problem for problem in outcomes if problem is not None]
    problems += damage
    if not damage and "files" not in manifest:
        problems += _check_digests(paths, manifest)
    return StageReport(paths, len(outcomes), problems)


def verify_claims(groups: list[Request]) -> list[str]:
    """Return what is wrong with the claims of a study, given its groups' figures requests."""
    first = groups[0].paths
    path = study_claims(first.root, first.preset, first.study)
    try:
        expected = study_records(groups)
    except (OSError, ValueError):
        return []  # the groups' own reports say so
    if not path.exists():
        return [f"{path} is missing"]
    if path.read_bytes() != expected:
        return [f"{path} does not hold the claims of the groups beside it"]
    return []


def version_warnings(paths: StagePaths) -> list[str]:
    """Return one line for each package whose version is not the one that computed the stage."""
    import json

    try:
        recorded = json.loads(paths.provenance.read_text(encoding="utf-8"))["versions"]
    except (OSError, ValueError, KeyError, TypeError):
        unknown = f"nothing is known about the versions that computed {paths}"
        return [f"{paths.provenance} is missing or damaged: {unknown}"]
    installed = versions()
    return [
        f"{paths}: computed with {name} {recorded[name]}, installed is "
        f"{installed.get(name, 'none')}"
        for name in sorted(recorded)
        if recorded[name] != installed.get(name)
    ]
