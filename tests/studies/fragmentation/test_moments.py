"""Moment tables and fit tables."""

import numpy as np
import pytest
import xarray as xr

from trainscape.studies.contract import CellData
from trainscape.studies.fragmentation.fits import Series, fit_table, standard_error
from trainscape.studies.fragmentation.moments import instance_of, middle_half, moment_table


def cells(scale, instances=12, samples=64):
    rng = np.random.default_rng(5)
    found = []
    for sites in (3, 4):
        for instance in range(instances):
            data = xr.Dataset(
                {
                    "loss": ("sample", rng.random(samples)),
                    "gradient": (("sample", "p"), scale * rng.normal(size=(samples, 8))),
                }
            )
            found.append(CellData({"sites": sites, "instance": instance}, data, ""))
    return found


def test_second_moments_and_ratios_are_estimated_within_their_intervals():
    found = cells(0.3)
    gradients = [middle_half(cell.data["gradient"].values) for cell in found]
    table = moment_table(
        found, gradients, np.random.default_rng(1), ("sites",), [0.09] * len(found)
    )
    assert list(table["sites"].values) == [3, 4]
    assert (table["instances"] == 12).all()
    assert (table["samples"] == 12 * 64).all()
    assert ((table["second_moment_low"] < 0.09) & (table["second_moment_high"] > 0.09)).all()
    np.testing.assert_allclose(table["haar_ratio"], table["second_moment"] / 0.09)


def test_the_middle_half_leaves_out_both_ends():
    np.testing.assert_array_equal(middle_half(np.arange(8.0)[None])[0], [2, 3, 4, 5])
    np.testing.assert_array_equal(middle_half(np.arange(3.0)[None])[0], [0, 1, 2])


def test_an_instance_is_found_by_its_parameters():
    instances = [
        CellData({"sites": sites, "instance": i}, xr.Dataset(), "")
        for sites in (3, 4)
        for i in (0, 1)
    ]
    assert (
        instance_of(
            CellData({"instance": 1, "parameters": 9, "sites": 4}, xr.Dataset(), ""), instances
        )
        is instances[3]
    )


def test_fits_tell_power_law_from_exponential():
    sizes = np.arange(4.0, 14.0)
    noise = np.exp(0.02 * np.random.default_rng(2).normal(size=10))
    lines = [
        Series("a", "sites", sizes, 3 * sizes**-2 * noise, 0.02 * sizes**-2),
        Series("b", "sites", sizes, 2.0**-sizes * noise, 0.02 * 2.0**-sizes),
        Series("c", "sites", sizes[:2], sizes[:2], sizes[:2]),
    ]
    table = fit_table(lines)
    assert list(table["verdict"].values) == ["power", "exponential"]
    assert table["power_slope"].values[0] == pytest.approx(-2, abs=0.1)
    assert table["exponential_slope"].values[1] == pytest.approx(-np.log(2), abs=0.02)


def test_standard_errors_come_from_the_intervals_and_never_vanish():
    table = xr.Dataset(
        {"m": ("s", [1.0, 2.0]), "m_low": ("s", [0.8, np.nan]), "m_high": ("s", [1.2, np.nan])}
    )
    np.testing.assert_allclose(standard_error(table, "m"), [0.1, 0.002])
