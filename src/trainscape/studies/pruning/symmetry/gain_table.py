r"""One row for each graph, with what is gained, and the law of orbit counts that predicts it.

The gain of a graph is :math:`g = n - 1 - \log_2 d`, with the effective dimension d of the tied
ansatz; free parameters reach :math:`2^{n-1}` dimensions, for every connected graph. The law is

.. math:: g \approx a\,(n - v) + b\,(m - e),

with m edges, v orbits of vertices and e of edges, its two numbers fitted by least squares to all
graphs of up to six vertices. It uses no more than the parameters that are saved. The exact count of
orbits of bit strings is a prediction too, from the whole group (``sector``).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import slices, to_dataset
from trainscape.studies.pruning.symmetry import FITTED
from trainscape.studies.pruning.symmetry.graph_gains import NUMBERS

__all__ = ["SYSTEM", "gain_law", "summarise"]

SYSTEM = ("source", "vertices", "graph")


def gain_law(table: pd.DataFrame) -> tuple[float, float]:
    """Return the two numbers of the law, fitted to the graphs of up to six vertices.

    Parameters
    ----------
    table
        Columns ``source``, ``vertices``, ``edges``, ``vertex_orbits``, ``edge_orbits``, ``kinds``.
    """
    known = table[(table["source"] == "all") & (table["vertices"] <= FITTED)]
    saved = np.stack(
        [known["vertices"] - known["vertex_orbits"], known["edges"] - known["edge_orbits"]], axis=1
    )
    gains = known["vertices"] - 1 - np.log2(known["kinds"].to_numpy(dtype=np.float64))
    if len(known) < 2:
        return 0.0, 0.0
    (a, b), *_ = np.linalg.lstsq(saved.astype(np.float64), gains.to_numpy(), rcond=None)
    return float(a), float(b)


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the rows.

    ``gain`` and ``predicted`` are in bits, ``saved`` is the share of the parameters of a layer that
    orbits save, ``held_out`` whether the law was not fitted to the graph.
    """
    rows = [
        {**row, **{name: data[name].item() for name in (*NUMBERS, "same", "relabelled")}}
        for row, data in slices(context.cells(Stage.SIMULATE), SYSTEM[:2], "graph")
    ]
    table = pd.DataFrame(rows)
    a, b = gain_law(table)
    n, v = table["vertices"], table["vertex_orbits"]
    m, e = table["edges"], table["edge_orbits"]
    table["gain"] = n - 1 - np.log2(table["kinds"].to_numpy(dtype=np.float64))
    table["predicted"] = a * (n - v) + b * (m - e)
    table["saved"] = 1 - (v + e) / (n + m)
    table["held_out"] = (n > FITTED) | (table["source"] != "all")
    table["per_vertex"], table["per_edge"] = a, b
    named = [{str(name): row[name] for name in row} for row in table.to_dict("records")]
    return to_dataset(named, SYSTEM)
