"""The cache of compiled kernels follows their sources."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import trainscape
from trainscape._compiled import _writable_copy

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


@pytest.fixture
def read_only(copy: Path, tmp_path: Path) -> dict[str, str]:
    """Return variables of a process that can write neither the package nor the home folder.

    Files stand in the place of their folders, because permissions do not stop every user.
    """
    (copy / "trainscape/__pycache__").touch()
    (tmp_path / "home").touch()
    (tmp_path / "temporary").mkdir()
    folders = {"HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path / "temporary")}
    return {"XDG_CACHE_HOME": "", **folders}


def test_package_that_cannot_be_written_uses_the_cache_of_the_user(
    copy: Path, tmp_path: Path, read_only: dict[str, str]
):
    (tmp_path / "home").unlink()
    own = cache(copy, **read_only)
    assert own.parent == tmp_path / "home/.cache/trainscape"
    other = cache(copy, **{**read_only, "XDG_CACHE_HOME": str(tmp_path / "caches")})
    assert other == tmp_path / "caches/trainscape" / own.name
    # Sources and name are one, wherever the folder is.
    (copy / "trainscape/simulators/engine/kernels.py").write_text("A = 2\n")
    assert cache(copy, **read_only).name != own.name


def test_without_a_home_the_cache_is_a_temporary_folder_of_the_user(
    copy: Path, tmp_path: Path, read_only: dict[str, str]
):
    own = cache(copy, **read_only)
    assert own.parent == tmp_path / "temporary" / f"trainscape-{os.getuid()}"
    assert own.parent.stat().st_mode & 0o077 == 0
    # A worker process inherits the variable.
    assert cache(copy, **read_only, NUMBA_CACHE_DIR=str(own)) == own


@pytest.mark.parametrize("intruder", ["link", "file", "open"])
def test_temporary_folder_of_somebody_else_is_not_used(
    copy: Path, tmp_path: Path, read_only: dict[str, str], intruder: str
):
    """Compiled code is loaded from it, and run."""
    place = tmp_path / "temporary" / f"trainscape-{os.getuid()}"
    if intruder == "link":
        place.symlink_to(tmp_path)
    elif intruder == "file":
        place.touch()
    else:
        place.mkdir()
        place.chmod(0o777)
    own = cache(copy, **read_only)
    assert own.parent.parent == tmp_path / "temporary"
    assert own.parent != place


def test_compiled_kernels_that_cannot_be_extended_are_copied(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """What an image of a container holds is used by those who may not write there."""
    compiled = tmp_path / "image" / "trainscape-kernels-1"
    compiled.mkdir(parents=True)
    (compiled / "engine").mkdir()
    (compiled / "engine/kernel.nbi").write_text("index")
    for folder in (compiled / "engine", compiled):
        folder.chmod(0o555)
    places = [tmp_path / "own"]
    monkeypatch.setattr("trainscape._compiled._other_places", lambda: iter(places))
    for _ in range(2):  # the second call finds the copy
        assert _writable_copy(compiled) == tmp_path / "own" / compiled.name
        own = tmp_path / "own" / compiled.name / "engine"
        assert (own / "kernel.nbi").read_text() == "index"
        assert own.stat().st_mode & 0o777 == own.parent.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in (tmp_path / "own").iterdir()] == [compiled.name]


def test_kernels_outside_of_the_simulators_stand_alone():
    """The name of the cache does not follow them; numba does, if each is a file of its own."""
    sources = {path: path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*_kernels.py")}
    outside = {
        path: text
        for path, text in sources.items()
        if "simulators" not in path.relative_to(PACKAGE).parts and "import numba" in text
    }
    assert len(outside) >= 3
    for path, text in outside.items():
        assert "from trainscape" not in text, path
        assert "import trainscape" not in text, path
