"""A study on two nodes survives what clusters do, without a person, and ends as a local run does.

`make test-slurm` starts this; it needs root and changes the machine, so nothing else does.
TRAINSCAPE_SLURM_STUDIES names other studies than the two.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from slurm import local_slurm
from slurm.cluster_project import (
    Accounted,
    ClusterProject,
    Holder,
    accounted,
    first,
    frozen,
    plain,
    reaction,
    state_of,
)

pytestmark = [pytest.mark.slurm, pytest.mark.timeout(5400)]

STUDIES = tuple(os.environ.get("TRAINSCAPE_SLURM_STUDIES", "clifford pruning").split())


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    """Two nodes, switched on for the tests of this module."""
    local_slurm.start()
    yield
    local_slurm.stop()


@pytest.fixture
def project(tmp_path: Path) -> ClusterProject:
    return ClusterProject(tmp_path / "cluster", *STUDIES)


def amid_work(project: ClusterProject, avoid: set[str]) -> Holder | None:
    """Return a job that has finished a chunk and has not finished its stage."""
    for holder in project.holders():
        unfinished = not (project.root / f"{holder.store}.manifest.json").exists()
        if holder.job not in avoid and unfinished and project.lines(holder.store) > 0:
            return holder
    return None


def ended(job: str) -> str:
    """Return the state of a job that is over, nothing before."""
    state = state_of(job)
    return "" if state in {"", "PENDING", "RUNNING", "COMPLETING", "SUSPENDED"} else state


def inflict(
    project: ClusterProject, running: "subprocess.Popen[str]", kind: str, avoid: set[str]
) -> Holder:
    """Let one job be cancelled, run into its walltime amid a chunk, or lose its node amid one."""
    victim = first(lambda: amid_work(project, avoid), running, f"a job amid its work for {kind}")
    assert isinstance(victim, Holder)
    if kind == "CANCELLED":
        local_slurm.run("scancel", victim.job)
        first(lambda: ended(victim.job), running, "the end of the cancelled job")
        return victim
    with frozen(victim.pid):
        if kind == "TIMEOUT":
            local_slurm.run("scontrol", "update", f"jobid={victim.job}", "timelimit=1")
        else:
            local_slurm.lose(victim.host)
        first(lambda: ended(victim.job), running, f"the end of the job by {kind}")
    if kind == "NODE_FAIL":
        local_slurm.start_node(victim.host)
    return victim


def attempts(victim: Holder, jobs: list[Accounted]) -> list[Accounted]:
    """Return all jobs that were submitted for the work of a job."""
    (own,) = (job for job in jobs if job.job == victim.job)
    return [job for job in jobs if job.what == own.what]


def test_studies_end_like_a_local_run_after_all_three_faults(
    project: ClusterProject, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    running = project.start("snakemake", "--workflow-profile", "slurm")
    victims: dict[str, Holder] = {}
    for kind in ("CANCELLED", "TIMEOUT", "NODE_FAIL"):
        avoid = {victim.job for victim in victims.values()}
        victims[kind] = inflict(project, running, kind, avoid)
    assert running.wait(timeout=3600) == 0, project.output()

    jobs = accounted()
    with capsys.disabled():
        for kind, victim in victims.items():
            (job,) = (job for job in jobs if job.job == victim.job)
            print(f"\n{kind}: {job.what}, next attempt after {reaction(job, jobs):.0f} s", end="")
    for kind, victim in victims.items():
        tries = attempts(victim, jobs)
        (own,) = (job for job in tries if job.job == victim.job)
        assert own.state.startswith(kind)
        assert tries[-1].state == "COMPLETED"
    # What was killed amid its work has left its log beside that of the attempt that succeeded.
    for victim in (victims["TIMEOUT"], victims["NODE_FAIL"]):
        *folder, stage, family = victim.store.split("/")
        logs = project.root.joinpath(*folder, "logs", stage)
        assert (logs / f"{family}.1.log").read_text()
        assert (logs / f"{family}.log").read_text().rstrip().endswith("complete")
    assert Path(f"/tmp/trainscape-slurm/scratch-{victims['TIMEOUT'].job}").is_dir()
    # What is submitted after a node was lost avoids it, though it has come back meanwhile.
    again = attempts(victims["NODE_FAIL"], jobs)[-1]
    assert again.node not in {victims["NODE_FAIL"].host, "None assigned"}

    local = ClusterProject(tmp_path / "local", *STUDIES)
    alone = local.command("snakemake", "--cores", "2")
    assert alone.code == 0, alone.output
    assert project.manifests() == local.manifests()


def test_settings_that_no_node_fits_are_refused_before_anything_is_submitted(
    project: ClusterProject,
):
    before = accounted()
    project.set_cluster(cores_per_node=4, longest_hours=48)
    for command in (
        ("snakemake", "--workflow-profile", "slurm"),
        ("trainscape", "plan", "--profile", "slurm"),
        ("trainscape", "validate", "--profile", "slurm"),
    ):
        refused = project.command(*command)
        assert refused.code == 2, refused.output
        text = plain(refused.output)
        assert "cores_per_node is 4" in text
        assert "its nodes have 1 cores" in text
        assert "longest_hours is 48.0, but the partition main allows 24" in text
    project.set_cluster(partition="gpu")
    refused = project.command("snakemake", "--workflow-profile", "slurm")
    assert (refused.code, "'gpu' is no partition" in plain(refused.output)) == (2, True)
    assert accounted() == before


def test_plug_in_is_told_what_it_understands(project: ClusterProject):
    """The reason for profiles/slurm/bin: what SLURM says, and what the plug-in then reads."""
    submit = ("sbatch", "--parsable", "--account=physics", "--output=/dev/null", "--wrap=sleep 600")
    job = local_slurm.run(*submit).strip()
    local_slurm.wait_until(lambda: state_of(job) == "RUNNING", "the job runs")
    local_slurm.run("scancel", job)
    local_slurm.wait_until(lambda: state_of(job).startswith("CANCELLED"), "it is cancelled")
    question = ("-X", "-n", "-P", "-o", "State", "-j", job)
    assert local_slurm.run("sacct", *question) == f"CANCELLED by {os.getuid()}\n"
    shim = project.root / "profiles/slurm/bin/sacct"
    assert local_slurm.run(str(shim), *question) == "CANCELLED\n"
    assert shutil.which("sacct") is not None


def test_job_is_told_before_its_walltime_ends(tmp_path: Path):
    """It finishes the chunk that it works on and stops; the next attempt goes on after it."""
    project = ClusterProject(tmp_path / "cluster", "synthetic")
    project.set_config(chunk_seconds=0.001)  # chunks of one block
    manifest = "results/smoke/synthetic/{}/full.manifest.json"
    ready = project.command("snakemake", "--cores", "1", manifest.format("dataset"))
    assert ready.code == 0, ready.output
    # Fourteen chunks of eight seconds, in walltimes of three minutes less ninety seconds.
    project.set_cluster(longest_hours=0.05)
    project.variables["SYNTHETIC_PAUSE"] = "8"
    before = len(accounted())
    done = project.command("snakemake", "--workflow-profile", "slurm", manifest.format("simulate"))
    assert done.code == 0, done.output
    *stopped, last = accounted()[before:]
    assert {job.state for job in stopped} == {"FAILED"}  # by itself, and not by SLURM
    assert last.state == "COMPLETED"
    logs = project.root / "results/smoke/synthetic/logs/simulate"
    assert "received SIGTERM" in (logs / "full.1.log").read_text()
    assert project.lines("results/smoke/synthetic/simulate/full") == 14
