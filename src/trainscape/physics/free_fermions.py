r"""Pauli strings and Hamiltonians of free fermions as Majorana operators.

The strings X, and ZZ of neighbours, are products of two Majorana operators,

.. math:: c_{2q} = X_0 \cdots X_{q-1} Z_q, \qquad c_{2q+1} = X_0 \cdots X_{q-1} Y_q, \qquad
   X_q = i c_{2q} c_{2q+1}, \qquad Z_q Z_{q+1} = i c_{2q+1} c_{2q+2},

and on a ring :math:`Z_{n-1} Z_0 = i c_0 c_{2n-1}` for states with an even number of minus, the only
ones here. A Hamiltonian of them is :math:`\frac12 \sum_{ab} A_{ab}\, i c_a c_b`; gates of a block
act on disjoint pairs. `trainscape.simulators.fermions` simulates circuits of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainscape.physics.pauli import PauliString, PauliSum

__all__ = ["PlaneRotations", "coupling_matrix", "majorana_pair", "rotations_of"]

Real = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class PlaneRotations:
    """Rotations ``exp(-i w t i c_a c_b / 2)`` on disjoint pairs of Majorana operators.

    Parameters
    ----------
    first, second
        The operators a and b, shape ``(k,)``.
    weights
        The factors w, shape ``(k,)``.
    parameters
        For each rotation the number of its parameter t in the layer, shape ``(k,)``.
    """

    first: Places
    second: Places
    weights: Real
    parameters: Places


def majorana_pair(string: PauliString) -> tuple[int, int]:
    """Return a and b of a string ``i c_a c_b``: X, or ZZ of neighbours, those of a ring included.

    Raises
    ------
    ValueError
        If the string is no such product.
    """
    n, support = len(string.label), string.support
    letters = "".join(string.label[qubit] for qubit in support)
    if letters == "X":
        return 2 * support[0], 2 * support[0] + 1
    if letters == "ZZ" and support[1] == support[0] + 1:
        return 2 * support[0] + 1, 2 * support[1]
    if letters == "ZZ" and (support[0], support[1]) == (0, n - 1):
        return 0, 2 * n - 1
    raise ValueError(
        f"{string.label} is no product of two Majorana operators here; free fermions are circuits "
        "of X and of ZZ on neighbours of a chain or a ring"
    )


def coupling_matrix(hamiltonian: PauliSum) -> Real:
    """Return the antisymmetric matrix A of a Hamiltonian, shape ``(2n, 2n)``.

    Raises
    ------
    ValueError
        If a term is no product of two Majorana operators.
    """
    n = hamiltonian.num_qubits
    matrix = np.zeros((2 * n, 2 * n))
    for weight, string in hamiltonian.terms:
        a, b = majorana_pair(string)
        matrix[a, b] += weight
        matrix[b, a] -= weight
    return matrix


def rotations_of(generators: Sequence[PauliSum]) -> tuple[PlaneRotations, ...]:
    """Return a layer as few blocks of rotations: one parameter for each generator, in order.

    Parameters
    ----------
    generators
        Sums G of rotations ``exp(-i t G / 2)``. A generator whose pairs meet those before it starts
        a block.

    Raises
    ------
    ValueError
        If strings of one generator do not act on disjoint pairs, or are no products of two.
    """
    blocks: list[list[tuple[int, int, float, int]]] = [[]]
    for parameter, generator in enumerate(generators):
        pairs = [(*majorana_pair(string), weight) for weight, string in generator.terms]
        own = [place for a, b, _ in pairs for place in (a, b)]
        if len(set(own)) < len(own):
            raise ValueError(
                f"the strings of {generator} share Majorana operators, so that it is no block of "
                "rotations; give X and ZZ as generators of their own"
            )
        taken = {place for a, b, _, _ in blocks[-1] for place in (a, b)}
        if taken & set(own):
            blocks.append([])
        blocks[-1] += [(a, b, weight, parameter) for a, b, weight in pairs]
    return tuple(
        PlaneRotations(
            np.array([entry[0] for entry in block]),
            np.array([entry[1] for entry in block]),
            np.array([entry[2] for entry in block]),
            np.array([entry[3] for entry in block]),
        )
        for block in blocks
    )
