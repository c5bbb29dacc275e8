"""The whole study at smoke size, stage by stage in this process, up to figures and claims."""

import json
from pathlib import Path

import pandas as pd
import pytest

from studies.smoke import REPO, run_smoke
from trainscape.pipeline.config import PRESETS, load_study
from trainscape.pipeline.figures import figure_files
from trainscape.pipeline.request import requests
from trainscape.pipeline.verify import verify_stage
from trainscape.studies.clifford import STUDY
from trainscape.studies.contract import Claim, Stage

CHECKS = (
    "encoder-exact",
    "sufficient-order",
    "taylor-cost",
    "decomposition-rank",
    "patch-sizes",
    "all-ansatze",
)
"""Claims whose verdict does not wait for larger sizes."""


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A folder in which the smoke preset was run."""
    folder = tmp_path_factory.mktemp("clifford")
    return folder, run_smoke("clifford", folder)


@pytest.mark.slow
def test_everything_that_was_computed_verifies(finished):
    _, found = finished
    assert [problem for request in found for problem in verify_stage(request).problems] == []


@pytest.mark.slow
def test_every_figure_has_pictures_and_a_table(finished):
    _, found = finished
    figures = found[-1].paths.folder
    for name in STUDY.figures:
        assert len(pd.read_csv(figures / f"{name}.csv")) > 0
        for file in figure_files(name):
            assert (figures / file).stat().st_size > 0


@pytest.mark.slow
def test_claims_keep_the_common_schema_and_point_to_what_exists(finished):
    _, found = finished
    claims = [
        Claim.model_validate(claim)
        for claim in json.loads((found[-1].paths.folder / "claims.json").read_text())
    ]
    assert len({claim.id for claim in claims}) == len(claims) >= 15
    for claim in claims:
        assert Path(claim.store).exists()
        assert claim.figure in STUDY.figures
        assert claim.samples > 0
    verdicts = {claim.id: claim.verdict for claim in claims}
    assert {name: verdicts[name] for name in CHECKS} == dict.fromkeys(CHECKS, "reproduced")


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_leads_to_sound_families(preset):
    found = requests(load_study("clifford", preset, REPO / "config/config.yaml"))
    assert {request.stage for request in found} == set(Stage)
    assert 3 <= len(STUDY.families(STUDY.presets[preset])) <= 8


def test_published_runs_are_a_setting():
    """They replace the runs of state vectors and of angle zero, and leave out observables that were not published."""
    settings = STUDY.presets["smoke"].model_copy(update={"published": True})
    plans = {
        family.name: family.stages[Stage.GRADIENTS]
        for family in STUDY.families(settings)
        if Stage.GRADIENTS in family.stages
    }
    assert plans["statevector"].options["published"]
    assert plans["origin"].options["published"]
    assert {cell.parameters["observable"] for cell in plans["statevector"].cells} == {
        "random_pauli"
    }
