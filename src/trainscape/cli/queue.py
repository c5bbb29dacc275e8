"""What `plan` and `validate` say of a cluster: the jobs that a run would submit to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from trainscape.cli.options import Preset, console, load_requests

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trainscape.pipeline.cluster.queue import QueuedJob, StageShape
    from trainscape.pipeline.cluster.settings import Cluster

__all__ = ["chosen_cluster", "show_queue"]


def chosen_cluster(profile: str) -> tuple[Path, Cluster]:
    """Return the cluster of a profile, with its file.

    Raises
    ------
    ConfigError
        If there is none, or it promises what the cluster, where it can be asked, has not.
    """
    from trainscape.pipeline.cluster.queue import above_partition
    from trainscape.pipeline.cluster.settings import cluster_file, load_cluster
    from trainscape.pipeline.errors import ConfigError
    from trainscape.runtime.partitions import partitions

    path = cluster_file(profile)
    cluster = load_cluster(path)
    if problems := above_partition(cluster, path, partitions()):
        raise ConfigError(problems)
    return path, cluster


def _minutes(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02d} h" if minutes >= 60 else f"{minutes} min"


def _hours(hours: float) -> str:
    return f"{hours:.1f} h" if hours >= 2 else f"{60 * hours:.0f} min"


def _table(shapes: Sequence[StageShape], jobs: Sequence[QueuedJob], longest: float) -> Any:
    from rich.table import Table

    table = Table("stage", title="Jobs of this run")
    for heading in ("jobs", "core-hours", "cores of all", "most cores", "memory", "walltime"):
        table.add_column(heading, justify="right")
    for shape in shapes:
        table.add_row(
            shape.stage,
            str(shape.jobs),
            f"{shape.core_hours:.2f}",
            str(shape.cores_at_once),
            str(shape.cores),
            f"{shape.memory_mb / 1024:.1f} GiB",
            _minutes(shape.minutes),
        )
    widest = max((shape.cores_at_once for shape in shapes), default=0)
    table.caption = (
        f"{len(jobs)} jobs, {sum(shape.core_hours for shape in shapes):.1f} core-hours, at most "
        f"{widest} cores at once. At least {_hours(longest)} from the first to the last, and what "
        "they wait in the queue. Memory and walltime are the most that one job asks for at first."
    )
    return table


def show_queue(
    study: str | None, preset: Preset | None, profile: str, config_file: Path, *, as_json: bool
) -> None:
    """Print the jobs that a run with a cluster's profile would submit.

    Raises
    ------
    ConfigError
        If no node could do one of them; nothing is submitted in any case.
    """
    from trainscape.pipeline.cluster.queue import (
        critical_hours,
        profile_retries,
        queued_jobs,
        stage_shapes,
        too_many_attempts,
    )
    from trainscape.pipeline.limits import check_limits
    from trainscape.pipeline.report import stage_states

    path, cluster = chosen_cluster(profile)
    config, requests = load_requests(study, preset, config_file)
    config = cluster.limit(config)
    check_limits(requests, config, path)
    jobs = queued_jobs(stage_states(requests, config.chunk_seconds), config, cluster)
    for problem in too_many_attempts(jobs, profile_retries(path.parent)):
        typer.echo(f"warning: {problem}", err=True)
    if as_json:
        rows = [
            {
                "study": job.request.study,
                "preset": job.request.preset,
                "stage": str(job.request.stage),
                "family": job.request.family,
                "cores": job.size.cores,
                "memory_mb": job.size.memory_mb,
                "minutes": job.size.minutes,
                "core_hours": job.core_hours,
                "attempts": job.attempts,
            }
            for job in jobs
        ]
        typer.echo(json.dumps(rows, indent=1))
        return
    console().print(_table(stage_shapes(jobs), jobs, critical_hours(jobs)))
