"""Instances with the bases of their sectors in the full space."""

from dataclasses import replace

import xarray as xr

from trainscape.physics.temperley_lieb_sectors import found_sectors
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.fragmentation import instances

__all__ = ["sample"]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the instance of a cell, and the orthonormal basis of each sector.

    ``basis_k[:, q, p]`` is state ``q`` of copy ``p`` of sector ``k``.
    """
    # Never the path basis, which has no vectors in the full space. The stream is the same, so that
    # these are the bases in which the generators of the instance are given.
    options = {"numerical_dimension": cell["site_dim"] ** cell["sites"]}
    instance = instances.sample(replace(cell, options=options), samples)
    sectors = found_sectors(cell["sites"], cell["site_dim"], cell.generator(Purpose.SEARCH, 0))
    bases = {
        f"basis_{k}": (("state", f"krylov_{k}", f"copy_{k}"), sector.basis)
        for k, sector in enumerate(sectors)
    }
    return instance.assign(bases)
