"""Contexts of learned weights: the law of their angles, and rates of violations."""

import numpy as np
import pytest

from trainscape.physics.hypergraph.magic_squares import square_elements
from trainscape.physics.hypergraph.noise import angle_violation, variance_of_decibels
from trainscape.physics.hypergraph.squeezing import expectation, squeezing_of_decibels
from trainscape.translation.learned.learned_contexts import angle_error, context_violation
from trainscape.translation.sentences import sample_sentences
from trainscape.translation.vocabulary import TaskSettings, Token

TASK = TaskSettings(4, 3, question="context", positions="probe", spacing=0.4)


def contexts(count=200):
    return sample_sentences(np.random.default_rng(1), TASK, count)


def true_weights(sentences):
    weights = np.zeros((len(sentences), TASK.edge_count))
    rows, places = np.nonzero(sentences.kind == Token.ENC)
    weights[rows, sentences.edge[rows, places]] = sentences.payload[rows, places, 0]
    return weights


@pytest.mark.parametrize(("s", "t"), [(1.7, 1.7), (2.5, -2.5), (0.8, 1.9)])
def test_variance_is_that_of_the_exact_law(s, t):
    weight, error, decibels = 0.3, 0.04, 12.0
    # The state has the weight 0.34, its stabiliser is asked for 0.3.
    element = square_elements(s, t, weight)
    phi = np.array([0.0, 0.0, weight + error])
    mean = expectation(element, phi, squeezing_of_decibels(decibels))
    variance = angle_error(s**2 + t**2, error, variance_of_decibels(decibels))
    # Normal up to the small shift and stretch that a product of both errors makes.
    assert abs(complex(mean)) == pytest.approx(np.exp(-variance / 2), rel=2e-3)


def test_least_at_the_squeezing_that_suits_the_error():
    u = np.geomspace(1, 1000, 4001)
    values = angle_error(20.0, 0.01, u)
    assert u[values.argmin()] == pytest.approx(1 / 0.02, rel=1e-2)
    assert values.min() == pytest.approx(0.2, rel=1e-4)


def test_rates_of_exact_and_of_wrong_weights():
    sentences = contexts()
    weights = true_weights(sentences)
    strong = variance_of_decibels([60.0])
    assert context_violation(sentences, weights, strong)[0] < 1e-6
    # Weights that are off by 0.5 leave uniform angles, of which 5 in 6 are wrong.
    wrong = context_violation(sentences, weights + 0.5, strong)
    assert wrong[0] == pytest.approx(5 / 6, abs=0.01)
    one = context_violation(sentences, weights + 0.01, variance_of_decibels([17.0]))
    assert angle_violation(np.array(0.05), np.pi / 6) < one[0] < 0.3


def test_other_sentences_are_refused():
    task = TaskSettings(3, 2, question="context")
    sentences = sample_sentences(np.random.default_rng(1), task, 4)
    with pytest.raises(ValueError, match="positions='probe'"):
        context_violation(sentences, np.zeros((4, 3)), np.ones(1))
