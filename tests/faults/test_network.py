"""A Dask cluster on two hosts whose cable is cut in mid-stage, and plugged in again."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from namespaces import TwoHosts, needs_namespaces
from trainscape.runtime.workers import WAVE
from workspace import Workspace, kill_group, wait_for

pytestmark = [
    pytest.mark.fault,
    pytest.mark.slow,
    pytest.mark.timeout(600),
    needs_namespaces,
]

Observe = Callable[[str], None]

SHORT = {"DASK_DISTRIBUTED__COMM__TIMEOUTS__TCP": "11s"}
"""Silence after which a connection counts as lost: the least that Dask allows."""


@pytest.fixture
def hosts() -> Iterator[TwoHosts]:
    with TwoHosts() as hosts:
        yield hosts


class Cluster:
    """A scheduler in the west and workers where they are wanted; a worker is held after a block."""

    def __init__(self, workspace: Workspace, hosts: TwoHosts, stack: ExitStack) -> None:
        self.workspace = workspace
        self.hosts = hosts
        self.stack = stack
        self.hold = workspace.root / "hold"
        self.hold.touch()
        self.outputs: dict[str, Path] = {}
        file = workspace.root / "scheduler.json"
        self.start(
            "scheduler",
            "west",
            *(sys.executable, "-m", "distributed.cli.dask_scheduler", "--no-dashboard"),
            *("--host", hosts.ADDRESS, "--port", "0", "--scheduler-file", str(file)),
        )
        self.address = wait_for(
            lambda: file.exists() and file.read_text() and json.loads(file.read_text())["address"],
            "the scheduler",
        )

    def start(
        self, name: str, host: str, *command: str, **variables: str
    ) -> "subprocess.Popen[str]":
        """Start a command on a host; it is killed at the end."""
        process = self.workspace.start(*self.hosts.on(host), *command, **{**SHORT, **variables})
        self.outputs[name] = self.workspace.root / f"output-{self.workspace.started}.txt"
        self.stack.callback(kill_group, process)
        return process

    def worker(self, host: str) -> None:
        self.start(
            f"worker {host}",
            host,
            *(sys.executable, "-m", "distributed.cli.dask_worker", self.address),
            *("--nthreads", "1", "--no-dashboard", "--death-timeout", "120"),
            SYNTHETIC_HOLD=str(self.hold),
            SYNTHETIC_LIMIT="1",
        )
        registered = f"Register worker addr: tcp://{self.ip(host)}"
        wait_for(lambda: registered in self.said("scheduler"), registered, 40)

    def ip(self, host: str) -> str:
        return {"west": "10.77.0.1", "east": "10.77.0.2"}[host]

    def run(self) -> "subprocess.Popen[str]":
        return self.start(
            "run",
            "west",
            *self.workspace.run_command("simulate"),
            DASK_SCHEDULER_ADDRESS=self.address,
        )

    def said(self, name: str) -> str:
        return self.outputs[name].read_text()


@pytest.fixture
def cluster(workspace: Workspace, hosts: TwoHosts) -> Iterator[Cluster]:
    workspace.complete("dataset")
    workspace.write_requests()
    workspace.forget_calls()
    with ExitStack() as stack:
        yield Cluster(workspace, hosts, stack)


@pytest.mark.fault(
    part="network",
    fault="the cable to a worker's host is cut in mid-stage, until the scheduler has given it up",
    promise="the other workers take its chunks over; the stage ends with equal manifests, each "
    "chunk is in the ledger once",
)
def test_worker_that_is_cut_off_is_given_up(
    workspace: Workspace, cluster: Cluster, reference: dict[str, bytes], observe: Observe
):
    cluster.worker("west")
    cluster.worker("east")
    run = cluster.run()
    workspace.wait_for_lines(run, "simulate", 2)
    cluster.hosts.cut()
    wait_for(lambda: "Remove worker addr: tcp://10.77.0.2" in cluster.said("scheduler"), "removal")
    cluster.hosts.mend()
    workspace.release()
    assert run.wait(timeout=240) == 0, cluster.said("run")
    assert workspace.manifests() == reference
    assert workspace.lines("simulate") == 8
    calls = workspace.calls()
    again = calls.total() - len(calls)
    # What the worker had been given, and nothing else: it works on until it notices.
    assert len(calls) == 256
    assert again <= 32 * WAVE
    observe("at most the two chunks that it had been given are computed twice")


@pytest.mark.fault(
    part="network",
    fault="the same, and plugged in again before anybody gave up",
    promise="nothing is lost, and nothing is computed twice",
)
def test_worker_that_is_cut_off_for_a_moment_goes_on(
    workspace: Workspace,
    cluster: Cluster,
    reference: dict[str, bytes],
):
    cluster.worker("west")
    cluster.worker("east")
    run = cluster.run()
    workspace.wait_for_lines(run, "simulate", 2)
    cluster.hosts.cut()
    cluster.hosts.mend()
    workspace.release()
    assert run.wait(timeout=240) == 0, cluster.said("run")
    assert "Remove worker" not in cluster.said("scheduler").partition("Retire")[0]
    assert workspace.manifests() == reference
    assert workspace.calls() == dict.fromkeys(workspace.calls(), 1)


@pytest.mark.fault(
    part="network",
    fault="the cable between a stage and the scheduler of its cluster is cut in mid-stage",
    promise="the stage ends with exit code 75; when the cable is back, the same command goes on "
    "with the same cluster, and no finished chunk is computed again",
)
def test_stage_that_is_cut_off_from_its_cluster(
    workspace: Workspace, cluster: Cluster, reference: dict[str, bytes], observe: Observe
):
    cluster.worker("west")
    run = cluster.start(
        "run",
        "east",
        *workspace.run_command("simulate"),
        DASK_SCHEDULER_ADDRESS=cluster.address,
    )
    workspace.wait_for_lines(run, "simulate", 1)
    cluster.hosts.cut()
    assert run.wait(timeout=240) == 75, cluster.said("run")
    assert "the connection to the Dask scheduler was lost" in cluster.said("run")
    before = workspace.ledger("simulate")
    cluster.hosts.mend()
    workspace.release()
    again = cluster.run()
    assert again.wait(timeout=240) == 0, cluster.said("run")
    assert workspace.manifests() == reference
    after = workspace.ledger("simulate")
    assert {place: after[place] for place in before} == before
    observe("exit code 75, then 0")
