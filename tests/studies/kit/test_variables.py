"""Variables of sampled datasets: dimensions, types and descriptions."""

import numpy as np
import xarray as xr

from trainscape.studies.kit.variables import by_sample


def test_samples_are_stacked_with_the_descriptions():
    rows = ({"count": n, "curve": np.arange(3.0) * n, "left": "out"} for n in (4, 5))
    described = {"count": ((), "", ""), "curve": (("point",), "height of the curve", "rad")}
    data = xr.Dataset(by_sample(rows, described))
    assert set(data) == {"count", "curve"}
    assert data["count"].dims == ("sample",)
    assert data["count"].dtype == np.int64
    assert data["count"].values.tolist() == [4, 5]
    assert data["count"].attrs == {}
    assert data["curve"].dims == ("sample", "point")
    assert data["curve"].values[1].tolist() == [0.0, 5.0, 10.0]
    assert data["curve"].attrs == {"long_name": "height of the curve", "units": "rad"}
