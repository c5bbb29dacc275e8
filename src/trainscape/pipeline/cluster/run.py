"""What the Snakefile does where the jobs of a run go to a cluster."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from trainscape.pipeline.cluster.queue import above_partition
from trainscape.pipeline.cluster.settings import (
    CLUSTER,
    Cluster,
    cluster_of_jobs,
    load_cluster,
    named_cluster,
)
from trainscape.pipeline.errors import ConfigError
from trainscape.runtime.partitions import partitions

__all__ = ["cluster_of_run"]


def _put_in_front(folder: Path) -> None:
    """Let the commands of a profile stand for those of the cluster that they are named after.

    Only where the cluster has them all: a missing `sacct` is something that the plug-in knows, and
    deals with.
    """
    if all(shutil.which(command.name) for command in folder.glob("*")):
        os.environ["PATH"] = os.pathsep.join([str(folder), os.environ["PATH"]])


def cluster_of_run(arguments: Sequence[str], *, is_main: bool) -> Cluster | None:
    """Return the cluster whose queue the jobs of this run go to, None if they run on this machine.

    The main process finds it by the profile that its command line names, tells the jobs through the
    environment, and compares the settings with what the cluster says of itself.

    Parameters
    ----------
    arguments
        The command line of Snakemake, without the name of the command.
    is_main
        Whether this is the process that the user started, and not a job.

    Raises
    ------
    ConfigError
        If the settings are wrong, or promise what the cluster has not.
    """
    path = named_cluster(arguments) if is_main else None
    if path is None:
        return cluster_of_jobs(os.environ)
    cluster = load_cluster(path)
    if problems := above_partition(cluster, path, partitions()):
        raise ConfigError(problems)
    os.environ[CLUSTER] = str(path.absolute())
    _put_in_front(path.parent.absolute() / "bin")
    return cluster
