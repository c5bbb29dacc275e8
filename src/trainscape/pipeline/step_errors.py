"""Errors inside a study's code, told to its author: what, and at which line of the study.

The console has one line. The whole traceback goes to the log, see `trainscape.runtime.logs`.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trainscape.pipeline.errors import StepFailedError, TrainscapeError
from trainscape.runtime.logs import log_traceback
from trainscape.storage.manifest import ManifestMissingError
from trainscape.storage.paths import StagePaths
from trainscape.storage.store import ChunkUnreadableError
from trainscape.storage.write_errors import CannotWriteError

__all__ = ["describe", "explaining", "may_pass"]

STUDIES = "trainscape.studies."

OWN_MESSAGES = (TrainscapeError, ManifestMissingError, ChunkUnreadableError, CannotWriteError)
"""Errors that are no fault of the study, and say themselves what to do."""


def may_pass(error: BaseException) -> bool:
    """Return whether another attempt may succeed: with more memory, on another node, later.

    All else that a pure function of its input raises, it will raise again.
    """
    # The last is Dask's, which is not imported for this: the worker died of whatever it was.
    return isinstance(error, OSError | MemoryError) or type(error).__name__ == "KilledWorker"


def _plugin(module: str) -> str:
    """Return the package of the study that `module` belongs to."""
    depth = 3 if module.startswith(STUDIES) else 1
    return ".".join(module.split(".")[:depth])


def _place(error: BaseException, module: str) -> str | None:
    """Return file and line of the innermost frame within the study, if there is one."""
    plugin = _plugin(module)
    found = None
    for frame, line in traceback.walk_tb(error.__traceback__):
        name = frame.f_globals.get("__name__", "")
        if name == plugin or name.startswith(f"{plugin}."):
            found = Path(frame.f_code.co_filename), line
    if found is None:
        return None
    file, line = found
    shown = file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file
    return f"{shown}, line {line}"


def describe(error: BaseException, module: str) -> str:
    """Return kind, message and place of an error, in one line.

    Parameters
    ----------
    error
        What was raised, in this process or in a worker.
    module
        The module of the study that was called.
    """
    text = " ".join(f"{type(error).__name__}: {error}".split())
    place = _place(error, module)
    return text if place is None else f"{text} ({place})"


@contextmanager
def explaining(paths: StagePaths, what: str, module: str) -> Iterator[None]:
    """Turn an error of a study's code into a message, and write its traceback to the log.

    Parameters
    ----------
    paths
        The stage.
    what
        What fails, as the subject of a sentence.
    module
        The module of the study that is called in the body.

    Raises
    ------
    StepFailedError
        Naming file and line.
    """
    try:
        yield
    except OWN_MESSAGES:
        raise
    except Exception as error:
        where = log_traceback(error)
        raise StepFailedError(
            f"{paths}: {what} failed: {describe(error, module)}. {where} Mend the cause and run "
            "the same command: what is finished is kept.",
            is_final=not may_pass(error),
        ) from error
