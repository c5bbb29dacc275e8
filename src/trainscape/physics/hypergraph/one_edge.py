r"""The task on one edge, for classical machines with few latent states.

One of N weights is stored, each with the same probability. The query names three weights, the
stored one at a random place and two others. The answer is three angles with the sum pi (mod 2 pi);
that of the stored weight must be zero. A machine knows the class of the stored weight, one of m. It
can put two of the three angles to zero: an answer is the place that it *gives up*, whose angle is
pi. If at most two of the three weights are in the class, it gives up one that is not, and is right;
if all three are, it is wrong in one case of three. A class of size a is therefore wrong with
probability :math:`\frac13 \frac{(a - 1)(a - 2)}{(N - 1)(N - 2)}`, which is convex in a: classes of
equal size are best.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "answers",
    "best_violation",
    "enumerated_violation",
    "partitions",
    "searched_classes",
    "triples",
]

Whole = NDArray[np.int64]
Real = NDArray[np.float64]
Flags = NDArray[np.bool_]


def best_violation(levels: int, states: int) -> float:
    """Return the least rate of violations with classes as equal in size as they can be.

    Parameters
    ----------
    levels
        Number of weights N, at least 3.
    states
        Number of latent states m, at least 1; more than N are as good as N.
    """
    if levels < 3 or states < 1:
        raise ValueError(
            f"three weights and one latent state at least, not {levels} and {states}: a query "
            "names three weights"
        )
    size, larger = divmod(levels, states)
    total = sum(
        count * part * (part - 1) * (part - 2)
        for part, count in ((size + 1, larger), (size, states - larger))
    )
    return total / (3 * levels * (levels - 1) * (levels - 2))


def triples(levels: int) -> Whole:
    """Return all sets of three weights, shape (C(N, 3), 3)."""
    return np.array(list(combinations(range(levels), 3)), dtype=np.int64)


def _wrong(members: Flags, sets: Whole) -> int:
    """Return in how many sets of three weights a class of weights gives a wrong answer.

    The best answer gives up the place with the fewest stored weights behind it.
    """
    return int(members[sets].min(axis=1).sum())


def enumerated_violation(classes: Whole) -> float:
    """Return the violations of a machine with the best answers, counted query by query.

    Nothing of `best_violation` is used.

    Parameters
    ----------
    classes
        The latent state of each weight, shape (N,).
    """
    sets = triples(len(classes))
    wrong = sum(_wrong(classes == state, sets) for state in np.unique(classes))
    # Each of N stored weights meets each of the C(N - 1, 2) pairs of others.
    return wrong / (3 * len(sets))


def partitions(levels: int, states: int) -> Iterator[Whole]:
    """Yield every way to put N weights into at most m classes, once each."""

    def extend(begun: list[int]) -> Iterator[Whole]:
        if len(begun) == levels:
            yield np.array(begun)
            return
        for state in range(min(max(begun, default=-1) + 2, states)):
            yield from extend([*begun, state])

    yield from extend([])


def searched_classes(rng: np.random.Generator, levels: int, states: int) -> Whole:
    """Return classes that no move of one weight, and no swap of two, makes better.

    A descent from random classes that sees the counted violations alone.

    Parameters
    ----------
    rng
        Random stream of the start.
    levels, states
        Numbers of weights N and of latent states m.

    Returns
    -------
    ndarray of int
        The latent state of each weight, shape (N,).
    """
    sets = triples(levels)
    counts: dict[bytes, int] = {}

    def wrong(classes: Whole) -> int:
        total = 0
        for state in range(states):
            members = classes == state
            key = members.tobytes()
            if key not in counts:
                counts[key] = _wrong(members, sets)
            total += counts[key]
        return total

    classes = rng.integers(states, size=levels)
    least = wrong(classes)
    improved = True
    while improved:
        improved = False
        for trial in _neighbours(classes, states):
            new = wrong(trial)
            if new < least:
                classes, least, improved = trial, new, True
                break
    return classes


def _neighbours(classes: Whole, states: int) -> Iterator[Whole]:
    for place in range(len(classes)):
        for state in range(states):
            if state != classes[place]:
                moved = classes.copy()
                moved[place] = state
                yield moved
    for one, two in combinations(range(len(classes)), 2):
        if classes[one] != classes[two]:
            swapped = classes.copy()
            swapped[[one, two]] = classes[[two, one]]
            yield swapped


def answers(classes: Whole, state: Whole, queries: Whole) -> Real:
    """Return the angles that a machine answers.

    Parameters
    ----------
    classes
        The latent state of each weight, shape (N,).
    state
        Latent states of the machine, shape (samples,).
    queries
        Three weights each, shape (samples, 3).

    Returns
    -------
    ndarray
        Angles, shape (samples, 3): pi at the first place whose weight is not in the class, or at
        the first place of all; zero elsewhere.
    """
    inside = classes[queries] == state[:, None]
    given_up = inside.argmin(axis=1)
    angles = np.zeros(queries.shape)
    angles[np.arange(len(queries)), given_up] = np.pi
    return angles
