"""Errors of truncated surrogates: measured against expected."""

import pytest
import xarray as xr

from studies.clifford.settings import context
from trainscape.studies.clifford.surrogates import GROUP
from trainscape.studies.clifford.surrogates.truncation_errors import sample
from trainscape.studies.clifford.surrogates.truncation_means import summarise
from trainscape.studies.clifford.systems import system
from trainscape.studies.contract import Stage
from trainscape.testing.steps import StubSummary, stored


def test_errors_of_surrogates_agree_with_the_walk_and_fall_with_more_sines():
    cell = context(
        GROUP, "surrogates", Stage.SIMULATE, system(3), angles=200, max_sines=3, walks=2**15
    )
    data = sample(cell, range(3))
    table = summarise(StubSummary({Stage.SIMULATE: [stored(cell, data)]})).to_dataframe()
    assert (table["deviation"].abs() < 4).all()
    narrow = table[table["law"] == "D^-1/2"].set_index("kappa")["expected"]
    assert narrow.is_monotonic_decreasing
    assert narrow[0] == pytest.approx(1.0, abs=0.02)
    xr.testing.assert_identical(sample(cell, range(1, 2)), data.isel(sample=slice(1, 2)))
