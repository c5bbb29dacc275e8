r"""Spectra of the Hamiltonian in one sector, and local operators in its eigenbasis.

A sample is one draw of the coefficients and, with an ancilla, of the coupling to it. The local
operators are :math:`e_1` and :math:`e_{L/2}`. Where the Hamiltonian is symmetric under reflection
of the chain, everything is computed in both reflection sectors and averaged with their orders as
weights.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
import xarray as xr
from numpy.typing import NDArray

from trainscape.physics.reflection import reflection_sectors
from trainscape.physics.temperley_lieb import path_generators
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.fragmentation.network import (
    Couplings,
    chain_hamiltonian,
    draw_coefficients,
    draw_qnn,
    qnn_operators,
)
from trainscape.trainability.random_matrices import block_statistics

__all__ = ["sample"]

Real = NDArray[np.float64]

TIMES = 4096
"""Times over which the frame potential is averaged.

Its relative standard error is 2 % for order 1 and 4 % for order 2.
"""

LATE = 1e8
"""Largest time of the frame potential: gaps of gaps above its inverse count as different."""


def _draw(
    cell: CellContext, generators: Sequence[sp.csr_array], index: int
) -> tuple[list[Real], bool]:
    """Return the Hamiltonian and the two operators, and whether the chain has its reflection."""
    rng = cell.generator(Purpose.INSTANCE, index)
    couplings, ancilla = Couplings(cell["couplings"]), cell["ancilla_dim"]
    local = [generators[0].toarray(), generators[cell["sites"] // 2 - 1].toarray()]
    if ancilla == 1:
        coefficients, neighbours = draw_coefficients(rng, len(generators), couplings)
        symmetric = np.array_equal(coefficients, coefficients[::-1]) and (
            neighbours is None or np.array_equal(neighbours, neighbours[::-1])
        )
        return [chain_hamiltonian(coefficients, neighbours, generators), *local], symmetric
    scale = 1 / cell["site_dim"]
    qnn = draw_qnn(rng, len(generators), ancilla, couplings=couplings, gate_scale=scale)
    hamiltonian, _ = qnn_operators(qnn, generators)
    return [hamiltonian, *(np.kron(operator, np.eye(ancilla)) for operator in local)], False


def _statistics(
    cell: CellContext, generators: Sequence[sp.csr_array], index: int
) -> dict[str, Real]:
    """Return the statistics of one draw, averaged over the reflection sectors."""
    matrices, symmetric = _draw(cell, generators, index)
    times = cell.generator(Purpose.STRUCTURE, index).uniform(0.0, LATE, TIMES)
    sectors = [matrices]
    if symmetric:
        # One stream for all draws: the sectors do not depend on the draw.
        bases = reflection_sectors(generators, cell.generator(Purpose.SEARCH, 0))
        sectors = [[basis.T @ matrix @ basis for matrix in matrices] for basis in bases]
    blocks = [block_statistics(sector[0], sector[1:], times) for sector in sectors]
    weights = [len(sector[0]) / len(matrices[0]) for sector in sectors]
    averages = {
        name: np.tensordot(weights, np.array([block[name] for block in blocks]), axes=1)
        for name in blocks[0]
    }
    # Errors of the sectors are independent.
    averages["gap_ratio_variance"] = np.dot(
        np.square(weights), [block["gap_ratio_variance"] for block in blocks]
    )
    return averages


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the statistics of each draw."""
    generators = path_generators(cell["sites"], cell["through_lines"], cell["site_dim"])
    rows = [_statistics(cell, generators, index) for index in samples]
    columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    dimensions = ("sample", "operator")
    return xr.Dataset({name: (dimensions[: data.ndim], data) for name, data in columns.items()})
