"""The pruning study: what a small effective dimension buys, and what symmetric pruning saves."""

from __future__ import annotations

from trainscape.studies.contract import Study, groups_of

__all__ = ["STUDY"]

STUDY = Study(
    package=__name__,
    title="Symmetric pruning in quantum neural networks",
    paper="arXiv:2208.14057",
    groups=groups_of(__name__),
)
