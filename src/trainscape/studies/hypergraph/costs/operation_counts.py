r"""Floating-point operations of one cell, by two ways to simulate it.

A cell is one gate of a hyperedge, one displacement, and the moments of one nullifier. Dense: the
matrix of the circuit in the adjoint representation is multiplied by those of gate and displacement,
:math:`2 (2 d^3 - d^2)` operations for the dimension d of the algebra. Sparse: a gate is one
addition; a displacement and the moments touch the c monomials that contain a mode, with two and
three operations each.
"""

from __future__ import annotations

import xarray as xr

from trainscape.physics.hypergraph.dimensions import algebra_dimension
from trainscape.physics.hypergraph.monomials import Monomials
from trainscape.studies.contract import CellContext
from trainscape.studies.kit.variables import variable

__all__ = ["dense_operations", "sample", "sparse_operations"]


def dense_operations(dimension: int) -> int:
    """Return the operations of a cell by dense matrices."""
    return 2 * (2 * dimension**3 - dimension**2)


def sparse_operations(monomials: Monomials) -> int:
    """Return the operations of a cell by sparse rules, from the tables that they run over."""
    touched = int(monomials.incidence[0].shape[1])
    return 1 + 2 * touched + 3 * touched


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the numbers of one order, for each number of modes."""
    order, sizes = cell["order"], [n for n in cell["modes"] if n >= cell["order"]]
    spaces = [Monomials(n, order) for n in sizes]
    dimensions = [algebra_dimension(n, order) for n in sizes]
    columns = {
        "dimension": (dimensions, "dimension of the algebra"),
        "stored": ([space.count for space in spaces], "numbers that a simulation stores"),
        "dense": ([float(dense_operations(d)) for d in dimensions], "operations, dense matrices"),
        "sparse": ([float(sparse_operations(s)) for s in spaces], "operations, sparse rules"),
    }
    return xr.Dataset(
        {name: variable("modes", values, text) for name, (values, text) in columns.items()},
        coords={"modes": sizes},
    )
