"""Requests: what one stage of one family has to compute, resolved from the configuration and written where the stage and Snakemake read it.

A request is complete: the stage runner needs no configuration beside it. It is an input of the Snakemake rule, so that a changed setting or changed
code reruns exactly the stages that it concerns, also on a machine that has the results but not Snakemake's memory of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainscape.pipeline.config import LoadedStudy, WorkflowConfig
from trainscape.pipeline.errors import ConfigError
from trainscape.pipeline.fingerprint import fingerprint
from trainscape.storage.atomic import digest, write_atomic
from trainscape.storage.paths import FIGURES_FAMILY, StagePaths
from trainscape.studies.contract import Cell, Family, Stage, StagePlan

__all__ = [
    "RESULTS",
    "SCHEMA",
    "Request",
    "cell_name",
    "check_memory",
    "read_request",
    "requests",
    "write_request",
]

SCHEMA = 1
"""Version of the layout of stores and records. Part of every chunk key."""

RESULTS = Path("results")
MAX_CELLS = 200


def cell_name(parameters: Mapping[str, Any]) -> str:
    """Return the name of a cell: its Zarr group, and what messages call it. For example ``sites-4_parameters-40``."""
    parts = [f"{key}-{value}" for key, value in parameters.items()]
    return re.sub(r"[^A-Za-z0-9_.-]", "+", "_".join(parts)) or "cell"


@dataclass(frozen=True)
class Request:
    """What is wanted of one stage of one family. `body` is the JSON value that the request file holds; `digest` that of its meaning."""

    paths: StagePaths
    body: Mapping[str, Any]

    @property
    def stage(self) -> Stage:
        """The stage."""
        return Stage(self.body["stage"])

    @property
    def cells(self) -> list[dict[str, Any]]:
        """The cells of the sampled step: name, parameters, samples (None: deterministic), and estimated seconds, memory and disk."""
        return list(self.body["cells"])

    @property
    def reads(self) -> list[StagePaths]:
        """Paths of the upstream stages."""
        paths = self.paths
        return [
            StagePaths(paths.root, paths.preset, paths.study, stage, family)
            for stage, family in self.body["reads"]
        ]

    @property
    def digest(self) -> str:
        """Digest of the whole request."""
        return digest(self.body)


def _problems_of_cells(where: str, cells: tuple[Cell, ...]) -> Iterator[str]:
    if len(cells) > MAX_CELLS:
        yield f"{where}: {len(cells)} cells, at most {MAX_CELLS} are allowed: make a dense scan a dimension inside the cell, or split the family"
    names = [cell_name(cell.parameters) for cell in cells]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{where}: cell {name} appears {names.count(name)} times: the settings list a value twice"
    for name, cell in zip(names, cells, strict=True):
        if cell.samples is not None and cell.samples < 1:
            yield f"{where}: cell {name} wants {cell.samples} samples; at least 1"


def upstream_cell(
    cell: Mapping[str, Any], candidates: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return those of the upstream cells whose parameters are all among those of `cell`, with equal values."""
    return [other for other in candidates if other["parameters"].items() <= cell.items()]


def _problems_of_reads(where: str, plan: StagePlan, family: Family) -> Iterator[str]:
    for read in (*plan.reads, *plan.summary_reads):
        if read not in family.stages:
            yield f"{where}: reads the stage {read}, which the family does not have"
    for read in (read for read in plan.reads if read in family.stages):
        upstream = [
            {"parameters": dict(other.parameters), "samples": other.samples}
            for other in family.stages[read].cells
        ]
        for cell in plan.cells:
            matches = upstream_cell(cell.parameters, upstream)
            if len(matches) != 1 or matches[0]["samples"] is not None:
                yield (
                    f"{where}: cell {cell_name(cell.parameters)} must match exactly one deterministic cell of {read}, but matches {len(matches)}"
                    + (" sampled" if matches else "")
                )


def _family_requests(loaded: LoadedStudy, family: Family, root: Path) -> Iterator[Request]:
    problems: list[str] = []
    for stage, plan in family.stages.items():
        where = f"study {loaded.study.name}, preset {loaded.preset}, family {family.name}, stage {stage}"
        problems += [
            *_problems_of_cells(where, plan.cells),
            *_problems_of_reads(where, plan, family),
        ]
    if problems:
        raise ConfigError(problems)
    for stage in (stage for stage in Stage if stage in family.stages):
        plan = family.stages[stage]
        module = f"{family.package}.{stage}"
        body = {
            "schema": SCHEMA,
            "study": loaded.study.name,
            "preset": loaded.preset,
            "stage": str(stage),
            "family": family.name,
            "modules": [module],
            "fingerprint": fingerprint((module,)),
            "entropy": str(loaded.entropy),
            "seeds": {str(int(purpose)): list(names) for purpose, names in family.seeds.items()},
            "reads": [
                [str(read), family.name]
                for read in Stage
                if read in (*plan.reads, *plan.summary_reads)
            ],
            "inputs": [str(read) for read in plan.reads],
            "cells": [
                {
                    "name": cell_name(cell.parameters),
                    "parameters": dict(cell.parameters),
                    "samples": cell.samples,
                    "seconds": cell.seconds,
                    "memory": cell.memory,
                    "disk": cell.disk,
                }
                for cell in plan.cells
            ],
            "summary": plan.summary,
            "block": plan.block,
            "options": dict(plan.options),
        }
        yield Request(StagePaths(root, loaded.preset, loaded.study.name, stage, family.name), body)


def requests(loaded: LoadedStudy, root: Path = RESULTS) -> list[Request]:
    """Return the requests of all stages of all families of a study, in the order in which they can run; the figures come last.

    Raises
    ------
    ConfigError
        If the families that the settings lead to are not sound.
    """
    families = loaded.study.families(loaded.settings)
    names = [family.name for family in families]
    wrong = [
        name
        for name in names
        if names.count(name) > 1
        or not re.fullmatch(r"[a-z][a-z0-9_]*", name)
        or name == FIGURES_FAMILY
    ]
    if wrong:
        raise ConfigError(
            f"study {loaded.study.name}: family names must be unique lower-case identifiers, not {', '.join(sorted(set(wrong)))}"
        )
    found = [request for family in families for request in _family_requests(loaded, family, root)]
    found.sort(key=lambda request: list(Stage).index(request.stage))
    modules = (f"{loaded.plugin}.figures", f"{loaded.plugin}.claims")
    body = {
        "schema": SCHEMA,
        "study": loaded.study.name,
        "preset": loaded.preset,
        "stage": str(Stage.FIGURES),
        "family": FIGURES_FAMILY,
        "modules": list(modules),
        "fingerprint": fingerprint(modules),
        "entropy": str(loaded.entropy),
        "seeds": {},
        "inputs": [],
        "reads": [[str(request.stage), request.paths.family] for request in found],
        "cells": [],
        "summary": False,
        "block": 1,
        "options": {},
        "figures": list(loaded.study.figures),
    }
    found.append(
        Request(
            StagePaths(root, loaded.preset, loaded.study.name, Stage.FIGURES, FIGURES_FAMILY), body
        )
    )
    return found


def check_memory(found: list[Request], config: WorkflowConfig) -> None:
    """Refuse cells that are estimated above the memory limit.

    Raises
    ------
    ConfigError
        Naming each of them.
    """
    problems = [
        f"{request.paths}: cell {cell['name']} needs about {cell['memory'] / 2**30:.1f} GiB, more than memory_gib = {config.memory_gib} allows. "
        "Raise it in config/config.yaml if the machine has more, or take the cell out."
        for request in found
        for cell in request.cells
        if cell["memory"] > config.memory_gib * 2**30
    ]
    if problems:
        raise ConfigError(problems)


def write_request(request: Request) -> bool:
    """Write the request file if its content differs, atomically; return whether it did. An unchanged file keeps its time stamp."""
    content = (json.dumps(request.body, indent=1, sort_keys=True) + "\n").encode()
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
        If there is none, or it cannot be read.
    """
    try:
        body = json.loads(paths.request.read_text(encoding="utf-8"))
        if not isinstance(body, dict):
            raise ValueError("not a mapping")
        return Request(paths, body)
    except FileNotFoundError:
        raise ConfigError(
            f"{paths.request} does not exist. Snakemake writes it: run `snakemake -n` or `make figures` first."
        ) from None
    except ValueError as error:
        raise ConfigError(
            f"{paths.request} is damaged ({error}). Delete it and run `snakemake -n` to write it again."
        ) from None
