"""A study on two nodes survives what clusters do, without a person, and ends as a local run does.

`make test-slurm` starts this; it needs root and changes the machine, so nothing else does.
TRAINSCAPE_SLURM_STUDIES names other studies than the two, or groups of them as STUDY/GROUP.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
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
from trainscape.runtime.batch_jobs import job_is_over
from workspace import REPO

pytestmark = [pytest.mark.slurm, pytest.mark.timeout(5400)]

CHOSEN = tuple(os.environ.get("TRAINSCAPE_SLURM_STUDIES", "clifford pruning").split())
STUDIES = tuple(dict.fromkeys(name.partition("/")[0] for name in CHOSEN))
TARGETS = tuple(
    f"results/smoke/{study}/figures/{group}.manifest.json"
    for study, found, group in (name.partition("/") for name in CHOSEN)
    if found
)
"""Of a run of groups; none where all of the studies is run."""


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    """Two nodes, switched on for the tests of this module."""
    local_slurm.start()
    yield
    local_slurm.stop()


@pytest.fixture
def project(tmp_path: Path) -> ClusterProject:
    return ClusterProject(tmp_path / "cluster", *STUDIES)


def seize(project: ClusterProject, avoid: set[str]) -> Holder | None:
    """Stop a job amid a chunk that is neither its first nor, being stopped, already its last.

    Stages of a small study take a second: only what stands still can be hit for certain.
    """
    for holder in project.holders():
        if holder.store in avoid or not project.amid_chunk(holder.store):
            continue
        with contextlib.suppress(ProcessLookupError):
            os.kill(holder.pid, signal.SIGSTOP)
            if project.amid_chunk(holder.store):
                return holder
            os.kill(holder.pid, signal.SIGCONT)
    return None


def ended(job: str) -> str:
    """Return the state of a job that is over, nothing before."""
    state = state_of(job)
    return "" if state in {"", "PENDING", "RUNNING", "COMPLETING", "SUSPENDED"} else state


def inflict(
    project: ClusterProject, running: "subprocess.Popen[str]", kind: str, avoid: set[str]
) -> Holder:
    """Let one job be cancelled, run into its walltime amid a chunk, or lose its node amid one."""
    what = f"a job amid its work for {kind}"
    victim = first(lambda: seize(project, avoid), running, what, pause=0.01)
    assert isinstance(victim, Holder)
    if kind == "CANCELLED":
        local_slurm.run("scancel", victim.job)  # which lets it go on, to finish the chunk
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


def waited_for_holder(log: Path) -> str:
    """Return what an attempt waited for a sign of life of the holder before it, or nothing."""
    found = re.search(
        r"was left by host \S+ .* waiting (\d+ s) for a sign of life", log.read_text()
    )
    return found.group(1) if found else ""


@pytest.mark.fault(
    part="slurm",
    fault="in one run on two nodes a job is cancelled, one runs into its walltime amid a chunk, "
    "and a node is lost amid a chunk",
    promise="submitted again and ended without a person; manifests equal a local run's; the lock "
    "of a job that is over is taken over at once, that of a lost node within 150 s",
)
def test_studies_end_like_a_local_run_after_all_three_faults(
    project: ClusterProject,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    observe: Callable[[str], None],
):
    running = project.start("snakemake", "--workflow-profile", "slurm", *TARGETS)
    victims: dict[str, Holder] = {}
    for kind in ("CANCELLED", "TIMEOUT", "NODE_FAIL"):
        avoid = {victim.store for victim in victims.values()}
        victims[kind] = inflict(project, running, kind, avoid)
    assert running.wait(timeout=3600) == 0, project.output()

    jobs = accounted()
    reactions = {}
    for kind, victim in victims.items():
        (job,) = (job for job in jobs if job.job == victim.job)
        reactions[kind] = reaction(job, jobs)
        with capsys.disabled():
            print(f"\n{kind}: {job.what}, next attempt after {reactions[kind]} s", end="")
    for kind, victim in victims.items():
        tries = attempts(victim, jobs)
        (own,) = (job for job in tries if job.job == victim.job)
        assert own.state.startswith(kind)
        assert tries[-1].state == "COMPLETED"
    # What was killed amid its work has left its log beside that of the attempt that succeeded.
    waits = {}
    for kind in ("TIMEOUT", "NODE_FAIL"):
        *folder, stage, family = victims[kind].store.split("/")
        logs = project.root.joinpath(*folder, "logs", stage)
        assert (logs / f"{family}.1.log").read_text()
        assert (logs / f"{family}.log").read_text().rstrip().endswith("complete")
        waits[kind] = waited_for_holder(logs / f"{family}.log")
    with capsys.disabled():
        print(f"\nlost node: its lock was taken over after {waits['NODE_FAIL'] or 'no wait'}")
    # SLURM vouches for the end of a job that it has ended itself, not for that of a lost node.
    assert not waits["TIMEOUT"]
    assert Path(f"/tmp/trainscape-slurm/scratch-{victims['TIMEOUT'].job}").is_dir()
    # What is submitted after a node was lost avoids it, though it has come back meanwhile.
    again = attempts(victims["NODE_FAIL"], jobs)[-1]
    assert again.node not in {victims["NODE_FAIL"].host, "None assigned"}

    local = ClusterProject(tmp_path / "local", *STUDIES)
    alone = local.command("snakemake", "--cores", "2", *TARGETS)
    assert alone.code == 0, alone.output
    manifests = project.manifests()
    assert manifests == local.manifests()
    assert {path.split("/")[1] for path in manifests} == set(STUDIES)
    seconds = ", ".join(f"{kind} {seconds:.0f} s" for kind, seconds in reactions.items())
    observe(
        f"{', '.join(CHOSEN)}: {len(manifests)} manifests, all equal; from "
        f"the end of a job to the next attempt: {seconds}"
    )


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
    options = ("--account=physics", "--output=/dev/null", "--wrap=sleep 600")
    job = local_slurm.submit(*options)
    local_slurm.wait_until(lambda: state_of(job) == "RUNNING", "the job runs")
    local_slurm.run("scancel", job)
    local_slurm.wait_until(lambda: state_of(job).startswith("CANCELLED"), "it is cancelled")
    question = ("-X", "-n", "-P", "-o", "State", "-j", job)
    assert local_slurm.run("sacct", *question) == f"CANCELLED by {os.getuid()}\n"
    shim = project.root / "profiles/slurm/bin/sacct"
    assert local_slurm.run(str(shim), *question) == "CANCELLED\n"
    assert shutil.which("sacct") is not None


HOLD = """
import sys, time
from pathlib import Path
from trainscape.runtime.batch_jobs import job_is_over
from trainscape.storage.lock import StoreLock
with StoreLock(Path(sys.argv[1]), is_over=job_is_over, announce=print) as lock:
    print("taken over" if lock.taken_over else "new", flush=True)
    time.sleep(float(sys.argv[2]))
"""


@pytest.mark.fault(
    part="slurm",
    fault="a job that holds a lock is killed, on another node than the next one for the same work",
    promise="SLURM's word counts: not over while it runs, and taken over without a wait after it",
)
def test_lock_of_a_job_that_is_over_is_taken_over_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, observe: Callable[[str], None]
):
    monkeypatch.setenv("SLURM_CLUSTER_NAME", "trainscape")  # as in a job
    lock, script = tmp_path / "full.lock", tmp_path / "hold.py"
    script.write_text(HOLD)

    def submit(node: str, seconds: int) -> tuple[str, Path]:
        output = tmp_path / f"{node}.txt"
        environment = f"env PYTHONPATH={REPO / 'src'}"
        command = f"exec {environment} {sys.executable} {script} {lock} {seconds}"
        options = ("--account=physics", f"--nodelist={node}", f"--output={output}")
        return local_slurm.submit(*options, f"--wrap={command}"), output

    job, _ = submit("node1", 600)
    local_slurm.wait_until(lambda: lock.exists() and lock.read_text(), "the first job works")
    holder = json.loads(lock.read_text())
    assert (holder["job"], holder["host"]) == (job, "node1")
    assert not job_is_over(holder)
    os.kill(holder["pid"], signal.SIGKILL)
    local_slurm.wait_until(lambda: job_is_over(holder), "the first job is over")
    assert lock.exists()

    job, output = submit("node2", 0)
    local_slurm.wait_until(lambda: ended(job), "the second job is over")
    assert (state_of(job), output.read_text()) == ("COMPLETED", "taken over\n")
    observe("taken over, no wait announced")


@pytest.mark.fault(
    part="slurm",
    fault="a stage is longer than the longest walltime of the partition",
    promise="told before the end, each job finishes its chunk; the next goes on after it",
)
def test_job_is_told_before_its_walltime_ends(tmp_path: Path, observe: Callable[[str], None]):
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
    observe("14 chunks in several jobs, each of them once")


@pytest.mark.fault(
    part="slurm",
    fault="a cell of a study fails, as it would again",
    promise="its job is submitted once; exit code 1, and the same command tries again",
)
def test_job_that_failed_by_its_input_is_not_submitted_again(
    tmp_path: Path, observe: Callable[[str], None]
):
    project = ClusterProject(tmp_path / "cluster", "synthetic")
    manifest = "results/smoke/synthetic/{}/full.manifest.json"
    ready = project.command("snakemake", "--cores", "1", manifest.format("dataset"))
    assert ready.code == 0, ready.output
    submitting = ("snakemake", "--workflow-profile", "slurm", manifest.format("simulate"))
    project.variables["SYNTHETIC_FAIL"] = "simulate:3"
    before = len(accounted())
    failed = project.command(*submitting)
    assert failed.code == 1, failed.output
    (job,) = accounted()[before:]
    assert job.state == "FAILED"
    assert (
        "told to fail in simulate:3"
        in (project.root / "results/smoke/synthetic/logs/simulate/full.log").read_text()
    )
    project.variables.clear()
    mended = project.command(*submitting)
    assert mended.code == 0, mended.output
    observe("one job, and one more when it was mended")
