"""The cache of compiled kernels follows their sources."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import trainscape

PACKAGE = Path(trainscape.__file__).parent
PROGRAM = "import trainscape, os; print(os.environ['NUMBA_CACHE_DIR'])"


def cache(package_parent: Path, **environment: str) -> Path:
    inherited = {key: value for key, value in os.environ.items() if key != "NUMBA_CACHE_DIR"}
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(
        command,
        env={**inherited, "PYTHONPATH": str(package_parent), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return Path(done.stdout.strip())


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    target = tmp_path / "trainscape"
    (target / "simulators/engine").mkdir(parents=True)
    for name in ("__init__.py", "_compiled.py"):
        shutil.copy(PACKAGE / name, target / name)
    (target / "simulators/engine/kernels.py").write_text("A = 1\n")
    return tmp_path


def test_edited_source_gets_another_cache(copy: Path):
    before = cache(copy)
    assert cache(copy) == before
    (copy / "trainscape/simulators/engine/kernels.py").write_text("A = 2\n")
    after = cache(copy)
    assert after != before
    assert after.parent == before.parent == copy / "trainscape/__pycache__"


def test_chosen_folder_is_kept_and_never_nested(copy: Path, tmp_path: Path):
    chosen = cache(copy, NUMBA_CACHE_DIR=str(tmp_path / "node"))
    assert chosen.parent == tmp_path / "node"
    assert cache(copy, NUMBA_CACHE_DIR=str(chosen)) == chosen
