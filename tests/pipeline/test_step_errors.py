"""An error in a study's code names its line; the log keeps the traceback."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from trainscape.pipeline.errors import CellsFailedError, StepFailedError
from trainscape.pipeline.step_errors import describe, explaining
from trainscape.runtime.logs import set_up_logging
from trainscape.storage.manifest import ManifestMissingError
from trainscape.storage.write_errors import CannotWriteError
from workspace import Workspace


@pytest.fixture
def own(workspace: Workspace) -> Workspace:
    """A workspace with a copy of the study that the test may edit."""
    workspace.own_plugin()
    return workspace


@pytest.fixture
def log(workspace: Workspace) -> Callable[[], str]:
    """Log to a file, and return a function that reads it."""
    path = workspace.root / "logs/stage.log"
    with workspace.inside():
        set_up_logging(path)
    return path.read_text


def line(workspace: Workspace, file: str, text: str) -> str:
    """Return the place of a line of the study, as messages spell it."""
    lines = (workspace.root / "synthetic/core" / file).read_text().splitlines()
    (number,) = [number for number, content in enumerate(lines, 1) if text in content]
    return f"synthetic/core/{file}, line {number}"


@pytest.mark.parametrize("workers", [1, 2])
def test_typo_in_a_sampled_step_names_its_line(
    own: Workspace, log: Callable[[], str], workers: int
):
    own.complete("dataset")
    own.edit("values.py", 'normal(size=cell["size"])', 'normal(size=cell["site"])')
    own.configure(in_process_seconds=0.0)
    own.write_requests()
    with pytest.raises(CellsFailedError) as caught:
        own.run("simulate", workers=workers)
    place = line(own, "values.py", 'cell["site"]')
    for cell in ("size-2_scale-1.0", "size-3_scale-1.0"):
        assert f"  {cell}: KeyError: 'site' ({place})\n" in str(caught.value)
    assert "The traceback is in logs/stage.log." in str(caught.value)
    # The innermost frame is one of trainscape, which the study's author did not write.
    assert log().count("Traceback (most recent call last)") == 1
    assert 'normal(size=cell["site"])' in log()
    assert "contract.py" in log()
    (error,) = {entry.error for entry in own.ledger("simulate").values()}
    assert error == f"KeyError: 'site' ({place})"


STEPS = {
    "summary": (
        "mean_squares.py",
        ('cell.data["gradient"]', 'cell.data["gradients"]'),
        "gradients",
        "the summary step",
    ),
    "figure": (
        "figures.py",
        ('table["moment"], "o"', 'table["moments"], "o"'),
        "figures",
        "the figure decay",
    ),
    "claims": (
        "claims.py",
        ('cells[0].data["gradient"] ** 2', 'cells[9].data["gradient"] ** 2'),
        "figures",
        "judging the claims",
    ),
}


@pytest.mark.parametrize("case", STEPS)
def test_error_in_any_other_step_names_its_line(own: Workspace, log: Callable[[], str], case: str):
    file, (old, new), stage, what = STEPS[case]
    own.complete("dataset", "simulate", "gradients", "thresholds")
    own.edit(file, old, new)
    own.write_requests()
    with pytest.raises(StepFailedError) as caught:
        own.run(stage)
    place = line(own, file, new)
    assert re.match(
        rf"synthetic/{stage}/\w+ \(smoke\): {what} failed: \w+Error: .* \({re.escape(place)}\)",
        str(caught.value),
    ), str(caught.value)
    assert "The traceback is in logs/stage.log." in str(caught.value)
    assert new in log()
    assert not own.absolute(stage, "core" if stage == "figures" else "full").manifest.exists()


def test_without_a_log_the_traceback_is_printed(own: Workspace, capsys: pytest.CaptureFixture[str]):
    set_up_logging()
    with (
        pytest.raises(StepFailedError, match="The traceback is above"),
        explaining(own.paths("gradients"), "the step", "synthetic.core.values"),
    ):
        raise KeyError("size")
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_log_has_the_traceback_and_the_console_has_not(
    own: Workspace, log: Callable[[], str], capsys: pytest.CaptureFixture[str]
):
    with (
        own.inside(),
        pytest.raises(StepFailedError, match=r"in logs/stage\.log\."),
        explaining(own.paths("gradients"), "the step", "synthetic.core.values"),
    ):
        raise KeyError("size")
    assert "Traceback (most recent call last)" in log()
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "error", [ManifestMissingError("lost"), CannotWriteError(28, "full"), CellsFailedError("some")]
)
def test_errors_that_are_no_fault_of_the_study_pass(error: Exception):
    paths = Path("unused")
    with pytest.raises(type(error)) as caught, explaining(paths, "the step", "synthetic"):  # type: ignore[arg-type]
        raise error
    assert caught.value is error


def test_error_without_a_frame_of_the_study_has_no_place():
    assert describe(ValueError("two\nlines"), "synthetic.core.values") == "ValueError: two lines"


def test_studies_of_the_package_are_told_apart():
    """The kit below a study is not the study."""
    from trainscape.studies.kit.claims import judge_claims

    with pytest.raises(TypeError) as caught:
        judge_claims(None, None)  # type: ignore[arg-type]
    assert "kit/claims.py, line " in describe(caught.value, "trainscape.studies.kit.claims")
    assert "(" not in describe(caught.value, "trainscape.studies.clifford.vqe.claims")
