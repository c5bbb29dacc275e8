"""Sentences as arrays for networks, and what networks say as translations."""

import numpy as np
import pytest

from trainscape.translation.learned.lessons import lessons_of, rated, spoken
from trainscape.translation.scores import violations
from trainscape.translation.sentences import sample_sentences
from trainscape.translation.vocabulary import TaskSettings, feature_names

TASK = TaskSettings(4, 3, question="mixed", positions="probe", spacing=0.4)


@pytest.fixture(scope="module")
def sentences():
    return sample_sentences(np.random.default_rng(1), TASK, 300)


def exact_outputs(sentences):
    """Return the outputs of a network that is always right."""
    lessons = lessons_of(sentences)
    outputs = np.full((*lessons.queries.shape[:2], 2), 7.0, dtype=np.float32)
    for row, place in enumerate(lessons.place):
        if lessons.is_context[row]:
            # One half of pi each where nothing is fixed; the third follows from the sum.
            outputs[row, place : place + 2, 1] = np.pi / 2
            for number in range(2):
                if lessons.fixed[row, number]:
                    outputs[row, place + number, 1] = lessons.angles[row, number]
            if lessons.fixed[row, 2]:
                outputs[row, place, 1] = np.pi / 2 - lessons.angles[row, 2]
        else:
            outputs[row, place, 0] = lessons.value[row]
    return outputs


def test_the_cut_is_where_the_encoding_part_ends(sentences):
    lessons = lessons_of(sentences)
    names = feature_names(TASK)
    assert lessons.encoding.shape == (300, 4, len(names))
    assert (lessons.encoding[:, :, names.index("token ENC")] == 1).all()
    assert (lessons.queries[:, :, names.index("token ENC")] == 0).all()
    assert (lessons.fixed.sum(axis=1) == lessons.is_context).all()


def test_right_answers_are_rated_as_right(sentences):
    outputs = exact_outputs(sentences)
    contexts, nullifiers, error = rated(sentences, outputs)
    assert len(contexts) == sentences.is_context.sum()
    assert len(contexts) + len(nullifiers) == len(sentences)
    assert not contexts.any()
    assert not nullifiers.any()
    assert error < 1e-12
    assert not violations(sentences, spoken(sentences, outputs)).any()


def test_wrong_answers_are_rated_as_wrong(sentences):
    wrong = exact_outputs(sentences)
    wrong[:, :, 0] += 0.2
    # A third of a turn on the first two angles changes each of the three.
    wrong[:, :, 1] += 2 * np.pi / 3
    contexts, nullifiers, error = rated(sentences, wrong)
    assert contexts.all()
    assert nullifiers.all()
    assert error == pytest.approx(0.04 / (1 / 3), rel=0.2)


def test_nullifiers_alone_have_no_contexts():
    task = TaskSettings(3, 2, question="nullifier")
    sentences = sample_sentences(np.random.default_rng(2), task, 20)
    contexts, nullifiers, _ = rated(sentences, np.zeros((20, 3, 2), dtype=np.float32))
    assert len(contexts) == 0
    assert len(nullifiers) == 20
