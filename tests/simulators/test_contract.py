"""The contract, for each engine."""

from simulators.engine_contract import EngineContract
from trainscape.simulators.dense import Dense
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
