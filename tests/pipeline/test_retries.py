"""Snakemake tries again what another attempt may mend, and nothing else."""

import pytest

from trainscape.pipeline.errors import (
    CellsFailedError,
    ConfigError,
    DecisionNeededError,
    InterruptedRunError,
    StepFailedError,
)
from trainscape.pipeline.step_errors import may_pass
from workspace import Workspace


class KilledWorker(Exception):
    """Named like Dask's."""


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), True),
        (OSError("a passing fault of the file system"), True),
        (KilledWorker(), True),
        (ValueError("no such sector"), False),
        (ZeroDivisionError(), False),
    ],
)
def test_memory_files_and_lost_workers_may_pass(error: Exception, expected: bool):
    assert may_pass(error) == expected


def test_bad_input_and_decisions_are_final_and_interruptions_are_not():
    assert ConfigError("wrong").is_final
    assert DecisionNeededError("choose").is_final
    assert not InterruptedRunError("stopped").is_final


@pytest.mark.parametrize(
    ("step", "stage", "expected"),
    [
        ("values.sample", "simulate", CellsFailedError),
        ("mean_squares.summarise", "gradients", StepFailedError),
    ],
)
@pytest.mark.parametrize("error", [ValueError("told to"), MemoryError("too large")])
def test_failed_steps_are_final_unless_the_reason_may_pass(
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    stage: str,
    expected: type[CellsFailedError | StepFailedError],
    error: Exception,
):
    workspace.complete("dataset")

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(f"synthetic.core.{step}", fail)
    with pytest.raises(expected) as caught:
        workspace.complete(stage)
    assert caught.value.is_final == isinstance(error, ValueError)


@pytest.mark.slow
@pytest.mark.parametrize(("fault", "logs"), [("FAIL", 1), ("DIE", 3)])
def test_snakemake_repeats_a_killed_job_and_not_one_that_failed_by_its_input(
    workspace: Workspace, fault: str, logs: int
):
    target = str(workspace.paths("simulate").manifest)
    arguments = ("--retries", "2", target)
    failed = workspace.snakemake(*arguments, **{f"SYNTHETIC_{fault}": "simulate:3"})
    assert failed.code == 1
    folder = workspace.root / "results/smoke/synthetic/logs/simulate"
    found = sorted(path.name for path in folder.glob("full*.log"))
    assert found == ["full.1.log", "full.2.log", "full.log"][-logs:]
    # It was mended meanwhile: the same command tries again.
    assert workspace.snakemake(*arguments).code == 0
    assert not list(folder.glob(".*"))
