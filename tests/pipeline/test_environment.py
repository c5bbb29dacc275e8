"""A command never runs the code of another project folder, nor without compiled kernels."""

import contextlib
import shutil
import sys
from pathlib import Path

import pytest

from trainscape.cli.app import run_app
from trainscape.pipeline.environment import check_environment
from trainscape.pipeline.errors import ConfigError
from workspace import REPO, Workspace


@pytest.fixture
def copied(workspace: Workspace) -> Path:
    """The workspace as a copied project: a Snakefile and a package, which is not the imported one."""
    root = workspace.root
    shutil.copy(REPO / "Snakefile", root)
    shutil.copytree(REPO / "workflow", root / "workflow")
    (root / "src/trainscape").mkdir(parents=True)
    shutil.copy(REPO / "src/trainscape/__init__.py", root / "src/trainscape")
    return root


def test_own_folder_is_accepted(tmp_path: Path):
    check_environment(REPO)
    (tmp_path / "link").symlink_to(REPO)
    check_environment(tmp_path / "link")  # another name of the same folder


@pytest.mark.parametrize("missing", ["Snakefile", "src/trainscape/__init__.py"])
def test_folder_that_is_no_project_is_accepted(copied: Path, missing: str):
    (copied / missing).unlink()
    check_environment(copied)


def test_copied_folder_is_refused(copied: Path):
    with pytest.raises(ConfigError, match="would run the code of another folder") as caught:
        check_environment(copied)
    for part in (REPO / "src/trainscape", copied / "src/trainscape", "rm -r .venv", "make env"):
        assert str(part) in str(caught.value)


def test_snakemake_in_a_copied_folder_writes_nothing(copied: Path, workspace: Workspace):
    command = (sys.executable, "-m", "snakemake", "--cores", "1", "-n")
    stopped = workspace.command(*command)
    assert stopped.code == 2, stopped.output
    assert "would run the code of another folder" in stopped.output
    assert "Traceback" not in stopped.output
    assert not (copied / "results").exists()


@pytest.mark.parametrize("command", ["validate", "plan", "evaluate"])
def test_commands_in_a_copied_folder_exit_with_2(
    copied: Path,
    command: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.setattr(sys, "argv", ["trainscape", command])
    with contextlib.chdir(copied), pytest.raises(SystemExit) as caught:
        run_app()
    assert caught.value.code == 2
    assert "would run the code of another folder" in capsys.readouterr().err


def test_numba_without_compilation_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    with pytest.raises(ConfigError, match="unset NUMBA_DISABLE_JIT"):
        check_environment(tmp_path)
    for harmless in ("0", ""):
        monkeypatch.setenv("NUMBA_DISABLE_JIT", harmless)
        check_environment(tmp_path)
