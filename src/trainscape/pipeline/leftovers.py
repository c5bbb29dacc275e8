"""Temporary folders of Snakemake processes that were killed.

Each Snakemake process has one among the temporary files and removes it at its end, which a kill
does not let it reach. So each puts its name into its folder, and the next run removes the folders
whose process is gone.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

__all__ = ["mark_temporary_folder", "remove_leftovers"]

MARK = "trainscape-process.json"
PATTERN = "snakemake*"


def _start(process: int) -> str:
    """Return when a process started, so that another one with its number is told apart."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return ""
    return stat.rsplit(")", 1)[1].split()[19]


def mark_temporary_folder(folder: Path) -> None:
    """Note in a folder which process it belongs to. Where that cannot be, nothing is noted."""
    process = os.getpid()
    facts = {"host": socket.gethostname(), "pid": process, "start": _start(process)}
    with suppress(OSError):
        (folder / MARK).write_text(json.dumps(facts))


def _is_gone(facts: Any) -> bool:
    """Whether the process that a mark names is known to have ended."""
    try:
        if facts["host"] != socket.gethostname():
            return False
        process = int(facts["pid"])
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except (KeyError, TypeError, ValueError, OSError, OverflowError):
        return False
    return _start(process) not in ("", facts.get("start"))


def remove_leftovers(parent: Path) -> list[Path]:
    """Remove the marked folders in `parent` whose process is gone; return them.

    Folders of other users, links, and folders without a mark are left alone.
    """
    removed = []
    for folder in sorted(parent.glob(PATTERN)):
        try:
            if folder.is_symlink() or folder.stat().st_uid != os.getuid():
                continue
            facts = json.loads((folder / MARK).read_text())
        except (OSError, ValueError):
            continue
        if _is_gone(facts):
            shutil.rmtree(folder, ignore_errors=True)
            removed.append(folder)
    return removed
