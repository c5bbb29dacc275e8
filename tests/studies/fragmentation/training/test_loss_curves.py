"""Loss curves."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from studies.fragmentation.chains import chain, draw
from studies.fragmentation.training.settings import tl_training
from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.training import loss_curves
from trainscape.testing.steps import MemoryCheckpoint, cell_context

FAMILY = tl_training()


def curve(optimiser: str, count: int, *, samples: range = range(2), **options) -> xr.Dataset:
    parameters = chain(3, 3, instance=1)
    cell = cell_context(
        FAMILY,
        Stage.GRADIENTS,
        {**parameters, "counts": (count,), "horizon": 1000.0, "optimiser": optimiser},
        {Stage.DATASET: draw(FAMILY, parameters, 729)},
        **options,
    )
    return loss_curves.sample(cell, samples).isel(parameters=0)


@pytest.mark.parametrize("optimiser", ["lbfgs", "adam", "descent"])
def test_loss_curves_start_alike_and_fall_above_the_threshold_only(optimiser):
    above, below = (curve(optimiser, count, iterations=400) for count in (24, 5))
    kept = above["iteration"].values
    assert kept[0] == 0
    assert kept[-1] == 400
    np.testing.assert_array_equal(
        above["loss"].values[:, 0], curve("lbfgs", 24, iterations=1)["loss"].values[:, 0]
    )
    assert (above["loss"].values[:, -1] < 0.02).all()
    assert (below["loss"].values[:, -1] > 0.02).all()
    assert (above["iterations"].values <= 400).all()


def test_a_curve_does_not_depend_on_the_others_or_on_its_end():
    long = curve("adam", 12, samples=range(3), iterations=50)
    alone = curve("adam", 12, samples=range(2, 3), iterations=50)
    np.testing.assert_array_equal(long["loss"].values[2:], alone["loss"].values)
    short = curve("adam", 12, samples=range(3), iterations=20)
    common = np.intersect1d(short["iteration"].values, long["iteration"].values)
    np.testing.assert_array_equal(
        short["loss"].sel(iteration=common).values, long["loss"].sel(iteration=common).values
    )


@pytest.mark.parametrize("optimiser", ["lbfgs", "adam", "descent"])
def test_a_killed_run_goes_on_bit_for_bit(optimiser):
    parameters = chain(3, 3, instance=1)
    cell = cell_context(
        FAMILY,
        Stage.GRADIENTS,
        {
            **parameters,
            "counts": (12,),
            "horizon": 1000.0,
            "optimiser": optimiser,
            "iterations": 20,
        },
        {Stage.DATASET: draw(FAMILY, parameters, 729)},
    )
    whole = MemoryCheckpoint()
    expected = loss_curves.sample(replace(cell, checkpoint=whole), range(1))
    # The iterations of the cell, and not those of the options.
    assert expected["iteration"].values[-1] == 20
    assert len(whole.states) >= 21
    again = MemoryCheckpoint(whole.states[8])
    resumed = loss_curves.sample(replace(cell, checkpoint=again), range(1))
    assert resumed.identical(expected)
    assert len(again.states) == len(whole.states) - 9
