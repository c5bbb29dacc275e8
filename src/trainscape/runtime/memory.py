"""How much memory a process may use: that of the machine, or less inside a container or a job."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from pathlib import Path

__all__ = ["memory_limit"]

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
