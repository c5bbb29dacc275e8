"""Energies in the representation that costs least are those of the state vector."""

import numpy as np
import pytest

from trainscape.circuits.circuit import Problem
from trainscape.simulators.dense import Dense
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.pruning.energies import layered_energy
from trainscape.studies.pruning.models import (
    ansatz,
    deep_circuit,
    hamiltonian,
    layered_circuit,
    variational_layer,
)
from trainscape.studies.pruning.names import start_letters
from trainscape.trainability.tangent_kernels import EffectiveAnsatz

LAYERS = 3


@pytest.mark.parametrize(
    ("model", "n", "stage", "inside"),
    [
        ("ising_ring", 6, "A3", True),
        ("tilted_ring", 4, "A3", True),
        ("heisenberg_chain", 6, "A3", True),
        ("xxz_ring", 4, "A2", True),
        ("complete_cut", 5, "A3", True),
        ("ising_ring", 4, "A0", False),
        ("ising_ring", 5, "A2", False),
    ],
)
def test_both_representations_agree(model, n, stage, inside):
    layer, target = ansatz(model, n, stage), hamiltonian(model, n)
    function = layered_energy(layer, start_letters(model, n), LAYERS, target)
    assert isinstance(function.__self__, EffectiveAnsatz if inside else Statevector)
    theta = np.random.default_rng(2).uniform(-np.pi, np.pi, (4, LAYERS * len(layer)))
    energy, gradient = function(theta)
    engine = Dense(Problem(deep_circuit(model, n, stage, LAYERS), target))
    expected = engine.value_and_gradient(theta)
    np.testing.assert_allclose(energy, expected[0], atol=1e-11)
    np.testing.assert_allclose(gradient, expected[1], atol=1e-11)


def test_a_sample_does_not_depend_on_the_others():
    target, layer = hamiltonian("ising_chain", 6), variational_layer("ising_chain", 6)
    function = layered_energy(layer, "+" * 6, 4, target)
    theta = np.random.default_rng(3).uniform(-np.pi, np.pi, (5, 8))
    whole, part = function(theta), function(theta[2:4])
    np.testing.assert_array_equal(whole[0][2:4], part[0])
    np.testing.assert_array_equal(whole[1][2:4], part[1])
    circuit = layered_circuit(layer, "+" * 6, 4)
    values = Statevector(Problem(circuit, target)).value(theta)
    np.testing.assert_allclose(whole[0], values, atol=1e-12)
