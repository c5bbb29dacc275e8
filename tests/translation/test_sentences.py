"""What the generator draws."""

import numpy as np
import pytest
from scipy import stats

from trainscape.translation.scores import allowed, edge_coefficients
from trainscape.translation.sentences import sample_sentences
from trainscape.translation.vocabulary import TaskSettings, Token


def weights_of(sentences):
    """The strength of each hyperedge, shape (B, D)."""
    settings = sentences.settings
    result = np.zeros((len(sentences), settings.edge_count))
    rows, places = np.nonzero(sentences.kind == Token.ENC)
    result[rows, sentences.edge[rows, places]] = sentences.payload[rows, places, 0]
    return result


def test_weights():
    rng = np.random.default_rng(1)
    free = weights_of(sample_sentences(rng, TaskSettings(4, 2), 3000))
    for column in free.T:
        assert stats.kstest((column + 1) / 2, "uniform").pvalue > 1e-3
    fixed = weights_of(sample_sentences(rng, TaskSettings(4, 2, "ref"), 50))
    assert (fixed[:, 0] == 1).all()
    assert (np.abs(fixed[:, 1:]) < 1).all()
    levels = weights_of(sample_sentences(rng, TaskSettings(4, 2, levels=5), 500))
    np.testing.assert_array_equal(np.unique(levels), [-1, -0.5, 0, 0.5, 1])


@pytest.mark.parametrize("size", [(2, 2), (4, 2), (5, 3)], ids=str)
@pytest.mark.parametrize("positions", ["normal", "probe"])
def test_contexts(size, positions):
    """One of the three is the state's weight; all keep their distance."""
    settings = TaskSettings(*size, positions=positions)
    sentences = sample_sentences(np.random.default_rng(2), settings, 2000)
    three = sentences.payload[:, -3:, 2]
    coefficients = edge_coefficients(sentences)
    own = (coefficients * weights_of(sentences)).sum(axis=1)
    nearest = np.abs(three - own[:, None]).min(axis=1)
    np.testing.assert_allclose(nearest, 0, atol=1e-12)
    scale = np.sqrt((coefficients**2).sum(axis=1))
    gaps = np.diff(np.sort(three, axis=1), axis=1).min(axis=1)
    assert (gaps >= settings.spacing * scale * (1 - 1e-9)).all()
    if positions == "probe":
        # The question is about one hyperedge, with nothing beside it.
        assert ((coefficients == 1).sum(axis=1) == 1).all()
        assert ((coefficients == 0).sum(axis=1) == settings.edge_count - 1).all()
        np.testing.assert_allclose(np.nan_to_num(allowed(sentences).angles), 0, atol=1e-12)


def test_weights_that_are_not_stored():
    settings = TaskSettings(4, 2, stored=0.3)
    sentences = sample_sentences(np.random.default_rng(3), settings, 5000)
    known = np.isfinite(allowed(sentences).angles).sum(axis=1)
    assert set(known) == {0, 1}
    assert abs(known.mean() - 0.3) < 4 * np.sqrt(0.21 / 5000)


def test_a_reference_is_not_asked_about():
    settings = TaskSettings(4, 2, "ref", positions="probe")
    sentences = sample_sentences(np.random.default_rng(4), settings, 300)
    assert not (edge_coefficients(sentences)[:, 0] != 0).any()


def test_probed_nullifiers_read_one_weight():
    settings = TaskSettings(5, 3, question="nullifier", positions="probe")
    sentences = sample_sentences(np.random.default_rng(5), settings, 300)
    weights = weights_of(sentences)
    answers = sentences.answers[np.arange(300), sentences.question_start]
    distance = np.abs(weights - answers[:, None]).min(axis=1)
    np.testing.assert_allclose(distance, 0, atol=1e-12)


def test_positions():
    settings = TaskSettings(5, 2, position_spread=0.4)
    sentences = sample_sentences(np.random.default_rng(6), settings, 2000)
    y = sentences.payload[sentences.kind == Token.PREP][:, 0]
    assert stats.kstest(y / 0.4, "norm").pvalue > 1e-3


def test_spacings_that_cannot_be_met(monkeypatch):
    monkeypatch.setattr("trainscape.translation.sentences.ATTEMPTS", 1)
    with pytest.raises(ValueError, match="lower 'spacing'"):
        sample_sentences(np.random.default_rng(7), TaskSettings(3, 2, spacing=0.4), 1000)
