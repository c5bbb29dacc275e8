"""`make` refuses an environment of another folder, and needs no home folder."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from workspace import REPO, Finished

SHORT = "#!{python}\nimport sys\n"
LONG = "#!/bin/sh\n'''exec' {python} \"$0\" \"$@\"\n' '''\nimport sys\n"
QUOTED = "#!/bin/sh\n'''exec' \"{python}\" \"$0\" \"$@\"\n' '''\nimport sys\n"
"""How pip begins a command: plainly, where the path is long, and where it has blanks."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the Makefile and an environment that looks complete."""
    folder = tmp_path / "a project"
    (folder / ".venv/bin").mkdir(parents=True)
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(REPO / name, folder)
    (folder / ".venv/bin/snakemake").write_text(
        '#!/bin/sh\necho "started ${XDG_CACHE_HOME-none} ${MPLCONFIGDIR-none}"\n'
    )
    (folder / ".venv/bin/snakemake").chmod(0o755)
    (folder / ".venv/.complete").touch()
    return folder


def make(project: Path, *arguments: str, **variables: str) -> Finished:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if "MAKE" not in name and name not in {"XDG_CACHE_HOME", "MPLCONFIGDIR"}
    }
    environment = {**inherited, **variables}
    done = subprocess.run(
        ["make", *arguments],
        check=False,
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return Finished(done.returncode, done.stdout + done.stderr)


@pytest.mark.parametrize("head", [SHORT, LONG, QUOTED])
@pytest.mark.parametrize("exists", [True, False], ids=["copied", "moved"])
def test_environment_of_another_folder_is_refused(
    project: Path, tmp_path: Path, head: str, exists: bool
):
    old = tmp_path / "old folder" / ".venv"
    if exists:
        shutil.copytree(project / ".venv", old)
    (project / ".venv/bin/pip").write_text(head.format(python=old / "bin/python3"))
    stopped = make(project, "figures")
    assert stopped.code == 2
    assert f"error: .venv belongs to another folder, {old}:" in stopped.output
    assert "rm -r .venv" in stopped.output
    assert "started" not in stopped.output


@pytest.mark.parametrize("head", [SHORT, LONG, QUOTED])
def test_own_environment_is_used(project: Path, tmp_path: Path, head: str):
    (tmp_path / "link").symlink_to(project)
    for name in (project, tmp_path / "link"):
        (project / ".venv/bin/pip").write_text(head.format(python=name / ".venv/bin/python"))
        done = make(project, "figures")
        assert done.code == 0, done.output
        assert "started" in done.output


def test_targets_without_an_environment_work(project: Path):
    (project / ".venv/bin/pip").write_text(SHORT.format(python="/nowhere/.venv/bin/python"))
    assert "make figures" in make(project, "help").output
    assert make(project, "clean").code == 0
    assert not (project / ".venv").exists()


def test_home_that_can_be_written_is_used(project: Path, tmp_path: Path):
    assert "started none none" in make(project, "figures", HOME=str(tmp_path)).output


def test_without_a_home_caches_go_to_a_temporary_folder_of_the_user(project: Path, tmp_path: Path):
    homeless = {"HOME": str(tmp_path / "missing"), "TMPDIR": str(tmp_path)}
    own = tmp_path / f"trainscape-{os.getuid()}"
    for _ in range(2):  # the second time it is there
        done = make(project, "figures", **homeless)
        assert f"started {own} {own}/matplotlib" in done.output
    assert own.stat().st_mode & 0o077 == 0
    chosen = make(project, "figures", **homeless, XDG_CACHE_HOME=str(tmp_path))
    assert f"started {tmp_path} none" in chosen.output


def test_link_in_the_place_of_that_folder_is_not_followed(project: Path, tmp_path: Path):
    own = tmp_path / f"trainscape-{os.getuid()}"
    own.symlink_to(project)
    done = make(project, "figures", HOME=str(tmp_path / "missing"), TMPDIR=str(tmp_path))
    assert f"started {tmp_path}/tmp." in done.output
