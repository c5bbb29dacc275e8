"""Permutations, orbits, Pauli strings and charges of a Hamiltonian, as numbered and relabelled."""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.physics.pauli import PauliSum
from trainscape.physics.pauli_symmetries import commuting_strings, local_charges
from trainscape.physics.term_graph import permuted, qubit_automorphisms
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import variable
from trainscape.studies.pruning.symmetry.spin_models import spin_model

__all__ = ["NUMBERS", "group_numbers", "sample"]

NUMBERS = {
    "terms": "terms of the Hamiltonian",
    "permutations": "permutations of qubits that leave it as it is",
    "qubit_orbits": "orbits of qubits",
    "term_orbits": "orbits of terms",
    "strings": "independent Pauli strings that commute with it",
    "charges": "independent sums of one-qubit Pauli matrices that commute with it",
}


def group_numbers(hamiltonian: PauliSum) -> dict[str, int]:
    """Return the numbers of `NUMBERS`, from the list of terms alone."""
    terms = [PauliSum((term,)) for term in hamiltonian.terms]
    group = qubit_automorphisms(hamiltonian.num_qubits, [terms])
    return {
        "terms": len(terms),
        "permutations": group.order,
        "qubit_orbits": len(group.qubit_orbits()),
        "term_orbits": len(group.sum_orbits(terms)),
        "strings": len(commuting_strings([string for _, string in hamiltonian.terms])),
        "charges": len(local_charges(hamiltonian)),
    }


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the numbers for each number of qubits, and whether relabelled ones are the same."""
    sizes = cell["sizes"]
    found, same = [], []
    for n in sizes:
        target = spin_model(cell["hamiltonian"], n, cell.generator(Purpose.INSTANCE, n))
        order = cell.generator(Purpose.STRUCTURE, n).permutation(n).tolist()
        found.append(group_numbers(target))
        same.append(group_numbers(permuted(target, order)) == found[-1])
    columns = {name: [one[name] for one in found] for name in NUMBERS}
    return xr.Dataset(
        {
            "same": variable("qubits", np.array(same), "whether the relabelled one has the same"),
            **{name: variable("qubits", columns[name], text) for name, text in NUMBERS.items()},
        },
        coords={"qubits": list(sizes)},
    )
