"""The whole study at smoke size, stage by stage in this process, up to figures and claims."""

import json

import pandas as pd
import pytest

from studies.smoke import REPO, run_smoke
from trainscape.pipeline.config import PRESETS, load_study
from trainscape.pipeline.discovery import figures_of
from trainscape.pipeline.request import requests
from trainscape.pipeline.verify import verify_stage
from trainscape.studies.hypergraph import STUDY
from trainscape.studies.kit.claims import ClaimRecord

FIGURES = {
    info.name: info.kind for group in STUDY.groups for info in figures_of(group.package).figures
}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A folder in which the smoke preset was run."""
    folder = tmp_path_factory.mktemp("hypergraph")
    return folder, run_smoke("hypergraph", folder)


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
    folder, found = finished
    claims = [
        ClaimRecord.model_validate(claim)
        for file in sorted(found[-1].paths.folder.glob("*.claims.json"))
        for claim in json.loads(file.read_text())
    ]
    assert len({claim.id for claim in claims}) == len(claims) > 0
    for claim in claims:
        assert (folder / claim.store).exists()
        assert claim.figure is None or claim.figure in FIGURES


def test_families_have_names_of_their_own():
    """Groups do not know each other, and a family's name is that of its store."""
    for preset in ("smoke", "laptop", "workstation"):
        study = load_study("hypergraph", preset, REPO / "config/config.yaml")
        places = [(request.stage, str(request.paths.manifest)) for request in requests(study)]
        assert len(set(places)) == len(places) > 0
    assert set(PRESETS) >= {"smoke", "laptop", "workstation"}
