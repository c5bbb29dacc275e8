"""Instances of the chains, and gradients of the network on them."""

import numpy as np
import pytest

from studies.fragmentation.chains import SHARED, chain, draw, network_cell
from trainscape.studies.contract import Purpose, Stage
from trainscape.studies.fragmentation.scaling import GROUP, ScalingSettings, chain_gradients
from trainscape.testing.steps import family_of

SETTINGS = ScalingSettings.model_validate(
    {
        "full": {"sites": {3: [4]}, "instances": 1, "samples": 2},
        "top": {"sites": {2: [4]}, "instances": 1, "samples": 2},
        "control": {"sites": [3], "samples": 2},
        "local": {"qubits": [8], "layers": [1], "samples": 2},
    }
)
FULL = family_of(GROUP, "tl_full", SETTINGS, SHARED)


def landscape(parameters, instance, samples, *, count=20, horizon=1000.0):
    cell = network_cell(FULL, Stage.GRADIENTS, parameters, instance, count, horizon)
    return chain_gradients.sample(cell, samples)


@pytest.mark.parametrize(("site_dim", "sites"), [(2, 6), (3, 4), (4, 3)])
def test_sectors_found_from_the_generators_give_the_landscape_of_the_path_basis(site_dim, sites):
    # The two bases of a sector differ by a unitary, which the loss summed over all states of the
    # sector does not see.
    parameters = chain(site_dim, sites)
    found, known = (draw(FULL, parameters, limit) for limit in (10**6, 1))
    assert (found.attrs["sectors"], known.attrs["sectors"]) == (
        "found from the generators on the full space",
        "path basis",
    )
    np.testing.assert_array_equal(found["dimension"], known["dimension"])
    assert found.attrs["haar_gradient_variance"] == pytest.approx(
        known.attrs["haar_gradient_variance"], rel=1e-10
    )
    ours, theirs = (
        landscape(parameters, instance, range(4), horizon=10.0) for instance in (found, known)
    )
    np.testing.assert_allclose(ours["loss"], theirs["loss"], atol=1e-10)
    np.testing.assert_allclose(ours["gradient"], theirs["gradient"], atol=1e-10)


def test_multiplicities_beyond_64_bits_are_kept_exactly():
    found = draw(FULL, chain(3, 64, top_sectors=2))
    # Fibonacci numbers F_{4 lambda + 2} for d = 3, here by Binet-free integer recursion.
    a, b = 0, 1
    fibonacci = [a]
    for _ in range(130):
        a, b = b, a + b
        fibonacci.append(a)
    assert [int(text) for text in found.attrs["multiplicities"]] == [
        fibonacci[4 * 31 + 2],
        fibonacci[4 * 32 + 2],
    ]
    assert list(found["dimension"].values) == [63, 1]


def test_samples_do_not_depend_on_the_block_they_are_computed_in():
    parameters = chain()
    instance = draw(FULL, parameters)
    whole = landscape(parameters, instance, range(6))
    part = landscape(parameters, instance, range(3, 5))
    np.testing.assert_array_equal(whole["gradient"].values[3:5], part["gradient"].values)


def test_networks_with_more_gates_share_the_instance_and_the_draws_of_shorter_ones():
    parameters = chain()
    instance = draw(FULL, parameters)
    short, long = (
        network_cell(FULL, Stage.GRADIENTS, parameters, instance, count, 1.0) for count in (4, 9)
    )
    for purpose in (Purpose.PARAMETERS, Purpose.STRUCTURE):
        assert short.generator(purpose, 3).random() == long.generator(purpose, 3).random()
    # Times extend, but a stored instance never uses their stream.
    assert (
        short.generator(Purpose.STRUCTURE, 0).random()
        != short.generator(Purpose.INSTANCE, 0).random()
    )


def test_the_second_moment_is_the_exact_haar_average():
    ratios = []
    for instance in range(6):
        parameters = chain(3, 4, instance=instance)
        drawn = draw(FULL, parameters)
        gradient = landscape(parameters, drawn, range(96), count=40)["gradient"].values[:, 10:30]
        ratios.append((gradient**2).mean() / drawn.attrs["haar_gradient_variance"])
    # Instances are independent, so that their spread gives the error.
    error = np.std(ratios, ddof=1) / np.sqrt(len(ratios))
    assert abs(np.mean(ratios) - 1) < 4 * error
    assert error < 0.05


def test_the_loss_averages_to_its_haar_value():
    parameters = chain(3, 5)
    drawn = draw(FULL, parameters)
    losses = landscape(parameters, drawn, range(256), count=40)["loss"].values
    error = np.sqrt(drawn.attrs["haar_loss_variance"] / len(losses))
    assert drawn.attrs["haar_loss_mean"] == pytest.approx(1 - 1 / 4, abs=1e-12)
    assert abs(losses.mean() - drawn.attrs["haar_loss_mean"]) < 5 * error
