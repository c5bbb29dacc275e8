"""Several tasks of one SLURM job, joined to a Dask cluster that answers nobody else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from trainscape.runtime.dask_logs import shorten_closed_connections
from trainscape.runtime.job_secret import job_files, job_security

__all__ = ["allocation"]


def _is_slurm_allocation() -> bool:
    """Return whether SLURM started several copies of this process.

    dask-jobqueue turns them into a scheduler, a client and workers.
    """
    return int(os.environ.get("SLURM_NTASKS", "1")) > 2 and "SLURM_PROCID" in os.environ


@contextmanager
def allocation() -> Iterator[str | None]:
    """Join the cluster of a multi-task SLURM job, or do nothing outside of one.

    Every task of the job runs the same command. Rank 0 becomes the scheduler, and ranks from 2 on
    become workers: these do not return from this function. Rank 1 continues as the client. So call
    this before anything that only one process may do.

    Yields
    ------
    str or None
        Path of the scheduler file for `open_backend`.
    """
    if not _is_slurm_allocation():
        yield None
        return
    shorten_closed_connections()
    address, secret = job_files()
    security = job_security(int(os.environ["SLURM_PROCID"]), secret)
    # Pages with facts about the job are for its own node: they ask nobody who he is.
    options: dict[str, Any] = {"security": security, "dashboard_address": "127.0.0.1:0"}
    if interface := os.environ.get("TRAINSCAPE_INTERFACE"):
        options["interface"] = interface
    with _runner_class()(
        scheduler_file=str(address),
        worker_options={"nthreads": 1, **options},
        scheduler_options=options,
    ) as runner:
        yield str(runner.scheduler_file)


def _runner_class() -> Any:
    """Return the runner, whose client has the secret too when it ends the scheduler."""
    from dask_jobqueue.slurm import SLURMRunner
    from distributed.core import rpc

    class Runner(SLURMRunner):
        async def before_client_start(self) -> None:
            security = self.scheduler_options["security"]
            arguments = security.get_connection_args("client")
            self.scheduler_comm: Any = rpc(self.scheduler_address, connection_args=arguments)

    return Runner
