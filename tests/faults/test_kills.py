"""Kills, signals, lost workers and full disks: a resumed run ends like an uninterrupted one."""

import contextlib
import errno
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from trainscape.pipeline.errors import CellsFailedError, InterruptedRunError
from trainscape.storage.ledger import Ledger
from trainscape.storage.store import Store
from workspace import Workspace, kill_group, wait_for

pytestmark = pytest.mark.fault

Make = Callable[..., Workspace]


def promised(workspace: Workspace, stage: str = "simulate") -> set[tuple[str, int, int]]:
    """Samples whose ledger line stands."""
    return {
        (stage, int(entry.cell.split("_")[0].removeprefix("size-")), sample)
        for entry in workspace.ledger(stage).values()
        if entry.status == "done"
        for sample in range(entry.start, entry.stop)
    }


@pytest.mark.fault(
    part="kills",
    fault="a stage is killed with all its processes after 1, 2, 4, 5 and 7 chunks",
    promise="goes on after the last ledger line; manifests are equal, no chunk is computed twice",
)
def test_kill_of_the_process_group_at_five_ledger_lines(
    workspace: Workspace, reference: dict[str, bytes]
):
    workspace.complete("dataset")
    workspace.write_requests()
    command = workspace.run_command("simulate")
    before: set[tuple[str, int, int]] = set()
    for lines in (1, 2, 4, 5, 7):
        workspace.forget_calls()
        with workspace.held(lines - workspace.lines("simulate"), *command) as process:
            workspace.wait_for_lines(process, "simulate", lines)
        assert not workspace.absolute("simulate").manifest.exists()
        # What stood before this run was not computed by it.
        assert not before & set(workspace.calls())
        before = promised(workspace)
        assert len(before) == 32 * lines
    workspace.forget_calls()
    finished = workspace.command(*command)
    assert finished.code == 0, finished.output
    assert not before & set(workspace.calls())
    assert before | set(workspace.calls()) == {
        ("simulate", size, sample) for size in (2, 3) for sample in range(128)
    }
    assert workspace.manifests() == reference
    assert not workspace.absolute("simulate").lock.exists()


@pytest.mark.fault(
    part="damage",
    fault="the last line of a ledger is torn",
    promise="its chunk alone is computed again; the manifest is equal",
)
def test_torn_line_after_a_kill_costs_its_chunk_alone(
    workspace: Workspace, reference: dict[str, bytes]
):
    workspace.complete("dataset", "simulate")
    path = workspace.absolute("simulate").ledger
    path.write_bytes(path.read_bytes()[:-20])
    workspace.forget_calls()
    workspace.complete("simulate")
    assert workspace.calls() == {("simulate", 3, sample): 1 for sample in range(96, 128)}
    assert workspace.manifests() == reference


@pytest.mark.fault(
    part="kills",
    fault="Snakemake is killed with all its jobs",
    promise="the same command goes on, without unlocking; manifests are equal",
)
def test_kill_of_snakemake_and_all_its_jobs(make_workspace: Make):
    reference = make_workspace("reference")
    reference.complete("dataset", "gradients")
    workspace = make_workspace()
    target = str(workspace.paths("gradients").manifest)
    with workspace.held(4, *workspace.snakemake_command(target)) as process:
        workspace.wait_for_lines(process, "gradients", 4)
    before = promised(workspace, "gradients")
    assert len(before) == 128
    workspace.forget_calls()
    # The same command once more: no unlocking, no cleaning up.
    finished = workspace.snakemake(target)
    assert finished.code == 0, finished.output
    assert not before & set(workspace.calls())
    assert (
        workspace.absolute("gradients").manifest.read_bytes()
        == reference.absolute("gradients").manifest.read_bytes()
    )
    assert (
        workspace.absolute("dataset").manifest.read_bytes()
        == reference.absolute("dataset").manifest.read_bytes()
    )


def of_session(session: int) -> list[int]:
    """Return the processes of a session that have not ended."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, _, number, *_ = status.read_text().rsplit(")", 1)[1].split()
            if int(number) == session and state != "Z":
                found.append(int(status.parent.name))
    return found


@pytest.mark.fault(
    part="kills",
    fault="Ctrl-C in Snakemake",
    promise="jobs finish their chunks and keep them; no process and no lock is left",
)
@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_ctrl_c_of_snakemake_lets_its_jobs_finish_their_chunks(workspace: Workspace):
    target = str(workspace.paths("gradients").manifest)
    with workspace.held(4, *workspace.snakemake_command(target)) as process:
        workspace.wait_for_lines(process, "gradients", 4)
        os.killpg(process.pid, signal.SIGINT)
        wait_for(lambda: "received SIGINT" in workspace.output(), "the signal")
        workspace.release()
        assert process.wait(timeout=120) != 0
        # Neither a job nor what it was forked from.
        wait_for(lambda: not of_session(process.pid), "the end of all processes")
    assert "stopped on request" in workspace.output()
    assert not workspace.absolute("gradients").manifest.exists()
    assert not workspace.absolute("gradients").lock.exists()
    assert len(promised(workspace, "gradients")) >= 128


@pytest.mark.fault(
    part="kills",
    fault="SIGTERM or SIGINT to a stage, as before a walltime ends",
    promise="the running chunk is kept, exit code 75; the same command goes on",
)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_stops_between_two_chunks_and_the_run_can_go_on(
    workspace: Workspace, reference: dict[str, bytes], number: signal.Signals
):
    workspace.complete("dataset")
    workspace.write_requests()
    workspace.forget_calls()
    with workspace.held(2, *workspace.run_command("simulate")) as process:
        workspace.wait_for_lines(process, "simulate", 2)
        os.kill(process.pid, number)
        workspace.release()
        code = process.wait(timeout=60)
    assert code == 75, workspace.output()
    for part in (f"received {number.name}", "run the same command to go on"):
        assert part in workspace.output()
    assert not workspace.absolute("simulate").lock.exists()
    assert not workspace.absolute("simulate").manifest.exists()
    # Every sample that was computed stands: nothing was dropped.
    assert set(workspace.calls()) == promised(workspace)
    before = promised(workspace)
    workspace.forget_calls()
    workspace.run("simulate")
    assert not before & set(workspace.calls())
    assert workspace.manifests() == reference


def test_signal_to_the_group_lets_local_workers_finish_their_chunks(
    workspace: Workspace, reference: dict[str, bytes]
):
    workspace.configure(in_process_seconds=0.0)
    workspace.complete("dataset")
    workspace.write_requests()
    workspace.forget_calls()
    with workspace.held(1, *workspace.run_command("simulate", "full", "--workers", "2")) as process:
        workspace.wait_for_lines(process, "simulate", 2)
        os.killpg(process.pid, signal.SIGTERM)
        workspace.release()
        code = process.wait(timeout=120)
    assert code == 75, workspace.output()
    assert "local processes" in workspace.output()
    assert 2 <= workspace.lines("simulate") < 8
    # Tasks that a worker had begun were waited for and kept, and none had to be begun twice.
    assert workspace.calls() == dict.fromkeys(promised(workspace), 1)
    before = promised(workspace)
    workspace.forget_calls()
    workspace.run("simulate")
    assert not before & set(workspace.calls())
    assert workspace.manifests() == reference


def test_signal_during_the_last_chunk(workspace: Workspace, monkeypatch: pytest.MonkeyPatch):
    """In this process, on the main thread: the handlers exist only during the run."""
    workspace.complete("dataset")
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(
        "synthetic.core.values.record", lambda *arguments: os.kill(os.getpid(), signal.SIGTERM)
    )
    workspace.write_requests()
    with pytest.raises(InterruptedRunError, match="Everything that was computed is kept"):
        workspace.run("simulate")
    assert signal.getsignal(signal.SIGTERM) is before
    assert workspace.lines("simulate") == 1


def test_run_in_a_thread_leaves_signals_alone(workspace: Workspace):
    workspace.complete("dataset")
    workspace.write_requests()
    thread = threading.Thread(target=workspace.run, args=("simulate",))
    thread.start()
    thread.join()
    assert workspace.absolute("simulate").manifest.exists()


@pytest.mark.fault(
    part="kills",
    fault="a worker is killed in mid-work",
    promise="its chunk is computed by another; manifests are equal",
)
def test_killed_worker_is_replaced(
    workspace: Workspace, reference: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SYNTHETIC_PAUSE", "0.2")
    workspace.complete("dataset")
    workspace.configure(in_process_seconds=0.0)
    killed: list[int] = []
    append = Ledger.append

    def kill_worker_then_append(self: Ledger, entry: Any) -> None:
        append(self, entry)
        if not killed:
            killed.append(int(entry.worker.split(":")[-1]))
            os.kill(killed[0], signal.SIGKILL)

    monkeypatch.setattr(Ledger, "append", kill_worker_then_append)
    workspace.complete("simulate", workers=2)
    assert killed
    assert workspace.manifests() == reference


@pytest.mark.fault(
    part="kills",
    fault="a cell kills each worker that computes it",
    promise="that cell is recorded as failed, all others are finished; the next run tries it alone",
)
def test_cell_that_kills_its_worker_is_recorded_and_the_others_finish(
    workspace: Workspace, reference: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
):
    workspace.complete("dataset")
    workspace.configure(in_process_seconds=0.0)
    monkeypatch.setenv("SYNTHETIC_DIE", "simulate:2")
    with pytest.raises(
        CellsFailedError, match=r"1 of 2 cells failed.*\n  size-2_scale-1\.0: KilledWorker"
    ):
        workspace.complete("simulate", workers=2)
    ledger = workspace.ledger("simulate")
    assert {entry.status for (cell, _), entry in ledger.items() if cell.startswith("size-3")} == {
        "done"
    }
    assert {entry.status for (cell, _), entry in ledger.items() if cell.startswith("size-2")} == {
        "failed"
    }
    before = promised(workspace)
    monkeypatch.delenv("SYNTHETIC_DIE")
    workspace.configure()
    workspace.forget_calls()
    workspace.complete("simulate")
    assert not before & set(workspace.calls())
    assert workspace.manifests() == reference


@pytest.mark.fault(
    part="kills",
    fault="the scheduler of a Dask cluster is killed",
    promise="exit code 75; the next run goes on, no finished chunk is computed again",
)
def test_lost_scheduler_ends_the_run_and_the_next_goes_on(
    workspace: Workspace, reference: dict[str, bytes]
):
    workspace.complete("dataset")
    workspace.write_requests()
    file = workspace.root / "scheduler.json"
    cluster = workspace.start(
        sys.executable,
        "-m",
        "distributed.cli.dask_scheduler",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--no-dashboard",
        "--scheduler-file",
        str(file),
    )
    try:
        address = wait_for(
            lambda: file.exists() and file.read_text() and json.loads(file.read_text())["address"],
            "the scheduler",
        )
        worker = workspace.start(
            sys.executable,
            "-m",
            "distributed.cli.dask_worker",
            address,
            "--nthreads",
            "1",
            "--no-dashboard",
            "--death-timeout",
            "60",
            SYNTHETIC_HOLD=str(file),
            SYNTHETIC_LIMIT="2",
        )
        try:
            run = workspace.start(
                *workspace.run_command("simulate"), DASK_SCHEDULER_ADDRESS=address
            )
            try:
                workspace.wait_for_lines(run, "simulate", 2)
                kill_group(cluster)
                code = run.wait(timeout=120)
            finally:
                kill_group(run)
        finally:
            kill_group(worker)
    finally:
        kill_group(cluster)
    assert code == 75, workspace.output()
    assert "the connection to the Dask scheduler was lost" in workspace.output()
    before = promised(workspace)
    assert before
    workspace.forget_calls()
    workspace.run("simulate")
    assert not before & set(workspace.calls())
    assert workspace.manifests() == reference


@pytest.mark.fault(
    part="locks",
    fault="two runs of one stage at once",
    promise="the second stops with exit code 3 and names host, process and job of the first",
)
def test_two_runs_at_once(workspace: Workspace, reference: dict[str, bytes]):
    workspace.complete("dataset")
    workspace.write_requests()
    command = workspace.run_command("simulate")
    with workspace.held(1, *command, SLURM_JOB_ID="4711") as first:
        workspace.wait_for_lines(first, "simulate", 1)
        second = workspace.command(*command)
        assert second.code == 3
        for part in (f"host {os.uname().nodename}", f"pid {first.pid}", "job 4711"):
            assert part in second.output
        workspace.release()
        assert first.wait(timeout=120) == 0
    assert workspace.manifests() == reference


@pytest.mark.fault(
    part="disk",
    fault="no space is left for a chunk, or for a ledger line",
    promise="path and free space are named; the same command goes on",
)
@pytest.mark.parametrize("where", ["store", "ledger"])
def test_full_disk_says_where_and_how_much_is_free(
    workspace: Workspace, reference: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, where: str
):
    workspace.complete("dataset")

    def fail(*arguments: Any, **options: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(*((Store, "write") if where == "store" else (Ledger, "append")), fail)
        with pytest.raises(
            OSError,
            match=r"cannot write .*simulate/full\.zarr: No space left on device; "
            r"\d+ MiB are free there.*same command",
        ) as caught:
            workspace.complete("simulate")
        assert caught.value.errno == errno.ENOSPC
    assert not workspace.absolute("simulate").manifest.exists()
    assert not workspace.absolute("simulate").lock.exists()
    workspace.complete("simulate")
    assert workspace.manifests() == reference


def test_folder_that_cannot_be_written_fails_before_anything_is_computed(workspace: Workspace):
    workspace.complete("dataset")
    workspace.write_requests()
    workspace.forget_calls()
    # A file where the store should be: the permission bits of a folder do not stop every user.
    workspace.absolute("simulate").store.write_text("")
    with pytest.raises(OSError, match=r"full\.zarr"):
        workspace.run("simulate")
    assert not workspace.calls()
