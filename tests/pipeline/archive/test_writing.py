"""An archive holds what a study has left, in bytes that depend on nothing else."""

import hashlib
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from trainscape.pipeline.archive.writing import LIST, write_archive
from trainscape.pipeline.errors import ConfigError, DecisionNeededError, VerificationError
from trainscape.storage.lock import StoreLock
from workspace import Workspace, flip


@pytest.fixture
def copy(finished: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    shutil.copytree(finished.root, tmp_path / "workspace")
    return Workspace(tmp_path / "workspace", monkeypatch)


def write(workspace: Workspace, output: Path) -> Path:
    requests = workspace.requests()
    with workspace.inside():
        write_archive(
            requests, output, config_file=Path("config/config.yaml"), project=workspace.root
        )
    return output


def test_equal_results_give_equal_bytes(copy: Workspace, archive: Path, tmp_path: Path):
    """The copy has other times, and litter of earlier runs."""
    results = copy.root / "results"
    for number, path in enumerate(sorted(results.rglob("*"))):
        os.utime(path, ns=(number * 10**12, number * 10**12))
    stage = copy.absolute("simulate")
    stage.checkpoints.mkdir()
    (stage.checkpoints / "state.npz").write_bytes(b"half a block")
    (stage.store / ".zarr.json.tmp").write_bytes(b"half a file")
    (stage.folder / "gone.manifest.json").write_text("{}")
    assert write(copy, tmp_path / "again.zip").read_bytes() == archive.read_bytes()


def test_every_file_of_a_study_is_in_it(finished: Workspace, archive: Path):
    with zipfile.ZipFile(archive) as file:
        names = file.namelist()
        inside = {
            name.removeprefix("results/"): file.read(name)
            for name in names
            if name.startswith("results/")
        }
    left = {name: content for name, content in finished.tree().items() if "report" not in name}
    assert inside == left
    assert {"config/config.yaml", "config/studies/synthetic.yaml", "report/index.html"} <= {*names}
    manifests = [name.endswith(".manifest.json") for name in names]
    assert manifests == sorted(manifests)  # they come last
    assert any(manifests)


def test_the_list_is_what_sha256sum_reads(archive: Path, tmp_path: Path):
    with zipfile.ZipFile(archive) as file:
        file.extractall(tmp_path)
        lines = file.read(LIST).decode().splitlines()
        assert len(lines) == len(file.namelist()) - 1
    for line in lines:
        digest, name = line.split("  ")
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == digest
    if tool := shutil.which("sha256sum"):
        subprocess.run([tool, "--check", "--status", LIST], cwd=tmp_path, check=True)


def test_the_environment_of_the_project_is_in_it(copy: Workspace, tmp_path: Path):
    (copy.root / "requirements.lock").write_text("numpy==2.1\n")
    with zipfile.ZipFile(write(copy, tmp_path / "other.zip")) as file:
        assert file.read("environment/requirements.lock") == b"numpy==2.1\n"


def test_nothing_is_overwritten(finished: Workspace, tmp_path: Path):
    output = tmp_path / "precious.zip"
    output.write_text("years of work")
    with pytest.raises(ConfigError, match=r"precious\.zip exists; remove it, or name another"):
        write(finished, output)
    assert output.read_text() == "years of work"


def test_damaged_results_are_not_archived(copy: Workspace, tmp_path: Path):
    flip(copy.absolute("simulate").store / "size-3_scale-1.0/value/c/2")
    with pytest.raises(VerificationError, match=r"chunk 2(.|\n)*`make figures PRESET=smoke`"):
        write(copy, tmp_path / "other.zip")
    assert not list(tmp_path.glob("*.zip"))


def test_unfinished_results_are_not_archived(workspace: Workspace, tmp_path: Path):
    workspace.complete("dataset")
    with pytest.raises(VerificationError, match=r"gradients/full \(smoke\) is not computed yet"):
        write(workspace, tmp_path / "other.zip")


def test_results_of_a_run_that_goes_on_are_not_archived(copy: Workspace, tmp_path: Path):
    with (
        StoreLock(copy.absolute("simulate").lock),
        pytest.raises(DecisionNeededError, match=r"simulate/full \(smoke\): a run is at work"),
    ):
        write(copy, tmp_path / "other.zip")
