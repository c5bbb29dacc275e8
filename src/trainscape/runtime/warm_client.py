"""The client of the warm process: what `trainscape.runtime.warm` describes, from a job's side.

Imports the standard library alone, and of that little: it is all that most jobs have to start.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import struct
import sys
from pathlib import Path
from typing import Any

__all__ = ["ADDRESS", "OWN", "PACKAGE", "PASSED_ON", "SERVE", "STARTED", "hand_over", "identity"]

ADDRESS = "TRAINSCAPE_WARM"
"""Environment variable: the path of the socket. If a user sets it to ``off``, jobs start alone."""

SERVE = "_serve-jobs"
"""Argument that makes ``python -m trainscape`` the warm process."""

PASSED_ON = (signal.SIGINT, signal.SIGTERM)
"""Signals that a client passes on to its job."""

STARTED = b"S"
"""Answer of the warm process once there is a job: from then on the client only waits."""

PACKAGE = Path(__file__).parents[1]
"""Folder of the package."""

OWN = frozenset(
    (ADDRESS, "PWD", "OLDPWD", "SHLVL", "_", "TMPDIR", "TMP", "TEMP", "TEMPDIR", "GOTO_NUM_THREADS")
)
"""Variables that a client may have of its own: shells set them, and Snakemake for each job.

No import depends on them.
"""


def identity() -> dict[str, Any]:
    """Return what a client and the warm process must have in common, as plain JSON values."""
    return {
        "python": [os.path.realpath(sys.executable), sys.prefix, sys.version, *sys.flags],
        "package": str(PACKAGE),
        "folder": str(Path.cwd()),
        "path": list(sys.path),
        "session": os.getsid(0),
        "environment": {name: value for name, value in os.environ.items() if name not in OWN},
    }


def hand_over() -> None:
    """Let the warm process run this command, and exit with the code of the job.

    Returns, with nothing done, where the process has to run the command itself.
    """
    address = os.environ.get(ADDRESS)
    if address is None or sys.platform != "linux":
        return
    connection = socket.socket(socket.AF_UNIX)
    received: list[int] = []

    def pass_on(number: int, frame: object) -> None:
        received.append(number)
        with contextlib.suppress(OSError):
            connection.send(bytes([number]))

    # Blocked until the request is sent: a signal that is passed on must not come amid it.
    signal.pthread_sigmask(signal.SIG_BLOCK, PASSED_ON)
    previous = {}
    try:
        connection.connect(address)
        request = {
            "identity": identity(),
            "arguments": sys.argv,
            "group": os.getpgrp(),
            "environment": {name: os.environ.get(name) for name in OWN},
        }
        body = json.dumps(request).encode()
        socket.send_fds(connection, [struct.pack("=I", len(body))], [0, 1, 2])
        connection.sendall(body)
        previous = {number: signal.signal(number, pass_on) for number in PASSED_ON}
        signal.pthread_sigmask(signal.SIG_UNBLOCK, PASSED_ON)
        if connection.recv(1) == STARTED:
            sys.exit(_wait(connection))
    except OSError:
        pass  # there is no warm process any more
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, PASSED_ON)
        connection.close()
    for late in received:
        os.kill(os.getpid(), late)


def _wait(connection: socket.socket) -> int:
    """Return the exit code of the job, as a shell would tell it."""
    with contextlib.suppress(OSError):
        answer = connection.recv(4, socket.MSG_WAITALL)
        if len(answer) == 4:
            code: int = struct.unpack("=i", answer)[0]
            return code if code >= 0 else 128 - code
    print(
        "error: the process that had started this job was killed, and the job with it. What was "
        "computed is kept; run the same command again.",
        file=sys.stderr,
    )
    return 1
