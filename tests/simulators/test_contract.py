"""The contract, for each engine."""

import numpy as np
import pytest

from simulators.engine_contract import ReducedContract, WholeStateContract, angles
from simulators.problems import PROBLEMS
from trainscape.simulators.dense import Dense
from trainscape.simulators.mps import MatrixProductState
from trainscape.simulators.statevector.engine import Statevector
from trainscape.simulators.tensornet.engine import TensorNetwork, find_path


class TestDense(WholeStateContract):
    engine = Dense

    def test_derivatives_equal_differences_of_derivatives(self):
        """The others are compared with the dense engine, so its second derivatives need a check."""
        case = PROBLEMS["evolutions"]
        theta, p = angles(1, 4, seed=5), 4
        engine, step = Dense(case), 3e-6
        hessian, jacobian = engine.hessian(theta)[0], engine.jacobian(theta)[0]
        for j in range(p):
            shift = step * np.eye(p)[j]
            slope = (engine.gradient(theta + shift) - engine.gradient(theta - shift))[0] / (
                2 * step
            )
            np.testing.assert_allclose(hessian[j], slope, rtol=0, atol=1e-8)
            np.testing.assert_allclose(
                jacobian[j],
                (engine.state(theta + shift) - engine.state(theta - shift))[0] / (2 * step),
                atol=1e-8,
            )
        # F is the second-order loss of fidelity: 1 - |<psi(theta)|psi(theta + x)>|^2 = x F x / 4.
        fisher = engine.quantum_fisher(theta)[0]
        x = 1e-4 * angles(1, p, seed=6)[0]
        fidelity = abs(np.vdot(engine.state(theta)[0], engine.state(theta + x)[0])) ** 2
        assert x @ fisher @ x / 4 == pytest.approx(1 - fidelity, rel=1e-2)


class TestStatevector(WholeStateContract):
    engine = Statevector


@pytest.mark.slow
class TestStatevectorOfTheWholeRegister(WholeStateContract):
    engine = Statevector

    def build(self, problem):
        return Statevector(problem, reduce=False)


class TestTensorNetwork(ReducedContract):
    engine = TensorNetwork

    def build(self, problem):
        return TensorNetwork(problem, find_path(problem, repeats=2))


@pytest.mark.slow
class TestMatrixProductState(ReducedContract):
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
