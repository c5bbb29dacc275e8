"""Machines with few states against the rates that are counted, by the scores of the task."""

import numpy as np
import pytest

from trainscape.physics.hypergraph.one_edge import enumerated_violation
from trainscape.translation.machines import edge_task, machine_answers
from trainscape.translation.player import play
from trainscape.translation.scores import violations
from trainscape.translation.sentences import sample_sentences
from trainscape.translation.vocabulary import TaskSettings

COUNT = 20000


def rng() -> np.random.Generator:
    return np.random.default_rng(41)


@pytest.mark.parametrize("modes", [2, 3])
def test_rate_is_the_counted_one(modes):
    classes = np.array([0, 0, 0, 1, 1, 1, 1, 2])
    sentences = sample_sentences(rng(), edge_task(modes, 8), COUNT)
    rate = enumerated_violation(classes)
    measured = violations(sentences, machine_answers(sentences, classes)).mean()
    assert abs(measured - rate) < 4 * np.sqrt(rate * (1 - rate) / COUNT)
    assert not violations(sentences, play(sentences, rng())).any()


def test_enough_states_are_as_good_as_the_quantum_memory():
    sentences = sample_sentences(rng(), edge_task(3, 8), 2000)
    assert not violations(sentences, machine_answers(sentences, np.arange(8) // 2)).any()
    assert violations(sentences, machine_answers(sentences, np.arange(8) // 3)).any()


def test_other_tasks_are_refused():
    sentences = sample_sentences(rng(), TaskSettings(3, 2, levels=8), 4)
    with pytest.raises(ValueError, match=r"edge_task\(modes, 8\)"):
        machine_answers(sentences, np.arange(8))
