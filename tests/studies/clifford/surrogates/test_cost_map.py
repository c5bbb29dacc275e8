"""Strength of the gradient and costs of surrogates against the width."""

import math

import pytest
import xarray as xr

from studies.clifford.settings import context
from trainscape.studies.clifford.surrogates import GROUP
from trainscape.studies.clifford.surrogates.cost_map import sample
from trainscape.studies.clifford.surrogates.cost_medians import summarise
from trainscape.studies.clifford.systems import system
from trainscape.studies.contract import Stage
from trainscape.testing.steps import StubSummary, stored


def test_narrow_patches_are_cheap_and_wide_ones_are_not():
    cell = context(GROUP, "surrogates", Stage.GRADIENTS, system(4), transition_walks=2**13)
    data = sample(cell, range(2))
    xr.testing.assert_identical(sample(cell, range(1, 2)), data.isel(sample=slice(1, 2)))
    table = (
        summarise(StubSummary({Stage.GRADIENTS: [stored(cell, data)]}))
        .to_dataframe()
        .set_index("scaled_width")
    )
    assert table.loc[0.125, "gradient"] == pytest.approx(math.exp(-(0.125**2) / 2), rel=0.01)
    assert table.loc[0.125, "sines"] == 1
    assert table.loc[4.0, "sines"] > table.loc[1.0, "sines"]
    assert (table["worst_paths"] >= table["average_paths"]).all()
    assert table["gradient"].is_monotonic_decreasing
