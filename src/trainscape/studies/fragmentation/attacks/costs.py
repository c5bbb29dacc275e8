"""Run the attacks: each computes a loss of a drawn network, or its label, and counts operations.

Counts are deterministic: multiplications or elementary steps to leading order, never times; see
`trainscape.studies.fragmentation.attacks.quantities`. Losses are held against the full space where
it is small enough, else against the path basis, which knows the representation theory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.physics import temperley_lieb
from trainscape.physics.adjoint_evolution import adjoint_expectation, evolved_pauli_strings
from trainscape.physics.bond_algebra import decompose
from trainscape.physics.bond_models import BondModel
from trainscape.physics.dimer_states import dimer_mps
from trainscape.physics.energy_readout import needed_resolution, success_probability
from trainscape.physics.fragmented_models import FAMILIES
from trainscape.physics.lie_algebra import lie_algebra_upper_bound, lie_basis
from trainscape.physics.product_search import search_products
from trainscape.physics.temperley_lieb_diagrams import (
    algebra_diagrams,
    dimer_link_state,
    module_generators,
)
from trainscape.physics.word_space import word_space
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.fragmentation.attacks.one_loss import LossTask, dimer_task, product_task
from trainscape.studies.fragmentation.attacks.quantities import NUMBERS, RESOLUTIONS
from trainscape.studies.fragmentation.network import qnn_operators

__all__ = ["sample"]

Real = NDArray[np.float64]
Numbers = dict[str, Any]

LARGEST_ALGEBRA = 10
"""Length up to which the diagrams of the algebra are enumerated: 16796 of them."""


def _counts(cell: CellContext, task: LossTask, size: int, search: int, held: int) -> Numbers:
    """Return the counts of an attack that finds a space of dimension `size` and evolves in it.

    One loss is one diagonalisation of the Hamiltonian, then two changes of basis a gate.
    """
    order = size * task.ancilla_dim
    evaluation = order**3 + 2 * (cell.options["layers"] + 1) * order**2
    return {"search": search, "evaluation": evaluation, "size": size, "numbers": held}


def _compared(cell: CellContext, task: LossTask, generators: Sequence[Any], state: Real) -> Numbers:
    """Return the loss in a space and its deviation; nothing if the space is too large."""
    limit = cell.options["full_space"]
    if not task.within(len(state), limit):
        return {}
    loss = task.loss(generators, state)
    return {"loss": loss, "deviation": loss - task.exact(limit)}


def _product(cell: CellContext, model: BondModel) -> Numbers:
    """Search from a product state: below the dimer state, or of the largest component."""
    dimer = cell["sector"] == "one_dimer"
    task = (dimer_task if dimer else product_task)(cell, model)
    component = search_products(model.terms, model.site_dim, task.digits)
    state = np.eye(1, len(component.states))[0]
    if dimer:
        # The generator on the pair makes the dimer state of the product state.
        state = component.generators[0] @ state
    held = sum(h.nnz for h in component.generators)
    counts = _counts(cell, task, len(state), component.operations, held)
    return counts | _compared(cell, task, component.generators, state)


def _blocks(cell: CellContext, model: BondModel) -> Numbers:
    """Find the sectors from the generators alone and evolve in those that hold the state."""
    decomposition = decompose(model.generators(), cell.generator(Purpose.SEARCH, 0))
    known = model.name.startswith("temperley_lieb")
    task = (dimer_task if known else product_task)(cell, model)
    state, limit = task.vector(), cell.options["full_space"]
    size = max(sector.dimension for sector in decomposition.sectors)
    search = sum(states**3 for states in decomposition.components)
    held = len(model.terms) * decomposition.algebra_dimension
    counts = _counts(cell, task, size, search, held)
    if not task.within(size, limit):
        return counts
    loss = 0.0
    for sector in decomposition.sectors:
        # Sector by sector and copy by copy: a product state may have parts in several.
        pieces = [np.einsum("aqp,a->qp", vectors, state[rows]) for rows, vectors in sector.pieces]
        parts = np.concatenate(pieces, axis=1)
        weight = float((parts**2).sum())
        if weight > 1e-20:
            loss += weight * task.loss(list(sector.generators), parts)
    return {**counts, "loss": loss, "deviation": loss - task.exact(limit)}


def _adjoint_counts(size: int, layers: int) -> Numbers:
    """Return the counts for a Lie algebra of dimension `size`.

    Brackets of two generators with all elements, each a sum over structure constants; then one loss
    as in `_counts`.
    """
    return {
        "search": 2 * size**3,
        "evaluation": 2 * size**3 + 2 * (2 * layers + 2) * size**2,
        "size": size,
        "numbers": 2 * size**2,
    }


def _path_blocks(model: BondModel) -> list[Sequence[Any]]:
    """Return the generators of a Temperley-Lieb chain on each sector."""
    return [
        temperley_lieb.path_generators(model.sites, irrep.through_lines, model.site_dim)
        for irrep in temperley_lieb.irreps(model.sites, model.site_dim)
    ]


def _lie(cell: CellContext, model: BondModel) -> Numbers:
    """Count the Pauli strings of an evolved generator and the dimension of the Lie algebra.

    Where the algebra is small, find a basis and compute the loss with it. The projector of the
    label lies in the algebra up to the identity, because the algebra holds all traceless elements
    of every sector.
    """
    task = dimer_task(cell, model)
    layers = cell.options["layers"]
    generators = [h.toarray() for h in model.generators()]
    chain = np.tensordot(task.qnn.coefficients, np.array(generators), axes=1)
    first, last, *middle = task.times[0]
    strings = {"pauli_strings": evolved_pauli_strings(chain, generators[0], float(first))}
    if model.sites > cell.options["lie_solved"]:
        blocks = [np.stack(qnn_operators(task.qnn, block)) for block in _path_blocks(model)]
        return _adjoint_counts(lie_algebra_upper_bound(blocks), layers) | strings
    operators = qnn_operators(task.qnn, generators)
    basis = lie_basis(operators, cell.generator(Purpose.SEARCH, 1))
    wrong = np.diag((np.arange(task.ancilla_dim) != task.label).astype(float))
    gates = [(0, last)]
    for angle, time in zip(task.theta[0], middle, strict=True):
        gates += [(0, -time), (1, angle), (0, time)]
    loss = adjoint_expectation(
        operators,
        [*gates, (0, -first)],
        basis,
        np.kron(np.eye(model.dimension), wrong),
        np.kron(task.vector(), np.eye(task.ancilla_dim)[0]),
    )
    deviation = loss - task.exact(cell.options["full_space"])
    return _adjoint_counts(len(basis), layers) | strings | {"loss": loss, "deviation": deviation}


def _words(cell: CellContext, model: BondModel) -> Numbers:
    """Build the Krylov space of the dimer state from words kept as matrix product states."""
    task = dimer_task(cell, model)
    start = dimer_mps(model.sites, task.arcs or 0, model.site_dim)
    space = word_space(start, [term.matrix.toarray() for term in model.terms], model.site_dim)
    return {
        **_counts(cell, task, space.rank, space.operations, space.numbers),
        "word_length": space.word_length,
        "bond_dimension": space.bond_dimension,
        **_compared(cell, task, space.generators, space.state),
    }


def _diagrams(cell: CellContext, model: BondModel) -> Numbers:
    """Compute with link states; the diagrams of the whole algebra are only counted."""
    task = dimer_task(cell, model)
    link = dimer_link_state(model.sites, task.arcs or 0)
    generators, state, operations = module_generators(link, model.site_dim)
    size = len(state)
    counts = _counts(cell, task, size, operations, size**2 + (model.sites - 1) * size)
    if model.sites <= LARGEST_ALGEBRA:
        counts["diagrams"] = algebra_diagrams(model.sites)
    return counts | _compared(cell, task, generators, state)


def _energy(cell: CellContext, model: BondModel) -> Numbers:
    """List the eigenvalues of all sectors, and find how well an energy must be measured."""
    qnn = dimer_task(cell, model).qnn
    levels = [
        np.linalg.eigvalsh(
            sum(c * h for c, h in zip(qnn.coefficients, block, strict=True)).toarray()
        )
        for block in _path_blocks(model)
    ]
    sizes = [len(values) for values in levels]
    energies, names = np.concatenate(levels), np.repeat(np.arange(len(sizes)), sizes)
    width = float(np.ptp(energies))
    resolution = needed_resolution(energies, names, 0.9) / width
    return {
        "search": sum(size**3 for size in sizes),
        # Evolution time of one phase estimation, in units of the inverse width.
        "evaluation": 1 / resolution,
        "size": len(energies),
        "numbers": len(energies),
        "resolution": resolution,
        # Share of wrong labels with a perfect measurement: levels shared by two sectors.
        "deviation": 1 - success_probability(energies, names, 1e-12 * width),
        "success": [success_probability(energies, names, width * error) for error in RESOLUTIONS],
    }


ATTACKS = {
    "product": _product,
    "blocks": _blocks,
    "lie": _lie,
    "words": _words,
    "diagrams": _diagrams,
    "energy": _energy,
}


def _krylov_sum(model: BondModel) -> int:
    """Return N of a model that is attacked.

    The diagonal generators of t-J_z chains with fields alone make all ``3**sites`` states distinct.
    """
    if model.name.startswith("temperley_lieb"):
        return temperley_lieb.krylov_dimension_sum(model.sites)
    return int(model.site_dim**model.sites)


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the numbers of one attack, and for the energy attack its success curve.

    The numbers are in the order of `trainscape.studies.fragmentation.attacks.quantities.NUMBERS`.
    """
    model = FAMILIES[cell["model"]](cell["sites"])
    known = {"hilbert_dimension": model.dimension, "krylov_sum": _krylov_sum(model)}
    reported: Mapping[str, Any] = known | ATTACKS[cell["attack"]](cell, model)
    numbers = np.array([float(reported.get(name, np.nan)) for name in NUMBERS])
    curve = np.array(reported.get("success", np.full(len(RESOLUTIONS), np.nan)))
    return xr.Dataset({"numbers": (("quantity",), numbers), "success": (("resolution",), curve)})
