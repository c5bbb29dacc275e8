"""The estimate for answers that are exchanged among windows with the same query."""

from __future__ import annotations

import xarray as xr

from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.hypergraph.contextuality.sequences import alphabet_size
from trainscape.studies.kit.variables import by_sample
from trainscape.translation.shared_states import coloured, shuffled, supports, windows

__all__ = ["sample"]

DESCRIBED = {"classes": ((), "classes that greedy colouring needs", "")}


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return for each shuffle the classes of `estimates`."""
    symbols = cell.inputs["dataset"]["symbols"].values
    data = windows(symbols, alphabet_size(cell), int(cell["prefix"]), int(cell["query"]))
    rows = []
    for index in samples:
        # Stream 0 is that of the estimate itself.
        rng = cell.generator(Purpose.SEARCH, 1 + index)
        found = supports(shuffled(data, rng), cell.options["count"], cell.options["prefixes"])
        rows.append({"classes": coloured(found, rng)})
    return xr.Dataset(by_sample(rows, DESCRIBED))
