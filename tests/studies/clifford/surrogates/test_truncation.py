"""Errors of truncated surrogates: measured against expected."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from studies.clifford.settings import context
from trainscape.studies.clifford.surrogates import CHECKPOINT_DRAWS, GROUP
from trainscape.studies.clifford.surrogates.truncation_errors import BATCH, sample
from trainscape.studies.clifford.surrogates.truncation_means import summarise
from trainscape.studies.clifford.systems import system
from trainscape.studies.contract import Stage
from trainscape.testing.steps import MemoryCheckpoint, StubSummary, stored


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


def test_a_killed_instance_goes_on_bit_for_bit_and_takes_what_was_measured():
    cell = context(
        GROUP, "surrogates", Stage.SIMULATE, system(2), angles=2 * BATCH, max_sines=1, walks=256
    )
    whole = MemoryCheckpoint()
    expected = sample(replace(cell, checkpoint=whole), range(1))
    assert BATCH == CHECKPOINT_DRAWS
    assert len(whole.states) == 2 * expected.sizes["law"]
    resumed = sample(replace(cell, checkpoint=MemoryCheckpoint(whole.states[4])), range(1))
    xr.testing.assert_identical(resumed, expected)
    # States of another sample are passed over; those of this one are believed.
    other = MemoryCheckpoint({**whole.states[4], "sample": np.array(7)})
    xr.testing.assert_identical(sample(replace(cell, checkpoint=other), range(1)), expected)
    changed = MemoryCheckpoint({**whole.states[4], "squares": whole.states[4]["squares"] + 1.0})
    believed = sample(replace(cell, checkpoint=changed), range(1))
    assert (believed["error"][:, 0] > expected["error"][:, 0] + 0.5).all()
