"""Snakemake itself is killed, or a file system shows its files late."""

import os
import sys
from pathlib import Path

import pytest

from workspace import Workspace, kill_group, wait_for

pytestmark = [pytest.mark.fault, pytest.mark.slow]

LATE = """
import os

replace = os.replace


def late(source, target, **options):
    replace(source, target, **options)
    if str(target).endswith("simulate/full.manifest.json"):
        replace(target, f"{target}.late")


os.replace = late
"""
"""What a process does at its start: its manifest is there for nobody else at first."""


@pytest.mark.fault(
    part="kills",
    fault="Snakemake is killed, and none of its jobs",
    promise="the jobs keep their running chunks and end; the same command goes on, manifests are "
    "equal, and no chunk is computed twice",
)
@pytest.mark.skipif(sys.platform != "linux", reason="only there are jobs forks of one process")
def test_kill_of_snakemake_alone(workspace: Workspace, reference: dict[str, bytes]):
    target = str(workspace.paths("simulate").manifest)
    with workspace.held(4, *workspace.snakemake_command(target)) as process:
        workspace.wait_for_lines(process, "simulate", 3)
        process.kill()
        process.wait(timeout=60)
        log = workspace.absolute("simulate").folder.parent / "logs/simulate/full.log"
        wait_for(lambda: "received SIGTERM" in log.read_text(), "the signal to the job")
        workspace.release()
        wait_for(lambda: "stopped on request" in log.read_text(), "the end of the job")
        wait_for(lambda: not workspace.absolute("simulate").lock.exists(), "the end of the lock")
    assert workspace.lines("simulate") >= 4
    again = workspace.snakemake(target)
    assert again.code == 0, again.output
    assert workspace.manifests() == reference
    assert workspace.calls() == dict.fromkeys(workspace.calls(), 1)


@pytest.mark.fault(
    part="disk",
    fault="a network file system shows a manifest late",
    promise="Snakemake waits for it (the profile for SLURM: up to 60 s); manifests are equal",
)
def test_manifest_that_comes_late(workspace: Workspace, reference: dict[str, bytes]):
    folder = workspace.root / "start"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(LATE)
    manifest = workspace.absolute("simulate").manifest
    process = workspace.start(
        *workspace.snakemake_command(str(workspace.paths("simulate").manifest)),
        *("--latency-wait", "60"),
        PYTHONPATH=os.pathsep.join((str(folder), workspace.environment()["PYTHONPATH"])),
    )
    try:
        wait_for(
            lambda: (
                "Waiting at most 60 seconds" in workspace.output() or process.poll() is not None
            ),
            "Snakemake to miss the file",
        )
        assert process.poll() is None, workspace.output()
        Path(f"{manifest}.late").rename(manifest)
        assert process.wait(timeout=120) == 0, workspace.output()
    finally:
        kill_group(process)
    assert workspace.manifests() == reference
    assert (
        "Nothing to be done"
        in workspace.snakemake(str(workspace.paths("simulate").manifest)).output
    )
