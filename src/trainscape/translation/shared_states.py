r"""How many latent states the supports of a data set ask for: an estimate of its contextuality.

A model reads a prefix u and is then asked a query v. If its latent state is one for several
prefixes, it gives one answer to v, which must be possible after each of them, or its relative
entropy to the data is infinite. So prefixes may share a state if and only if, for every query, the
sets of answers that were observed after those of them that met the query have an element in common.
The estimate :math:`k^*` is the least number of classes that cover all prefixes. Two prefixes whose
answers are disjoint are *distinguishable*; three of which any two may share a state, but not all
three, are *contextual* as in a magic square.

Bounds of :math:`k^*`: from above by greedy colouring, which tests whole classes; from below by the
largest set of prefixes that are distinguishable in pairs, and by the number of prefixes over the
size of the largest class, where the search for that comes to an end.

Answers that were possible and not observed make :math:`k^*` too large. `shuffled` has therefore the
same prefixes, queries, answers and counts, and answers that depend on the query alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Supports",
    "Windows",
    "coloured",
    "coloured_pairs",
    "contextual_triples",
    "largest_clique",
    "largest_shared_class",
    "pair_conflicts",
    "shuffled",
    "supports",
    "windows",
]

Whole = NDArray[np.int64]
Masks = NDArray[np.uint64]
Flags = NDArray[np.bool_]

_ALL = np.uint64(2**64 - 1)
_MOST_ANSWERS = 64


@dataclass(frozen=True)
class Windows:
    """Observations of a data set: what was read, what was asked, and what was answered.

    Parameters
    ----------
    prefix, query, answer
        Whole numbers that stand for them, of one shape (observations,); answers are below 64.
    """

    prefix: Whole
    query: Whole
    answer: Whole


@dataclass(frozen=True)
class Supports:
    """Observed answers.

    Parameters
    ----------
    masks
        Bit a is set if the answer a was observed; all bits are set where a prefix has met a query
        too seldom. Shape (prefixes, queries).
    counts
        Observations behind each, same shape.
    """

    masks: Masks
    counts: Whole

    @classmethod
    def exact(cls, possible: Flags) -> Supports:
        """Return supports that are known: shape (prefixes, queries, answers), empty if not met."""
        bits = np.left_shift(np.uint64(1), np.arange(possible.shape[2], dtype=np.uint64))
        masks = np.where(possible, bits, np.uint64(0)).sum(axis=2, dtype=np.uint64)
        return cls(np.where(masks == 0, _ALL, masks), possible.sum(axis=2))


def windows(symbols: Whole, alphabet: int, prefix: int, query: int) -> Windows:
    """Cut a sequence into windows of a prefix, a query, and one symbol as the answer.

    Parameters
    ----------
    symbols
        The sequence, shape (length,).
    alphabet
        Number of symbols.
    prefix, query
        Numbers of symbols in the prefix and in the query, which may be empty.

    Raises
    ------
    ValueError
        If the sequence is too short or the alphabet too large.
    """
    width = prefix + query + 1
    if len(symbols) < width:
        raise ValueError(f"a window has {width} symbols, and the sequence {len(symbols)}")
    if alphabet > _MOST_ANSWERS:
        raise ValueError(f"{alphabet} symbols are more than {_MOST_ANSWERS}: map them to fewer")
    cut = np.lib.stride_tricks.sliding_window_view(symbols, width)
    powers = alphabet ** np.arange(max(prefix, query), dtype=np.int64)
    return Windows(
        prefix=cut[:, :prefix] @ powers[:prefix],
        query=cut[:, prefix:-1] @ powers[:query],
        answer=cut[:, -1].copy(),
    )


def shuffled(data: Windows, rng: np.random.Generator) -> Windows:
    """Return the windows with their answers exchanged among those with the same query.

    Then answers depend on the query alone, and one latent state is enough, whatever is estimated.
    """
    order = np.argsort(data.query, kind="stable")
    drawn = np.lexsort((rng.random(len(order)), data.query))
    answer = np.empty_like(data.answer)
    answer[order] = data.answer[drawn]
    return Windows(data.prefix, data.query, answer)


def supports(data: Windows, least: int, most: int) -> Supports:
    """Return the observed answers of the most frequent prefixes.

    Parameters
    ----------
    data
        Observations.
    least
        How often a prefix must have met a query to be counted, at least 1.
    most
        Largest number of prefixes; of equally frequent ones the first by number.

    Returns
    -------
    Supports
        Of the queries that two prefixes have met often enough, at least.
    """
    names, places, seen = np.unique(data.prefix, return_inverse=True, return_counts=True)
    kept = np.argsort(-seen, kind="stable")[:most]
    rank = np.full(len(names), -1)
    rank[kept] = np.arange(len(kept))
    rows = rank[places]
    _, columns = np.unique(data.query, return_inverse=True)
    inside = rows >= 0
    shape = (len(kept), int(columns.max()) + 1)
    counts = np.zeros(shape, dtype=np.int64)
    np.add.at(counts, (rows[inside], columns[inside]), 1)
    masks = np.zeros(shape, dtype=np.uint64)
    bits = np.left_shift(np.uint64(1), data.answer[inside].astype(np.uint64))
    np.bitwise_or.at(masks, (rows[inside], columns[inside]), bits)
    masks[counts < least] = _ALL
    useful = (counts >= least).sum(axis=0) >= 2
    return Supports(masks[:, useful], counts[:, useful])


def pair_conflicts(data: Supports) -> Flags:
    """Return which two prefixes have no answer in common for some query: (prefixes, prefixes)."""
    masks = data.masks
    return np.stack([((masks & row) == 0).any(axis=1) for row in masks])


def contextual_triples(data: Supports) -> int:
    """Return how many sets of three prefixes are in conflict while no two of them are."""
    masks, pairs = data.masks, pair_conflicts(data)
    found = 0
    for one in range(len(masks)):
        later = np.arange(one + 1, len(masks))
        later = later[~pairs[one, later]]
        for two in later:
            third = later[later > two]
            third = third[~pairs[two, third]]
            both = masks[one] & masks[two]
            found += int(((masks[third] & both) == 0).any(axis=1).sum())
    return found


def _graph(conflicts: Flags) -> nx.Graph:
    return nx.from_numpy_array(conflicts & ~np.eye(len(conflicts), dtype=bool))


def largest_clique(conflicts: Flags) -> int:
    """Return the size of the largest set of prefixes any two of which are in conflict."""
    clique, _ = nx.max_weight_clique(_graph(conflicts), weight=None)
    return len(clique)


def coloured_pairs(conflicts: Flags) -> int:
    """Return how many classes greedy colouring needs if classes are tested by pairs alone."""
    colours = nx.greedy_color(_graph(conflicts), strategy="DSATUR")
    return len(set(colours.values()))


def coloured(data: Supports, rng: np.random.Generator, tries: int = 16) -> int:
    """Return how many classes greedy colouring needs, the least of several orders.

    Parameters
    ----------
    data
        Supports.
    rng
        Random stream of the orders. The first order is by falling number of conflicts.
    tries
        Number of orders.
    """
    masks = data.masks
    orders = [np.argsort(-pair_conflicts(data).sum(axis=1), kind="stable")]
    orders += [rng.permutation(len(masks)) for _ in range(tries - 1)]
    return min(_greedy(masks[order]) for order in orders)


def _greedy(masks: Masks) -> int:
    """Put each prefix into the first class that takes it; return the number of classes."""
    classes = np.empty((0, masks.shape[1]), dtype=np.uint64)
    for row in masks:
        joined = classes & row
        free = np.flatnonzero((joined != 0).all(axis=1))
        if len(free):
            classes[free[0]] = joined[free[0]]
        else:
            classes = np.concatenate([classes, row[None]])
    return len(classes)


def largest_shared_class(data: Supports, nodes: int = 20_000) -> int | None:
    """Return the size of the largest class, None if the search has not ended.

    Parameters
    ----------
    data
        Supports.
    nodes
        Most steps of the search.
    """
    masks = data.masks
    best, left = 0, nodes

    def extend(size: int, joined: Masks, candidates: Whole) -> None:
        nonlocal best, left
        left -= 1
        best = max(best, size)
        for place, new in enumerate(candidates):
            if left < 0 or size + len(candidates) - place <= best:
                return
            both = joined & masks[new]
            later = candidates[place + 1 :]
            extend(size + 1, both, later[((masks[later] & both) != 0).all(axis=1)])

    extend(0, np.full(masks.shape[1], _ALL), np.arange(len(masks)))
    return best if left >= 0 else None
