"""A lock that allows one writer for each store.

It is an advisory lock of the operating system on ``<family>.lock``, which ends with the process
that holds it, however that process dies. The file also names the holder and has a heartbeat, since
on some shared file systems an advisory lock does not reach other hosts. There a file that another
host left behind is taken over as soon as its batch job is over, or its heartbeat has stood still
for `STALE_SECONDS`.

The holder may have been paused only, and wake up later. The new holder therefore puts a new file in
the place of the old one, and every holder looks whether the file is still its own before it writes
(`StoreLock.require`).
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from trainscape.storage.write_errors import writing

__all__ = ["StoreLock", "StoreLockedError", "seems_held"]

HEARTBEAT_SECONDS = 30.0

STALE_SECONDS = 150.0
"""Age of the last heartbeat from which on a holder on another host counts as dead: five heartbeats,
more than an NFS client may keep what it knows of a file (60 s)."""

POLL_SECONDS = 5.0

ASK_SECONDS = 15.0
"""Time between two questions whether the job is over, while the heartbeat is watched: SLURM lets a
cancelled job end its work for a while."""

Holder = dict[str, Any]
"""What the lock file says of its holder."""


class StoreLockedError(RuntimeError):
    """Another process works on the store."""


def _read(path: Path) -> Holder:
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


def _describe(holder: Holder) -> str:
    job = holder.get("job") or "no batch job"
    host, pid, heartbeat = (holder.get(key, "?") for key in ("host", "pid", "heartbeat"))
    return f"host {host}, pid {pid}, job {job}, last heartbeat {heartbeat}"


def _age(path: Path) -> float:
    """Return the seconds since a file was written, by the clock of its file system."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".clock-") as probe:
        probe.write(b"now")
        probe.flush()
        os.fsync(probe.fileno())
        return Path(probe.name).stat().st_mtime - path.stat().st_mtime


def _no_job_is_over(holder: Holder) -> bool:
    return False


class StoreLock:
    """Exclusive lock on a store, as a context manager.

    Parameters
    ----------
    path
        The lock file.
    steal
        Take a lock that another host left behind without waiting. A lock that is provably held is
        never taken.
    is_over
        Whether the batch job of a holder on another host is over, for sure.
    announce
        Called with a line of text before a wait.

    Attributes
    ----------
    taken_over
        Whether the lock was taken from a holder that may wake up again.

    Raises
    ------
    StoreLockedError
        If another process holds the lock; the message names its host, process and batch job.
    """

    def __init__(
        self,
        path: Path,
        *,
        steal: bool = False,
        is_over: Callable[[Holder], bool] = _no_job_is_over,
        announce: Callable[[str], None] | None = None,
    ) -> None:
        self.path = path
        self.steal = steal
        self.taken_over = False
        self._is_over = is_over
        self._announce = announce or (lambda line: None)
        self._descriptor = -1
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="store-lock-heartbeat", daemon=True)

    def _refuse(self, holder: Holder) -> StoreLockedError:
        return StoreLockedError(
            f"another run works on this store: {self.path} is held by {_describe(holder)}. Wait "
            "for it, or stop it; then run the same command again."
        )

    def _owned(self, descriptor: int) -> bool:
        """Return whether the lock file is still the one that was opened."""
        try:
            return os.fstat(descriptor).st_ino == self.path.stat().st_ino
        except FileNotFoundError:
            return False

    def _acquire(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        while True:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                raise self._refuse(_read(self.path)) from None
            # The previous holder may have removed the file between the open and the lock. Then
            # this lock is worth nothing.
            if not self._owned(descriptor):
                os.close(descriptor)
                continue
            self._descriptor = descriptor
            holder = _read(self.path)
            if holder.get("host", socket.gethostname()) == socket.gethostname():
                return  # the operating system says that its process is gone
            try:
                gone = self.steal or self._is_over(holder) or self._wait_until_gone(holder)
            except BaseException:
                os.close(descriptor)
                raise
            if gone and self._replace():
                return
            os.close(descriptor)  # it was released meanwhile: try again

    def _wait_until_gone(self, holder: Holder) -> bool:
        """Wait until the heartbeat has stood still for long enough, or the job is over.

        Returns
        -------
        bool
            False if the file is gone.

        Raises
        ------
        StoreLockedError
            If the holder is alive.
        """
        try:
            content, left = self.path.read_bytes(), STALE_SECONDS - max(_age(self.path), 0.0)
            if left > 0:
                self._announce(
                    f"{self.path} was left by {_describe(holder)}: waiting {left:.0f} s for a sign "
                    "of life before it is taken over (--break-lock: at once)"
                )
            end = time.monotonic() + left
            ask = time.monotonic() + ASK_SECONDS
            while (rest := end - time.monotonic()) > 0:
                time.sleep(min(rest, POLL_SECONDS))
                if self.path.read_bytes() != content:
                    raise self._refuse(_read(self.path))
                if time.monotonic() > ask:
                    ask += ASK_SECONDS
                    if self._is_over(holder):
                        return True
        except FileNotFoundError:
            return False
        return True

    def _replace(self) -> bool:
        """Put a new lock file, locked, in the place of an old one; False if that is gone."""
        number, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}-")
        new = Path(name)
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        old, self._descriptor = self._descriptor, number
        if not self._owned(old):
            new.unlink()
            os.close(number)
            self._descriptor = old
            return False
        new.chmod(0o644)
        self._write()
        new.replace(self.path)
        os.close(old)
        self.taken_over = True
        return True

    def require(self) -> None:
        """Make sure that no other run has taken this lock over.

        Raises
        ------
        StoreLockedError
            If one has: this process was paused, or cut off from the file system, for too long.
        """
        if not self._owned(self._descriptor):
            raise StoreLockedError(
                f"this run no longer holds {self.path}: it stood still for so long that another "
                f"run has taken over, {_describe(_read(self.path))}. What was kept until then is "
                "kept. Nothing to do, unless that run fails: then run the same command again."
            )

    def _write(self) -> None:
        holder = {
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "job": os.environ.get("SLURM_JOB_ID", ""),
            "restarts": os.environ.get("SLURM_RESTART_COUNT", "0"),
            "cluster": os.environ.get("SLURM_CLUSTER_NAME", ""),
            "heartbeat": datetime.now(UTC).isoformat(timespec="milliseconds"),
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
        if self._owned(self._descriptor):
            self.path.unlink(missing_ok=True)
        os.close(self._descriptor)
