"""What jobs ask of a cluster."""

import itertools
from collections.abc import Callable

import pytest

from trainscape.pipeline.cluster.settings import Cluster
from trainscape.pipeline.cluster.sizing import IMPORTS_MEMORY, JobSize, job_size
from trainscape.pipeline.config import WorkflowConfig, load_studies, load_workflow_config
from trainscape.pipeline.request import Request, requests
from workspace import REPO, Workspace

CLUSTER = Cluster(cores_per_node=16, memory_gib_per_node=64, longest_hours=4)
CONFIG = WorkflowConfig()
MIB = 2**20


@pytest.fixture
def sized(make_workspace: Callable[..., Workspace]) -> Callable[..., Request]:
    """Return a request of one cell with given costs, in blocks of 32 samples."""
    (request,) = (
        one
        for one in make_workspace().requests()
        if (one.stage, one.family) == ("simulate", "full")
    )

    def make(samples: int, seconds: float, mebibytes: float) -> Request:
        cost = {"samples": samples, "seconds": seconds, "memory": int(mebibytes * MIB)}
        return request.model_copy(update={"cells": (request.cells[0].model_copy(update=cost),)})

    return make


@pytest.mark.parametrize(
    ("samples", "seconds", "mebibytes", "cores"),
    [
        (320, 0.1, 100, 1),  # 32 core-seconds: less than processes are started for
        (320, 1.0, 100, 7),  # 320 core-seconds, 45 for each core
        (3200, 10.0, 100, 16),  # more than a node has
        (64, 1000.0, 100, 2),  # two blocks cannot be shared among more
        (3200, 10.0, 7680, 7),  # 8 GiB with the imports, and one more for the client
    ],
)
def test_cores_follow_from_work_blocks_and_memory(
    sized: Callable[..., Request], samples: int, seconds: float, mebibytes: float, cores: int
):
    size = job_size(sized(samples, seconds, mebibytes), CONFIG, CLUSTER)
    assert size.cores == cores
    processes = cores + 1 if cores > 1 else 1
    assert size.memory_mb == processes * (IMPORTS_MEMORY + mebibytes)
    assert size.memory_mb <= 64 * 1024


def test_first_walltime_fits_the_work_and_later_ones_are_the_longest(
    sized: Callable[..., Request],
):
    request = sized(320, 1.0, 100)
    first, second = (job_size(request, CONFIG, CLUSTER, attempt) for attempt in (1, 2))
    assert (first.minutes, second.minutes) == (10 + 3, 240)  # 320 s / 7 cores, three times
    assert second.cores == first.cores
    assert second.memory_mb == 1.5 * first.memory_mb
    assert job_size(sized(3200, 100.0, 100), CONFIG, CLUSTER).minutes == 240


def test_figures_take_one_core(make_workspace: Callable[..., Workspace]):
    (request,) = make_workspace().groups()
    assert job_size(request, CONFIG, CLUSTER) == JobSize(1, 2048, 30)
    assert job_size(request, CONFIG, CLUSTER, 2) == JobSize(1, 3072, 240)


@pytest.mark.parametrize("study", load_workflow_config(REPO / "config/config.yaml").studies)
def test_no_job_of_any_preset_asks_for_more_than_a_node(study: str):
    little_memory = Cluster(cores_per_node=128, memory_gib_per_node=30, longest_hours=1)
    for loaded in load_studies(study, REPO / "config/config.yaml").values():
        for request in requests(loaded):
            for cluster, attempt in itertools.product((CLUSTER, little_memory), (1, 2, 6)):
                size = job_size(request, CONFIG, cluster, attempt)
                assert 1 <= size.cores <= cluster.cores_per_node
                assert size.memory_mb <= 1024 * cluster.memory_gib_per_node
                assert size.minutes <= 60 * cluster.longest_hours
