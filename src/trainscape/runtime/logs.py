"""Logging of every command: to stderr, and to a log file if one is given."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

__all__ = ["logger", "set_up_logging"]

logger = logging.getLogger("trainscape")


def set_up_logging(log_file: Path | None = None, *, verbose: bool = False) -> None:
    """Send the package's messages to stderr and, with time stamps, to `log_file`.

    A second call replaces the first. With `verbose`, debug messages are included.
    """
    logger.setLevel(logging.DEBUG if verbose else logging.INFO)
    logger.propagate = False
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()
    stream = logging.StreamHandler(sys.stderr)
    stream.setFormatter(logging.Formatter("%(message)s"))
    logger.addHandler(stream)
    if log_file is not None:
        log_file.parent.mkdir(parents=True, exist_ok=True)
        file = logging.FileHandler(log_file, mode="a", encoding="utf-8")
        file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        logger.addHandler(file)
