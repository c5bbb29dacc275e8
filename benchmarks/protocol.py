"""How a case is measured: one process for each engine, pinned to one core, in interleaved rounds.

A process is pinned before it starts, because packages look at the number of CPUs while they are
imported. All engines of a case exist at the same time; all but the one that is being timed are
idle.
"""

from __future__ import annotations

import multiprocessing
import os
import platform
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from benchmarks.records import Case, Engine, Measurement
from benchmarks.worker import serve

__all__ = ["THREADS", "cpu_model", "machine", "measure", "rounds_within"]

THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "RAYON_NUM_THREADS",
)
"""Variables that hold libraries to one thread."""

SETUP_LIMIT = 600.0
"""Seconds that an engine may take to import, prepare, compile and call once."""

BUDGET = 20.0
"""Seconds of timed calls for one engine: a slow one is given fewer rounds."""


def rounds_within(budget: float, duration: float, rounds: int) -> int:
    """Return how many rounds of `duration` seconds fit into the budget, from 1 up to `rounds`."""
    return max(1, min(rounds, int(budget / max(duration, 1e-9))))


def cpu_model() -> str:
    """Return the name of the CPU."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def machine() -> dict[str, Any]:
    """Return the facts about this run that every record carries."""
    return {
        "cpu": cpu_model(),
        "cpus": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "date": datetime.now(UTC).date().isoformat(),
    }


def measure(case: Case, rounds: int, report: Callable[[str], None]) -> list[Measurement]:
    """Measure a case, one result for each of its engines.

    Parameters
    ----------
    case
        The case.
    rounds
        Number of interleaved rounds.
    report
        Called with a word on what is being done.
    """
    workers = []
    try:
        for engine in case.engines:
            report(f"preparing {engine.name}")
            workers.append(_Worker(engine, case.settings))
        for number in range(rounds):
            for worker in workers:
                if number < rounds_within(BUDGET, worker.duration, rounds):
                    report(f"round {number + 1} of {rounds}: {worker.result.engine.name}")
                    worker.time()
    finally:
        for worker in workers:
            worker.close()
    return [worker.result for worker in workers]


class _Worker:
    """The process of one engine, and what it has measured so far."""

    def __init__(self, engine: Engine, settings: Mapping[str, Any]) -> None:
        self.result = Measurement(engine, reason=engine.left_out)
        self.duration = 0.0
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None
        if engine.left_out is not None:
            return
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(
            target=serve, args=(theirs, engine, dict(settings)), daemon=True
        )
        allowed = os.sched_getaffinity(0)
        try:
            if engine.pinned:
                os.sched_setaffinity(0, {max(allowed)})  # inherited by the process
            self._process.start()
        finally:
            os.sched_setaffinity(0, allowed)
        theirs.close()
        answer = self._receive(SETUP_LIMIT)
        if answer is not None:
            (
                self.result.version,
                self.result.answer,
                self.result.setup,
                self.result.details,
                self.result.work,
                self.duration,
            ) = answer

    def time(self) -> None:
        if self._connection is None:
            return
        self._connection.send(True)
        times = self._receive(SETUP_LIMIT)
        if times is not None:
            self.result.cpu.append(times[0])
            self.result.wall.append(times[1])
            if times[2] is not None:
                self.result.peaks.append(times[2])

    def _receive(self, limit: float) -> Any:
        """Return the next message, or None after the process failed, with the reason noted."""
        assert self._connection is not None
        start = time.monotonic()
        try:
            # In short steps, so that an interrupt is seen at once.
            while not self._connection.poll(1.0):
                if time.monotonic() - start > limit:
                    return self._stop(f"not finished after {limit:.0f} s", broken=False)
            message = self._connection.recv()
        except (EOFError, OSError):
            return self._stop(
                "its process ended without an answer (killed, perhaps for want of memory)",
                broken=True,
            )
        if isinstance(message, Exception):
            return self._stop(str(message), broken=True)
        return message

    def _stop(self, reason: str, *, broken: bool) -> None:
        self.result.reason, self.result.broken = reason, broken
        self.close()

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
        if self._connection is not None:
            self._connection.close()
        self._process = self._connection = None
