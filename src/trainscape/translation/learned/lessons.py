"""Sentences as the arrays that a network is trained on, in single precision.

A sentence is cut where its encoding part ends: what a network carries from there on is what its
latent dimension counts. Everything after that, the words about positions and the question, are
query tokens.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainscape.translation.scores import allowed, violations, with_sum_rule
from trainscape.translation.vocabulary import Sentences, features

__all__ = ["Lessons", "Numbers", "lessons_of", "rated", "spoken"]


Numbers = Any
"""Arrays of NumPy outside of compiled functions, and of JAX within."""


class Lessons(NamedTuple):
    """B sentences, with what is right to answer.

    Parameters
    ----------
    encoding
        Encoding tokens, shape ``(B, e, f)``.
    queries
        The tokens after them, shape ``(B, q, f)``.
    place
        Place among the queries of the first CTX token or of the NUL token, shape ``(B,)``.
    is_context
        1 for a context and 0 for a nullifier, shape ``(B,)``.
    fixed
        1 for the angle of a context that the state fixes, else 0, shape ``(B, 3)``.
    angles
        That angle, 0 elsewhere, shape ``(B, 3)``.
    value
        Outcome of the nullifier, 0 for contexts, shape ``(B,)``.
    """

    encoding: Numbers
    queries: Numbers
    place: Numbers
    is_context: Numbers
    fixed: Numbers
    angles: Numbers
    value: Numbers


def lessons_of(sentences: Sentences) -> Lessons:
    """Return the arrays of sentences."""
    tokens = features(sentences).astype(np.float32)
    cut = sentences.settings.encoding_length
    support = allowed(sentences)
    fixed = ~np.isnan(support.angles)
    return Lessons(
        encoding=tokens[:, :cut],
        queries=tokens[:, cut:],
        place=(sentences.question_start - cut).astype(np.int32),
        is_context=sentences.is_context.astype(np.float32),
        fixed=fixed.astype(np.float32),
        angles=np.where(fixed, support.angles, 0.0).astype(np.float32),
        value=np.nan_to_num(support.value).astype(np.float32),
    )


def spoken(sentences: Sentences, outputs: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return translations from the two numbers that a network gives for each query token.

    The third angle of a context is computed from the first two: the sum rule is given to all.

    Parameters
    ----------
    sentences
        The sentences, B of them.
    outputs
        A nullifier's answer and an angle for each query token, shape ``(B, q, 2)``.

    Returns
    -------
    ndarray
        Answers of shape ``(B, l)``, NaN where there is no question.
    """
    answers = np.full(sentences.kind.shape, np.nan)
    start = sentences.question_start
    cut = sentences.settings.encoding_length
    nullifiers = np.flatnonzero(~sentences.is_context)
    answers[nullifiers, start[nullifiers]] = outputs[nullifiers, start[nullifiers] - cut, 0]
    contexts = np.flatnonzero(sentences.is_context)
    for number in range(2):
        place = start[contexts] + number
        answers[contexts, place] = np.mod(outputs[contexts, place - cut, 1], 2 * np.pi)
    return with_sum_rule(sentences, answers)


def rated(
    sentences: Sentences, outputs: NDArray[np.float32]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], float]:
    """Return how well a network answers.

    Returns
    -------
    tuple
        Whether the law rules out the answer: for each context, and for each nullifier (an error of
        more than 0.1). Then the mean squared error of nullifiers over the variance of the exact
        answers; NaN if there are none.
    """
    answers = spoken(sentences, outputs)
    wrong = violations(sentences, answers)
    contexts = sentences.is_context
    if contexts.all():
        return wrong, wrong[:0], float("nan")
    exact = allowed(sentences).value[~contexts]
    given = answers[~contexts, sentences.question_start[~contexts]]
    error = float(np.mean((given - exact) ** 2) / np.var(exact))
    return wrong[contexts], wrong[~contexts], error
