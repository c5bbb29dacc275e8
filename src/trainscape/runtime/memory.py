"""How much memory the workers of a stage may use."""

from __future__ import annotations

import os

__all__ = ["IMPORTS", "job_memory"]

IMPORTS = 512 * 2**20
"""Bytes that a process needs for its imports, beside what it computes."""


def job_memory(configured: float) -> float:
    """Return the bytes that this process and its workers may use together.

    In a batch job that is its allocation: an attempt that asked for more memory gets to use it.
    Elsewhere it is the configured number, as far as the machine, a container or `ulimit -m` allow.

    Parameters
    ----------
    configured
        Bytes that the configuration allows.
    """
    from distributed.system import memory_limit

    return min(_allocated() or configured, float(memory_limit()))


def _allocated() -> float | None:
    """Return the bytes that SLURM has given to this job on this node, if it says so."""
    node = os.environ.get("SLURM_MEM_PER_NODE", "")
    if node.isdigit() and int(node) > 0:
        return float(node) * 2**20
    core, cores = (os.environ.get(name, "") for name in ("SLURM_MEM_PER_CPU", "SLURM_CPUS_ON_NODE"))
    if core.isdigit() and cores.isdigit() and int(core) > 0:
        return float(core) * 2**20 * int(cores)
    return None
