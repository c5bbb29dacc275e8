"""Requests: what one stage of one family, or the figures of one group, have to compute.

A request is resolved from the configuration and written where the stage and Snakemake read it. It
is complete: the runner needs no configuration beside it. It is an input of the Snakemake rule, so
that a changed setting or changed code reruns exactly the stages that it concerns, also on a machine
that has the results but not Snakemake's memory of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from trainscape.pipeline.building import build_families, key_of_repetition
from trainscape.pipeline.cells import cell_name, problems_of_cells, problems_of_reads
from trainscape.pipeline.config import LoadedStudy
from trainscape.pipeline.discovery import FigureInfo, figures_of
from trainscape.pipeline.errors import ConfigError
from trainscape.pipeline.fingerprint import fingerprint
from trainscape.storage.atomic import write_atomic
from trainscape.storage.digests import digest
from trainscape.storage.paths import StagePaths
from trainscape.storage.records import CELL_NAME
from trainscape.studies.contract import Family, Group, Parameter, Purpose, Stage, StagePlan

__all__ = [
    "RESULTS",
    "SCHEMA",
    "CellRequest",
    "Request",
    "Step",
    "groups_by_study",
    "read_request",
    "request_content",
    "requests",
    "write_request",
]

SCHEMA = 1
"""Version of the layout of stores and records. Part of every chunk key."""

RESULTS = Path("results")

NAME = r"[a-z][a-z0-9_]*"
"""What names of studies, families, groups and figures look like: they become names of files."""

Name = Annotated[str, Field(pattern=f"^{NAME}$")]


class _Record(BaseModel):
    # The files lie among data that may come from elsewhere: what they say is checked.
    model_config = ConfigDict(extra="forbid", frozen=True)


class Step(_Record):
    """A module and the fingerprint of the code that it consists of and imports."""

    module: Annotated[str, Field(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$")]
    fingerprint: str


class CellRequest(_Record):
    """A cell as a request names it; `samples` is None for a deterministic cell.

    The other fields are those of `trainscape.studies.contract.Cell`.
    """

    name: Annotated[str, Field(pattern=CELL_NAME)]
    parameters: dict[str, Parameter]
    samples: int | None
    seconds: float
    memory: int
    disk: int
    segment_seconds: float | None = None


class Request(_Record):
    """What is wanted of one stage of one family, or of the figures of one group.

    Parameters
    ----------
    family
        Family, or the group of the figures.
    seeds
        For each purpose the cell parameters that its random streams depend on.
    reads
        Stage and family of everything that is read.
    inputs
        Stages that the sampled step reads, cell by cell.
    sample, summary
        The steps, where the stage has them.
    draw, judge
        The modules of figures and claims, where the group has them.
    figures
        The figures of the group.
    root
        Folder of the results; not part of the file.
    """

    schema_version: int = SCHEMA
    study: Name
    preset: Name
    stage: Stage
    family: Name
    entropy: Annotated[str, Field(pattern="^[0-9]{1,39}$")]
    seeds: dict[Purpose, tuple[str, ...]] = {}
    reads: tuple[tuple[Stage, Name], ...] = ()
    inputs: tuple[Stage, ...] = ()
    cells: tuple[CellRequest, ...] = ()
    block: int = 1
    options: dict[str, Parameter] = {}
    sample: Step | None = None
    summary: Step | None = None
    draw: Step | None = None
    judge: Step | None = None
    figures: tuple[FigureInfo, ...] = ()
    root: Path = Field(RESULTS, exclude=True)

    @property
    def paths(self) -> StagePaths:
        """Where the stage keeps its files."""
        return StagePaths(self.root, self.preset, self.study, str(self.stage), self.family)

    @property
    def upstream(self) -> list[StagePaths]:
        """Paths of the stages that are read."""
        paths = self.paths
        return [
            StagePaths(paths.root, paths.preset, paths.study, str(stage), family)
            for stage, family in self.reads
        ]

    @property
    def steps(self) -> list[Step]:
        """All steps that there are."""
        return [step for step in (self.sample, self.summary, self.draw, self.judge) if step]

    def kept_seconds(self, cell: CellRequest) -> float:
        """Return the estimated core-seconds of the least that a job keeps of a cell.

        One block, or one segment of it where the step has checkpoints: what a kill can cost.
        """
        block = cell.seconds * (1 if cell.samples is None else self.block)
        return block if cell.segment_seconds is None else min(block, cell.segment_seconds)

    @cached_property
    def digest(self) -> str:
        """Digest of the whole request."""
        return digest(self.model_dump(mode="json"))


def _problems_of_steps(where: str, plan: StagePlan) -> Iterator[str]:
    if plan.cells and plan.sample is None:
        yield f"{where}: has cells, but names no module for the sampled step"
    if plan.sample is None and plan.summary is None:
        yield f"{where}: names no module, neither for a sampled step nor for a summary"


def _step(group: Group, module: str | None) -> Step | None:
    if module is None:
        return None
    name = module if "." in module else f"{group.package}.{module}"
    return Step(module=name, fingerprint=fingerprint((name,)))


def _family_requests(
    loaded: LoadedStudy, group: Group, family: Family, root: Path
) -> Iterator[Request]:
    problems: list[str] = []
    for stage, plan in family.stages.items():
        where = (
            f"{loaded.file}: presets.{loaded.preset}.{group.name}: family {family.name}, "
            f"stage {stage}"
        )
        problems += [
            *problems_of_cells(where, plan.cells, partial(key_of_repetition, loaded, group)),
            *_problems_of_steps(where, plan),
            *problems_of_reads(where, plan, family),
        ]
    if problems:
        raise ConfigError(problems)
    for stage in (stage for stage in Stage if stage in family.stages):
        plan = family.stages[stage]
        read = [read for read in Stage if read in (*plan.reads, *plan.summary_reads)]
        yield Request(
            study=loaded.study.name,
            preset=loaded.preset,
            stage=stage,
            family=family.name,
            entropy=str(loaded.entropy),
            seeds=dict(family.seeds),
            reads=tuple((stage, family.name) for stage in read),
            inputs=plan.reads,
            cells=tuple(
                CellRequest(
                    name=cell_name(cell.parameters),
                    parameters=dict(cell.parameters),
                    samples=cell.samples,
                    seconds=cell.seconds,
                    memory=int(cell.memory),
                    disk=int(cell.disk),
                    segment_seconds=cell.segment_seconds,
                )
                for cell in plan.cells
            ),
            block=plan.block,
            options=dict(plan.options),
            sample=_step(group, plan.sample),
            summary=_step(group, plan.summary),
            root=root,
        )


def _figures_request(
    loaded: LoadedStudy, group: Group, families: list[Request], root: Path
) -> Request | None:
    """Return the request of a group's figures and claims, None if it has neither."""
    info = figures_of(group.package)
    if not info.figures and not info.claims:
        return None
    return Request(
        study=loaded.study.name,
        preset=loaded.preset,
        stage=Stage.FIGURES,
        family=group.name,
        entropy=str(loaded.entropy),
        reads=tuple((request.stage, request.family) for request in families),
        draw=_step(group, "figures") if info.figures else None,
        judge=_step(group, "claims") if info.claims else None,
        figures=info.figures,
        root=root,
    )


def _check_names(study: str, kind: str, names: list[str]) -> None:
    wrong = {name for name in names if names.count(name) > 1 or not re.fullmatch(NAME, name)}
    if wrong:
        raise ConfigError(
            f"study {study}: {kind} names must be unique lower-case identifiers, not "
            f"{', '.join(sorted(wrong))}"
        )


def requests(loaded: LoadedStudy, root: Path = RESULTS) -> list[Request]:
    """Return the requests of a study, in the order in which they can run; the figures come last.

    Raises
    ------
    ConfigError
        If the families that the settings lead to are not sound.
    """
    name = loaded.study.name
    groups = build_families(loaded)
    _check_names(name, "family", [family.name for _, families in groups for family in families])
    stages: list[Request] = []
    figures: list[Request] = []
    for group, families in groups:
        own = [
            request
            for family in families
            for request in _family_requests(loaded, group, family, root)
        ]
        own.sort(key=lambda request: list(Stage).index(request.stage))
        stages += own
        request = _figures_request(loaded, group, own, root)
        figures += [request] if request is not None else []
    _check_names(name, "figure", [info.name for request in figures for info in request.figures])
    stages.sort(key=lambda request: list(Stage).index(request.stage))
    return stages + figures


def groups_by_study(requests: Sequence[Request]) -> list[list[Request]]:
    """Return the requests of figures, those of one study together."""
    figures = [request for request in requests if request.stage is Stage.FIGURES]
    names = dict.fromkeys(request.study for request in figures)
    return [[one for one in figures if one.study == name] for name in names]


def request_content(request: Request) -> bytes:
    """Return the content of a request's file."""
    body = request.model_dump(mode="json")
    return (json.dumps(body, indent=1, sort_keys=True) + "\n").encode()


def write_request(request: Request) -> bool:
    """Write the request file if its content differs, atomically; return whether it did.

    An unchanged file keeps its time stamp.
    """
    content = request_content(request)
    path = request.paths.request
    if path.exists() and path.read_bytes() == content:
        return False
    write_atomic(path, content)
    return True


def read_request(paths: StagePaths) -> Request:
    """Read a request file.

    Raises
    ------
    ConfigError
        If there is none, or it is not the request of these paths.
    """
    try:
        request = Request.model_validate_json(paths.request.read_bytes())
    except FileNotFoundError:
        raise ConfigError(
            f"{paths.request} does not exist. Snakemake writes it: run `snakemake -n` or `make "
            "figures` first."
        ) from None
    except ValidationError as error:
        reason = error.errors()[0]
        where = ".".join(map(str, reason["loc"])) or "top level"
        raise ConfigError(
            f"{paths.request} is damaged ({where}: {reason['msg']}). Delete it and run `snakemake "
            "-n` to write it again."
        ) from None
    request = request.model_copy(update={"root": paths.root})
    if request.paths != paths:
        raise ConfigError(
            f"{paths.request} is the request of {request.paths}. Delete it and run `snakemake -n` "
            "to write it again."
        )
    return request
