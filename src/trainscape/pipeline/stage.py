"""The stage runner: brings the store of one stage of one family in line with its request, and writes the manifest when it is.

One rule gives resume, growth and trust: a chunk is valid if and only if the ledger has it under the wanted key and its data read back to the recorded
hash. Everything else is computed, in place, in the order compute, write data, append the ledger line, sync. The manifest comes last.
"""

from __future__ import annotations

import importlib
import shutil
import signal
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Literal

import numpy as np
import xarray as xr

from trainscape.pipeline.chunk import ChunkResult, ChunkTask, compute_chunk
from trainscape.pipeline.config import WorkflowConfig
from trainscape.pipeline.errors import (
    CellsFailedError,
    ConfigError,
    DecisionNeededError,
    InterruptedRunError,
)
from trainscape.pipeline.fingerprint import fingerprint
from trainscape.pipeline.request import SCHEMA, Request, check_memory, read_request
from trainscape.pipeline.results import read_cells, read_checked, read_summary
from trainscape.pipeline.survey import Survey, WantedChunk, survey
from trainscape.runtime.logs import logger
from trainscape.runtime.progress import ChunkProgress
from trainscape.runtime.seeds import cell_words, generator
from trainscape.runtime.workers import WorkersLostError, execute, open_backend
from trainscape.storage.atomic import digest, digest_file, write_json
from trainscape.storage.ledger import Entry, Ledger, read_ledger
from trainscape.storage.lock import StoreLock
from trainscape.storage.paths import StagePaths
from trainscape.storage.provenance import provenance
from trainscape.storage.store import SUMMARY, ChunkUnreadableError, SchemaChangedError, Store
from trainscape.studies.contract import CellData, Purpose, Stage

__all__ = ["OnCodeChange", "RunOptions", "check_request", "commit", "run_stage"]

OnCodeChange = Literal["stop", "recompute", "spot-check"]


@dataclass(frozen=True)
class RunOptions:
    """How to run, as far as it is not in the configuration. `order` arranges the tasks; results do not depend on it."""

    workers: int = 1
    on_code_change: OnCodeChange = "stop"
    break_lock: bool = False
    scheduler_file: str | None = None
    order: Callable[[list[ChunkTask]], list[ChunkTask]] | None = None


def check_request(request: Request) -> None:
    """Refuse to work for a request that was made for other code than this process would run.

    Raises
    ------
    DecisionNeededError
        If the fingerprints differ.
    """
    if fingerprint(tuple(request.body["modules"])) != request.body["fingerprint"]:
        raise DecisionNeededError(
            f"{request.paths.request} was written for another version of the code of {request.paths}. "
            "Run `snakemake -n` (or `make figures`) again, which writes the request for the present code."
        )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@contextmanager
def _stop_on_signal() -> Iterator[threading.Event]:
    """Set an event on SIGTERM and SIGINT, so that the run ends between two chunks instead of inside one."""
    stop = threading.Event()

    def request_stop(number: int, frame: Any) -> None:
        logger.warning(
            "received %s: finishing the running chunks, then stopping; nothing that is done will be lost",
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
    options: Mapping[str, Any]

    def cells(self, stage: Stage) -> Sequence[CellData]:
        return (
            self.own
            if stage == self.request.stage
            else read_cells(self.request.paths.sibling(str(stage)))
        )

    def summary(self, stage: Stage) -> xr.Dataset:
        return read_summary(self.request.paths.sibling(str(stage)))

    def generator(self, purpose: Purpose, index: int) -> np.random.Generator:
        words = cell_words(
            {"stage": self.request.body["stage"], "family": self.request.body["family"]},
            ("stage", "family"),
        )
        return generator(int(self.request.body["entropy"]), purpose, words, index)


class _StageRun:
    """One run of a stage, under the lock of its store."""

    def __init__(
        self,
        request: Request,
        found: Survey,
        config: WorkflowConfig,
        options: RunOptions,
        ledger: Ledger,
        stop: threading.Event,
    ) -> None:
        self.request = request
        self.paths: StagePaths = request.paths
        self.config = config
        self.options = options
        self.ledger = ledger
        self.stop = stop
        self.wanted = Counter(chunk.task.cell for chunk in found.chunks)
        self.valid: dict[str, set[int]] = defaultdict(set)

    @cached_property
    def store(self) -> Store:
        """The store, opened on first use: a run that refuses to start has changed nothing."""
        attributes = {
            key: self.request.body[key] for key in ("schema", "study", "stage", "family", "entropy")
        }
        conventions = "qubit 0 is the most significant bit; R_P(t) = exp(-i t P/2); angles in radians; energies in units of the coupling"
        return Store(
            self.paths.store,
            writable=True,
            attributes={**attributes, "conventions": conventions, "licence": "Apache-2.0"},
        )

    def _intact(self, chunk: WantedChunk) -> bool:
        """Whether the store gives back what the ledger promises for a chunk."""
        assert chunk.entry is not None
        try:
            intact = self.store.hash(chunk.task.cell, chunk.task.chunk) == chunk.entry.hash
            reason = "its values are not those that were recorded"
        except ChunkUnreadableError as error:
            intact, reason = False, str(error)
        if not intact:
            logger.warning(
                "%s: cell %s, chunk %d is damaged and will be computed again: %s",
                self.paths,
                chunk.task.cell,
                chunk.task.chunk,
                reason,
            )
        return intact

    def _append(
        self, task: ChunkTask, status: Literal["done", "failed", "adopted"], **facts: Any
    ) -> None:
        entry = Entry(
            task.cell,
            task.chunk,
            task.start,
            task.stop,
            task.key,
            task.content,
            status,
            time=_now(),
            **facts,
        )
        self.ledger.append(entry)
        if status != "failed":
            self.valid[task.cell].add(task.chunk)

    def _keep(self, task: ChunkTask, result: ChunkResult) -> str:
        """Write a result and its ledger line."""
        try:
            written = self.store.write(
                task.cell,
                task.chunk,
                result.dataset,
                length=task.stop - task.start,
                chunks=self.wanted[task.cell],
                parameters=task.parameters,
                valid=self.valid[task.cell],
            )
            self._append(
                task, "done", hash=written, seconds=round(result.seconds, 6), worker=result.worker
            )
        except OSError as error:
            free = shutil.disk_usage(self.paths.folder).free
            raise OSError(
                error.errno,
                f"cannot write {self.paths.store}: {error.strerror}; {free / 2**20:.0f} MiB are free there. Make room and run the same command again",
            ) from error
        return written

    def _compute(self, tasks: list[ChunkTask]) -> dict[tuple[str, int], str]:
        """Run tasks, keep their results, and return the hashes of what was written.

        Raises
        ------
        CellsFailedError, InterruptedRunError
            After everything that could be done was done and kept.
        """
        written: dict[tuple[str, int], str] = {}
        if not tasks:
            return written
        failed: dict[str, str] = {}
        work = sum(task.seconds for task in tasks)
        config = self.config

        def wanted(task: ChunkTask) -> bool:
            return task.cell not in failed

        try:
            with (
                open_backend(
                    self._workers(),
                    work,
                    in_process_below=config.in_process_seconds,
                    scheduler_file=self.options.scheduler_file,
                ) as backend,
                ChunkProgress(
                    str(self.paths), len(tasks), work, config.progress_seconds
                ) as progress,
            ):
                logger.info("%s: computing in %s", self.paths, backend.description)
                for task, outcome in execute(
                    backend, compute_chunk, tasks, self.stop, config.grace_seconds, wanted
                ):
                    if not isinstance(outcome, Exception):
                        try:
                            written[task.cell, task.chunk] = self._keep(task, outcome)
                        except (
                            SchemaChangedError
                        ) as error:  # the step's fault, which concerns its cell alone
                            outcome = error
                    if isinstance(outcome, Exception):
                        failed[task.cell] = " ".join(f"{type(outcome).__name__}: {outcome}".split())
                        self._append(task, "failed", error=failed[task.cell])
                        logger.error(
                            "%s: cell %s, chunk %d failed: %s",
                            self.paths,
                            task.cell,
                            task.chunk,
                            failed[task.cell],
                        )
                    progress.advance(task.seconds)
        except WorkersLostError as error:
            raise InterruptedRunError(
                f"{self.paths}: {error}. Everything that was kept until then is kept; run the same command to go on."
            ) from error
        if self.stop.is_set():
            raise InterruptedRunError(
                f"{self.paths}: stopped on request. Everything that was computed is kept; run the same command to go on."
            )
        if failed:
            table = "\n".join(f"  {cell}: {reason}" for cell, reason in failed.items())
            raise CellsFailedError(
                f"{self.paths}: {len(failed)} of {len(self.request.cells)} cells failed; what could be computed of the others is kept.\n{table}\n"
                "Mend the cause and run the same command: only what is missing is computed."
            )
        return written

    def _spot_check(self, stale: list[WantedChunk]) -> list[WantedChunk]:
        """Recompute one chunk of each cell that only the code made stale; adopt the others of the cell if its bits are the same. Return what is left."""
        same = [
            chunk
            for chunk in stale
            if chunk.entry and chunk.entry.content == chunk.task.content and self._intact(chunk)
        ]
        firsts = {chunk.task.cell: chunk for chunk in reversed(same)}
        written = self._compute([chunk.task for chunk in firsts.values()])
        agree = {
            cell
            for cell, first in firsts.items()
            if first.entry and written[cell, first.task.chunk] == first.entry.hash
        }
        for cell in firsts.keys() - agree:
            logger.warning(
                "%s: the new code gives other numbers for cell %s: all its chunks are computed again",
                self.paths,
                cell,
            )
        adopted = [
            chunk
            for chunk in same
            if chunk.task.cell in agree and chunk is not firsts[chunk.task.cell]
        ]
        for chunk in adopted:
            assert chunk.entry is not None
            self._append(
                chunk.task,
                "adopted",
                hash=chunk.entry.hash,
                seconds=chunk.entry.seconds,
                worker=chunk.entry.worker,
            )
        logger.info(
            "%s: the new code gives the same bits for %d of %d cells: %d chunks adopted",
            self.paths,
            len(agree),
            len(firsts),
            len(adopted),
        )
        return [
            chunk
            for chunk in stale
            if chunk not in adopted and chunk is not firsts.get(chunk.task.cell)
        ]

    def _refuse_to_discard(self, stale: list[WantedChunk]) -> None:
        hours = sum(chunk.entry.seconds for chunk in stale if chunk.entry) / 3600
        if self.options.on_code_change == "stop" and hours > self.config.discard_core_hours:
            raise DecisionNeededError(
                f"{self.paths}: {len(stale)} finished chunks worth {hours:.2f} core-hours were computed by other code, from other inputs or for other settings, "
                "and would be computed again. Nothing was changed. Choose: `--on-code-change recompute` computes them again; "
                "`--on-code-change spot-check` recomputes one chunk a cell and adopts the others if its bits are equal. "
                "With make: `make figures ON_CODE_CHANGE=recompute`."
            )

    def _workers(self) -> int:
        """Return how many tasks may run at once within the memory limit."""
        limit = self.config.memory_gib * 2**30
        largest = max((cell["memory"] for cell in self.request.cells), default=0)
        return max(1, min(self.options.workers, int(limit / max(largest, 1))))

    def sample(self, found: Survey) -> None:
        """Run the sampled step on everything that is not valid."""
        stale = found.having("stale")
        self._refuse_to_discard(stale)
        # From here on the store may change: until all is done no manifest may vouch for it.
        self.paths.manifest.unlink(missing_ok=True)
        for cell, chunks in self.wanted.items():
            self.store.resize(cell, chunks)
        damaged = []
        for chunk in found.having("valid"):
            if self._intact(chunk):
                self.valid[chunk.task.cell].add(chunk.task.chunk)
            else:
                damaged.append(chunk)
        if self.options.on_code_change == "spot-check" and stale:
            stale = self._spot_check(stale)
        tasks = [chunk.task for chunk in (*damaged, *stale, *found.having("failed", "missing"))]
        logger.info(
            "%s: %d of %d chunks to compute, about %.0f core-seconds",
            self.paths,
            len(tasks),
            len(found.chunks),
            sum(task.seconds for task in tasks),
        )
        # Long chunks first, so that no worker is left with one when the others are done.
        tasks.sort(key=lambda task: -task.seconds)
        self._compute(self.options.order(tasks) if self.options.order else tasks)

    def cells(self, found: Survey) -> list[dict[str, Any]]:
        """Return the manifest's lines on the cells."""
        inputs = {
            chunk.task.cell: {source.stage: source.digest for source in chunk.task.inputs}
            for chunk in found.chunks
        }
        return [
            {
                "name": cell["name"],
                "parameters": cell["parameters"],
                "samples": cell["samples"],
                "digest": self.store.digest(cell["name"], cell["samples"]),
                "inputs": inputs[cell["name"]],
            }
            for cell in self.request.cells
        ]

    def summarise(self, cells: list[dict[str, Any]], upstream: Mapping[str, str]) -> dict[str, Any]:
        """Run the summary step unless its ledger line and data stand, and return the manifest's line on it."""
        body = self.request.body
        content = digest(
            [
                SCHEMA,
                body["study"],
                body["stage"],
                "summary",
                body["entropy"],
                body["options"],
                cells,
                dict(upstream),
            ]
        )
        key = digest([content, body["fingerprint"]])
        entry = read_ledger(self.paths.ledger).get((SUMMARY, 0))
        if entry is not None and entry.status == "done" and entry.key == key:
            try:
                if self.store.hash(SUMMARY, 0) == entry.hash:
                    return {"digest": entry.hash}
            except ChunkUnreadableError as error:
                logger.warning(
                    "%s: the summary is damaged and will be computed again: %s", self.paths, error
                )
        module = importlib.import_module(body["modules"][0])
        own = [
            CellData(
                cell["parameters"],
                read_checked(self.paths.store, cell["name"], cell["samples"], cell["digest"]),
                cell["digest"],
            )
            for cell in cells
        ]
        dataset = module.summarise(_SummaryContext(self.request, own, body["options"]))
        written = self.store.write(SUMMARY, 0, dataset, length=1, chunks=1, parameters={}, valid=())
        self.ledger.append(Entry(SUMMARY, 0, 0, 1, key, content, "done", hash=written, time=_now()))
        return {"digest": written}


def _refuse_if_changed(request: Request) -> None:
    if read_request(request.paths).digest != request.digest:
        raise DecisionNeededError(
            f"{request.paths}: the request changed while the stage ran (the configuration or the code was edited). What was computed is kept, no manifest "
            "was written. Run the same command again for the new request."
        )


def commit(request: Request, facts: Mapping[str, Any]) -> None:
    """Write the manifest: `facts` and what the request says of itself.

    Raises
    ------
    DecisionNeededError
        If the request was replaced meanwhile; there is no manifest then.
    """
    _refuse_if_changed(request)
    head = {
        key: request.body[key]
        for key in ("schema", "study", "preset", "stage", "family", "fingerprint")
    }
    write_json(request.paths.manifest, {**head, "request": request.digest, **facts})
    try:
        # Asked again: a request that came in just before the manifest would look older than it, and the manifest up to date.
        _refuse_if_changed(request)
    except DecisionNeededError:
        request.paths.manifest.unlink(missing_ok=True)
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
        If the request was written for other code, changed during the run, or too much finished work would be discarded.
    CellsFailedError, InterruptedRunError
        After everything that could be done was done and kept.
    """
    started = datetime.now(UTC)
    request = read_request(paths)
    check_request(request)
    check_memory([request], config)
    with (
        StoreLock(paths.lock, steal=options.break_lock),
        Ledger(paths.ledger) as ledger,
        _stop_on_signal() as stop,
    ):
        found = survey(request, config.chunk_seconds)
        if found.waiting:
            raise ConfigError(
                f"{paths}: the stages it reads are not complete: {', '.join(found.waiting)}. Run `make figures`, which runs all in order."
            )
        upstream = {
            f"{read.stage}/{read.family}": digest_file(read.manifest) for read in request.reads
        }
        run = _StageRun(request, found, config, options, ledger, stop)
        run.sample(found)
        cells = run.cells(found)
        summary = run.summarise(cells, upstream) if request.body["summary"] else None
        write_json(paths.provenance, provenance(started))
        commit(request, {"upstream": upstream, "cells": cells, "summary": summary})
    logger.info("%s: complete", paths)
