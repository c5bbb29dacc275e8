r"""Count the matrices that commute with Pauli sums, exactly.

The commutant of generators is the null space of their brackets, on all :math:`4^n` Pauli strings.
Its dimension is what the rank of the brackets leaves; the rank is found modulo two primes, apart
for strings of different degrees (`pauli_brackets`). In floating point, and with the sectors that
the commutant belongs to, `bond_algebra.decompose` gives the same number.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array, vstack

from trainscape.physics.effective_dimension import agreed
from trainscape.physics.exact_sums import exact_sums
from trainscape.physics.modular_closure import product_with
from trainscape.physics.modular_span import ModularSpan
from trainscape.physics.pauli import PauliSum
from trainscape.physics.pauli_brackets import bracket_matrix, degree_parts
from trainscape.physics.qubit_orbits import QubitSymmetry

__all__ = ["sum_commutant_dimension"]

LARGEST = 7
"""Largest number of qubits: with one part of all strings, 2 GiB and minutes."""

BLOCK, SURPLUS = 256, 2
"""Random combinations of rows at a time, and how many without a new direction end the search."""


def sum_commutant_dimension(generators: Sequence[PauliSum]) -> int:
    """Return the dimension of the space of matrices that commute with all generators.

    Parameters
    ----------
    generators
        Pauli sums on one number of qubits, 7 at most. Their scales do not matter; how weights are
        read says `exact_sums`.

    Raises
    ------
    ValueError
        If the input is inconsistent, or the register too large.
    """
    sums = exact_sums(generators)
    num_qubits = sums[0].num_qubits
    if num_qubits > LARGEST:
        raise ValueError(
            f"the commutant of sums is counted on up to {LARGEST} qubits, not {num_qubits}; for "
            "single strings use "
            "trainscape.physics.anticommutation_graph.string_commutant_dimension"
        )
    symmetry = QubitSymmetry.generated_by(num_qubits)
    codes = np.arange(4**num_qubits)
    parts = degree_parts(sums, symmetry.letters(codes, 4))
    members = [np.flatnonzero(parts == part) for part in range(int(parts.max()) + 1)]

    def rank(prime: int) -> int:
        rng = np.random.default_rng(prime)
        half = prime // 2
        matrices = [bracket_matrix(exact, symmetry, codes, prime).tocsc() for exact in sums]
        total = 0
        for member in members:
            rows = csr_array(vstack([matrix[:, member] for matrix in matrices]))
            rows = rows[np.diff(rows.indptr) > 0]
            mix = product_with(csr_array(rows.T), prime)
            span = ModularSpan(len(member), prime)
            new = BLOCK
            while new > BLOCK - SURPLUS and span.rank < len(member):
                shape = (min(BLOCK, len(member) + SURPLUS), rows.shape[0])
                mixed = rng.integers(-half, half, shape, endpoint=True)
                new = span.extend(mix(mixed.astype(np.float64)))
            total += span.rank
        return total

    return int(len(codes) - agreed(rank))
