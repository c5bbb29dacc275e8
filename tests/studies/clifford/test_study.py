"""The whole study at smoke size, stage by stage in this process, up to figures and claims."""

import json
from pathlib import Path

import pandas as pd
import pytest

from studies.smoke import REPO, run_smoke
from trainscape.pipeline.config import PRESETS, load_study
from trainscape.pipeline.discovery import figures_of
from trainscape.pipeline.request import requests
from trainscape.pipeline.verify import verify_stage
from trainscape.studies.clifford import STUDY
from trainscape.studies.contract import Stage
from trainscape.studies.kit.claims import ClaimRecord

CHECKS = (
    "encoder-exact",
    "flat-strings",
    "published-norms",
    "sufficient-order",
    "taylor-cost",
    "decomposition-rank",
    "patch-sizes",
    "all-ansatze",
    "landscape-sine",
)
"""Claims whose verdict does not wait for larger sizes."""

FIGURES = {
    info.name: info.kind for group in STUDY.groups for info in figures_of(group.package).figures
}


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
def test_every_figure_has_a_table(finished):
    _, found = finished
    for name in FIGURES:
        assert len(pd.read_csv(found[-1].paths.folder / f"{name}.csv")) > 0


@pytest.mark.slow
def test_claims_keep_the_common_schema_and_point_to_what_exists(finished):
    _, found = finished
    claims = [
        ClaimRecord.model_validate(claim)
        for file in sorted(found[-1].paths.folder.glob("*.claims.json"))
        for claim in json.loads(file.read_text())
    ]
    assert len({claim.id for claim in claims}) == len(claims) == 39
    for claim in claims:
        assert Path(claim.store).exists()
        assert claim.figure in FIGURES
        assert claim.samples > 0
    verdicts = {claim.id: claim.verdict for claim in claims}
    assert {name: verdicts[name] for name in CHECKS} == dict.fromkeys(CHECKS, "reproduced")


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_leads_to_sound_families(preset):
    found = requests(load_study("clifford", preset, REPO / "config/config.yaml"))
    assert {request.stage for request in found} == set(Stage)
