"""The folder where numba keeps compiled kernels: one for each state of the kernels' source.

numba looks only at the file of the function that is called. A kernel that calls a function of
another file would keep its old machine code after that file is edited, and return outdated numbers.
So the name of the cache folder contains a hash of all simulator sources.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

__all__ = ["use_own_cache"]

_PREFIX = "trainscape-kernels-"


def use_own_cache() -> None:
    """Set ``NUMBA_CACHE_DIR`` to the folder for the present sources.

    If the variable is set already, the new folder lies inside the folder that it names. Call this
    before numba is imported. Worker processes inherit the variable; for them the call changes
    nothing.
    """
    package = Path(__file__).parent
    state = hashlib.sha256()
    # rglob: each engine has a package of its own.
    simulators = package / "simulators"
    for path in sorted(simulators.rglob("*.py")):
        state.update(path.relative_to(simulators).as_posix().encode() + path.read_bytes())
    base = Path(os.environ.get("NUMBA_CACHE_DIR") or package / "__pycache__")
    if base.name.startswith(_PREFIX):
        base = base.parent
    os.environ["NUMBA_CACHE_DIR"] = str(base / f"{_PREFIX}{state.hexdigest()[:16]}")
