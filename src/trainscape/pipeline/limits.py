"""What a machine or a cluster can hold: the memory of a cell, and the time of a block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from trainscape.pipeline.config import WorkflowConfig
from trainscape.pipeline.errors import ConfigError
from trainscape.pipeline.request import Request

__all__ = ["above_limits", "check_limits"]


def above_limits(
    found: Iterable[Request], config: WorkflowConfig, cluster_file: Path | None = None
) -> Iterator[str]:
    """Yield, for each request that no job could finish, its worst cell and what to do about it.

    A task holds one cell, whose memory a machine has or has not. The least that a job does is one
    block: if that takes longer than a job may, each attempt ends where it began.

    Parameters
    ----------
    found
        The requests.
    config
        The limits.
    cluster_file
        The settings of the cluster that the limits are taken from, if they are.
    """
    memory_advice = (
        "Raise it in config/config.yaml if the machine has more, or take the cell out."
        if cluster_file is None
        else f"That is memory_gib_per_node in {cluster_file}: raise it if the nodes have more, or "
        "take the cell out."
    )
    time_advice = (
        "raise block_hours in config/config.yaml, with longest_hours in profiles/slurm/cluster.yaml"
        ", of which it is half."
        if cluster_file is None
        else f"raise longest_hours in {cluster_file}, of which it is half, if the cluster allows "
        "it."
    )
    for request in found:
        memory = max(request.cells, key=lambda cell: cell.memory, default=None)
        if memory is not None and memory.memory > config.memory_gib * 2**30:
            yield (
                f"{request.paths}: cell {memory.name} needs about {memory.memory / 2**30:.1f} GiB, "
                f"more than memory_gib = {config.memory_gib} allows. {memory_advice}"
            )
        hours = {
            cell.name: cell.seconds * (request.block if cell.samples is not None else 1) / 3600
            for cell in request.cells
        }
        slowest = max(hours, key=lambda name: hours[name], default=None)
        if slowest is not None and hours[slowest] > config.block_hours:
            yield (
                f"{request.paths}: one block of cell {slowest} takes about {hours[slowest]:.1f} "
                f"core-hours, more than block_hours = {config.block_hours} allows. Take the cell "
                f"out, ask less of it, or {time_advice}"
            )


def check_limits(
    found: Iterable[Request], config: WorkflowConfig, cluster_file: Path | None = None
) -> None:
    """Refuse requests that no job could finish; the parameters are those of `above_limits`.

    Raises
    ------
    ConfigError
        Naming the worst cell of each.
    """
    if problems := list(above_limits(found, config, cluster_file)):
        raise ConfigError(problems)
