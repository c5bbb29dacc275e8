"""The trainable k-HRNN: its law against the exact rules and sampling, its losses, its training."""

import math

import numpy as np
import pytest
from scipy import stats

jax = pytest.importorskip("jax")

import jax.numpy as jnp  # noqa: E402

from trainscape.physics.hypergraph.monomials import Monomials  # noqa: E402
from trainscape.physics.hypergraph.phases import (  # noqa: E402
    measure_position,
    nullifier_residual,
)
from trainscape.translation.learned.cell_losses import gaussian_nll, mean_discrepancy  # noqa: E402
from trainscape.translation.learned.cell_training import CellTrainer, initial_cell  # noqa: E402
from trainscape.translation.learned.hypergraph_cell import (  # noqa: E402
    Answer,
    Choice,
    HypergraphCell,
    cell_lessons,
)
from trainscape.translation.learned.parameters import flat_model  # noqa: E402
from trainscape.translation.sentences import sample_sentences  # noqa: E402
from trainscape.translation.vocabulary import TaskSettings, feature_names  # noqa: E402
from translation.learned.precision import double_precision  # noqa: E402

TASK = TaskSettings(4, 3, question="nullifier", kappa=True)


def cell(task=TASK, order=None, seed=1):
    features = len(feature_names(task))
    model = flat_model(lambda key: HypergraphCell(features, task.modes, order or task.order, key))
    return model, model.initial(np.random.default_rng(seed))


def trainer(**changed):
    settings = {
        "task": TASK,
        "order": 3,
        "loss": "mmd",
        "steps": 40,
        "segment": 20,
        "batch": 8,
        "sentences": 64,
        "rate": 1e-2,
        "squeezing": 1.0,
        "scale": 10.0,
        "entropy": 3,
    }
    return CellTrainer(**{**settings, **changed})


def sentences(count=6, task=TASK):
    return sample_sentences(np.random.default_rng(4), task, count)


@pytest.mark.parametrize(
    ("modes", "order"),
    [(3, 2), *(pytest.param(*size, marks=pytest.mark.slow) for size in [(5, 3), (4, 4)])],
)
def test_derivatives_are_those_of_the_exact_rules(modes, order):
    task = TaskSettings(modes, order, question="nullifier")
    model, parameters = cell(task)
    network = model.unflatten(parameters)
    rng = np.random.default_rng(modes)
    monomials = Monomials(modes, order)
    weights = rng.normal(size=math.comb(modes, order))
    positions, told = rng.normal(size=modes), np.ones(modes)
    told[1] = positions[1] = 0.0
    constant, slope = network._derivatives(weights, positions, told)
    phi = np.zeros((1, monomials.count))
    phi[0, monomials.edge_offset :] = weights
    for mode in range(modes):
        if mode != 1:
            phi = measure_position(monomials, phi, np.array([mode]), positions[[mode]])
    exact, rest = nullifier_residual(monomials, phi, np.array([1]), np.zeros_like(phi))
    assert float(constant[1]) == pytest.approx(float(exact[0]), rel=1e-5)
    assert float(slope[1]) == 0
    assert not rest.any()
    # Of another mode the derivative is linear in the position that is not told.
    for mode in {0, modes - 1}:
        for unknown in (-0.7, 1.3):
            full = positions.copy()
            full[1] = unknown
            expected = sum(
                weight * np.prod([full[other] for other in edge if other != mode])
                for weight, edge in zip(weights, network.members, strict=True)
                if mode in edge
            )
            found = float(constant[mode] + slope[mode] * unknown)
            assert found == pytest.approx(expected, rel=1e-4, abs=1e-5)


@pytest.mark.slow
def test_moments_are_those_of_samples():
    model, parameters = cell()
    network = model.unflatten(parameters)
    lesson = jax.tree.map(lambda array: array[0], cell_lessons(sentences(), np.zeros(6)))
    soft = Choice(0.0, 0.0, None)
    momentum, position = 0.3, 1.7
    law = network.answer(lesson, (momentum, position), soft)
    weights = network.weights(lesson.tokens, soft)
    numbers = network.kappa(lesson.question)
    weights = weights - jax.nn.softmax(numbers[:-1])[:-1] * numbers[-1]
    constant, slope = network._derivatives(weights, lesson.positions, lesson.told)
    rng = np.random.default_rng(0)
    draws = 400_000
    mode = rng.choice(
        4,
        size=draws,
        p=np.asarray(jax.nn.softmax(network.beta(lesson.question)), dtype=np.float64) / 1.0000001
        + 2.5e-8,
    )
    outcome = (
        rng.normal(0, momentum, draws)
        + np.asarray(constant)[mode]
        + np.asarray(slope)[mode] * rng.normal(0, position, draws)
    )
    for power, expected in ((1, law.first), (2, law.second)):
        error = (outcome**power).std() / math.sqrt(draws)
        assert abs((outcome**power).mean() - float(expected)) < 5 * error


@pytest.mark.slow
@pytest.mark.parametrize("loss", ["mmd", "nll"])
def test_gradients_are_those_of_finite_differences(loss):
    own = trainer(loss=loss)
    some = cell_lessons(sentences(), np.full(6, 0.1))
    rng = np.random.default_rng(5)
    with double_precision():
        start = jnp.asarray(own.flat.initial(rng), dtype=jnp.float64)
        direction = jnp.asarray(rng.normal(size=own.flat.size))
        choice = Choice(0.0, 0.5, jax.random.key(2))
        value = jax.jit(
            lambda parameters: own.batch_loss(own.flat.unflatten(parameters), some, choice)
        )
        gradient = float(own.flat.gradient(own.batch_loss, start, some, choice) @ direction)
        step = 1e-5
        ends = [float(value(start + sign * step * direction)) for sign in (1, -1)]
    assert gradient == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-6)


def test_losses_are_what_they_are_called():
    law = Answer(jnp.array([0.4, -1.0]), jnp.array([0.5, 3.0]))
    outcome = jnp.array([0.1, -0.5])
    spread = np.sqrt([0.5 - 0.16, 2.0])
    expected = -stats.norm.logpdf(np.asarray(outcome), np.asarray(law.first), spread)
    np.testing.assert_allclose(gaussian_nll(law, outcome), expected, rtol=1e-5)
    # The kernel (1 + x y / c)^2 itself, averaged over draws of both laws.
    rng = np.random.default_rng(0)
    draws = rng.normal(0.4, spread[0], size=4000)
    kernel = (1 + np.multiply.outer(draws, draws) / 7) ** 2
    cross = (1 + draws * 0.1 / 7) ** 2
    measured = kernel.mean() - 2 * cross.mean() + (1 + 0.01 / 7) ** 2
    assert float(mean_discrepancy(law, outcome, 7.0)[0]) == pytest.approx(measured, rel=0.1)


@pytest.mark.slow
def test_hard_choices_have_the_gradient_of_soft_ones():
    model, parameters = cell()
    tokens = jnp.asarray(cell_lessons(sentences(), np.zeros(6)).tokens[0])

    def total(parameters, hardness):
        weights = model.unflatten(parameters).weights(tokens, Choice(hardness, 0.0, None))
        return weights @ jnp.arange(1.0, 5.0)

    soft, hard = (jax.grad(total)(jnp.asarray(parameters), hardness) for hardness in (0.0, 1.0))
    weights = model.unflatten(parameters).weights(tokens, Choice(1.0, 0.0, None))
    strengths = jax.vmap(model.unflatten(parameters).gamma)(tokens)[:, 0]
    assert float(weights.sum()) == pytest.approx(float(strengths.sum()), rel=1e-5)
    size = model.unflatten(jnp.arange(float(model.size))).alpha.layers[0].weight.ravel()
    places = np.asarray(size, dtype=int)
    np.testing.assert_allclose(np.asarray(soft)[places], np.asarray(hard)[places], rtol=1e-5)


def test_contexts_are_refused():
    task = TaskSettings(3, 2, question="context")
    with pytest.raises(ValueError, match="question='nullifier'"):
        cell_lessons(sentences(3, task), np.zeros(3))


@pytest.mark.slow
def test_training_goes_on_with_the_same_bits_and_learns_to_choose():
    task = TaskSettings(3, 2, question="nullifier", kappa=True)
    own = trainer(
        task=task, order=2, steps=1200, segment=400, batch=32, sentences=1024, squeezing=3.0,
        scale=30.0,
    )  # fmt: skip
    states = [initial_cell(task, 2, np.random.default_rng(1))]
    while not states[-1]["done"]:
        states.append(own.advance(states[-1]))
    assert len(states) == 4
    again = own.advance({name: array.copy() for name, array in states[1].items()})
    assert all(again[name].tobytes() == states[2][name].tobytes() for name in again)
    test = sample_sentences(np.random.default_rng(9), task, 500)
    before, after = (own.rating(states[place]["parameters"], test) for place in (0, -1))
    assert after.selected_edges == after.selected_modes == 1.0
    assert after.weight_error < 0.25 < before.weight_error


def test_by_the_likelihood_wrong_modes_are_cheaper_where_squeezing_is_strong():
    # The law of the right mode is narrow about a wrong mean, since the weight is unknown; that of a
    # wrong mode has a weight of its own times an unknown position.
    outcome, weight = jnp.sqrt(1 / 3), jnp.sqrt(1 / 3)

    def costs(r):
        momentum, position = jnp.exp(-2 * r) / 2, jnp.exp(2 * r) / 2
        laws = (momentum, momentum + position * weight**2)
        return [float(gaussian_nll(Answer(jnp.zeros(()), second), outcome)) for second in laws]

    right, wrong = costs(3.0)
    assert right > wrong + 100
    right, wrong = costs(0.0)
    assert right < wrong


def test_squeezing_grows_once_choices_are_hard():
    own = trainer(begin=0.5, steps=100, segment=100, squeezing=3.0)
    _, hardness, _, squeezing = own._schedule(0).T
    assert (squeezing[hardness == 0] == 0.5).all()
    assert (np.diff(squeezing[hardness == 1]) > 0).all()
    assert squeezing[-1] == pytest.approx(3.0, abs=0.05)
    assert (trainer()._schedule(0)[:, 3] == 1.0).all()


@pytest.mark.slow
def test_the_likelihood_finds_modes_without_squeezing_and_not_with_much():
    task = TaskSettings(3, 2, question="nullifier", kappa=True)
    test = sample_sentences(np.random.default_rng(77), task, 500)
    right = []
    for begin in (None, 0.0):
        own = trainer(
            task=task, order=2, loss="nll", steps=6000, segment=750, batch=64, sentences=4096,
            squeezing=3.0, scale=30.0, entropy=55, begin=begin,
        )  # fmt: skip
        state = own.advance(initial_cell(task, 2, np.random.default_rng(100)))
        right.append(own.rating(state["parameters"], test).selected_modes)
        assert own.weights(state["parameters"], test).shape == (500, 3)
    assert right[0] < 0.5
    assert right[1] == 1.0
