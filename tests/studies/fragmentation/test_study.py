"""The whole study at smoke size, stage by stage in this process, up to figures and claims."""

import json
from pathlib import Path

import pandas as pd
import pytest

from studies.smoke import REPO, run_smoke
from trainscape.pipeline.config import PRESETS, load_study
from trainscape.pipeline.figures import figure_files
from trainscape.pipeline.request import requests
from trainscape.pipeline.results import StudyResults
from trainscape.pipeline.verify import verify_stage
from trainscape.studies.contract import Claim, Stage
from trainscape.studies.fragmentation import STUDY


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A folder in which the smoke preset was run."""
    folder = tmp_path_factory.mktemp("fragmentation")
    return folder, run_smoke("fragmentation", folder)


def test_everything_that_was_computed_verifies(finished):
    _, found = finished
    assert [problem for request in found for problem in verify_stage(request).problems] == []


def test_every_figure_has_pictures_and_a_table(finished):
    _, found = finished
    figures = found[-1].paths.folder
    for name in STUDY.figures:
        for file in figure_files(name):
            assert (figures / file).stat().st_size > 0
    table = pd.read_csv(figures / "gradient_scaling.csv")
    assert set(table["series"]) == {
        "all sectors",
        "top sectors",
        "hardware-efficient, full space",
        "hardware-efficient, shallow and local",
    }
    assert (table["samples"] > 0).all()
    assert (table["second_moment_low"] <= table["second_moment"]).all()


def test_claims_keep_the_common_schema_and_point_to_what_exists(finished):
    _, found = finished
    claims = [
        Claim.model_validate(claim)
        for claim in json.loads((found[-1].paths.folder / "claims.json").read_text())
    ]
    assert len({claim.id for claim in claims}) == len(claims) >= 5
    for claim in claims:
        assert Path(claim.store).exists()
        assert claim.figure in STUDY.figures
        assert claim.samples > 0


def test_ranks_at_minima_equal_the_formula(finished):
    folder, _ = finished
    table = StudyResults(folder / "results", "smoke", "fragmentation").summary(
        "tl_training", Stage.THRESHOLDS
    )
    enough = table.where(
        (table["converged"] > 0) & (table["parameters"] >= table["rank_formula"]), drop=True
    )
    assert enough.sizes["point"] > 0
    assert (enough["hessian_rank_largest"] == enough["rank_formula"]).all()


def test_quimb_and_the_engine_agree(finished):
    folder, _ = finished
    table = StudyResults(folder / "results", "smoke", "fragmentation").summary(
        "hea_local", Stage.GRADIENTS
    )
    assert (table["largest_deviation_from_quimb"] < 1e-12).all()


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_leads_to_sound_families(preset):
    found = requests(load_study("fragmentation", preset, REPO / "config/config.yaml"))
    assert {request.stage for request in found} == set(Stage)
    assert 3 <= len(STUDY.families(STUDY.presets[preset])) <= 16
