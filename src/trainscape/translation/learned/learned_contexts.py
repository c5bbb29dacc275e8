r"""Contexts that a k-HRNN with learned weights answers, at finite squeezing.

On ideal modes any error of a weight makes the angles of a context uniform. On squeezed ones, whose
positions have the variance u, the angle of the stored weight is off by a normal error of variance

.. math:: v = |s|^2 \left( \frac{1}{4u} + \delta^2 u \right),

with s the shifts of the question and :math:`\delta` the error of the weight: the residual phase is
:math:`\delta (s_1 q_2 + s_2 q_1)`. It is least at :math:`u = 1 / (2 |\delta|)`, where it is
:math:`|s|^2 |\delta|`. The sum of the three angles stays :math:`\pi`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainscape.physics.hypergraph.noise import angle_violation
from trainscape.translation.scores import allowed, edge_coefficients
from trainscape.translation.sentences import Sentences
from trainscape.translation.vocabulary import Token

__all__ = ["angle_error", "context_violation"]

Real = NDArray[np.float64]
TOLERANCE = np.pi / 6
"""That of `trainscape.translation.scores.violations`."""


def angle_error(shift_square: ArrayLike, error: ArrayLike, position_variance: ArrayLike) -> Real:
    """Return the variance of the error of an angle.

    Parameters
    ----------
    shift_square
        ``|s|^2`` of both shifts.
    error
        Error of the weight.
    position_variance
        Variance u of a position before any gate.
    """
    u = np.asarray(position_variance, dtype=np.float64)
    square, delta = (np.asarray(values, dtype=np.float64) for values in (shift_square, error))
    return np.asarray(square * (1 / (4 * u) + delta**2 * u))


def context_violation(sentences: Sentences, learned: Real, position_variance: ArrayLike) -> Real:
    """Return the mean probability that a context is violated.

    Parameters
    ----------
    sentences
        Contexts with positions of probes, B of them.
    learned
        Weights of the model's memory, shape ``(B, D)``.
    position_variance
        Variances u, shape ``(L,)``.

    Returns
    -------
    ndarray
        Shape ``(L,)``.

    Raises
    ------
    ValueError
        If sentences ask about more than the weight of one hyperedge.
    """
    settings = sentences.settings
    if settings.positions != "probe" or not sentences.is_context.all():
        raise ValueError(
            "contexts of learned weights are judged where they ask about one weight; make the "
            "sentences with question='context' and positions='probe'"
        )
    rows, encodes = np.arange(len(sentences)), sentences.kind == Token.ENC
    true = np.zeros_like(learned)
    true[np.nonzero(encodes)[0], sentences.edge[encodes]] = sentences.payload[encodes][:, 0]
    error = (edge_coefficients(sentences) * (learned - true)).sum(axis=1)
    place = (~np.isnan(allowed(sentences).angles)).argmax(axis=1)
    shifts = sentences.payload[rows, sentences.question_start + place, :2]
    square = (shifts**2).sum(axis=1)[:, None]
    variance = angle_error(square, error[:, None], np.asarray(position_variance)[None, :])
    return np.asarray(angle_violation(variance, TOLERANCE).mean(axis=0))
