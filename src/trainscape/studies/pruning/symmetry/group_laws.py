"""Groups and symmetries of the Hamiltonians by hand, against which what is found is judged."""

from __future__ import annotations

from trainscape.studies.pruning.names import HamiltonianName

__all__ = ["group_law"]

STRINGS = {"ising": 1, "tilted": 0, "xy": 2, "xxz": 2, "heisenberg": 2, "dimer": 1, "random": 1}
CHARGES = {"ising": 0, "tilted": 0, "xy": 1, "xxz": 1, "heisenberg": 3, "dimer": 0, "random": 0}


def group_law(hamiltonian: HamiltonianName, qubits: int) -> dict[str, int]:
    """Return what has a closed form, for an even number of qubits from six on.

    A ring has 2n permutations, and one orbit of qubits and of bonds; a chain has two, and pairs of
    qubits and bonds, with the bond in the middle by itself. Couplings that alternate halve the
    group of a ring and make two orbits of bonds, random ones leave the identity. A field along X is
    one orbit of terms more on a ring, and XX, YY and ZZ have each their own.

    The product of all X, or of any two of X, Y, Z, commutes with what has no field or one along X;
    the magnetisation is a charge where XX and YY come together, and all of the total spin without
    anisotropy.
    """
    kind, _, shape = hamiltonian.rpartition("_")
    n = qubits
    orbits = {"ring": (1, 1, 2 * n), "chain": (n // 2, n // 2, 2)}
    qubit_orbits, bond_orbits, order = orbits[shape]
    if kind == "dimer":
        bond_orbits, order = 2, n
    if kind == "random":
        qubit_orbits, bond_orbits, order = n, n, 1
    fields = {"ising": 1, "dimer": 1, "random": 1, "tilted": 2}.get(kind, 0)
    letters = {"xy": 2, "xxz": 3, "heisenberg": 3}.get(kind, 1)
    return {
        "permutations": order,
        "qubit_orbits": qubit_orbits,
        "term_orbits": letters * bond_orbits + fields * qubit_orbits,
        "strings": STRINGS[kind],
        "charges": CHARGES[kind],
    }
