"""Folds of latent maps: of a network made by hand, and of what training leaves."""

import numpy as np
import pytest

jax = pytest.importorskip("jax")

from trainscape.translation.learned.folds import folded_share  # noqa: E402
from trainscape.translation.learned.training import (  # noqa: E402
    ModelSize,
    Trainer,
    TrainingOptions,
    initial_state,
)
from trainscape.translation.sentences import sample_sentences  # noqa: E402
from trainscape.translation.vocabulary import TaskSettings, feature_names  # noqa: E402

TASK = TaskSettings(3, 2, question="nullifier", positions="probe", spacing=0.4)
SIZE = ModelSize("linear", len(feature_names(TASK)), 5, 16)


def sentences(count=300, task=TASK):
    return sample_sentences(np.random.default_rng(3), task, count)


@pytest.mark.slow
def test_random_networks_are_folded():
    parameters = initial_state(SIZE, np.random.default_rng(1))["parameters"]
    assert 0.1 < folded_share(SIZE, 3, parameters, sentences()) <= 0.5


def test_other_sizes_are_refused():
    parameters = initial_state(SIZE, np.random.default_rng(1))["parameters"]
    with pytest.raises(ValueError, match="2 latent numbers and 3 hyperedges"):
        folded_share(SIZE, 2, parameters, sentences(4))


@pytest.mark.slow
def test_nullifiers_leave_no_fold():
    options = TrainingOptions(steps=1200, segment=400, batch=64, sentences=2048, validation=256)
    trainer = Trainer(SIZE, 3, TASK, options, 1e-2, 5)
    state, validation = initial_state(SIZE, np.random.default_rng(1)), trainer.validation()
    while not state["done"]:
        state = trainer.advance(state, validation)
    assert folded_share(SIZE, 3, state["best"], sentences()) == 0
