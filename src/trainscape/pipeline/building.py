"""Build the families of a study: within bounds of time and memory, and with errors that name a key.

Settings that pass their checks one by one can still make a study's own code fail, or run for ever:
a chain of one site, a system that is listed twice, 1e20 of anything. The code of a study, a user's
plug-in above all, is therefore called here and nowhere else.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from trainscape.pipeline.config import LoadedStudy, load_study
from trainscape.pipeline.culprit import culprit, largest_number, repetition
from trainscape.pipeline.errors import ConfigError
from trainscape.studies.contract import Family, Group

__all__ = ["build_families", "key_of_repetition", "try_families"]

SECONDS = 20
"""Longest time that building the families of one group may take."""
MEMORY = 4 * 2**30
"""Memory that it may take beyond what the process has, in bytes."""
ORDINARY_NUMBER = 2**24
"""Settings up to this are tried in this process; beyond it, first in one that can be ended. What
a study's author wrote as a default does not count."""


class _TooLongError(BaseException):
    """Building took too long. No Exception, which a study might catch and go on."""


def build_families(loaded: LoadedStudy) -> list[tuple[Group, tuple[Family, ...]]]:
    """Return the families of each group of a study.

    Raises
    ------
    ConfigError
        Naming file and key, if the study's code raises an error or takes too long.
    """
    if largest_number(loaded.settings, "", given=True)[0] > ORDINARY_NUMBER:
        _try_elsewhere(loaded)
    return _built(loaded)


def _built(loaded: LoadedStudy) -> list[tuple[Group, tuple[Family, ...]]]:
    built = []
    for group in loaded.study.groups:
        own = getattr(loaded.settings, group.name)
        try:
            with _bounded():
                built.append((group, tuple(group.families(own, loaded.settings))))
        except (_TooLongError, MemoryError):
            raise ConfigError(_too_long(loaded, f".{group.name}", own)) from None
        except Exception as error:
            raise ConfigError(_told(error, loaded, group)) from error
    return built


def key_of_repetition(loaded: LoadedStudy, group: Group) -> str:
    """Return which setting of a group, or of all, lists a value twice, or an empty text."""
    key = f"presets.{loaded.preset}"
    own = repetition(getattr(loaded.settings, group.name), f"{key}.{group.name}")
    return own or repetition(loaded.settings, key)


def _too_long(loaded: LoadedStudy, section: str, settings: Any) -> str:
    key = f"presets.{loaded.preset}{section}"
    number, place = largest_number(settings, key)
    return (
        f"{loaded.file}: {key}: the study takes more than {SECONDS} s or {MEMORY / 2**30:.0f} GiB "
        f"to list its cells; use smaller numbers (the largest is {place} = {number:.15g})"
    )


@contextmanager
def _bounded() -> Iterator[None]:
    """Limit time and memory of the body, where this process can.

    The clock is a signal, which only the main thread can have, and which is left alone if it is
    taken.
    """
    in_main = threading.current_thread() is threading.main_thread()
    timed = in_main and signal.getsignal(signal.SIGALRM) is signal.SIG_DFL
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = MEMORY + int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    if in_main and (soft == resource.RLIM_INFINITY or limit < soft):
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    if timed:
        signal.signal(signal.SIGALRM, _stop)
        signal.alarm(SECONDS)
    try:
        yield
    finally:
        if timed:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
        if in_main:
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _stop(*_: object) -> None:
    raise _TooLongError


def _try_elsewhere(loaded: LoadedStudy) -> None:
    """Build the families in a process of their own first, which ends in time whatever it does.

    A power of a large integer, for one, cannot be interrupted.
    """
    code = "from trainscape.pipeline.building import try_families; try_families()"
    where = [loaded.study.name, loaded.preset, str(loaded.file.parent.parent / "config.yaml")]
    path = os.pathsep.join(entry for entry in sys.path if entry)
    try:
        done = subprocess.run(
            [sys.executable, "-c", code, *where],
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            timeout=2 * SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ConfigError(_too_long(loaded, "", loaded.settings)) from None
    if done.returncode:
        lines = [line for line in done.stdout.splitlines() if line.startswith(str(loaded.file))]
        raise ConfigError(lines or [_too_long(loaded, "", loaded.settings)])


def try_families() -> None:
    """Build the families that the command line names; exit with 2 and the reason if it fails."""
    name, preset, config_file = sys.argv[1:]
    try:
        _built(load_study(name, preset, Path(config_file)))
    except ConfigError as error:
        print(error)
        sys.exit(error.exit_code)


def _told(error: Exception, loaded: LoadedStudy, group: Group) -> str:
    """Return what went wrong, and the setting that it is about as far as that can be found."""
    text = " ".join(str(error).split()) or "no reason given"
    if not isinstance(error, ValueError) or not str(error):
        text = f"{type(error).__name__}: {text}"
    key = f"presets.{loaded.preset}"
    own = getattr(loaded.settings, group.name)
    found = (
        culprit(own, f"{key}.{group.name}", lambda one: _works(group, one, loaded.settings))
        or culprit(loaded.settings, key, lambda one: _works(group, own, one))
        or (f"{key}.{group.name}", "")
    )
    shown = f"{found[0]}: {found[1]}" if found[1] else found[0]
    return f"{loaded.file}: {shown}: {text}{_place(error, loaded.plugin)}"


def _works(group: Group, own: Any, shared: Any) -> bool:
    try:
        with _bounded():
            group.families(own, shared)
    except (Exception, _TooLongError):  # noqa: BLE001 - whatever it is, it does not work
        return False
    return True


def _place(error: Exception, plugin: str) -> str:
    """Return file and line of the innermost frame in a user's study; nothing for our own."""
    if plugin.startswith("trainscape.") and isinstance(error, ValueError):
        return ""
    found = ""
    for frame, line in traceback.walk_tb(error.__traceback__):
        module = frame.f_globals.get("__name__", "")
        if module == plugin or module.startswith(f"{plugin}."):
            found = f" ({frame.f_code.co_filename}, line {line})"
    return found
