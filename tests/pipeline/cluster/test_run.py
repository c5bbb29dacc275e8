"""What the rules ask for where the jobs of a run go to a cluster."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from trainscape.pipeline.cluster.run import cluster_of_run
from trainscape.pipeline.cluster.settings import CLUSTER
from trainscape.pipeline.errors import ConfigError
from trainscape.pipeline.workflow import Workflow, load_workflow
from trainscape.runtime.partitions import Partition
from workspace import REPO, Workspace

FULL = SimpleNamespace(study="synthetic", family="full")
CONTENT = """\
account: physics
partition: long
cores_per_node: 4
memory_gib_per_node: 3.0
longest_hours: 2.0
"""


@pytest.fixture
def load(make_workspace: Callable[..., Workspace], monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Return a function that reads the Snakefile's part of a run with a command line."""
    workspace = make_workspace()
    workspace.own_plugin()
    old = "Cell(parameters=system, samples=shared.samples, seconds=1e-4)"
    workspace.edit("__init__.py", old, old.replace("1e-4", "2.0, memory=100 * 2**20"))
    folder = workspace.root / "profiles/slurm"
    folder.mkdir(parents=True)
    (folder / "cluster.yaml").write_text(CONTENT)
    monkeypatch.setattr("trainscape.pipeline.cluster.run.partitions", list)
    # What the run tells its jobs is taken back after the test.
    monkeypatch.setenv(CLUSTER, "")
    monkeypatch.setenv("PATH", "/usr/bin:/bin")

    def read(*arguments: str, write: bool = True) -> Workflow:
        with workspace.inside():
            config = {"preset": "smoke", "studies": ["synthetic"], "chunk_seconds": 0.001}
            return load_workflow(config, write=write, arguments=arguments)

    return read


def test_jobs_ask_for_what_the_cluster_has(load: Callable[..., Workflow]):
    workflow = load("--workflow-profile", "slurm")
    # 400 core-seconds, 612 MB for each process and one more: 3 GiB are four workers.
    assert workflow.threads("gradients", 64)(FULL) == 4
    assert workflow.memory("gradients")(FULL, 4, 1) == 5 * 612
    assert workflow.memory("gradients")(FULL, 4, 2) == 3 * 1024
    queue = workflow.queue("gradients")
    runtime = queue.pop("runtime")
    assert (runtime(FULL, 1), runtime(FULL, 2)) == (10 + 3 * 400 // 4 // 60, 120)
    assert queue == {"slurm_account": "physics", "slurm_partition": "long"}
    assert workflow.threads("dataset", 64)(FULL) == 1
    (figures,) = workflow.groups
    assert workflow.figures_memory(figures)(FULL, 1) == 2048
    assert workflow.figures_queue(figures)["runtime"](FULL, 1) == 30
    assert workflow.config.block_hours == 0.5


def test_jobs_find_the_same_as_the_run_that_submitted_them(load: Callable[..., Workflow]):
    main = load("--workflow-profile", "slurm")
    job = load("--target-jobs", "gradients:", write=False)
    for stage in ("dataset", "gradients"):
        assert job.threads(stage, 2)(FULL) == main.threads(stage, 2)(FULL)
        assert job.memory(stage)(FULL, 1, 3) == main.memory(stage)(FULL, 1, 3)


def test_a_stage_has_all_cores_only_where_the_others_would_wait_for_it(
    load: Callable[..., Workflow],
):
    workflow = load()
    (stage,) = (
        request
        for request in workflow.requests
        if request.paths.family == "full" and request.stage == "gradients"
    )
    alone = Workflow(workflow.config, [stage])
    assert alone.threads("gradients", 2)(FULL) == 2
    third = Workflow(workflow.config, 3 * [stage])
    assert third.threads("gradients", 2)(FULL) == 1
    assert third.threads("gradients", 3)(FULL) == 3


def test_the_longest_jobs_start_first(load: Callable[..., Workflow]):
    workflow = load()
    assert re.fullmatch(workflow.long("gradients"), "full")
    assert not re.fullmatch(workflow.long("dataset"), "full")
    on_cluster = load("--workflow-profile", "slurm")
    assert not re.fullmatch(on_cluster.long("gradients"), "full")


def test_runs_on_this_machine_ask_for_no_walltime_and_no_more_memory_than_allowed(
    load: Callable[..., Workflow], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("trainscape.runtime.memory.memory_limit", lambda: 64 * 2**30)
    workflow = load()
    assert workflow.cluster is None
    assert workflow.threads("gradients", 64)(FULL) == 64
    # A profile of the user's own may say what it likes.
    assert workflow.queue("gradients") == workflow.figures_queue(workflow.groups[0]) == {}
    # Cells of 100 MB, and 512 MB of imports: as many workers as the runner starts.
    for gibibytes, workers in ((64.0, 64), (16.0, 26), (2.0, 3), (0.3, 1)):
        config = workflow.config.model_copy(update={"memory_gib": gibibytes})
        limited = Workflow(config, workflow.requests)
        assert limited.memory("gradients")(FULL, 64, 1) == workers * 612


def test_what_the_partition_has_not_stops_the_run(
    load: Callable[..., Workflow],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    node = Partition("long", False, 2, 8.0, 24.0)
    monkeypatch.setattr("trainscape.pipeline.cluster.run.partitions", lambda: [node])
    with pytest.raises(SystemExit) as stopped:
        load("--workflow-profile", "slurm")
    assert stopped.value.code == 2
    assert "cores_per_node is 4" in capsys.readouterr().err


def test_commands_of_the_profile_come_first_where_the_cluster_has_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(CLUSTER, "")
    monkeypatch.setattr("trainscape.pipeline.cluster.run.partitions", list)
    own = REPO / "profiles/slurm"
    arguments = ["--workflow-profile", str(own)]
    monkeypatch.setenv("PATH", str(tmp_path))
    cluster_of_run(arguments, is_main=True)
    assert os.environ["PATH"] == str(tmp_path)
    for name in ("sacct", "sbatch"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    cluster_of_run(arguments, is_main=True)
    assert os.environ["PATH"].split(":") == [str(own / "bin"), str(tmp_path)]
    assert os.environ[CLUSTER] == str(own / "cluster.yaml")


def test_wrong_profile_is_an_error_of_the_configuration():
    with pytest.raises(ConfigError):
        cluster_of_run(["--profile", str(REPO / "profiles/slurm")], is_main=True)


def test_job_has_the_memory_of_a_node_and_not_that_of_the_configuration(
    make_workspace: Callable[..., Workspace], tmp_path: Path
):
    workspace = make_workspace()
    workspace.own_plugin()
    old = "Cell(parameters=system) for system"
    workspace.edit("__init__.py", old, "Cell(parameters=system, memory=20 * 2**30) for system")
    workspace.write_requests()
    refused = workspace.trainscape(*workspace.run_command("dataset")[3:])
    assert refused.code == 2
    assert "more than memory_gib = 16.0 allows" in refused.output
    node = tmp_path / "cluster.yaml"
    node.write_text("memory_gib_per_node: 30.0\n")
    done = workspace.trainscape(*workspace.run_command("dataset")[3:], TRAINSCAPE_CLUSTER=str(node))
    assert done.code == 0, done.output
