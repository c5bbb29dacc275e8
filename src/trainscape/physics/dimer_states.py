r"""Dimer states of the Temperley-Lieb chain in the forms that different methods need.

The dimer state with ``k`` arcs on the first ``2k`` sites and a frozen rest,
:math:`e_1 e_3 \dots e_{2k-1} |00\dots00\,0101\dots\rangle`, lies in the sector with
:math:`L - 2k` through lines. It is the path (0, 1, 0, 1, .., 0, 1, 2, ..) of
`trainscape.physics.temperley_lieb`, so that the path basis gives its expectation values for any
length without the full space. `trainscape.physics.temperley_lieb_diagrams.dimer_link_state` is its
diagram.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import quimb.tensor as qtn
from numpy.typing import NDArray

from trainscape.physics import temperley_lieb
from trainscape.physics.word_space import apply_bond

__all__ = ["dimer_digits", "dimer_mps", "dimer_path_state", "dimer_vector"]

Real = NDArray[np.float64]


def dimer_digits(sites: int, arcs: int) -> tuple[int, ...]:
    """Return the product state from which ``e_1 e_3 .. e_{2 arcs - 1}`` makes the dimer state.

    It has zeros below the arcs, then 0, 1, 0, 1, .., which every generator annihilates.
    """
    return (0,) * (2 * arcs) + tuple(site % 2 for site in range(sites - 2 * arcs))


def dimer_path_state(sites: int, arcs: int) -> Real:
    """Return the dimer state in the path basis of its sector, shape ``(N_lambda,)``.

    Its heights go up and down for each arc, then up.
    """
    heights = (0,) + (1, 0) * arcs + tuple(range(1, sites - 2 * arcs + 1))
    paths = temperley_lieb.paths(sites, sites - 2 * arcs)
    state: Real = (paths == np.array(heights)).all(axis=1).astype(np.float64)
    return state


def dimer_vector(sites: int, arcs: int, site_dim: int) -> Real:
    """Return the normalised dimer state on the full space, shape ``(site_dim**sites,)``."""
    rest = [np.eye(site_dim)[digit] for digit in dimer_digits(sites, arcs)[2 * arcs :]]
    state: Any = 1.0
    for factor in [np.eye(site_dim).ravel()] * arcs + rest:
        state = np.kron(state, factor)
    return np.asarray(state / np.linalg.norm(state), dtype=np.float64)


def dimer_mps(sites: int, arcs: int, site_dim: int) -> Any:
    """Return the dimer state as a normalised matrix product state of quimb."""
    product = [np.eye(site_dim)[digit] for digit in dimer_digits(sites, arcs)]
    state = qtn.MPS_product_state(product)
    pair = np.outer(np.eye(site_dim).ravel(), np.eye(site_dim).ravel())
    for arc in range(arcs):
        state = apply_bond(state, pair, 2 * arc, site_dim)[0]
    return state
