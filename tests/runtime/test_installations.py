"""Workers of a running scheduler that have other packages or other code are refused."""

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from distributed import Client, LocalCluster

import tasks
from trainscape.pipeline.errors import ConfigError
from trainscape.runtime.installations import WorkersDifferError, refuse_other_installations
from workspace import Workspace


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        silence_logs="CRITICAL",
    ) as cluster:
        yield cluster


@pytest.fixture
def client(cluster: LocalCluster) -> Iterator[Client]:
    with Client(cluster) as client:
        yield client


def test_equal_installations_pass(client: Client):
    refuse_other_installations(client, partial(tasks.versions, "numpy"))


def test_what_differs_is_named(client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TASKS_VERSION", "3.7")
    with pytest.raises(
        WorkersDifferError, match=r"tcp://.*: there, zarr is 1\.0, not 3\.7\. Start"
    ):
        refuse_other_installations(client, partial(tasks.versions, "zarr"))


def test_worker_that_cannot_answer_is_refused(client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TASKS_VERSION", "3.7")
    with pytest.raises(WorkersDifferError, match=r"cannot say .*ModuleNotFoundError: No module"):
        refuse_other_installations(client, partial(tasks.versions, "missing"))


def test_worker_tells_the_code_that_it_has_imported(client: Client, tmp_path: Path):
    """Not the code that the files hold since."""
    file = tmp_path / "code"
    file.write_text("old")
    call = partial(tasks.content, str(file))
    refuse_other_installations(client, call)
    file.write_text("new")
    with pytest.raises(WorkersDifferError, match="code is old, not new"):
        refuse_other_installations(client, call)


@pytest.mark.fault(
    part="changes",
    fault="workers of a running scheduler have another package, or code from before an edit",
    promise="refused before anything is computed, naming worker and difference; exit code 2",
)
@pytest.mark.parametrize("what", ["package", "code"])
def test_stage_refuses_workers_of_another_installation(
    make_workspace: Callable[..., Workspace],
    cluster: LocalCluster,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
):
    workspace = make_workspace()
    workspace.complete("dataset")
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", cluster.scheduler_address)
    workspace.forget_calls()
    with monkeypatch.context() as patch:
        if what == "package":
            patch.setattr(
                "trainscape.pipeline.chunk.versions", lambda: {"numpy": "0.0", "python": "3"}
            )
        else:
            patch.setattr("trainscape.pipeline.chunk.fingerprint", lambda modules: "edited")
        named = "numpy is .*, not 0.0" if what == "package" else "the code of synthetic.core.values"
        with pytest.raises(ConfigError, match=rf"nothing was computed: the worker tcp.*{named}"):
            workspace.complete("simulate")
    assert not workspace.calls()
    workspace.complete("simulate")
    assert str(os.getpid()) not in {
        entry.worker.split(":")[-1] for entry in workspace.ledger("simulate").values()
    }
