"""Gradients for several families of coefficients, over gate counts and horizons."""

import numpy as np
import pytest

from studies.fragmentation.chains import SHARED, chain, draw
from studies.fragmentation.spectra.test_level_statistics import SETTINGS
from trainscape.simulators.sectors.engine import Sectors
from trainscape.studies.contract import Purpose, Stage
from trainscape.studies.fragmentation.instances import load_problem
from trainscape.studies.fragmentation.network import Couplings, draw_parameters, draw_times
from trainscape.studies.fragmentation.spectra import GROUP, haar_ratios, scanned_gradients
from trainscape.testing.steps import StubSummary, cell_context, family_of, stored

COEFFICIENTS = family_of(GROUP, "tl_coefficients", SETTINGS, SHARED)


@pytest.fixture(scope="module")
def scan():
    parameters = chain(3, 4, couplings="gaussian")
    instance = draw(COEFFICIENTS, parameters)
    options = {"counts": (4, 20, 20), "horizons": (1000.0, 0.1, 1000.0)}
    inputs = {Stage.DATASET: instance}
    cell = cell_context(COEFFICIENTS, Stage.GRADIENTS, parameters, inputs, **options)
    return cell, instance, scanned_gradients.sample(cell, range(32))


def test_points_of_the_scan_share_their_draws_with_a_network_of_that_size(scan):
    cell, instance, data = scan
    engine = Sectors(load_problem(instance, "lambda"))
    theta = np.concatenate(
        [draw_parameters(cell.generator(Purpose.PARAMETERS, index), 1, 4) for index in range(32)]
    )
    times = np.stack(
        [draw_times(cell.generator(Purpose.STRUCTURE, index), 4, 1000.0) for index in range(32)]
    )
    loss, gradient = engine.value_and_gradient(theta, times)
    np.testing.assert_allclose(data["loss"].values[:, 0], loss, atol=1e-9)
    np.testing.assert_allclose(
        data["gradient_square"].values[:, 0], (gradient[:, 1:3] ** 2).mean(axis=1), atol=1e-9
    )


def test_short_times_flatten_the_landscape_and_long_ones_give_the_haar_average(scan):
    cell, instance, data = scan
    parameters = dict(cell.parameters)
    cells = {
        Stage.GRADIENTS: [stored(parameters, data)],
        Stage.DATASET: [stored(parameters, instance)],
    }
    table = haar_ratios.summarise(StubSummary(cells))
    by_horizon = dict(zip(table["horizon"].values[1:], table["haar_ratio"].values[1:], strict=True))
    assert by_horizon[0.1] < 0.5
    assert by_horizon[1000.0] == pytest.approx(1, abs=0.25)


def test_every_family_of_coefficients_makes_an_instance_that_can_be_loaded():
    for couplings in Couplings:
        instance = draw(COEFFICIENTS, chain(2, 3, couplings=couplings.value))
        problem = load_problem(instance, "lambda")
        haar = instance.attrs["haar_gradient_variance"]
        assert haar > 0
        assert problem.size == 3
