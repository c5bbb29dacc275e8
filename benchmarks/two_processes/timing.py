"""Runs of the stage through the real runner, and loops of the bare engine beside them.

A run is the command of a job, ``trainscape run ... --workers W``, on an empty store. Its ledger is
watched: each line says that a chunk is computed, written and promised. Three rates come of it:

* of the whole command, its start and that of the workers included;
* of the runner at work, from the line that completes the first wave of chunks (one for each
  worker) to the last one: orchestration included, starting not;
* of the engine inside the chunks, by the seconds that the ledger has.

Loops are processes that are pinned to a core each and do nothing but call the engine, from a
common start: what two cores can do that share caches and memory.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import yaml

from benchmarks.protocol import THREADS
from trainscape.pipeline.config import load_study
from trainscape.pipeline.request import RESULTS, requests, write_request
from trainscape.storage.ledger import read_entries
from trainscape.storage.paths import StagePaths

__all__ = ["Rates", "at_work", "efficiency", "loops", "make_workspace", "run_stage"]

ROOT = Path(__file__).parents[2]
STUDY, PRESET, STAGE, FAMILY = "two_processes", "smoke", "gradients", "ring"
LOOK = 0.005


@dataclass(frozen=True)
class Rates:
    """Gradients a second of one run: of the command, of the runner at work, of the engine inside.

    The last one is for one worker; the others are of all together.
    """

    command: float
    at_work: float
    engine: float


def make_workspace(folder: Path, qubits: int, samples: int, seconds: float, chunk: float) -> None:
    """Write the configuration of a run and its requests.

    Parameters
    ----------
    folder
        Where; it is created.
    qubits, samples, seconds
        Settings of the stage.
    chunk
        Wanted seconds of a chunk.
    """
    (folder / "config/studies").mkdir(parents=True)
    rates = {"qubits": qubits, "samples": samples, "seconds": seconds}
    study = {
        "plugin": "benchmarks.two_processes",
        "entropy": "1",
        "presets": {PRESET: {"rates": rates}},
    }
    (folder / f"config/studies/{STUDY}.yaml").write_text(yaml.safe_dump(study))
    # No stage is too short for workers here.
    config = {"preset": PRESET, "studies": [STUDY], "chunk_seconds": chunk, "in_process_seconds": 0}
    (folder / "config/config.yaml").write_text(yaml.safe_dump(config))


def run_stage(folder: Path, workers: int) -> Rates:
    """Run the stage from nothing and return its rates.

    Raises
    ------
    RuntimeError
        If the command fails.
    """
    shutil.rmtree(folder / "results", ignore_errors=True)
    with contextlib.chdir(folder):
        for request in requests(load_study(STUDY, PRESET)):
            write_request(request)
    ledger = StagePaths(folder / RESULTS, PRESET, STUDY, STAGE, FAMILY).ledger
    command = [sys.executable, "-m", "trainscape", "run", STUDY, STAGE, FAMILY]
    command += ["--preset", PRESET, "--workers", str(workers)]
    times: list[float] = []
    with (folder / "log.txt").open("w") as log:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=_environment(), stdout=log, stderr=subprocess.STDOUT
        )
        while process.poll() is None:
            lines = ledger.read_bytes().count(b"\n") if ledger.exists() else 0
            times += [time.perf_counter() - started] * (lines - len(times))
            time.sleep(LOOK)
        wall = time.perf_counter() - started
    if process.returncode:
        end = (folder / "log.txt").read_text()[-2000:]
        raise RuntimeError(f"the stage ended with {process.returncode}:\n{end}")
    chunks = [(entry.stop - entry.start, entry.seconds) for entry in read_entries(ledger)]
    lengths, seconds = zip(*chunks, strict=True)
    # Lines of the last moment may not have been seen.
    times += [wall] * (len(lengths) - len(times))
    total = sum(lengths)
    return Rates(total / wall, at_work(times, lengths, workers), total / sum(seconds))


def at_work(times: Sequence[float], lengths: Sequence[int], workers: int) -> float:
    """Return gradients a second between the first wave and the end.

    Parameters
    ----------
    times
        When each line of the ledger appeared, in seconds.
    lengths
        Samples of each chunk, in the same order.
    workers
        Chunks of a wave.

    Raises
    ------
    ValueError
        If there is no second wave.
    """
    if len(times) <= workers:
        raise ValueError(
            f"{len(times)} chunks for {workers} workers are one wave; ask for more seconds, or for "
            "shorter chunks"
        )
    return sum(lengths[workers:]) / (times[-1] - times[workers - 1])


def efficiency(one: float, two: float) -> float:
    """Return the rate of two over twice the rate of one."""
    return two / (2 * one)


def loops(qubits: int, seconds: float, cores: Sequence[int]) -> float:
    """Return gradients a second of engines alone, one pinned to each core, all together."""
    context = multiprocessing.get_context("spawn")
    barrier, queue = context.Barrier(len(cores)), context.Queue()
    previous = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        processes = [
            context.Process(target=_loop, args=(qubits, seconds, core, barrier, queue))
            for core in cores
        ]
        for process in processes:
            process.start()
    finally:
        for name, value in previous.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value
    rates = [queue.get() for _ in processes]
    for process in processes:
        process.join()
    return float(sum(rates))


def _loop(qubits: int, seconds: float, core: int, barrier: Barrier, queue: Any) -> None:
    os.sched_setaffinity(0, {core})
    import numpy as np

    from benchmarks.two_processes.rates.ring_gradients import ring_engine

    engine = ring_engine(qubits)
    theta = np.random.default_rng(core).uniform(-np.pi, np.pi, (8, 2 * qubits**2))
    engine.gradient(theta)
    barrier.wait()
    count, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        engine.gradient(theta)
        count += len(theta)
    queue.put(count / (time.perf_counter() - started))


def _environment() -> dict[str, str]:
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    return {**os.environ, "PYTHONPATH": paths, "TRAINSCAPE_WARM": "off"}
