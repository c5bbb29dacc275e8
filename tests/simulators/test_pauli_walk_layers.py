"""Walks through layers that are held once: the same bits as with the list of all gates."""

import tracemalloc

import numpy as np
import pytest

from circuits.test_layered import MIXED
from simulators.walk_reference import assert_equal_estimates
from trainscape.circuits.gates import FixedGate
from trainscape.circuits.layered import (
    LayeredCircuit,
    LayeredProblem,
    Part,
    layered_efficient_su2,
)
from trainscape.circuits.layered_encoder import layered_encoder
from trainscape.physics.hamiltonians import random_pauli
from trainscape.physics.pauli import PauliString
from trainscape.simulators.pauli.moments import Patch
from trainscape.simulators.pauli.walk import PauliWalk


def cases():
    rng = np.random.default_rng(5)
    yield LayeredProblem(MIXED, PauliString("YXX"))
    # The light cone of the list leaves out some of the gates.
    yield LayeredProblem(layered_efficient_su2(5, 2), PauliString("IIZII"))
    problem = LayeredProblem(layered_efficient_su2(7, 5), random_pauli(7, rng))
    yield LayeredProblem(layered_encoder(problem, 11).circuit, problem.string)


@pytest.mark.parametrize("case", list(cases()), ids=["mixed", "local", "encoded"])
@pytest.mark.parametrize("flips", [None, 1.0])
@pytest.mark.parametrize("size", [0.05, 0.7])
def test_same_bits(case, flips, size):
    layered, listed = PauliWalk(case), PauliWalk(case.expanded())
    patch = Patch("gaussian", size)
    same = (patch, 1000, 3)
    met = 0
    assert_equal_estimates(
        layered.value_moment(*same, expected_flips=flips),
        listed.value_moment(*same, expected_flips=flips),
    )
    assert_equal_estimates(
        layered.gradient_norm_moment(*same, expected_flips=flips),
        listed.gradient_norm_moment(*same, expected_flips=flips),
    )
    for parameter in range(case.circuit.num_parameters):
        found = listed.gradient_moment(parameter, *same, expected_flips=flips)
        ours = layered.gradient_moment(parameter, *same, expected_flips=flips)
        met += len(found.counts) > 0
        if found.unit:  # inside the light cone
            assert_equal_estimates(ours, found)
        else:
            assert ours.mean == found.mean == 0.0
    assert met > 1 or size < 0.1
    with pytest.raises(ValueError, match="no parameter"):
        layered.gradient_moment(case.circuit.num_parameters, *same)


def test_memory_does_not_grow_with_the_layers():
    """A hundred times as many layers take as much, where a list of gates would take 150 MB."""
    peaks = []
    for layers in (20, 2000):
        tracemalloc.start()
        problem = LayeredProblem(layered_efficient_su2(64, layers), PauliString("X" * 64))
        walk = PauliWalk(LayeredProblem(layered_encoder(problem, 70).circuit, problem.string))
        found = walk.gradient_moment(70, Patch("gaussian", 1e-3), 64, 0, expected_flips=1.0)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert 0.5 < found.mean <= 1.0
    assert peaks[1] < 1.5 * peaks[0]


def test_a_layer_of_other_gates_is_refused():
    circuit = LayeredCircuit(2, (Part((FixedGate("T", (0,)),), 3),))
    with pytest.raises(ValueError, match="the gate T on qubits"):
        PauliWalk(LayeredProblem(circuit, PauliString("XX")))
