"""The estimate for sources that need a known number of states, drawn anew for each sample."""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.physics.hypergraph.memory_bounds import edge_states
from trainscape.physics.hypergraph.one_edge import triples
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.hypergraph.contextuality.estimates import DESCRIBED, estimated
from trainscape.studies.hypergraph.contextuality.sequences import MACHINE_SYMBOLS, machine
from trainscape.studies.kit.variables import by_sample
from trainscape.translation.corpora import grid_windows
from trainscape.translation.shared_states import Supports, Windows, coloured, windows

__all__ = ["sample"]

PREFIX, QUERY = 4, 1
LENGTH = 6000
"""Symbols of a machine's sequence."""

PER_CELL = 24
"""Sentences of a grid for each weight and query that can meet, on average."""


def _grid(cell: CellContext, rng: np.random.Generator) -> tuple[Windows, int, int]:
    """Return sentences, the states that they need, and the number of prefixes."""
    edges, levels = int(cell["edges"]), int(cell["size"])
    # Of the queries about an edge, those that name the stored weight are met.
    meetings = levels**edges * edges * len(triples(levels)) * 3 // levels
    data = grid_windows(rng, edges, levels, PER_CELL * meetings)
    return data, edge_states(levels) ** edges, levels**edges


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return for each draw the estimate, and what is known: ``known`` states.

    Of a grid all weights are prefixes. Of a machine ``known`` is the estimate for its exact
    supports, which has no noise.
    """
    rows = []
    for index in samples:
        rng = cell.generator(Purpose.INPUTS, index)
        search = cell.generator(Purpose.SEARCH, index)
        most, count = int(cell.options["prefixes"]), int(cell.options["count"])
        if cell["kind"] == "grid":
            data, known, most = _grid(cell, rng)
            count = min(count, PER_CELL // 3)
        else:
            drawn = machine(cell, int(cell["size"]), index)
            data = windows(drawn.run(rng, LENGTH), MACHINE_SYMBOLS, PREFIX, QUERY)
            known = coloured(Supports.exact(drawn.answers(QUERY)), search)
        rows.append({**estimated(data, search, most, count), "known": known})
    described = {**DESCRIBED, "known": ((), "states that are necessary and enough", "")}
    return xr.Dataset(by_sample(rows, described))
