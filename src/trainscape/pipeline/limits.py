"""What a machine or a cluster can hold: the memory of a cell, and the time of a block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trainscape.pipeline.config import WorkflowConfig
from trainscape.pipeline.errors import ConfigError
from trainscape.pipeline.request import Request

__all__ = ["above_limits", "check_limits"]


def above_limits(found: Iterable[Request], config: WorkflowConfig) -> Iterator[str]:
    """Yield, for each request that no job could finish, its worst cell and what to do about it.

    A task holds one cell, whose memory a machine has or has not. The least that a job does is one
    block: if that takes longer than a job may, each attempt ends where it began.
    """
    for request in found:
        memory = max(request.cells, key=lambda cell: cell.memory, default=None)
        if memory is not None and memory.memory > config.memory_gib * 2**30:
            yield (
                f"{request.paths}: cell {memory.name} needs about {memory.memory / 2**30:.1f} GiB, "
                f"more than memory_gib = {config.memory_gib} allows. Raise it in "
                "config/config.yaml if the machine has more, or take the cell out."
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
                "out, ask less of it, or raise block_hours in config/config.yaml with the walltime "
                "of the jobs (`runtime` in profiles/slurm), of which it is half."
            )


def check_limits(found: Iterable[Request], config: WorkflowConfig) -> None:
    """Refuse requests that no job could finish.

    Raises
    ------
    ConfigError
        Naming the worst cell of each.
    """
    if problems := list(above_limits(found, config)):
        raise ConfigError(problems)
