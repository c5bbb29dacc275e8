"""What `plan` and `status` print: what a study will cost, and how far it is."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from trainscape.pipeline.request import Request
from trainscape.pipeline.survey import survey
from trainscape.storage.ledger import Entry
from trainscape.storage.manifest import ManifestMissingError, read_manifest
from trainscape.storage.records import read_facts
from trainscape.studies.contract import Stage

__all__ = ["Overhead", "StageState", "is_complete", "stage_states", "total_hours"]

MEASURED_CELLS = 4
"""About as many cells of a store are measured to estimate its size."""


@dataclass(frozen=True)
class Overhead:
    """What jobs cost beside the chunks that they compute.

    Parameters
    ----------
    job
        Core-seconds of a job that computes nothing: start, reading what is there, the summary.
    figure
        Core-seconds of a figure: drawing it and writing its files.
    """

    job: float = 0.5
    figure: float = 1.0

    @staticmethod
    def measured(requests: Iterable[Request]) -> Overhead:
        """Return the medians of what the jobs of earlier runs have recorded of themselves.

        Where none has, the value is that of a laptop.
        """
        jobs: list[float] = []
        drawn: list[tuple[float, int]] = []
        for request in requests:
            facts = read_facts(request.paths.provenance)
            try:
                cost = max(0.0, float(facts["cpu_seconds"]) - float(facts["chunk_seconds"]))
            except (KeyError, TypeError):  # nothing is known
                continue
            if request.figures:
                drawn.append((cost, len(request.figures)))
            elif request.stage is not Stage.FIGURES:
                jobs.append(cost)
        job = median(jobs) if jobs else Overhead.job
        figures = [max(0.0, cost - job) / count for cost, count in drawn]
        return Overhead(job, median(figures) if figures else Overhead.figure)


@dataclass(frozen=True)
class StageState:
    """How far one stage of one family, or the figures of one group, are.

    Parameters
    ----------
    cells, valid, stale, failed, missing
        Numbers of cells and of chunks in each state.
    hours
        Core-hours left: chunks, start-up of the job, figures.
    measured
        Whether some chunks have been measured; else all costs are estimates.
    memory, disk
        Bytes for one task and for the store.
    complete
        Whether the manifest stands for this request.
    throughput
        Chunks finished in an hour of work.
    age
        Seconds since the last chunk; None before the first.
    """

    request: Request
    cells: int
    valid: int
    stale: int
    failed: int
    missing: int
    hours: float
    measured: bool
    memory: int
    disk: int
    complete: bool
    throughput: float
    age: float | None

    @property
    def left(self) -> int:
        """Chunks to compute."""
        return self.stale + self.failed + self.missing


def is_complete(request: Request) -> bool:
    """Return whether a manifest stands for this request."""
    try:
        return bool(read_manifest(request.paths)["request"] == request.digest)
    except ManifestMissingError:
        return False


def _size(folder: Path) -> int:
    """Return the bytes in a folder."""
    return sum(
        os.lstat(f"{inner}/{name}").st_size for inner, _, names in os.walk(folder) for name in names
    )


def _disk(request: Request, samples: Mapping[str, int]) -> int:
    """Return the bytes of the store when all is computed.

    Some cells, evenly spaced among those that are there, are measured, and give the ratio to the
    study's estimate for all: a store of a thousand cells has ten thousands of files.

    Parameters
    ----------
    samples
        For each cell that is there, the samples that are stored.
    """
    there = [cell for cell in request.cells if cell.name in samples]
    measured = there[:: max(1, len(there) // MEASURED_CELLS)]
    store = request.paths.store
    size = sum(_size(store / cell.name) for cell in measured)
    estimate = sum(cell.disk * samples[cell.name] for cell in measured)
    total = sum(cell.disk * (cell.samples or 1) for cell in request.cells)
    return math.ceil(total * size / estimate) if estimate else total


def _throughput(entries: list[Entry]) -> tuple[float, float | None]:
    """Return the chunks finished in an hour of work, and the seconds since the last one."""
    times = sorted(datetime.fromisoformat(entry.time) for entry in entries if entry.time)
    if not times:
        return 0.0, None
    span = (times[-1] - times[0]).total_seconds() / 3600
    return len(times) / span if span > 0 else 0.0, (datetime.now(UTC) - times[-1]).total_seconds()


def stage_states(requests: list[Request], chunk_seconds: float) -> list[StageState]:
    """Return the state of each stage, from its ledger and what its last job cost."""
    overhead = Overhead.measured(requests)
    return [_stage_state(request, chunk_seconds, overhead) for request in requests]


def _stage_state(request: Request, chunk_seconds: float, overhead: Overhead) -> StageState:
    complete = is_complete(request)
    beside = 0.0 if complete else overhead.job
    if request.stage is Stage.FIGURES:
        hours = 0.0 if complete else (beside + overhead.figure * len(request.figures)) / 3600
        return StageState(request, 0, 0, 0, 0, 0, hours, False, 0, 0, complete, 0.0, None)
    plan = survey(request, chunk_seconds)
    stored: dict[str, int] = {}
    for chunk in plan.having("valid", "stale"):
        task = chunk.task
        stored[task.cell] = stored.get(task.cell, 0) + task.stop - task.start
    counts = {state: len(plan.having(state)) for state in ("valid", "stale", "failed", "missing")}
    entries = [entry for entry in plan.entries.values() if entry.status == "done" and entry.seconds]
    throughput, age = _throughput(entries)
    left = plan.having("stale", "failed", "missing")
    return StageState(
        request=request,
        cells=len(request.cells),
        **counts,
        hours=(sum(chunk.task.seconds for chunk in left) + beside) / 3600,
        measured=bool(entries),
        memory=max((cell.memory for cell in request.cells), default=0),
        disk=_disk(request, stored),
        complete=complete,
        throughput=throughput,
        age=age,
    )


def total_hours(states: list[StageState]) -> float:
    """Return the core-hours left in all."""
    return sum(state.hours for state in states)
