r"""How much memory the translation task asks of a classical model, in dimensions and in bits.

A sentence stores weights on all :math:`D = \binom{n}{k}` edges. Three different weights of one edge
have a context without an outcome that all three allow. Hence

dimensions
    a *continuous* map of the weights to fewer than D real numbers has a fibre on which some weight
    takes three values (dimension theory), so that D numbers are necessary. The paper's theorem,
    for smooth networks with Morse conditions, says :math:`\binom{n}{k} - 1`; where one weight is
    fixed for reference the two agree.
states
    with weights on a grid of N levels, a latent state serves at most two levels of each edge:
    :math:`(N / 2)^D` states are necessary, and enough.
bits
    :math:`D \log_2 (N / 2)`. No model escapes this one, whatever its activations; the bound on
    dimensions is escaped by discontinuous ones, see `trainscape.physics.hypergraph.bit_packing`.
"""

from __future__ import annotations

import math

from trainscape.physics.hypergraph.dimensions import num_edges

__all__ = ["edge_states", "memory_bits", "memory_states", "needed_dimension", "paper_dimension"]


def needed_dimension(modes: int, order: int, *, reference: bool = False) -> int:
    """Return the latent dimension that continuous models need.

    Parameters
    ----------
    modes, order
        Modes n and degree k, with 1 <= k <= n.
    reference
        Whether one weight is fixed, so that one dimension less is needed.
    """
    return num_edges(modes, order) - (1 if reference else 0)


def paper_dimension(modes: int, order: int) -> int:
    """Return the latent dimension of the paper's bound, C(n, k) - 1."""
    return needed_dimension(modes, order) - 1


def edge_states(levels: int) -> int:
    """Return how many latent states one edge with a grid of `levels` weights needs: N / 2, up."""
    if levels < 1:
        raise ValueError(f"a grid has one level at least, not {levels}")
    return -(-levels // 2)


def memory_states(modes: int, order: int, levels: int) -> int:
    """Return how many latent states weights on a grid of `levels` values need, for no violation."""
    return int(edge_states(levels) ** needed_dimension(modes, order))


def memory_bits(modes: int, order: int, levels: int) -> float:
    """Return the bits of `memory_states`."""
    return needed_dimension(modes, order) * math.log2(edge_states(levels))
