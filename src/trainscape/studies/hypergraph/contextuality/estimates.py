"""The estimate of contextuality of a data set, with its bounds."""

from __future__ import annotations

import numpy as np

from trainscape.studies.kit.variables import Description
from trainscape.translation.shared_states import (
    Windows,
    coloured,
    coloured_pairs,
    contextual_triples,
    largest_clique,
    largest_shared_class,
    pair_conflicts,
    supports,
)

__all__ = ["DESCRIBED", "estimated"]

NODES = 20_000
"""Steps of the search for a largest class; without its end, pairs alone give the lower bound."""

DESCRIBED: dict[str, Description] = {
    "prefixes": ((), "prefixes that are compared", ""),
    "queries": ((), "queries that two of them have met often enough", ""),
    "at_least": ((), "classes that are necessary", ""),
    "pairs": ((), "classes that pairs in conflict ask for", ""),
    "classes": ((), "classes that greedy colouring needs", ""),
    "triples": ((), "triples in conflict without a pair in conflict", ""),
}


def estimated(data: Windows, rng: np.random.Generator, prefixes: int, count: int) -> dict[str, int]:
    """Return the number of classes, its bounds, and what it was estimated from.

    Parameters
    ----------
    data
        Observations.
    rng
        Random stream of the orders of colouring.
    prefixes
        Most prefixes that are compared.
    count
        How often a prefix must have met a query.
    """
    found = supports(data, count, prefixes)
    conflicts = pair_conflicts(found)
    largest = largest_shared_class(found, NODES)
    clique = largest_clique(conflicts)
    number = len(found.masks)
    return {
        "prefixes": number,
        "queries": found.masks.shape[1],
        "at_least": max(clique, -(-number // largest) if largest else 1),
        "pairs": coloured_pairs(conflicts),
        "classes": coloured(found, rng),
        "triples": contextual_triples(found),
    }
