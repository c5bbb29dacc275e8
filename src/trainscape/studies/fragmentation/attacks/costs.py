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
from trainscape.physics.bond_algebra import decompose, product_components
from trainscape.physics.bond_models import BondModel
from trainscape.physics.dimer_states import dimer_digits, dimer_mps, dimer_vector
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
from trainscape.studies.fragmentation.attacks.one_loss import (
    DrawnNetwork,
    dimer_task,
    draw_network,
    evaluation_operations,
    loss_in,
)
from trainscape.studies.fragmentation.attacks.quantities import NUMBERS, RESOLUTIONS
from trainscape.studies.fragmentation.network import qnn_operators

__all__ = ["sample"]

Real = NDArray[np.float64]
Numbers = dict[str, Any]

LARGEST_ALGEBRA = 10
"""Length up to which the diagrams of the algebra are enumerated: 16796 of them."""


def _unit(model: BondModel, digits: Sequence[int]) -> Real:
    index = 0
    for digit in digits:
        index = index * model.site_dim + digit
    state = np.zeros(model.dimension)
    state[index] = 1
    return state


def _product_task(cell: CellContext, model: BondModel) -> tuple[DrawnNetwork, tuple[int, ...]]:
    """Return the network for a product state of the largest connected component, and that state.

    Outcome 0 counts as its label, since it may lie in several sectors. The number of labels is that
    of the sectors, which is known for Temperley-Lieb chains and t-J_z chains with fields.
    """
    components = product_components(model.generators())
    known = model.name.startswith("temperley_lieb")
    labels = len(temperley_lieb.irreps(model.sites, 2)) if known else len(components)
    norm = float(np.linalg.norm(model.terms[0].matrix.toarray(), 2))
    start = model.digits()[max(components, key=len)[0]]
    return draw_network(cell, len(model.terms), labels, 1 / norm), tuple(start.tolist())


def _full_space_loss(
    cell: CellContext, network: DrawnNetwork, model: BondModel, state: Real
) -> float:
    """Return the loss on the full space, or NaN if that is too large."""
    if model.dimension * network.ancilla_dim > cell.options["full_space"]:
        return float("nan")
    return loss_in(network, model.generators(), state, 0)


def _counts(cell: CellContext, network: DrawnNetwork, size: int, search: int, held: int) -> Numbers:
    """Return the counts of an attack that finds a space of dimension `size` and evolves in it."""
    evaluation = evaluation_operations(size, network.ancilla_dim, cell.options["layers"])
    return {"search": search, "evaluation": evaluation, "size": size, "numbers": held}


def _within_reach(cell: CellContext, network: DrawnNetwork, size: int) -> bool:
    return bool(size * network.ancilla_dim <= cell.options["full_space"])


def _product(cell: CellContext, model: BondModel) -> Numbers:
    """Search from a product state: below the dimer state, or of the largest component."""
    dimer = cell["sector"] == "one_dimer"
    task = dimer_task(cell, model) if dimer else None
    if task is not None:
        network, start = task.network, dimer_digits(model.sites, task.arcs)
    else:
        network, start = _product_task(cell, model)
    component = search_products(model.terms, model.site_dim, start)
    size = len(component.states)
    held = sum(h.nnz for h in component.generators)
    numbers = _counts(cell, network, size, component.operations, held)
    if not _within_reach(cell, network, size):
        return numbers
    state = np.eye(size)[0]
    if task is not None:
        # The generator on the pair makes the dimer state of the product state.
        state = component.generators[0] @ state
        loss = loss_in(network, component.generators, state, task.label)
        return {**numbers, "loss": loss, "deviation": loss - task.exact()}
    loss = loss_in(network, component.generators, state, 0)
    exact = _full_space_loss(cell, network, model, _unit(model, start))
    return {**numbers, "loss": loss, "deviation": loss - exact}


def _blocks(cell: CellContext, model: BondModel) -> Numbers:
    """Find the sectors from the generators alone and evolve in those that hold the state."""
    decomposition = decompose(model.generators(), cell.generator(Purpose.SEARCH, 0))
    if model.name.startswith("temperley_lieb"):
        task = dimer_task(cell, model)
        network, label, exact = task.network, task.label, task.exact()
        state = dimer_vector(model.sites, task.arcs, model.site_dim)
    else:
        network, start = _product_task(cell, model)
        label, state = 0, _unit(model, start)
        exact = _full_space_loss(cell, network, model, state)
    size = max(sector.dimension for sector in decomposition.sectors)
    search = sum(states**3 for states in decomposition.components)
    held = len(model.terms) * decomposition.algebra_dimension
    numbers = _counts(cell, network, size, search, held)
    if not _within_reach(cell, network, size):
        return numbers
    loss = 0.0
    for sector in decomposition.sectors:
        # Sector by sector and copy by copy: a product state may have parts in several.
        parts = np.concatenate(
            [np.einsum("aqp,a->qp", vectors, state[rows]) for rows, vectors in sector.pieces],
            axis=1,
        )
        weight = float((parts**2).sum())
        if weight > 1e-20:
            loss += weight * loss_in(network, list(sector.generators), parts, label)
    return {**numbers, "loss": loss, "deviation": loss - exact}


def _adjoint_counts(size: int, layers: int) -> Numbers:
    """Return the counts for a Lie algebra of dimension `size`.

    Brackets of two generators with all elements, each a sum over structure constants; then one loss
    as in `evaluation_operations`.
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
    network, layers = task.network, cell.options["layers"]
    generators = [h.toarray() for h in model.generators()]
    chain = np.tensordot(network.qnn.coefficients, np.array(generators), axes=1)
    first, last, *middle = network.times[0]
    strings = {"pauli_strings": evolved_pauli_strings(chain, generators[0], float(first))}
    if model.sites > cell.options["lie_solved"]:
        blocks = [np.stack(qnn_operators(network.qnn, block)) for block in _path_blocks(model)]
        return _adjoint_counts(lie_algebra_upper_bound(blocks), layers) | strings
    operators = qnn_operators(network.qnn, generators)
    basis = lie_basis(operators, cell.generator(Purpose.SEARCH, 1))
    wrong = np.diag((np.arange(network.ancilla_dim) != task.label).astype(float))
    dimers = dimer_vector(model.sites, task.arcs, model.site_dim)
    gates = [(0, last)]
    for angle, time in zip(network.theta[0], middle, strict=True):
        gates += [(0, -time), (1, angle), (0, time)]
    loss = adjoint_expectation(
        operators,
        [*gates, (0, -first)],
        basis,
        np.kron(np.eye(model.dimension), wrong),
        np.kron(dimers, np.eye(network.ancilla_dim)[0]),
    )
    deviation = loss - task.exact()
    return _adjoint_counts(len(basis), layers) | strings | {"loss": loss, "deviation": deviation}


def _words(cell: CellContext, model: BondModel) -> Numbers:
    """Build the Krylov space of the dimer state from words kept as matrix product states."""
    task = dimer_task(cell, model)
    start = dimer_mps(model.sites, task.arcs, model.site_dim)
    space = word_space(start, [term.matrix.toarray() for term in model.terms], model.site_dim)
    loss = loss_in(task.network, space.generators, space.state, task.label)
    return {
        **_counts(cell, task.network, space.rank, space.operations, space.numbers),
        "word_length": space.word_length,
        "bond_dimension": space.bond_dimension,
        "loss": loss,
        "deviation": loss - task.exact(),
    }


def _diagrams(cell: CellContext, model: BondModel) -> Numbers:
    """Compute with link states; the diagrams of the whole algebra are only counted."""
    task = dimer_task(cell, model)
    link = dimer_link_state(model.sites, task.arcs)
    generators, state, operations = module_generators(link, model.site_dim)
    size = len(state)
    held = size**2 + (model.sites - 1) * size
    numbers = _counts(cell, task.network, size, operations, held)
    if model.sites <= LARGEST_ALGEBRA:
        numbers["diagrams"] = algebra_diagrams(model.sites)
    if not _within_reach(cell, task.network, size):
        return numbers
    loss = loss_in(task.network, generators, state, task.label)
    return {**numbers, "loss": loss, "deviation": loss - task.exact()}


def _energy(cell: CellContext, model: BondModel) -> Numbers:
    """List the eigenvalues of all sectors, and find how well an energy must be measured."""
    network = dimer_task(cell, model).network
    levels = [
        np.linalg.eigvalsh(
            sum(c * h for c, h in zip(network.qnn.coefficients, block, strict=True)).toarray()
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
