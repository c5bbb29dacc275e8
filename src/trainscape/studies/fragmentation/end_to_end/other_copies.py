"""Losses of a trained network on other copies than those it was trained on.

Two kinds of copies without a short description as a product state: random superpositions of all
copies in the full space of a short chain, where nothing is known of sectors; and, on chains of any
length, arcs beside a superposition of two frozen strings that differ on every site, held as matrix
product states, whose Krylov spaces are built from words of generators.
"""

from typing import Any

import numpy as np
import quimb.tensor as qtn
from numpy.typing import NDArray

from trainscape.physics.bond_models import BondModel
from trainscape.physics.temperley_lieb_sectors import found_sectors
from trainscape.physics.word_space import apply_bond, word_space
from trainscape.simulators.sectors.engine import Sectors
from trainscape.simulators.sectors.problem import SectorProblem
from trainscape.studies.fragmentation.network import (
    FragmentationQNN,
    labelled_block,
    qnn_operators,
)

__all__ = ["entangled_copy", "random_copies_loss"]

Real = NDArray[np.float64]


def random_copies_loss(
    qnn: FragmentationQNN,
    model: BondModel,
    top: int,
    theta: Real,
    times: Real,
    rng: np.random.Generator,
) -> float:
    """Return the mean loss on a random copy of each of the top sectors, in the full space.

    The copies are random superpositions of all orthogonal ones.
    """
    sectors = found_sectors(model.sites, model.site_dim, rng)[-top:]
    states, labels = [], []
    for label, sector in enumerate(sectors):
        weights = rng.standard_normal(sector.multiplicity)
        states.append(sector.basis @ (weights / np.linalg.norm(weights)))
        labels += [label] * sector.dimension
    operators = qnn_operators(qnn, model.generators())
    vectors = np.concatenate(states, axis=1)
    block = labelled_block("full space", *operators, vectors, np.array(labels))
    return float(Sectors(SectorProblem((block,), times)).value(theta[None])[0])


def entangled_copy(model: BondModel, arcs: int) -> list[Any]:
    """Return the generators on the Krylov space of arcs beside two superposed frozen strings."""
    pair = model.terms[0].matrix.toarray()
    frozen = model.sites - 2 * arcs
    strings = [[(site % 2 + shift) % model.site_dim for site in range(frozen)] for shift in (0, 1)]
    one = np.eye(model.site_dim)
    first, second = (
        qtn.MPS_product_state([one[digit] for digit in [0] * (2 * arcs) + string])
        for string in strings
    )
    state = first + second if frozen else first
    state.compress()
    state.normalize()
    for arc in range(arcs):
        state = apply_bond(state, pair, 2 * arc, model.site_dim)[0]
    bonds = [term.matrix.toarray() for term in model.terms]
    return list(word_space(state, bonds, model.site_dim).generators)
