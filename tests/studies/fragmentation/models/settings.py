"""Settings of the group, small enough for tests, and its cells."""

from trainscape.studies.contract import CellData, Stage
from trainscape.studies.fragmentation.chains import SharedSettings
from trainscape.studies.fragmentation.models import (
    GROUP,
    ModelSettings,
    block_gradients,
    block_training,
)
from trainscape.studies.fragmentation.models import sectors as sectors_step
from trainscape.testing.steps import cell_context, family_of, stored

SHARED = SharedSettings()
SETTINGS = ModelSettings.model_validate(
    {
        "largest_dimension": 27,
        "gradients": {
            "temperley_lieb_d2": [4],
            "t_jz_density": [3],
            "pair_flip_3": [2],
            "east": [3],
        },
        "parameters": 12,
        "instances": 2,
        "draws": 4,
        "training": {
            "systems": [
                {"model": "ghz_projector", "sites": 4, "rank": 10},
                {"model": "temperley_lieb_ising", "sites": 2, "rank": 16},
                {
                    "model": "temperley_lieb_ising",
                    "sites": 2,
                    "couplings": "uniform",
                    "rank": 16,
                },
            ],
            "ratios": [0.9, 1.1, 1.3],
            "restarts": 3,
        },
    }
)
FAMILY = family_of(GROUP, "models", SETTINGS, SHARED)


def sectors(name: str, sites: int) -> CellData:
    """Return the sectors of a model as stored."""
    cell = cell_context(FAMILY, Stage.DATASET, {"model": name, "sites": sites})
    return stored(cell, sectors_step.sample(cell, range(1)))


def landscape(name, sites, instances, *, draws=8, parameters=20, horizon=1000.0):
    """Return context, sectors and sampled gradients of a model."""
    upstream = sectors(name, sites)
    cell = cell_context(
        FAMILY,
        Stage.GRADIENTS,
        {
            "model": name,
            "sites": sites,
            "parameters": parameters,
            "draws": draws,
            "horizon": horizon,
        },
        {Stage.DATASET: upstream.data},
    )
    return cell, upstream, stored(cell, block_gradients.sample(cell, instances))


def trained(name, sites, ratios, restarts, couplings="u0515", **options):
    """Return context, sectors and trained restarts of a model."""
    upstream = sectors(name, sites)
    cell = cell_context(
        FAMILY,
        Stage.SIMULATE,
        {
            "model": name,
            "sites": sites,
            "couplings": couplings,
            "ratios": ratios,
            "horizon": 1000.0,
        },
        {Stage.DATASET: upstream.data},
        **options,
    )
    return cell, upstream, stored(cell, block_training.sample(cell, restarts))
