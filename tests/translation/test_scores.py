"""Violations and cross-entropies on answers of known worth."""

import numpy as np
import pytest
from scipy import integrate, stats

from trainscape.physics.hypergraph.magic_squares import square_shifts
from trainscape.translation.scores import (
    allowed,
    backward_cross_entropy,
    nll,
    violations,
    with_sum_rule,
)
from trainscape.translation.sentences import sample_sentences
from trainscape.translation.vocabulary import Sentences, TaskSettings, Token


def one_context(weight, three):
    """A sentence about modes 0 and 1 with the square of three weights, written by hand."""
    settings = TaskSettings(2, 2)
    s, t = square_shifts(three)
    kind = np.array([[Token.ENC, Token.CTX, Token.CTX, Token.CTX]])
    edge = np.array([[0, -1, -1, -1]])
    pair = np.array([[[-1, -1], [0, 1], [0, 1], [0, 1]]])
    payload = np.zeros((1, 4, 3))
    payload[0, 0, 0] = weight
    payload[0, 1:] = np.stack([s, t, three], axis=-1)
    return Sentences(settings, kind, edge, pair, payload, np.full((1, 4), np.nan))


def answers(*theta):
    return np.array([[np.nan, *theta]])


def test_allowed_answers_of_the_square():
    sentence = one_context(0.1, [-0.6, 0.1, 0.9])
    np.testing.assert_allclose(allowed(sentence).angles, [[np.nan, 0, np.nan]])
    assert not violations(sentence, answers(1.0, 0.0, np.pi - 1.0))[0]
    assert not violations(sentence, answers(1.0 - 2 * np.pi, 2 * np.pi, np.pi - 1.0))[0]
    assert violations(sentence, answers(1.0, 0.6, np.pi - 1.6))[0]
    assert violations(sentence, answers(1.0, 0.0, np.pi - 1.6))[0]
    # Inside the tolerance of pi / 6.
    assert not violations(sentence, answers(1.0, 0.5, np.pi - 1.5))[0]
    assert violations(sentence, answers(1.0, 0.5, np.pi - 1.5), 0.4)[0]
    assert violations(sentence, answers(np.nan, 0.0, np.pi))[0]


def test_no_answer_for_three_states():
    """The best answer without a memory is right for two of three states."""
    three = [-0.6, 0.1, 0.9]
    states = [one_context(w, three) for w in three]
    grid = np.linspace(0, 2 * np.pi, 13)
    wrong = [
        sum(violations(s, answers(a, b, np.pi - a - b))[0] for s in states)
        for a in grid
        for b in grid
    ]
    assert min(wrong) == 1
    assert max(wrong) == 3


def test_tolerances():
    sentence = one_context(0.1, [-0.6, 0.1, 0.9])
    for tolerance in (0.0, 1.1):
        with pytest.raises(ValueError, match="pi/3"):
            violations(sentence, answers(0, 0, np.pi), tolerance)
    with pytest.raises(ValueError, match="one number for each token"):
        violations(sentence, np.zeros((1, 3)))


def test_sum_rule():
    sentences = sample_sentences(np.random.default_rng(1), TaskSettings(4, 3), 50)
    broken = sentences.answers.copy()
    broken[:, -1] = np.nan
    given = with_sum_rule(sentences, broken)
    assert np.isnan(broken[:, -1]).all()
    assert not violations(sentences, given, 1e-6).any()


def test_wrong_answers_are_found():
    """Uniform angles with the right sum: right within pi/6 for a sixth of the draws."""
    rng = np.random.default_rng(2)
    settings = TaskSettings(4, 2, question="mixed")
    sentences = sample_sentences(rng, settings, 20_000)
    guess = with_sum_rule(sentences, rng.uniform(0, 2 * np.pi, size=sentences.kind.shape))
    wrong = violations(sentences, guess)
    contexts = sentences.is_context
    rate = wrong[contexts].mean()
    assert abs(rate - 5 / 6) < 4 * np.sqrt(5 / 36 / contexts.sum())
    values = sentences.answers.copy()
    places = sentences.question_start[~contexts]
    rows = np.flatnonzero(~contexts)
    values[rows, places] += 0.11
    assert violations(sentences, values)[rows].all()
    values[rows, places] -= 0.02
    assert not violations(sentences, values)[rows].any()


def smoothed(theta, fixed, variance):
    """Density of the smoothed support by a sum over its line, with each angle's own noise."""
    line = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    points = np.stack([line, np.full_like(line, fixed), np.pi - fixed - line], axis=1)
    difference = np.asarray(theta) - points
    images = difference[..., None] + 2 * np.pi * np.arange(-3, 4)
    density = stats.norm.pdf(images, scale=np.sqrt(variance)).sum(axis=-1).prod(axis=1)
    return density.mean()


@pytest.mark.parametrize("theta", [(1.0, 0.0, np.pi - 1.0), (0.3, 0.4, 2.0), (5.0, 1.0, 6.0)])
@pytest.mark.parametrize("variance", [0.05, 0.5])
def test_density_of_answers(theta, variance):
    sentence = one_context(0.1, [-0.6, 0.1, 0.9])
    cost = backward_cross_entropy(sentence, answers(*theta), variance)[0]
    assert np.exp(-cost) == pytest.approx(smoothed(theta, 0.0, variance), rel=1e-6)


def test_density_without_a_fixed_angle():
    """A weight that is not asked for: a function of the sum, normalised on the torus."""
    sentence = one_context(0.5, [-0.6, 0.1, 0.9])

    def density(total):
        return np.exp(-backward_cross_entropy(sentence, answers(total, 0.0, 0.0), 0.1)[0])

    # The other two angles are uniform: (2 pi)^2 times the integral over the sum is one.
    whole, _ = integrate.quad(density, 0, 2 * np.pi)
    assert whole * (2 * np.pi) ** 2 == pytest.approx(1, rel=1e-6)
    assert density(np.pi) > density(np.pi + 0.5) > density(0.0)


def test_cross_entropy_grows_without_bound_on_violations():
    sentence = one_context(0.1, [-0.6, 0.1, 0.9])
    right, wrong = answers(1.0, 0.0, np.pi - 1.0), answers(1.0, 1.0, np.pi - 2.0)
    costs = [backward_cross_entropy(sentence, wrong, v)[0] for v in (0.1, 0.01, 0.001)]
    assert costs[0] < costs[1] < costs[2]
    assert costs[2] > 100
    assert backward_cross_entropy(sentence, right, 0.001)[0] < 0
    with pytest.raises(ValueError, match="positive"):
        backward_cross_entropy(sentence, right, 0.0)


def test_costs_of_nullifiers():
    settings = TaskSettings(3, 2, question="mixed", kappa=True)
    sentences = sample_sentences(np.random.default_rng(3), settings, 40)
    rows = np.flatnonzero(~sentences.is_context)
    places = sentences.question_start[rows]
    given = sentences.answers.copy()
    given[rows, places] += 0.3
    cost = backward_cross_entropy(sentences, given, 0.05)
    expected = -stats.norm.logpdf(0.3, scale=np.sqrt(0.05))
    np.testing.assert_allclose(cost[rows], expected)
    mean = np.where(
        sentences.is_context,
        0.0,
        sentences.answers[np.arange(40), sentences.question_start] - 0.2,
    )
    forward = nll(sentences, mean, np.full(40, 0.1))
    np.testing.assert_allclose(forward[rows], -stats.norm.logpdf(0.2, scale=np.sqrt(0.1)))
    assert np.isnan(forward[sentences.is_context]).all()
    with pytest.raises(ValueError, match="positive"):
        nll(sentences, mean, np.zeros(40))


def test_value_of_a_nullifier():
    """y = (w_01 - kappa) y_0 + w_12 y_2 for mode 1 of three, by hand."""
    settings = TaskSettings(3, 2, question="nullifier")
    kind = np.array([[Token.ENC] * 3 + [Token.PREP] * 2 + [Token.NUL]])
    edge = np.array([[0, 1, 2, -1, -1, 0]])
    modes = np.full((1, 6, 2), -1)
    modes[0, 3:, 0] = 0, 2, 1
    payload = np.zeros((1, 6, 3))
    payload[0, :, 0] = 0.3, -0.8, 0.5, 2.0, -1.0, 0.1
    sentence = Sentences(settings, kind, edge, modes, payload, np.full((1, 6), np.nan))
    assert allowed(sentence).value == pytest.approx((0.3 - 0.1) * 2.0 + 0.5 * -1.0)
