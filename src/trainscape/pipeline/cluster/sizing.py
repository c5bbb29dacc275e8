"""What a job asks of a cluster: cores, memory and walltime, from the costs that the study names."""

from __future__ import annotations

import math
from dataclasses import dataclass

from trainscape.pipeline.cluster.settings import Cluster
from trainscape.pipeline.config import WorkflowConfig
from trainscape.pipeline.request import Request
from trainscape.runtime.memory import IMPORTS
from trainscape.studies.contract import Stage

__all__ = ["FIGURES_MEMORY", "IMPORTS_MEMORY", "JobSize", "job_size"]

IMPORTS_MEMORY = IMPORTS // 2**20
"""Megabytes that a process needs for its imports."""

FIGURES_MEMORY = 2048
"""Megabytes that the figures of a group need."""

START_MINUTES = 10
"""Minutes of a job in which nothing is computed: the start on a busy file system, compiling."""

SAFETY = 3
"""The first walltime is this many times the estimate, which may be wrong by such a factor."""

MORE_MEMORY = 0.5
"""What each further attempt asks for more, as a part of the first: memory is an estimate too."""


@dataclass(frozen=True)
class JobSize:
    """What one attempt of a job asks for.

    Parameters
    ----------
    cores
        Cores on one node.
    memory_mb
        Megabytes for all its processes.
    minutes
        Walltime.
    """

    cores: int
    memory_mb: int
    minutes: int


def job_size(
    request: Request, config: WorkflowConfig, cluster: Cluster, attempt: int = 1
) -> JobSize:
    """Return what a job asks for.

    It depends on the request alone and not on what is done already, so that the job itself, which
    reads the Snakefile again, finds the same. As many cores as have `in_process_seconds` of work
    and a block each, and as the memory of a node allows. The first attempt asks for a walltime that
    fits its work, since short jobs start sooner; each later one for the longest, and for more
    memory.

    Parameters
    ----------
    attempt
        Number of the attempt, from 1.
    """
    longest = max(1, math.floor(60 * cluster.longest_hours))
    node = math.floor(1024 * cluster.memory_gib_per_node)
    more = 1 + MORE_MEMORY * (attempt - 1)
    if request.stage is Stage.FIGURES:
        minutes = longest if attempt > 1 else min(longest, 3 * START_MINUTES)
        return JobSize(1, min(node, int(more * FIGURES_MEMORY)), minutes)
    cells = request.cells
    work = sum(cell.seconds * (cell.samples or 1) for cell in cells)
    largest = max((cell.memory for cell in cells), default=0) / 2**20
    blocks = sum(math.ceil((cell.samples or 1) / request.block) for cell in cells)
    worker = IMPORTS_MEMORY + largest
    # The process that shares the work out computes nothing, and holds a cell's results.
    fitting = math.floor((node - worker) / worker)
    wanted = math.floor(work / max(config.in_process_seconds, 1.0))
    cores = max(1, min(cluster.cores_per_node, blocks, wanted, fitting))
    memory = worker * (cores + 1 if cores > 1 else 1)
    minutes = START_MINUTES + math.ceil(SAFETY * work / cores / 60)
    return JobSize(
        cores=cores,
        memory_mb=min(node, math.ceil(more * memory)),
        minutes=longest if attempt > 1 else min(longest, minutes),
    )
