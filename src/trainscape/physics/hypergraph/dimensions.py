r"""Dimensions of the algebras of hypergraph states, by closed forms and by counting.

The model of arXiv:2402.08606 on n qumodes has gates :math:`e^{i g q_e}` on k modes e and shifts.
Their generators close under commutators to

.. math:: h_k = \operatorname{span}\{ i p_i,\; i q_S : |S| \le k \},
   \qquad [p_i, q_S] = -i\, q_{S \setminus i} \ (i \in S), \text{ else } 0,

with products :math:`q_S` of different positions. It is nilpotent: k + 1 brackets give zero. With m
pointer modes that measure by the coupling :math:`q_a p_i`, powers of the pointers' positions come
in, and the dimension stays a polynomial in n. Where a gate may hold one position several times, all
polynomials of degree k come in. On qubits the strings :math:`X_i` and :math:`Z_e` generate an
algebra of exponential dimension; its diagonal part alone is abelian and polynomial.

Closed forms are counts of monomials. `counted_dimension` finds the same numbers by brackets of
monomials, without them. Source: the definition of the model; the paper itself says :math:`O(n^k)`.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations, combinations_with_replacement
from math import comb

import numpy as np
from numpy.typing import NDArray

from trainscape.physics.pauli import PauliString
from trainscape.physics.pauli_lie_algebra import pauli_lie_closure

__all__ = [
    "Monomial",
    "abelian_dimension",
    "adjoint_matrix",
    "algebra_dimension",
    "bracket",
    "counted_dimension",
    "full_dimension",
    "generators",
    "least_modes",
    "lie_monomials",
    "nilpotency",
    "num_edges",
    "pointer_dimension",
    "qubit_algebra_dimension",
]

Monomial = tuple[tuple[int, ...], int]
"""A product of positions and at most one momentum: the exponents of all positions, and the number
of the momentum's mode, or -1 for none."""

NO_MOMENTUM = -1


def _check(modes: int, order: int) -> None:
    if not 1 <= order <= modes:
        raise ValueError(
            f"gates on {order} of {modes} modes: the order must lie between 1 and the number of "
            "modes"
        )


def num_edges(modes: int, order: int) -> int:
    """Return C(n, k), the number D of hyperedges with k of n vertices."""
    _check(modes, order)
    return comb(modes, order)


def abelian_dimension(modes: int, order: int) -> int:
    """Return the number M of products of 1 to k of n positions.

    It is the dimension of the diagonal algebra on qubits, and the number of coefficients that a
    simulation of the qumode model stores.
    """
    _check(modes, order)
    return sum(comb(modes, degree) for degree in range(1, order + 1))


def algebra_dimension(modes: int, order: int) -> int:
    r"""Return the dimension of h_k, :math:`n + \sum_{d=0}^{k} \binom nd`."""
    return modes + 1 + abelian_dimension(modes, order)


def full_dimension(modes: int, order: int) -> int:
    r"""Return the dimension where positions may repeat, :math:`n + \binom{n+k}{k}`."""
    _check(modes, order)
    return modes + comb(modes + order, order)


def pointer_dimension(modes: int, order: int, pointers: int) -> int:
    r"""Return the dimension of h_k with m pointer modes.

    .. math:: n + m + nm + \sum_{s=0}^{k} \binom ns \binom{m+k-s}{k-s}
    """
    _check(modes, order)
    products = sum(
        comb(modes, degree) * comb(pointers + order - degree, order - degree)
        for degree in range(order + 1)
    )
    return modes + pointers + modes * pointers + products


def least_modes(parameters: int, order: int) -> int:
    """Return the least number of modes n with C(n, k) at least a number of parameters.

    So many qumodes hold what a simulation has in that many numbers: about ``(k! N)**(1/k)``.
    """
    if parameters < 1 or order < 1:
        raise ValueError(
            f"{parameters} parameters at order {order}: both must be whole numbers from 1 on"
        )
    low, high = order, order
    while comb(high, order) < parameters:
        low, high = high, 2 * high
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if comb(middle, order) >= parameters else (middle + 1, high)
    return low


def generators(
    modes: int, order: int, *, pointers: int = 0, repeated: bool = False
) -> list[Monomial]:
    """Return the generators of the model as monomials.

    Parameters
    ----------
    modes, order
        Qumodes n and the order k of the gates.
    pointers
        Pointer modes m; their positions come after those of the system.
    repeated
        Whether a gate may hold a position several times.
    """
    _check(modes, order)
    total = modes + pointers

    def power(*places: int) -> tuple[int, ...]:
        return tuple(places.count(place) for place in range(total))

    choose = combinations_with_replacement if repeated else combinations
    found: list[Monomial] = [(power(), mode) for mode in range(total)]
    found += [(power(*edge), NO_MOMENTUM) for edge in choose(range(modes), order)]
    found += [(power(a), mode) for a in range(modes, total) for mode in range(modes)]
    return found


def bracket(first: Monomial, second: Monomial) -> tuple[int, Monomial] | None:
    """Return the commutator of two monomials, up to a factor of -i, or None if it vanishes.

    It is one monomial with a whole factor wherever not both momenta act on the other's positions,
    as here: pointers have positions in front of momenta of the system only.
    """
    terms = []
    for sign, (left, momentum), (right, other) in ((1, first, second), (-1, second, first)):
        if momentum != NO_MOMENTUM and right[momentum]:
            exponents = [a + b for a, b in zip(left, right, strict=True)]
            exponents[momentum] -= 1
            terms.append((sign * right[momentum], (tuple(exponents), other)))
    if len(terms) > 1:
        raise ValueError(f"the bracket of {first} and {second} is no single monomial")
    return terms[0] if terms else None


def lie_monomials(start: Iterable[Monomial]) -> list[Monomial]:
    """Return the monomials that nested brackets of monomials reach, the start included, in order.

    Brackets with the generators reach all, by the Jacobi identity.
    """
    own = list(dict.fromkeys(start))
    known, queue = dict.fromkeys(own), list(own)
    while queue:
        one = queue.pop()
        for generator in own:
            found = bracket(generator, one)
            if found is not None and found[1] not in known:
                known[found[1]] = None
                queue.append(found[1])
    return sorted(known)


def counted_dimension(modes: int, order: int, *, pointers: int = 0, repeated: bool = False) -> int:
    """Return the dimension of the algebra, counted by brackets of monomials.

    See `generators` for the parameters. The time is that of dimension times generators brackets.
    """
    return len(lie_monomials(generators(modes, order, pointers=pointers, repeated=repeated)))


def adjoint_matrix(basis: list[Monomial], coefficients: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the matrix of the bracket with an element, in a basis of monomials.

    Parameters
    ----------
    basis
        A basis that is closed under brackets, from `lie_monomials`.
    coefficients
        The element, shape (dimension,), whole numbers.

    Returns
    -------
    ndarray
        Shape (dimension, dimension), whole numbers: column j is the bracket with basis element j.
    """
    place = {monomial: number for number, monomial in enumerate(basis)}
    matrix = np.zeros((len(basis), len(basis)), dtype=np.int64)
    for weight, left in zip(coefficients.tolist(), basis, strict=True):
        for column, right in enumerate(basis):
            found = bracket(left, right) if weight else None
            if found is not None:
                matrix[place[found[1]], column] += weight * found[0]
    return matrix


def nilpotency(modes: int, order: int, rng: np.random.Generator) -> int:
    """Return the least power at which the bracket with a random element of h_k vanishes.

    Whole numbers: a zero is exact. It is k + 1 for almost all elements, and no larger for any.
    """
    basis = lie_monomials(generators(modes, order))
    # Sparse, and bounded far below the largest whole number: at most k + 1 factors are multiplied.
    matrix = adjoint_matrix(basis, rng.integers(1, 4, len(basis)))
    power, count = matrix, 1
    while power.any():
        power, count = power @ matrix, count + 1
        if count > len(basis):
            raise ArithmeticError("the bracket with an element of the algebra is not nilpotent")
    return count


def qubit_algebra_dimension(modes: int, order: int) -> int:
    """Return the dimension of the algebra of all X on one and Z on k qubits, counted on strings.

    The controlled phase has more terms than the string Z on its qubits; strings are the part that
    is new at its order. Exponential in n: 131070 for nine qubits and k = 2.
    """
    _check(modes, order)
    strings = [PauliString.on(modes, {qubit: "X"}) for qubit in range(modes)]
    strings += [
        PauliString.on(modes, dict.fromkeys(edge, "Z"))
        for edge in combinations(range(modes), order)
    ]
    return len(pauli_lie_closure(strings))
