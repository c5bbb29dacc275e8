"""Trends of the gain with depth, from losses whose trend is known."""

from dataclasses import replace

import numpy as np
import pytest

from trainscape.studies.clifford.vqe.depth_trends import depth_trends
from trainscape.studies.contract import Stage
from trainscape.testing.steps import StubResults

STORE = ("vqe", Stage.THRESHOLDS)


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_known_trend_is_found(results, sign):
    """Differences of the Ising chain as if they were 0.1 |E0| for each doubling, and noise.

    In the third patch there is noise alone.
    """
    rng = np.random.default_rng(0)
    runs = results.summary(*STORE)
    energy = abs(float(runs["ground_energy"].values[runs["observable"].values == "tfim"][0]))
    cells = []
    for cell in results.cells(*STORE):
        loss = cell.data["loss"].copy(deep=True)
        values = 1e-3 * rng.normal(size=loss.shape[:2])
        if cell["start"] == "lce":
            trend = sign * 0.1 * np.log2(cell["layers"]) * np.array([1, 1, 0, 1])
            values = values + trend[: values.shape[1]]
        loss[..., -1] = energy * values
        cells.append(replace(cell, data=cell.data.assign(loss=loss)))
    table = depth_trends(StubResults({STORE: runs}, {STORE: cells}))
    assert table["observable"].unique().tolist() == ["tfim"]
    assert table["patch"].tolist() == ["D^-1", "D^-1/2", "D^-1/3", "D^-1/5"]
    assert set(table["depths"]) == {3}
    trends = table[table["patch"] != "D^-1/3"]
    np.testing.assert_allclose(trends["slope"], sign * 0.1, atol=4e-3)
    assert (sign * trends["correlation"] > 0.9).all()
    assert (trends["p"] < 1e-4).all()
    none = table.set_index("patch").loc["D^-1/3"]
    assert none["p"] > 0.01
    assert abs(none["slope"]) < 4 * none["slope_error"]
