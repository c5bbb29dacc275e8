"""Kill a process at the n-th point where what the disk holds may change: files, folders, syncs.

A random number draws a random moment that no load of the machine shifts, and that no test has to
think of: every file that is opened for writing, renamed or removed, every folder that is made or
removed, and each sync to disk, before and after it. Reads are no points, since nothing changes
between two of them.

In a process, `install` is called. For a command, `inject` returns variables of the environment that
let each Python process of it count into one file, and the whole process group is killed.
"""

import fcntl
import os
import signal
import sys
from pathlib import Path
from typing import Any

LIMIT, COUNTER, TORN = "KILL_POINTS_LIMIT", "KILL_POINTS_COUNTER", "KILL_POINTS_TORN"

CHANGES = frozenset(("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.symlink"))
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class KillPoints:
    """Counts the points of this process and its forks.

    Parameters
    ----------
    limit
        Point at which to kill.
    counter
        File that all processes of a command count into, a byte for a point.
    torn
        Share of the last line of a ledger that is lost if it was not yet synced, in [0, 1).
    group
        Kill the whole process group.
    """

    def __init__(self, limit: int, counter: Path, *, torn: float = 0.0, group: bool = False):
        self.limit = limit
        self.torn = torn
        self.group = group
        descriptor = os.open(counter, os.O_RDWR | os.O_APPEND | os.O_CREAT)
        # Far from the numbers that programs use, so that nobody else gets it by accident.
        self.descriptor = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 900)
        os.close(descriptor)

    def install(self) -> None:
        """Begin to count."""
        sync = os.fsync

        def counted(file: Any) -> None:
            self.count("sync", file)
            sync(file)
            self.count("synced")

        os.fsync = counted
        sys.addaudithook(self._look)

    def _look(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in CHANGES or (event == "open" and (arguments[2] or 0) & WRITING):
            self.count(event)

    def count(self, what: str, file: Any = None) -> None:
        """Count a point; kill at the last."""
        os.write(self.descriptor, b".")
        if os.fstat(self.descriptor).st_size < self.limit:
            return
        if what == "sync":
            self._tear(file if isinstance(file, int) else file.fileno())
        if self.group:
            os.killpg(os.getpgrp(), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)

    def _tear(self, descriptor: int) -> None:
        """Take away a part of a ledger line that is not on disk yet."""
        path = Path(f"/proc/self/fd/{descriptor}")
        if not path.exists() or not path.readlink().name.endswith(".ledger.jsonl"):
            return
        content = path.read_bytes()
        line = len(content) - 1 - content.rfind(b"\n", 0, len(content) - 1)
        os.ftruncate(descriptor, len(content) - int(self.torn * line))


def inject(folder: Path, limit: int, torn: float) -> dict[str, str]:
    """Return the variables that let a command be killed at a point; `folder` is for its files."""
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text("import kill_points\nkill_points.begin()\n")
    counter = folder / "counter"
    counter.unlink(missing_ok=True)
    return {LIMIT: str(limit), COUNTER: str(counter), TORN: str(torn)}


def begin() -> None:
    """Install what the environment says."""
    if LIMIT in os.environ:
        environ = os.environ
        KillPoints(
            int(environ[LIMIT]), Path(environ[COUNTER]), torn=float(environ[TORN]), group=True
        ).install()
