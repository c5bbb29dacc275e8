"""Losses at shifted parameters, against the engine that simulates each by itself."""

import numpy as np
import pytest

from trainscape.physics.temperley_lieb_sectors import path_sectors
from trainscape.simulators.sectors.engine import Sectors
from trainscape.studies.fragmentation.network import Label, build_problem, draw_qnn
from trainscape.trainability import shifted_losses
from trainscape.trainability.shifted_losses import ShiftedLosses


@pytest.mark.parametrize("label", list(Label))
def test_every_shift_of_every_parameter_is_that_of_the_engine(label, monkeypatch):
    monkeypatch.setattr(shifted_losses, "GATES", 4)
    rng = np.random.default_rng(5)
    sectors = [list(sector) for sector in path_sectors(4, 3)]
    qnn = draw_qnn(rng, 3, 8, gate_scale=1 / 3)
    times = rng.uniform(0, 100, 8)
    problem = build_problem(qnn, sectors, label=label, times=times)
    theta, shifts = rng.uniform(0, 12, 6), np.array([0.0, 0.7, -2.0])
    engine = Sectors(problem)
    expected = [[engine.value((theta + s * e)[None])[0] for s in shifts] for e in np.eye(6)]
    np.testing.assert_allclose(ShiftedLosses(problem)(theta, shifts), expected, atol=1e-11)
