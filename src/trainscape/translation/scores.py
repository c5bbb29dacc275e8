r"""How good a translation is: violations, cross-entropies, errors.

What is right follows from the tokens alone, by another way than the player's: the phase is
multilinear in the positions, :math:`\varphi(q) = \sum_t g_t \prod_{m \in e_t} (q_m - S_{m,t})` with
the sum over ENC tokens and S the displacements that follow token t. At the known positions of the
other modes, two modes i and l are left with :math:`w\, q_i q_l + a_i q_i + a_l q_l`, and:

* the three angles of a context sum to :math:`\pi`;
* :math:`\theta_j = s_j a_i + t_j a_l` if :math:`w_j = w`.

The law of the angles given the sentence is uniform on what that leaves.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainscape.translation.vocabulary import Sentences, Token

__all__ = [
    "Support",
    "allowed",
    "angle_difference",
    "backward_cross_entropy",
    "edge_coefficients",
    "nll",
    "violations",
    "with_sum_rule",
]

Real = NDArray[np.float64]

EQUAL = 1e-8
"""Relative difference below which a weight of a context is that of the state."""

IMAGES = 3
"""Turns to either side that the wrapped normal density sums."""


class Support(NamedTuple):
    """What answers are allowed.

    Parameters
    ----------
    angles
        Angle that the state fixes for each of the three questions of a context, or NaN, shape
        ``(B, 3)``; NaN for nullifiers. Beside that the sum of the three is pi.
    value
        Outcome of the nullifier, shape ``(B,)``; NaN for contexts.
    """

    angles: Real
    value: Real


def angle_difference(left: Real, right: Real | float) -> Real:
    """Return the difference of angles in radians, from -pi to pi."""
    return np.asarray(np.mod(left - right + np.pi, 2 * np.pi) - np.pi)


def _positions(sentences: Sentences) -> Real:
    """Return the known positions of the modes, NaN where unknown, shape ``(B, n)``."""
    known = np.full((len(sentences), sentences.settings.modes), np.nan)
    fixes = (sentences.kind == Token.PREP) | (sentences.kind == Token.POS)
    rows, places = np.nonzero(fixes)
    known[rows, sentences.modes[rows, places, 0]] = sentences.payload[rows, places, 0]
    return known


class _PairPhase(NamedTuple):
    """Coefficients of the phase of the two modes asked about, shapes ``(B,)``."""

    weight: Real
    first: Real
    second: Real


def _pair_phase(sentences: Sentences, modes: NDArray[np.int64]) -> _PairPhase:
    """Return the phase of two modes of each sentence at the known positions of the others.

    Parameters
    ----------
    sentences
        The sentences.
    modes
        Shape ``(B, 2)``; a second mode of -1 stands for none.
    """
    rows = np.arange(len(sentences))
    positions = _positions(sentences)
    later = np.zeros_like(positions)
    members = sentences.settings.monomials.members[-1]
    pair = _PairPhase(*np.zeros((3, len(sentences))))
    for place in reversed(range(sentences.length)):
        kind = sentences.kind[:, place]
        mode = sentences.modes[:, place, 0]
        value = sentences.payload[:, place, 0]
        moved = np.flatnonzero(kind == Token.DISPLACE)
        later[moved, mode[moved]] += value[moved]
        kicked = kind == Token.KICK
        for slot, single in enumerate((pair.first, pair.second)):
            single += np.where(kicked & (mode == modes[:, slot]), value, 0.0)
        edge = members[sentences.edge[:, place]]
        is_first, is_second = (edge == modes[:, slot, None] for slot in (0, 1))
        offset = np.take_along_axis(positions - later, edge, axis=1)
        rest = np.where(is_first | is_second, 1.0, offset).prod(axis=1)
        strength = np.where(kind == Token.ENC, value, 0.0)
        has_first, has_second = is_first.any(axis=1), is_second.any(axis=1)
        # Gates on neither mode are a global phase, and their positions may be unknown.
        share = np.where((has_first | has_second) & (strength != 0), strength * rest, 0.0)
        both = has_first & has_second
        beside_first = np.where(both, -later[rows, modes[:, 1]], 1.0)
        beside_second = np.where(both, -later[rows, modes[:, 0]], 1.0)
        pair.weight[both] += share[both]
        pair.first[has_first] += (share * beside_first)[has_first]
        pair.second[has_second] += (share * beside_second)[has_second]
    return pair


def edge_coefficients(sentences: Sentences) -> Real:
    """Return by how much each hyperedge enters the weight of the two modes of a context.

    Returns
    -------
    ndarray
        The products of the positions of the other modes, after later displacements, for hyperedges
        with both modes, and 0 for others, shape ``(B, D)``.
    """
    monomials = sentences.settings.monomials
    rows = np.arange(len(sentences))
    pair = sentences.modes[rows, sentences.question_start]
    positions = _positions(sentences)
    later = np.zeros_like(positions)
    result = np.zeros((len(sentences), monomials.edge_count))
    members = monomials.members[-1]
    for place in reversed(range(sentences.length)):
        moved = np.flatnonzero(sentences.kind[:, place] == Token.DISPLACE)
        later[moved, sentences.modes[moved, place, 0]] += sentences.payload[moved, place, 0]
        here = np.flatnonzero(sentences.kind[:, place] == Token.ENC)
        edge = sentences.edge[here, place]
        modes = members[edge]
        asked = (modes[:, :, None] == pair[here, None]).any(axis=2)
        offset = np.take_along_axis(positions[here] - later[here], modes, axis=1)
        rest = np.where(asked, 1.0, offset).prod(axis=1)
        result[here, edge] += np.where(asked.sum(axis=1) == 2, rest, 0.0)
    return result


def allowed(sentences: Sentences) -> Support:
    """Return what answers are allowed."""
    rows = np.arange(len(sentences))
    start = sentences.question_start
    modes = sentences.modes[rows, start]
    pair = _pair_phase(sentences, modes)
    angles = np.full((len(sentences), 3), np.nan)
    value = np.full(len(sentences), np.nan)
    here = np.flatnonzero(sentences.is_context)
    if here.size:
        places = start[here, None] + np.arange(3)
        s, t, w = np.moveaxis(sentences.payload[here[:, None], places], -1, 0)
        exact = s * pair.first[here, None] + t * pair.second[here, None]
        scale = np.abs(w).max(axis=1, keepdims=True)
        own = np.abs(w - pair.weight[here, None]) <= EQUAL * scale
        angles[here] = np.where(own, np.mod(exact, 2 * np.pi), np.nan)
    here = np.flatnonzero(~sentences.is_context)
    if here.size:
        value[here] = pair.first[here] - _kappa_slope(sentences, here, start[here])
    return Support(angles, value)


def _kappa_slope(sentences: Sentences, rows: NDArray[np.int64], start: NDArray[np.int64]) -> Real:
    """Return the derivative of kappa by the mode of the nullifier, at the known positions."""
    edge = sentences.edge[rows, start]
    modes = sentences.settings.monomials.members[-1][edge]
    own = modes == sentences.modes[rows, start, 0, None]
    positions = np.take_along_axis(_positions(sentences)[rows], modes, axis=1)
    slope = sentences.payload[rows, start, 0] * np.where(own, 1.0, positions).prod(axis=1)
    return np.asarray(np.where((edge >= 0) & own.any(axis=1), slope, 0.0))


def _context_answers(sentences: Sentences, answers: Real) -> tuple[NDArray[np.int64], Real]:
    """Return which sentences are contexts, and their three answers."""
    if answers.shape != sentences.kind.shape:
        raise ValueError(
            f"answers of shape {answers.shape} for sentences of shape {sentences.kind.shape}: "
            "give one number for each token, NaN where there is no question"
        )
    here = np.flatnonzero(sentences.is_context)
    places = sentences.question_start[here, None] + np.arange(3)
    return here, answers[here[:, None], places]


def with_sum_rule(sentences: Sentences, answers: Real) -> Real:
    """Return answers with the third angle of each context computed from the first two.

    That the three sum to pi is no secret, and models are given it.
    """
    here, theta = _context_answers(sentences, answers)
    result = answers.copy()
    last = sentences.question_start[here] + 2
    result[here, last] = np.mod(np.pi - theta[:, 0] - theta[:, 1], 2 * np.pi)
    return result


def violations(
    sentences: Sentences,
    answers: Real,
    tolerance: float = np.pi / 6,
    nullifier_tolerance: float = 0.1,
) -> NDArray[np.bool_]:
    """Return which translations the exact law rules out.

    Parameters
    ----------
    sentences
        The sentences, B of them.
    answers
        Translations, shape ``(B, l)``. A missing answer (NaN) is a violation.
    tolerance
        Largest error of an angle, and of the sum of three, in radians; below pi / 3, from where on
        one translation could be right for three states.
    nullifier_tolerance
        Largest error of a nullifier's outcome.

    Returns
    -------
    ndarray
        Shape ``(B,)``.
    """
    if not 0 < tolerance < np.pi / 3:
        raise ValueError(
            f"a tolerance of {tolerance:.4g}: choose one between 0 and pi/3 = 1.047, from where on "
            "one answer is right for three states"
        )
    support = allowed(sentences)
    here, theta = _context_answers(sentences, answers)
    result = np.zeros(len(sentences), dtype=np.bool_)
    fixed = support.angles[here]
    right_sum = np.abs(angle_difference(theta.sum(axis=1), np.pi)) <= tolerance
    right = np.isnan(fixed) | (np.abs(angle_difference(theta, fixed)) <= tolerance)
    result[here] = ~(right_sum & right.all(axis=1))
    others = np.flatnonzero(~sentences.is_context)
    given = answers[others, sentences.question_start[others]]
    result[others] = ~(np.abs(given - support.value[others]) <= nullifier_tolerance)
    return result


def _log_wrapped_normal(angle: Real, variance: Real | float) -> Real:
    """Return the log density of a normal angle of mean 0, per radian."""
    centred = angle_difference(angle, 0.0)
    images = centred[..., None] + 2 * np.pi * np.arange(-IMAGES, IMAGES + 1)
    spread = np.asarray(variance)[..., None]
    exponents = -(images**2) / (2 * spread)
    largest = exponents.max(axis=-1)
    total = np.exp(exponents - largest[..., None]).sum(axis=-1)
    return np.asarray(largest + np.log(total) - 0.5 * np.log(2 * np.pi * spread[..., 0]))


def backward_cross_entropy(sentences: Sentences, answers: Real, variance: float) -> Real:
    r"""Return ``-log p(y | x)`` of translations under the exact law, smoothed, in nats.

    The law of the three angles is uniform on a line or a plane of the torus, and each angle has a
    normal error of the given variance v. With one angle fixed to c this is
    :math:`W_v(\theta_j - c)\, W_{2v}(\theta_a + \theta_b + c - \pi) / 2\pi`, with none
    :math:`W_{3v}(\sum \theta - \pi) / 4\pi^2`, where :math:`W_v` is the wrapped normal density. A
    nullifier is :math:`N(\mathrm{exact}, v)`. For v to 0 a violation costs infinity.

    Parameters
    ----------
    sentences
        The sentences, B of them.
    answers
        Translations drawn from a model, shape ``(B, l)``; the mean of the result over them is the
        backward cross-entropy of the model.
    variance
        Variance v in squared radians (or of the nullifier's outcome), positive, at most about 4.

    Returns
    -------
    ndarray
        Shape ``(B,)``.
    """
    if not variance > 0:
        raise ValueError(
            f"a variance of {variance} leaves no density; give a positive one (the ideal limit is "
            "the rate of violations)"
        )
    support = allowed(sentences)
    here, theta = _context_answers(sentences, answers)
    cost = np.zeros(len(sentences))
    fixed = support.angles[here]
    is_fixed = ~np.isnan(fixed)
    error = np.where(is_fixed, angle_difference(theta, np.where(is_fixed, fixed, 0.0)), 0.0)
    any_fixed = is_fixed.any(axis=1)
    known = np.where(is_fixed, fixed, 0.0).sum(axis=1)
    others = np.where(is_fixed, 0.0, theta).sum(axis=1)
    own = _log_wrapped_normal(error.sum(axis=1), variance)
    rest = _log_wrapped_normal(others + known - np.pi, np.where(any_fixed, 2.0, 3.0) * variance)
    turn = np.log(2 * np.pi)
    cost[here] = -np.where(any_fixed, own + rest - turn, rest - 2 * turn)
    nullifiers = np.flatnonzero(~sentences.is_context)
    given = answers[nullifiers, sentences.question_start[nullifiers]]
    cost[nullifiers] = _normal_cost(given, support.value[nullifiers], variance)
    return cost


def _normal_cost(value: Real, mean: Real, variance: Real | float) -> Real:
    return np.asarray(0.5 * (np.log(2 * np.pi * variance) + (value - mean) ** 2 / variance))


def nll(sentences: Sentences, mean: Real, variance: Real) -> Real:
    """Return the forward negative log-likelihood of nullifier outcomes, in nats.

    Parameters
    ----------
    sentences
        Sentences, B of them, with the translations that are to be likely.
    mean, variance
        What a model says of the outcome: a normal law, shape ``(B,)`` each.

    Returns
    -------
    ndarray
        Shape ``(B,)``; NaN for contexts.
    """
    if np.any(variance <= 0):
        raise ValueError("the variance of a normal law has to be positive; add a floor to it")
    rows = np.arange(len(sentences))
    target = sentences.answers[rows, sentences.question_start]
    cost = _normal_cost(target, mean, variance)
    return np.where(sentences.is_context, np.nan, cost)
