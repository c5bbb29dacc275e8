"""Fixtures that all tests share."""

import os

# Before numpy is imported anywhere: more threads would change the last bits of a matrix product. Workers and commands inherit these.
for _name in (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS",
):
    os.environ[_name] = "1"

import logging  # noqa: E402
from collections.abc import Callable, Iterator  # noqa: E402
from pathlib import Path  # noqa: E402

import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402

from workspace import Workspace, forget_copies  # noqa: E402

# Failures must be the same everywhere, and a slow machine is no failure.
settings.register_profile("trainscape", derandomize=True, deadline=None, database=None)
settings.load_profile("trainscape")


@pytest.fixture
def make_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Workspace]:
    """Return a function that makes workspaces by name, each with one small synthetic study."""
    for name in [
        name
        for name in os.environ
        if name.startswith(("SYNTHETIC_", "TRAINSCAPE_", "SLURM_", "DASK_"))
    ]:
        monkeypatch.delenv(name)

    def make(name: str = "workspace", **settings: object) -> Workspace:
        workspace = Workspace(tmp_path / name, monkeypatch)
        workspace.configure()
        workspace.set_study(**settings)
        return workspace

    return make


@pytest.fixture
def workspace(make_workspace: Callable[..., Workspace]) -> Workspace:
    """A workspace with the synthetic study, two cells of 100 samples, in chunks of 32."""
    return make_workspace()


@pytest.fixture(autouse=True)
def repository_code() -> Iterator[None]:
    """Forget the copies of the synthetic study that a test edited, so that the next one sees that of the repository."""
    yield
    forget_copies()


@pytest.fixture(autouse=True)
def fresh_logger() -> Iterator[None]:
    """Undo what a command did to the package's logger: its handlers hold the streams of the test that ran it."""
    yield
    logger = logging.getLogger("trainscape")
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()
    logger.propagate = True
    logger.setLevel(logging.NOTSET)
