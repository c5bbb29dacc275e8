"""The hypergraph study: recurrent models on hypergraph states, their memory, costs and training."""

from __future__ import annotations

from trainscape.studies.contract import Study, groups_of

__all__ = ["STUDY"]

STUDY = Study(
    package=__name__,
    title="Arbitrary polynomial separations in trainable quantum machine learning",
    paper="arXiv:2402.08606",
    groups=groups_of(__name__),
)
