"""The contract, for each engine."""

import numpy as np
import pytest

from simulators.engine_contract import EngineContract, angles
from simulators.problems import PROBLEMS
from trainscape.simulators.dense import Dense
from trainscape.simulators.mps import MatrixProductState
from trainscape.simulators.statevector import Statevector
from trainscape.simulators.tensornet import TensorNetwork, find_path


class TestDense(EngineContract):
    engine = Dense


class TestStatevector(EngineContract):
    engine = Statevector


class TestStatevectorOfTheWholeRegister(EngineContract):
    engine = Statevector

    def build(self, problem):
        return Statevector(problem, reduce=False)


class TestTensorNetwork(EngineContract):
    engine = TensorNetwork

    def build(self, problem):
        return TensorNetwork(problem, find_path(problem, repeats=2))


@pytest.mark.slow
class TestMatrixProductState(EngineContract):
    """Each derivative takes two contractions by quimb, so that problems and batches are small."""

    engine = MatrixProductState

    @pytest.fixture(params=sorted(set(PROBLEMS) - {"ring", "open", "grid", "all-to-all"}))
    def case(self, request):
        return PROBLEMS[request.param]

    def test_bits_do_not_depend_on_the_batch(self):
        case = PROBLEMS["every gate"]
        theta = angles(4, case.circuit.num_parameters)
        engine = self.build(case)
        value, gradient = engine.value_and_gradient(theta)
        np.testing.assert_array_equal(value, engine.value(theta))
        for part in (slice(0, 1), slice(2, 4)):
            few = self.build(case).value_and_gradient(theta[part])
            np.testing.assert_array_equal(value[part], few[0])
            np.testing.assert_array_equal(gradient[part], few[1])
