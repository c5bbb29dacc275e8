"""Find groups of qubits that can be exchanged as wholes: the legs of a spider, the rows of a grid.

Where m blocks of qubits can be exchanged in pairs, all m! orders of the blocks are symmetries, too
many to list but simply handled: blocks are sorted by their letters. Exchanges of two blocks are
found among the generators of a group: two that move half of the same qubits have a block in common,
and join three blocks. Generators as BLISS gives them are such exchanges.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Blocks", "exchangeable_blocks"]

Blocks = NDArray[np.int64]
"""Blocks of qubits, shape ``(m, k)``: qubit k of one block takes the place of qubit k of another
when the two are exchanged."""


def exchangeable_blocks(
    num_qubits: int, permutations: Iterable[Sequence[int]], classes: Sequence[Sequence[int]] = ()
) -> tuple[Blocks, ...]:
    """Return families of three or more blocks that can be exchanged, no two with a common qubit.

    Parameters
    ----------
    num_qubits
        Number n of qubits.
    permutations
        Generators of the group; the letter of qubit ``p[q]`` moves to q.
    classes
        Disjoint sets of qubits within which all permutations are in the group. A block holds all of
        a set or nothing of it, in ascending order.
    """
    ordered = [np.sort(np.array(members, dtype=np.int64)) for members in classes]
    exchanges = _exchanges(num_qubits, permutations, ordered)
    found: list[Blocks] = []
    for first, second in combinations(exchanges, 2):
        moved = np.union1d(_moved(first), _moved(second))
        if any(np.isin(moved, family).all() for family in found):
            continue
        family = _family(first, second, exchanges)
        if family is not None and _holds_whole(family, ordered):
            found.append(family)
    found.sort(key=lambda family: (-len(family), *family.ravel().tolist()))
    chosen: list[Blocks] = []
    for family in found:
        if not any(np.isin(family, other).any() for other in chosen):
            chosen.append(family)
    return tuple(chosen)


def _exchanges(
    num_qubits: int, permutations: Iterable[Sequence[int]], classes: Sequence[NDArray[np.int64]]
) -> list[NDArray[np.int64]]:
    """Return the generators that are their own inverses, in one form modulo the classes."""
    identity = np.arange(num_qubits)
    found: dict[bytes, NDArray[np.int64]] = {}
    for permutation in permutations:
        form = np.array(permutation, dtype=np.int64)
        for members in classes:
            form[members] = np.sort(form[members])
        if not np.array_equal(form, identity) and np.array_equal(form[form], identity):
            found[form.tobytes()] = form
    return list(found.values())


def _moved(exchange: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.flatnonzero(exchange != np.arange(len(exchange)))


def _family(
    first: NDArray[np.int64], second: NDArray[np.int64], exchanges: Sequence[NDArray[np.int64]]
) -> Blocks | None:
    """Return the blocks that two exchanges with a block in common move, and all that join them."""
    common = np.intersect1d(_moved(first), _moved(second))
    size = len(common)
    if not len(_moved(first)) == len(_moved(second)) == 2 * size:
        return None
    blocks = [common, first[common], second[common]]
    if len(np.unique(blocks)) != 3 * size:
        return None
    growing = True
    while growing:
        growing = False
        for exchange in exchanges:
            moved = _moved(exchange)
            inside = np.intersect1d(moved, blocks)
            joins = [block for block in blocks if np.array_equal(np.sort(block), inside)]
            if len(moved) == 2 * size and joins and not np.isin(exchange[joins[0]], blocks).any():
                blocks.append(exchange[joins[0]])
                growing = True
    return np.array(sorted(map(tuple, blocks)), dtype=np.int64)


def _holds_whole(family: Blocks, classes: Sequence[NDArray[np.int64]]) -> bool:
    """Return whether each block holds all of a class or nothing of it, in ascending order."""
    return all(
        len(places) == 0 or np.array_equal(block[places], members)
        for members in classes
        for block in family
        for places in [np.flatnonzero(np.isin(block, members))]
    )
