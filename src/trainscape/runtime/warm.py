"""The warm process of a local run: it has imported what jobs need, and forks one process per job.

A job that computes little costs seconds of imports, and a run has dozens of jobs. So the main
process of Snakemake starts one process that imports everything once (`start`, `serve`), and
``trainscape run`` becomes a thin client of it (`hand_over`), which imports the standard library
alone. The client passes its arguments, environment and standard streams over a Unix socket, waits
for the job, which is a fork of the warm process, and ends with its exit code.

What holds, whatever happens:

* **A job runs once.** The client runs it itself, as if there were no warm process, where there is
  none, where that refuses, or is lost before it answers; a fork that it made dies with it. After
  the answer the client only waits.
* **A job computes what it would compute alone.** The warm process refuses a client whose
  interpreter, package, folder, import path or environment are not its own: a library may have
  looked at any of them when it was imported. The conda environment of a rule is such a case. It
  serves nobody if the imports left a thread behind: a fork would lose it, perhaps with a lock.
* **A job runs the code that its request names.** The runner compares the request with the files,
  but code that was imported earlier may be older than these. So the warm process refuses every
  client once a source of the package, or the set of installed packages, is not what it was before
  the imports. The job then imports anew, and the runner refuses it or not, like any other. Modules
  from outside of the package, a user's plug-in, are never imported beforehand.
* **Signals mean what they always mean.** A job is in the process group of its client, where Ctrl-C
  and a kill of the group reach it. SIGTERM and SIGINT to the client alone are passed on. If the
  client is killed, so is its job; if the warm process is killed, so are all its jobs.
* **It does not stay behind.** It ends when the pipe closes whose other end the main process holds.
  Jobs that still run get SIGTERM, finish their chunks, and are waited for.

On Linux only: elsewhere it is not safe to fork a process that has loaded numerical libraries, and
the parent's death cannot be made to end its children. There, jobs start as they always did.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import io
import json
import os
import selectors
import shutil
import signal
import socket
import struct
import subprocess
import sys
import sysconfig
import tempfile
import threading
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from trainscape.runtime.warm_client import (
    ADDRESS,
    PACKAGE,
    PASSED_ON,
    SERVE,
    STARTED,
    identity,
)

__all__ = ["is_warm", "serve", "start"]

_warm = False


def is_warm() -> bool:
    """Return whether this process is a job that the warm process started."""
    return _warm


def start(modules: Iterable[str], program: str = PACKAGE.name) -> None:
    """Start the warm process, and name its socket in the environment of the jobs to come.

    It ends with this process. Nothing happens where there cannot be one.

    Parameters
    ----------
    modules
        Names of what it is to import. Modules from outside of the package are left out.
    program
        Module whose main function calls `serve` when its first argument is ``SERVE``.
    """
    if sys.platform != "linux" or ADDRESS in os.environ:
        return
    folder = tempfile.mkdtemp(prefix="trainscape-")  # which nobody else may enter
    address = f"{folder}/jobs"
    chosen = [name for name in modules if name.split(".")[0] == PACKAGE.name]
    with socket.socket(socket.AF_UNIX) as listener:
        try:
            listener.bind(address)
        except OSError:  # the path of the temporary folder is too long for a socket
            shutil.rmtree(folder)
            return
        listener.listen(128)
        ours, lifeline = os.pipe()
        process = subprocess.Popen(
            [sys.executable, "-m", program, SERVE, str(listener.fileno()), str(ours)],
            stdin=subprocess.PIPE,
            pass_fds=(listener.fileno(), ours),
        )
        os.close(ours)
    # Through its input: on its command line, the names would fill the screen of whoever looks.
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError), process.stdin:
        process.stdin.write("\n".join(chosen).encode())
    os.environ[ADDRESS] = address
    waiter = threading.Thread(target=process.wait, daemon=True)  # so that it is no zombie
    waiter.start()

    def end() -> None:
        os.close(lifeline)
        waiter.join(timeout=60)
        process.kill()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(end)


# The warm process


def _state_of_code() -> dict[str, tuple[int, ...]]:
    """Return what changes with any edit of a source, and with any package that comes or goes."""
    installed = {sysconfig.get_path(name) for name in ("purelib", "platlib")}
    packages = (path for folder in installed for path in Path(folder).glob("*.dist-info"))
    state = {str(path): path.stat() for path in (*PACKAGE.rglob("*.py"), *packages)}
    return {
        path: (facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)
        for path, facts in state.items()
    }


def _threads() -> int:
    """Return the number of threads of this process, those of libraries included."""
    return len(os.listdir("/proc/self/task"))  # noqa: PTH208 - no path is wanted


class _WarmProcess:
    """Waits for clients, for their signals, and for the ends of jobs and of the main process."""

    def __init__(self, listener: socket.socket, lifeline: int) -> None:
        self.identity = identity()
        self.code = _state_of_code()
        self.listener = listener
        self.lifeline = lifeline
        self.jobs: dict[int, socket.socket] = {}
        self.selector = selectors.DefaultSelector()
        self.ended, self.wake = socket.socketpair()
        for end in (self.ended, self.wake):
            end.setblocking(False)

    def _watch(self, source: Any, action: Callable[[], Any]) -> None:
        self.selector.register(source, selectors.EVENT_READ, action)

    def loop(self) -> tuple[dict[str, Any], list[int]] | None:
        """Return the request and the streams in the process of a job, None in the warm process."""
        signal.set_wakeup_fd(self.wake.fileno())
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        self._watch(self.listener, self._accept)
        self._watch(self.lifeline, self._end)
        self._watch(self.ended, self._reap)
        while self.lifeline >= 0 or self.jobs:
            for key, _ in self.selector.select():
                job: tuple[dict[str, Any], list[int]] | None = key.data()
                if job is not None:
                    return job
        return None

    def _accept(self) -> tuple[dict[str, Any], list[int]] | None:
        """Fork for a client, or close its connection: then it runs the command itself."""
        connection, _ = self.listener.accept()
        streams: list[int] = []
        request: dict[str, Any] = {}
        try:
            connection.settimeout(10)
            head, streams, _, _ = socket.recv_fds(connection, 4, 3)
            body = connection.recv(struct.unpack("=I", head)[0], socket.MSG_WAITALL)
            request = json.loads(body)
            fits = request["identity"] == self.identity and _state_of_code() == self.code
            job = os.fork() if fits else None
        except (OSError, ValueError, struct.error):
            job = None
        if job == 0:
            connection.close()
            self._forget()
            return request, streams
        for stream in streams:
            os.close(stream)
        if job is None:
            connection.close()
            return None
        self.jobs[job] = connection
        self._watch(connection, partial(self._hear, job, connection))
        with contextlib.suppress(OSError):  # the client is gone: `_hear` will notice
            connection.send(STARTED)
        return None

    def _hear(self, job: int, connection: socket.socket) -> None:
        """Pass the signals of a client on. If it was killed, kill its job."""
        try:
            received = connection.recv(16)
        except OSError:
            received = b""
        if not received:
            self.selector.unregister(connection)
        for number in received or (signal.SIGKILL,):
            os.kill(job, number)  # which is there: nobody has waited for it yet

    def _reap(self) -> None:
        """Tell the clients of all jobs that have ended how they did."""
        with contextlib.suppress(BlockingIOError):
            self.ended.recv(4096)
        for job, connection in list(self.jobs.items()):
            ended, status = os.waitpid(job, os.WNOHANG)
            if ended:
                del self.jobs[job]
                with contextlib.suppress(KeyError):
                    self.selector.unregister(connection)
                with contextlib.suppress(OSError):
                    connection.send(struct.pack("=i", os.waitstatus_to_exitcode(status)))
                connection.close()

    def _end(self) -> None:
        """Stop, because the main process has ended."""
        for source in (self.listener, self.lifeline):
            self.selector.unregister(source)
        folder = Path(self.listener.getsockname()).parent
        shutil.rmtree(folder, ignore_errors=True)  # the main process may have been killed
        self.listener.close()
        os.close(self.lifeline)
        self.lifeline = -1
        for job in self.jobs:
            os.kill(job, signal.SIGTERM)

    def _forget(self) -> None:
        """Give up, in the process of a job, everything that belongs to the warm process."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self.selector.close()
        for end in (self.listener, self.ended, self.wake, *self.jobs.values()):
            end.close()
        os.close(self.lifeline)


def _open_streams(descriptors: list[int]) -> None:
    """Make the descriptors the standard streams, opened as Python opens them when it starts.

    The objects of the warm process would not do: they remember what they were opened on, whether
    one can seek in it, and whether it is a terminal.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        os.dup2(descriptors[number], number)
        os.close(descriptors[number])
        before = getattr(sys, name)
        raw = open(  # noqa: SIM115 - open until the process ends
            number, "wb" if number else "rb", -1 if not before.write_through else 0, closefd=False
        )
        stream = io.TextIOWrapper(
            raw,
            encoding=before.encoding,
            errors=before.errors,
            line_buffering=name == "stderr" or raw.isatty(),
            write_through=before.write_through,
        )
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def serve(preload: Callable[[list[str]], None]) -> None:
    """Be the warm process.

    Returns in the process of each job, which then has the arguments, the variables and the streams
    of its client, and goes on like a process of its own. Never returns in the warm process.

    Parameters
    ----------
    preload
        Imports what jobs need, given the names that `start` got. `start` gives the descriptors of
        the socket and of the pipe as arguments, and the names as input.
    """
    global _warm  # noqa: PLW0603 - a fact about this process
    warm = os.getpid()
    # A job must not lose a signal that reaches it before it has handlers: blocked signals wait.
    signal.pthread_sigmask(signal.SIG_BLOCK, PASSED_ON)
    process = _WarmProcess(socket.socket(fileno=int(sys.argv[2])), int(sys.argv[3]))
    with open(0, closefd=False) as names:
        preload(names.read().split())
    for thread in threading.enumerate():
        if thread is not threading.main_thread():
            thread.join(timeout=1)  # some are about to end: a timer that was cancelled
    if threading.active_count() > 1 or _threads() > 1:
        sys.exit("warning: the imports have left threads running, so that every job starts alone")
    # What is there stays: collections in the jobs need not look at it, nor copy its memory.
    gc.collect()
    gc.freeze()
    job = process.loop()
    if job is None:
        sys.exit()
    _warm = True
    request, streams = job
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: end with the warm process
    if os.getppid() != warm:
        os._exit(1)
    with contextlib.suppress(OSError):  # the client is gone
        os.setpgid(0, request["group"])
    _open_streams(streams)
    sys.argv[:] = request["arguments"]
    for name, value in request["environment"].items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value
    tempfile.tempdir = None
    signal.pthread_sigmask(signal.SIG_UNBLOCK, PASSED_ON)
