"""The command `new-study`: what it writes is imported, planned and computed like any study."""

import importlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from trainscape.cli.app import run_app
from trainscape.pipeline.config import SIZES, load_studies
from trainscape.studies.contract import Stage
from trainscape.testing.steps import run_group
from workspace import REPO, Finished, Workspace

Run = Callable[..., Finished]
NAME = "written_study"


@pytest.fixture
def cli(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """Return a function that runs the command line in the workspace, in this process."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    text = (REPO / "config/config.yaml").read_text()
    studies = "studies: [fragmentation, clifford, pruning, hypergraph]"
    assert studies in text
    (workspace.root / "config/config.yaml").write_text(
        text.replace(studies, "studies: [synthetic]")
    )

    def run(*arguments: str) -> Finished:
        monkeypatch.setattr(sys, "argv", ["trainscape", *arguments])
        capsys.readouterr()
        with workspace.inside(), pytest.raises(SystemExit) as caught:
            run_app()
        captured = capsys.readouterr()
        code = caught.value.code
        return Finished(code if isinstance(code, int) else 0, captured.out + captured.err)

    yield run
    for name in [name for name in sys.modules if name.split(".")[0] == NAME]:
        del sys.modules[name]


def files(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_it_writes_a_study_that_is_valid(workspace: Workspace, cli: Run):
    before = files(workspace.root)
    done = cli("new-study", NAME)
    assert done.code == 0, done.output
    after = files(workspace.root)
    changed = {name for name, content in before.items() if after[name] != content}
    assert changed == {"config/config.yaml"}
    for path in set(after) - set(before):
        assert f"wrote {path}\n" in done.output
    schema = json.loads(after[f"workflow/schemas/{NAME}.schema.json"])
    assert "decay" in json.dumps(schema)
    # src/ of the workspace is in no environment, so the first thing to do is to name it.
    source = workspace.root / "src"
    assert f"next:\n    export PYTHONPATH={source}\n    trainscape validate\n" in done.output
    assert f"make figures STUDY={NAME} PRESET=smoke" in done.output
    validated = cli("validate")
    assert validated.code == 0, validated.output
    assert "2 studies" in validated.output
    assert "gradients" in cli("plan", NAME, "--preset", "smoke").output
    loaded = load_studies(NAME, workspace.root / "config/config.yaml")
    assert tuple(loaded) == SIZES


def test_its_step_computes(workspace: Workspace, cli: Run):
    """The second moment of the local observable is that of a sine, 1/2, for any size."""
    assert cli("new-study", NAME).code == 0
    group = importlib.import_module(f"{NAME}.decay")
    settings = group.DecaySettings(qubits=(2, 3, 4), samples=512)
    summary = run_group(group.GROUP, settings).summary("gradients", Stage.GRADIENTS)
    local = summary["moment"].values[summary["observable"].values == "local"]
    # The variance of the squared sine is 3/8 - 1/4.
    assert local == pytest.approx(np.full(3, 0.5), abs=5 * np.sqrt(0.125 / 512))


def test_nothing_is_overwritten(workspace: Workspace, cli: Run):
    assert cli("new-study", NAME).code == 0
    before = files(workspace.root)
    for name in (NAME, "numpy", "My-Study", "synthetic"):
        refused = cli("new-study", name)
        assert refused.code == 2
        assert refused.output.startswith("error: ")
        assert refused.output.count("\n") == 1
    assert files(workspace.root) == before


def test_a_folder_that_is_no_project(tmp_path: Path, cli: Run):
    refused = cli("new-study", NAME, "--config", str(tmp_path / "config/config.yaml"))
    assert refused.code == 2
    assert "no such file" in refused.output
    assert list(tmp_path.glob("src")) == []


def test_half_a_study_does_not_stay(
    workspace: Workspace, cli: Run, monkeypatch: pytest.MonkeyPatch
):
    """The disk is full at the seventh file."""
    before = files(workspace.root)
    opened = Path.open

    def full(path: Path, mode: str = "r", *arguments: object, **options: object) -> object:
        if mode == "x" and path.name == "second_moments.py":
            raise OSError(28, "No space left on device", str(path))
        return opened(path, mode, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", full)
        failed = cli("new-study", NAME)
    assert failed.code == 1
    assert "No space left" in failed.output
    assert files(workspace.root) == before
    assert not (workspace.root / "src" / NAME).exists()
    assert cli("new-study", NAME).code == 0


@pytest.mark.slow
def test_snakemake_runs_it_and_its_own_test_passes(workspace: Workspace, cli: Run):
    assert cli("new-study", NAME).code == 0
    path = os.pathsep.join([str(workspace.root / "src"), str(REPO / "src"), str(REPO / "tests")])
    run = workspace.snakemake("--config", "preset=smoke", f"study={NAME}", PYTHONPATH=path)
    assert run.code == 0, run.output
    results = workspace.root / "results/smoke" / NAME / "figures"
    assert (results / f"{NAME}_decay.pdf").exists()
    (record,) = json.loads((results / "claims.json").read_text())
    assert record["verdict"] == "reproduced"
    shutil.copy(REPO / "pyproject.toml", workspace.root)
    tested = workspace.command(
        sys.executable, "-m", "pytest", "-q", f"tests/studies/{NAME}", PYTHONPATH=path
    )
    assert tested.code == 0, tested.output
    # What was written passes the project's own checks, where it lies beside trainscape.
    beside = ["--config", f"src = ['src', 'tests', '{REPO / 'src'}']"]
    for check in (
        ["ruff", "check", *beside, "src", "tests"],
        ["ruff", "format", "--check", "src", "tests"],
        ["mypy", "--no-incremental", f"src/{NAME}"],
    ):
        checked = workspace.command(sys.executable, "-m", *check, PYTHONPATH=path)
        assert checked.code == 0, checked.output
