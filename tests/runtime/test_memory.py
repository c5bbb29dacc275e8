"""Memory of the workers: what they may use, and what happens above it."""

import threading

import pytest

import tasks
from trainscape.runtime.memory import job_memory
from trainscape.runtime.workers import OutOfMemoryError, execute, open_backend

GIB = 2**30


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of 64 GiB outside of a batch job."""
    monkeypatch.setattr("distributed.system.memory_limit", lambda: 64 * GIB)
    for name in ("SLURM_MEM_PER_NODE", "SLURM_MEM_PER_CPU", "SLURM_CPUS_ON_NODE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("environment", "gibibytes"),
    [
        ({}, 16),
        ({"SLURM_MEM_PER_NODE": "4096"}, 4),
        ({"SLURM_MEM_PER_NODE": "32768"}, 32),
        ({"SLURM_MEM_PER_NODE": "999999"}, 64),
        ({"SLURM_MEM_PER_NODE": "0"}, 16),
        ({"SLURM_MEM_PER_CPU": "2048", "SLURM_CPUS_ON_NODE": "4"}, 8),
        ({"SLURM_MEM_PER_CPU": "2048"}, 16),
    ],
)
def test_memory_is_that_of_the_job(machine, monkeypatch, environment, gibibytes):
    """16 GiB are configured, and the machine has 64."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert job_memory(16 * GIB) == gibibytes * GIB


def test_machine_with_less_memory_than_configured(machine, monkeypatch):
    monkeypatch.setattr("distributed.system.memory_limit", lambda: 8 * GIB)
    assert job_memory(16 * GIB) == 8 * GIB


@pytest.mark.slow
@pytest.mark.fault(
    part="memory",
    fault="a task needs more memory than its worker may use",
    promise="the stage stops when two workers have died of it, with the number",
)
def test_task_above_the_memory_of_its_worker_stops_the_stage():
    with open_backend(2, 100.0, in_process_below=0.0, memory=1.5 * GIB) as backend:
        assert backend.worker_memory == 0.75 * GIB
        outcomes = execute(backend, tasks.hold, [0.0, 2.0, 0.0], threading.Event(), 60.0)
        seen = []
        with pytest.raises(OutOfMemoryError) as caught:
            seen.extend(outcomes)
    assert set(seen) <= {(0.0, 0.0)}
    assert caught.value.used > 0.7 * GIB
    assert caught.value.allowed == backend.worker_memory
