"""Logging of every command: to stderr, and to a log file if one is given."""

from __future__ import annotations

import logging
import sys
import traceback
from contextlib import suppress
from pathlib import Path

from trainscape.runtime.attempts import keep_earlier_log, remember_log
from trainscape.storage.write_errors import writing

__all__ = ["log_traceback", "logger", "set_up_logging"]

logger = logging.getLogger("trainscape")


class _LogFile(logging.FileHandler):
    """A log file. Where it cannot be written, one line says so, and the work goes on."""

    failed = False

    def handleError(self, record: logging.LogRecord) -> None:
        if not self.failed:
            self.failed = True
            reason = sys.exc_info()[1]
            print(f"warning: cannot write the log {self.baseFilename}: {reason}", file=sys.stderr)

    def close(self) -> None:
        with suppress(OSError):  # what could not be written before still cannot
            super().close()


def set_up_logging(log_file: Path | None = None, *, verbose: bool = False) -> None:
    """Send the package's messages to stderr and, with time stamps, to `log_file`.

    A second call replaces the first. The file has debug messages too; stderr has them with
    `verbose` only. The log of an earlier attempt that did not succeed is kept, under a number.

    Raises
    ------
    CannotWriteError
        If the file cannot be opened.
    """
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()
    stream = logging.StreamHandler(sys.stderr)
    stream.setLevel(logging.DEBUG if verbose else logging.INFO)
    stream.setFormatter(logging.Formatter("%(message)s"))
    logger.addHandler(stream)
    if log_file is not None:
        with writing(log_file):
            log_file.parent.mkdir(parents=True, exist_ok=True)
            keep_earlier_log(log_file)
            file = _LogFile(log_file, mode="a", encoding="utf-8")
        remember_log(log_file)
        file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        logger.addHandler(file)


def log_traceback(error: BaseException) -> str:
    """Write the traceback of an error to the log file, or to stderr where there is none.

    Returns
    -------
    str
        A sentence that says where it is.
    """
    text = "".join(traceback.format_exception(error)).rstrip()
    files = [handler for handler in logger.handlers if isinstance(handler, _LogFile)]
    logger.log(logging.DEBUG if files else logging.ERROR, "%s", text)
    if not files:
        return "The traceback is above."
    path = Path(files[0].baseFilename)
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    return f"The traceback is in {shown}."
