"""Logs of earlier attempts: what a job that died has said stays beside the log of the next one.

Snakemake removes the log of a job before it starts it again. So each log has a second, hidden name
while its job runs; if that is still there when the next one starts, the job before did not succeed,
and its log gets a name with a number: ``full.1.log``, then ``full.2.log``.

A job that another attempt would not help says so by a hidden file beside its log, for the process
that would start it again.
"""

from __future__ import annotations

import itertools
from contextlib import suppress
from pathlib import Path

__all__ = [
    "finish_log",
    "forget_end",
    "is_at_its_end",
    "keep_earlier_log",
    "mark_end",
    "remember_log",
]


def _hidden(log: Path) -> Path:
    return log.with_name(f".{log.name}")


def keep_earlier_log(log: Path) -> None:
    """Give the log of an attempt that did not succeed a name that stays; call it before opening.

    A log that is still there under its own name is written on, and nothing is to be kept.
    """
    hidden = _hidden(log)
    if not hidden.exists() or (log.exists() and log.samefile(hidden)):
        return
    numbered = (log.with_name(f"{log.stem}.{number}{log.suffix}") for number in itertools.count(1))
    hidden.rename(next(path for path in numbered if not path.exists()))


def remember_log(log: Path) -> None:
    """Give a log that was just opened its second name.

    File systems without hard links keep the last log only.
    """
    with suppress(OSError):
        _hidden(log).hardlink_to(log)


def finish_log(log: Path) -> None:
    """Forget the second name: the job has succeeded."""
    with suppress(OSError):
        _hidden(log).unlink()
    forget_end(log)


def _mark(log: Path) -> Path:
    return log.with_name(f".{log.stem}.end")


def mark_end(log: Path) -> None:
    """Say that the job of this log would end in the same way again."""
    with suppress(OSError):  # then it is tried again, for nothing
        _mark(log).touch()


def is_at_its_end(log: Path) -> bool:
    """Return whether the job of this log would end in the same way again."""
    return _mark(log).exists()


def forget_end(log: Path) -> None:
    """Let the job of this log be tried: whoever starts it may have mended what was wrong."""
    with suppress(OSError):
        _mark(log).unlink()
