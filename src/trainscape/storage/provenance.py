"""Facts about a run that may differ between runs with equal results: times, host, versions.

They help to find the cause when two runs do not agree.
"""

from __future__ import annotations

import os
import platform
import resource
import socket
import subprocess
import sys
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

__all__ = ["PACKAGES", "provenance", "versions"]

PACKAGES = (
    "trainscape",
    "numpy",
    "scipy",
    "numba",
    "quimb",
    "cotengra",
    "xarray",
    "zarr",
    "dask",
    "distributed",
    "snakemake",
    "matplotlib",
)
"""Packages whose versions can change a result."""


@cache
def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def versions() -> dict[str, str]:
    """Return the installed versions of `PACKAGES` and of Python."""
    return {
        "python": platform.python_version(),
        **{package: _version(package) for package in PACKAGES},
    }


def _git(*arguments: str) -> str:
    folder = Path(__file__).parent
    try:
        return subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def _dirty() -> bool:
    # A folder mounted or linked in the place of results/ hides the README there, which computes
    # nothing.
    outside = (":/", ":(top,exclude)results")
    return bool(_git("status", "--porcelain", "--untracked-files=no", "--", *outside))


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next(
        (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")),
        platform.machine(),
    )


def provenance(started: datetime, *, chunk_seconds: float, warm: bool) -> dict[str, Any]:
    """Return the facts of this process as plain JSON values.

    Parameters
    ----------
    started
        When the run began, with its time zone.
    chunk_seconds
        Core-seconds of the chunks that the run computed, in all its processes. The rest of its
        CPU seconds is what a job costs that computes nothing.
    warm
        Whether another process had done the imports; the CPU seconds do not hold these then.
    """
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    ended = datetime.now(UTC)
    return {
        "command": sys.argv,
        "commit": _git("rev-parse", "HEAD"),
        "dirty": _dirty(),
        "started": started.isoformat(timespec="seconds"),
        "ended": ended.isoformat(timespec="seconds"),
        "wall_seconds": round((ended - started).total_seconds(), 3),
        "cpu_seconds": round(
            own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime, 3
        ),
        "chunk_seconds": round(chunk_seconds, 3),
        "warm": warm,
        "peak_memory_bytes": 1024 * max(own.ru_maxrss, children.ru_maxrss),
        "host": socket.gethostname(),
        "job": os.environ.get("SLURM_JOB_ID", ""),
        "platform": platform.platform(),
        "processor": _processor(),
        "threads": {
            name: os.environ[name] for name in sorted(os.environ) if name.endswith("_NUM_THREADS")
        },
        "versions": versions(),
    }
