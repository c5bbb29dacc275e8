"""Networks with a latent vector: shapes, gradients, and that nothing passes beside it."""

import numpy as np
import pytest

jax = pytest.importorskip("jax")

import jax.numpy as jnp  # noqa: E402

from trainscape.translation.learned.bottleneck import BottleneckModel, round_to_bits  # noqa: E402
from trainscape.translation.learned.lessons import lessons_of  # noqa: E402
from trainscape.translation.learned.losses import rated_outputs, translation_loss  # noqa: E402
from trainscape.translation.learned.parameters import flat_model  # noqa: E402
from trainscape.translation.learned.sequence_layers import LAYERS  # noqa: E402
from trainscape.translation.sentences import sample_sentences  # noqa: E402
from trainscape.translation.vocabulary import TaskSettings, feature_names  # noqa: E402
from translation.learned.precision import double_precision  # noqa: E402

TASK = TaskSettings(3, 2, question="mixed", positions="probe", spacing=0.4)
FEATURES = len(feature_names(TASK))
LATENT = 4


def flat(layer, bits=None, width=6):
    return flat_model(lambda key: BottleneckModel(layer, FEATURES, LATENT, width, key, bits))


def lessons(count=5):
    return lessons_of(sample_sentences(np.random.default_rng(3), TASK, count))


def mask(latent):
    return (np.arange(LATENT) < latent).astype(np.float32)


@pytest.mark.parametrize(
    "layer",
    [
        "linear",
        *(pytest.param(name, marks=pytest.mark.slow) for name in LAYERS if name != "linear"),
    ],
)
def test_queries_see_of_the_sentence_a_space_of_d_dimensions(layer):
    model = flat(layer)
    network = model.unflatten(model.initial(np.random.default_rng(5)))
    some = lessons(40)
    tokens = jnp.asarray(some.encoding[0])

    def answers(tokens, mask):
        latent = network.encode(tokens, mask)
        said = jax.vmap(lambda queries: network.answer(latent, queries))(some.queries)
        return said.ravel()

    jacobian = jax.jit(jax.jacfwd(answers))
    for latent in range(LATENT + 1):
        matrix = np.asarray(jacobian(tokens, mask(latent))).reshape(40 * 4 * 2, -1)
        values = np.linalg.svd(matrix, compute_uv=False)
        if latent == 0:
            assert not matrix.any()
        else:
            # The d-th direction is there, the next one is rounding.
            assert values[latent - 1] > 1e-4 * values[0]
            assert values[latent] < 1e-6 * values[0]


@pytest.mark.slow
@pytest.mark.parametrize("layer", LAYERS)
def test_gradients_are_those_of_finite_differences(layer):
    some = lessons()
    model = flat(layer)
    rng = np.random.default_rng(7)
    with double_precision():
        start = jnp.asarray(model.initial(rng), dtype=jnp.float64)
        direction = jnp.asarray(rng.normal(size=model.size))

        @jax.jit
        def loss(parameters):
            network = model.unflatten(parameters)
            return translation_loss(network, jnp.asarray(mask(3)), some, 0.3)

        gradient = model.gradient(translation_loss, start, jnp.asarray(mask(3)), some, 0.3)
        gradient = gradient @ direction
        step = 1e-5
        ends = [loss(start + sign * step * direction) for sign in (1, -1)]
        assert float(gradient) == pytest.approx(float(ends[0] - ends[1]) / (2 * step), rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("layer", LAYERS)
def test_every_matrix_matters(layer):
    some = lessons(60)
    model = flat(layer)
    parameters = model.initial(np.random.default_rng(9))

    def loss(parameters):
        return translation_loss(model.unflatten(parameters), mask(LATENT), some)

    gradient = jax.jit(jax.grad(loss))(parameters)
    by_parts = model.gradient(translation_loss, parameters, mask(LATENT), some)
    np.testing.assert_allclose(by_parts, gradient, rtol=1e-4, atol=1e-7)
    leaves, _ = jax.tree_util.tree_flatten_with_path(model.unflatten(gradient))
    idle = {jax.tree_util.keystr(path) for path, leaf in leaves if not np.asarray(leaf).any()}
    # The summary of a linear layer is its state; what follows it makes outputs, for decoders.
    unused = {f".encoder.{name}.{part}" for name in ("mix", "out") for part in ("weight", "bias")}
    assert idle == (unused if layer == "linear" else set())


def test_a_rating_has_the_loss_of_training_and_the_answers_of_the_network():
    some = lessons(60)
    network = flat("linear").unflatten(flat("linear").initial(np.random.default_rng(8)))
    loss, said = rated_outputs(network, mask(LATENT), some)
    assert float(loss) == pytest.approx(float(translation_loss(network, mask(LATENT), some)))
    one = network(some.encoding[7], some.queries[7], mask(LATENT))
    np.testing.assert_allclose(said[7], one, rtol=1e-5, atol=1e-6)


def test_an_answer_to_one_token_is_that_to_all():
    some = lessons()
    model = flat("linear")
    network = model.unflatten(model.initial(np.random.default_rng(5)))
    latent = jnp.linspace(-1.0, 1.0, LATENT)
    every = jax.vmap(lambda queries: network.answer(latent, queries))(some.queries)
    last = jnp.asarray([[0.0, 0.0, 0.0, 1.0]])
    one = jax.vmap(lambda queries: network.answer(latent, queries, last))(some.queries)
    assert every.shape == (5, 4, 2)
    np.testing.assert_allclose(one[:, 0], every[:, 3], rtol=1e-5, atol=1e-6)


def test_initial_values_need_no_jax_randomness():
    model = flat("transformer")
    first, again = (model.initial(np.random.default_rng(1)) for _ in range(2))
    other = model.initial(np.random.default_rng(2))
    assert first.dtype == np.float32
    assert first.shape == (model.size,)
    np.testing.assert_array_equal(first, again)
    assert (first != other).mean() > 0.5


def test_rounded_numbers_lie_on_the_levels_and_pass_gradients():
    numbers = jnp.linspace(-1.5, 1.5, 301)
    rounded = np.asarray(round_to_bits(numbers, 2))
    np.testing.assert_allclose(np.unique(rounded.round(6)), [-1, -1 / 3, 1 / 3, 1], atol=1e-6)
    inside = np.abs(np.asarray(numbers)) <= 1
    assert np.abs(rounded - np.asarray(numbers))[inside].max() <= 1 / 3 + 1e-6
    slope = jax.vmap(jax.grad(lambda number: round_to_bits(number, 2)))(jnp.array([0.2, -0.7, 1.3]))
    np.testing.assert_allclose(slope, [1, 1, 0])


@pytest.mark.slow
def test_a_latent_vector_of_few_bits_has_few_values():
    model = flat("linear", bits=1)
    network = model.unflatten(model.initial(np.random.default_rng(5)))
    latent = jax.vmap(lambda tokens: network.encode(tokens, mask(2)))(lessons(200).encoding)
    assert set(np.unique(np.asarray(latent).round(6)).tolist()) <= {-1.0, 0.0, 1.0}
    assert len(np.unique(np.asarray(latent).round(3), axis=0)) <= 4
