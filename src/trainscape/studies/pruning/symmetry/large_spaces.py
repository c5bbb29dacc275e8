"""Effective dimension of MaxCut on a large graph with few orbits of bit strings."""

from __future__ import annotations

import math

import xarray as xr

from trainscape.physics.effective_dimension import effective_dimension
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.physics.term_graph import qubit_automorphisms
from trainscape.studies.contract import CellContext
from trainscape.studies.kit.variables import variable
from trainscape.studies.pruning.graphs import cut_hamiltonian, named_graph
from trainscape.studies.pruning.symmetry.large_laws import sector_law

__all__ = ["sample"]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return dimension, group and numbers of parameters of one graph."""
    graph = named_graph(cell["graph"])
    n = graph.number_of_nodes()
    target = cut_hamiltonian(graph)
    terms = [PauliSum((term,)) for term in target.terms]
    group = qubit_automorphisms(n, [terms])
    driver = PauliSum.of((1.0, PauliString.on(n, {q: "X"})) for q in range(n))
    orbits = len(group.qubit_orbits()) + len(group.sum_orbits(terms))
    numbers: dict[str, tuple[float, str]] = {
        "vertices": (n, "vertices"),
        "edges": (len(terms), "edges"),
        "effective": (
            effective_dimension([target, driver], "+" * n, group.generators),
            "effective dimension, one parameter for each kind of gate",
        ),
        "law": (sector_law(cell["graph"]), "orbits of bit strings by their closed form"),
        "order": (math.log10(group.order), "decimal logarithm of the number of automorphisms"),
        "parameters": (orbits, "parameters of a layer, one for each orbit"),
        "dense": (n * (n - 1) // 2 + 3 * n, "gates and parameters of a layer before pruning"),
    }
    return xr.Dataset({name: variable((), value, text) for name, (value, text) in numbers.items()})
