"""The check of the encoder passes where it keeps its promise, and says by how much not."""

import numpy as np
import pytest

from trainscape.circuits.ansatze.efficient_su2 import mhea
from trainscape.circuits.circuit import Problem
from trainscape.physics.hamiltonians import random_pauli
from trainscape.physics.pauli import PauliSum
from trainscape.trainability.encoder_checks import encoder_deviation


@pytest.mark.parametrize("weight", [1.0, 0.75])
def test_a_string_of_weight_one_keeps_the_promise(weight):
    string = random_pauli(3, np.random.default_rng(5))
    problem = Problem(mhea(3, 1), PauliSum(((weight, string),)))
    # Of another weight, the slope is that weight.
    assert encoder_deviation(problem) == pytest.approx(1 - weight, abs=1e-12)
