"""The memory that a process may use, by the files of control groups as the kernel writes them."""

import os
import resource

import pytest

from trainscape.runtime import memory

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
