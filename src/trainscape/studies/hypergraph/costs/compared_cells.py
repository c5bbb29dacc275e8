r"""Random circuits by sparse rules and by dense matrices of the algebra.

Gates of random hyperedges and displacements of random modes alternate. Dense: the matrix of the
circuit maps p_b to :math:`p_b + c(q)`. Sparse: the phase of the state after the circuit has the
derivative :math:`\partial_b \varphi`, of positions that the circuit has moved by the sum S of its
displacements, so that :math:`c(q) = \partial_b \varphi (q + S)`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from trainscape.physics.hypergraph.adjoint import AdjointAlgebra
from trainscape.physics.hypergraph.monomials import Monomials
from trainscape.physics.hypergraph.phases import (
    add_gate,
    derivative,
    displace,
    shifted,
    zero_phase,
)
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import Description, by_sample

__all__ = ["sample"]

VARIABLES: dict[str, Description] = {
    "difference": ((), "largest difference of the coefficients, relative to the largest", "")
}


def _difference(cell: CellContext, rng: np.random.Generator) -> float:
    monomials = Monomials(cell["modes"], cell["order"])
    algebra, n = AdjointAlgebra(monomials), monomials.modes
    phase, total = zero_phase(monomials), np.zeros(n)
    matrix = np.eye(algebra.dimension)
    none = np.zeros(monomials.count)
    for _ in range(cell.options["gates"]):
        edge, mode = int(rng.integers(monomials.edge_count)), int(rng.integers(n))
        strength, shift = rng.uniform(-1, 1, 2)
        table, vector = none.copy(), np.zeros(n)
        table[monomials.edge_offset + edge], vector[mode] = strength, shift
        phase = add_gate(monomials, phase, monomials.edge_offset + edge, strength)
        phase = displace(monomials, phase, mode, shift)
        total += vector
        # The first gate of the circuit stands leftmost.
        matrix = matrix @ algebra.evolution(np.zeros(n), table) @ algebra.evolution(-vector, none)
    worst, largest = 0.0, 1.0
    for mode in range(n):
        constant, rest = derivative(monomials, phase, mode)
        added, moved = shifted(monomials, rest, total)
        sparse = np.concatenate([[constant + added], moved])
        dense = matrix[n:, mode]
        worst = max(worst, float(np.abs(sparse - dense).max()))
        largest = max(largest, float(np.abs(dense).max()))
    return worst / largest


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the largest difference of each circuit."""
    rows: list[dict[str, Any]] = [
        {"difference": _difference(cell, cell.generator(Purpose.STRUCTURE, index))}
        for index in samples
    ]
    return xr.Dataset(by_sample(rows, VARIABLES))
