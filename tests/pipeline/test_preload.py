"""What the warm process imports fits every job, and code that is edited later fits none."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from trainscape.pipeline.config import load_study
from trainscape.pipeline.request import requests
from trainscape.runtime import warm
from trainscape.runtime.warm_client import ADDRESS
from workspace import REPO, Finished, Workspace

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="there is no warm process elsewhere"
)


@pytest.mark.slow
def test_steps_of_all_studies_leave_no_thread_behind():
    steps = {
        step.module
        for study in ("fragmentation", "clifford")
        for request in requests(load_study(study, "smoke", REPO / "config/config.yaml"))
        for step in request.steps
    }
    code = (
        "import os, sys, threading\n"
        "import trainscape.__main__\n"
        "from trainscape.pipeline.preload import preload\n"
        "steps = sys.argv[1:]\n"
        "preload(steps)\n"
        "assert set(steps) <= set(sys.modules), set(steps) - set(sys.modules)\n"
        "assert 'dask.array' in sys.modules\n"
        "assert threading.active_count() == len(os.listdir('/proc/self/task')) == 1\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *sorted(steps)],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPO / "src"), "COVERAGE_PROCESS_START": ""},
        timeout=200,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def served(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A workspace with its own copy of the package, which commands and a warm process import."""
    shutil.copytree(
        REPO / "src/trainscape",
        workspace.root / "trainscape",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    for name, value in workspace.environment().items():
        monkeypatch.setenv(name, value)
    path = os.pathsep.join((str(workspace.root), str(REPO / "tests")))
    monkeypatch.setenv("PYTHONPATH", path)
    monkeypatch.setattr(workspace, "environment", lambda **variables: {**os.environ, **variables})
    monkeypatch.setattr(warm, "PACKAGE", workspace.root / "trainscape")
    monkeypatch.chdir(workspace.root)
    # What `start` leaves to the end of the process is done at the end of the test.
    ends: list[Callable[[], None]] = []
    monkeypatch.setattr("atexit.register", ends.append)
    yield workspace
    monkeypatch.delenv(ADDRESS, raising=False)
    for end in ends:
        end()


def write_requests(workspace: Workspace) -> None:
    """Write the requests for the workspace's copy of the package, as reading the Snakefile does."""
    code = (
        "from trainscape.pipeline.config import load_study\n"
        "from trainscape.pipeline.request import requests, write_request\n"
        "for request in requests(load_study('synthetic', 'smoke')): write_request(request)\n"
    )
    done = workspace.command(sys.executable, "-c", code)
    assert done.code == 0, done.output


def was_warm(workspace: Workspace, stage: str) -> bool:
    """Return whether the last job of a stage was a fork of the warm process."""
    text = workspace.absolute(stage).provenance.read_text()
    assert '"warm": true' in text or '"warm": false' in text
    return '"warm": true' in text


@pytest.mark.slow
def test_code_that_was_edited_after_the_imports_is_never_run_from_memory(served: Workspace):
    def run(stage: str) -> Finished:
        # In the session of the warm process, as all jobs of a run are.
        done = subprocess.run(
            served.run_command(stage), check=False, capture_output=True, text=True, timeout=200
        )
        return Finished(done.returncode, done.stdout + done.stderr)

    # Here, since pytest keeps the phase of a test in the environment.
    warm.start(["trainscape.studies.contract"])
    write_requests(served)
    first = run("dataset")
    assert first.code == 0, first.output
    assert was_warm(served, "dataset")
    assert run("simulate").code == 0
    done = served.absolute("simulate").ledger.read_bytes()

    # Edited: the request is for other code, as it would be without the warm process.
    edited = served.root / "trainscape/studies/contract.py"
    edited.write_text(edited.read_text() + "\n# edited\n")
    refused = run("simulate")
    assert refused.code == 3
    assert "was written for another version of the code" in refused.output
    assert served.absolute("simulate").ledger.read_bytes() == done

    # And a new request, written for the edited code, is met by the edited code.
    write_requests(served)
    for stage in ("dataset", "simulate"):
        again = run(stage)
        assert again.code == 0, again.output
        assert not was_warm(served, stage)
    keys = {entry.key for entry in served.ledger("simulate").values()}
    assert len(keys) == 8
    assert not any(key.encode() in done for key in keys)
