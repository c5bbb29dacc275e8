"""Networks with one thing wrong."""

import numpy as np
import xarray as xr

from studies.fragmentation.chains import chain, draw
from studies.fragmentation.failures.settings import FAMILY
from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.failures import SIGNATURES, failing_networks
from trainscape.testing.steps import cell_context


def train(failure: str, count: int = 14, **options) -> xr.Dataset:
    parameters = chain(3, 3, instance=1)
    horizon = 0.1 if failure == "short_times" else 1000.0
    cell = cell_context(
        FAMILY,
        Stage.SIMULATE,
        {**parameters, "failure": failure, "parameters": count, "horizon": horizon},
        {Stage.DATASET: draw(FAMILY, parameters, 729)},
        **{"iterations": 1000, **options},
    )
    return failing_networks.sample(cell, range(2))


def test_failures_do_to_the_loss_what_their_finding_says():
    found = {
        failure: train(failure, 5 if failure == "few_parameters" else 20) for failure in SIGNATURES
    }
    assert (found["none"]["training_loss"].values < 1e-12).all()
    for failure in SIGNATURES[1:]:
        assert (found[failure]["state_loss"].values.mean(axis=1) > 0.01).all(), failure
        expected = "missing_states" if failure == "missing_sector" else failure
        assert str(found[failure]["codes"].values) == expected
    assert str(found["none"]["codes"].values) == ""
    # Without coupling the best is to bet on the larger sector: exactly a third of the three states
    # is wrong.
    np.testing.assert_allclose(found["no_coupling"]["training_loss"].values, 1 / 3, atol=1e-9)
    assert (found["missing_sector"]["training_loss"].values < 1e-12).all()


def test_a_frozen_sector_keeps_the_loss_that_it_started_with():
    short, long = (
        train("frozen_sector", 20, iterations=iterations)["state_loss"].values
        for iterations in (1, 200)
    )
    np.testing.assert_allclose(short[:, -1], long[:, -1], atol=1e-12)
    assert (np.abs(short[:, :-1] - long[:, :-1]).max(axis=1) > 1e-3).all()
