"""The whole study at smoke size, stage by stage in this process, up to figures and claims."""

import json
from pathlib import Path

import pandas as pd
import pytest

from studies.smoke import REPO, run_smoke
from trainscape.pipeline.config import SIZES, load_study
from trainscape.pipeline.discovery import figures_of
from trainscape.pipeline.request import requests
from trainscape.pipeline.results import read_summary
from trainscape.pipeline.verify import verify_claims, verify_stage
from trainscape.storage.paths import StagePaths
from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation import STUDY
from trainscape.studies.kit.claims import ClaimRecord

# Slow: the same run, by Snakemake, ends continuous integration, and is verified there.
pytestmark = pytest.mark.slow

FIGURES = {info.name: info for group in STUDY.groups for info in figures_of(group.package).figures}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A folder in which the smoke preset was run."""
    folder = tmp_path_factory.mktemp("fragmentation")
    return folder, run_smoke("fragmentation", folder)


def test_everything_that_was_computed_verifies(finished):
    _, found = finished
    assert [problem for request in found for problem in verify_stage(request).problems] == []
    assert verify_claims([request for request in found if request.stage is Stage.FIGURES]) == []


def test_every_figure_has_its_files_and_a_caption(finished):
    _, found = finished
    figures = found[-1].paths.folder
    for info in FIGURES.values():
        for file in info.files:
            assert (figures / file).stat().st_size > 0
        assert len(pd.read_csv(figures / f"{info.name}.csv")) > 0
    captions = {}
    for manifest in figures.glob("*.manifest.json"):
        captions |= json.loads(manifest.read_text())["captions"]
    assert set(captions) == set(FIGURES)
    assert all(entry["title"] and entry["caption"] for entry in captions.values())


def test_claims_keep_the_common_schema_and_point_to_what_exists(finished):
    _, found = finished
    claims = [
        ClaimRecord.model_validate(claim)
        for claim in json.loads((found[-1].paths.folder / "claims.json").read_text())
    ]
    assert len({claim.id for claim in claims}) == len(claims) == 48
    for claim in claims:
        assert Path(claim.store).exists()
        assert claim.figure in FIGURES
        assert claim.samples > 0


def summary(folder: Path, family: str, stage: Stage):
    return read_summary(
        StagePaths(folder / "results", "smoke", "fragmentation", str(stage), family)
    )


def test_ranks_at_minima_equal_the_formula(finished):
    folder, _ = finished
    table = summary(folder, "tl_training", Stage.THRESHOLDS)
    enough = table.where(
        (table["converged"] > 0) & (table["parameters"] >= table["rank_formula"]), drop=True
    )
    assert enough.sizes["row"] > 0
    assert (enough["hessian_rank_largest"] == enough["rank_formula"]).all()


def test_quimb_and_the_engine_agree(finished):
    folder, _ = finished
    table = summary(folder, "hea_local", Stage.GRADIENTS)
    assert (table["largest_deviation_from_quimb"] < 1e-12).all()


@pytest.mark.parametrize("preset", SIZES)
def test_every_preset_leads_to_sound_families(preset):
    found = requests(load_study("fragmentation", preset, REPO / "config/config.yaml"))
    assert {request.stage for request in found} == set(Stage)
