"""Lets a test count, slow down and break the synthetic study from outside, through the environment, without changing any request."""

import os
import signal
import time
from pathlib import Path

_blocks = 0


def _hold() -> None:
    """Wait, after as many blocks of this process as SYNTHETIC_LIMIT says, as long as the file SYNTHETIC_HOLD exists: so a test needs no stop watch."""
    global _blocks  # noqa: PLW0603 - of this process, which is what is meant
    _blocks += 1
    file = Path(os.environ.get("SYNTHETIC_HOLD", ""))
    end = time.monotonic() + 240  # a test that forgets the file is a failure, not a hang
    while (
        _blocks > int(os.environ.get("SYNTHETIC_LIMIT", "0"))
        and file.is_file()
        and time.monotonic() < end
    ):
        time.sleep(0.01)


def record(stage: str, size: int, samples: range) -> None:
    """Append a line per sample to the file named by SYNTHETIC_CALLS.

    Pause, wait for a file to go, fail or die where the environment says so.
    """
    path = os.environ.get("SYNTHETIC_CALLS")
    if path:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        os.write(descriptor, "".join(f"{stage} {size} {sample}\n" for sample in samples).encode())
        os.close(descriptor)
    time.sleep(float(os.environ.get("SYNTHETIC_PAUSE", "0")))
    _hold()
    here = f"{stage}:{size}"
    if os.environ.get("SYNTHETIC_FAIL") == here:
        raise ValueError(f"told to fail in {here}")
    if os.environ.get("SYNTHETIC_DIE") == here:
        os.kill(os.getpid(), signal.SIGKILL)
    flaky = Path(os.environ.get("SYNTHETIC_FLAKY_FILE", ""))
    if flaky.is_file():
        flaky.unlink()
        raise OSError("a passing fault of the file system")
