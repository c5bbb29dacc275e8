"""Compare what is on the disk with what is promised of it, and name each difference.

Nothing is changed here; `mending` does that. Files are compared with the inventory of their stage,
as fast as the disk reads. Where there is none, values are read back chunk by chunk and compared
with ledger and manifest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from trainscape.pipeline.claims_files import study_records
from trainscape.pipeline.errors import ConfigError
from trainscape.pipeline.request import Request, read_request, request_content
from trainscape.pipeline.stage_files import wanted_cells
from trainscape.storage.digests import digest_file
from trainscape.storage.inventory import (
    Finding,
    Inventory,
    chunk_of,
    damaged_inventories,
    read_inventory,
)
from trainscape.storage.ledger import damaged_lines, read_ledger
from trainscape.storage.manifest import ManifestMissingError, read_manifest
from trainscape.storage.paths import StagePaths, study_claims
from trainscape.storage.provenance import versions
from trainscape.storage.records import read_facts
from trainscape.storage.sealed import SEAL, is_intact

__all__ = [
    "StageReport",
    "describe_findings",
    "verify_claims",
    "verify_stage",
    "verify_values",
    "version_warnings",
    "was_started",
]

MOST_LINES = 100
"""Problems of one stage that are named; of more, the number."""


@dataclass(frozen=True)
class StageReport:
    """What was found out about one stage.

    Parameters
    ----------
    paths
        The stage.
    checked
        Number of chunks or tables that were looked at.
    problems
        Sentences, each of which names the place.
    started
        Whether the stage was ever started. One that was not has neither.
    findings
        Files that are not as the inventory says.
    """

    paths: StagePaths
    checked: int
    problems: list[str]
    started: bool = True
    findings: list[Finding] = field(default_factory=list)


def _check_upstream(
    paths: StagePaths, manifest: Mapping[str, Any], reads: list[StagePaths]
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


def _check_chunks(paths: StagePaths, cells: Mapping[str, int | None]) -> Iterator[str | None]:
    """Yield None for each chunk that is as recorded, and a problem for each other."""
    from trainscape.storage.store import ChunkUnreadableError, Store

    entries = read_ledger(paths.ledger)
    store = Store(paths.store)
    if problem := store.root_problem():
        yield problem
    for line in damaged_lines(paths.ledger):
        yield f"{paths.ledger}: line {line} is damaged"
    for cell, samples in cells.items():
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


def _check_digests(paths: StagePaths, manifest: Mapping[str, Any]) -> Iterator[str]:
    from trainscape.storage.store import SUMMARY, Store

    store = Store(paths.store)
    lines = [(cell["name"], cell["samples"], cell["digest"]) for cell in manifest["cells"]]
    if manifest["summary"] is not None:
        lines.append((SUMMARY, None, manifest["summary"]["digest"]))
    for cell, samples, digest in lines:
        if store.digest(cell, samples) != digest:
            yield f"{paths.store}: cell {cell}: its digest is not the one in {paths.manifest}"


def _check_files(paths: StagePaths, manifest: Mapping[str, Any]) -> Iterator[str | None]:
    for file, digest in manifest["files"].items():
        path = paths.folder / file
        if not path.exists():
            yield f"{path} is missing"
        else:
            yield (
                None
                if digest_file(path) == digest
                else f"{path} is not the file that {paths.manifest} names"
            )


def _check_provenance(paths: StagePaths) -> Iterator[str]:
    """Yield what is wrong with the volatile facts; those of earlier versions have no seal."""
    import json

    try:
        facts = json.loads(paths.provenance.read_bytes())
        if not isinstance(facts, dict) or (SEAL in facts and not is_intact(facts)):
            yield f"{paths.provenance} is damaged"
    except FileNotFoundError:
        yield f"{paths.provenance} is missing"
    except (OSError, ValueError) as error:
        yield f"{paths.provenance} is damaged ({error})"


def was_started(paths: StagePaths) -> bool:
    """Return whether a stage has left anything but its request, which is written beforehand.

    An empty ledger is left by a run that was refused.
    """
    made = (paths.manifest, paths.inventory, paths.store, paths.provenance, paths.claims)
    return any(path.exists() for path in made) or bool(read_ledger(paths.ledger))


def verify_values(request: Request, manifest: Mapping[str, Any] | None) -> tuple[int, list[str]]:
    """Read back all values, or all files of figures, that a manifest vouches for.

    Returns
    -------
    checked : int
        Number of chunks or files.
    problems : list of str
        One for each that is not as recorded.
    """
    paths = request.paths
    if manifest is not None and "files" in manifest:
        outcomes = list(_check_files(paths, manifest))
    elif request.cells or request.summary is not None:
        outcomes = list(_check_chunks(paths, wanted_cells(request, manifest)))
    else:
        outcomes = []
    problems = [problem for problem in outcomes if problem is not None]
    problems += _check_provenance(paths)
    if not problems and manifest is not None and "files" not in manifest:
        problems += _check_digests(paths, manifest)
    return len(outcomes), problems


def describe_findings(
    paths: StagePaths, inventory: Inventory, findings: list[Finding]
) -> list[str]:
    """Return a sentence for each damaged file; those of a store name cell and chunk."""
    store = f"{paths.store.name}/"
    inside = [one for one in findings if one.file.startswith(store)]
    if inside and not paths.store.exists():
        findings = [one for one in findings if one not in inside]
        lost = f"{paths.store} is missing, with {len(inside)} files"
        return [lost, *describe_findings(paths, inventory, findings)]
    sentences = []
    for one in findings[:MOST_LINES]:
        where = f"{paths.folder / one.file}"
        parts = one.file.removeprefix(store).split("/")
        if one in inside and len(parts) > 1:
            cell, inner = parts[0], "/".join(parts[1:])
            chunk = chunk_of(parts, _sampled(inventory, paths, cell))
            place = "" if parts[-1] == "zarr.json" else f", chunk {chunk}"
            where = f"{paths.store}: cell {cell}{place}: {inner}"
        sentences.append(f"{where} {one.problem}")
    more = len(findings) - MOST_LINES
    return [*sentences, *([f"{paths}: {more} more files are damaged"] if more > 0 else [])]


def _sampled(inventory: Inventory, paths: StagePaths, cell: str) -> list[str]:
    """Return the sampled arrays of a cell, from its metadata as they were written."""
    import json

    from trainscape.storage.extent import OWN

    text = inventory.text(f"{paths.store.name}/{cell}/zarr.json")
    names: list[str] = (
        json.loads(text or b"{}").get("attributes", {}).get(OWN, {}).get("sampled", [])
    )
    return names


def _check_request(request: Request, manifest: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield what is wrong with the file of the request, and with what stands above the data."""
    paths = request.paths
    try:
        written = read_request(paths)
    except ConfigError as error:
        yield str(error)
        return
    if written.digest != request.digest:
        yield (
            f"{paths.request} is not what the configuration and the code ask for now; run `make "
            "figures`"
        )
    elif paths.request.read_bytes() != request_content(request):
        yield f"{paths.request} holds other bytes than are written for this configuration"
    if manifest is not None and manifest["request"] != written.digest:
        yield (
            f"{paths.manifest} was written for another request than {paths.request}; run `make "
            "figures`"
        )


def verify_stage(request: Request, *, threads: int = 1) -> StageReport:
    """Check one stage: request, manifest, its links upwards, and every file or value.

    A stage that was never started is not damaged; what rests on it names it, if anything does.

    Parameters
    ----------
    request
        The stage, for the configuration and the code of now.
    threads
        Files to read at once.
    """
    paths = request.paths
    if not was_started(paths):
        return StageReport(paths, 0, [], started=False)
    problems: list[str] = []
    manifest: dict[str, Any] | None = None
    try:
        manifest = read_manifest(paths)
    except ManifestMissingError as error:
        problems.append(str(error))
    problems += _check_request(request, manifest)
    if manifest is not None:
        problems += _check_upstream(paths, manifest, request.upstream)
    lost = damaged_inventories(paths)
    problems += [f"{path} is missing or damaged" for path in lost]
    inventory = read_inventory(paths)
    if inventory is None:
        if manifest is None and not lost:
            return StageReport(paths, 0, problems)  # not finished: the rest is in the making
        checked, damage = verify_values(request, manifest)
        return StageReport(paths, checked, problems + damage)
    findings, _ = inventory.look(hashed=True, threads=threads)
    if manifest is None:  # said already, and with its reason
        told = [one for one in findings if one.file != paths.manifest.name]
    else:
        told = findings
    problems += describe_findings(paths, inventory, told)
    return StageReport(paths, _count(request, manifest, inventory), problems, findings=findings)


def _count(request: Request, manifest: Mapping[str, Any] | None, inventory: Inventory) -> int:
    """Return the number of chunks, or of figures' files, that an inventory stands for."""
    if manifest is not None and "files" in manifest:
        return len(manifest["files"])
    paths = request.paths
    cells = wanted_cells(request, manifest)
    places = set()
    for file in inventory.files:
        parts = file.removeprefix(f"{paths.store.name}/").split("/")
        if parts[0] in cells:
            places.add((parts[0], chunk_of(parts, _sampled(inventory, paths, parts[0]))))
    return len(places)


def verify_claims(groups: list[Request]) -> list[str]:
    """Return what is wrong with the claims of a study, given its groups' figures requests."""
    first = groups[0].paths
    path = study_claims(first.root, first.preset, first.study)
    try:
        expected = study_records(groups)
    except ConfigError:
        return []  # the groups' own reports say so
    if not path.exists():
        return [f"{path} is missing"]
    if path.read_bytes() != expected:
        return [f"{path} does not hold the claims of the groups beside it"]
    return []


def version_warnings(paths: StagePaths) -> list[str]:
    """Return one line for each package whose version is not the one that computed the stage."""
    recorded = read_facts(paths.provenance).get("versions")
    if recorded is None:
        unknown = f"nothing is known about the versions that computed {paths}"
        return [f"{paths.provenance} is missing or damaged: {unknown}"]
    installed = versions()
    return [
        f"{paths}: computed with {name} {recorded[name]}, installed is "
        f"{installed.get(name, 'none')}"
        for name in sorted(recorded)
        if recorded[name] != installed.get(name)
    ]
