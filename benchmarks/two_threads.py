"""How much two threads of Pauli propagation compute, against one.

    python -m benchmarks.two_threads

The Trotter circuits of group P, wall time, in turns within each round, on a machine that does
nothing else. The efficiency is the time of one thread over twice that of two. Beside it stands that
of two processes with one thread each, at the same time: what the two cores allow that share caches
and memory.
"""

from __future__ import annotations

import multiprocessing
import statistics
import time
from multiprocessing.synchronize import Barrier
from typing import Any

from benchmarks import instances
from benchmarks.cases.pauli import TROTTER
from benchmarks.records import quartiles
from trainscape.simulators.pauli.propagation import PauliPropagation

__all__ = ["main"]

ROUNDS = 7
CALLS = 3


def _seconds(engine: PauliPropagation, theta: Any) -> float:
    start = time.perf_counter()
    for _ in range(CALLS):
        engine.value(theta)
    return (time.perf_counter() - start) / CALLS


def _loop(model: str, steps: int, threshold: float, barrier: Barrier, queue: Any) -> None:
    problem, theta = instances.trotter(model, steps)
    engine = PauliPropagation(problem, min_coefficient=threshold)
    engine.value(theta)
    barrier.wait()
    queue.put(_seconds(engine, theta))


def _side_by_side(model: str, steps: int, threshold: float) -> float:
    """Return the mean time of two processes that run at the same time."""
    context = multiprocessing.get_context("spawn")
    barrier, queue = context.Barrier(2), context.Queue()
    processes = [
        context.Process(target=_loop, args=(model, steps, threshold, barrier, queue))
        for _ in range(2)
    ]
    for process in processes:
        process.start()
    times = [queue.get() for _ in processes]
    for process in processes:
        process.join()
    return statistics.mean(times)


def main() -> None:
    """Print a table."""
    print(f"{'model':<11} {'one thread (ms)':>16} {'efficiency':>22} {'two processes':>14}")
    for model, _, steps, threshold in TROTTER:
        problem, theta = instances.trotter(model, steps)
        engines = [
            PauliPropagation(problem, min_coefficient=threshold, threads=threads)
            for threads in (1, 2)
        ]
        for engine in engines:
            engine.value(theta)
        rounds = [[_seconds(engine, theta) for engine in engines] for _ in range(ROUNDS)]
        low, middle, high = quartiles([one / (2 * two) for one, two in rounds])
        alone = statistics.median(one for one, _ in rounds)
        beside = statistics.median(_side_by_side(model, steps, threshold) for _ in range(3))
        print(
            f"{model:<11} {1e3 * alone:>16.1f} {middle:>8.0%} ({low:.0%} to {high:.0%}) "
            f"{alone / beside:>14.0%}",
            flush=True,
        )


if __name__ == "__main__":
    main()
