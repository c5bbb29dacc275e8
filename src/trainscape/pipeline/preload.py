"""What the warm process does before it forks jobs: imports, and caches that hold until an edit.

`trainscape.runtime.warm` says why it may do so. Nothing here may open a store, start a thread or
depend on a study's settings.
"""

from __future__ import annotations

import contextlib
import importlib
import io
from collections.abc import Iterable

from trainscape.pipeline.fingerprint import import_closure
from trainscape.storage.provenance import versions

__all__ = ["preload"]

COMMON = (
    "trainscape.cli.app",
    "trainscape.pipeline.cluster.settings",
    "trainscape.pipeline.stage",
    "trainscape.pipeline.figures",
    "trainscape.pipeline.site.writing",
    "trainscape.studies.kit.claims",
)
"""What any job imports."""


def preload(steps: Iterable[str]) -> None:
    """Import what jobs need.

    Parameters
    ----------
    steps
        Modules of the steps that the jobs run. One that cannot be imported is left out: the job
        that needs it says what is wrong with it.
    """
    for name in COMMON:
        importlib.import_module(name)
    # By its name, as above: the command line stands over this package.
    importlib.import_module("trainscape.cli.app").command()
    for name in steps:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
            import_closure((name,))
    versions()
    _know_array_types()
    _know_how_to_draw()


def _know_array_types() -> None:
    """Let xarray look for other kinds of arrays: for its first variable it imports all of dask."""
    import numpy as np
    import xarray as xr

    xr.Variable((), np.float64(0.0))


def _know_how_to_draw() -> None:
    """Let matplotlib load its fonts and build its parser of formulas."""
    import matplotlib.pyplot as plt

    from trainscape.studies.kit.style import style

    with style():
        figure, axes = plt.subplots()
        axes.set_title("$10^{-1}$")
        for kind in ("pdf", "png"):
            figure.savefig(io.BytesIO(), format=kind)
        plt.close(figure)
