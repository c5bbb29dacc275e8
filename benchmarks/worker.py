"""The process in which one engine runs: prepare, call once, then time a call whenever asked.

Its times are those of the whole process, so that threads which a package starts are counted.
"""

from __future__ import annotations

import importlib
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.peaks import measure_peaks
from benchmarks.records import Engine
from benchmarks.work import Work

__all__ = ["COMPARED", "Workload", "serve"]

COMPARED = 4
"""Samples at the front of a result that are compared."""

SHORTEST = 0.05
"""Seconds that a timed stretch takes at least: faster calls are repeated."""


@dataclass
class Workload:
    """A prepared computation.

    Parameters
    ----------
    call
        The timed function. Returns its result, samples along the first axis.
    evaluations
        Number of evaluations that a call makes: times are given for one.
    details
        Facts for the record.
    answer
        What is compared with the other engines, where that is not the result of `call`. Not timed.
    work
        Operations and bytes of one evaluation, counted from what was compiled, or None.
    """

    call: Callable[[], NDArray[Any]]
    evaluations: float = 1.0
    details: dict[str, Any] = field(default_factory=dict)
    answer: Callable[[], NDArray[Any]] | None = None
    work: Work | None = None


def serve(connection: Connection, engine: Engine, settings: Mapping[str, Any]) -> None:
    """Run in the new process: prepare the engine, report it, and answer messages until None comes.

    An answer is (CPU seconds, wall seconds) for one evaluation, and the rates of the core just
    after it, or None if no operations were counted.
    """
    # The parent handles an interrupt, and ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        start = time.perf_counter()
        module, function = engine.builder.split(":")
        workload: Workload = getattr(importlib.import_module(module), function)(
            **settings, **engine.settings
        )
        result = workload.call()
        setup = time.perf_counter() - start
        answer = np.array((result if workload.answer is None else workload.answer())[:COMPARED])
        # The first call may have compiled; the second one says how often to repeat.
        once = _timed(workload.call, 1)[1]
        repeats = max(1, int(np.ceil(SHORTEST / once)))
        connection.send(
            (
                metadata.version(engine.package),
                answer,
                setup,
                workload.details,
                workload.work,
                once * repeats,
            )
        )
        while connection.recv() is not None:
            cpu, wall = _timed(workload.call, repeats)
            count = repeats * workload.evaluations
            peaks = None if workload.work is None else measure_peaks(workload.work)
            connection.send((cpu / count, wall / count, peaks))
    except Exception as error:  # noqa: BLE001 - the row of the package reports any error
        connection.send(RuntimeError(f"{type(error).__name__}: {error}"))


def _timed(call: Callable[[], Any], repeats: int) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(repeats):
        call()
    return time.process_time() - cpu, time.perf_counter() - wall
