r"""Spectra of the Hamiltonian in one sector, and local operators in its eigenbasis.

A sample is one draw of the coefficients and, with an ancilla, of the coupling to it. The local
operators are :math:`e_1` and :math:`e_{L/2}`. Where the Hamiltonian is symmetric under reflection
of the chain, both reflection sectors are resolved.
"""

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
from trainscape.trainability.random_matrices import resolved_statistics

__all__ = ["sample"]

Real = NDArray[np.float64]

TIMES = 4096
"""Times over which the frame potential is averaged.

Its relative standard error is 2 % for order 1 and 4 % for order 2.
"""

LATE = 1e8
"""Largest time of the frame potential: gaps of gaps above its inverse count as different."""


def _hamiltonian(
    cell: CellContext, generators: Sequence[sp.csr_array], index: int
) -> tuple[Real, bool]:
    """Return the Hamiltonian of one draw, and whether it is that of a symmetric chain."""
    rng, couplings = cell.generator(Purpose.INSTANCE, index), Couplings(cell["couplings"])
    if cell["ancilla_dim"] > 1:
        scale = 1 / cell["site_dim"]
        ancilla = cell["ancilla_dim"]
        qnn = draw_qnn(rng, len(generators), ancilla, couplings=couplings, gate_scale=scale)
        return qnn_operators(qnn, generators)[0], False
    drawn = draw_coefficients(rng, len(generators), couplings)
    symmetric = all(c is None or np.array_equal(c, c[::-1]) for c in drawn)
    return chain_hamiltonian(*drawn, generators), symmetric


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the statistics of each draw."""
    generators = path_generators(cell["sites"], cell["through_lines"], cell["site_dim"])
    local = [generators[place].toarray() for place in (0, cell["sites"] // 2 - 1)]
    operators = [np.kron(operator, np.eye(cell["ancilla_dim"])) for operator in local]
    rows = []
    for index in samples:
        hamiltonian, symmetric = _hamiltonian(cell, generators, index)
        times = cell.generator(Purpose.STRUCTURE, index).uniform(0.0, LATE, TIMES)
        # One stream for all draws: the sectors do not depend on the draw.
        search = cell.generator(Purpose.SEARCH, 0)
        sectors = reflection_sectors(generators, search) if symmetric else ()
        rows.append(resolved_statistics(hamiltonian, operators, times, sectors))
    columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    dimensions = ("sample", "operator")
    return xr.Dataset({name: (dimensions[: data.ndim], data) for name, data in columns.items()})
