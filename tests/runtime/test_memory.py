"""Memory of a process, by files as the kernel writes them, and of the workers of a job."""

import os
import resource
import threading

import pytest

import tasks
from trainscape.runtime import memory
from trainscape.runtime.workers import OutOfMemoryError, execute, open_backend

GIB = 2**30

MACHINE = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


@pytest.fixture
def groups(tmp_path, monkeypatch):
    """A function that lays out control groups: lines of this process, and limits by their file."""

    def lay(lines, limits):
        (tmp_path / "cgroup").write_text(lines)
        for name, text in limits.items():
            file = tmp_path / "fs" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{text}\n")

    monkeypatch.setattr(memory, "GROUPS", tmp_path / "cgroup")
    monkeypatch.setattr(memory, "MOUNT", tmp_path / "fs")
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    monkeypatch.setattr(resource, "getrlimit", lambda _: unlimited)
    return lay


def test_the_machine_is_the_limit_without_others(groups):
    assert memory.memory_limit() == MACHINE
    groups("0::/user\n", {"user/memory.max": "max", "memory.max": "max"})
    assert memory.memory_limit() == MACHINE


def test_the_least_of_nested_groups_counts(groups):
    limits = {"slurm/memory.max": "3000", "slurm/job_7/memory.max": "2000", "memory.max": "9000"}
    groups("0::/slurm/job_7/step_0\n", {**limits, "slurm/job_7/step_0/memory.max": "max"})
    assert memory.memory_limit() == 2000


def test_groups_of_the_first_version(groups):
    groups(
        "5:cpu,cpuacct:/job\n4:memory:/job\n",
        {"memory/job/memory.limit_in_bytes": "700", "cpu/job/memory.limit_in_bytes": "1"},
    )
    assert memory.memory_limit() == 700


def test_in_a_container_the_limit_is_at_the_mount(groups):
    groups("0::/docker/abc\n", {"memory.max": "800"})
    assert memory.memory_limit() == 800


def test_the_address_space_counts(groups, monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (600, resource.RLIM_INFINITY))
    assert memory.memory_limit() == 600


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of 64 GiB outside of a batch job."""
    monkeypatch.setattr(memory, "memory_limit", lambda: 64 * GIB)
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
    assert memory.job_memory(16 * GIB) == gibibytes * GIB


def test_limit_of_resident_memory_counts(machine, monkeypatch):
    """The kernel ignores it, but Dask's nannies do not."""
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY, 600 * 2**20))
    assert memory.job_memory(16 * GIB) == 600 * 2**20


def test_machine_with_less_memory_than_configured(machine, monkeypatch):
    monkeypatch.setattr(memory, "memory_limit", lambda: 8 * GIB)
    assert memory.job_memory(16 * GIB) == 8 * GIB


@pytest.mark.parametrize(
    ("gibibytes", "need", "wanted", "expected"),
    [(4, 0.5, 8, 4), (4, 0.5, 2, 2), (4, 3.0, 8, 1), (4, 0.0, 99, 8), (0.2, 0.5, 8, 1)],
)
def test_workers_have_their_imports_beside_the_task(gibibytes, need, wanted, expected):
    """Half a GiB each; one worker is there in any case."""
    assert memory.workers_within(gibibytes * GIB, need * GIB, wanted) == expected


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
