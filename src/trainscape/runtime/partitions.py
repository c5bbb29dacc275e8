"""What a SLURM cluster says of its partitions, where there is one to ask."""

from __future__ import annotations

import math
import re
import shutil
import subprocess
from dataclasses import dataclass

__all__ = ["Partition", "partitions", "walltime_hours"]

ASK_SECONDS = 20
"""How long a busy controller is waited for; then the cluster counts as one that cannot be asked."""


@dataclass(frozen=True)
class Partition:
    """A kind of node in a partition.

    Parameters
    ----------
    name
        Name of the partition.
    default
        Whether jobs go there that name none.
    cores
        Cores of a node.
    memory_gib
        Memory of a node, in GiB.
    hours
        Longest walltime; infinite where there is no limit.
    """

    name: str
    default: bool
    cores: int
    memory_gib: float
    hours: float


def walltime_hours(text: str) -> float:
    """Return the hours that SLURM writes as ``[days-]hours:minutes:seconds``.

    Also ``minutes:seconds``, and ``infinite``.
    """
    match = re.fullmatch(r"(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+)", text)
    if match is None:
        return math.inf
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return 24 * days + hours + minutes / 60 + seconds / 3600


def partitions() -> list[Partition]:
    """Ask ``sinfo``; return nothing where there is none, or where it does not answer."""
    if shutil.which("sinfo") is None:
        return []
    command = ["sinfo", "--noheader", "--exact", "--format=%P|%c|%m|%l"]
    try:
        answer = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=ASK_SECONDS
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    found = []
    for line in answer.splitlines():
        name, cores, memory, hours = line.strip().split("|")
        found.append(
            Partition(
                name=name.removesuffix("*"),
                default=name.endswith("*"),
                # A plus sign says that some nodes have more.
                cores=int(cores.rstrip("+")),
                memory_gib=float(memory.rstrip("+")) / 1024,
                hours=walltime_hours(hours),
            )
        )
    return found
