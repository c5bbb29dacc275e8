"""Strength of the gradient and costs of surrogates against the width."""

import math

import pytest
import xarray as xr

from studies.clifford.exact_moments import second_moment
from studies.clifford.settings import context
from trainscape.studies.clifford.instances import draw_instance
from trainscape.studies.clifford.surrogates import GROUP
from trainscape.studies.clifford.surrogates.cost_map import ZONE, sample
from trainscape.studies.clifford.surrogates.cost_medians import summarise
from trainscape.studies.clifford.systems import system
from trainscape.studies.contract import Purpose, Stage
from trainscape.testing.steps import StubSummary, stored
from trainscape.trainability.patch_laws import LAWS
from trainscape.trainability.short_paths import ShortPaths


def test_narrow_patches_are_cheap_and_wide_ones_are_not():
    cell = context(GROUP, "surrogates", Stage.GRADIENTS, system(4), transition_walks=2**13)
    data = sample(cell, range(2))
    xr.testing.assert_identical(sample(cell, range(1, 2)), data.isel(sample=slice(1, 2)))
    whole = summarise(StubSummary({Stage.GRADIENTS: [stored(cell, data)]})).to_dataframe()
    table = whole[whole["law"] == ""].set_index("scaled_width")
    assert table.loc[0.125, "gradient"] == pytest.approx(math.exp(-(0.125**2) / 2), rel=0.01)
    assert table.loc[0.125, "sines"] == 1
    assert table.loc[4.0, "sines"] > table.loc[1.0, "sines"]
    assert (table["worst_paths"] >= table["average_paths"]).all()
    assert table["gradient"].is_monotonic_decreasing
    zone = whole[whole["law"] != ""].set_index("law")
    assert list(zone.index) == list(ZONE)
    # D = 40: the laws lie between grid points, and so do their costs.
    widths = {"sqrt(ln D / D)": math.sqrt(math.log(40)), "D^-1/3": 40 ** (1 / 6)}
    for law, width in widths.items():
        row = zone.loc[law]
        assert row["scaled_width"] == pytest.approx(width)
        assert table.loc[1.5, "worst_paths"] < row["worst_paths"] < table.loc[2.0, "worst_paths"]
        assert table.loc[1.0, "sines"] <= row["sines"] <= table.loc[3.0, "sines"]
        assert 0 < row["beyond"] < 1
        assert row["single"] >= 1


def test_beyond_one_sine_is_what_the_surrogate_misses():
    """Against the exact moments: E[C^2] less the paths with one sine, sines by cosines."""
    cell = context(GROUP, "surrogates", Stage.GRADIENTS, system(4), transition_walks=2**13)
    data = sample(cell, range(1))
    instance = draw_instance(cell.parameters, cell.generator(Purpose.INSTANCE, 0))
    for law in ZONE:
        patch = LAWS[law].patch(instance.circuit.num_parameters)
        exact = second_moment(instance.encoded, patch)
        short = ShortPaths(instance.encoded).value(1)
        share = 1 - short.moments(patch).sum() / exact
        assert float(data["zone_beyond"].sel(law=law)[0]) == pytest.approx(share, abs=0.06)
        assert int(data["single"][0]) == short.counts[1]
