"""Tasks run with the same outcome in this process, in local processes or in a running cluster."""

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tasks
from trainscape.runtime.workers import WAVE, Backend, execute, open_backend
from workspace import wait_for

HERE = Backend(1, None, "this process")


@pytest.fixture(scope="module")
def local() -> Iterator[Backend]:
    """Two local worker processes, started once: they cost seconds."""
    with open_backend(2, 100.0, in_process_below=0.0) as backend:
        yield backend


@pytest.fixture(params=["this process", "local processes"])
def backend(request: pytest.FixtureRequest) -> Backend:
    return HERE if request.param == "this process" else request.getfixturevalue("local")


def run(
    backend: Backend,
    function: Any,
    work: Any,
    stop: threading.Event | None = None,
    grace: float = 60.0,
) -> list[Any]:
    return list(execute(backend, function, work, stop or threading.Event(), grace))


def test_every_task_has_one_outcome(backend: Backend):
    outcomes = dict(run(backend, tasks.square, range(30)))
    assert sorted(outcomes) == list(range(30))
    error = outcomes.pop(13)
    assert isinstance(error, ValueError)
    assert str(error) == "unlucky"
    assert outcomes == {number: number * number for number in range(30) if number != 13}


def test_no_tasks(backend: Backend):
    assert run(backend, tasks.square, []) == []


def test_equal_tasks_are_computed_each(backend: Backend):
    assert run(backend, tasks.square, [3, 3, 3]) == [(3, 9)] * 3


def test_tasks_are_taken_in_bounded_waves(backend: Backend):
    taken: list[int] = []

    def source() -> Iterator[int]:
        for number in range(25):
            taken.append(number)
            yield number

    finished = 0
    for _ in execute(backend, tasks.square, source(), threading.Event(), 60.0):
        # Tasks that were taken and are not finished run or wait at the workers. They are few.
        assert len(taken) - finished <= WAVE * backend.workers
        finished += 1
    assert finished == 25


def test_tasks_that_should_not_run_are_skipped(backend: Backend):
    finished: list[int] = []
    for task, _ in execute(
        backend,
        tasks.square,
        range(40),
        threading.Event(),
        60.0,
        lambda task: task < 10 or not finished,
    ):
        finished.append(task)
    assert set(range(10)) <= set(finished)
    assert len(finished) <= 10 + WAVE * backend.workers


def test_stop_before_the_start_runs_nothing(backend: Backend):
    stop = threading.Event()
    stop.set()
    assert run(backend, tasks.square, range(5), stop) == []


def test_stop_lets_running_tasks_finish_and_starts_no_other(backend: Backend):
    stop, taken, finished = threading.Event(), [], []

    def source() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    for task, _ in execute(backend, tasks.square, source(), stop, 60.0):
        finished.append(task)
        stop.set()
    # In this process one more task is taken, but not run, before the stop is noticed.
    assert sorted(finished) == (taken if backend.client is not None else [0])
    assert len(taken) <= WAVE * backend.workers


def test_tasks_that_outlast_the_grace_are_dropped(
    local: Backend, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    stop = threading.Event()
    paths = [str(tmp_path / name) for name in "ab"]

    def stop_when_both_run() -> None:
        wait_for(lambda: all(Path(path).exists() for path in paths), "two running tasks")
        stop.set()

    thread = threading.Thread(target=stop_when_both_run)
    thread.start()
    try:
        assert run(local, tasks.touch_and_wait, paths, stop, grace=0.0) == []
    finally:
        thread.join()
        for path in paths:
            Path(f"{path}.go").touch()
    assert run(local, tasks.square, [4]) == [(4, 16)]


def test_local_processes_are_several_with_one_thread_each(local: Backend):
    found = {pid for _, pid in run(local, tasks.process_id, range(20))}
    assert 1 <= len(found) <= 2
    assert os.getpid() not in found
    assert local.client is not None
    workers = local.client.scheduler_info(n_workers=-1)["workers"].values()
    assert [worker["nthreads"] for worker in workers] == [1, 1]
    assert set(run(local, tasks.thread_settings, [0])[0][1].values()) == {"1"}
    assert "dashboard" in local.description


def test_task_that_kills_its_worker_is_blamed_and_no_other(local: Backend):
    """Tasks that wait behind a deadly one die with their worker, without being the cause."""
    outcomes = dict(run(local, tasks.deadly, [-1, 0, 1, 2]))
    assert type(outcomes.pop(-1)).__name__ == "KilledWorker"
    assert outcomes == {number: number for number in range(3)}
    assert local.client is not None
    local.client.wait_for_workers(2, timeout=60)
    assert run(local, tasks.square, [5]) == [(5, 25)]


@pytest.mark.parametrize(("workers", "work", "limit"), [(1, 1000.0, 0.0), (4, 19.0, 20.0)])
def test_little_work_or_one_worker_starts_no_process(workers: int, work: float, limit: float):
    with open_backend(workers, work, in_process_below=limit) as backend:
        assert backend == HERE
        assert run(backend, tasks.process_id, [0]) == [(0, os.getpid())]


def test_running_scheduler_is_used_and_left_alone(local: Backend, monkeypatch: pytest.MonkeyPatch):
    assert local.client is not None
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", local.client.scheduler.address)
    with open_backend(1, 0.001, in_process_below=20.0) as backend:
        assert backend.client is not None
        assert backend.workers == 2
        assert local.client.scheduler.address in backend.description
        assert dict(run(backend, tasks.square, range(4))) == {0: 0, 1: 1, 2: 4, 3: 9}
    assert run(local, tasks.square, [6]) == [(6, 36)]


def test_scheduler_file_is_used(local: Backend, tmp_path: Path):
    assert local.client is not None
    file = tmp_path / "scheduler.json"
    file.write_text(json.dumps({"address": local.client.scheduler.address}))
    with open_backend(1, 0.001, in_process_below=20.0, scheduler_file=str(file)) as backend:
        assert backend.workers == 2
        assert run(backend, tasks.square, [7]) == [(7, 49)]
