"""Rows of second moments, and their fits."""

import numpy as np
import pytest
import xarray as xr

from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation import scaling_laws
from trainscape.studies.fragmentation.moments import moment_rows
from trainscape.studies.fragmentation.selection import instance_of, middle_half
from trainscape.studies.kit.tables import to_dataset
from trainscape.testing.steps import StubSummary, stored
from trainscape.trainability.intervals import Estimate


def cells(scale, instances=12, samples=64):
    rng = np.random.default_rng(5)
    rows = []
    for sites in (3, 4):
        for instance in range(instances):
            data = xr.Dataset(
                {
                    "loss": ("sample", rng.random(samples)),
                    "gradient": (("sample", "p"), scale * rng.normal(size=(samples, 8))),
                }
            )
            rows.append(stored({"sites": sites, "instance": instance}, data))
    return rows


def test_second_moments_and_ratios_are_estimated_within_their_intervals():
    chosen = cells(0.3)
    gradients = [middle_half(cell.data["gradient"].values) for cell in chosen]
    rows = moment_rows(
        chosen, gradients, np.random.default_rng(1), ("sites",), [0.09] * len(chosen)
    )
    assert [row["sites"] for row in rows] == [3, 4]
    for row in rows:
        assert row["instances"] == 12
        assert row["samples"] == 12 * 64
        assert row["second_moment"].low < 0.09 < row["second_moment"].high
        assert row["haar_ratio"].value == pytest.approx(row["second_moment"].value / 0.09)


def test_the_middle_half_leaves_out_both_ends():
    np.testing.assert_array_equal(middle_half(np.arange(8.0)[None])[0], [2, 3, 4, 5])
    np.testing.assert_array_equal(middle_half(np.arange(3.0)[None])[0], [0, 1, 2])


def test_an_instance_is_found_by_its_parameters():
    instances = [
        stored({"sites": sites, "instance": instance}, xr.Dataset())
        for sites in (3, 4)
        for instance in (0, 1)
    ]
    cell = stored({"instance": 1, "parameters": 9, "sites": 4}, xr.Dataset())
    assert instance_of(cell, instances) is instances[3]


def test_fits_tell_power_law_from_exponential():
    noise = np.exp(0.02 * np.random.default_rng(2).normal(size=10))
    sizes = np.arange(4.0, 14.0)
    series = {2: 3 * sizes**-2 * noise, 3: 2.0**-sizes * noise, 4: sizes[:2]}
    rows = [
        {
            "site_dim": site_dim,
            "sites": size,
            "second_moment": Estimate(value, 0.02 * value, np.nan, np.nan, 0.95, 1, ""),
        }
        for site_dim, values in series.items()
        for size, value in zip(sizes, values, strict=False)
    ]
    moments = to_dataset(rows, ("site_dim", "sites"))
    options = {"sampled": "gradients", "quantity": "second_moment"}
    table = scaling_laws.summarise(StubSummary({}, {Stage.GRADIENTS: moments}, options))
    # Two sizes are too few.
    assert list(table["site_dim"].values) == [2, 3]
    assert list(table["verdict"].values) == ["power", "exponential"]
    assert table["power_slope"].values[0] == pytest.approx(-2, abs=0.1)
    assert table["exponential_slope"].values[1] == pytest.approx(-np.log(2), abs=0.02)
