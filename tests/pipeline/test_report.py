"""What jobs have recorded of themselves becomes the estimate of those to come."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from trainscape.pipeline.report import Overhead, stage_states, total_hours
from workspace import Workspace, edit_json


def record(workspace: Workspace, stage: str, family: str, **facts: Any) -> None:
    """Write the provenance of a job."""
    path = workspace.absolute(stage, family).provenance
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(facts))


def overhead(workspace: Workspace) -> Overhead:
    found = workspace.requests()
    with workspace.inside():
        return Overhead.measured(found)


def test_nothing_recorded(workspace: Workspace):
    assert overhead(workspace) == Overhead()


def test_medians_of_what_was_recorded(workspace: Workspace):
    record(workspace, "dataset", "full", cpu_seconds=0.4, chunk_seconds=0.1)
    record(workspace, "simulate", "full", cpu_seconds=90.0, chunk_seconds=88.0)
    # Workers elsewhere: the job's own seconds are fewer than those of its chunks.
    record(workspace, "gradients", "full", cpu_seconds=5.0, chunk_seconds=300.0)
    measured = overhead(workspace)
    assert measured.job == pytest.approx(0.3)
    assert measured.figure == Overhead.figure
    # The group draws two figures.
    record(workspace, "figures", "core", cpu_seconds=4.3, chunk_seconds=0.0)
    measured = overhead(workspace)
    assert measured.job == pytest.approx(0.3)
    assert measured.figure == pytest.approx(2.0)


@pytest.mark.parametrize("facts", [{}, {"cpu_seconds": 3.0}, {"cpu_seconds": "much"}])
def test_records_of_older_versions_and_damaged_ones_count_for_nothing(
    workspace: Workspace, facts: dict[str, Any]
):
    record(workspace, "dataset", "full", **facts)
    workspace.absolute("simulate").folder.mkdir(parents=True)
    workspace.absolute("simulate").provenance.write_text("{")
    assert overhead(workspace) == Overhead()


def test_jobs_record_what_they_cost_beside_their_chunks(make_workspace: Callable[..., Workspace]):
    workspace = make_workspace()
    workspace.complete()
    for stage in ("dataset", "simulate", "figures"):
        family = "core" if stage == "figures" else "full"
        facts = json.loads(workspace.absolute(stage, family).provenance.read_text())
        entries = () if stage == "figures" else workspace.ledger(stage).values()
        spent = sum(entry.seconds for entry in entries if entry.cell != "summary")
        assert facts["chunk_seconds"] == pytest.approx(spent, abs=1e-3)
        assert facts["warm"] is False


def test_estimate_counts_jobs_and_figures_that_are_left(workspace: Workspace):
    workspace.complete()
    for request in workspace.requests():
        edit_json(
            workspace.absolute(request.stage, request.family).provenance,
            lambda facts: facts.update(cpu_seconds=7.0, chunk_seconds=0.0),
        )
    workspace.absolute("figures", "core").manifest.unlink()
    found = workspace.requests()
    with workspace.inside():
        # A job of 7 s, whose figures cost nothing beyond that.
        assert 3600 * total_hours(stage_states(found, 8.0)) == pytest.approx(7.0)
    edit_json(
        workspace.absolute("figures", "core").provenance,
        lambda facts: facts.update(cpu_seconds=17.0),
    )
    with workspace.inside():
        assert 3600 * total_hours(stage_states(found, 8.0)) == pytest.approx(17.0)
