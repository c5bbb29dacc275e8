"""CPU time of one cell of the hypergraph model against the dimension of its algebra.

    python -m benchmarks.cell_costs

Dense: the product of two matrices of the size of the algebra. Sparse: a gate, a displacement and
the moments of a nullifier by the rules of `trainscape.physics.hypergraph.surrogate`. Each number is
the least of five runs on one thread; slopes are those of the upper half of the sizes.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from trainscape.physics.hypergraph.adjoint import AdjointAlgebra
from trainscape.physics.hypergraph.monomials import Monomials
from trainscape.physics.hypergraph.surrogate import Surrogate

__all__ = ["cell_seconds", "main"]

SIZES = {1: (50, 100, 200, 400), 2: (12, 16, 24, 32, 40), 3: (8, 10, 12, 14, 16)}
RUNS = 5


def _least(work: Callable[[], object], repeats: int) -> float:
    """Return the least CPU seconds of one call, over runs of `repeats` calls."""
    seconds = []
    for _ in range(RUNS):
        start = time.process_time()
        for _ in range(repeats):
            work()
        seconds.append((time.process_time() - start) / repeats)
    return min(seconds)


def cell_seconds(modes: int, order: int) -> tuple[int, float, float]:
    """Return the dimension of the algebra, and CPU seconds of a cell: dense, sparse."""
    monomials = Monomials(modes, order)
    dimension = AdjointAlgebra(monomials).dimension
    matrices = np.random.default_rng(1).normal(size=(2, dimension, dimension))
    dense = _least(lambda: matrices[0] @ matrices[1], max(1, int(1e8 / dimension**3)))
    state = Surrogate(monomials)
    edge = np.array([0])

    def cell() -> None:
        state.add_gates([0.1], edge)
        state.displace(0, 1e-3)
        state.nullifier_moments(0)

    return dimension, dense, _least(cell, 200)


def main() -> None:
    """Print a table, and the exponents against the dimension."""
    print(f"{'k':>2} {'n':>4} {'dim':>6} {'dense (s)':>12} {'sparse (s)':>12}")
    for order, sizes in SIZES.items():
        rows = []
        for modes in sizes:
            found = cell_seconds(modes, order)
            rows.append(found)
            print(f"{order:2d} {modes:4d} {found[0]:6d} {found[1]:12.3e} {found[2]:12.3e}")
        logs = np.log(np.array(rows[len(rows) // 2 - 1 :]))
        slopes = [float(np.polyfit(logs[:, 0], logs[:, column], 1)[0]) for column in (1, 2)]
        print(f"{order:2d} exponents: dense {slopes[0]:.2f}, sparse {slopes[1]:.2f}")


if __name__ == "__main__":
    main()
