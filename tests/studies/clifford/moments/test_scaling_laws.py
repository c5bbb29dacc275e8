"""Fits of synthetic series: which law is told from which, and what is left out."""

import numpy as np
import pytest
import xarray as xr

from trainscape.studies.clifford.moments.scaling_laws import summarise
from trainscape.studies.contract import Stage
from trainscape.testing.steps import StubSummary


def laws(data):
    context = StubSummary({}, {Stage.GRADIENTS: data}, {"moment": "gradient"})
    return summarise(context).to_dataframe()


def series(law, values, errors=0.01):
    sizes = np.array([4, 6, 8, 10, 12, 14, 16, 24, 32, 48, 64, 96, 128])
    moments = values(sizes.astype(float)) * np.exp(0.01 * np.sin(7.0 * sizes))
    row = ("row", moments)
    coordinates = {"qubits": ("row", sizes), "law": ("row", np.full(len(sizes), law))}
    coordinates |= {
        name: ("row", np.full(len(sizes), "x"))
        for name in ("ansatz", "depth", "observable", "encoder")
    }
    return xr.Dataset(
        {"gradient": row, "gradient_error": ("row", errors * moments)}, coords=coordinates
    )


def test_more_sizes_tell_a_stretched_exponential_from_the_others():
    stretched = laws(series("third", lambda n: np.exp(-0.63 * n ** (2 / 3)))).set_index("window")
    assert stretched.loc["all", "verdict"] == "stretched"
    assert stretched.loc["all", "stretch"] == pytest.approx(2 / 3, abs=0.03)
    assert stretched.loc["published", "largest_size"] == 16
    power = laws(series("log", lambda n: 0.8 / n)).set_index("window")
    assert power.loc["all", "verdict"] == "power"
    assert power.loc["all", "power_slope"] == pytest.approx(-1, abs=0.02)


def test_points_that_are_not_known_are_left_out_of_fits():
    data = series("log", lambda n: 0.8 / n)
    data["gradient_error"][10:] = data["gradient"][10:]
    assert laws(data).set_index("window").loc["all", "largest_size"] == 48
    data["gradient_error"][:] = data["gradient"]
    assert len(laws(data)) == 0
