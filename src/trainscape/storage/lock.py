"""A lock that allows one writer for each store.

It is an advisory lock of the operating system on ``<family>.lock``, which ends with the process
that holds it, however that process dies. The file also names the holder and the time of its last
heartbeat. A second run prints both, and they protect the store on file systems whose advisory locks
do not reach other hosts. A lock that another host left behind is never broken automatically.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import threading
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from trainscape.storage.write_errors import writing

__all__ = ["StoreLock", "StoreLockedError", "seems_held"]

HEARTBEAT_SECONDS = 30.0


class StoreLockedError(RuntimeError):
    """Another process works on the store."""


def _read(path: Path) -> dict[str, Any]:
    try:
        holder = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return holder if isinstance(holder, dict) else {}


def seems_held(path: Path) -> bool:
    """Return whether a process works on the store, as far as the lock file tells.

    A killed process leaves its file behind. Taking the lock would give a certain answer, but it
    could make a run fail that starts at the same moment.
    """
    holder = _read(path)
    try:
        age = datetime.now(UTC) - datetime.fromisoformat(holder["heartbeat"])
        if holder["host"] == socket.gethostname():
            os.kill(holder["pid"], 0)
    except (KeyError, TypeError, ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return age.total_seconds() < 3 * HEARTBEAT_SECONDS


def _describe(holder: dict[str, Any]) -> str:
    job = holder.get("job") or "no batch job"
    host, pid, heartbeat = (holder.get(key, "?") for key in ("host", "pid", "heartbeat"))
    return f"host {host}, pid {pid}, job {job}, last heartbeat {heartbeat}"


class StoreLock:
    """Exclusive lock on a store, as a context manager.

    Parameters
    ----------
    path
        The lock file.
    steal
        Take the lock even if another host left it behind. A lock that is provably held is never
        taken.

    Raises
    ------
    StoreLockedError
        If another process holds the lock; the message names its host, process and batch job.
    """

    def __init__(self, path: Path, *, steal: bool = False) -> None:
        self.path = path
        self.steal = steal
        self._descriptor = -1
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="store-lock-heartbeat", daemon=True)

    def _refuse(self, holder: dict[str, Any], advice: str) -> StoreLockedError:
        return StoreLockedError(
            f"another run works on this store: {self.path} is held by {_describe(holder)}. {advice}"
        )

    def _acquire(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        while True:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                raise self._refuse(
                    _read(self.path), "Wait for it, or stop it; then run the same command again."
                ) from None
            # The previous holder may have removed the file between the open and the lock. Then
            # this lock is worth nothing.
            try:
                same = os.fstat(descriptor).st_ino == self.path.stat().st_ino
            except FileNotFoundError:
                same = False
            if same:
                self._descriptor = descriptor
                return
            os.close(descriptor)

    def _write(self) -> None:
        holder = {
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "job": os.environ.get("SLURM_JOB_ID", ""),
            "heartbeat": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        content = json.dumps(holder).encode()
        os.pwrite(self._descriptor, content, 0)
        os.ftruncate(self._descriptor, len(content))

    def _beat(self) -> None:
        while not self._stop.wait(HEARTBEAT_SECONDS):
            # A full disk stops the work by itself, and then with a message.
            with suppress(OSError):
                self._write()

    def __enter__(self) -> Self:
        with writing(self.path):
            self._acquire()
        holder = _read(self.path)
        if holder and holder.get("host") != socket.gethostname() and not self.steal:
            os.close(self._descriptor)
            raise self._refuse(
                holder,
                "If that host is down or the job is gone, run the same command with --break-lock "
                "(it resumes, nothing is lost).",
            )
        with writing(self.path):
            self._write()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()
        # Removal comes before release, so that nobody can lock a file that is about to be removed.
        self.path.unlink(missing_ok=True)
        os.close(self._descriptor)
