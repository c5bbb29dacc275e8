"""Methods, comparisons and systems of the group by name: what plans and figures need.

All methods start from one dense ansatz, and differ in what they keep of it:

=============== ==================================================================================
method          ansatz
=============== ==================================================================================
``dense``       all gates, each with an angle of its own
``fisher``      gates without those that null vectors of the quantum Fisher information show to be
                redundant (`trainscape.pruning.fisher_pruning`): as many as its rank
``magnitude``   the gates with the largest angles after a first part of the training
``random``      gates drawn at random
``random_tied`` the same gates, and angles shared at random
``respecting``  gates drawn at random from those that break no symmetry
``terms``       gates that are terms of the Hamiltonian
``terms_tied``  the same gates, and angles shared at random in each layer
``symmetric``   the same gates, and angles shared within orbits: symmetric pruning
=============== ==================================================================================

All but the first two have equal numbers of gates, and all that share angles equal numbers of
parameters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from trainscape.studies.pruning.names import GRAPH_NAME

__all__ = ["COMPARISONS", "METHODS", "SYSTEM_NAME", "Comparison", "model_parts", "num_qubits"]

METHODS: dict[str, str] = {
    "dense": "all gates",
    "fisher": "QFIM null vectors",
    "magnitude": "largest angles",
    "random": "random gates",
    "random_tied": "random, tied",
    "respecting": "random, symmetric",
    "terms": "terms of $H$",
    "terms_tied": "terms, tied at random",
    "symmetric": "symmetric pruning",
}
"""Methods, and what figures call them."""


@dataclass(frozen=True)
class Comparison:
    """Two methods that differ in one thing.

    Parameters
    ----------
    first, second
        The methods.
    asks
        What the difference of the two shows, in a few words.
    """

    first: str
    second: str
    asks: str


COMPARISONS: dict[str, Comparison] = {
    "whole": Comparison("symmetric", "random", "symmetric v. random"),
    "magnitude": Comparison("symmetric", "magnitude", "symmetric v. magnitude"),
    "fisher": Comparison("symmetric", "fisher", "symmetric v. QFIM"),
    "symmetry": Comparison("respecting", "random", "gates: symmetric v. any"),
    "structure": Comparison("terms", "respecting", "gates: terms v. symmetric"),
    "tying": Comparison("symmetric", "terms", "angles: orbits v. free"),
    "orbits": Comparison("symmetric", "terms_tied", "angles: orbits v. random"),
    "fewer": Comparison("random_tied", "random", "any gates: tied v. free"),
    "dense": Comparison("symmetric", "dense", "symmetric v. all gates"),
}
"""Comparisons by name."""

MODEL_NAME = r"^((?:ising|tilted)_(?:ring|chain))([3-9]|1[0-2])$"

SYSTEM_NAME = rf"{MODEL_NAME}|{GRAPH_NAME}"
"""A model of `trainscape.studies.pruning.names` with its number of qubits, such as ``ising_ring4``,
or a graph of `trainscape.studies.pruning.graphs`, whose largest cut is sought."""

SOLIDS = {"cube": 8, "octahedron": 6, "petersen": 10, "tailed": 6, "cotailed": 6, "tripod": 7}


def model_parts(system: str) -> tuple[str, int] | None:
    """Return the name and the number of qubits of a model, None for a graph."""
    found = re.match(MODEL_NAME, system)
    return (found.group(1), int(found.group(2))) if found else None


def num_qubits(system: str) -> int:
    """Return the number of qubits of a system."""
    model = model_parts(system)
    if model:
        return model[1]
    if system in SOLIDS:
        return SOLIDS[system]
    sizes = [int(size) for size in re.findall(r"\d+", system)]
    if system.startswith("grid"):
        return sizes[0] * sizes[1]
    return sum(sizes)
