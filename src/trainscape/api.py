"""The names for people who write Python; each is imported from its module when it is first used.

Examples
--------
How large a derivative is at random angles, on a hundred qubits:

>>> from trainscape.api import hardware_efficient, moments
>>> moments(hardware_efficient(100, 2, "ring"), "Z50", uniform=True)[50].value
0.28125

Four questions asked of a family of circuits:

>>> from trainscape.api import diagnose
>>> diagnose(lambda n: hardware_efficient(n, 1, "ring"), "Z0", sizes=(3, 4, 5, 6), budget=2).sizes
(3, 4, 5, 6)

Sentences of the hypergraph language:

>>> import numpy as np
>>> from trainscape.api import TaskSettings, sample_sentences
>>> len(sample_sentences(np.random.default_rng(1), TaskSettings(modes=4, order=2), count=10))
10
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trainscape.circuits.ansatze.hardware_efficient import hardware_efficient
    from trainscape.circuits.circuit import Circuit
    from trainscape.circuits.encoding import encode
    from trainscape.circuits.io.openqasm.reader import read_openqasm
    from trainscape.diagnosis.diagnose import diagnose
    from trainscape.physics.generators import lie_algebra, sectors
    from trainscape.physics.hypergraph.group import GroupElement
    from trainscape.physics.hypergraph.monomials import Monomials
    from trainscape.physics.hypergraph.surrogate import Surrogate
    from trainscape.physics.pauli import PauliSum
    from trainscape.pipeline.results import open_results
    from trainscape.pruning.layers import dense_layer, layers_of
    from trainscape.pruning.pruned_circuit import prune
    from trainscape.trainability.circuit_landscape import evaluate, fisher_rank, gradients
    from trainscape.trainability.circuit_moments import moments
    from trainscape.trainability.scaling import fit_scaling
    from trainscape.translation.player import play
    from trainscape.translation.scores import backward_cross_entropy, violations
    from trainscape.translation.sentences import sample_sentences
    from trainscape.translation.vocabulary import Sentences, TaskSettings, features

__all__ = [
    "Circuit",
    "GroupElement",
    "Monomials",
    "PauliSum",
    "Sentences",
    "Surrogate",
    "TaskSettings",
    "backward_cross_entropy",
    "dense_layer",
    "diagnose",
    "encode",
    "evaluate",
    "features",
    "fisher_rank",
    "fit_scaling",
    "gradients",
    "hardware_efficient",
    "layers_of",
    "lie_algebra",
    "moments",
    "open_results",
    "play",
    "prune",
    "read_openqasm",
    "sample_sentences",
    "sectors",
    "violations",
]

_MODULES = {
    "circuits.ansatze.hardware_efficient": ("hardware_efficient",),
    "circuits.circuit": ("Circuit",),
    "circuits.encoding": ("encode",),
    "circuits.io.openqasm.reader": ("read_openqasm",),
    "diagnosis.diagnose": ("diagnose",),
    "physics.generators": ("lie_algebra", "sectors"),
    "pipeline.results": ("open_results",),
    "pruning.layers": ("dense_layer", "layers_of"),
    "pruning.pruned_circuit": ("prune",),
    "physics.hypergraph.group": ("GroupElement",),
    "physics.hypergraph.monomials": ("Monomials",),
    "physics.hypergraph.surrogate": ("Surrogate",),
    "physics.pauli": ("PauliSum",),
    "trainability.circuit_landscape": ("evaluate", "fisher_rank", "gradients"),
    "trainability.circuit_moments": ("moments",),
    "trainability.scaling": ("fit_scaling",),
    "translation.player": ("play",),
    "translation.scores": ("backward_cross_entropy", "violations"),
    "translation.sentences": ("sample_sentences",),
    "translation.vocabulary": ("Sentences", "TaskSettings", "features"),
}
"""Modules below trainscape, and the names that come from them."""

_HOMES = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(
            f"trainscape.api has no name {name!r}; it has {', '.join(__all__)}; import everything "
            "else from its own module"
        )
    try:
        module = import_module(f"trainscape.{_HOMES[name]}")
    except ModuleNotFoundError as error:
        from trainscape.extras import install_hint

        hint = install_hint(error)
        if hint is None:
            raise
        raise ModuleNotFoundError(f"trainscape.api.{name}: {hint}", name=error.name) from error
    return getattr(module, name)


def __dir__() -> list[str]:
    return sorted(__all__)
