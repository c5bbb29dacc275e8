"""Estimated time and memory of the sectors engine."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from trainscape.simulators.contract import Cost, Quantity
from trainscape.simulators.sectors.block import COLUMNS, intervals
from trainscape.simulators.sectors.problem import SectorBlock
from trainscape.simulators.sectors.spectral import SEGMENT_BYTES

__all__ = [
    "DENSE_LIMIT",
    "FLOPS",
    "GATE_DEGREE",
    "INTERPRETED",
    "OVERHEAD",
    "RANK",
    "SPARSE_FLOPS",
    "chebyshev_cost",
    "needs_chebyshev",
    "spectral_cost",
]

Real = NDArray[np.float64]

DENSE_LIMIT = 4096
"""Largest order of a sparse block that is diagonalised.

A block given by dense arrays is always diagonalised.
"""

FLOPS = 3e10
"""Floating-point operations per second and core, for cost estimates."""

SPARSE_FLOPS = 4e9
"""The same for products with sparse matrices."""

RANK = 0.4
"""Rank of the gate in units of the order of a block, for cost estimates.

It is 1/4 + 3/(4 N_a) for a generator of rank N/4.
"""

OVERHEAD = 5e-7
"""Seconds for one product of very small matrices, for cost estimates."""

INTERPRETED = 2.5e-5
"""Seconds for one layer of one small block in the Jacobian and the Hessian, for cost estimates."""

GATE_DEGREE = 30
"""Terms of the Chebyshev expansion of a gate, for cost estimates.

The gate has norm 1/2 around its centre, and acts for one period of 4 pi.
"""


def needs_chebyshev(block: SectorBlock) -> bool:
    """Return whether a block is sparse and too large to be diagonalised."""
    return bool(sp.issparse(block.hamiltonian)) and block.hamiltonian.shape[0] > DENSE_LIMIT


def spectral_cost(block: SectorBlock, layers: int, quantity: Quantity) -> Cost:
    """Estimate one call for one parameter vector and one block that is diagonalised."""
    order, columns = block.inputs.shape
    factor = (
        2
        if any(np.issubdtype(m.dtype, np.complexfloating) for m in (block.hamiltonian, block.gate))
        else 1
    )
    rank = RANK * order
    product = max(OVERHEAD, 4.0 * factor * order * rank * columns / FLOPS)
    group = min(columns, COLUMNS)
    memory = 8 * (
        factor * (4 * order**2 + 2 * order * int(rank))
        + 2 * order * (layers + 1)
        + 8 * order * group
    )
    match quantity:
        case Quantity.VALUE:
            seconds = 2 * layers * product
        case Quantity.GRADIENT | Quantity.HESSIAN_VECTOR_PRODUCT:
            lanes = 1 if quantity is Quantity.GRADIENT else 2
            full = 16 * lanes * layers * int(rank) * group
            seconds = (4 if full <= SEGMENT_BYTES else 6) * lanes * layers * product
            memory += min(full, SEGMENT_BYTES) + 16 * order * group * (full // SEGMENT_BYTES + 1)
        case _:
            seconds = layers * (
                INTERPRETED + (8 * order**2 * rank + 32 * order * rank * columns) / FLOPS
            )
            memory += 64 * layers * order * min(columns, max(COLUMNS, order)) + 32 * order**2
            if quantity is not Quantity.JACOBIAN:
                seconds += 8 * layers**2 * order * columns / FLOPS
    return Cost(seconds, memory)


def chebyshev_cost(block: SectorBlock, times: Real, quantity: Quantity) -> Cost:
    """Estimate one call for one parameter vector and one large sparse block."""
    order, columns = block.inputs.shape
    layers = len(times) - 2
    energy, turn = (sp.csr_matrix(matrix) for matrix in (block.hamiltonian, block.gate))
    # Gershgorin's bound. The degree is about the length of the evolution in units of the inverse
    # norm.
    radius = float(abs(energy).sum(axis=1).max())
    degrees = float((np.abs(intervals(times)) * radius + GATE_DEGREE).sum())
    # One multiplication and one addition for each element, times two for a complex column. The
    # operations on the vectors take as long as eight elements of a row.
    pass_ = (
        4.0
        * columns
        * (degrees * (energy.nnz + 8 * order) + layers * GATE_DEGREE * (turn.nnz + 8 * order))
        / SPARSE_FLOPS
    )
    memory = (
        12 * (energy.nnz + turn.nnz)
        + 16 * order * columns
        + 5 * 16 * order * max(COLUMNS, min(4 * columns, 4 * COLUMNS))
    )
    match quantity:
        case Quantity.VALUE:
            passes = 1
        case Quantity.GRADIENT:
            passes = 3
        case Quantity.HESSIAN_VECTOR_PRODUCT:
            passes = 6
        case Quantity.HESSIAN:
            passes = 6 * layers
        case _:
            passes = 2 * layers + 1
            memory += 32 * layers * order * min(columns, COLUMNS)
    return Cost(passes * pass_, memory)
