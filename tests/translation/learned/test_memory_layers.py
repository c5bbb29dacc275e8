"""Phases as memories: derivatives, what a mask leaves, and that networks are causal."""

import numpy as np
import pytest

jax = pytest.importorskip("jax")

from trainscape.physics.hypergraph.monomials import Monomials  # noqa: E402
from trainscape.translation.learned.memory_layers import (  # noqa: E402
    Phase,
    coefficients,
    memory_mask,
)
from trainscape.translation.learned.parameters import flat_model  # noqa: E402
from trainscape.translation.learned.stream_training import (  # noqa: E402
    NetworkSize,
    StreamModel,
    StreamTrainer,
)
from trainscape.translation.learned.streams import StreamTask  # noqa: E402
from translation.learned.precision import double_precision  # noqa: E402


@pytest.mark.parametrize(("modes", "order"), [(3, 1), (4, 2), (4, 3)])
def test_what_is_read_is_the_gradient_of_the_polynomial(modes, order):
    rng = np.random.default_rng(3)
    phase = rng.normal(size=coefficients(modes, order))
    positions = rng.normal(size=modes)
    # The monomials of the exact simulation, which begin with the constant one or not.
    members = [
        np.flatnonzero(row) for row in Monomials(modes, order).membership if 0 < row.sum() <= order
    ]
    members.sort(key=lambda own: (len(own), own.tolist()))

    def polynomial(q):
        return sum(c * np.prod(q[own]) for c, own in zip(phase, members, strict=True))

    step = 1e-6
    expected = [
        (polynomial(positions + step * unit) - polynomial(positions - step * unit)) / (2 * step)
        for unit in np.eye(modes)
    ]
    with double_precision():
        read = Phase(modes, order).derivatives(phase, positions)
    np.testing.assert_allclose(np.asarray(read), expected, atol=1e-5)


def test_masks_leave_as_many_numbers_as_they_should():
    assert coefficients(4, 2) == 10
    assert memory_mask("phase", "attention", 4, 2, 1).tolist() == [1.0] * 4 + [0.0] * 6
    assert memory_mask("numbers", "recurrent", 4, 2, 4).tolist() == [1.0] * 4 + [0.0] * 6
    square = memory_mask("numbers", "attention", 4, 2, 4).reshape(4, 4)
    assert square[:2, :2].all()
    assert square.sum() == 4
    assert memory_mask("numbers", "attention", 4, 2, 10).sum() == 10


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ["recurrent", "attention"])
@pytest.mark.parametrize("memory", ["numbers", "phase"])
def test_networks_are_causal_and_remember_by_the_mask_alone(architecture, memory):
    size = NetworkSize(architecture, memory, 5, 8, 3, 2)
    model = flat_model(lambda key: StreamModel(size, key))
    network = model.unflatten(model.initial(np.random.default_rng(2)))
    tokens = np.random.default_rng(4).normal(size=(6, 5)).astype(np.float32)
    full = memory_mask(memory, architecture, 3, 2, 2 if memory == "phase" else 6)

    def depends(mask):
        """Return which answers depend on which tokens, shape (l, l)."""
        jacobian = jax.jit(jax.jacobian(lambda own: network(own, mask)))(tokens)
        return np.abs(np.asarray(jacobian)).sum(axis=(1, 3)) > 0

    assert np.array_equal(depends(full), np.tril(np.ones((6, 6), dtype=bool)))
    assert np.array_equal(depends(0 * full), np.eye(6, dtype=bool))


def test_sequences_of_all_tasks():
    rng = np.random.default_rng(5)
    copying = StreamTask("copying", 16, 27, 8, 8, 5, 2).sample(rng, 3)
    shown = copying.tokens[:, :8, :8]
    assert np.array_equal(copying.symbols[:, 8:, :8], shown)
    assert not copying.tokens[:, 8:, :8].any()
    translation = StreamTask("translation", 16, 27, 8, 8, 5, 2).sample(rng, 4)
    assert translation.asks_value.sum(axis=1).tolist() == [1.0] * 4
    # The question names its hyperedge and a weight; the answer is the difference of both.
    for tokens, asks, value in zip(
        translation.tokens, translation.asks_value, translation.value, strict=True
    ):
        place = int(asks.argmax())
        edge = tokens[place, 8:18]
        (told,) = np.flatnonzero((tokens[:10, 8:18] == edge).all(axis=1))
        assert value[place] == pytest.approx(tokens[told, 23] - tokens[place, 23], abs=1e-6)
    text = "in the beginning " * 60
    task = StreamTask("text", 16, 27, 8, 8, 5, 2, text)
    held = task.held_out(rng, 1)
    assert not held.symbols[:, :8].any()
    following = held.tokens[:, 1:].argmax(axis=2)
    assert np.array_equal(held.symbols[:, 8:-1].argmax(axis=2), following[:, 8:])


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="needs 16"):
        StreamTask("copying", 12, 27, 8, 8, 5, 2)
    with pytest.raises(ValueError, match="longer text"):
        StreamTask("text", 16, 27, 8, 8, 5, 2, "too short")


@pytest.mark.slow
def test_a_phase_learns_to_copy():
    task = StreamTask("copying", 4, 27, 2, 3, 3, 2)
    size = NetworkSize("attention", "phase", 27, 16, 2, 2)
    trainer = StreamTrainer(size, 2, task, 300, 150, 16, 1024, 1e-2, 7)
    test = task.held_out(np.random.default_rng(5), 256)
    state = trainer.start(np.random.default_rng(1))
    before = trainer.rating(state["parameters"], test)
    while not state["done"]:
        state = trainer.advance(state)
    after = trainer.rating(state["parameters"], test)
    assert before.wrong > 0.4 * before.asked
    assert after.wrong < 0.05 * after.asked
