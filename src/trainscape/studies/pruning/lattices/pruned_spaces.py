"""Counts and dimensions before and after pruning, and the pruned ansatz inside its space."""

from __future__ import annotations

import xarray as xr

from trainscape.physics.anticommutation_graph import classify_strings
from trainscape.physics.effective_dimension import effective_dimension
from trainscape.physics.effective_subspace import effective_subspace
from trainscape.physics.orbit_subspace import orbit_subspace
from trainscape.physics.pauli import PauliSum
from trainscape.physics.term_graph import permuted
from trainscape.pruning.compiler import prune
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import variable
from trainscape.studies.pruning.lattices import IN_ORBITS
from trainscape.studies.pruning.lattices.systems import dense_ansatz, lattice_hamiltonian

__all__ = ["dense_dimension", "sample"]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return generators (of ``exp(-i t G)``), Hamiltonian and start state in the space, counts."""
    target, dense = lattice_hamiltonian(cell["system"]), dense_ansatz(cell["system"])
    pruned = prune(target, dense)
    rng = cell.generator(Purpose.SEARCH, 0)
    totals = [block.total for block in pruned.layer]
    fixing = [
        permutation
        for permutation in pruned.tying.generators
        if all(_fixed(total, permutation) for total in totals)
    ]
    find = orbit_subspace if target.num_qubits >= IN_ORBITS else effective_subspace
    space = find(totals, pruned.start, rng, fixing)
    floor = space.floor(target, rng)
    gates = [gate.generator for gate in dense.layers[0] if gate.generator is not None]
    matrix = ("row", "column")
    numbers = {
        "qubits": (target.num_qubits, "qubits"),
        "dense_gates": (len(gates), "gates and parameters of a layer before pruning"),
        "gates": (pruned.num_gates, "Pauli rotations of a layer after pruning"),
        "parameters": (pruned.num_parameters, "parameters of a layer after pruning"),
        "dense_effective": (
            dense_dimension(gates, pruned.start),
            "effective dimension before pruning",
        ),
        "effective": (space.dimension, "effective dimension after pruning"),
        "ground": (floor.ground_energy, "ground energy"),
        "gap": (floor.gap, "lowest energy that can be reached, above the ground energy"),
    }
    return xr.Dataset(
        {
            "generators": variable(
                ("gate", *matrix), space.generators, "generators G of exp(-i t G)"
            ),
            "hamiltonian": variable(matrix, space.restricted(target), "Hamiltonian", "J"),
            "state": variable("row", space.state, "start state in the space"),
            **{name: variable((), value, text) for name, (value, text) in numbers.items()},
        }
    )


def dense_dimension(gates: list[PauliSum], start: str) -> int:
    """Return the effective dimension before pruning; all of the space if the gates make su(2^n)."""
    n = gates[0].num_qubits
    if classify_strings([gate.terms[0][1] for gate in gates]).dimension == 4**n - 1:
        return int(2**n)
    return effective_dimension(gates, start)


def _fixed(item: PauliSum, permutation: tuple[int, ...]) -> bool:
    return set(permuted(item, permutation).terms) == set(item.terms)
