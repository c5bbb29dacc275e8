"""The Lie algebra of a network that acts on sectors: what it can control."""

from __future__ import annotations

import numpy as np

from trainscape.physics.lie_algebra import (
    LieAlgebraError,
    lie_algebra_dimension,
    lie_algebra_upper_bound,
)
from trainscape.simulators.sectors.problem import SectorProblem

__all__ = ["network_algebra"]


def network_algebra(problem: SectorProblem, rng: np.random.Generator) -> tuple[int, int]:
    """Return the dimension of the Lie algebra of a network, and the largest it could have.

    The algebra is that of ``H`` and ``A`` on all blocks. Where the two numbers are equal, the
    network controls all blocks one by one, and the orbit rank
    (`trainscape.trainability.label_learning.orbit_rank`) counts what it has to control. The
    dimension is -1 where it is too large to compute or undecided.
    """
    blocks = [np.stack([block.hamiltonian, block.gate]) for block in problem.blocks]
    try:
        return lie_algebra_dimension(blocks, rng), lie_algebra_upper_bound(blocks)
    except LieAlgebraError:
        return -1, lie_algebra_upper_bound(blocks)
