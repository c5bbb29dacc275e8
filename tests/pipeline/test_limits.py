"""Cells that no job could finish are named before anything runs, in every preset."""

from collections.abc import Callable

import pytest

from trainscape.pipeline.config import WorkflowConfig, load_studies, load_workflow_config
from trainscape.pipeline.errors import ConfigError
from trainscape.pipeline.limits import above_limits
from trainscape.pipeline.request import requests
from workspace import REPO, Workspace

Make = Callable[..., Workspace]

STUDIES = load_workflow_config(REPO / "config/config.yaml").studies


def slow(make_workspace: Make, seconds: str) -> Workspace:
    """Let a sample of the stage simulate cost as many seconds as an expression of the size says."""
    workspace = make_workspace()
    workspace.own_plugin()
    workspace.edit(
        "__init__.py",
        "samples=shared.samples, seconds=1e-4)",
        f'samples=shared.samples, seconds={seconds} if system["size"] else 0)',
    )
    return workspace


def test_block_that_no_job_would_finish_is_refused(make_workspace: Make):
    """The slower of two, once: 32 samples of 3 * 120 s are 3.2 hours."""
    workspace = slow(make_workspace, 'system["size"] * 120')
    workspace.complete("dataset")
    workspace.write_requests()
    workspace.forget_calls()
    with pytest.raises(ConfigError, match=r"block of cell size-3_scale-1\.0") as caught:
        workspace.run("simulate")
    (problem,) = caught.value.problems
    assert "about 3.2 core-hours, more than block_hours = 2.0 allows" in problem
    assert "profiles/slurm" in problem
    assert not workspace.calls()


def test_a_block_of_one_sample_is_one_sample(make_workspace: Make):
    workspace = slow(make_workspace, "3600.0 * 1.9 / 32")
    config = WorkflowConfig(preset="smoke", studies=("synthetic",))
    assert not list(above_limits(workspace.requests(), config))
    for request in workspace.requests():
        alone = request.model_copy(update={"block": 1})
        strict = config.model_copy(update={"block_hours": 0.06})
        assert not list(above_limits([alone], strict))


@pytest.mark.parametrize("study", STUDIES)
def test_every_preset_can_run(study: str):
    config = load_workflow_config(REPO / "config/config.yaml")
    for preset, loaded in load_studies(study, REPO / "config/config.yaml").items():
        assert not list(above_limits(requests(loaded), config)), preset


def test_the_papers_own_sizes_cost_two_thousand_core_hours_at_most():
    seconds = 0.0
    for study in STUDIES:
        loaded = load_studies(study, REPO / "config/config.yaml").get("paper")
        for request in requests(loaded) if loaded else []:
            seconds += sum((cell.samples or 1) * cell.seconds for cell in request.cells)
    assert 0 < seconds < 2000 * 3600
