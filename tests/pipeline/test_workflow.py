"""Snakemake over the stages: what it starts, what it leaves alone, and that an old figure never passes for new.

The same statements hold with and without ``.snakemake``, Snakemake's memory of what it did: results
are moved between machines without it.
"""

import errno
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from trainscape.pipeline.workflow import load_workflow
from workspace import REPO, Workspace

FIGURES = {"figures_synthetic_core": 1, "claims_synthetic": 1}
STAGES = {"dataset": 1, "simulate": 1, "gradients": 2, "thresholds": 1, **FIGURES}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A study that Snakemake has completed, with its own copy of the plug-in.

    Tests work on copies.
    """
    with pytest.MonkeyPatch.context() as patch:
        workspace = Workspace(tmp_path_factory.mktemp("finished") / "workspace", patch)
        workspace.configure()
        workspace.set_study()
        shutil.copytree(
            REPO / "tests/synthetic",
            workspace.root / "synthetic",
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        first = workspace.snakemake()
        assert first.code == 0, first.output
        assert "preset smoke: 20 chunks to compute, about" in first.output
        assert "report: results/smoke/report/index.html" in first.output
        return workspace


@pytest.fixture
def copy(finished: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    shutil.copytree(finished.root, tmp_path / "workspace")
    workspace = Workspace(tmp_path / "workspace", monkeypatch)
    workspace.own_plugin()
    workspace.forget_calls()
    return workspace


@pytest.fixture(
    params=["without .snakemake", pytest.param("with .snakemake", marks=pytest.mark.slow)]
)
def forget(request: pytest.FixtureRequest, copy: Workspace) -> Callable[[], None]:
    """Return a function that removes Snakemake's memory, or does not."""

    def forget_everything() -> None:
        if request.param == "without .snakemake":
            shutil.rmtree(copy.root / ".snakemake", ignore_errors=True)

    return forget_everything


def test_first_run_made_everything(finished: Workspace):
    folder = finished.root / "results/smoke/synthetic"
    assert {path.name for path in (folder / "figures").iterdir()} >= {
        "decay.pdf",
        "decay.png",
        "decay.csv",
        "claims.json",
        "ratios.html",
        "core.manifest.json",
    }
    assert len(finished.manifests()) == 6
    assert {path.relative_to(folder).as_posix() for path in (folder / "logs").rglob("*.log")} >= {
        "logs/simulate/full.log",
        "logs/figures/core.log",
    }
    assert "complete" in (folder / "logs/simulate/full.log").read_text()


def test_jobs_are_forks_of_one_process(finished: Workspace):
    recorded = [
        json.loads(path.read_text())
        for path in (finished.root / "results").rglob("*.provenance.json")
    ]
    assert [facts["warm"] for facts in recorded] == [sys.platform == "linux"] * 6
    assert {tuple(facts["command"][1:2]) for facts in recorded} == {("run",)}


def test_snakemake_and_single_stages_give_the_same_bytes(
    finished: Workspace, make_workspace: Callable[..., Workspace]
):
    workspace = make_workspace()
    workspace.complete()
    assert workspace.manifests() == finished.manifests()


def test_finished_study_has_nothing_to_do(copy: Workspace, forget: Callable[[], None]):
    forget()
    before = copy.tree()
    again = copy.snakemake()
    assert again.code == 0, again.output
    assert "Nothing to be done" in again.output
    assert not copy.calls()
    assert copy.tree() == before


CHANGES: dict[str, tuple[Callable[[Workspace], None], dict[str, int]]] = {
    "more samples": (
        lambda workspace: workspace.set_study(samples=150),
        {name: 1 for name in STAGES if name != "dataset"},
    ),
    "a constant of the kernel": (
        lambda workspace: workspace.edit("kernel.py", "1.0", "2.0"),
        {"simulate": 1, "gradients": 2, "thresholds": 1, **FIGURES},
    ),
    "the drawing": (
        lambda workspace: workspace.edit("figures.py", '"o"', '"s"'),
        FIGURES,
    ),
}


@pytest.mark.parametrize(
    "change",
    [
        "more samples",
        *(pytest.param(change, marks=pytest.mark.slow) for change in list(CHANGES)[1:]),
    ],
)
def test_change_starts_exactly_the_stages_that_it_concerns(
    copy: Workspace, forget: Callable[[], None], change: str
):
    forget()
    make, jobs = CHANGES[change]
    make(copy)
    assert copy.jobs() == jobs
    if change == "more samples":
        # A dry run writes the requests; that makes nothing look done.
        forget()
        assert copy.jobs() == jobs
    assert not copy.calls()


@pytest.mark.slow
def test_lost_files_are_made_again(copy: Workspace):
    manifests = copy.manifests()
    copy.absolute("gradients", "single").manifest.unlink()
    (copy.absolute("figures").folder / "decay.pdf").unlink()
    again = copy.snakemake()
    assert again.code == 0, again.output
    assert "full.manifest.json is missing" not in again.output
    assert "damaged: results/smoke/synthetic/gradients/single.manifest.json is missing" in (
        again.output
    )
    assert "2 files are as they were again" in again.output
    assert "Nothing to be done" in again.output
    assert not copy.calls()
    assert copy.manifests() == manifests
    assert (copy.absolute("figures").folder / "decay.pdf").exists()


def test_stage_that_fails_once_leaves_no_old_figure_as_up_to_date(
    copy: Workspace, forget: Callable[[], None]
):
    forget()
    table = copy.absolute("figures").folder / "decay.csv"
    before = table.read_bytes()
    copy.edit("gradients.py", "FACTOR * vectors", "2 * FACTOR * vectors")
    failed = copy.snakemake(SYNTHETIC_FAIL="gradients:3")
    assert failed.code != 0
    assert "size-3_scale-1.0: ValueError: told to fail in gradients:3" in failed.output
    # The cells that can be done are done.
    assert ("gradients", 2) in {(stage, size) for stage, size, _ in copy.calls()}
    forget()
    jobs = copy.jobs()
    assert {"gradients", "figures_synthetic_core"} <= set(jobs), jobs
    copy.forget_calls()
    copy.complete()
    assert {(stage, size) for stage, size, _ in copy.calls()} == {("gradients", 3)}
    assert table.read_bytes() != before
    manifests = copy.manifests()
    shutil.rmtree(copy.root / "results")
    copy.complete()
    assert copy.manifests() == manifests


@pytest.mark.slow
def test_configuration_edited_and_dry_run_called_while_a_stage_runs(
    copy: Workspace, make_workspace: Callable[..., Workspace]
):
    copy.set_study(tolerance=0.5)
    before = copy.lines("gradients")
    # The stage is held in its second chunk until the request has changed, however slow the machine
    # is.
    with copy.held(1, *copy.snakemake_command()) as running:
        copy.wait_for_lines(running, "gradients", before + 1)
        name = f"output-{copy.started}.txt"
        copy.set_study(tolerance=0.25)
        assert "gradients" in copy.jobs()
        copy.release()
        code = running.wait(timeout=240)
        log = (copy.root / name).read_text()
    assert code != 0, log
    assert "the request changed while the stage ran" in log
    assert not copy.absolute("gradients").manifest.exists()
    copy.complete()
    fresh = make_workspace("fresh", tolerance=0.25)
    fresh.complete()
    assert copy.manifests() == fresh.manifests()


def test_results_from_elsewhere_are_taken_over_without_a_job(
    copy: Workspace, forget: Callable[[], None]
):
    """Time stamps are in an order that says everything is out of date, as after ``cp -r``."""
    forget()
    manifests = copy.manifests()
    for number, path in enumerate(sorted((copy.root / "results").rglob("*"), reverse=True)):
        os.utime(path, (1.7e9 + number, 1.7e9 + number))
    assert copy.jobs() == {}
    assert copy.manifests() == manifests
    assert copy.problems() == []


def test_what_is_out_of_date_runs_whatever_its_time_stamps_say(
    copy: Workspace, forget: Callable[[], None]
):
    forget()
    make, jobs = CHANGES["more samples"]
    make(copy)
    copy.write_requests()
    for path in (copy.root / "results").rglob("*.request.json"):
        os.utime(path, (1.7e9, 1.7e9))
    assert copy.jobs() == jobs


def test_bad_configuration_exits_with_2_and_writes_nothing(
    make_workspace: Callable[..., Workspace],
):
    workspace = make_workspace(sizes=[2, "three"])
    stopped = workspace.snakemake()
    assert stopped.code == 2, stopped.output
    assert (
        'config/studies/synthetic.yaml: presets.smoke.sizes.1: Input should be a valid integer, but is "three"'
        in stopped.output
    )
    assert "Traceback" not in stopped.output
    assert not (workspace.root / "results").exists()


def test_files_dated_in_the_future_are_dated_now(copy: Workspace, forget: Callable[[], None]):
    """Snakemake would delete each manifest that it has just made, at every run."""
    forget()
    for path in (copy.absolute("simulate").request, copy.absolute("dataset").manifest):
        os.utime(path, (4e9, 4e9))
    assert copy.jobs() == {}
    assert copy.absolute("dataset").manifest.stat().st_mtime <= time.time()


def test_tree_of_the_future_has_nothing_to_do(copy: Workspace, forget: Callable[[], None]):
    """Its files get one date, so that no output is older than its input."""
    forget()
    for number, path in enumerate(sorted((copy.root / "results").rglob("*"))):
        os.utime(path, (4e9 - number, 4e9 - number))
    assert copy.jobs() == {}


def test_dates_of_the_past_are_kept(workspace: Workspace):
    workspace.complete("dataset")
    paths = workspace.absolute("dataset")
    for path in (paths.request, paths.manifest):
        os.utime(path, (1.7e9, 1.7e9))
    os.utime(workspace.absolute("simulate").request, (4e9, 4e9))
    with workspace.inside():
        load_workflow(workspace.config_values, write=True)
    assert {path.stat().st_mtime for path in (paths.request, paths.manifest)} == {1.7e9}
    assert workspace.absolute("simulate").request.stat().st_mtime <= time.time()


def stop(workspace: Workspace, action: Callable[[], object]) -> int:
    """Return the exit code with which `action` ends the process."""
    with workspace.inside(), pytest.raises(SystemExit) as caught:
        action()
    assert isinstance(caught.value.code, int)
    return caught.value.code


@pytest.mark.parametrize("place", ["results", "results/smoke"])
def test_link_to_nowhere_stops_with_one_line(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], place: str
):
    link = workspace.root / place
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(workspace.root / "missing")
    assert stop(workspace, lambda: load_workflow(workspace.config_values, write=True)) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: cannot write results/smoke/synthetic/dataset/full.request.json")
    assert f"{link} is a link to {workspace.root}/missing, which does not exist" in line


def full(*arguments: object, **options: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_full_disk_stops_with_one_line_before_the_requests(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("trainscape.storage.atomic.os.fsync", full)
    assert stop(workspace, lambda: load_workflow(workspace.config_values, write=True)) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert re.match(r"error: cannot write .*request\.json: No space left .* MiB are free", line)


def test_full_disk_stops_with_one_line_before_the_jobs(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """Where no request has changed: Snakemake itself would fail with a traceback."""
    with workspace.inside():
        workflow = load_workflow(workspace.config_values, write=True)
        workflow.check_writable()
        assert sorted(path.name for path in Path("results/smoke").iterdir()) == ["synthetic"]
    monkeypatch.setattr("trainscape.pipeline.workflow.TemporaryFile", full)
    assert stop(workspace, workflow.check_writable) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert re.match(r"error: cannot write results/smoke: No space left .* MiB are free", line)


def test_interrupted_command_needs_no_unlocking(copy: Workspace):
    """The profile turns Snakemake's own lock off; the stores have theirs."""
    (copy.root / ".snakemake/locks").mkdir(exist_ok=True)
    for name in ("0.input.lock", "0.output.lock"):
        (copy.root / ".snakemake/locks" / name).write_text(
            "results/smoke/synthetic/simulate/full.manifest.json\n"
        )
    assert copy.jobs() == {}


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["--lint"], ["--rulegraph"], ["--summary"]])
def test_other_uses_of_snakemake_work(copy: Workspace, arguments: list[str]):
    done = copy.snakemake(*arguments)
    assert done.code == 0, done.output


@pytest.mark.slow
def test_snakemakes_own_report_has_captions_and_labels(copy: Workspace):
    done = copy.snakemake("--report", "report.html")
    assert done.code == 0, done.output
    page = (copy.root / "report.html").read_text(encoding="utf-8")
    assert "How trainable families of quantum models are" in page
    assert "A figure of the group <em>core</em> of the study <em>synthetic</em>" in page
    assert "The claims of the study <em>synthetic</em>" in page
    for suffix in ("PDF", "PNG", "CSV"):
        assert f'{{"figure": "Mean square against size.", "file": "{suffix}"}}' in page


def test_workflow_files_are_formatted():
    done = subprocess.run(
        [sys.executable, "-m", "snakefmt", "--check", "Snakefile", "workflow"],
        check=False,
        cwd=REPO,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
