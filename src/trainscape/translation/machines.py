r"""Finite-state machines that translate: classical models with few latent states, at their best.

A machine keeps one of m classes for the weight of each edge, and nothing else; so it has
:math:`m^D` latent states. Its answer to a context is that of
`trainscape.physics.hypergraph.one_edge`: zero, zero and pi, with pi at a weight that the class of
the stored one excludes, if there is such a weight. Sentences must ask about single edges of two
modes with weights on levels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainscape.physics.hypergraph.one_edge import answers
from trainscape.translation.vocabulary import Sentences, TaskSettings

__all__ = ["edge_task", "machine_answers"]

Real = NDArray[np.float64]
Whole = NDArray[np.int64]


def edge_task(modes: int, levels: int) -> TaskSettings:
    """Return the task on pairs of modes, with weights on levels and questions about one edge."""
    return TaskSettings(modes, 2, levels=levels, positions="probe")


def _numbers(weights: Real, levels: int) -> Whole:
    """Return the numbers of weights that lie evenly between -1 and 1."""
    return np.rint((weights + 1) / 2 * (levels - 1)).astype(np.int64)


def machine_answers(sentences: Sentences, classes: Whole) -> Real:
    """Return the translations of a machine.

    Parameters
    ----------
    sentences
        Sentences of `edge_task`, B of them with l tokens.
    classes
        Class of each level, shape (levels,).

    Returns
    -------
    ndarray
        Angles in radians, NaN where there is no question, shape (B, l).

    Raises
    ------
    ValueError
        If the sentences are not of `edge_task` with as many levels.
    """
    settings = sentences.settings
    if settings != edge_task(settings.modes, len(classes)):
        raise ValueError(
            f"a machine for {len(classes)} levels reads sentences of edge_task(modes, "
            f"{len(classes)}) only"
        )
    rows = np.arange(len(sentences))[:, None]
    encoded = slice(0, settings.encoding_length)
    memory = np.empty((len(sentences), settings.edge_count), dtype=np.int64)
    strengths = sentences.payload[:, encoded, 0]
    memory[rows, sentences.edge[:, encoded]] = classes[_numbers(strengths, len(classes))]
    first = sentences.length - 3
    pairs = sentences.modes[:, first]
    asked = settings.monomials.ranks(pairs) - settings.monomials.edge_offset
    queries = _numbers(sentences.payload[:, first:, 2], len(classes))
    translated = np.full(sentences.kind.shape, np.nan)
    translated[:, first:] = answers(classes, memory[rows[:, 0], asked], queries)
    return translated
