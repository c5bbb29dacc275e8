"""Jobs as forks of one warm process: they are what they would be alone, and nothing stays behind.

The program here imports next to nothing; `tests/pipeline/test_workflow.py` runs Snakemake.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from trainscape.runtime.warm import start
from trainscape.runtime.warm_client import ADDRESS
from workspace import REPO, wait_for

pytestmark = [
    pytest.mark.fault,
    pytest.mark.skipif(sys.platform != "linux", reason="there is no warm process elsewhere"),
]

PROGRAM = [sys.executable, "-m", "warm_program"]


class Run:
    """A main process with its warm process, and the jobs that it starts."""

    def __init__(self, folder: Path, stderr: Any = subprocess.PIPE, **variables: str) -> None:
        self.folder = folder
        path = os.pathsep.join((str(REPO / "src"), str(REPO / "tests")))
        self.environment = {**os.environ, "PYTHONPATH": path, "COVERAGE_PROCESS_START": ""}
        self.environment |= variables
        self.started: list[subprocess.Popen[str]] = []
        self.main = self.start("main", stderr=stderr)
        assert self.main.stdout is not None
        self.address = json.loads(self.main.stdout.readline())["address"]

    def start(self, *arguments: str, **options: Any) -> "subprocess.Popen[str]":
        """Start a process of the program in the session of this one, in a group of its own."""
        process = subprocess.Popen(
            [*PROGRAM, *arguments],
            **{
                "stdin": subprocess.PIPE,
                "stdout": subprocess.PIPE,
                "stderr": subprocess.PIPE,
                "cwd": self.folder,
                "env": self.environment,
                "text": True,
                "process_group": 0,
                **options,
            },
        )
        self.started.append(process)
        return process

    def client(self, what: str, *arguments: str, **options: Any) -> "subprocess.Popen[str]":
        """Start the client of a job."""
        variables = {**self.environment, ADDRESS: self.address, **options.pop("variables", {})}
        return self.start("run", what, *arguments, **{"env": variables, **options})

    def job(self, what: str, *arguments: str, **options: Any) -> tuple[dict[str, Any], int, str]:
        """Run a job to its end: what it told, its exit code, and what else it printed."""
        client = self.client(what, *arguments, **options)
        out, err = client.communicate("some input", timeout=60)
        first, *others = out.splitlines()
        return json.loads(first), client.returncode, "\n".join(others) + err

    def waiting(
        self, *arguments: str, **options: Any
    ) -> tuple["subprocess.Popen[str]", dict[str, Any]]:
        """Start a job that waits for a signal: its client, and what it told."""
        client = self.client("wait", *arguments, **options)
        assert client.stdout is not None
        return client, json.loads(client.stdout.readline())

    def end(self) -> None:
        """Kill what is left."""
        for process in self.started:
            process.kill()
        for process in self.started:
            process.communicate()


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    made = Run(tmp_path)
    yield made
    made.end()


def gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody has waited for yet has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def test_job_is_a_fork_with_everything_of_its_client(run: Run):
    first, code, rest = run.job("0", "--preset", "smoke", variables={"TMPDIR": str(run.folder)})
    assert (code, rest) == (0, "")
    assert first["warm"]
    assert first["arguments"] == ["run", "0", "--preset", "smoke"]
    assert first["folder"] == first["temporary"] == str(run.folder)
    assert first["masked"] == []
    second, code, printed = run.job("echo")
    assert (code, printed) == (0, "some input")
    assert second["warm"]
    assert second["parent"] == first["parent"]
    assert second["pid"] != first["pid"]
    assert second["temporary"] != str(run.folder)
    # Nothing of the first job, nor of the warm process, is left open in the second.
    assert second["open"] == first["open"] <= 6


def test_streams_of_a_job_may_be_of_another_kind(tmp_path: Path):
    with (tmp_path / "log").open("w") as log:
        run = Run(tmp_path, stderr=log)
    try:
        told, code, rest = run.job("echo")
        assert told["warm"]
        assert (code, rest) == (0, "some input")
        ours, terminal = os.openpty()
        client = run.client("0", stdout=terminal)
        assert client.wait(timeout=60) == 0
        os.close(terminal)
        assert json.loads(os.read(ours, 4096).splitlines()[0])["terminal"]
        os.close(ours)
    finally:
        run.end()


@pytest.mark.parametrize(("what", "code"), [("7", 7), ("raise", 1), ("kill", 128 + signal.SIGKILL)])
def test_client_ends_like_its_job(run: Run, what: str, code: int):
    told, ended, printed = run.job(what)
    assert told["warm"]
    assert ended == code
    assert ("ValueError: told to fail" in printed) == (what == "raise")


@pytest.mark.parametrize(
    "options",
    [
        {"variables": {"QUIMB_NUM_PROCS": "2"}},
        {"variables": {"PYTHONHASHSEED": "1"}},
        {"cwd": "/"},
        {"start_new_session": True, "process_group": None},
        {"variables": {ADDRESS: "off"}},
        {"variables": {ADDRESS: "/nowhere/at/all"}},
    ],
    ids=["variable", "interpreter", "folder", "session", "off", "no socket"],
)
def test_what_differs_or_is_not_there_makes_the_job_run_alone(run: Run, options: dict[str, Any]):
    told, code, rest = run.job("7", **options)
    assert not told["warm"]
    assert (code, rest) == (7, "")
    assert run.job("0")[0]["warm"]


def edit(path: Path) -> None:
    path.write_text(path.read_text() + "# edited\n")


def edit_in_secret(path: Path) -> None:
    """Change one byte, and give the file its old time of change back."""
    before = path.stat()
    content = path.read_text()
    path.write_text(content.replace("e", "a", 1))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)


@pytest.mark.parametrize(
    "change",
    [edit, edit_in_secret, Path.unlink, lambda path: path.with_name("other.py").touch()],
    ids=["edited", "edited in secret", "removed", "added"],
)
def test_changed_source_makes_every_job_run_alone(tmp_path: Path, change: Callable[[Path], None]):
    source = shutil.copytree(REPO / "src", tmp_path / "src")
    path = os.pathsep.join((str(source), str(REPO / "tests")))
    run = Run(tmp_path, PYTHONPATH=path)
    try:
        assert run.job("0")[0]["warm"]
        change(source / "trainscape/studies/contract.py")
        told, code, _ = run.job("7")
        assert not told["warm"]
        assert code == 7
    finally:
        run.end()


def test_imports_that_leave_a_thread_serve_nobody(tmp_path: Path):
    run = Run(tmp_path, WARM_THREAD="1")
    try:
        told, code, _ = run.job("7")
        assert not told["warm"]
        assert code == 7
        _, err = run.main.communicate(timeout=60)
        assert "every job starts alone" in err
    finally:
        run.end()


@pytest.mark.parametrize("received", [0, 4])
def test_warm_process_that_is_lost_before_it_answers(run: Run, tmp_path: Path, received: int):
    """The job runs once, by itself."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        listener.listen()

        def lose() -> None:
            connection, _ = listener.accept()
            if received:
                connection.recv(received)
            connection.close()

        thread = threading.Thread(target=lose)
        thread.start()
        told, code, rest = run.job("7", variables={ADDRESS: str(tmp_path / "socket")})
        thread.join()
    assert not told["warm"]
    assert (code, rest) == (7, "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("whom", ["client", "job"])
def test_signals_reach_the_job(run: Run, number: signal.Signals, whom: str):
    client, told = run.waiting()
    assert told["warm"]
    assert told["group"] == client.pid
    os.kill(client.pid if whom == "client" else told["pid"], number)
    out, _ = client.communicate(timeout=60)
    assert out == f"stopped by {number.name}\n"
    assert client.returncode == 75
    assert run.job("0")[0]["warm"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_to_the_group_reaches_each_job_once(run: Run, number: signal.Signals):
    """As Ctrl-C does: the main process, the warm one, clients and jobs."""
    clients = [run.waiting("gently", process_group=run.main.pid)[0] for _ in range(2)]
    os.killpg(run.main.pid, number)
    for client in clients:
        assert client.stdout is not None
        assert client.stdout.readline() == f"stopped by {number.name}\n"
    # The next signal is to a client alone, and comes after anything that was passed on.
    other = signal.SIGTERM if number == signal.SIGINT else signal.SIGINT
    for client in clients:
        client.send_signal(other)
        assert client.stdout is not None
        assert client.stdout.readline() == f"stopped by {other.name}\n"
        client.send_signal(number)
        assert client.stdout.readline() == f"stopped by {number.name}\n"


@pytest.mark.fault(
    part="kills",
    fault="one job is killed",
    promise="no other is",
)
def test_killed_client_takes_its_job_along_and_no_other(run: Run):
    client, told = run.waiting()
    other, alive = run.waiting()
    client.kill()
    wait_for(lambda: gone(told["pid"]), "the job")
    assert not gone(alive["pid"])
    other.terminate()
    assert other.communicate(timeout=60)[0] == "stopped by SIGTERM\n"


@pytest.mark.fault(
    part="kills",
    fault="the process that jobs are forked from is killed",
    promise="its jobs end, each says what to do; later jobs run by themselves",
)
def test_killed_warm_process_takes_its_jobs_along(run: Run):
    client, told = run.waiting()
    os.kill(told["parent"], signal.SIGKILL)
    _, err = client.communicate(timeout=60)
    assert client.returncode == 1
    assert "run the same command again" in err
    wait_for(lambda: gone(told["pid"]), "the job")
    # Further jobs run by themselves; the main process has waited for its child.
    assert not run.job("0")[0]["warm"]
    wait_for(lambda: not Path(f"/proc/{told['parent']}").exists(), "the warm process")


def test_end_of_the_main_process_is_the_end_of_the_warm_one(run: Run):
    told, _, _ = run.job("0")
    run.main.communicate("", timeout=60)
    assert run.main.returncode == 0
    assert not Path(f"/proc/{told['parent']}").exists()
    assert not Path(run.address).parent.exists()
    assert not run.job("0")[0]["warm"]


@pytest.mark.fault(
    part="kills",
    fault="the main process is killed, and its jobs are not",
    promise="they are asked to stop; no process and no folder is left",
)
def test_killed_main_process_stops_its_jobs_and_leaves_nothing(run: Run):
    client, told = run.waiting()
    run.main.kill()
    out, _ = client.communicate(timeout=60)
    assert out == "stopped by SIGTERM\n"
    assert client.returncode == 75
    wait_for(lambda: gone(told["parent"]), "the warm process")
    wait_for(lambda: not Path(run.address).parent.exists(), "its folder")


def test_socket_is_for_its_owner_alone(run: Run):
    assert Path(run.address).parent.stat().st_mode & 0o777 == 0o700


def test_path_too_long_for_a_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(ADDRESS, raising=False)
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    start([], program="warm_program")
    assert ADDRESS not in os.environ
    assert not list(folder.iterdir())
