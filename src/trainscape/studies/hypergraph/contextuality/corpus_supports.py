"""A sequence, and the estimate of its contextuality."""

from __future__ import annotations

import xarray as xr

from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.hypergraph.contextuality.estimates import DESCRIBED, estimated
from trainscape.studies.hypergraph.contextuality.sequences import alphabet_size, sequence
from trainscape.studies.kit.variables import variable
from trainscape.translation.shared_states import windows

__all__ = ["sample"]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the symbols and the estimate, see `estimates`."""
    symbols = sequence(cell)
    data = windows(symbols, alphabet_size(cell), int(cell["prefix"]), int(cell["query"]))
    found = estimated(data, cell.generator(Purpose.SEARCH, 0), **cell.options)
    numbers = {name: variable((), found[name], DESCRIBED[name][1]) for name in found}
    return xr.Dataset({"symbols": variable(("place",), symbols, "symbols"), **numbers})
