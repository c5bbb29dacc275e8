"""Instances with the bases of their sectors in the full space."""

from dataclasses import replace

import xarray as xr

from trainscape.physics.bond_algebra import decompose
from trainscape.physics.temperley_lieb import full_space_generators
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.fragmentation import instances

__all__ = ["sample"]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the instance of a cell, and the orthonormal basis of each sector.

    ``basis_k[:, q, p]`` is state ``q`` of copy ``p`` of sector ``k``.
    """
    sites, site_dim = cell["sites"], cell["site_dim"]
    # Never the path basis, which has no vectors in the full space. The stream is the same, so that
    # these are the bases in which the generators of the instance are given.
    options = {"numerical_dimension": site_dim**sites}
    instance = instances.sample(replace(cell, options=options), samples)
    generators = full_space_generators(sites, site_dim)
    sectors = decompose(generators, cell.generator(Purpose.SEARCH, 0)).sectors
    bases = {
        f"basis_{k}": (("state", f"krylov_{k}", f"copy_{k}"), sector.basis)
        for k, sector in enumerate(sectors)
    }
    return instance.assign(bases)
