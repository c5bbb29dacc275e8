"""The stage runner.

Brings the store of a stage in line with its request, then writes the manifest.
"""

from __future__ import annotations

import importlib
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import xarray as xr

from trainscape.pipeline.config import WorkflowConfig
from trainscape.pipeline.errors import ConfigError, DecisionNeededError
from trainscape.pipeline.fingerprint import fingerprint
from trainscape.pipeline.limits import check_limits
from trainscape.pipeline.request import SCHEMA, Request, read_request
from trainscape.pipeline.results import read_cells, read_summary
from trainscape.pipeline.sampling import (
    RunOptions,
    SampledStep,
    refuse_to_discard,
    timestamp,
)
from trainscape.pipeline.stage_files import stage_files, withdraw
from trainscape.pipeline.step_errors import explaining
from trainscape.pipeline.survey import Survey, survey
from trainscape.runtime.batch_jobs import job_is_over
from trainscape.runtime.logs import logger
from trainscape.runtime.seeds import cell_words, generator
from trainscape.runtime.warm import is_warm
from trainscape.storage.atomic import write_atomic, write_json
from trainscape.storage.digests import digest, digest_file
from trainscape.storage.inventory import take_inventory, write_inventory
from trainscape.storage.ledger import Entry, Ledger, keys_of_values, latest, read_entries
from trainscape.storage.lock import StoreLock
from trainscape.storage.manifest import manifest_text
from trainscape.storage.paths import StagePaths
from trainscape.storage.provenance import provenance
from trainscape.storage.sealed import sealed
from trainscape.storage.store import SUMMARY, ChunkUnreadableError, Store
from trainscape.storage.values import hash_chunk
from trainscape.storage.write_errors import writing
from trainscape.studies.contract import CellData, Purpose, Stage

__all__ = ["check_request", "commit", "run_stage", "store_lock"]

CONVENTIONS = (
    "qubit 0 is the most significant bit; R_P(t) = exp(-i t P/2); angles in radians; energies in "
    "units of the coupling"
)


def check_request(request: Request, trusted: Sequence[str]) -> None:
    """Refuse to work for a request that was made for other code than this process would run.

    Parameters
    ----------
    request
        As the file says.
    trusted
        Packages that modules may be imported from. To look for a module imports its packages, so
        that they are checked first.

    Raises
    ------
    ConfigError
        If a step is a module of another package.
    DecisionNeededError
        If the fingerprint of a step differs.
    """
    for step in request.steps:
        if not any(step.module.startswith(f"{package}.") for package in trusted):
            raise ConfigError(
                f"{request.paths.request} names the module {step.module}, which belongs to none of "
                f"the packages {', '.join(trusted)}: it was not imported. The file was made for "
                "another plug-in, or not by this program. Delete it and run `snakemake -n` to "
                "write it again."
            )
    if any(fingerprint((step.module,)) != step.fingerprint for step in request.steps):
        raise DecisionNeededError(
            f"{request.paths.request} was written for another version of the code of "
            f"{request.paths}. Run `snakemake -n` (or `make figures`) again, which writes the "
            "request for the present code."
        )


@contextmanager
def _stop_on_signal() -> Iterator[threading.Event]:
    """Set an event on SIGTERM and SIGINT, so that the run ends between two chunks."""
    stop = threading.Event()

    def request_stop(number: int, frame: Any) -> None:
        logger.warning(
            "received %s: finishing the running chunks, then stopping; nothing that is done will "
            "be lost",
            signal.Signals(number).name,
        )
        stop.set()

    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    previous = {
        number: signal.signal(number, request_stop) for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield stop
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


@dataclass(frozen=True)
class _SummaryContext:
    """What a summary step sees."""

    request: Request
    own: Sequence[CellData]

    @property
    def options(self) -> Mapping[str, Any]:
        return self.request.options

    def cells(self, stage: Stage) -> Sequence[CellData]:
        if stage == self.request.stage:
            return self.own
        return read_cells(self.request.paths.sibling(str(stage)))

    def summary(self, stage: Stage) -> xr.Dataset:
        return read_summary(self.request.paths.sibling(str(stage)))

    def generator(self, purpose: Purpose, index: int) -> np.random.Generator:
        place = {"stage": str(self.request.stage), "family": self.request.family}
        words = cell_words(place, ("stage", "family"))
        return generator(int(self.request.entropy), purpose, words, index)


def _open_store(request: Request) -> Store:
    attributes = {
        "schema": request.schema_version,
        "study": request.study,
        "stage": str(request.stage),
        "family": request.family,
        "entropy": request.entropy,
        "conventions": CONVENTIONS,
        "licence": "Apache-2.0",
    }
    with writing(request.paths.store):
        return Store(request.paths.store, writable=True, attributes=attributes)


def _cells(
    request: Request, plan: Survey, store: Store
) -> tuple[list[dict[str, Any]], list[CellData]]:
    """Return the manifest's lines on the cells, and for a summary step what was read for them."""
    inputs = {
        chunk.task.cell: {source.stage: source.digest for source in chunk.task.inputs}
        for chunk in plan.chunks
    }
    lines, read = [], []
    for cell in request.cells:
        data = store.read(cell.name, cell.samples)
        found = hash_chunk(data, header=True)
        lines.append(
            {
                "name": cell.name,
                "parameters": cell.parameters,
                "samples": cell.samples,
                "digest": found,
                "inputs": inputs[cell.name],
            }
        )
        if request.summary:
            read.append(CellData(parameters=cell.parameters, data=data, digest=found))
    return lines, read


def _summarise(
    request: Request,
    cells: list[dict[str, Any]],
    own: list[CellData],
    upstream: Mapping[str, str],
    store: Store,
    ledger: Ledger,
) -> dict[str, Any]:
    """Run the summary step unless its ledger line and data stand; return the manifest's line."""
    step, paths = request.summary, request.paths
    assert step is not None
    place = [SCHEMA, request.study, str(request.stage), "summary", request.entropy]
    content = digest([*place, request.options, cells, dict(upstream)])
    key = digest([content, step.fingerprint])
    lines = read_entries(paths.ledger)
    entry = latest(lines).get((SUMMARY, 0))
    if entry is not None and key in keys_of_values(lines).get((SUMMARY, 0), ()):
        try:
            if store.hash(SUMMARY, 0) == entry.hash:
                return {"digest": entry.hash}
        except ChunkUnreadableError as error:
            logger.warning(
                "%s: the summary is damaged and will be computed again: %s", paths, error
            )
    with explaining(paths, "the summary step", step.module):
        dataset = importlib.import_module(step.module).summarise(_SummaryContext(request, own))
    with writing(paths.store):
        written = store.write(SUMMARY, 0, dataset, length=1, chunks=1, parameters={}, valid=())
    ledger.append(Entry(SUMMARY, 0, 0, 1, key, content, "done", hash=written, time=timestamp()))
    return {"digest": written}


def _refuse_if_changed(request: Request) -> None:
    if read_request(request.paths).digest != request.digest:
        raise DecisionNeededError(
            f"{request.paths}: the request changed while the stage ran (the configuration or the "
            "code was edited). What was computed is kept, no manifest was written. Run the same "
            "command again for the new request."
        )


def store_lock(paths: StagePaths, options: RunOptions) -> StoreLock:
    """Return the lock of a stage's store, to be entered."""
    return StoreLock(
        paths.lock, steal=options.break_lock, is_over=job_is_over, announce=logger.warning
    )


def commit(request: Request, facts: Mapping[str, Any], lock: StoreLock) -> None:
    """Write the inventory, then the manifest: `facts` and what the request says of itself.

    Raises
    ------
    DecisionNeededError
        If the request was replaced meanwhile; there is no manifest then.
    StoreLockedError
        If another run has taken the lock over.
    """
    lock.require()
    _refuse_if_changed(request)
    paths = request.paths
    head = {
        "schema": request.schema_version,
        **{name: getattr(request, name) for name in ("study", "preset", "family")},
        "stage": str(request.stage),
        "steps": {step.module: step.fingerprint for step in request.steps},
        "request": request.digest,
    }
    manifest = {**head, **facts}
    text = manifest_text(manifest)
    files = stage_files(request, manifest)
    with writing(paths.inventory):
        inventory = take_inventory(paths.folder, files, {paths.manifest.name: text})
    write_inventory(paths, inventory)
    write_atomic(paths.manifest, text)
    try:
        # Asked again: a request that came in just before the manifest would look older than it,
        # and the manifest up to date.
        _refuse_if_changed(request)
    except DecisionNeededError:
        withdraw(paths)
        raise


def run_stage(paths: StagePaths, config: WorkflowConfig, options: RunOptions) -> None:
    """Complete one stage of one family: compute what is missing, then write the manifest.

    Raises
    ------
    ConfigError
        If the request cannot be used; nothing was computed.
    ManifestMissingError
        If an upstream stage is not complete.
    StoreLockedError
        If another process works on the store.
    DecisionNeededError
        If the request was written for other code, changed during the run, or too much finished
        work would be discarded.
    CellsFailedError, InterruptedRunError
        After everything that could be done was done and kept.
    StepFailedError
        If the summary step fails.
    """
    started = datetime.now(UTC)
    request = read_request(paths)
    check_request(request, options.trusted)
    check_limits([request], config)
    with (
        store_lock(paths, options) as lock,
        Ledger(paths.ledger, lock) as ledger,
        _stop_on_signal() as stop,
    ):
        plan = survey(request, config.chunk_seconds)
        if plan.waiting:
            raise ConfigError(
                f"{paths}: the stages it reads are not complete: {', '.join(plan.waiting)}. Run "
                "`make figures`, which runs all in order."
            )
        upstream = {
            f"{read.stage}/{read.family}": digest_file(read.manifest) for read in request.upstream
        }
        refuse_to_discard(plan, config, options)
        # From here on the store may change: until all is done no manifest may vouch for it.
        withdraw(paths)
        store = _open_store(request)
        sampled = SampledStep(request, plan, config, options, store, ledger, stop)
        sampled.run()
        cells, own = _cells(request, plan, store)
        summary = None
        if request.summary:
            summary = _summarise(request, cells, own, upstream, store, ledger)
        facts = provenance(started, chunk_seconds=sampled.seconds, warm=is_warm())
        write_json(paths.provenance, sealed(facts))
        commit(request, {"upstream": upstream, "cells": cells, "summary": summary}, lock)
    logger.info("%s: complete", paths)
