"""The command line.

Help that teaches, exit codes that scripts can rely on, and a start without heavy imports.
"""

import itertools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable

import pytest

from trainscape.cli.app import run_app
from trainscape.pipeline.report import Overhead
from trainscape.storage.lock import StoreLock
from trainscape.storage.sealed import sealed
from workspace import REPO, Finished, Workspace, forget_inventory

Run = Callable[..., Finished]

HEAVY = {
    "numpy",
    "scipy",
    "pandas",
    "xarray",
    "zarr",
    "dask",
    "distributed",
    "numba",
    "quimb",
    "matplotlib",
    "snakemake",
    "yaml",
    "pydantic",
}

COMMANDS = [
    "validate",
    "plan",
    "run",
    "status",
    "verify",
    "config",
    "evaluate",
    "moments",
    "sectors",
    "new-study",
]


@pytest.fixture
def cli(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Return a function that runs the command line in this process, in the workspace."""

    def run(*arguments: str) -> Finished:
        monkeypatch.setattr(sys, "argv", ["trainscape", *arguments])
        capsys.readouterr()
        with workspace.inside(), pytest.raises(SystemExit) as caught:
            run_app()
        captured = capsys.readouterr()
        code = caught.value.code
        return Finished(code if isinstance(code, int) else 0, captured.out + captured.err)

    return run


def test_help_teaches(cli: Run):
    text = " ".join(cli("--help").output.replace("│", " ").split())
    for part in (*COMMANDS, "make figures", "A first session", "Exit codes", "75 interrupted"):
        assert part in text
    assert cli().output.strip() != ""
    for command in COMMANDS:
        shown = cli(command, "--help")
        assert shown.code == 0
        assert "Usage:" in shown.output
    assert "Example: trainscape run" in " ".join(
        cli("run", "--help").output.replace("`", "").split()
    )


def test_start_is_light():
    """Help, and the parts of a command line that every command shares, import no numerical library."""
    code = (
        "import sys\n"
        "sys.argv = ['trainscape', '--help']\n"
        "from trainscape.__main__ import main\n"
        "try:\n"
        "    main()\n"
        "except SystemExit:\n"
        "    pass\n"
        f"print('heavy:', sorted({{name.split('.')[0] for name in sys.modules}} & {HEAVY}))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(REPO / "src"), "COVERAGE_PROCESS_START": ""}
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
    )
    assert "heavy: []" in done.stdout, done.stdout + done.stderr


def heavy(workspace: Workspace, code: str) -> set[str]:
    """Return the heavy packages that are imported when `code` has run in a new process."""
    listing = "import sys; print(*{name.split('.')[0] for name in sys.modules})"
    done = workspace.command(sys.executable, "-c", f"{code}\n{listing}")
    assert done.code == 0, done.output
    return HEAVY & set(done.output.splitlines()[-1].split())


def test_looking_imports_no_numerical_library(workspace: Workspace):
    workspace.complete()
    for arguments in (["claims"], ["report"], ["collect", "synthetic"], ["plan"], ["status"]):
        code = (
            f"import sys; sys.argv = ['trainscape', *{arguments}]\n"
            "from trainscape.__main__ import main\n"
            "try:\n    main()\n"
            "except SystemExit as end:\n    assert not end.code\n"
        )
        assert heavy(workspace, code) == {"pydantic", "yaml"}, arguments
    shipped = (
        "from pathlib import Path\nfrom trainscape.cli.options import load_requests\n"
        f"load_requests(None, 'laptop', Path({str(REPO / 'config/config.yaml')!r}))"
    )
    assert heavy(workspace, shipped) == {"pydantic", "yaml"}
    workflow = "import trainscape.pipeline.workflow, trainscape.pipeline.report"
    assert heavy(workspace, workflow) == {"pydantic", "yaml"}
    # The client of a warm process, and what it imports until it knows whether there is one.
    client = (
        "import os, sys; sys.argv = ['trainscape', 'run']; os.environ['TRAINSCAPE_WARM'] = 'off'\n"
        "import trainscape.__main__, trainscape.runtime.warm_client as client; client.hand_over()\n"
        "assert not {'typer', 'subprocess', 'asyncio', 'trainscape.cli.app'} & set(sys.modules)"
    )
    assert heavy(workspace, client) == set()


def test_threads_are_one_before_numpy_is_imported():
    code = "import os, sys, trainscape.__main__ as main; print(os.environ['OMP_NUM_THREADS'], os.environ['NUMBA_NUM_THREADS'], 'numpy' in sys.modules)"
    environment = {
        **os.environ,
        "PYTHONPATH": str(REPO / "src"),
        "OMP_NUM_THREADS": "8",
        "NUMBA_NUM_THREADS": "8",
        "COVERAGE_PROCESS_START": "",
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
    )
    assert done.stdout.split()[:2] == ["1", "1"], done.stderr


def test_validate(cli: Run, workspace: Workspace):
    good = cli("validate")
    assert good.code == 0
    assert "1 studies, 1 presets in all: valid" in good.output
    workspace.set_study(samples=-1)
    bad = cli("validate")
    assert bad.code == 2
    assert "error: config/studies/synthetic.yaml: presets.smoke.samples" in bad.output
    assert "Traceback" not in bad.output
    assert not (workspace.root / "results").exists()


def test_validate_names_what_is_wrong_in_any_preset(cli: Run, workspace: Workspace):
    path = workspace.root / "config/studies/synthetic.yaml"
    path.write_text(
        "plugin: synthetic\nentropy: '1'\npresets:\n"
        "  paper: {sizes: [2, 2], samples: 9}\n  laptop: {sizes: [3, 3], samples: 9}\n"
    )
    bad = cli("validate")
    assert bad.code == 2
    for part in ("presets.paper", "cell size-2", "presets.laptop", "cell size-3"):
        assert part in bad.output


def test_validate_and_plan_name_what_no_job_could_finish(cli: Run, workspace: Workspace):
    """The sampled cells of the synthetic study need a MiB."""
    workspace.configure(memory_gib=1e-4, block_hours=1e-7)
    bad = cli("validate")
    assert bad.code == 2
    shown = cli("plan")
    assert shown.code == 0
    for text in (bad.output, shown.output):
        words = " ".join(text.split())
        assert "needs about 0.0 GiB, more than memory_gib = 0.0001 allows" in words
        assert "more than block_hours = 1e-07 allows" in words
    assert "warning: synthetic/simulate/full (smoke)" in " ".join(shown.output.split())


def plan(cli: Run) -> dict[str, dict[str, object]]:
    shown = cli("plan", "--json")
    assert shown.code == 0, shown.output
    return {f"{row['stage']}/{row['family']}": row for row in json.loads(shown.output)}


def test_plan(cli: Run, workspace: Workspace):
    before = plan(cli)
    assert list(before) == [
        "dataset/full",
        "simulate/full",
        "gradients/full",
        "gradients/single",
        "thresholds/full",
        "figures/core",
    ]
    row = before["simulate/full"]
    assert {key: row[key] for key in ("study", "preset", "cells", "valid", "left", "measured")} == {
        "study": "synthetic",
        "preset": "smoke",
        "cells": 2,
        "valid": 0,
        "left": 8,
        "measured": False,
    }
    # 8 chunks of 32 samples of 0.1 ms.
    # and the start of the job.
    assert row["hours"] == pytest.approx((8 * 32 * 1e-4 + Overhead.job) / 3600)
    assert not (workspace.root / "results").exists()

    workspace.complete("dataset", "simulate")
    after = plan(cli)
    assert {key: after["simulate/full"][key] for key in ("valid", "left", "hours", "measured")} == {
        "valid": 8,
        "left": 0,
        "hours": 0,
        "measured": True,
    }
    workspace.set_study(samples=200)
    grown = plan(cli)["simulate/full"]
    assert (grown["valid"], grown["left"]) == (8, 6)
    table = cli("plan", "synthetic", "--preset", "smoke")
    assert table.code == 0
    for part in ("Plan", "simulate", "to compute", "core time left in all"):
        assert part in table.output


def test_plan_counts_what_other_settings_made_stale(cli: Run, workspace: Workspace):
    workspace.complete()
    workspace.set_study(entropy="5")
    workspace.complete("dataset")
    row = plan(cli)["gradients/full"]
    assert (row["valid"], row["left"]) == (0, 8)


def test_status(cli: Run, workspace: Workspace, monkeypatch: pytest.MonkeyPatch):
    workspace.complete("dataset")
    monkeypatch.setenv("SYNTHETIC_FAIL", "simulate:2")
    with pytest.raises(Exception, match="cells failed"):
        workspace.complete("simulate")
    shown = cli("status", "synthetic")
    assert shown.code == 0
    rows = {
        tuple(line.replace("│", " ").split()[1:3]): line.replace("│", " ").split()
        for line in shown.output.splitlines()
        if "synthetic" in line
    }
    assert rows["dataset", "full"][3] == "complete"
    # 4 done, 4 left, of which 1 failed.
    assert rows["simulate", "full"][3:7] == ["incomplete", "4", "4", "1"]


def test_status_says_running_while_somebody_runs_and_only_then(cli: Run, workspace: Workspace):
    workspace.complete("dataset")
    workspace.write_requests()
    lock = workspace.absolute("simulate").lock
    with StoreLock(lock):
        left = json.loads(lock.read_text())
        assert "running" in cli("status").output
    assert "running" not in cli("status").output
    # What a killed run leaves behind is a file that nobody holds.
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    lock.write_text(json.dumps({**left, "pid": ended.pid}))
    assert "running" not in cli("status").output


def test_status_watch_ends_when_all_is_complete(
    cli: Run, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    naps = []

    def finish(seconds: float) -> None:
        if not naps:  # the study sleeps too
            naps.append(seconds)
            workspace.complete()

    monkeypatch.setattr("trainscape.cli.inspection.time.sleep", finish)
    shown = cli("status", "--watch", "--interval", "0.25")
    assert shown.code == 0
    assert naps == [0.25]
    assert "complete" in shown.output


def test_verify(cli: Run, workspace: Workspace):
    workspace.complete()
    good = cli("verify")
    assert good.code == 0, good.output
    assert good.output.count("ok ") == 6
    # From the figures downwards.
    assert (
        good.output.index("figures/core")
        < good.output.index("gradients/full")
        < good.output.index("dataset/full")
    )
    (workspace.absolute("simulate").store / "size-2_scale-1.0/value/c/1").unlink()
    bad = cli("verify", "synthetic", "--preset", "smoke")
    assert bad.code == 1
    assert "BROKEN synthetic/simulate/full" in bad.output
    assert (
        "results/smoke/synthetic/simulate/full.zarr: cell size-2_scale-1.0, chunk 1" in bad.output
    )
    assert "make figures" in bad.output


def test_what_was_not_computed_is_not_damaged(cli: Run, workspace: Workspace):
    """A study that was never started is one line, a stage that was not another; both are fine."""
    nothing = cli("verify")
    assert nothing.code == 2
    assert "nothing is computed yet in preset smoke" in nothing.output
    workspace.complete("dataset", "simulate")
    part = cli("verify")
    assert part.code == 0, part.output
    assert part.output.count("ok ") == 2
    for stage in ("figures/core", "thresholds/full", "gradients/single", "gradients/full"):
        assert f"-      synthetic/{stage} (smoke): not computed\n" in part.output

    # A second study, of which there are the requests alone.
    shutil.copytree(REPO / "tests/synthetic", workspace.root / "second")
    first = workspace.root / "config/studies/synthetic.yaml"
    text = first.read_text().replace("plugin: synthetic", "plugin: second")
    first.with_name("second.yaml").write_text(text)
    workspace.configure(studies=["synthetic", "second"])
    workspace.monkeypatch.syspath_prepend(str(workspace.root))
    both = cli("verify")
    assert both.code == 0, both.output
    assert both.output.count("second") == 1
    assert "-      second (smoke): not computed\n" in both.output
    assert cli("verify", "second").code == 2


def test_stage_that_was_started_and_has_no_manifest_is_named(cli: Run, workspace: Workspace):
    workspace.complete("dataset", "simulate")
    workspace.absolute("simulate").manifest.unlink()
    lost = cli("verify")
    assert lost.code == 1
    assert "BROKEN synthetic/simulate/full" in lost.output
    assert "the stage synthetic/simulate/full (smoke) is not complete" in lost.output


def test_verify_warns_of_other_versions(cli: Run, workspace: Workspace):
    workspace.complete()
    paths = workspace.absolute("simulate")
    facts = json.loads(paths.provenance.read_text())
    facts["versions"]["numpy"] = "0.1"
    paths.provenance.write_text(json.dumps(sealed(facts)))
    forget_inventory(paths)
    shown = cli("verify")
    assert shown.code == 0
    assert "warning: synthetic/simulate/full (smoke): computed with numpy 0.1" in shown.output


def test_run_completes_a_stage(cli: Run, workspace: Workspace):
    workspace.write_requests()
    for stage in ("dataset", "simulate"):
        done = cli(
            "run", "synthetic", stage, "full", "--preset", "smoke", "--log-file", "logs/run.log"
        )
        assert done.code == 0, done.output
        assert f"synthetic/{stage}/full (smoke): complete" in done.output
    assert "simulate/full (smoke): complete" in (workspace.root / "logs/run.log").read_text()
    assert workspace.absolute("simulate").manifest.exists()


def test_run_of_the_figures(cli: Run, workspace: Workspace):
    workspace.complete("dataset", "simulate", "gradients", "thresholds")
    done = cli("run", "synthetic", "figures", "core", "--preset", "smoke")
    assert done.code == 0, done.output
    assert cli("collect", "synthetic", "--preset", "smoke").code == 0
    assert workspace.problems() == []


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ("run", "synthetic", "simulate", "full", "--preset", "smoke"),
            2,
            "the stages it reads are not complete: dataset. Run `make figures`",
        ),
        (
            ("run", "synthetic", "simulations", "full", "--preset", "smoke"),
            2,
            "'simulations' is not a stage; they are dataset, simulate",
        ),
        (
            ("run", "synthetic", "simulate", "other", "--preset", "smoke"),
            2,
            "other.request.json does not exist. Snakemake writes it",
        ),
        (("run", "synthetic", "simulate", "full", "--preset", "tiny"), 2, "tiny"),
        (("run", "synthetic", "simulate", "full"), 2, "--preset"),
        (
            (
                "run",
                "synthetic",
                "simulate",
                "full",
                "--preset",
                "smoke",
                "--config",
                "nowhere.yaml",
            ),
            2,
            "nowhere.yaml: no such file",
        ),
        (
            ("run", "synthetic", "figures", "core", "--preset", "smoke"),
            2,
            "does not exist: the stage",
        ),
        (("plan", "other"), 2, "'other' is not one of the studies (synthetic)"),
        (("nonsense",), 2, "nonsense"),
    ],
)
def test_bad_input_exits_with_2(
    cli: Run, workspace: Workspace, arguments: tuple[str, ...], code: int, message: str
):
    workspace.write_requests()
    done = cli(*arguments)
    assert done.code == code, done.output
    assert message in " ".join(done.output.replace("│", " ").split()), done.output
    assert "Traceback" not in done.output


def test_failed_cells_exit_with_1_and_a_table(
    cli: Run, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    workspace.complete("dataset")
    workspace.write_requests()
    monkeypatch.setenv("SYNTHETIC_FAIL", "simulate:3")
    done = cli("run", "synthetic", "simulate", "full", "--preset", "smoke")
    assert done.code == 1
    assert "1 of 2 cells failed" in done.output
    assert "  size-3_scale-1.0: ValueError: told to fail" in done.output


def test_another_run_exits_with_3(cli: Run, workspace: Workspace):
    workspace.complete("dataset")
    workspace.write_requests()
    with StoreLock(workspace.absolute("simulate").lock):
        done = cli("run", "synthetic", "simulate", "full", "--preset", "smoke")
    assert done.code == 3
    assert f"pid {os.getpid()}" in done.output


def test_lock_of_another_host_is_waited_for_or_broken(
    cli: Run, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    workspace.complete("dataset")
    workspace.write_requests()
    lock = workspace.absolute("simulate").lock
    left = json.dumps({"host": "node17", "pid": 5, "job": "9", "heartbeat": "then"})
    lock.write_text(left)
    command = ("run", "synthetic", "simulate", "full", "--preset", "smoke")
    monkeypatch.setattr("trainscape.storage.lock.POLL_SECONDS", 0.01)
    beats = itertools.count(1)
    with monkeypatch.context() as alive:
        # Whenever the lock is looked at, its holder has just shown another sign of life. The patch
        # is seen by all threads, so that no two signs may be alike.
        alive.setattr(
            "trainscape.storage.lock.time.sleep",
            lambda _: lock.write_text(left + next(beats) * " "),
        )
        refused = cli(*command)
    assert refused.code == 3
    assert "host node17, pid 5, job 9" in refused.output
    lock.write_text(left)
    assert cli(*command, "--break-lock").code == 0
    (workspace.absolute("simulate").manifest).unlink()
    lock.write_text(left)
    ahead = lock.stat().st_mtime + 60  # however slow this machine is, its last beat is not old
    os.utime(lock, (ahead, ahead))
    monkeypatch.setattr("trainscape.storage.lock.STALE_SECONDS", 0.05)
    waited = cli(*command)
    assert waited.code == 0
    assert "was left by host node17, pid 5, job 9" in waited.output


def test_decision_exits_with_3_and_the_switch_helps(
    cli: Run, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    workspace.configure(discard_core_hours=0.0)
    workspace.complete("dataset", "gradients")
    workspace.set_study(tolerance=0.5)
    workspace.write_requests()
    command = ("run", "synthetic", "gradients", "full", "--preset", "smoke")
    refused = cli(*command)
    assert refused.code == 3
    assert "--on-code-change recompute" in refused.output
    # As `make figures ON_CODE_CHANGE=recompute` hands it on.
    monkeypatch.setenv("TRAINSCAPE_ON_CODE_CHANGE", "recompute")
    assert cli(*command).code == 0


def test_errors_of_the_operating_system_are_messages(cli: Run, workspace: Workspace):
    workspace.complete("dataset")
    workspace.write_requests()
    workspace.absolute("simulate").store.write_text("")
    done = cli("run", "synthetic", "simulate", "full", "--preset", "smoke")
    assert done.code == 1
    assert "error:" in done.output
    assert "full.zarr" in done.output


def test_errors_that_nobody_foresaw_keep_their_traceback(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    def fail(*arguments: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("trainscape.pipeline.config.load_workflow_config", fail)
    monkeypatch.setattr(sys, "argv", ["trainscape", "validate"])
    with workspace.inside(), pytest.raises(RuntimeError, match="a bug"):
        run_app()


@pytest.mark.parametrize("kind", [RuntimeError, ZeroDivisionError])
def test_errors_that_nobody_foresaw_are_in_the_log(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, kind: type[Exception]
):
    def fail(*arguments: object) -> None:
        raise kind("a bug")

    monkeypatch.setattr("trainscape.pipeline.stage.run_stage", fail)
    command = ("run", "synthetic", "dataset", "full", "-p", "smoke", "--log-file", "run.log")
    monkeypatch.setattr(sys, "argv", ["trainscape", *command])
    with workspace.inside(), pytest.raises(kind, match="a bug"):
        run_app()
    text = (workspace.root / "run.log").read_text()
    assert "Traceback (most recent call last)" in text
    assert f"{kind.__name__}: a bug" in text


def test_config_writes_the_schemas(cli: Run, workspace: Workspace):
    done = cli("config")
    assert done.code == 0
    assert (workspace.root / "workflow/schemas/synthetic.schema.json").exists()
    assert "wrote workflow/schemas/config.schema.json" in done.output
    assert cli("validate").code == 0


def test_module_is_a_command(workspace: Workspace):
    done = workspace.trainscape("validate")
    assert (done.code, done.output.strip()) == (
        0,
        "config/config.yaml: 1 studies, 1 presets in all: valid",
    )


def test_a_figure_of_several_studies_asks_which(monkeypatch, capsys):
    monkeypatch.chdir(REPO)
    arguments = ["trainscape", "redraw", "gradient_scaling", "--preset", "smoke"]
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit) as caught:
        run_app()
    assert caught.value.code == 2
    assert "--study fragmentation" in capsys.readouterr().err
