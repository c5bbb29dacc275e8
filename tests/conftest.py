"""Fixtures that all tests share."""

import os

# Before numpy is imported anywhere: more threads would change the last bits of a matrix product.
# Workers and commands inherit these.
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
from hypothesis import HealthCheck, settings  # noqa: E402

from fault_records import (  # noqa: E402, F401 - hooks and a fixture, which pytest finds here
    observe,
    pytest_addoption,
    pytest_collection_modifyitems,
    pytest_terminal_summary,
)
from workspace import Workspace, forget_copies  # noqa: E402

# `fixed`: the same examples everywhere (make test). `random`: new ones for each seed (make
# test-all). Nothing is kept between runs: a failure prints the decorator that repeats it. A slow
# machine is no failure. The option --hypothesis-profile comes after this, and wins.
for _profile, _derandomize in (("fixed", True), ("random", False)):
    settings.register_profile(
        _profile,
        derandomize=_derandomize,
        print_blob=True,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
settings.load_profile("fixed")


def pytest_report_header(config: pytest.Config) -> str:
    """Say which examples hypothesis draws, and how to draw them again."""
    if settings.default.derandomize:
        return "hypothesis: the same examples each time (--hypothesis-profile random: new ones)"
    seed = config.getoption("--hypothesis-seed")
    if seed is None:
        return "hypothesis: new examples; name a --hypothesis-seed to draw the same ones again"
    return (
        f"hypothesis: new examples, seed {seed}; again: make test-all SEED={seed}, "
        f"or pytest --hypothesis-profile random --hypothesis-seed {seed}"
    )


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
    """Undo what a command did to the package's logger.

    Its handlers hold the streams of the test that ran it.
    """
    yield
    logger = logging.getLogger("trainscape")
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()
    logger.propagate = True
    logger.setLevel(logging.NOTSET)
