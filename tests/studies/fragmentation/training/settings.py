"""Settings of the group, small enough for tests."""

from studies.fragmentation.chains import SHARED
from trainscape.studies.contract import Family
from trainscape.studies.fragmentation.training import GROUP, TrainingSettings
from trainscape.testing.steps import family_of

SETTINGS = TrainingSettings.model_validate(
    {
        "systems": [
            {"site_dim": 4, "sites": 2, "ratios": [0.5, 1.0, 2.5]},
            {"site_dim": 3, "sites": 3, "couplings": ["uniform", "u0515"], "ratios": [0.9, 1.3]},
        ],
        "instances": 2,
        "restarts": 1,
        "curves": {
            "systems": [{"site_dim": 3, "sites": 3, "ratios": [0.5, 2.0]}],
            "instances": 1,
            "restarts": 2,
            "iterations": 60,
        },
    }
)


def tl_training(settings: TrainingSettings = SETTINGS) -> Family:
    """Return the family of the group."""
    return family_of(GROUP, "tl_training", settings, SHARED)
