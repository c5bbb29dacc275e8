"""The names for people who write Python; each is imported from its module when it is first used.

Examples
--------
>>> import numpy as np
>>> from trainscape.api import TaskSettings, sample_sentences
>>> len(sample_sentences(np.random.default_rng(1), TaskSettings(modes=4, order=2), count=10))
10
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trainscape.physics.hypergraph.group import GroupElement
    from trainscape.physics.hypergraph.monomials import Monomials
    from trainscape.physics.hypergraph.surrogate import Surrogate
    from trainscape.translation.player import play
    from trainscape.translation.scores import backward_cross_entropy, violations
    from trainscape.translation.sentences import sample_sentences
    from trainscape.translation.vocabulary import Sentences, TaskSettings, features

__all__ = [
    "GroupElement",
    "Monomials",
    "Sentences",
    "Surrogate",
    "TaskSettings",
    "backward_cross_entropy",
    "features",
    "play",
    "sample_sentences",
    "violations",
]

_MODULES = {
    "physics.hypergraph.group": ("GroupElement",),
    "physics.hypergraph.monomials": ("Monomials",),
    "physics.hypergraph.surrogate": ("Surrogate",),
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
    return getattr(import_module(f"trainscape.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
