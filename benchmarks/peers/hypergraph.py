"""Mean momenta of a hypergraph state: by the rules on one table, and by dense matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.worker import Workload
from trainscape.physics.hypergraph.adjoint import AdjointAlgebra
from trainscape.physics.hypergraph.monomials import Monomials
from trainscape.physics.hypergraph.surrogate import Surrogate

__all__ = ["dense", "sparse"]


def _instance(n: int, order: int) -> tuple[Monomials, Any, Any]:
    """Return monomials, weights, and displacements."""
    rng = np.random.default_rng(1)
    monomials = Monomials(n, order)
    # Small displacements keep the sum of a million terms of the order of one.
    weights = rng.uniform(-1, 1, size=monomials.edge_count) / np.sqrt(monomials.edge_count)
    return monomials, weights, rng.uniform(-1, 1, size=n)


def sparse(n: int, order: int) -> Workload:
    """Return the rules on one table that changes in place; its index tables are made beforehand."""
    monomials, weights, shifts = _instance(n, order)
    surrogate = Surrogate(monomials)

    def momenta() -> Any:
        surrogate.clear()
        surrogate.add_gates(weights)
        for mode, shift in enumerate(shifts.tolist()):
            surrogate.displace(mode, shift)
        return np.array([[surrogate.nullifier_mean(mode) for mode in range(n)]])

    return Workload(momenta, details={"weights": monomials.edge_count})


def dense(n: int, order: int) -> Workload:
    """Return the product of matrices of all operations, in the Heisenberg picture."""
    monomials, weights, shifts = _instance(n, order)
    algebra = AdjointAlgebra(monomials)
    table, nothing = np.zeros(monomials.count), np.zeros(monomials.count)
    table[monomials.edge_offset :] = weights
    matrices = [algebra.evolution(np.zeros(n), table)]
    matrices += [algebra.evolution(-shifts[mode] * np.eye(n)[mode], nothing) for mode in range(n)]

    def momenta() -> Any:
        total = matrices[0]
        for matrix in matrices[1:]:
            total = total @ matrix
        # In the state without gates the constant alone has a mean.
        return total[n, :n][None]

    return Workload(momenta, details={"dimension": algebra.dimension})
