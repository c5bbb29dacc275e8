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

from trainscape.storage.ledger import Entry, Ledger, read_ledger
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


@pytest.mark.fault(
    part="locks",
    fault="a holder is killed on this host",
    promise="its lock is free at once",
)
def test_kill_leaves_no_lock(path: Path):
    holder = start_holder(path)
    os.kill(holder.pid, signal.SIGKILL)
    holder.communicate()
    with StoreLock(path):
        assert json.loads(path.read_text())["pid"] == os.getpid()


LEFT = {"host": "node17", "pid": 99, "job": "42", "heartbeat": "2026-01-01T00:00:00+00:00"}


@pytest.fixture
def left(path: Path) -> Path:
    """A lock file that a process on another host wrote a moment ago."""
    path.parent.mkdir()
    path.write_text(json.dumps(LEFT))
    return path


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a holder on another host count as dead after 0.3 seconds."""
    monkeypatch.setattr("trainscape.storage.lock.STALE_SECONDS", 0.3)
    monkeypatch.setattr("trainscape.storage.lock.POLL_SECONDS", 0.01)


@pytest.mark.fault(
    part="locks",
    fault="a holder on another host is gone",
    promise="its lock is taken over once its heartbeat has stood still",
)
def test_lock_of_another_host_is_taken_over_when_its_heartbeat_stands_still(
    left: Path, quick: None
):
    said: list[str] = []
    with StoreLock(left, announce=said.append) as lock:
        assert lock.taken_over
        assert json.loads(left.read_text())["host"] == socket.gethostname()
    assert not left.exists()
    assert len(said) == 1
    for part in ("host node17, pid 99, job 42, last heartbeat 2026-01-01", "--break-lock"):
        assert part in said[0]
    assert [file.name for file in left.parent.iterdir()] == []


def test_lock_of_another_host_with_an_old_heartbeat_is_taken_over_at_once(left: Path):
    old = left.stat().st_mtime - 1000
    os.utime(left, (old, old))
    said: list[str] = []
    with StoreLock(left, announce=said.append) as lock:
        assert lock.taken_over
    assert said == []


def test_lock_of_a_host_whose_clock_is_ahead_is_taken_over(left: Path, quick: None):
    ahead = left.stat().st_mtime + 86_400
    os.utime(left, (ahead, ahead))
    with StoreLock(left) as lock:
        assert lock.taken_over


@pytest.mark.fault(
    part="locks",
    fault="a holder on another host seemed gone, and shows a sign of life",
    promise="it is never robbed",
)
def test_live_holder_on_another_host_is_never_robbed(left: Path, quick: None):
    beats = iter(range(3, 1000))

    def beat(_: float) -> None:
        left.write_text(json.dumps({**LEFT, "heartbeat": f"2026-01-01T00:00:{next(beats):02d}"}))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("trainscape.storage.lock.time.sleep", beat)
        with pytest.raises(StoreLockedError, match="host node17, pid 99"), StoreLock(left):
            pass
    assert json.loads(left.read_text())["host"] == "node17"


def test_lock_whose_holder_ends_while_another_waits_is_taken_as_a_free_one(left: Path, quick: None):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("trainscape.storage.lock.time.sleep", lambda _: left.unlink(missing_ok=True))
        with StoreLock(left) as lock:
            assert not lock.taken_over
            assert json.loads(left.read_text())["pid"] == os.getpid()


@pytest.mark.fault(
    part="locks",
    fault="the batch job of a holder is over, as SLURM says",
    promise="its lock is taken at once; not, if SLURM does not say so",
)
@pytest.mark.parametrize("over", [True, False])
def test_lock_of_a_job_that_is_over_is_taken_at_once(left: Path, over: bool):
    asked: list[object] = []
    waited: list[float] = []

    def is_over(holder: dict[str, object]) -> bool:
        asked.append(holder["job"])
        return over

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        left.write_text("another heartbeat")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("trainscape.storage.lock.time.sleep", sleep)
        if over:
            with StoreLock(left, is_over=is_over) as lock:
                assert lock.taken_over
        else:
            with pytest.raises(StoreLockedError), StoreLock(left, is_over=is_over):
                pass
    assert asked == ["42"]
    assert bool(waited) is not over


def test_job_that_ends_while_its_lock_is_watched_is_not_waited_for(
    left: Path, monkeypatch: pytest.MonkeyPatch
):
    answers = iter([False, False, True])
    monkeypatch.setattr("trainscape.storage.lock.POLL_SECONDS", 0.01)
    monkeypatch.setattr("trainscape.storage.lock.ASK_SECONDS", 0.0)
    with StoreLock(left, is_over=lambda _: next(answers)) as lock:
        assert lock.taken_over
    assert next(answers, None) is None


def test_break_lock_waits_for_nobody(left: Path):
    with StoreLock(left, steal=True) as lock:
        assert lock.taken_over
        assert json.loads(left.read_text())["host"] == socket.gethostname()
    assert not left.exists()


@pytest.mark.fault(
    part="locks",
    fault="a holder on another host is paused, and wakes up after it was given up",
    promise="it is fenced off: no line of it reaches the ledger, the lock of the new holder stays",
)
def test_holder_that_wakes_up_late_is_fenced_off(
    path: Path, quick: None, monkeypatch: pytest.MonkeyPatch
):
    """Advisory locks that do not reach other hosts are imitated by locks that always succeed."""
    monkeypatch.setattr("trainscape.storage.lock.fcntl.flock", lambda *_: None)
    host = socket.gethostname()
    file = path.with_name("full.ledger.jsonl")
    monkeypatch.setattr("trainscape.storage.lock.socket.gethostname", lambda: "node17")
    paused = StoreLock(path)
    paused.__enter__()
    with Ledger(file, paused) as old:
        old.append(entry(0))
        monkeypatch.setattr("trainscape.storage.lock.socket.gethostname", lambda: host)
        with StoreLock(path) as lock, Ledger(file, lock) as new:
            assert lock.taken_over
            new.append(entry(1))
            with pytest.raises(StoreLockedError, match=f"host {host}, pid {os.getpid()}"):
                old.append(entry(2))
            # Even a line that was on its way goes nowhere.
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(paused, "require", lambda: None)
                old.append(entry(3))
            paused.__exit__(None, None, None)
            lock.require()
            new.append(entry(4))
    assert sorted(chunk for _, chunk in read_ledger(file)) == [0, 1, 4]
    assert not path.exists()


def entry(chunk: int) -> Entry:
    return Entry("size-4", chunk, 0, 1, "key", "content", "done")


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
