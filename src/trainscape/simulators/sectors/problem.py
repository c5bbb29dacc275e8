"""What the sectors engine simulates: a network of one Hamiltonian and one gate, in blocks.

The unitary of a block is ``e^{iHt''} [prod_i e^{-iHt_i} e^{iA theta_i} e^{iHt_i}] e^{-iHt'}``. The
leftmost factor ``i = 1`` acts last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

__all__ = ["SectorBlock", "SectorProblem", "frozen_blocks"]

Real = NDArray[np.float64]
Operator = Any
"""A square matrix: a NumPy array or a scipy.sparse matrix."""


@dataclass(frozen=True)
class SectorBlock:
    """One irreducible block of a network, with its training states.

    Parameters
    ----------
    name
        Name of the sector, for messages.
    hamiltonian, gate
        Restrictions of ``H`` and ``A``, Hermitian (real or complex), shape ``(D, D)``: arrays, or
        scipy.sparse matrices, which large blocks need.
    inputs
        Training states as columns, orthonormal, shape ``(D, c)``.
    accepted
        Shape ``(D, c)``: whether outcome ``k`` of a measurement in the basis of the block is the
        correct label for input ``i``. The loss of an input is the probability of the other
        outcomes.
    """

    name: str
    hamiltonian: Operator
    gate: Operator
    inputs: NDArray[Any]
    accepted: NDArray[np.bool_]


@dataclass(frozen=True)
class SectorProblem:
    """A network restricted to blocks: what the sectors engine simulates.

    The loss is the mean over all inputs of all blocks.

    Parameters
    ----------
    blocks
        The blocks.
    times
        ``t', t'', t_1, .., t_p``, shape ``(p + 2,)``, or None if every call of the engine gives
        its own.
    """

    blocks: tuple[SectorBlock, ...]
    times: Real | None = None

    @property
    def size(self) -> int:
        """Number of training states, ``M``."""
        return sum(block.inputs.shape[1] for block in self.blocks)


def _largest(matrix: Operator) -> float:
    """Return the largest absolute element."""
    return float(abs(matrix.tocsr() if sp.issparse(matrix) else matrix).max())


def frozen_blocks(problem: SectorProblem, tolerance: float = 1e-10) -> tuple[str, ...]:
    """Return the names of the blocks in which ``A`` is a multiple of the identity.

    `tolerance` is relative to the largest element of ``A`` in all blocks.
    """
    scale = max(_largest(block.gate) for block in problem.blocks)
    names = []
    for block in problem.blocks:
        order = block.gate.shape[0]
        one = sp.identity(order) if sp.issparse(block.gate) else np.eye(order)
        traceless = block.gate - block.gate.trace() / order * one
        if _largest(traceless) <= tolerance * scale:
            names.append(block.name)
    return tuple(names)
