"""Run the attacks: each computes a loss of a drawn network, or its label, and counts operations.

Counts are deterministic: multiplications or elementary steps to leading order, never times. Losses
are held against the full space where it is small enough, else against the path basis, which knows
the representation theory.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import xarray as xr

from trainscape.physics.adjoint_evolution import adjoint_expectation, evolved_pauli_strings
from trainscape.physics.bond_algebra import decompose
from trainscape.physics.bond_models import BondModel
from trainscape.physics.closed_forms import closed_forms
from trainscape.physics.dimer_states import dimer_digits, dimer_mps
from trainscape.physics.easy_copies import EasyCopy, easy_copy
from trainscape.physics.energy_readout import energy_readout
from trainscape.physics.fragmented_models import FAMILIES
from trainscape.physics.lie_algebra import lie_algebra_upper_bound, lie_basis
from trainscape.physics.product_search import search_products
from trainscape.physics.temperley_lieb_diagrams import (
    algebra_diagrams,
    dimer_link_state,
    module_generators,
)
from trainscape.physics.temperley_lieb_sectors import path_sectors
from trainscape.physics.word_space import word_space
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.fragmentation.attacks.one_loss import LossTask, dimer_task, product_task
from trainscape.studies.fragmentation.network import qnn_operators

__all__ = ["NUMBERS", "RESOLUTIONS", "sample"]

Numbers = dict[str, Any]

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
"""What a cell reports; NaN where an attack has no such number.

``search`` is what an attack does once to get an effective description of the model, ``evaluation``
one loss with it, ``size`` the dimension of that description, ``numbers`` how many numbers it holds.
``deviation`` is the distance from the loss that another method gives. ``resolution`` is the energy
error over the spectral width at which 90 % of the labels are right."""

RESOLUTIONS = np.geomspace(1e-6, 1.0, 25)
"""Energy errors over the spectral width of the success curves."""

LARGEST_ALGEBRA = 10
"""Length up to which the diagrams of the algebra are enumerated: 16796 of them."""


def _numbers(
    cell: CellContext,
    task: LossTask,
    loss: Callable[[], float],
    *,
    size: int,
    search: int,
    numbers: int,
) -> Numbers:
    """Return the numbers of an attack that finds a space of dimension `size` and evolves in it.

    One loss is one diagonalisation of the Hamiltonian, then two changes of basis a gate. It is
    computed and compared where the space is small enough.
    """
    order, limit = size * task.ancilla_dim, cell.options["full_space"]
    evaluation = order**3 + 2 * (cell.options["layers"] + 1) * order**2
    counts = {"search": search, "evaluation": evaluation, "size": size, "numbers": numbers}
    if order > limit:
        return counts
    value = loss()
    return {**counts, "loss": value, "deviation": value - task.exact(limit)}


def _product(cell: CellContext, model: BondModel) -> Numbers:
    """Search from a product state: below the dimer state, or of the largest component."""
    dimer = cell["sector"] == "one_dimer"
    task = (dimer_task if dimer else product_task)(cell, model)
    found = search_products(model.terms, model.site_dim, task.digits)
    state = np.eye(1, len(found.states))[0]
    if dimer:
        # The generator on the pair makes the dimer state of the product state.
        state = found.generators[0] @ state
    loss = partial(task.loss, found.generators, state)
    held = sum(h.nnz for h in found.generators)
    return _numbers(cell, task, loss, size=len(state), search=found.operations, numbers=held)


def _easy_copy(cell: CellContext, model: BondModel) -> EasyCopy:
    """Return the Krylov space of the state with one dimer, from what a product state reaches."""
    return easy_copy(model, dimer_digits(model.sites, 1), [0], cell.generator(Purpose.SEARCH, 0))


def _blocks(cell: CellContext, model: BondModel) -> Numbers:
    """Find the sectors from the generators alone and evolve in those that hold the state.

    Beside one dimer, only the sectors of what a product state reaches are looked for.
    """
    if cell["sector"] == "one_dimer":
        task, copy = dimer_task(cell, model), _easy_copy(cell, model)
        loss = partial(task.loss, list(copy.generators), copy.parts)
        size = len(copy.parts)
        held = copy.generators.size
        return _numbers(cell, task, loss, size=size, search=copy.operations, numbers=held)
    found = decompose(model.generators(), cell.generator(Purpose.SEARCH, 0))
    known = model.name.startswith("temperley_lieb")
    task = (dimer_task if known else product_task)(cell, model)
    state = task.vector()

    def all_losses() -> float:
        # Sector by sector and copy by copy: a product state may have parts in several.
        total = 0.0
        for sector in found.sectors:
            pieces = [np.einsum("aqp,a->qp", basis, state[rows]) for rows, basis in sector.pieces]
            parts = np.concatenate(pieces, axis=1)
            weight = float((parts**2).sum())
            if weight > 1e-20:
                total += weight * task.loss(list(sector.generators), parts)
        return total

    return _numbers(
        cell,
        task,
        all_losses,
        size=max(sector.dimension for sector in found.sectors),
        search=sum(states**3 for states in found.components),
        numbers=len(model.terms) * found.algebra_dimension,
    )


def _lie(cell: CellContext, model: BondModel) -> Numbers:
    """Count the Pauli strings of an evolved generator and the dimension of the Lie algebra.

    Where the algebra is small, find a basis and compute the loss with it. The projector of the
    label lies in the algebra up to the identity, because the algebra holds all traceless elements
    of every sector. Search: brackets of two generators with all elements, each a sum over structure
    constants. Beside one dimer the algebra is that of its sector, on an easy copy, and strings on
    the full space are not counted.
    """
    task, solved = dimer_task(cell, model), model.sites <= cell.options["lie_solved"]
    beside = cell["sector"] == "one_dimer"
    copy = _easy_copy(cell, model) if beside else None
    extra: Numbers = {}
    if copy is None:
        generators, state = [h.toarray() for h in model.generators()], task.vector()
        chain = np.tensordot(task.qnn.coefficients, np.array(generators), axes=1)
        time = float(task.times[0, 0])
        extra = {"pauli_strings": evolved_pauli_strings(chain, generators[0], time)}
    else:
        generators, state = list(copy.generators), copy.parts[:, 0]
    if solved:
        operators = qnn_operators(task.qnn, generators)
        basis = lie_basis(operators, cell.generator(Purpose.SEARCH, 1))
        wrong = np.diag((np.arange(task.ancilla_dim) != task.label).astype(float))
        observable = np.kron(np.eye(len(state)), wrong)
        start = np.kron(state, np.eye(task.ancilla_dim)[0])
        loss = adjoint_expectation(operators, task.gates(), basis, observable, start)
        size = len(basis)
        extra |= {"loss": loss, "deviation": loss - task.exact(cell.options["full_space"])}
    else:
        sectors = [generators] if beside else path_sectors(model.sites, model.site_dim)
        blocks = [np.stack(qnn_operators(task.qnn, list(sector))) for sector in sectors]
        size = lie_algebra_upper_bound(blocks)
    return {
        "search": 2 * size**3 + (copy.operations if copy else 0),
        "evaluation": 2 * size**3 + 2 * (2 * cell.options["layers"] + 2) * size**2,
        "size": size,
        "numbers": 2 * size**2,
        **extra,
    }


def _words(cell: CellContext, model: BondModel) -> Numbers:
    """Build the Krylov space of the dimer state from words kept as matrix product states."""
    task = dimer_task(cell, model)
    start = dimer_mps(model.sites, task.arcs or 0, model.site_dim)
    found = word_space(start, [term.matrix.toarray() for term in model.terms], model.site_dim)
    loss = partial(task.loss, found.generators, found.state)
    search, held = found.operations, found.numbers
    extra = {"word_length": found.word_length, "bond_dimension": found.bond_dimension}
    return extra | _numbers(cell, task, loss, size=found.rank, search=search, numbers=held)


def _diagrams(cell: CellContext, model: BondModel) -> Numbers:
    """Compute with link states; the diagrams of the whole algebra are only counted."""
    task = dimer_task(cell, model)
    link = dimer_link_state(model.sites, task.arcs or 0)
    generators, state, operations = module_generators(link, model.site_dim)
    size, loss = len(state), partial(task.loss, generators, state)
    held = size**2 + (model.sites - 1) * size
    counted = model.sites <= LARGEST_ALGEBRA
    extra = {"diagrams": algebra_diagrams(model.sites)} if counted else {}
    return extra | _numbers(cell, task, loss, size=size, search=operations, numbers=held)


def _energy(cell: CellContext, model: BondModel) -> Numbers:
    """List the eigenvalues of all sectors, and find how well an energy must be measured.

    Beside one dimer, only those of that sector and of the frozen states.
    """
    top = 2 if cell["sector"] == "one_dimer" else None
    coefficients = dimer_task(cell, model).qnn.coefficients
    levels = [
        np.linalg.eigvalsh(sum(c * h for c, h in zip(coefficients, sector, strict=True)))
        for sector in path_sectors(model.sites, model.site_dim, top)
    ]
    readout = energy_readout(levels, 0.9, RESOLUTIONS)
    size = sum(map(len, levels))
    return {
        "search": sum(len(values) ** 3 for values in levels),
        # Evolution time of one phase estimation, in units of the inverse width.
        "evaluation": 1 / readout.resolution,
        "size": size,
        "numbers": size,
        "resolution": readout.resolution,
        "deviation": readout.ambiguous,
        "success": readout.success,
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
    """Return the `NUMBERS` of one attack, and for the energy attack its success curve."""
    model = FAMILIES[cell["model"]](cell["sites"])
    reported = ATTACKS[cell["attack"]](cell, model) | {
        "hilbert_dimension": model.dimension,
        "krylov_sum": closed_forms(cell["model"], cell["sites"])["krylov_sum"],
    }
    numbers = np.array([float(reported.get(name, np.nan)) for name in NUMBERS])
    curve = np.array(reported.get("success", np.full(len(RESOLUTIONS), np.nan)))
    return xr.Dataset({"numbers": ("quantity", numbers), "success": ("resolution", curve)})
