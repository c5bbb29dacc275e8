"""Workers: tasks run in this process, in local processes, in a Dask cluster, or in a SLURM job.

All four give the same bits, because a task is a pure function of its description. Only a few tasks
for each worker are submitted at a time, so that neither the scheduler nor the client has to hold
all of them. Results are returned as they complete. The client writes; workers only compute.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainscape.runtime.installations import Installation, refuse_other_installations
from trainscape.runtime.job_secret import secret_of
from trainscape.runtime.logs import logger

if TYPE_CHECKING:
    from distributed import Client

__all__ = [
    "Backend",
    "OutOfMemoryError",
    "WorkersLostError",
    "execute",
    "open_backend",
]

WAVE = 2
"""Tasks submitted per worker: while one is computed, another waits, so that no worker is idle."""

POLL_SECONDS = 0.5
"""Longest time to wait for results before the stop event is looked at again."""


class WorkersLostError(RuntimeError):
    """The connection to the scheduler was lost. Results that were returned before are valid."""


class OutOfMemoryError(RuntimeError):
    """Workers were stopped because they needed more memory than they may use.

    Parameters
    ----------
    used
        Bytes that one of them had when it was stopped.
    allowed
        Bytes that each may use; 0 if they belong to a cluster with limits of its own.
    """

    def __init__(self, used: float, allowed: float) -> None:
        super().__init__(f"a worker was stopped with {used / 2**30:.2f} GiB in use")
        self.used = used
        self.allowed = allowed


@dataclass(frozen=True)
class Backend:
    """A place that runs tasks.

    Parameters
    ----------
    workers
        Number of tasks that can run at the same time.
    client
        Client of a Dask scheduler, or None for this process.
    description
        Text for the log.
    worker_memory
        Bytes that each worker may use; 0 if there is no limit of ours.
    """

    workers: int
    client: Client | None
    description: str
    worker_memory: float = 0.0


def _ignore_stop_signals() -> Any:
    """Return a worker plug-in that ignores SIGINT and SIGTERM.

    The signals reach the whole process group. The client handles them; a worker that stopped would
    lose its chunk.
    """
    import signal

    from distributed import WorkerPlugin

    class IgnoreStopSignals(WorkerPlugin):
        name = "ignore-stop-signals"

        def setup(self, worker: Any) -> None:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)

    return IgnoreStopSignals()


@contextmanager
def open_backend(
    workers: int,
    work: float,
    *,
    in_process_below: float,
    memory: float = 0.0,
    scheduler_file: str | None = None,
    installation: Installation | None = None,
) -> Iterator[Backend]:
    """Open the backend that suits `work` core-seconds.

    Parameters
    ----------
    workers
        Processes that this job may use.
    work
        Estimate of the remaining work, in core-seconds.
    in_process_below
        Below this many core-seconds, or with one worker, no processes are started: starting them
        would cost more than it saves.
    memory
        Bytes that all local workers may use together; 0: as Dask finds.
    scheduler_file
        Dask scheduler of the SLURM allocation that this process belongs to.
        ``DASK_SCHEDULER_ADDRESS`` names a running one. Both are used as they are and left open.
    installation
        Made here and on each worker of a running scheduler: versions by name, which must agree.

    Raises
    ------
    WorkersDifferError
        If they do not.
    """
    address = os.environ.get("DASK_SCHEDULER_ADDRESS")
    if not (address or scheduler_file) and (workers <= 1 or work < in_process_below):
        yield Backend(1, None, "this process")
        return
    import dask
    from distributed import Client, LocalCluster

    settings = {
        # A task is marked as failed when more workers than this died with it. `execute` then tries
        # it once more, alone.
        "distributed.scheduler.allowed-failures": 1,
        "distributed.scheduler.no-workers-timeout": "120s",
        # After this time a local cluster removes a lost worker for good, even one that is
        # restarting at that moment.
        "distributed.deploy.lost-worker-timeout": "365 days",
        "distributed.worker.daemon": False,
        "distributed.comm.timeouts.connect": "60s",
        # A worker holds what its task needs, which it can neither write to disk nor wait for.
        **{f"distributed.worker.memory.{what}": False for what in ("target", "spill", "pause")},
        "distributed.worker.memory.terminate": 0.95,
    }
    with dask.config.set(settings):
        if address or scheduler_file:
            security = secret_of(Path(scheduler_file)) if scheduler_file and not address else None
            place = {"address": address} if address else {"scheduler_file": scheduler_file}
            with Client(**place, security=security) as client:
                client.wait_for_workers(1, timeout=120)
                count = len(client.scheduler_info(n_workers=-1)["workers"])
                if installation is not None:
                    refuse_other_installations(client, installation)
                where = f"{count} workers of the running scheduler {client.scheduler.address}"
                yield Backend(count, client, where)
            return
        with (
            LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                silence_logs="CRITICAL",
                memory_limit=int(memory / workers) or "auto",
            ) as cluster,
            Client(cluster) as client,
        ):
            client.register_plugin(_ignore_stop_signals())
            share = f", {memory / workers / 2**30:.1f} GiB each" if memory else ""
            yield Backend(
                workers,
                client,
                f"{workers} local processes{share}, dashboard {client.dashboard_link}",
                memory / workers,
            )


Outcome = tuple[Any, Any]
"""A task, and its result or the exception that it raised."""


def _execute_in_this_process(
    function: Callable[[Any], Any],
    tasks: Iterable[Any],
    stop: threading.Event,
    should_run: Callable[[Any], bool],
) -> Iterator[Outcome]:
    for task in filter(should_run, tasks):
        if stop.is_set():
            return
        try:
            yield task, function(task)
        except Exception as error:  # noqa: BLE001 - recorded by the caller
            yield task, error


def _outcome(task: Any, future: Any) -> Outcome:
    from distributed import CancelledError

    try:
        # One call only: the worker that has the result may die between a query of the state and
        # the transfer, and the task may then run again and fail.
        return task, future.result()
    except CancelledError:
        raise
    except Exception as error:  # noqa: BLE001 - recorded by the caller
        return task, error


def _refuse_if_out_of_memory(client: Client, backend: Backend) -> None:
    """Stop where two workers have died of memory: the other tasks would end like that one.

    Raises
    ------
    OutOfMemoryError
        With the most that one of them had.
    """
    events = client.get_events("worker-restart-memory")
    if len(events) > 1:
        raise OutOfMemoryError(max(event["rss"] for _, event in events), backend.worker_memory)


def _execute_on_client(
    client: Client,
    backend: Backend,
    function: Callable[[Any], Any],
    tasks: Iterable[Any],
    stop: threading.Event,
    grace: float,
    should_run: Callable[[Any], bool],
) -> Iterator[Outcome]:
    from distributed import KilledWorker, wait

    source = filter(should_run, tasks)
    running: dict[Any, Any] = {}
    # When a task kills its worker, the tasks that wait behind it fail too. So each of them is run
    # once more, alone.
    suspects: list[Any] = []
    alone = False
    deadline: float | None = None
    exhausted = False

    def start(task: Any) -> None:
        # pure=False: a second run must not get a future that the scheduler still remembers.
        running[client.submit(function, task, pure=False)] = task

    while True:
        suspects = list(filter(should_run, suspects))
        if suspects and not running and not stop.is_set():
            start(suspects.pop())
            alone = True
        while (
            not (exhausted or suspects or alone or stop.is_set())
            and len(running) < WAVE * backend.workers
        ):
            try:
                start(next(source))
            except StopIteration:
                exhausted = True
        if not running:
            return
        if stop.is_set():
            deadline = deadline or time.monotonic() + grace
            if time.monotonic() > deadline:
                logger.warning(
                    "%d running chunks did not finish within %.0f s and are dropped; they will be "
                    "computed again",
                    len(running),
                    grace,
                )
                client.cancel(list(running))
                return
        try:
            finished = wait(list(running), timeout=POLL_SECONDS, return_when="FIRST_COMPLETED").done
        except TimeoutError:
            continue
        for future in finished:
            task, outcome = _outcome(running.pop(future), future)
            future.release()
            if isinstance(outcome, KilledWorker):
                _refuse_if_out_of_memory(client, backend)
            if isinstance(outcome, KilledWorker) and not alone:
                suspects.append(task)
            else:
                yield task, outcome
        alone = alone and bool(running)


def _translate_lost_scheduler(outcomes: Iterator[Outcome]) -> Iterator[Outcome]:
    from distributed import CancelledError
    from distributed.client import ClosedClientError
    from distributed.comm.core import CommClosedError

    try:
        yield from outcomes
    except (CancelledError, ClosedClientError, CommClosedError) as error:
        raise WorkersLostError(
            f"the connection to the Dask scheduler was lost ({type(error).__name__}: {error})"
        ) from error


def _always(task: Any) -> bool:
    return True


def execute(
    backend: Backend,
    function: Callable[[Any], Any],
    tasks: Iterable[Any],
    stop: threading.Event,
    grace: float,
    should_run: Callable[[Any], bool] = _always,
) -> Iterator[Outcome]:
    """Run ``function(task)`` for every task.

    Parameters
    ----------
    backend
        From `open_backend`.
    function
        A function of a module, so that it can be pickled.
    tasks
        Descriptions that can be pickled. The next one is taken from the iterable only when a worker
        will be free soon.
    stop
        When it is set, no further task starts. The client waits at most `grace` seconds for running
        tasks.
    grace
        Seconds.
    should_run
        Predicate; tasks for which it is false are skipped. It is evaluated before a task starts.

    Yields
    ------
    tuple
        The task, and its result or the exception that it raised, in the order of completion.

    Raises
    ------
    WorkersLostError
        If the connection to the scheduler is lost.
    OutOfMemoryError
        If a task has cost two workers their lives, for memory.
    """
    if backend.client is None:
        return _execute_in_this_process(function, tasks, stop, should_run)
    return _translate_lost_scheduler(
        _execute_on_client(backend.client, backend, function, tasks, stop, grace, should_run)
    )
