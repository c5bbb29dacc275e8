"""Numba kernel of the path search: simulated annealing of a contraction tree by local moves.

Nodes 0 to N - 1 of a tree are the tensors of a network; the others are its contractions, the last
the root. The indices (legs) of a node are a row of bits. A move takes a contraction ``((A B) C)``
and makes it ``((A C) B)`` or ``((B C) A)``. Whatever lies outside of the three subtrees stays as it
is, so that an index of A or C survives their contraction exactly if B or the result of all three
carries it: the legs of the new node are ``(A | C) & (B | P)``, which covers hyper-indices too.
Every index has dimension two, so that contracting A and B takes ``2^|A or B|`` multiplications.
"""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.pauli.string_kernels import popcount

__all__ = ["anneal"]

Int = NDArray[np.int64]
Bits = NDArray[np.uint64]


@nb.njit(cache=True)
def _multiplications(legs: Bits, first: int, second: int) -> float:
    bits = nb.uint64(0)
    for word in range(legs.shape[1]):
        bits += popcount(legs[first, word] | legs[second, word])
    return 2.0 ** np.float64(bits)


@nb.njit(cache=True)
def _total(children: Int, legs: Bits) -> float:
    """Return the multiplications of a whole tree."""
    total = 0.0
    for node in range((len(children) + 1) // 2, len(children)):
        total += _multiplications(legs, children[node, 0], children[node, 1])
    return total


@nb.njit(cache=True)
def anneal(
    children: Int, legs: Bits, temperatures: NDArray[np.float64], sweeps: int, generator: Any
) -> tuple[Int, float]:
    """Return the cheapest tree that was seen at the end of a temperature, and its cost.

    A sweep tries one random move at each contraction, from the root down. A move that multiplies
    the cost of its two contractions by r > 1 is accepted with probability ``exp(-log2(r) /
    temperature)``.

    Parameters
    ----------
    children
        Children of each node, shape (2 N - 1, 2). Overwritten.
    legs
        Indices of each node as bits, shape (2 N - 1, words). Overwritten.
    temperatures
        Temperatures in their order.
    sweeps
        Number of sweeps at each temperature.
    generator
        Random generator.

    Returns
    -------
    best : numpy.ndarray
        Children of the cheapest tree, shape (2 N - 1, 2).
    cheapest : float
        Its number of multiplications.
    """
    nodes, words = legs.shape
    tensors = (nodes + 1) // 2
    stack = np.empty(nodes, np.int64)
    grown = np.empty(words, np.uint64)
    best, cheapest = children.copy(), _total(children, legs)
    for temperature in temperatures:
        for _ in range(sweeps):
            stack[0] = nodes - 1
            waiting = 1
            while waiting > 0:
                waiting -= 1
                parent = stack[waiting]
                if children[parent, 0] < tensors and children[parent, 1] < tensors:
                    continue
                choice = int(4.0 * generator.random())
                side = choice // 2
                if children[parent, side] < tensors:
                    side = 1 - side
                # The contraction `inner` exchanges one of its operands with the other operand of
                # `parent`.
                inner, taken = children[parent, side], children[parent, 1 - side]
                kept, given = children[inner, choice % 2], children[inner, 1 - choice % 2]
                below, above = nb.uint64(0), nb.uint64(0)
                for word in range(words):
                    union = legs[kept, word] | legs[taken, word]
                    grown[word] = union & (legs[given, word] | legs[parent, word])
                    below += popcount(union)
                    above += popcount(grown[word] | legs[given, word])
                present = _multiplications(legs, kept, given) + _multiplications(legs, inner, taken)
                proposed = 2.0 ** np.float64(below) + 2.0 ** np.float64(above)
                if proposed <= present or generator.random() < np.exp(
                    -np.log2(proposed / present) / temperature
                ):
                    children[inner, 0], children[inner, 1] = kept, taken
                    children[parent, 0], children[parent, 1] = inner, given
                    legs[inner] = grown
                for child in children[parent]:
                    if child >= tensors:
                        stack[waiting] = child
                        waiting += 1
        total = _total(children, legs)
        if total < cheapest:
            best[:] = children
            cheapest = total
    return best, cheapest
