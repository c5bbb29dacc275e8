"""What a report shows, read from the files of a run: finished or not, without opening a store.

Everything here comes from JSON beside the data (requests, manifests, provenance, ledgers), so that
it takes a second and needs no numerical library; `atlas` alone opens stores.
"""

from __future__ import annotations

import csv
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trainscape.pipeline.claims_files import ORIGINS, read_records
from trainscape.pipeline.discovery import FigureInfo
from trainscape.pipeline.errors import ConfigError
from trainscape.pipeline.request import Request
from trainscape.storage.digests import digest_file
from trainscape.storage.ledger import read_ledger
from trainscape.storage.manifest import ManifestMissingError, read_manifest
from trainscape.storage.paths import StagePaths
from trainscape.storage.records import read_facts
from trainscape.studies.contract import Stage

__all__ = [
    "ROWS",
    "Claim",
    "Figure",
    "Group",
    "StageCost",
    "Study",
    "claims_of",
    "manifest_of",
    "read_studies",
]

ROWS = {"plot": 20, "table": 200}
"""Lines of its table that a page shows of a figure; the whole table is a file beside it."""


def manifest_of(paths: StagePaths) -> dict[str, Any] | None:
    """Return the manifest of a stage; None if there is none, or none that can be read."""
    try:
        return read_manifest(paths)
    except ManifestMissingError:
        return None


def claims_of(paths: StagePaths) -> list[dict[str, Any]]:
    """Return the claims of a group; none, if they cannot be read."""
    try:
        return read_records(paths.claims)
    except ConfigError:
        return []


@dataclass(frozen=True)
class Figure:
    """A finished figure, its files, and its caption.

    Parameters
    ----------
    study, group
        Where it belongs.
    info
        Name, kind and files.
    title, caption
        Texts with formulas between dollar signs.
    folder
        Where its files lie.
    digests
        SHA-256 of each of its files, by name.
    """

    study: str
    group: str
    info: FigureInfo
    title: str
    caption: str
    folder: Path
    digests: Mapping[str, str]

    @property
    def name(self) -> str:
        """Name of the figure, unique in its study."""
        return self.info.name

    @property
    def files(self) -> list[Path]:
        """Those of its files that are there."""
        paths = (self.folder / name for name in self.info.files)
        return [path for path in paths if path.is_file()]

    @property
    def picture(self) -> Path | None:
        """The PNG, if the figure is a plot."""
        return next((path for path in self.files if path.suffix == ".png"), None)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the PNG in pixels, from its header; zero without one."""
        if self.picture is None:
            return 0, 0
        with self.picture.open("rb") as file:
            header = file.read(24)
        if len(header) < 24:
            return 0, 0
        width, height = struct.unpack(">II", header[16:24])
        return int(width), int(height)

    def table(self) -> tuple[list[list[str]], int]:
        """Return header and first lines of its table, and how many lines there are."""
        path = next((path for path in self.files if path.suffix == ".csv"), None)
        if path is None:
            return [], 0
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        return rows[: ROWS[self.info.kind] + 1], max(0, len(rows) - 1)


@dataclass(frozen=True)
class Claim:
    """A claim with its verdict.

    Parameters
    ----------
    study, group
        Where it belongs.
    record
        What the group's file of claims says of it.
    commit, dirty, ended
        State of the code by which it was judged, and when.
    digests
        For the records that vouch for it, their paths and SHA-256.
    """

    study: str
    group: str
    record: Mapping[str, Any]
    commit: str
    dirty: bool
    ended: str
    digests: Mapping[str, str]

    @property
    def name(self) -> str:
        """Identifier of the claim, unique in its study."""
        return str(self.record["id"])

    @property
    def page(self) -> str:
        """Path of its page in the report."""
        return f"claims/{self.study}/{self.name}.html"


@dataclass(frozen=True)
class StageCost:
    """What one stage of a family, or the figures of a group, were to cost, and did.

    Parameters
    ----------
    planned
        Core-seconds by the estimates of the study; zero for figures, which have none.
    chunks
        Core-seconds of the finished chunks, from the ledger.
    job
        CPU-seconds of the last job, start-up and summary included; None before it ended.
    memory_planned, memory
        Bytes of a task, and the peak of the last job; zero if not known.
    done, failed
        Numbers of chunks.
    state
        ``complete``, ``out of date`` (complete, but for other settings, code or data) or
        ``incomplete``.
    """

    study: str
    stage: str
    family: str
    planned: float
    chunks: float
    job: float | None
    memory_planned: int
    memory: int
    done: int
    failed: int
    state: str


@dataclass(frozen=True)
class Group:
    """A group: what of its figures and claims is finished.

    Parameters
    ----------
    pending
        Names of figures that are not there yet.
    state
        As in `StageCost`.
    """

    name: str
    state: str
    figures: list[Figure] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Study:
    """A study: its groups in their order, the costs of its stages, the facts of its jobs."""

    name: str
    groups: list[Group]
    costs: list[StageCost]
    facts: list[dict[str, Any]]

    @property
    def claims(self) -> list[Claim]:
        """All claims: those of the paper first, then what was derived, then checks of the code."""
        order = list(ORIGINS)
        return sorted(
            (claim for group in self.groups for claim in group.claims),
            key=lambda claim: order.index(claim.record["origin"]),
        )

    @property
    def figures(self) -> list[Figure]:
        """All finished figures."""
        return [figure for group in self.groups for figure in group.figures]


def _states(requests: Sequence[Request]) -> dict[tuple[str, str], str]:
    """Return the state of each stage and family of a study.

    What is complete for its own request is out of date all the same if something that it reads is
    not complete: a run would compute it again.
    """
    own = {}
    for request in requests:
        manifest = manifest_of(request.paths)
        if manifest is None:
            state = "incomplete"
        else:
            state = "complete" if manifest.get("request") == request.digest else "out of date"
        own[str(request.stage), request.family] = state
    reads = {(str(one.stage), one.family): one.reads for one in requests}

    def is_complete(key: tuple[str, str]) -> bool:
        sources = [(str(stage), family) for stage, family in reads.get(key, ())]
        return own.get(key) == "complete" and all(map(is_complete, sources))

    return {
        key: "out of date" if state == "complete" and not is_complete(key) else state
        for key, state in own.items()
    }


def _cost(request: Request, facts: Mapping[str, Any], state: str) -> StageCost:
    wanted = {cell.name for cell in request.cells}
    entries = [
        entry for entry in read_ledger(request.paths.ledger).values() if entry.cell in wanted
    ]
    done = [entry for entry in entries if entry.status != "failed"]
    return StageCost(
        study=request.study,
        stage=str(request.stage),
        family=request.family,
        planned=sum(cell.seconds * (cell.samples or 1) for cell in request.cells),
        chunks=sum(entry.seconds for entry in done),
        job=facts.get("cpu_seconds"),
        memory_planned=max((cell.memory for cell in request.cells), default=0),
        memory=int(facts.get("peak_memory_bytes", 0)),
        done=len(done),
        failed=len(entries) - len(done),
        state=state,
    )


def _records_behind(record: Mapping[str, Any], paths: StagePaths) -> dict[str, str]:
    """Return the digests of the manifests of a claim's group and of the store it was read from."""
    behind = [paths.manifest]
    if record["store"]:
        behind.append(Path(str(record["store"]).removesuffix(".zarr") + ".manifest.json"))
    return {path.as_posix(): digest_file(path) for path in behind if path.is_file()}


def _group(request: Request, state: str) -> Group:
    """Return what is finished of a group. Its manifest comes last, so without it nothing is."""
    paths = request.paths
    manifest, records = manifest_of(paths), claims_of(paths)
    if manifest is None:
        return Group(request.family, state, pending=[info.name for info in request.figures])
    facts = read_facts(paths.provenance)
    captions, digests = manifest.get("captions", {}), manifest.get("files", {})
    finished = [info for info in request.figures if info.name in captions]
    figures = [
        Figure(
            request.study,
            request.family,
            info,
            captions[info.name]["title"],
            captions[info.name]["caption"],
            paths.folder,
            {name: digests[name] for name in info.files if name in digests},
        )
        for info in finished
    ]
    claims = [
        Claim(
            request.study,
            request.family,
            record,
            str(facts.get("commit", "")),
            bool(facts.get("dirty")),
            str(facts.get("ended", "")),
            _records_behind(record, paths),
        )
        for record in records
    ]
    pending = [info.name for info in request.figures if info not in finished]
    return Group(request.family, state, figures, claims, pending)


def read_studies(requests: Sequence[Request]) -> list[Study]:
    """Return what there is of each study, in the order of the requests.

    Parameters
    ----------
    requests
        All requests of the studies, of one preset.
    """
    studies = []
    for name in dict.fromkeys(request.study for request in requests):
        own = [request for request in requests if request.study == name]
        facts = [read_facts(request.paths.provenance) for request in own]
        found = _states(own)
        states = [found[str(request.stage), request.family] for request in own]
        groups = [
            _group(request, state)
            for request, state in zip(own, states, strict=True)
            if request.stage is Stage.FIGURES
        ]
        costs = [_cost(*one) for one in zip(own, facts, states, strict=True)]
        studies.append(Study(name, groups, costs, [one for one in facts if one]))
    return studies
