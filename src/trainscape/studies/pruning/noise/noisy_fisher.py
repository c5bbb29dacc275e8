"""What noise does to the quantum Fisher information of a circuit, at random angles.

The parameters fall into directions in which the pure state moves, and the others, in which the
matrix without noise is zero. The matrix with noise is taken on either.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import xarray as xr

from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import variable
from trainscape.studies.pruning.noise.noisy_runs import noisy_problem
from trainscape.trainability.mixed_fisher import circuit_qfim

__all__ = ["sample"]

ZERO = 1e-6
"""Share of the largest eigenvalue without noise below which one counts as zero."""


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return rank and traces: without noise, and with it on either sort of directions."""
    noisy = noisy_problem(cell)
    clean = noisy_problem(replace(cell, parameters={**cell.parameters, "strength": 0.0}))
    parameters = noisy.circuit.num_parameters
    rows = []
    for index in samples:
        theta = cell.generator(Purpose.PARAMETERS, index).uniform(-np.pi, np.pi, parameters)
        values, vectors = np.linalg.eigh(circuit_qfim(clean, theta))
        moving = values > ZERO * values[-1]
        diagonal = np.einsum("ik,ij,jk->k", vectors, circuit_qfim(noisy, theta), vectors)
        rows.append(
            (moving.sum(), values[moving].sum(), diagonal[moving].sum(), diagonal[~moving].sum())
        )
    rank, before, kept, lifted = np.array(rows).T
    columns = {
        "rank": (rank.astype(np.int64), "rank of the QFIM without noise"),
        "before": (before, "its trace without noise"),
        "kept": (kept, "trace with noise, directions in which the pure state moves"),
        "lifted": (lifted, "trace with noise, the other directions"),
    }
    return xr.Dataset(
        {name: variable("sample", values, text) for name, (values, text) in columns.items()}
    )
