"""Costs of surrogates: the least sufficient order and sines, written out, and unresolved losses."""

import math

import numpy as np
import pytest

from trainscape.circuits.ansatze.efficient_su2 import mhea
from trainscape.circuits.circuit import Problem
from trainscape.circuits.encoders import linear_clifford_encoder
from trainscape.physics.hamiltonians import global_z, heisenberg
from trainscape.simulators.pauli.moments import MomentEstimate
from trainscape.simulators.statevector.engine import Statevector
from trainscape.trainability.surrogate_costs import anticommuting_rotations, surrogate_costs


def test_costs_are_the_least_that_reach_the_target():
    flips = np.repeat([1, 2, 3, 5], [600, 300, 95, 5])
    loss = MomentEstimate.of(flips, np.ones(1000), 10**5, 1.0)
    costs = surrogate_costs(loss, 1e-2, scaled_width=0.5, parameters=40, rotations=12)
    # Beyond 3 sines there are 0.5 %, beyond 2 there are 10 %.
    assert costs.sines == 3
    choices = sum(math.comb(12, j) for j in range(4))
    assert 10**costs.average_paths == pytest.approx(choices)
    norm, allowed = 0.5 * math.sqrt(2 * 40 / math.pi), math.sqrt(1e-2 * loss.mean)
    orders = [m for m in range(1, 40) if norm**m / math.factorial(m) <= allowed]
    assert costs.order == orders[0]
    terms = math.comb(40 + orders[0] - 1, orders[0] - 1)
    assert 10**costs.worst_paths == pytest.approx(terms)


def test_nothing_is_said_of_a_loss_that_is_not_resolved():
    loss = MomentEstimate.of(np.ones(3, dtype=int), np.ones(3), 10**5, 1.0)
    costs = surrogate_costs(loss, 1e-2, scaled_width=0.5, parameters=40, rotations=12)
    assert (costs.order, costs.sines) == (-1, -1)
    assert np.isnan([costs.worst_paths, costs.average_paths]).all()


def test_rotations_off_the_path_leave_it_alone():
    """Moving one angle alone changes the loss of Z...Z, 1 at zero, where its rotation
    anticommutes."""
    problem = Problem(mhea(3, 2), global_z(3))
    d = problem.circuit.num_parameters
    moved = Statevector(problem).value(0.3 * np.eye(d))
    assert anticommuting_rotations(problem) == (np.abs(moved - 1) > 1e-6).sum()
    encoded = Problem(linear_clifford_encoder(problem, 4).circuit, problem.observable)
    assert 0 < anticommuting_rotations(encoded) <= d
    with pytest.raises(ValueError, match="has 6 terms"):
        anticommuting_rotations(Problem(mhea(3, 2), heisenberg(3)))
