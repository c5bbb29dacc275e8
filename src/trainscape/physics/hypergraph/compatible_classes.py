"""Largest sets of states in which no two and no three conflict, by branch and bound.

If all states look alike, as graph states do under gates CZ on all of them, some largest set holds
any state one likes, and N states need at least N over its size many sets to cover them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["is_compatible", "largest_compatible_class"]

Flags = NDArray[np.bool_]


def is_compatible(conflicts: Flags, members: NDArray[np.int64]) -> bool:
    """Return whether no two and no three of the members conflict.

    Parameters
    ----------
    conflicts
        Shape (states, states, states), symmetric; equal indices stand for pairs.
    members
        States, shape (members,).
    """
    return not conflicts[np.ix_(members, members, members)].any()


def _bits(flags: Flags) -> int:
    return int.from_bytes(np.packbits(flags, bitorder="little").tobytes(), "little")


def largest_compatible_class(conflicts: Flags, first: int | None = None) -> tuple[int, ...]:
    """Return a largest set of states in which no two and no three conflict.

    Parameters
    ----------
    conflicts
        Shape (states, states, states), symmetric; equal indices stand for pairs. Up to some tens of
        states: the search is exponential.
    first
        A state that the set shall hold; None for the largest set of all.
    """
    count = len(conflicts)
    allowed = [[_bits(~conflicts[one, two]) for two in range(count)] for one in range(count)]
    best: tuple[int, ...] = ()

    def extend(members: tuple[int, ...], candidates: int) -> None:
        nonlocal best
        if len(members) > len(best):
            best = members
        while candidates and len(members) + candidates.bit_count() > len(best):
            new = (candidates & -candidates).bit_length() - 1
            candidates &= candidates - 1
            remaining = candidates & allowed[new][new]
            for member in members:
                remaining &= allowed[member][new]
            extend((*members, new), remaining)

    if first is None:
        extend((), 2**count - 1)
    else:
        extend((first,), allowed[first][first] & ~(1 << first))
    return best
