"""Gradients in patches by state vectors: shift rule, leading path, published runs."""

import numpy as np
import pytest
import xarray as xr

from studies.clifford.settings import context
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.clifford.instances import draw_instance
from trainscape.studies.clifford.moments import GROUP
from trainscape.studies.clifford.moments.statevector_gradients import published_seed, sample
from trainscape.studies.clifford.moments.statevector_moments import summarise
from trainscape.studies.clifford.systems import system
from trainscape.studies.contract import Purpose, Stage
from trainscape.testing.steps import StubSummary, stored
from trainscape.trainability.patch_laws import PUBLISHED_LAWS


def test_state_vectors_do_not_depend_on_how_samples_are_cut():
    cell = context(GROUP, "statevector", Stage.GRADIENTS, system(3, "rpqc", "shallow"))
    whole = sample(cell, range(4))
    parts = xr.concat(
        [sample(cell, range(1)), sample(cell, range(1, 4))],
        "sample",
        data_vars="minimal",
    )
    xr.testing.assert_identical(whole, parts)


def test_derivatives_are_differences_of_the_loss():
    """The derivative by k is half the difference of the loss at shifts of pi/2 (all scales are
    one).
    """
    cell = context(GROUP, "statevector", Stage.GRADIENTS, system(4))
    data = sample(cell, range(1)).sel(law="D^-1/3").isel(sample=0)
    instance = draw_instance(cell.parameters, cell.generator(Purpose.INSTANCE, 0))
    d = instance.circuit.num_parameters
    theta = d ** (-1 / 3) * cell.generator(Purpose.PARAMETERS, 0).normal(size=d)
    shifts = np.zeros((3, d))
    shifts[1:, instance.encoder.parameter] = np.pi / 2, -np.pi / 2
    for encoder, problem in (("none", instance.bare), ("lce", instance.encoded)):
        value, above, below = Statevector(problem).value(theta + shifts)
        assert data["loss"].sel(encoder=encoder) == pytest.approx(value)
        assert data["derivative"].sel(encoder=encoder) == pytest.approx((above - below) / 2)
    # In a narrow patch the derivative is its leading path.
    narrow = sample(cell, range(3)).sel(law="D^-1", encoder="lce")
    np.testing.assert_allclose(narrow["derivative"], narrow["path"], atol=0.02)


def test_published_runs_repeat_published_numbers_and_slips():
    """mHEA, n = 2: the mean norm is 1.352 at D^-1/2. fHEA: one run, fifty times.

    The spread of the last two widths is that of the third.
    """
    cell = context(GROUP, "statevector", Stage.GRADIENTS, system(2), published=True)
    data = sample(cell, range(50))
    assert tuple(data["law"].values) == PUBLISHED_LAWS
    assert float(data["norm"].sel(encoder="lce", law="D^-1/2").mean()) == pytest.approx(
        1.352, abs=5.1e-4
    )
    table = (
        summarise(StubSummary({Stage.GRADIENTS: [stored(cell, data)]}, options={"published": True}))
        .to_dataframe()
        .query("encoder == 'lce'")
        .set_index("law")
    )
    assert table["published_spread"]["1"] == table["spread"]["D^-1/3"] != table["spread"]["1"]
    assert table["published_spread"]["D^-1/2"] == table["spread"]["D^-1/2"]
    for ansatz in ("fhea", "rpqc"):
        repeated = sample(
            context(GROUP, "statevector", Stage.GRADIENTS, system(2, ansatz), published=True),
            range(3),
        )
        assert (repeated["norm"] == repeated["norm"][0]).all()
    assert [published_seed("mhea", 3), published_seed("fhea", 3)] == [3, 49]
