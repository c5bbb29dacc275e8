"""Distributions of initial angles that do not depend on a Clifford point.

References
----------
.. [1] K. Zhang et al., arXiv:2203.09376.
.. [2] E. Grant et al., Quantum 3, 214 (2019), arXiv:1903.05076.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from trainscape.physics.pauli import PauliSum

__all__ = ["gaussian_width", "identity_block_angles", "locality"]


def locality(pauli_sum: PauliSum) -> int:
    """Return S, the largest number of qubits that a term acts on."""
    return max(len(string.support) for _, string in pauli_sum.terms)


def gaussian_width(pauli_sum: PauliSum, layers: int) -> float:
    r"""Return the standard deviation of angles that suits the locality.

    :math:`1/\sqrt{4S(L+2)}` [1]_.
    """
    return 1 / math.sqrt(4 * locality(pauli_sum) * (layers + 2))


def identity_block_angles(
    num_parameters: int, half: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return angles at which a circuit of identity blocks is the identity [2]_.

    Parameters
    ----------
    num_parameters, half
        Parameters of the circuit and of its first half, see
        `trainscape.circuits.ansatze.identity_blocks.identity_blocks`.
    rng
        Draws the angles of the first half, uniform over a full turn.
    """
    first = rng.uniform(-math.pi, math.pi, half)
    return np.concatenate([first, first, np.zeros(num_parameters - 2 * half)])
