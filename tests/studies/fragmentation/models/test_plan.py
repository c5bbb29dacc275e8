"""Planning of the group: settings that are refused, and ranks in the presets."""

import pytest

from studies.fragmentation.models.settings import sectors
from trainscape.pipeline.config import load_study
from trainscape.studies.fragmentation.models import ModelSettings
from workspace import REPO

PRESETS = ("smoke", "laptop", "workstation", "paper")


@pytest.mark.parametrize(
    ("gradients", "trained", "message"),
    [
        ({"pxq": (3,)}, ("pxp", 3), r"gradients\n.*pxq is no built-in model; choose from"),
        ({"pxp": (2,)}, ("pxp", 3), r"gradients\n.*pxp has at least 3 sites, not 2"),
        ({}, ("pxq", 3), r"training.systems.0\n.*pxq is no built-in model; choose from"),
        ({}, ("pxp", 2), r"training.systems.0\n.*pxp has at least 3 sites, not 2"),
    ],
)
def test_unknown_models_and_short_chains_are_refused(gradients, trained, message):
    system = {"model": trained[0], "sites": trained[1]}
    settings = {
        "largest_dimension": 16,
        "gradients": gradients,
        "instances": 2,
        "training": {"systems": [system], "ratios": [1.0], "restarts": 1},
    }
    with pytest.raises(ValueError, match=message):
        ModelSettings.model_validate(settings)


def test_costs_are_estimated_with_the_ranks_of_the_sectors():
    """R = 2 (N_a - 1) sum N_lambda^2, with the least power of two that holds all labels."""
    loaded = [
        load_study("fragmentation", preset, REPO / "config" / "config.yaml") for preset in PRESETS
    ]
    for system in {system for one in loaded for system in one.settings.models.training.systems}:
        sizes = sectors(system.model, system.sites).data["dimension"].values
        labels = next(2**k for k in range(1, 9) if 2**k >= len(sizes))
        assert system.rank == 2 * (labels - 1) * (sizes**2).sum(), system
