"""How many graph states may share a latent state, counted by pairs and triples."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import xarray as xr

from trainscape.physics.hypergraph.antidistinguishability import are_antidistinguishable, overlaps
from trainscape.physics.hypergraph.compatible_classes import (
    is_compatible,
    largest_compatible_class,
)
from trainscape.physics.hypergraph.graph_state_conflicts import (
    graph_state,
    pair_conflicts,
    star_class,
    triple_conflicts,
)
from trainscape.studies.contract import CellContext
from trainscape.studies.kit.variables import variable

__all__ = ["sample"]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return counts of pairs and triples, and bounds of the number of classes that cover all.

    ``least`` is the number of states over the size of a largest class, rounded up: by gates CZ any
    state becomes any other, so that no class is larger. ``enough`` is what the cosets of the graphs
    with all edges at one vertex need, if no two or three of those conflict.
    """
    vertices = int(cell["vertices"])
    triples, pairs = triple_conflicts(vertices), pair_conflicts(vertices)
    count = len(pairs)
    sets = np.array(list(combinations(range(count), 3)), dtype=np.int64).reshape(-1, 3).T
    found = triples[tuple(sets)]
    has_pair = pairs[sets[0], sets[1]] | pairs[sets[0], sets[2]] | pairs[sets[1], sets[2]]
    squares = overlaps(np.stack([graph_state(vertices, graph) for graph in range(count)]))
    three = (squares[sets[0], sets[1]], squares[sets[0], sets[2]], squares[sets[1], sets[2]])
    star = star_class(vertices)
    largest = len(largest_compatible_class(triples, first=0))
    enough = count // len(star) if is_compatible(triples, star) else count
    numbers = {
        "states": (count, "graph states"),
        "pairs": (int(pairs.sum()) // 2, "pairs in conflict"),
        "triples": (int(found.sum()), "triples in conflict"),
        "pure_triples": (int((found & ~has_pair).sum()), "triples in conflict without such a pair"),
        "all_triples": (len(sets[0]), "triples"),
        "any_measurement": (
            int(are_antidistinguishable(*three).sum()),
            "triples that some measurement, not only of Pauli strings, tells apart",
        ),
        "largest": (largest, "size of a largest class"),
        "least": (-(-count // largest), "classes that are necessary"),
        "enough": (enough, "classes that are enough"),
    }
    return xr.Dataset({name: variable((), value, text) for name, (value, text) in numbers.items()})
