"""The block of site settings of a cluster: what is read, what is refused, and who finds it."""

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from trainscape.pipeline.cluster.run import cluster_of_run
from trainscape.pipeline.cluster.settings import (
    CLUSTER,
    Cluster,
    cluster_file,
    cluster_files,
    cluster_of_jobs,
    load_cluster,
    named_cluster,
)
from trainscape.pipeline.config import WorkflowConfig
from trainscape.pipeline.errors import ConfigError
from workspace import REPO

SHIPPED = REPO / "profiles/slurm/cluster.yaml"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with one profile of a cluster and one that is none."""
    monkeypatch.delenv(CLUSTER, raising=False)
    for name in ("slurm", "default"):
        (tmp_path / "profiles" / name).mkdir(parents=True)
    (tmp_path / "profiles/slurm/cluster.yaml").write_text("cores_per_node: 48\n")
    with contextlib.chdir(tmp_path):
        yield tmp_path


def test_shipped_block_names_every_setting_and_changes_no_limit_of_the_configuration():
    shipped = load_cluster(SHIPPED)
    text = SHIPPED.read_text()
    assert all(f"\n{name}:" in text for name in Cluster.model_fields)
    assert shipped.longest_hours / 2 == WorkflowConfig().block_hours
    limited = shipped.limit(WorkflowConfig())
    assert (limited.memory_gib, limited.block_hours) == (shipped.memory_gib_per_node, 2.0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("cores: 4", "cores: unknown key; allowed: account, partition, cores_per_node"),
        ("cores_per_node: 0", "cores_per_node: Input should be greater than or equal to 1"),
        ("longest_hours: 04:00:00", "longest_hours: Input should be a valid number"),
        ("setup: module load python", "setup: Input should be a valid array"),
        ("account: ''", "account: String should have at least 1 character"),
    ],
)
def test_wrong_settings_are_named(tmp_path: Path, content: str, message: str):
    path = tmp_path / "cluster.yaml"
    path.write_text(content)
    with pytest.raises(ConfigError) as caught:
        load_cluster(path)
    assert f"{path}: {message}" in str(caught.value)


def test_profiles_are_found_by_name_and_by_folder(project: Path):
    expected = Path("profiles/slurm/cluster.yaml")
    assert cluster_files() == [expected]
    assert cluster_file("slurm") == cluster_file("profiles/slurm") == expected
    with pytest.raises(
        ConfigError, match=r"profiles/default/cluster\.yaml does not exist.*: slurm"
    ):
        cluster_file("default")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--workflow-profile", "slurm", "--config", "preset=paper"],
        ["-n", "--workflow-profile=profiles/slurm"],
        ["--profile", "mine", "--workflow-profile", "slurm"],
    ],
)
def test_command_line_names_the_cluster(project: Path, arguments: list[str]):
    assert named_cluster(arguments) == Path("profiles/slurm/cluster.yaml")


@pytest.mark.parametrize("arguments", [[], ["--cores", "2"], ["--workflow-profile", "none"]])
def test_runs_on_this_machine_have_none(project: Path, arguments: list[str]):
    assert named_cluster(arguments) is None
    assert cluster_of_run(arguments, is_main=True) is None


def test_profile_that_leaves_the_default_in_force_is_refused_with_the_command(project: Path):
    with pytest.raises(ConfigError) as caught:
        named_cluster(["--profile", "profiles/slurm", "--config", "preset=paper"])
    assert str(caught.value).endswith(
        "Type: snakemake --workflow-profile profiles/slurm --config preset=paper"
    )


def test_jobs_learn_of_the_cluster_from_the_main_process(
    project: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setattr("trainscape.pipeline.cluster.run.partitions", list)
    main = cluster_of_run(["--workflow-profile", "slurm"], is_main=True)
    assert main == Cluster(cores_per_node=48)
    with contextlib.chdir("/"):  # wherever a job works
        assert cluster_of_run(["--target-jobs", "x"], is_main=False) == main
    assert cluster_of_jobs({}) is None


def test_set_up_lines_and_scratch_come_before_the_command(tmp_path: Path):
    scratch = tmp_path / "a b"
    cluster = Cluster(setup=("x=${UNSET}", 'greeting="hello"'), scratch=f"{scratch}/$JOB")
    script = cluster.prefix() + 'echo "$greeting $TMPDIR"'
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, check=True, env={"JOB": "7"}
    )
    assert done.stdout == f"hello {scratch}/7\n"
    assert (scratch / "7").is_dir()
    failed = subprocess.run(["bash", "-c", cluster.prefix() + "false | true; echo on"], check=False)
    assert failed.returncode != 0
