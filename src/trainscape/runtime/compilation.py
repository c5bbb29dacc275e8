"""Says that kernels are being compiled: the first use of an engine takes much longer than others.

numba compiles silently. `make env` compiles beforehand; an installation by other means, another
CPU or edited sources do not have that.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any

from trainscape.runtime.logs import logger

__all__ = ["announce_compilation"]

SIMULATORS = "trainscape.simulators."

SECONDS = {
    "statevector": 40,
    "pauli": 25,
    "sectors": 12,
    "tensornet": 8,
    "density": 1,
    "fermions": 2,
}
"""Seconds that compiling the kernels of an engine takes, measured on one core of a laptop."""

_announced: set[str] = set()


def announce_compilation() -> None:
    """From now on, say so once for each engine whose kernels are compiled in this process.

    Call this when numba is imported already; otherwise nothing is going to be compiled, and the
    call does nothing. It may be repeated.
    """
    if "numba" in sys.modules:
        _listen()


@cache
def _listen() -> None:
    """Let numba call `_announce` before it compiles a function; at most once in a process."""
    from numba.core import event

    class Announcer(event.Listener):  # type: ignore[misc] # numba is untyped
        def on_start(self, event: Any) -> None:
            _announce(event.data["dispatcher"])

        def on_end(self, event: Any) -> None:
            pass

    event.register("numba:compile", Announcer())


def _announce(dispatcher: Any) -> None:
    """Say that the engine of a kernel is being compiled, unless some of it is compiled already."""
    module = str(dispatcher.py_func.__module__)
    folder = dispatcher.stats.cache_path
    engine = module.removeprefix(SIMULATORS).split(".")[0]
    if not module.startswith(SIMULATORS) or engine in _announced or folder is None:
        return
    _announced.add(engine)
    if any(Path(folder).glob("*.nbi")):
        return
    text = (
        f"compiling the kernels of the engine {engine} for this machine, once: about "
        f"{SECONDS.get(engine, 30)} s"
    )
    if logger.handlers:
        logger.info(text)
    else:  # a worker process, or a command without a log
        print(text, file=sys.stderr, flush=True)
