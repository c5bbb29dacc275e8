"""Training runs: equal bits, interruption, and that they learn."""

import numpy as np
import pytest

pytest.importorskip("jax")

from trainscape.translation.learned import training
from trainscape.translation.learned.lessons import rated
from trainscape.translation.learned.training import (
    ModelSize,
    Trainer,
    TrainingOptions,
    answers_of,
    initial_state,
    train,
)
from trainscape.translation.sentences import sample_sentences
from trainscape.translation.vocabulary import TaskSettings, feature_names

TASK = TaskSettings(3, 2, question="mixed", positions="probe", spacing=0.4)
SIZE = ModelSize("linear", len(feature_names(TASK)), 4, 8)
OPTIONS = TrainingOptions(steps=60, segment=20, batch=16, sentences=256, validation=64)


def run(latent=3, rate=1e-2, entropy=5, state=None, keep=lambda state: None):
    trainer = Trainer(SIZE, latent, TASK, OPTIONS, rate, entropy)
    start = initial_state(SIZE, np.random.default_rng(1)) if state is None else state
    return train(trainer, start, keep)


def same(left, right):
    return all(left[name].tobytes() == right[name].tobytes() for name in left)


@pytest.mark.slow
def test_runs_have_the_same_bits_whatever_ran_before_or_was_interrupted():
    kept = []
    first = run(keep=kept.append)
    assert [int(state["segments"]) for state in kept] == [1, 2, 3]
    assert first["done"]
    # Other runs share the compiled function, and nothing else.
    other = run(latent=1, rate=3e-3, entropy=6)
    assert not same(first, other)
    assert same(first, run())
    for state in kept[:2]:
        assert same(first, run(state={name: array.copy() for name, array in state.items()}))


@pytest.mark.slow
def test_validation_loss_falls_and_the_best_parameters_are_kept():
    options = TrainingOptions(steps=600, segment=200, batch=32, sentences=1024, validation=256)
    trainer = Trainer(SIZE, 3, TASK, options, 1e-2, 5)
    losses = []
    state = train(
        trainer,
        initial_state(SIZE, np.random.default_rng(1)),
        lambda state: losses.append(float(state["best_loss"])),
    )
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 0.8 * losses[0]
    sentences = sample_sentences(np.random.default_rng(8), TASK, 500)
    _, _, error = rated(sentences, answers_of(SIZE, 3, state["best"], sentences))
    assert error < 0.9


@pytest.mark.slow
def test_answers_do_not_depend_on_the_pieces_in_which_they_are_given(monkeypatch):
    sentences = sample_sentences(np.random.default_rng(8), TASK, 50)
    parameters = initial_state(SIZE, np.random.default_rng(1))["parameters"]
    whole = answers_of(SIZE, 3, parameters, sentences)
    monkeypatch.setattr(training, "PIECE", 16)
    np.testing.assert_allclose(answers_of(SIZE, 3, parameters, sentences), whole, atol=1e-6)


def test_a_network_and_a_task_have_to_fit():
    wider = TaskSettings(4, 2, question="mixed", positions="probe")
    with pytest.raises(ValueError, match="make both from the same task"):
        Trainer(SIZE, 3, wider, OPTIONS, 1e-2, 5)
    with pytest.raises(ValueError, match="from 0 to 4"):
        Trainer(SIZE, 5, TASK, OPTIONS, 1e-2, 5)
