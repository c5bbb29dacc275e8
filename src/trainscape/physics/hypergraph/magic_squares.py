r"""Magic squares: contexts whose outcomes no assignment of values in advance can give.

*Standard square* of two qubits: the products of its rows are +1, +1, +1, those of its columns
+1, +1, -1; a value assignment fulfils at most five of the six.

*Square of three weights* :math:`w_1, w_2, w_3` of one edge of two qumodes. With
:math:`c = (w_2 - w_3, w_3 - w_1, w_1 - w_2)`, :math:`\Delta = c_1 c_2 c_3`,
:math:`s_j = \sigma c_j`, :math:`t_j = \tau c_j`, :math:`\sigma\tau = \pi / \Delta`,

.. math::

    A_j = e^{i s_j (p_1 - w_j q_2)}, \quad B_j = e^{i t_j (p_2 - w_j q_1)}, \quad C_j = A_j B_j,

the :math:`C_j` commute, :math:`\prod A_j = \prod B_j = 1` and :math:`\prod C_j = -1`, while the
state of weight :math:`w_j` has :math:`C_j = 1`. So the angles of the three sum to :math:`\pi`, and
no outcome is possible for all three states. The shifts are smallest for :math:`|\sigma| = |\tau|`.

*Triples of graph states of qubits* with a context of three Pauli strings whose product is -1, of
which each state fixes another one to +1.
"""

from __future__ import annotations

from itertools import product
from math import prod

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainscape.physics.hypergraph.group import GroupElement, exponential
from trainscape.physics.hypergraph.monomials import Monomials
from trainscape.physics.pauli import PauliString

__all__ = [
    "GRAPH_STATE_TRIPLES",
    "PAIR",
    "STANDARD_SQUARE",
    "best_assignment",
    "square_elements",
    "square_shifts",
    "weight_observables",
]

Real = NDArray[np.float64]

PAIR = Monomials(2, 2)
"""The monomials of one edge of two modes: q1, q2 and q1 q2."""

STANDARD_SQUARE: tuple[tuple[PauliString, ...], ...] = tuple(
    tuple(PauliString(label) for label in row)
    for row in (("XI", "IX", "XX"), ("IZ", "ZI", "ZZ"), ("XZ", "ZX", "YY"))
)
"""The square of Mermin and Peres: its rows and columns are contexts."""

GRAPH_STATE_TRIPLES: dict[
    int, tuple[tuple[tuple[tuple[int, int], ...], ...], tuple[PauliString, ...]]
] = {
    3: (
        ((), ((0, 1),), ((0, 2), (1, 2))),
        (PauliString("XXX"), PauliString("YYI"), PauliString("ZZX")),
    ),
    4: (
        ((), ((0, 1),), ((0, 3), (1, 2))),
        (PauliString("XXII"), PauliString("YYXX"), PauliString("ZZXX")),
    ),
}
"""For 3 and 4 qubits: the edges of three graph states, and the context that tells them apart.

State j has the value +1 of string j, and the product of the three strings is -1.
"""


def _product_sign(strings: tuple[PauliString, ...]) -> int:
    """Return the sign of a product of commuting strings that is plus or minus the identity."""
    matrix = np.linalg.multi_dot([string.matrix() for string in strings])
    return round(float(matrix[0, 0].real))


def best_assignment(square: tuple[tuple[PauliString, ...], ...]) -> tuple[int, int]:
    """Return how many contexts a value assignment can fulfil at most, and how many there are.

    Parameters
    ----------
    square
        Rows of Pauli strings; rows and columns commute, and their products are plus or minus one.
    """
    contexts = [*square, *zip(*square, strict=True)]
    signs = [_product_sign(context) for context in contexts]
    cells = sorted({string for row in square for string in row})
    place = {string: position for position, string in enumerate(cells)}
    best = max(
        sum(
            prod(values[place[string]] for string in context) == sign
            for context, sign in zip(contexts, signs, strict=True)
        )
        for values in product((1, -1), repeat=len(cells))
    )
    return best, len(contexts)


def square_shifts(weights: ArrayLike) -> tuple[Real, Real]:
    """Return the shifts ``(s_j, t_j)`` of the square of three weights, at their smallest.

    Parameters
    ----------
    weights
        Three different weights, shape ``(..., 3)``.

    Returns
    -------
    s, t : ndarray
        Shifts of the first and the second mode, shape ``(..., 3)``.

    Raises
    ------
    ValueError
        If two weights are equal.
    """
    w = np.asarray(weights, dtype=np.float64)
    c = np.roll(w, -1, axis=-1) - np.roll(w, -2, axis=-1)
    # c runs over (w2 - w3, w3 - w1, w1 - w2), so that its product is the discriminant itself.
    discriminant = c.prod(axis=-1)
    if (discriminant == 0).any():
        raise ValueError(
            "a magic square needs three different weights, but two are equal; leave that triple out"
        )
    size = np.sqrt(np.pi / np.abs(discriminant))[..., None]
    return size * c, np.sign(discriminant)[..., None] * size * c


def square_elements(shift: ArrayLike, other_shift: ArrayLike, weight: ArrayLike) -> GroupElement:
    """Return ``exp(i [s (p_1 - w q_2) + t (p_2 - w q_1)])``, of two modes.

    Parameters
    ----------
    shift, other_shift
        The shifts s and t, of one shape ``(...)``; one of them may be 0.
    weight
        The weights w, of a shape that broadcasts to it.

    Returns
    -------
    GroupElement
        Elements ``C_j``, or ``A_j`` for ``t = 0`` and ``B_j`` for ``s = 0``.
    """
    s, t, w = np.broadcast_arrays(
        *(np.asarray(part, dtype=np.float64) for part in (shift, other_shift, weight))
    )
    table = np.stack([-w * t, -w * s, np.zeros_like(w)], axis=-1)
    return exponential(PAIR, np.stack([s, t], axis=-1), table)


def weight_observables(weights: ArrayLike) -> tuple[GroupElement, GroupElement, GroupElement]:
    """Return the context ``C_1, C_2, C_3`` of three weights.

    Parameters
    ----------
    weights
        Three different weights, shape ``(..., 3)``.
    """
    w = np.asarray(weights, dtype=np.float64)
    s, t = square_shifts(w)
    first, second, third = (square_elements(s[..., j], t[..., j], w[..., j]) for j in range(3))
    return first, second, third
