"""Generators of the open Temperley-Lieb chain on its sectors, in two independent ways.

Those found from the generators on the full space alone, as for any bond algebra, are compared with
the exact dimensions and multiplicities. The path basis knows the relations of the algebra, and
reaches long chains.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainscape.physics.bond_algebra import DecompositionError, Sector, decompose
from trainscape.physics.temperley_lieb import full_space_generators, irreps, path_generators

__all__ = ["found_sectors", "path_sectors"]


def found_sectors(sites: int, site_dim: int, rng: np.random.Generator) -> tuple[Sector, ...]:
    """Return all sectors as found on the full space, in the order of `irreps`.

    Parameters
    ----------
    sites, site_dim
        Length and local dimension of the chain.
    rng
        Stream of the random elements that tell the sectors apart.

    Raises
    ------
    DecompositionError
        If their dimensions or multiplicities are not the exact ones.
    """
    sectors = decompose(full_space_generators(sites, site_dim), rng).sectors
    found = [(sector.dimension, sector.multiplicity) for sector in sectors]
    expected = [(irrep.dimension, irrep.multiplicity) for irrep in irreps(sites, site_dim)]
    if found != expected:
        raise DecompositionError(
            f"the sectors found for sites={sites}, site_dim={site_dim} are {found}, but the exact "
            f"ones are {expected}. Use the path basis for this size (in a study, lower "
            "numerical_dimension in its settings), and report the case."
        )
    return tuple(sectors)


def path_sectors(
    sites: int, site_dim: int, top: int | None = None
) -> tuple[NDArray[np.float64], ...]:
    """Return the generators on each sector in the path basis, shapes ``(m, N, N)``.

    `top` keeps that many sectors with the most through lines, see `irreps`.
    """
    return tuple(
        np.stack([h.toarray() for h in path_generators(sites, irrep.through_lines, site_dim)])
        for irrep in irreps(sites, site_dim, top)
    )
