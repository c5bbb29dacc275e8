"""Instances with the bases of their sectors in the full space."""

from __future__ import annotations

from dataclasses import replace

import xarray as xr

from trainscape.physics.bond_algebra import decompose
from trainscape.physics.temperley_lieb import full_space_generators
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.fragmentation.instances import draw_instance

__all__ = ["sample"]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the instance of a cell, and for each sector its orthonormal basis with aligned copies, ``basis_k[:, q, p]``."""
    sites, site_dim = cell["sites"], cell["site_dim"]
    # Never the path basis, which has no vectors in the full space. The same stream, so that these are the bases in which the generators of the instance are given.
    instance = draw_instance(replace(cell, options={"numerical_dimension": site_dim**sites}))
    found = decompose(full_space_generators(sites, site_dim), cell.generator(Purpose.SEARCH, 0))
    bases = {
        f"basis_{k}": (("state", f"krylov_{k}", f"copy_{k}"), sector.basis)
        for k, sector in enumerate(found.sectors)
    }
    return instance.assign(bases)
