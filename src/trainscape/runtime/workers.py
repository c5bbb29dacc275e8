"""Where tasks run: in this process, in local worker processes, in a running Dask cluster, or in the nodes of a SLURM allocation.

All four give the same bits: a task is a pure function of its description. Tasks are handed out in bounded waves, so that neither the scheduler nor
the memory of the client ever sees all of them, and results come back as they complete. The client writes; workers only compute.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trainscape.runtime.logs import logger

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["Backend", "WorkersLostError", "allocation", "execute", "open_backend"]

WAVE = 2
"""Tasks outstanding per worker: one computes, one waits, so that no worker idles while the client writes."""

POLL_SECONDS = 0.5


class WorkersLostError(RuntimeError):
    """The connection to the scheduler broke off. What was kept until then is kept."""


@dataclass(frozen=True)
class Backend:
    """A place that runs tasks. `client` is None for this process."""

    workers: int
    client: Client | None
    description: str


def _is_slurm_allocation() -> bool:
    """Whether SLURM started several copies of this process, of which dask-jobqueue makes a scheduler, a client and workers."""
    return int(os.environ.get("SLURM_NTASKS", "1")) > 2 and "SLURM_PROCID" in os.environ


@contextmanager
def allocation() -> Iterator[str | None]:
    """Join the cluster of a multi-task SLURM job, or do nothing outside of one.

    Every task of the job runs the same command. Rank 0 becomes the scheduler and ranks from 2 on become workers: they never return from here. Rank 1
    goes on as the client, with the address of the scheduler. Must therefore come before anything that only one process may do.
    """
    if not _is_slurm_allocation():
        yield None
        return
    from dask_jobqueue.slurm import SLURMRunner

    interface = os.environ.get("TRAINSCAPE_INTERFACE")
    options = {"interface": interface} if interface else {}
    with SLURMRunner(
        scheduler_file="trainscape-scheduler-{job_id}.json",
        worker_options={"nthreads": 1, **options},
        scheduler_options=options,
    ) as runner:
        yield str(runner.scheduler_file)


def _ignore_stop_signals() -> Any:
    """Return a worker plug-in that leaves SIGINT and SIGTERM to the client: they reach the whole process group, and a worker that obeys loses its chunk."""
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
    workers: int, work: float, *, in_process_below: float, scheduler_file: str | None = None
) -> Iterator[Backend]:
    """Open the place where `work` core-seconds are best done.

    Parameters
    ----------
    workers
        Processes that this job may use.
    work
        Estimated core-seconds left.
    in_process_below
        Below this many core-seconds, or with one worker, no processes are started: starting them would cost more than it saves.
    scheduler_file
        Dask scheduler of the SLURM allocation that this process belongs to. ``DASK_SCHEDULER_ADDRESS`` names a running one. Both are used as they
        are and left open.
    """
    address = os.environ.get("DASK_SCHEDULER_ADDRESS")
    if not (address or scheduler_file) and (workers <= 1 or work < in_process_below):
        yield Backend(1, None, "this process")
        return
    import dask
    from distributed import Client, LocalCluster

    settings = {
        # A task whose workers died more often than this is blamed; `execute` gives it one more try, by itself.
        "distributed.scheduler.allowed-failures": 1,
        "distributed.scheduler.no-workers-timeout": "120s",
        # Some seconds after a worker was lost, a local cluster gives up its place for good if it happens to be restarting again just then.
        "distributed.deploy.lost-worker-timeout": "365 days",
        "distributed.worker.daemon": False,
        "distributed.comm.timeouts.connect": "60s",
    }
    with dask.config.set(settings):
        if address or scheduler_file:
            with Client(address) if address else Client(scheduler_file=scheduler_file) as client:
                client.wait_for_workers(1, timeout=120)
                count = len(client.scheduler_info(n_workers=-1)["workers"])
                yield Backend(
                    count,
                    client,
                    f"{count} workers of the running scheduler {client.scheduler.address}",
                )
            return
        with (
            LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                silence_logs="CRITICAL",
            ) as cluster,
            Client(cluster) as client,
        ):
            client.register_plugin(_ignore_stop_signals())
            yield Backend(
                workers, client, f"{workers} local processes, dashboard {client.dashboard_link}"
            )


Outcome = tuple[Any, Any]
"""A task, and its result or the exception that it raised."""


def _execute_here(
    function: Callable[[Any], Any],
    tasks: Iterable[Any],
    stop: threading.Event,
    wanted: Callable[[Any], bool],
) -> Iterator[Outcome]:
    for task in filter(wanted, tasks):
        if stop.is_set():
            return
        try:
            yield task, function(task)
        except Exception as error:  # noqa: BLE001 - recorded by the caller: one failing cell does not stop the others
            yield task, error


def _outcome(task: Any, future: Any) -> Outcome:
    from distributed import CancelledError

    try:
        # In one call: between a look at the state and the fetching of the result the worker that has it can die, and the task run, and fail, again.
        return task, future.result()
    except CancelledError:
        raise
    except Exception as error:  # noqa: BLE001 - recorded by the caller: one failing cell does not stop the others
        return task, error


def _execute_on_client(
    client: Client,
    workers: int,
    function: Callable[[Any], Any],
    tasks: Iterable[Any],
    stop: threading.Event,
    grace: float,
    wanted: Callable[[Any], bool],
) -> Iterator[Outcome]:
    from distributed import KilledWorker, wait

    source = filter(wanted, tasks)
    running: dict[Any, Any] = {}
    # A worker takes the tasks that wait behind a deadly one with it, and they are blamed as well. So each that was blamed is tried once more alone.
    suspects: list[Any] = []
    alone = False
    deadline: float | None = None
    exhausted = False

    def start(task: Any) -> None:
        # Results depend on the task alone, but two runs must not share a future that the scheduler still remembers.
        running[client.submit(function, task, pure=False)] = task

    while True:
        suspects = list(filter(wanted, suspects))
        if suspects and not running and not stop.is_set():
            start(suspects.pop())
            alone = True
        while (
            not (exhausted or suspects or alone or stop.is_set()) and len(running) < WAVE * workers
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
                    "%d running chunks did not finish within %.0f s and are dropped; they will be computed again",
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
            if isinstance(outcome, KilledWorker) and not alone:
                suspects.append(task)
            else:
                yield task, outcome
        alone = alone and bool(running)


def _with_lost_scheduler_named(outcomes: Iterator[Outcome]) -> Iterator[Outcome]:
    from distributed import CancelledError
    from distributed.client import ClosedClientError
    from distributed.comm.core import CommClosedError

    try:
        yield from outcomes
    except (CancelledError, ClosedClientError, CommClosedError) as error:
        raise WorkersLostError(
            f"the connection to the Dask scheduler was lost ({type(error).__name__}: {error})"
        ) from error


def _everything(task: Any) -> bool:
    return True


def execute(
    backend: Backend,
    function: Callable[[Any], Any],
    tasks: Iterable[Any],
    stop: threading.Event,
    grace: float,
    wanted: Callable[[Any], bool] = _everything,
) -> Iterator[Outcome]:
    """Run ``function(task)`` for every task and yield ``(task, result or exception)`` in the order of completion.

    Parameters
    ----------
    backend
        From `open_backend`.
    function, tasks
        A module-level function, and descriptions that can be pickled. Tasks are drawn from the iterable only when a worker is about to be free.
    stop
        When it is set no task is started any more; those that run are waited for, for at most `grace` seconds.
    grace
        Seconds.
    wanted
        Asked before a task is started; those that are not wanted any more are left out.

    Raises
    ------
    WorkersLostError
        If the connection to the scheduler breaks off.
    """
    if backend.client is None:
        return _execute_here(function, tasks, stop, wanted)
    return _with_lost_scheduler_named(
        _execute_on_client(backend.client, backend.workers, function, tasks, stop, grace, wanted)
    )
