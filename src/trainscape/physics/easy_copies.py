r"""Find the sector of a state that has a short description, from the generators alone.

Starting from a product state, `trainscape.physics.product_search` follows the generators, and
`trainscape.physics.bond_algebra.decompose` finds the sectors of what it reached. Nothing is known
of the algebra, and no operator on the full space is formed. What a network does to a state depends
on its Krylov space and not on the copy of it (Theorem 1 of arXiv:2512.00751), so that the
generators on one easy copy stand for those on all copies, however entangled these are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainscape.physics.bond_algebra import decompose
from trainscape.physics.bond_models import BondModel
from trainscape.physics.product_search import search_products

__all__ = ["EasyCopy", "easy_copy"]

Real = NDArray[np.float64]

OUTSIDE = 1e-10
"""Weight of a state outside its sector that is put down to rounding."""


@dataclass(frozen=True, eq=False)
class EasyCopy:
    """A Krylov space and a state in it.

    Parameters
    ----------
    generators
        The generators in an orthonormal basis of the Krylov space, shape ``(m, N, N)``.
    parts
        The state in that basis, by copies of the space, shape ``(N, n)``.
    operations
        Matrix elements looked at, and the cube of the number of states reached.
    states
        Number of product states reached.
    """

    generators: Real
    parts: Real
    operations: int
    states: int


def easy_copy(
    model: BondModel, digits: Sequence[int], applied: Sequence[int], rng: np.random.Generator
) -> EasyCopy:
    """Return the Krylov space of a product state, or of what some generators make of it.

    Parameters
    ----------
    model
        The chain.
    digits
        The product state.
    applied
        Generators that are applied to it, one after the other; their product must not vanish.
    rng
        Random stream of the decomposition.

    Raises
    ------
    ValueError
        If the state does not lie in one sector.
    """
    found = search_products(model.terms, model.site_dim, digits)
    state = np.eye(1, len(found.states))[0]
    for term in applied:
        state = found.generators[term] @ state
    state = state / np.linalg.norm(state)
    for sector in decompose(list(found.generators), rng).sectors:
        parts = np.concatenate(
            [np.einsum("aqp,a->qp", basis, state[rows]) for rows, basis in sector.pieces], axis=1
        )
        if abs((parts**2).sum() - 1) < OUTSIDE:
            operations = found.operations + len(found.states) ** 3
            return EasyCopy(sector.generators, parts, operations, len(found.states))
    raise ValueError(
        f"the state that the generators {list(applied)} make of {tuple(digits)} lies in several "
        "sectors, so that it has no label; choose another state or other generators"
    )
