"""Symmetries, effective dimension and Lie algebra of MaxCut on a graph."""

from __future__ import annotations

import xarray as xr

from trainscape.physics.pauli import PauliSum
from trainscape.physics.qubit_orbits import sector_dimension
from trainscape.pruning.compiler import prune
from trainscape.pruning.layers import dense_layer
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import variable
from trainscape.studies.pruning.dimensions.spaces import Spaces, ansatz_spaces
from trainscape.studies.pruning.graphs import cut_hamiltonian, named_graph

__all__ = ["sample"]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the numbers of the pruned dense ansatz of one graph, for each way to tie gates."""
    graph = named_graph(cell["graph"])
    n, modes, limit = graph.number_of_nodes(), cell.options["modes"], cell.options["limit"]
    target = cut_hamiltonian(graph)
    ansatze = [prune(target, dense_layer(n), mode=mode) for mode in modes]
    # Where a graph has one orbit of each kind, two modes are one ansatz.
    known: dict[frozenset[PauliSum], Spaces] = {}
    found = []
    for pruned in ansatze:
        key = frozenset(block.total for block in pruned.layer)
        if key not in known:
            search = cell.generator(Purpose.SEARCH, len(known))
            known[key] = ansatz_spaces(target, pruned.layer, limit, search)
        found.append(known[key])
    group = ansatze[0].automorphisms
    edges = group.sum_orbits([PauliSum((term,)) for term in target.terms])
    sector = sector_dimension(n, group.generators, flip=True)
    numbers = {
        "vertices": (n, "vertices"),
        "edges": (graph.number_of_edges(), "edges"),
        "automorphisms": (group.order, "automorphisms of the graph"),
        "vertex_orbits": (len(group.qubit_orbits()), "orbits of vertices"),
        "edge_orbits": (len(edges), "orbits of edges"),
        "sector": (sector, "orbits of bit strings under automorphisms and the flip of all bits"),
    }
    columns = {
        "parameters": ([one.num_parameters for one in ansatze], "parameters of a layer"),
        "effective": ([one.effective for one in found], "effective dimension"),
        "algebra": ([one.algebra for one in found], "dimension of the Lie algebra, -1: unknown"),
        "centre": ([one.centre for one in found], "dimension of its centre, -1: unknown"),
        "name": ([one.name for one in found], "the Lie algebra by name, empty: unknown"),
    }
    return xr.Dataset(
        {
            **{name: variable((), value, text) for name, (value, text) in numbers.items()},
            **{name: variable("mode", values, text) for name, (values, text) in columns.items()},
        },
        coords={"mode": list(modes)},
    )
