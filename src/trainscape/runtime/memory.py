"""How much memory a process and its workers may use: that of the machine, a container, or a job."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from pathlib import Path

__all__ = ["IMPORTS", "job_memory", "memory_limit", "workers_within"]

IMPORTS = 512 * 2**20
"""Bytes that a process needs for its imports, beside what it computes."""

GROUPS = Path("/proc/self/cgroup")
"""Lines ``number:controllers:path``, one for each hierarchy of control groups."""

MOUNT = Path("/sys/fs/cgroup")
"""Where their files are."""


def memory_limit() -> int:
    """Return the bytes of memory that this process may use.

    The least of the machine's memory, the limit of its address space (``ulimit -v``), and the
    limits of its control groups, by which containers and SLURM bound a job.
    """
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), *_group_limits()]
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    if soft != resource.RLIM_INFINITY:
        limits.append(soft)
    return min(limits)


def _group_limits() -> Iterator[int]:
    """Yield the limits of the control groups of this process, and of those around them."""
    try:
        lines = GROUPS.read_text(encoding="utf-8").splitlines()
    except OSError:  # not Linux
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            mount, name = MOUNT, "memory.max"  # version 2
        elif "memory" in controllers.split(","):
            mount, name = MOUNT / "memory", "memory.limit_in_bytes"
        else:
            continue
        group = mount / path.lstrip("/")
        # Inside a container the path may be that of the host: then its own limit is at the mount.
        for folder in dict.fromkeys((group, *group.parents, mount)):
            if folder.is_relative_to(mount):
                yield from _number(folder / name)


def _number(file: Path) -> Iterator[int]:
    try:
        text = file.read_text(encoding="ascii").strip()
    except OSError:
        return
    if text.isdecimal():  # "max" is none
        yield int(text)


def job_memory(configured: float) -> float:
    """Return the bytes that this process and its workers may use together.

    In a batch job that is its allocation: an attempt that asked for more memory gets to use it.
    Elsewhere it is the configured number, as far as the machine or a container allows. The kernel
    ignores ``ulimit -m``, but Dask stops workers above it.

    Parameters
    ----------
    configured
        Bytes that the configuration allows.
    """
    limits = [_allocated() or configured, float(memory_limit())]
    _, resident = resource.getrlimit(resource.RLIMIT_RSS)
    if resident != resource.RLIM_INFINITY:
        limits.append(float(resident))
    return min(limits)


def workers_within(memory: float, need: float, wanted: int) -> int:
    """Return how many of the wanted workers fit into a memory; one in any case.

    Parameters
    ----------
    memory
        Bytes that all may use together.
    need
        Bytes that the largest task needs, without the imports of its worker.
    wanted
        Workers.
    """
    return max(1, min(wanted, int(memory / (need + IMPORTS))))


def _allocated() -> float | None:
    """Return the bytes that SLURM has given to this job on this node, if it says so."""
    node = os.environ.get("SLURM_MEM_PER_NODE", "")
    if node.isdigit() and int(node) > 0:
        return float(node) * 2**20
    core, cores = (os.environ.get(name, "") for name in ("SLURM_MEM_PER_CPU", "SLURM_CPUS_ON_NODE"))
    if core.isdigit() and cores.isdigit() and int(core) > 0:
        return float(core) * 2**20 * int(cores)
    return None
