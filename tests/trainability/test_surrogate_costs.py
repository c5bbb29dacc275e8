"""Costs of surrogates: the least sufficient order and sines, written out, and unresolved losses."""

import math

import numpy as np
import pytest

from trainscape.circuits.ansatze.efficient_su2 import mhea
from trainscape.circuits.circuit import Problem
from trainscape.circuits.encoders import linear_clifford_encoder
from trainscape.physics.hamiltonians import global_z, heisenberg
from trainscape.simulators.statevector.engine import Statevector
from trainscape.trainability.patch_moments import PatchMoment
from trainscape.trainability.surrogate_costs import (
    anticommuting_rotations,
    sines_needed,
    surrogate_costs,
)


def a_loss(value, error, shares=(0, 0.6, 0.3, 0.095, 0, 0.005)):
    """A loss whose paths with 1, 2, ... sines have known shares."""
    by_sines = tuple(value * share for share in shares)
    ends = (value - 2 * error, value + 2 * error)
    return PatchMoment(value, error, *ends, 0.95, 100, "short paths", by_sines)


def test_sines_needed_keep_all_but_a_hundredth():
    # Beyond 3 sines there are 0.5 %, beyond 2 there are 10 %.
    assert sines_needed(a_loss(0.01, 1e-4), 1e-2) == 3
    assert sines_needed(a_loss(0.01, 1e-4), 1e-3) == 5
    assert sines_needed(a_loss(0.01, 1e-4), 0.2) == 2
    assert sines_needed(a_loss(0.01, 0.0), 1e-2) == 3
    # An error of a fifth is that of 25 paths.
    assert sines_needed(a_loss(0.01, 2e-3), 1e-2) == -1
    assert sines_needed(a_loss(0.0, 1e-9), 1e-2) == -1


def test_costs_are_the_least_that_reach_the_target():
    loss = a_loss(0.01, 1e-4)
    costs = surrogate_costs(loss, 1e-2, scaled_width=0.5, parameters=40, rotations=12)
    assert costs.sines == 3
    choices = sum(math.comb(12, j) for j in range(4))
    assert 10**costs.average_paths == pytest.approx(choices)
    norm, allowed = 0.5 * math.sqrt(2 * 40 / math.pi), math.sqrt(1e-2 * loss.value)
    orders = [m for m in range(1, 40) if norm**m / math.factorial(m) <= allowed]
    assert costs.order == orders[0]
    terms = math.comb(40 + orders[0] - 1, orders[0] - 1)
    assert 10**costs.worst_paths == pytest.approx(terms)


def test_nothing_is_said_of_a_loss_that_is_not_resolved():
    loss = a_loss(0.01, 5e-3)
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
