"""A project folder whose runs go to the SLURM of `local_slurm`, and what its queue and results say."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import yaml

from slurm.local_slurm import run
from workspace import REPO, Finished

SYNTHETIC = {"sizes": [2, 3], "samples": 200}
ACCOUNTED = ("JobIDRaw", "State", "Submit", "End", "NodeList", "Comment")


@dataclass(frozen=True)
class Holder:
    """A job in the middle of its work: it holds the lock of a store."""

    job: str
    host: str
    pid: int
    store: str


@dataclass(frozen=True)
class Accounted:
    """A job as the accounting knows it. `what` is the comment, which names rule and family."""

    job: str
    state: str
    submitted: datetime
    ended: datetime | None
    node: str
    what: str


class ClusterProject:
    """A copy of the workflow, with the code of this repository and some of its studies."""

    def __init__(self, root: Path, *studies: str) -> None:
        self.root = root
        self.variables: dict[str, str] = {}
        root.mkdir()
        for name in ("Snakefile", "environment.yml"):
            shutil.copy(REPO / name, root)
        for name in ("workflow", "config", "profiles"):
            shutil.copytree(REPO / name, root / name)
        self.set_config(studies=list(studies), preset="smoke")
        if "synthetic" in studies:
            content = {"plugin": "synthetic", "entropy": "1", "presets": {"smoke": SYNTHETIC}}
            (root / "config/studies/synthetic.yaml").write_text(yaml.safe_dump(content))
        self.set_cluster()

    def set_cluster(self, **settings: object) -> None:
        """Write what the two nodes have into the block of site settings."""
        content = {
            "account": "physics",
            "partition": "main",
            "cores_per_node": 1,
            "memory_gib_per_node": 5.0,
            "longest_hours": 1.0,
            "setup": ["export TRAINSCAPE_SETUP_WAS_HERE=1"],
            "scratch": "/tmp/trainscape-slurm/scratch-$SLURM_JOB_ID",
            **settings,
        }
        (self.root / "profiles/slurm/cluster.yaml").write_text(yaml.safe_dump(content))

    def set_config(self, **settings: object) -> None:
        """Change keys of config/config.yaml."""
        path = self.root / "config/config.yaml"
        path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), **settings}))

    def start(self, *command: str) -> "subprocess.Popen[str]":
        """Start a command; its output goes to output.txt."""
        variables = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("TRAINSCAPE_", "SLURM_", "SNAKEMAKE_"))
        }
        paths = os.pathsep.join([str(REPO / "src"), str(REPO / "tests")])
        with (self.root / "output.txt").open("w") as output:
            return subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=self.root,
                env={**variables, **self.variables, "PYTHONPATH": paths},
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )

    def output(self) -> str:
        """Return what the last command has printed."""
        return (self.root / "output.txt").read_text()

    def command(self, *command: str) -> Finished:
        """Run a command to its end."""
        process = self.start(*command)
        try:
            code = process.wait(timeout=1800)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        return Finished(code, self.output())

    def manifests(self) -> dict[str, bytes]:
        """Return the bytes of all manifests by path."""
        results = self.root / "results"
        return {
            path.relative_to(results).as_posix(): path.read_bytes()
            for path in sorted(results.rglob("*.manifest.json"))
        }

    def lines(self, store: str) -> int:
        """Return the finished chunks of a store."""
        path = self.root / f"{store}.ledger.jsonl"
        return path.read_bytes().count(b"\n") if path.exists() else 0

    def amid_chunk(self, store: str) -> bool:
        """Return whether the first attempt at a stage has finished a chunk, and not yet the last."""
        *folder, stage, family = store.split("/")
        log = self.root.joinpath(*folder, "logs", stage, f"{family}.log")
        found = re.search(r"of (\d+) chunks to compute", log.read_text() if log.exists() else "")
        return found is not None and 0 < self.lines(store) < int(found.group(1))

    def holders(self) -> list[Holder]:
        """Return the jobs that are amid their work at this moment."""
        found = []
        for path in self.root.glob("results/*/*/*/*.lock"):
            with contextlib.suppress(OSError, ValueError, KeyError):
                holder = json.loads(path.read_text())
                os.kill(holder["pid"], 0)
                store = path.relative_to(self.root).with_suffix("").as_posix()
                found.append(Holder(holder["job"], holder["host"], holder["pid"], store))
        return found


def accounted() -> list[Accounted]:
    """Return all jobs that the accounting knows, in the order of their submission."""
    answer = run("sacct", "-X", "-P", "-n", "-S", "now-1days", "-o", ",".join(ACCOUNTED))
    jobs = []
    for line in answer.splitlines():
        job, state, submitted, ended, node, what = line.split("|", 5)
        end = None if ended == "Unknown" else datetime.fromisoformat(ended)
        jobs.append(Accounted(job, state, datetime.fromisoformat(submitted), end, node, what))
    return sorted(jobs, key=lambda job: int(job.job))


def state_of(job: str) -> str:
    """Return the state of a job."""
    return next((one.state for one in accounted() if one.job == job), "")


@contextlib.contextmanager
def frozen(pid: int) -> Iterator[None]:
    """Stop a process, again whenever somebody lets it go on, as if a chunk took for ever."""
    done = threading.Event()

    def stop() -> None:
        while not done.wait(0.02):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)

    os.kill(pid, signal.SIGSTOP)
    thread = threading.Thread(target=stop)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def first(
    found: Callable[[], object], process: "subprocess.Popen[str]", what: str, pause: float = 0.5
) -> object:
    """Return the first true value, while a run goes on; `pause` seconds are between two looks."""
    end = time.monotonic() + 1800
    while time.monotonic() < end:
        value = found()
        if value:
            return value
        if process.poll() is not None:
            raise AssertionError(f"the run ended (code {process.returncode}) before: {what}")
        time.sleep(pause)
    raise AssertionError(f"waited in vain: {what}")


def reaction(job: Accounted, jobs: list[Accounted]) -> float | None:
    """Return the seconds from the end of a job to the submission of the next one for its work."""
    later = [one for one in jobs if one.what == job.what and int(one.job) > int(job.job)]
    if not later or job.ended is None:
        return None
    return (later[0].submitted - job.ended).total_seconds()


def plain(text: str) -> str:
    """Return a text without line breaks, to search it."""
    return re.sub(r"\s+", " ", text)
