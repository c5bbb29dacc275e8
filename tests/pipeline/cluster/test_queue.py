"""The jobs that a run would submit, and what it says before it submits any."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from trainscape.cli.app import app
from trainscape.pipeline.cluster.queue import (
    above_partition,
    critical_hours,
    profile_retries,
    queued_jobs,
    stage_shapes,
    too_many_attempts,
)
from trainscape.pipeline.cluster.settings import Cluster
from trainscape.pipeline.config import WorkflowConfig
from trainscape.pipeline.errors import ConfigError
from trainscape.pipeline.report import stage_states
from trainscape.runtime.partitions import Partition
from workspace import REPO, Workspace

CLUSTER = Cluster(cores_per_node=16, memory_gib_per_node=64, longest_hours=4)
CONFIG = WorkflowConfig()
FILE = Path("profiles/slurm/cluster.yaml")
MAIN = Partition("main", True, 16, 64.0, 24.0)
LARGE = Partition("large", False, 128, 512.0, 48.0)


@pytest.fixture
def slow(make_workspace: Callable[..., Workspace], monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace whose samples take 180 s each, 6.4 core-hours in each of two cells, and no SLURM to ask."""
    monkeypatch.setattr("trainscape.runtime.partitions.partitions", list)
    workspace = make_workspace()
    workspace.configure(block_hours=2.0)  # a block of them takes 1.6
    workspace.own_plugin()
    old = "Cell(parameters=system, samples=shared.samples, seconds=1e-4)"
    workspace.edit("__init__.py", old, old.replace("1e-4", "180.0"))
    (workspace.root / "profiles/slurm").mkdir(parents=True)
    for name in ("cluster.yaml", "profile.yaml"):
        content = (REPO / "profiles/slurm" / name).read_text()
        (workspace.root / "profiles/slurm" / name).write_text(content)
    return workspace


def test_jobs_of_a_study_with_their_shape(slow: Workspace):
    with slow.inside():
        jobs = queued_jobs(stage_states(slow.requests(), CONFIG.chunk_seconds), CONFIG, CLUSTER)
    by_stage = {shape.stage: shape for shape in stage_shapes(jobs)}
    assert list(by_stage) == ["dataset", "simulate", "gradients", "thresholds", "figures"]
    gradients = by_stage["gradients"]
    # Two cells of four blocks; the other family has a job of one core.
    assert (gradients.jobs, gradients.cores, gradients.cores_at_once) == (2, 8, 9)
    # Whole blocks: 128 samples are computed of each cell.
    assert gradients.core_hours == pytest.approx(2 * 128 * 0.05, rel=0.01)
    assert gradients.minutes == 10 + 3 * 2 * 100 * 3 // 8
    # The longest chain: dataset, gradients, thresholds, figures.
    assert critical_hours(jobs) == pytest.approx(gradients.core_hours / 8, rel=0.01)


def test_finished_stages_are_no_jobs(slow: Workspace):
    slow.complete("dataset")
    with slow.inside():
        jobs = queued_jobs(stage_states(slow.requests(), CONFIG.chunk_seconds), CONFIG, CLUSTER)
    assert "dataset" not in {str(job.request.stage) for job in jobs}


def test_walltimes_beyond_the_retries_are_named_with_the_number_to_set(slow: Workspace):
    cluster = Cluster(cores_per_node=1, longest_hours=4)
    with slow.inside():
        jobs = queued_jobs(stage_states(slow.requests(), CONFIG.chunk_seconds), CONFIG, cluster)
    (large, other) = too_many_attempts(jobs, 2)
    assert "synthetic/simulate/full (smoke): about 13 hours on 1 cores are 4 jobs" in large
    assert "Set `retries: 6`" in large
    assert "gradients/full" in other
    assert not too_many_attempts(jobs, 3)


def test_retries_are_those_of_the_profile(tmp_path: Path):
    assert profile_retries(REPO / "profiles/slurm") == 5
    (tmp_path / "profile.yaml").write_text("executor: slurm\n")
    assert profile_retries(tmp_path) == 0


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({}, None),
        ({"partition": "large", "cores_per_node": 100, "longest_hours": 48}, None),
        ({"cores_per_node": 32}, "no node of the partition main has both; its nodes have 16 cores"),
        (
            {"memory_gib_per_node": 65},
            "memory_gib_per_node 65.0, but no node of the partition main",
        ),
        ({"longest_hours": 25}, "longest_hours is 25.0, but the partition main allows 24"),
        ({"partition": "gpu"}, "'gpu' is no partition of this cluster; it has main, large"),
    ],
)
def test_settings_are_compared_with_the_cluster(settings: dict[str, object], problem: str | None):
    found = above_partition(Cluster(**settings), FILE, [MAIN, LARGE])
    assert len(found) == (problem is not None)
    assert all(problem in text and str(FILE) in text for text in found)


def test_partition_without_default_has_to_be_named_and_no_answer_is_no_problem():
    (text,) = above_partition(Cluster(), FILE, [LARGE])
    assert "no default; name one of large" in text
    assert above_partition(Cluster(partition="gpu"), FILE, []) == []
    assert not above_partition(Cluster(), FILE, [Partition("main", True, 16, 64.0, math.inf)])


def plan(workspace: Workspace, *arguments: str) -> str:
    with workspace.inside():
        done = CliRunner().invoke(app, ["plan", "--profile", "slurm", *arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def test_plan_shows_the_queue_and_submits_nothing(slow: Workspace):
    text = plan(slow)
    assert "Jobs of this run" in text
    assert "gradients" in text
    assert "6 jobs" in text
    assert not (slow.root / "results").exists()
    rows = json.loads(plan(slow, "--json"))
    assert [row["cores"] for row in rows if row["family"] == "full"] == [1, 8, 8, 1]
    assert {row["attempts"] for row in rows} == {1}


def test_plan_and_validate_refuse_what_no_node_can_give(slow: Workspace):
    path = slow.root / FILE
    path.write_text(path.read_text().replace("longest_hours: 4.0", "longest_hours: 1.0"))
    with pytest.raises(ConfigError, match="block of cell size-2") as caught:
        plan(slow)
    assert caught.value.exit_code == 2
    assert f"it is half of longest_hours in {FILE} at most" in str(caught.value)
    with slow.inside():
        done = CliRunner().invoke(app, ["validate", "--profile", "slurm"])
    assert isinstance(done.exception, ConfigError)


def test_validate_reads_the_clusters_of_all_profiles(slow: Workspace):
    with slow.inside():
        fitting = CliRunner().invoke(app, ["validate", "--profile", "slurm"])
        assert f"valid, and fits the nodes of {FILE}" in fitting.output
        (slow.root / FILE).write_text("nodes: 3\n")
        done = CliRunner().invoke(app, ["validate"])
    assert "profiles/slurm/cluster.yaml: nodes: unknown key" in str(done.exception)
