"""The network on the full space."""

import numpy as np
import pytest

from studies.fragmentation.chains import chain
from studies.fragmentation.generalisation.settings import draw
from trainscape.physics.sector_states import basis_states
from trainscape.simulators.sectors.engine import Sectors
from trainscape.simulators.sectors.problem import SectorProblem
from trainscape.studies.fragmentation.generalisation.full_space import FullSpace
from trainscape.studies.fragmentation.instances import load_problem
from trainscape.studies.fragmentation.network import draw_times


@pytest.mark.parametrize(
    ("site_dim", "sites", "label"),
    [(3, 3, "lambda"), (2, 4, "lambda"), (2, 3, "lambda_q"), (4, 3, "lambda")],
)
def test_the_full_space_has_the_losses_of_the_sectors(site_dim, sites, label):
    parameters = chain(site_dim, sites, label=label)
    instance = draw(parameters)
    space = FullSpace(instance, label, site_dim, sites)
    times = draw_times(np.random.default_rng(1), 7, 20.0)
    theta = np.random.default_rng(2).uniform(0, 12, 7)
    expected = Sectors(SectorProblem(load_problem(instance, label).blocks, times)).losses_per_state(
        theta[None]
    )[0]
    for copy in (1, 2):
        states = basis_states(space.bases, space.labels, copies=copy)
        positions = [
            space.labels.index(answer)
            for answer in zip(states.sector.tolist(), states.krylov.tolist(), strict=True)
        ]
        np.testing.assert_allclose(
            space.losses(states, theta, times), expected[positions], atol=1e-11
        )
