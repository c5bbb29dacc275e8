"""The tables that `plan` and `status` print: what a study will cost, and how far it is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime

from trainscape.pipeline.request import Request
from trainscape.pipeline.survey import survey
from trainscape.storage.ledger import read_ledger
from trainscape.storage.manifest import ManifestMissingError, read_manifest
from trainscape.studies.contract import Stage

__all__ = ["StageState", "stage_state", "total_hours"]


@dataclass(frozen=True)
class StageState:
    """How far one stage of one family is. `hours` are the core-hours left; `per_hour` chunks finished in the last hour of work; `age` seconds since the last."""

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


def _is_complete(request: Request) -> bool:
    try:
        return bool(read_manifest(request.paths)["request"] == request.digest)
    except ManifestMissingError:
        return False


def stage_state(request: Request, chunk_seconds: float) -> StageState:
    """Return the state of a stage, from its ledger alone."""
    if request.stage is Stage.FIGURES:
        return StageState(
            request, 0, 0, 0, 0, 0, 0.0, False, 0, 0, _is_complete(request), 0.0, None
        )
    found = survey(request, chunk_seconds)
    counts = {state: len(found.having(state)) for state in ("valid", "stale", "failed", "missing")}
    entries = [
        entry for entry in read_ledger(request.paths.ledger).values() if entry.status == "done"
    ]
    times = sorted(datetime.fromisoformat(entry.time) for entry in entries)
    span = (times[-1] - times[0]).total_seconds() / 3600 if times else 0.0
    stored = counts["valid"] + counts["stale"]
    size = (
        sum(path.stat().st_size for path in request.paths.store.rglob("*") if path.is_file())
        if request.paths.store.exists()
        else 0
    )
    return StageState(
        request=request,
        cells=len(request.cells),
        **counts,
        hours=sum(chunk.task.seconds for chunk in found.having("stale", "failed", "missing"))
        / 3600,
        measured=bool(entries),
        memory=max((cell["memory"] for cell in request.cells), default=0),
        # What is there, scaled to what will be there; the study's own estimate before anything is.
        disk=math.ceil(size * len(found.chunks) / stored)
        if stored
        else sum(cell["disk"] * (cell["samples"] or 1) for cell in request.cells),
        complete=_is_complete(request),
        throughput=len(times) / span if span > 0 else 0.0,
        age=(datetime.now(UTC) - times[-1]).total_seconds() if times else None,
    )


def total_hours(states: list[StageState]) -> float:
    """Return the core-hours left in all."""
    return sum(state.hours for state in states)
