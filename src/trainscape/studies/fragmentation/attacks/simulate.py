"""Run the attacks: each computes the loss of one state of a drawn network, or its label, and counts what that takes.

Counts are deterministic: multiplications or elementary steps to leading order, never times. ``search`` is what an attack does once to get an effective description of the model, ``evaluation`` one loss
with it (`network.evaluation_operations`), ``size`` the dimension of that description, ``numbers`` how many numbers it holds. ``deviation`` is the distance from the loss that another method gives: the full space
where that is small enough, else the path basis, which knows the representation theory; NaN where neither is in reach.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.physics import temperley_lieb
from trainscape.physics.bond_algebra import decompose, product_components
from trainscape.physics.fragmented_models import FAMILIES, BondModel
from trainscape.physics.lie_algebra import lie_algebra_upper_bound
from trainscape.studies.contract import CellContext, Purpose, Stage, SummaryContext
from trainscape.studies.fragmentation.attacks.diagrams import (
    algebra_diagrams,
    dimer_link_state,
    module_generators,
)
from trainscape.studies.fragmentation.attacks.energy import needed_resolution, success_probability
from trainscape.studies.fragmentation.attacks.gns import dimer_mps, word_space
from trainscape.studies.fragmentation.attacks.gsim import (
    adjoint_loss,
    evolved_pauli_strings,
    lie_basis,
)
from trainscape.studies.fragmentation.attacks.network import (
    Network,
    arcs_of,
    dimer_digits,
    draw_network,
    evaluation_operations,
    loss_in,
    reference_loss,
)
from trainscape.studies.fragmentation.attacks.product_search import search_products
from trainscape.studies.fragmentation.network import qnn_operators

__all__ = ["NUMBERS", "RESOLUTIONS", "sample", "summarise"]

Real = NDArray[np.float64]

NUMBERS = (
    "search",
    "evaluation",
    "size",
    "numbers",
    "loss",
    "deviation",
    "krylov_sum",
    "hilbert_dimension",
    "word_length",
    "bond_dimension",
    "pauli_strings",
    "diagrams",
    "resolution",
)
"""What a cell can report; NaN where an attack has no such number. `resolution`: energy error over spectral width at which 90 % of the labels are right."""
RESOLUTIONS = np.geomspace(1e-6, 1.0, 25)
"""Energy errors over the spectral width of the success curves."""
LARGEST_ALGEBRA = 10
"""Length up to which the diagrams of the algebra are enumerated: 16796 of them."""


def _full_space_loss(
    cell: CellContext, network: Network, model: BondModel, state: Real, label: int
) -> float:
    """Return the loss on the full space, or NaN if that is too large."""
    if model.dimension * network.ancilla_dim > cell.options["full_space"]:
        return float("nan")
    return loss_in(network, model.generators(), state, label)


def _temperley_lieb_network(cell: CellContext, model: BondModel) -> tuple[Network, int, int]:
    """Return the network of a Temperley-Lieb cell, the number of arcs of its state, and its label."""
    sectors = temperley_lieb.irreps(model.sites, model.site_dim)
    network = draw_network(cell, len(model.terms), len(sectors), 1 / model.site_dim)
    arcs = arcs_of(model.sites, cell["sector"])
    lines = [irrep.through_lines for irrep in sectors]
    return network, arcs, lines.index(model.sites - 2 * arcs)


def _unit(model: BondModel, digits: Sequence[int]) -> Real:
    index = 0
    for digit in digits:
        index = index * model.site_dim + digit
    state = np.zeros(model.dimension)
    state[index] = 1
    return state


def _dimer_state(model: BondModel, arcs: int) -> Real:
    """Return the dimer state on the full space."""
    state = _unit(model, dimer_digits(model.sites, arcs))
    generators = model.generators()
    for arc in range(arcs):
        state = generators[2 * arc] @ state
    return np.asarray(state / np.linalg.norm(state))


def _largest_component_start(model: BondModel) -> tuple[int, ...]:
    """Return a product state of the largest connected component."""
    rows = max(product_components(model.generators()), key=len)
    return tuple(model.digits()[rows[0]].tolist())


def _product(cell: CellContext, model: BondModel) -> dict[str, float]:
    """Search from a product state: below the dimer state, or of the largest component, where outcome 0 counts as its label, since it may lie in several sectors."""
    dimer = cell["sector"] == "one_dimer"
    if dimer:
        network, arcs, label = _temperley_lieb_network(cell, model)
        start = dimer_digits(model.sites, arcs)
    else:
        network, arcs, label = (
            draw_network(cell, len(model.terms), _labels(model), 1 / _first_norm(model)),
            0,
            0,
        )
        start = _largest_component_start(model)
    found = search_products(model.terms, model.site_dim, start)
    size = len(found.states)
    numbers: dict[str, float] = {
        "search": found.operations,
        "evaluation": evaluation_operations(size, network.ancilla_dim, cell.options["layers"]),
        "size": size,
        "numbers": sum(h.nnz for h in found.generators),
    }
    if size * network.ancilla_dim > cell.options["full_space"]:
        return numbers
    # The generator on the pair makes the dimer state of the product state.
    state = found.generators[0] @ np.eye(size)[0] if dimer else np.eye(size)[0]
    loss = loss_in(network, found.generators, state, label)
    if dimer:
        exact = reference_loss(network, model.sites, model.site_dim, arcs, label)
    else:
        exact = _full_space_loss(cell, network, model, _unit(model, start), label)
    return {**numbers, "loss": loss, "deviation": loss - exact}


def _labels(model: BondModel) -> int:
    """Return the number of labels of the network: exact for Temperley-Lieb chains and t-J_z chains with fields, whose numbers of sectors are known."""
    if model.name.startswith("temperley_lieb"):
        return len(temperley_lieb.irreps(model.sites, 2))
    return len(product_components(model.generators()))


def _first_norm(model: BondModel) -> float:
    return float(np.linalg.norm(model.terms[0].matrix.toarray(), 2))


def _blocks(cell: CellContext, model: BondModel) -> dict[str, float]:
    """Find the sectors from the generators alone and evolve in the one that holds the state."""
    found = decompose(model.generators(), cell.generator(Purpose.SEARCH, 0))
    if model.name.startswith("temperley_lieb"):
        network, arcs, label = _temperley_lieb_network(cell, model)
        state = _dimer_state(model, arcs)
        reference = reference_loss(network, model.sites, model.site_dim, arcs, label)
    else:
        network, label = (
            draw_network(cell, len(model.terms), _labels(model), 1 / _first_norm(model)),
            0,
        )
        state = _unit(model, _largest_component_start(model))
        reference = _full_space_loss(cell, network, model, state, label)
    size = max(sector.dimension for sector in found.sectors)
    numbers: dict[str, float] = {
        "search": sum(states**3 for states in found.components),
        "evaluation": evaluation_operations(size, network.ancilla_dim, cell.options["layers"]),
        "size": size,
        "numbers": len(model.terms) * found.algebra_dimension,
    }
    if size * network.ancilla_dim <= cell.options["full_space"]:
        loss = 0.0
        for sector in found.sectors:
            # Sector by sector and copy by copy: a product state may have parts in several.
            parts = np.concatenate(
                [np.einsum("aqp,a->qp", vectors, state[rows]) for rows, vectors in sector.pieces],
                axis=1,
            )
            weight = float((parts**2).sum())
            if weight > 1e-20:
                loss += weight * loss_in(network, list(sector.generators), parts, label)
        numbers |= {"loss": loss, "deviation": loss - reference}
    return numbers


def _lie(cell: CellContext, model: BondModel) -> dict[str, float]:
    """Count the Pauli strings of an evolved generator and the dimension of the Lie algebra; where it is small, find a basis and compute the loss with it."""
    network, arcs, label = _temperley_lieb_network(cell, model)
    layers = cell.options["layers"]
    generators = [h.toarray() for h in model.generators()]
    chain = np.tensordot(network.qnn.coefficients, np.array(generators), axes=1)
    strings = evolved_pauli_strings(chain, generators[0], float(network.times[0, 0]))
    if model.sites > cell.options["lie_solved"]:
        sectors = [
            np.stack(
                qnn_operators(
                    network.qnn,
                    temperley_lieb.path_generators(
                        model.sites, irrep.through_lines, model.site_dim
                    ),
                )
            )
            for irrep in temperley_lieb.irreps(model.sites, model.site_dim)
        ]
        size = lie_algebra_upper_bound(sectors)
        return {**_adjoint_counts(size, layers), "pauli_strings": strings}
    hamiltonian, gate = qnn_operators(network.qnn, generators)
    basis = lie_basis([hamiltonian, gate], cell.generator(Purpose.SEARCH, 1))
    observable = np.kron(
        np.eye(model.dimension), np.diag((np.arange(network.ancilla_dim) != label).astype(float))
    )
    state = np.kron(_dimer_state(model, arcs), np.eye(network.ancilla_dim)[0])
    loss = adjoint_loss(
        hamiltonian, gate, basis, observable, state, network.theta[0], network.times[0]
    )
    exact = reference_loss(network, model.sites, model.site_dim, arcs, label)
    return {
        **_adjoint_counts(len(basis), layers),
        "pauli_strings": strings,
        "loss": loss,
        "deviation": loss - exact,
    }


def _adjoint_counts(size: int, layers: int) -> dict[str, float]:
    """Return the counts for a Lie algebra of some dimension: brackets of two generators with all elements, each a sum over structure constants; then as in `evaluation_operations`."""
    return {
        "search": 2 * size**3,
        "evaluation": 2 * size**3 + 2 * (2 * layers + 2) * size**2,
        "size": size,
        "numbers": 2 * size**2,
    }


def _words(cell: CellContext, model: BondModel) -> dict[str, float]:
    """Build the Krylov space of the dimer state from words kept as matrix product states."""
    network, arcs, label = _temperley_lieb_network(cell, model)
    start = dimer_mps(dimer_digits(model.sites, arcs), arcs, model.site_dim)
    space = word_space(start, [term.matrix.toarray() for term in model.terms], model.site_dim)
    loss = loss_in(network, space.generators, space.state, label)
    return {
        "search": space.operations,
        "evaluation": evaluation_operations(
            space.rank, network.ancilla_dim, cell.options["layers"]
        ),
        "size": space.rank,
        "numbers": space.numbers,
        "word_length": space.word_length,
        "bond_dimension": space.bond_dimension,
        "loss": loss,
        "deviation": loss - reference_loss(network, model.sites, model.site_dim, arcs, label),
    }


def _diagrams(cell: CellContext, model: BondModel) -> dict[str, float]:
    """Compute with link states; the diagrams of the whole algebra are only counted."""
    network, arcs, label = _temperley_lieb_network(cell, model)
    generators, state, operations = module_generators(
        dimer_link_state(model.sites, arcs), model.site_dim
    )
    size = len(state)
    numbers: dict[str, float] = {
        "search": operations,
        "evaluation": evaluation_operations(size, network.ancilla_dim, cell.options["layers"]),
        "size": size,
        "numbers": size**2 + (model.sites - 1) * size,
        "diagrams": algebra_diagrams(model.sites)
        if model.sites <= LARGEST_ALGEBRA
        else float("nan"),
    }
    if size * network.ancilla_dim <= cell.options["full_space"]:
        numbers["loss"] = loss_in(network, generators, state, label)
        numbers["deviation"] = numbers["loss"] - reference_loss(
            network, model.sites, model.site_dim, arcs, label
        )
    return numbers


def _energy(cell: CellContext, model: BondModel) -> dict[str, Any]:
    """List the eigenvalues of all sectors, and find how well an energy must be measured to name the sector."""
    network, _, _ = _temperley_lieb_network(cell, model)
    levels, labels, search = [], [], 0
    for label, irrep in enumerate(temperley_lieb.irreps(model.sites, model.site_dim)):
        generators = temperley_lieb.path_generators(
            model.sites, irrep.through_lines, model.site_dim
        )
        matrix = sum(c * h for c, h in zip(network.qnn.coefficients, generators, strict=True))
        levels.append(np.linalg.eigvalsh(matrix.toarray()))
        labels += [label] * irrep.dimension
        search += irrep.dimension**3
    energies, names = np.concatenate(levels), np.array(labels)
    width = float(np.ptp(energies))
    resolution = needed_resolution(energies, names, 0.9) / width
    return {
        "search": search,
        # Evolution time of one phase estimation, in units of the inverse width.
        "evaluation": 1 / resolution,
        "size": len(energies),
        "numbers": len(energies),
        "resolution": resolution,
        # Share of wrong labels with a perfect measurement: levels shared by two sectors.
        "deviation": 1 - success_probability(energies, names, 1e-12 * width),
        "success": np.array(
            [success_probability(energies, names, width * error) for error in RESOLUTIONS]
        ),
    }


ATTACKS = {
    "product": _product,
    "blocks": _blocks,
    "lie": _lie,
    "words": _words,
    "diagrams": _diagrams,
    "energy": _energy,
}


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the numbers of one attack, in the order of `NUMBERS`, and for the energy attack its success curve."""
    model = FAMILIES[cell["model"]](cell["sites"])
    found: Mapping[str, Any] = ATTACKS[cell["attack"]](cell, model)
    exact = {"hilbert_dimension": model.dimension, "krylov_sum": _krylov_sum(model)}
    numbers = np.array([float({**exact, **found}.get(name, np.nan)) for name in NUMBERS])
    curve = found.get("success", np.full(len(RESOLUTIONS), np.nan))
    return xr.Dataset({"numbers": (("quantity",), numbers), "success": (("resolution",), curve)})


def _krylov_sum(model: BondModel) -> int:
    """Return N of the models that are attacked: Temperley-Lieb, and t-J_z with fields, whose diagonal generators alone make all ``3**sites`` states distinct."""
    return (
        temperley_lieb.krylov_dimension_sum(model.sites)
        if model.name.startswith("temperley_lieb")
        else int(model.site_dim**model.sites)
    )


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each attack, model, length and kind of sector."""
    cells = context.cells(Stage.SIMULATE)
    table = np.stack([cell.data["numbers"].values for cell in cells])
    names = {
        name: ("row", np.array([cell[name] for cell in cells]))
        for name in ("attack", "model", "sector", "sites")
    }
    curves = np.stack([cell.data["success"].values for cell in cells])
    variables: dict[str, Any] = {
        name: ("row", table[:, column]) for column, name in enumerate(NUMBERS)
    }
    variables["total"] = (
        "row",
        table[:, NUMBERS.index("search")] + table[:, NUMBERS.index("evaluation")],
    )
    return xr.Dataset(
        {**variables, "success": (("row", "error"), curves)}, coords={**names, "error": RESOLUTIONS}
    )
