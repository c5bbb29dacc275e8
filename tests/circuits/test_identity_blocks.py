"""The circuit whose second half undoes the first."""

import numpy as np
import pytest

from trainscape.circuits.ansatze.efficient_su2 import mhea
from trainscape.circuits.ansatze.identity_blocks import identity_blocks
from trainscape.circuits.circuit import Problem
from trainscape.physics.hamiltonians import global_z
from trainscape.simulators.statevector.engine import Statevector
from trainscape.training.initial_angles import identity_block_angles


@pytest.mark.parametrize("layers", [1, 2, 5, 6])
def test_identity_blocks_start_at_the_identity(layers):
    circuit, half = identity_blocks(3, layers)
    angles = identity_block_angles(circuit.num_parameters, half, np.random.default_rng(layers))
    engine = Statevector(Problem(circuit, global_z(3)), reduce=False)
    assert circuit.num_parameters == mhea(3, 2 * max(1, layers // 2)).num_parameters
    assert np.abs(angles[:half]).max() > 1
    state = engine.state(angles[None])[0]
    assert abs(state[0]) == pytest.approx(1, abs=1e-12)
    # Each parameter moves the state by itself.
    jacobian = engine.jacobian(angles[None] + 0.1)[0]
    np.testing.assert_allclose(np.linalg.norm(jacobian, axis=1), 0.5, atol=1e-9)
    assert circuit.unused_parameters == ()
