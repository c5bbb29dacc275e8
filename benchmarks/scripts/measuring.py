"""Time, CPU time and memory of a command with everything that it starts, and its death half-way.

CPU time is that of all processes, those too whose parents do not wait for them: this process
becomes the one that orphans fall to, and waits for them. Memory is the largest sum of the
proportional set sizes of all processes at one time, which counts shared pages once, looked at a
few times a second. Linux only.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

__all__ = ["Cost", "one_core", "run"]

PR_SET_CHILD_SUBREAPER = 36
INTERVAL = 0.1
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Cost:
    """What a command took.

    Parameters
    ----------
    wall, cpu
        Seconds.
    memory
        Peak of all processes together, in bytes.
    killed
        Whether it was killed on the way.
    """

    wall: float
    cpu: float
    memory: int
    killed: bool = False

    def record(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return asdict(self)


def one_core() -> dict[str, str]:
    """Return the environment of a command that computes on one thread."""
    return {**os.environ, "MPLBACKEND": "agg", **dict.fromkeys(THREADS, "1")}


def run(
    command: Sequence[str],
    folder: Path,
    *,
    environment: Mapping[str, str],
    log: Path,
    kill_at: float | None = None,
) -> Cost:
    """Run a command to its end, or kill it with everything that it started.

    Parameters
    ----------
    command, folder, environment
        What to run, where, with which variables.
    log
        File for its output.
    kill_at
        CPU seconds of the command and all that it started at which all are killed by SIGKILL; None:
        it is let live.

    Raises
    ------
    RuntimeError
        If it fails; with the end of its output.
    """
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    strangers = frozenset(child.pid for child in psutil.Process().children())
    before, started = _children_cpu(), time.perf_counter()
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    memory, killed = 0, False
    try:
        while process.poll() is None:
            used, held = _look(strangers)
            memory = max(memory, held)
            if kill_at is not None and used + _children_cpu() - before >= kill_at:
                killed = True
                _kill_all(strangers)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(INTERVAL)
    except BaseException:
        # An interrupt leaves nothing behind that goes on computing.
        _kill_all(strangers)
        raise
    wall = time.perf_counter() - started
    _wait_for_orphans(strangers, killed)
    cost = Cost(wall, _children_cpu() - before, memory, killed)
    if process.returncode and not killed:
        end = log.read_text()[-2000:]
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{end}")
    return cost


def _children_cpu() -> float:
    """Return the CPU seconds of all children that have ended and been waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _family(strangers: frozenset[int]) -> list[psutil.Process]:
    """Return all living processes below this one, less its earlier children and theirs."""
    own = [child for child in psutil.Process().children() if child.pid not in strangers]
    found = list(own)
    for child in own:
        with contextlib.suppress(psutil.Error):
            found += child.children(recursive=True)
    return found


def _look(strangers: frozenset[int]) -> tuple[float, int]:
    """Return CPU seconds and memory of all processes of the command that live."""
    cpu, memory = 0.0, 0
    for process in _family(strangers):
        # It may end, or not have begun, while it is looked at.
        with contextlib.suppress(psutil.Error, OSError):
            times = process.cpu_times()
            cpu += times.user + times.system + times.children_user + times.children_system
            memory += process.memory_full_info().pss
    return cpu, memory


def _kill_all(strangers: frozenset[int]) -> None:
    """Kill all processes of the command, those too that are born meanwhile."""
    while living := [process for process in _family(strangers) if _alive(process)]:
        for process in living:
            with contextlib.suppress(psutil.Error):
                process.send_signal(signal.SIGKILL)
        time.sleep(0.01)


def _alive(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def _wait_for_orphans(strangers: frozenset[int], killed: bool) -> None:
    """Wait for what the command left behind, so that its CPU time is known."""
    if killed:
        _kill_all(strangers)
    while orphans := [one for one in psutil.Process().children() if one.pid not in strangers]:
        for orphan in orphans:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(orphan.pid, 0)
