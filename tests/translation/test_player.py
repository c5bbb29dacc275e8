"""The exact translator: no violation, the right law, whatever the order of the words."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from trainscape.physics.hypergraph.group import exponential
from trainscape.physics.hypergraph.measurements import sample_context
from trainscape.physics.hypergraph.phases import evaluate, measure_position
from trainscape.translation.player import memory_after, play
from trainscape.translation.scores import allowed, angle_difference, violations
from trainscape.translation.sentences import sample_sentences
from trainscape.translation.vocabulary import Sentences, TaskSettings, Token

SIZES = [(3, 2), (5, 2), (4, 3), (6, 3)]
VARIANTS = {
    "plain": {},
    "probe": {"positions": "probe", "question": "mixed"},
    "reference": {"weights": "ref", "question": "mixed", "kappa": True},
    "levels": {"levels": 16, "measured": True},
    "not stored": {"levels": 16, "stored": 0.5},
    "displaced": {"question": "mixed", "displacements": 3, "kicks": 2, "kappa": True},
}


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_ten_thousand_sentences_without_violation(size):
    sentences = sample_sentences(np.random.default_rng(1), TaskSettings(*size), 10_000)
    assert not violations(sentences, sentences.answers).any()
    assert not violations(sentences, play(sentences, np.random.default_rng(2)), 1e-6).any()


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_hundred_thousand_sentences_without_violation(size):
    settings = TaskSettings(*size, question="mixed", kappa=True, displacements=2, kicks=1)
    sentences = sample_sentences(np.random.default_rng(3), settings, 100_000)
    assert not violations(sentences, sentences.answers, 1e-6, 1e-9).any()


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
@pytest.mark.parametrize("size", [(2, 2), (4, 2), (4, 4), (5, 3)], ids=str)
def test_variants_without_violation(size, variant):
    if size[0] == size[1] and variant == "reference":
        size = (6, 4)
    settings = TaskSettings(*size, **VARIANTS[variant])
    sentences = sample_sentences(np.random.default_rng(4), settings, 1000)
    assert not violations(sentences, sentences.answers, 1e-6, 1e-9).any()


def test_same_seeds_same_bits():
    settings = TaskSettings(4, 3, question="mixed")
    first, second = (sample_sentences(np.random.default_rng(5), settings, 100) for _ in range(2))
    for name in ("kind", "edge", "modes", "payload", "answers"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
    other = sample_sentences(np.random.default_rng(6), settings, 100)
    assert (other.payload != first.payload).any()


def reordered(sentences: Sentences, rng) -> Sentences:
    """The same sentences with the ENC tokens in another order."""
    count, length = sentences.settings.edge_count, sentences.length
    order = np.tile(np.arange(length), (len(sentences), 1))
    order[:, :count] = rng.permuted(order[:, :count], axis=1)
    rows = np.arange(len(sentences))[:, None]
    return replace(
        sentences,
        kind=sentences.kind[rows, order],
        edge=sentences.edge[rows, order],
        modes=sentences.modes[rows, order],
        payload=sentences.payload[rows, order],
    )


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_order_of_encoding_tokens_does_not_matter(size):
    settings = TaskSettings(*size, question="mixed")
    sentences = sample_sentences(np.random.default_rng(7), settings, 200)
    other = reordered(sentences, np.random.default_rng(8))
    assert (other.edge != sentences.edge).any()
    answers, moved = (play(s, np.random.default_rng(9)) for s in (sentences, other))
    difference = np.where(
        sentences.kind == Token.NUL, answers - moved, angle_difference(answers, moved)
    )
    np.testing.assert_allclose(np.nan_to_num(difference), 0, atol=1e-8)


def test_order_matters_with_displacements():
    settings = TaskSettings(3, 2, question="nullifier", displacements=2)
    sentences = sample_sentences(np.random.default_rng(10), settings, 50)
    assert (sentences.kind[:, :5] == Token.DISPLACE).sum() == 100
    swapped = replace(
        sentences,
        kind=np.concatenate([sentences.kind[:, 4::-1], sentences.kind[:, 5:]], axis=1),
        edge=np.concatenate([sentences.edge[:, 4::-1], sentences.edge[:, 5:]], axis=1),
        modes=np.concatenate([sentences.modes[:, 4::-1], sentences.modes[:, 5:]], axis=1),
        payload=np.concatenate([sentences.payload[:, 4::-1], sentences.payload[:, 5:]], axis=1),
    )
    assert not np.allclose(allowed(sentences).value, allowed(swapped).value)


def test_law_of_a_context():
    """One angle is fixed, each of the other two uniform, their sum known."""
    sentences = sample_sentences(np.random.default_rng(11), TaskSettings(4, 3), 4000)
    support = allowed(sentences).angles
    assert (np.isfinite(support).sum(axis=1) == 1).all()
    theta = sentences.answers[:, -3:]
    free = np.isnan(support)
    for j in range(3):
        turns = theta[free[:, j], j] / (2 * np.pi)
        assert stats.kstest(turns, "uniform").pvalue > 1e-3
    # The place of the state's own weight is uniform.
    counts = (~free).sum(axis=0)
    assert stats.chisquare(counts).pvalue > 1e-3


def test_memory_is_the_phase():
    """The memory after the encoding part, against a sum over its words."""
    settings = TaskSettings(4, 3, displacements=3, kicks=2)
    sentences = sample_sentences(np.random.default_rng(12), settings, 20)
    phi = memory_after(sentences, settings.encoding_length)
    monomials = settings.monomials
    q = np.random.default_rng(13).normal(size=4)
    for b in range(20):
        value, origin, later = 0.0, 0.0, np.zeros(4)
        for place in reversed(range(settings.encoding_length)):
            kind, number = sentences.kind[b, place], sentences.payload[b, place, 0]
            mode = sentences.modes[b, place, 0]
            if kind == Token.DISPLACE:
                later[mode] += number
            elif kind == Token.KICK:
                value += number * (q - later)[mode]
                origin += number * -later[mode]
            else:
                members = list(monomials.edges[sentences.edge[b, place]])
                value += number * np.prod((q - later)[members])
                origin += number * np.prod(-later[members])
        assert evaluate(monomials, phi[b], q) == pytest.approx(value - origin, abs=1e-10)


def test_questions_to_the_whole_state():
    """The context of all n modes, as group elements, has the angles that two modes give."""
    settings = TaskSettings(4, 3)
    sentences = sample_sentences(np.random.default_rng(14), settings, 30)
    monomials = settings.monomials
    phi = memory_after(sentences)
    first = int(sentences.question_start[0])
    pair = sentences.modes[:, first]
    rows = np.arange(30)
    elements = []
    for j in range(3):
        s, t, w = np.moveaxis(sentences.payload[:, first + j], -1, 0)
        shift, table = np.zeros((30, 4)), np.zeros((30, monomials.count))
        shift[rows, pair[:, 0]], shift[rows, pair[:, 1]] = s, t
        table[rows, pair[:, 0]], table[rows, pair[:, 1]] = -w * t, -w * s
        elements.append(exponential(monomials, shift, table))
    theta = sample_context(elements, phi, np.random.default_rng(15))
    answers = np.full(sentences.kind.shape, np.nan)
    answers[:, first:] = theta
    assert not violations(sentences, answers, 1e-6).any()
    assert monomials.count == phi.shape[1]


def test_answers_to_open_questions_are_refused():
    settings = TaskSettings(4, 3, question="mixed")
    sentences = sample_sentences(np.random.default_rng(16), settings, 40)
    for part, words in (
        (sentences[sentences.is_context], "asks about two modes"),
        (sentences[~sentences.is_context], "asks for a nullifier"),
    ):
        kind = part.kind.copy()
        kind[:, settings.encoding_length] = Token.PAD
        with pytest.raises(ValueError, match=words):
            play(replace(part, kind=kind), np.random.default_rng(1))


def test_sentences_without_a_question():
    sentences = sample_sentences(np.random.default_rng(17), TaskSettings(3, 2), 2)
    kind = np.where(sentences.kind == Token.CTX, Token.PAD, sentences.kind)
    with pytest.raises(ValueError, match="sentence 0 has no question"):
        play(replace(sentences, kind=kind), np.random.default_rng(1))


def test_a_measured_mode_is_out_of_the_memory():
    settings = TaskSettings(3, 3)
    sentences = sample_sentences(np.random.default_rng(18), settings, 5)
    before = memory_after(sentences, 1)
    mode, y = sentences.modes[:, 1, 0], sentences.payload[:, 1, 0]
    after = measure_position(settings.monomials, before, mode, y)
    np.testing.assert_array_equal(memory_after(sentences, 2), after)
