"""Dimensions of the algebras at one order of the gates, against the number of modes."""

from __future__ import annotations

import xarray as xr

from trainscape.physics.hypergraph.dimensions import (
    abelian_dimension,
    algebra_dimension,
    counted_dimension,
    full_dimension,
    nilpotency,
    num_edges,
    qubit_algebra_dimension,
)
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import variable

__all__ = ["UNKNOWN", "sample"]

UNKNOWN = -1
"""Stands for a number above the limit to which it is counted."""

NILPOTENT = 120
"""Dimension up to which the power of the bracket that vanishes is found."""


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the numbers of one order, for each number of modes."""
    order, sizes = cell["order"], cell["modes"]
    limit, qubits = cell.options["counted"], cell.options["qubits"]
    algebra = [algebra_dimension(n, order) for n in sizes]
    full = [full_dimension(n, order) for n in sizes]
    counted = [
        counted_dimension(n, order) if dimension <= limit else UNKNOWN
        for n, dimension in zip(sizes, algebra, strict=True)
    ]
    full_counted = [
        counted_dimension(n, order, repeated=True) if dimension <= limit else UNKNOWN
        for n, dimension in zip(sizes, full, strict=True)
    ]
    powers = [
        nilpotency(n, order, cell.generator(Purpose.PARAMETERS, n))
        if dimension <= NILPOTENT
        else UNKNOWN
        for n, dimension in zip(sizes, algebra, strict=True)
    ]
    strings = [qubit_algebra_dimension(n, order) if n <= qubits else UNKNOWN for n in sizes]
    columns = {
        "edges": ([num_edges(n, order) for n in sizes], "hyperedges with k vertices, D"),
        "algebra": (algebra, "dimension of h_k"),
        "counted": (counted, "dimension of h_k counted by brackets, -1: not counted"),
        "full": (full, "dimension with repeated positions"),
        "full_counted": (full_counted, "the same counted by brackets, -1: not counted"),
        "abelian": ([abelian_dimension(n, order) for n in sizes], "coefficients of a state, M"),
        "qubit": (strings, "dimension of the algebra of the qubit model, -1: not counted"),
        "nilpotency": (powers, "least power of a random bracket that vanishes, -1: not computed"),
    }
    return xr.Dataset(
        {name: variable("modes", values, text) for name, (values, text) in columns.items()},
        coords={"modes": list(sizes)},
    )
