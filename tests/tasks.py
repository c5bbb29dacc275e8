"""Tasks for the tests of the workers. Worker processes import this module by its name."""

import os
import signal
import time
from pathlib import Path


def square(number: int) -> int:
    """Return the square; fail for 13."""
    if number == 13:
        raise ValueError("unlucky")
    return number * number


def process_id(_: int) -> int:
    """Return the id of the process that runs this."""
    return os.getpid()


def thread_settings(_: int) -> dict[str, str | None]:
    """Return the thread variables of the process that runs this."""
    return {
        name: os.environ.get(name)
        for name in (
            "OMP_NUM_THREADS",
            "OPENBLAS_NUM_THREADS",
            "MKL_NUM_THREADS",
            "NUMBA_NUM_THREADS",
        )
    }


def working_directory(_: int) -> str:
    """Return where the process works."""
    return str(Path.cwd())


def nap(seconds: float) -> float:
    """Sleep."""
    time.sleep(seconds)
    return seconds


def touch_and_wait(path: str) -> str:
    """Leave a mark at `path`, then wait until a file of that name with ``.go`` appears."""
    Path(path).touch()
    for _ in range(6000):
        if Path(f"{path}.go").exists():
            break
        time.sleep(0.01)
    return path


def deadly(number: int) -> int:
    """Kill the process for negative numbers. The others take a moment, to share its worker."""
    if number < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.05)
    return number


def hold(gibibytes: float) -> float:
    """Hold so much memory until the process is stopped, or for a minute."""
    content = b"x" * int(gibibytes * 2**30)
    time.sleep(60 if content else 0)
    return gibibytes


def versions(package: str) -> dict[str, str]:
    """Return a version that the environment of this process may change."""
    version = os.environ.get("TASKS_VERSION", "1.0")
    if package == "missing" and version == "1.0":
        raise ModuleNotFoundError("No module named 'missing'")
    return {package: version}


def content(file: str) -> dict[str, str]:
    """Return the content of a file as a version."""
    return {"code": Path(file).read_text()}
