"""Sectors of a model, found from its list of generators alone.

Nothing of what is known about a model enters the search.
"""

import numpy as np
import xarray as xr

from trainscape.physics import krylov_spaces
from trainscape.physics.bond_algebra import decompose
from trainscape.physics.fragmented_models import FAMILIES
from trainscape.studies.contract import CellContext, Purpose

__all__ = ["sample"]

BLOCKS = 2**19
"""Numbers up to which the blocks of the generators are stored; gradients need far fewer."""


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the sectors, and the numbers that need more than the sectors as attributes.

    ``blocks`` holds the blocks of the generators: sector by sector, generator by generator, row by
    row.
    """
    model = FAMILIES[cell["model"]](cell["sites"])
    found = decompose(model.generators(), cell.generator(Purpose.SEARCH, 0))
    summary = krylov_spaces.summarise(found)
    variables = {
        name: ("sector", np.array([getattr(sector, name) for sector in found.sectors]))
        for name in ("dimension", "multiplicity")
    }
    if len(model.terms) * found.algebra_dimension <= BLOCKS:
        blocks = [np.asarray(sector.generators).ravel() for sector in found.sectors]
        variables["blocks"] = ("entry", np.concatenate(blocks))
    attributes = {
        "hilbert_dimension": summary.dimension,
        "generators": len(model.terms),
        "range": model.range,
        "components": summary.components,
        "largest_component": summary.largest_component,
        "bound": krylov_spaces.krylov_sum_bound(model.terms),
        "largest_share": krylov_spaces.largest_krylov_share(model, found),
        "gap": found.gap,
        "deviation": found.deviation,
    }
    return xr.Dataset(variables, attrs=attributes)
