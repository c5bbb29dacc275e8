"""The sampled step of a stage: compute the chunks that are missing, damaged or stale.

One rule gives resume, growth and trust: a chunk is valid if and only if the ledger has it under the
wanted key and its data read back to the recorded hash. Everything else is computed, in place, in
the order compute, write data, append the ledger line, sync.
"""

from __future__ import annotations

import math
import threading
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal

from trainscape.pipeline.chunk import ChunkResult, compute_chunk, installation
from trainscape.pipeline.config import WorkflowConfig
from trainscape.pipeline.errors import (
    CellsFailedError,
    ConfigError,
    DecisionNeededError,
    InterruptedRunError,
)
from trainscape.pipeline.request import Request
from trainscape.pipeline.step_errors import describe, may_pass
from trainscape.pipeline.survey import Survey, WantedChunk
from trainscape.pipeline.task import ChunkTask
from trainscape.runtime.installations import WorkersDifferError
from trainscape.runtime.logs import log_traceback, logger
from trainscape.runtime.memory import IMPORTS, job_memory, workers_within
from trainscape.runtime.progress import ChunkProgress
from trainscape.runtime.workers import (
    OutOfMemoryError,
    WorkersLostError,
    execute,
    open_backend,
)
from trainscape.storage.checkpoints import discard_all, discard_checkpoints
from trainscape.storage.ledger import Entry, Ledger
from trainscape.storage.store import ChunkUnreadableError, SchemaChangedError, Store
from trainscape.storage.write_errors import writing

__all__ = ["OnCodeChange", "RunOptions", "SampledStep", "refuse_to_discard", "timestamp"]

OnCodeChange = Literal["stop", "recompute", "spot-check"]


@dataclass(frozen=True)
class RunOptions:
    """How to run, as far as it is not in the configuration.

    `trusted` are the packages whose modules a request may name: this one, and the study's plug-in.
    `order` arranges the tasks; results do not depend on it. `only` restricts a figures job to one
    figure.
    """

    workers: int = 1
    on_code_change: OnCodeChange = "stop"
    break_lock: bool = False
    scheduler_file: str | None = None
    trusted: tuple[str, ...] = ("trainscape",)
    order: Callable[[list[ChunkTask]], list[ChunkTask]] | None = None
    only: str | None = None


def timestamp() -> str:
    """Return the present time as text."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def refuse_to_discard(plan: Survey, config: WorkflowConfig, options: RunOptions) -> None:
    """Stop if too much finished work would be computed again.

    Raises
    ------
    DecisionNeededError
        If it is worth more than the configuration allows and nobody has decided.
    """
    stale = plan.having("stale")
    hours = sum(chunk.entry.seconds for chunk in stale if chunk.entry) / 3600
    if options.on_code_change == "stop" and hours > config.discard_core_hours:
        raise DecisionNeededError(
            f"{plan.request.paths}: {len(stale)} finished chunks worth {hours:.2f} core-hours were "
            "computed by other code, from other inputs or for other settings, and would be "
            "computed again. Nothing was changed. Choose: `--on-code-change recompute` computes "
            "them again; `--on-code-change spot-check` recomputes one chunk a cell and adopts the "
            "others if its bits are equal. With make: `make figures ON_CODE_CHANGE=recompute`."
        )


class SampledStep:
    """One run of a sampled step, under the lock of its store.

    Attributes
    ----------
    seconds
        Core-seconds of the chunks that were computed and kept.
    """

    def __init__(
        self,
        request: Request,
        plan: Survey,
        config: WorkflowConfig,
        options: RunOptions,
        store: Store,
        ledger: Ledger,
        stop: threading.Event,
    ) -> None:
        self.request = request
        self.plan = plan
        self.config = config
        self.options = options
        self.store = store
        self.ledger = ledger
        self.stop = stop
        self.wanted = Counter(chunk.task.cell for chunk in plan.chunks)
        self.valid: dict[str, set[int]] = defaultdict(set)
        self.reported: set[str] = set()
        self.traceback = ""
        self.seconds = 0.0

    def run(self) -> None:
        """Compute everything that is not valid."""
        with writing(self.store.path):
            for cell, chunks in self.wanted.items():
                self.store.resize(cell, chunks)
        damaged = []
        for chunk in self.plan.having("valid"):
            if self._intact(chunk):
                self.valid[chunk.task.cell].add(chunk.task.chunk)
            else:
                damaged.append(chunk)
        stale = self.plan.having("stale")
        if self.options.on_code_change == "spot-check" and stale:
            stale = self._spot_check(stale)
        rest = (*damaged, *stale, *self.plan.having("failed", "missing"))
        # Long chunks first, so that no worker is left with one when the others are done.
        tasks = sorted((chunk.task for chunk in rest), key=lambda task: -task.seconds)
        logger.info(
            "%s: %d of %d chunks to compute, about %.0f core-seconds",
            self.request.paths,
            len(tasks),
            len(self.plan.chunks),
            sum(task.seconds for task in tasks),
        )
        self._compute(self.options.order(tasks) if self.options.order else tasks)
        discard_all(self.request.paths.checkpoints)

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
                *(self.request.paths, chunk.task.cell, chunk.task.chunk, reason),
            )
        return intact

    def _append(
        self, task: ChunkTask, status: Literal["done", "failed", "adopted"], **facts: Any
    ) -> None:
        place = (task.cell, task.chunk, task.start, task.stop, task.key, task.content)
        self.ledger.append(Entry(*place, status, time=timestamp(), **facts))
        if status != "failed":
            self.valid[task.cell].add(task.chunk)

    def _keep(self, task: ChunkTask, result: ChunkResult) -> str:
        """Write a result and its ledger line; return its hash."""
        self.ledger.lock.require()
        with writing(self.request.paths.store):
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
                task,
                "done",
                hash=written,
                seconds=round(result.seconds, 6),
                worker=result.worker,
            )
            discard_checkpoints(self.request.paths.checkpoints, task.key)
            self.seconds += result.seconds
        return written

    def _receive(self, task: ChunkTask, outcome: ChunkResult | Exception) -> str | Exception:
        """Keep the result of a task, or note that it failed; return its hash or its error."""
        if not isinstance(outcome, Exception):
            try:
                return self._keep(task, outcome)
            except SchemaChangedError as error:  # the step's fault, which concerns its cell alone
                outcome = error
        reason = describe(outcome, task.module)
        if reason not in self.reported:
            self.reported.add(reason)
            self.traceback = log_traceback(outcome)
        self._append(task, "failed", error=reason)
        logger.error(
            "%s: cell %s, chunk %d failed: %s", self.request.paths, task.cell, task.chunk, reason
        )
        return outcome

    def _compute(self, tasks: list[ChunkTask]) -> dict[tuple[str, int], str]:
        """Run tasks, keep their results, and return the hashes of what was written.

        Raises
        ------
        CellsFailedError, InterruptedRunError
            After everything that could be done was done and kept.
        ConfigError
            If workers of a running scheduler would not compute the same.
        """
        written: dict[tuple[str, int], str] = {}
        if not tasks:
            return written
        failed: dict[str, str] = {}
        is_final = True
        work = sum(task.seconds for task in tasks)
        config, paths = self.config, self.request.paths
        workers, memory = self._workers()
        try:
            with (
                open_backend(
                    workers,
                    work,
                    in_process_below=config.in_process_seconds,
                    memory=memory,
                    scheduler_file=self.options.scheduler_file,
                    installation=partial(installation, tasks[0].module),
                ) as backend,
                ChunkProgress(str(paths), len(tasks), work, config.progress_seconds) as progress,
            ):
                logger.info("%s: computing in %s", paths, backend.description)
                outcomes = execute(
                    backend,
                    compute_chunk,
                    tasks,
                    self.stop,
                    config.grace_seconds,
                    lambda task: task.cell not in failed,
                )
                for task, outcome in outcomes:
                    kept = self._receive(task, outcome)
                    if isinstance(kept, Exception):
                        failed[task.cell] = describe(kept, task.module)
                        is_final = is_final and not may_pass(kept)
                    else:
                        written[task.cell, task.chunk] = kept
                    progress.advance(task.seconds)
        except WorkersDifferError as error:
            raise ConfigError(f"{paths}: nothing was computed: {error}") from error
        except OutOfMemoryError as error:
            raise self._out_of_memory(error, workers) from error
        except WorkersLostError as error:
            raise InterruptedRunError(
                f"{paths}: {error}. Everything that was kept until then is kept; run the same "
                "command to go on."
            ) from error
        if self.stop.is_set():
            raise InterruptedRunError(
                f"{paths}: stopped on request. Everything that was computed is kept; run the same "
                "command to go on."
            )
        if failed:
            table = "\n".join(f"  {cell}: {reason}" for cell, reason in failed.items())
            raise CellsFailedError(
                f"{paths}: {len(failed)} of {len(self.request.cells)} cells failed; what could be "
                f"computed of the others is kept.\n{table}\n{self.traceback} "
                "Mend the cause and run the same command: only what is missing is computed.",
                is_final=is_final,
            )
        return written

    def _spot_check(self, stale: list[WantedChunk]) -> list[WantedChunk]:
        """Recompute one chunk of each cell that only the code made stale, and return what is left.

        If its bits are the same, the other chunks of the cell are adopted.
        """
        paths = self.request.paths
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
                "%s: the new code gives other numbers for cell %s: all its chunks are computed "
                "again",
                *(paths, cell),
            )
        adopted = [
            chunk
            for chunk in same
            if chunk.task.cell in agree and chunk is not firsts[chunk.task.cell]
        ]
        for chunk in adopted:
            entry = chunk.entry
            assert entry is not None
            self._append(
                chunk.task, "adopted", hash=entry.hash, seconds=entry.seconds, worker=entry.worker
            )
        logger.info(
            "%s: the new code gives the same bits for %d of %d cells: %d chunks adopted",
            *(paths, len(agree), len(firsts), len(adopted)),
        )
        return [
            chunk
            for chunk in stale
            if chunk not in adopted and chunk is not firsts.get(chunk.task.cell)
        ]

    def _workers(self) -> tuple[int, float]:
        """Return how many tasks may run at once, and the bytes that they have together."""
        if self.options.workers <= 1:
            return 1, 0.0
        memory = job_memory(self.config.memory_gib * 2**30)
        return workers_within(memory, self._need(), self.options.workers), memory

    def _need(self) -> float:
        return float(max((cell.memory for cell in self.request.cells), default=0))

    def _out_of_memory(self, error: OutOfMemoryError, workers: int) -> CellsFailedError:
        """Return the error that stops the stage, with the memory to ask for."""
        # How much more it would have taken, nobody knows: twice as much is a next step.
        enough = 2 * error.used * workers / 2**30
        need = (self._need() + IMPORTS) / 2**30
        return CellsFailedError(
            f"{self.request.paths}: {error}, and it may use {error.allowed / 2**30:.2f} GiB; the "
            f"estimate was {need:.2f} GiB. What was computed is kept. Give the job about "
            f"{math.ceil(enough)} GiB (memory_gib in config/config.yaml, where this machine has "
            "it; a batch job's next attempt asks for more by itself), or use fewer workers "
            f"(--cores {max(1, workers // 2)}), and run the same command.",
        )
