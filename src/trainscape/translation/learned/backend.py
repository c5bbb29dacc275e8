"""JAX, made ready: on one thread of the processor, or a clear sentence if it is not installed.

Whoever trains calls `prepare_backend` before anything of this package that imports JAX is imported:
its settings are read once, at the import. The bits of a training run must not depend on the number
of cores, nor on a graphics card that happens to be there.
"""

from __future__ import annotations

import os
from importlib.util import find_spec

__all__ = ["NetworksMissingError", "check_networks", "prepare_backend"]

PACKAGES = ("jax", "equinox", "optax")
SINGLE_THREAD = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"


class NetworksMissingError(ValueError):
    """The packages that train networks are not installed."""


def check_networks() -> None:
    """Make sure that networks can be trained, without importing anything.

    Raises
    ------
    NetworksMissingError
        If a package is missing, with the command that installs it.
    """
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise NetworksMissingError(
            f"trained networks need {', '.join(missing)}, which this environment does not have: "
            "install the extra with `python -m pip install 'trainscape[networks]'` (or `make env`, "
            "which installs everything) and run the same command again"
        )


def prepare_backend() -> None:
    """Fix what JAX reads when it is imported: the processor, one thread.

    Raises
    ------
    NetworksMissingError
        If a package is missing.
    """
    check_networks()
    os.environ["JAX_PLATFORMS"] = "cpu"
    flags = os.environ.get("XLA_FLAGS", "")
    if SINGLE_THREAD not in flags:
        os.environ["XLA_FLAGS"] = f"{flags} {SINGLE_THREAD}".strip()
