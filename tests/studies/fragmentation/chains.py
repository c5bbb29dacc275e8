"""Chains, settings and stored cells that tests of several groups share."""

from typing import Any

import xarray as xr

from trainscape.studies.contract import CellContext, Family, Stage
from trainscape.studies.fragmentation import instances
from trainscape.studies.fragmentation.chains import PATH_BASIS, SharedSettings
from trainscape.testing.steps import cell_context

SHARED = SharedSettings()


def chain(
    site_dim: int = 3,
    sites: int = 4,
    top_sectors: int = 0,
    label: str = "lambda",
    instance: int = 0,
    couplings: str = "u0515",
) -> dict[str, Any]:
    """Return the parameters that name an instance."""
    return {
        "site_dim": site_dim,
        "sites": sites,
        "top_sectors": top_sectors,
        "label": label,
        "couplings": couplings,
        "instance": instance,
    }


def draw(family: Family, parameters: dict[str, Any], limit: int = PATH_BASIS) -> xr.Dataset:
    """Return an instance; `limit` is the option ``numerical_dimension``."""
    cell = cell_context(family, Stage.DATASET, parameters, numerical_dimension=limit)
    return instances.sample(cell, range(1))


def network_cell(
    family: Family,
    stage: Stage,
    parameters: dict[str, Any],
    instance: xr.Dataset,
    count: int = 20,
    horizon: float = 1000.0,
) -> CellContext:
    """Return the context of a cell in which the network runs on an instance."""
    further = {"parameters": count, "horizon": horizon}
    return cell_context(family, stage, {**parameters, **further}, {Stage.DATASET: instance})
