"""The families of the group in all presets."""

import pytest

from studies.clifford.vqe.small_runs import FAMILIES
from trainscape.pipeline.config import PRESETS, load_study
from trainscape.studies.clifford.vqe import GROUP
from trainscape.studies.contract import Settings, Stage
from workspace import REPO


@pytest.mark.parametrize("preset", PRESETS)
def test_families_are_sound(preset):
    settings = load_study("clifford", preset, REPO / "config/config.yaml").settings
    families = GROUP.families(settings.vqe, Settings())
    names = ["vqe", "vqe_shots", "vqe_sines", "vqe_published"]
    assert [family.name for family in families] == names
    for family in families:
        if family.name == "vqe_sines":
            continue
        cells = [tuple(cell.parameters.items()) for cell in family.stages[Stage.THRESHOLDS].cells]
        assert len(set(cells)) == len(cells)
        compared = {
            tuple((k, v) for k, v in cell if k not in ("start", "optimiser")) for cell in cells
        }
        # Each system is run with the encoder, and without it or as a walk.
        for system in compared:
            starts = {
                (dict(cell)["start"], dict(cell)["optimiser"])
                for cell in cells
                if set(system) <= set(cell)
            }
            assert ("lce", "gd") in starts
            assert len(starts) >= 2
    for purpose, names in FAMILIES[0].seeds.items():
        assert not {"start", "optimiser"} & set(names), purpose
