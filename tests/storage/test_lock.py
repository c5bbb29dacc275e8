"""One writer per store: the lock dies with its holder, and its message says who holds it."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from trainscape.storage.lock import StoreLock, StoreLockedError, seems_held
from workspace import REPO, wait_for

HOLD = """
import sys, time
from pathlib import Path
from trainscape.storage.lock import StoreLock
with StoreLock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "full.lock"


def start_holder(path: Path) -> "subprocess.Popen[str]":
    environment = {**os.environ, "PYTHONPATH": str(REPO / "src"), "SLURM_JOB_ID": "4711"}
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_released_and_removed_at_the_end(path: Path):
    with StoreLock(path):
        assert path.exists()
    assert not path.exists()
    with StoreLock(path):
        pass


def test_second_holder_in_the_same_process_is_refused(path: Path):
    with StoreLock(path), pytest.raises(StoreLockedError), StoreLock(path):
        pass
    assert not path.exists()


def test_second_run_stops_and_learns_who_holds_the_lock(path: Path):
    holder = start_holder(path)
    try:
        for steal in (False, True):  # a lock that is provably held is never taken
            with pytest.raises(StoreLockedError) as caught, StoreLock(path, steal=steal):
                pass
            message = str(caught.value)
            for part in (
                str(path),
                f"host {socket.gethostname()}",
                f"pid {holder.pid}",
                "job 4711",
                "heartbeat",
            ):
                assert part in message
        assert path.exists()
    finally:
        holder.kill()
        holder.communicate()


def test_kill_leaves_no_lock(path: Path):
    holder = start_holder(path)
    os.kill(holder.pid, signal.SIGKILL)
    holder.communicate()
    with StoreLock(path):
        assert json.loads(path.read_text())["pid"] == os.getpid()


def test_lock_left_by_another_host_needs_a_decision(path: Path):
    path.parent.mkdir()
    left = json.dumps(
        {"host": "node17", "pid": 99, "job": "42", "heartbeat": "2026-01-01T00:00:00+00:00"}
    )
    path.write_text(left)
    with (
        pytest.raises(
            StoreLockedError,
            match=r"host node17, pid 99, job 42, last heartbeat 2026-01-01.*--break-lock",
        ),
        StoreLock(path),
    ):
        pass
    assert path.read_text() == left
    with StoreLock(path, steal=True):
        assert json.loads(path.read_text())["host"] == socket.gethostname()
    assert not path.exists()


@pytest.mark.parametrize("content", ["", "not json", "[]", "{}"])
def test_damaged_lock_file_that_nobody_holds_is_no_obstacle(path: Path, content: str):
    path.parent.mkdir()
    path.write_text(content)
    with StoreLock(path):
        pass


def test_file_that_was_removed_between_open_and_lock_is_not_taken_for_the_lock(
    path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The holder removes the file at the end. A process that has opened it before holds nothing."""
    import fcntl

    real = fcntl.flock
    stolen = []

    def flock(descriptor: int, operation: int) -> None:
        real(descriptor, operation)
        if not stolen:
            stolen.append(descriptor)
            path.unlink()

    monkeypatch.setattr("trainscape.storage.lock.fcntl.flock", flock)
    with StoreLock(path), pytest.raises(StoreLockedError), StoreLock(path):
        pass
    assert stolen


def test_heartbeat_renews_the_file(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("trainscape.storage.lock.HEARTBEAT_SECONDS", 0.01)
    threads = threading.active_count()
    with StoreLock(path):
        path.write_text("")
        holder = wait_for(
            lambda: path.read_text().endswith("}") and json.loads(path.read_text()), "a heartbeat"
        )
        assert holder["pid"] == os.getpid()
    assert threading.active_count() == threads
    assert not path.exists()


def test_seems_held_only_while_its_holder_lives(path: Path):
    assert not seems_held(path)
    with StoreLock(path):
        assert seems_held(path)
    assert not seems_held(path)
    holder = start_holder(path)
    assert seems_held(path)
    holder.kill()
    holder.communicate()
    assert path.exists()
    assert not seems_held(path)


def test_seems_held_on_another_host_by_its_heartbeat(path: Path):
    path.parent.mkdir()
    for age, held in ((10, True), (1000, False)):
        beat = datetime.now(UTC) - timedelta(seconds=age)
        path.write_text(
            json.dumps({"host": "node17", "pid": 1, "job": "", "heartbeat": beat.isoformat()})
        )
        assert seems_held(path) is held
    path.write_text(json.dumps({"host": "node17", "heartbeat": "nonsense"}))
    assert not seems_held(path)
