"""Where numba keeps compiled kernels: a folder for each state of the kernels' source.

Numba looks only at the file of the function that is called. A kernel that calls one in another file would go on running its old machine code after that
file was edited, and old numbers would pass for new. So the folder of the cache is named after a hash of all simulator sources.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

__all__ = ["use_own_cache"]

_PREFIX = "trainscape-kernels-"


def use_own_cache() -> None:
    """Point ``NUMBA_CACHE_DIR`` at the folder that belongs to the present sources, inside the folder that it names already, if any.

    Must run before numba is imported. Worker processes inherit the variable; for them it changes nothing.
    """
    package = Path(__file__).parent
    state = hashlib.sha256()
    # Every level: each engine has a package of its own.
    simulators = package / "simulators"
    for path in sorted(simulators.rglob("*.py")):
        state.update(path.relative_to(simulators).as_posix().encode() + path.read_bytes())
    base = Path(os.environ.get("NUMBA_CACHE_DIR") or package / "__pycache__")
    if base.name.startswith(_PREFIX):
        base = base.parent
    os.environ["NUMBA_CACHE_DIR"] = str(base / f"{_PREFIX}{state.hexdigest()[:16]}")
