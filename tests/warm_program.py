"""A program that is started like ``trainscape`` but imports next to nothing: for the tests of the warm process.

``main ...``      starts a warm process, prints its process id, and ends with its input
``_serve-jobs``   is the warm process
``run WHAT ...``  is a job: it prints facts about its process as one line of JSON, then does WHAT
"""

import json
import os
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

from trainscape.runtime.warm import is_warm, serve, start
from trainscape.runtime.warm_client import ADDRESS, SERVE, hand_over


def preload(names: list[str]) -> None:
    """Leave a thread behind if told to."""
    if os.environ.get("WARM_THREAD"):
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()


def stop(number: int, frame: object) -> None:
    """End as a stage does that was asked to stop."""
    print(f"stopped by {signal.Signals(number).name}", flush=True)
    sys.exit(75)


def job(what: str) -> None:
    """Do what a job is told."""
    if what == "wait":
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
    facts = {
        "warm": is_warm(),
        "pid": os.getpid(),
        "parent": os.getppid(),
        "group": os.getpgrp(),
        "arguments": sys.argv[1:],
        "folder": str(Path.cwd()),
        "temporary": tempfile.gettempdir(),
        "terminal": sys.stdout.isatty(),
        "masked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
        "open": sum(1 for _ in Path("/proc/self/fd").iterdir()),
    }
    # Fails on a stream that was opened on something else.
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")
    print(json.dumps(facts), flush=True)
    match what:
        case "wait":
            while True:
                time.sleep(0.01)
        case "echo":
            print(sys.stdin.read(), end="")
        case "raise":
            raise ValueError("told to fail")
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case code:
            sys.exit(int(code))


def main() -> None:
    """Be what the first argument says."""
    match sys.argv[1]:
        case "main":
            start([], program="warm_program")
            print(json.dumps({"address": os.environ.get(ADDRESS)}), flush=True)
            sys.stdin.read()
            return
        case "run":
            hand_over()
        case name if name == SERVE:
            serve(preload)
    job(sys.argv[2])


if __name__ == "__main__":
    main()
