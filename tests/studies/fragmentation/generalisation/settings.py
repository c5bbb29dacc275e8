"""Settings of the group, small enough for tests, and instances with their bases."""

from typing import Any

import xarray as xr

from studies.fragmentation.chains import SHARED
from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.generalisation import (
    GROUP,
    GeneralisationSettings,
    sector_bases,
)
from trainscape.testing.steps import cell_context, family_of

SETTINGS = GeneralisationSettings.model_validate(
    {
        "systems": [
            {"site_dim": 3, "sites": 3, "ratio": 2.0},
            {"site_dim": 2, "sites": 3, "label": "lambda_q", "ratio": 2.0},
        ],
        "instances": 2,
    }
)
FAMILY = family_of(GROUP, "generalisation", SETTINGS, SHARED)


def draw(parameters: dict[str, Any]) -> xr.Dataset:
    """Return an instance with the bases of its sectors."""
    return sector_bases.sample(cell_context(FAMILY, Stage.DATASET, parameters), range(1))
