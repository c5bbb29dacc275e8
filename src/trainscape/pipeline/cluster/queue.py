"""The jobs of a study on a cluster: what is submitted, and how the queue sees it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from trainscape.pipeline.cluster.settings import Cluster
from trainscape.pipeline.cluster.sizing import JobSize, job_size
from trainscape.pipeline.config import WorkflowConfig
from trainscape.pipeline.report import StageState
from trainscape.pipeline.request import Request
from trainscape.pipeline.yaml_files import read_yaml
from trainscape.runtime.partitions import Partition

__all__ = [
    "QueuedJob",
    "StageShape",
    "above_partition",
    "critical_hours",
    "profile_retries",
    "queued_jobs",
    "stage_shapes",
    "too_many_attempts",
]


@dataclass(frozen=True)
class QueuedJob:
    """One job that is still to be submitted.

    Parameters
    ----------
    request
        The stage that it completes.
    size
        What its first attempt asks for.
    core_hours
        Estimate of the work that is left.
    hours
        That work on the cores of the job.
    attempts
        Jobs of the longest walltime that it takes one after the other, by the estimate.
    """

    request: Request
    size: JobSize
    core_hours: float
    hours: float
    attempts: int


@dataclass(frozen=True)
class StageShape:
    """What one stage of all families puts into the queue.

    Parameters
    ----------
    stage
        The stage.
    jobs
        Number of jobs.
    cores, memory_mb, minutes
        The most that one of them asks for.
    cores_at_once
        Cores of all together.
    core_hours
        Work of all together.
    """

    stage: str
    jobs: int
    cores: int
    memory_mb: int
    minutes: int
    cores_at_once: int
    core_hours: float


def queued_jobs(
    states: Iterable[StageState], config: WorkflowConfig, cluster: Cluster
) -> list[QueuedJob]:
    """Return the jobs of the stages that are not complete, in the order of the stages."""
    jobs = []
    for state in states:
        if state.complete:
            continue
        size = job_size(state.request, config, cluster)
        hours = state.hours / size.cores
        attempts = max(1, math.ceil(hours / cluster.longest_hours))
        jobs.append(QueuedJob(state.request, size, state.hours, hours, attempts))
    return jobs


def stage_shapes(jobs: Sequence[QueuedJob]) -> list[StageShape]:
    """Return the shape of the queue: one line for each stage that has jobs."""
    shapes = []
    for stage in dict.fromkeys(job.request.stage for job in jobs):
        own = [job for job in jobs if job.request.stage == stage]
        shapes.append(
            StageShape(
                stage=str(stage),
                jobs=len(own),
                cores=max(job.size.cores for job in own),
                memory_mb=max(job.size.memory_mb for job in own),
                minutes=max(job.size.minutes for job in own),
                cores_at_once=sum(job.size.cores for job in own),
                core_hours=sum(job.core_hours for job in own),
            )
        )
    return shapes


def critical_hours(jobs: Sequence[QueuedJob]) -> float:
    """Return the hours of the longest chain of jobs of which each reads the one before.

    The run takes at least so long, and longer by what the jobs wait in the queue.
    """
    ends: dict[Path, float] = {}
    for job in jobs:  # upstream stages come first
        begin = max((ends.get(paths.manifest, 0.0) for paths in job.request.upstream), default=0.0)
        ends[job.request.paths.manifest] = begin + job.hours
    return max(ends.values(), default=0.0)


def profile_retries(profile: Path) -> int:
    """Return how often Snakemake starts a failed job again with the profile in a folder."""
    content = read_yaml(profile / "profile.yaml")
    retries = content.get("retries", content.get("restart-times", 0))
    return int(retries) if isinstance(retries, int | str) else 0


def too_many_attempts(jobs: Iterable[QueuedJob], retries: int) -> list[str]:
    """Return what to do about each job that needs more walltimes than the profile allows."""
    return [
        f"{job.request.paths}: about {job.hours:.0f} hours on {job.size.cores} cores are "
        f"{job.attempts} jobs of the longest walltime, and `retries: {retries}` of the profile "
        f"allows {retries + 1}. Set `retries: {job.attempts + 2}`, or start the same command again "
        "when it has stopped: it goes on where it was."
        for job in jobs
        if job.attempts > retries + 1
    ]


def above_partition(cluster: Cluster, path: Path, partitions: Sequence[Partition]) -> list[str]:
    """Return what the settings of a cluster promise and its partition has not.

    Parameters
    ----------
    cluster, path
        The settings and their file.
    partitions
        What the cluster says of itself; empty where it cannot be asked.
    """
    if not partitions:
        return []
    names = ", ".join(dict.fromkeys(partition.name for partition in partitions))
    if cluster.partition is None:
        nodes = [partition for partition in partitions if partition.default]
    else:
        nodes = [partition for partition in partitions if partition.name == cluster.partition]
        if not nodes:
            where = f"{path}: partition: {cluster.partition!r}"
            return [f"{where} is no partition of this cluster; it has {names}"]
    if not nodes:
        return [f"{path}: partition: this cluster has no default; name one of {names}"]
    name = nodes[0].name
    fitting = [
        node
        for node in nodes
        if node.cores >= cluster.cores_per_node and node.memory_gib >= cluster.memory_gib_per_node
    ]
    problems = []
    if not fitting:
        offered = "; ".join(
            dict.fromkeys(f"{node.cores} cores and {node.memory_gib:.1f} GiB" for node in nodes)
        )
        problems.append(
            f"{path}: cores_per_node is {cluster.cores_per_node} and memory_gib_per_node "
            f"{cluster.memory_gib_per_node}, but no node of the partition {name} has both; its "
            f"nodes have {offered}"
        )
    hours = max(node.hours for node in nodes)
    if cluster.longest_hours > hours:
        problems.append(
            f"{path}: longest_hours is {cluster.longest_hours}, but the partition {name} allows "
            f"{hours:.4g}"
        )
    return problems
