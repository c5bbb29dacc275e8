"""Spin-chain Hamiltonians and random observables, as sums of Pauli strings.

Couplings multiply Pauli matrices, not spins. Bonds and terms come in a fixed order: all XX bonds,
then all YY, then all ZZ; bond b joins qubits b and b + 1. The observables of arXiv 2507.06344 are
`global_z`, `heisenberg`, `biased_heisenberg`, `transverse_field_ising`, `random_pauli` and
`random_pauli_sum`.
"""

from __future__ import annotations

import math

import numpy as np

from trainscape.physics.pauli import PauliString, PauliSum

__all__ = [
    "biased_heisenberg",
    "global_z",
    "heisenberg",
    "random_pauli",
    "random_pauli_sum",
    "transverse_field_ising",
]


def global_z(num_qubits: int) -> PauliSum:
    """Return ``Z x Z x ... x Z`` on all qubits."""
    _check_size("the product of Z on all qubits", num_qubits, 1)
    return PauliSum(((1.0, PauliString("Z" * num_qubits)),))


def heisenberg(num_qubits: int, coupling: float = 1.0) -> PauliSum:
    r"""Return the open Heisenberg chain, with ``3 (n - 1)`` terms.

    It is :math:`J \sum_b (X_b X_{b+1} + Y_b Y_{b+1} + Z_b Z_{b+1})` with the coupling J; a positive
    J is antiferromagnetic.
    """
    _check_size("the Heisenberg chain", num_qubits, 2)
    return PauliSum(
        tuple(
            (coupling, _pair(num_qubits, bond, bond + 1, letter))
            for letter in "XYZ"
            for bond in range(num_qubits - 1)
        )
    )


def biased_heisenberg(num_qubits: int) -> PauliSum:
    """Return the mean of the Heisenberg terms, plus X...X, Y...Y and Z...Z on all qubits.

    The mean is that of the terms of the open chain, `heisenberg`.

    On two qubits these products are the bonds themselves, and the weights add. The three products
    are the last terms otherwise.
    """
    bonds = heisenberg(num_qubits)
    mean = [(weight / len(bonds.terms), string) for weight, string in bonds.terms]
    return PauliSum.of([*mean, *((1.0, letter * num_qubits) for letter in "XYZ")])


def transverse_field_ising(num_qubits: int, coupling: float = 1.0, field: float = 1.0) -> PauliSum:
    r"""Return the Ising ring in a transverse field.

    It is :math:`-h \sum_q X_q - J \sum_q Z_q Z_{q+1}` with the field h and the coupling J. Two
    qubits have one bond.
    """
    _check_size("the Ising ring", num_qubits, 2)
    fields = [(-field, PauliString.on(num_qubits, {qubit: "X"})) for qubit in range(num_qubits)]
    bonds = num_qubits if num_qubits > 2 else 1
    return PauliSum(
        (
            *fields,
            *(
                (-coupling, _pair(num_qubits, bond, (bond + 1) % num_qubits, "Z"))
                for bond in range(bonds)
            ),
        )
    )


def random_pauli(num_qubits: int, rng: np.random.Generator) -> PauliString:
    """Draw a Pauli string uniformly from all but the identity."""
    _check_size("a random Pauli string", num_qubits, 1)
    while True:
        string = PauliString("".join("IXYZ"[letter] for letter in rng.integers(4, size=num_qubits)))
        if string.support:
            return string


def random_pauli_sum(
    num_qubits: int,
    rng: np.random.Generator,
    *,
    num_terms: int | None = None,
    weighted: bool = False,
) -> PauliSum:
    """Draw a sum of different random Pauli strings.

    Parameters
    ----------
    num_qubits
        Number of qubits n.
    rng
        Source of the strings and weights.
    num_terms
        Number of strings; by default ``floor(sqrt(n))``, as in arXiv 2507.06344.
    weighted
        Whether each weight is drawn uniformly from -1 to 1, after all strings, so that the same
        seed gives the same strings; else all are 1.
    """
    count = math.isqrt(num_qubits) if num_terms is None else num_terms
    if not 1 <= count < 4**num_qubits:
        raise ValueError(
            f"there are {4**num_qubits - 1} Pauli strings besides the identity on {num_qubits} "
            f"qubits; a sum cannot have {count}"
        )
    strings: dict[PauliString, None] = {}
    while len(strings) < count:
        strings[random_pauli(num_qubits, rng)] = None
    weights = rng.uniform(-1.0, 1.0, count).tolist() if weighted else [1.0] * count
    return PauliSum(tuple(zip(weights, strings, strict=True)))


def _pair(num_qubits: int, first: int, second: int, letter: str) -> PauliString:
    return PauliString.on(num_qubits, {first: letter, second: letter})


def _check_size(what: str, num_qubits: int, least: int) -> None:
    if num_qubits < least:
        raise ValueError(f"{what} needs at least {least} qubits, not {num_qubits}")
