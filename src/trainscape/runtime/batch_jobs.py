"""Ask SLURM whether the batch job that holds a lock is over."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from typing import Any

__all__ = ["job_is_over"]

OVER = frozenset(
    ("CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "OUT_OF_MEMORY", "PREEMPTED", "TIMEOUT")
)
"""States of a job whose processes are gone. NODE_FAIL is not one of them: the node was not heard
of, and may still write."""

ANSWER_SECONDS = 20.0
"""Time that SLURM has to answer. A controller that is busy is asked again by the next run."""


def job_is_over(holder: Mapping[str, Any]) -> bool:
    """Return whether the batch job of a lock's holder is over, as far as SLURM says so for sure.

    Parameters
    ----------
    holder
        What the lock file says: "job", its number; "restarts", how often SLURM had started it again
        before; "cluster".

    Returns
    -------
    bool
        False too where there is no SLURM, where the job is of another cluster, or where SLURM does
        not answer.
    """
    job = str(holder.get("job", ""))
    if not job.isdigit() or holder.get("cluster", "") != os.environ.get("SLURM_CLUSTER_NAME", ""):
        return False
    if job == os.environ.get("SLURM_JOB_ID"):
        # SLURM starts a job again only after its end, under the same number.
        return int(os.environ.get("SLURM_RESTART_COUNT", "0")) > int(holder.get("restarts", 0))
    if _ask("squeue", "--noheader", "--states", "all", "--jobs", job, "--format", "%T") - OVER:
        return False
    states = _ask("sacct", "-n", "-X", "-P", "--jobs", job, "--format", "State")
    return bool(states) and states <= OVER


def _ask(*command: str) -> set[str]:
    """Return the first word of each line that a command prints; empty if it fails."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=ANSWER_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return set()
    # sacct says "CANCELLED by 1000".
    return {line.split()[0] for line in done.stdout.splitlines() if line.strip()}
