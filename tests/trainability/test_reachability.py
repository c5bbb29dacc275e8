"""Reachability of blocks, against brute force."""

import numpy as np
import pytest

from trainscape.simulators.sectors.engine import Sectors
from trainscape.simulators.sectors.problem import SectorBlock, SectorProblem
from trainscape.trainability.reachability import (
    UNREACHED,
    arc,
    least_gates,
    network_reach,
    ring_gaps,
    steering_bound,
    two_level_gaps,
    unreachable_share,
)
from trainscape.training.optimisers import LBFGS, minimise, single


def hermitian(rng, order, *, real=False):
    square = rng.standard_normal((order, order))
    if not real:
        square = square + 1j * rng.standard_normal((order, order))
    return square + square.conj().T


def block(hamiltonian, vector, *, label, name="0"):
    """Return a block with one input, whose gate is the projector on a vector."""
    order = len(hamiltonian)
    vector = vector / np.linalg.norm(vector)
    inputs = np.eye(order)[:, :1]
    accepted = (np.arange(order) == label)[:, None]
    return SectorBlock(name, hamiltonian, np.outer(vector, vector.conj()) / 2, inputs, accepted)


def least_loss(problem, times, gates, rng, starts=12):
    """Return the least loss that many trainings find."""
    engine = Sectors(SectorProblem(problem.blocks, times[: gates + 2]))
    limits = LBFGS(iterations=2000, target=1e-15)
    function = single(engine.value_and_gradient)
    runs = [
        minimise(function, rng.uniform(0, 4 * np.pi, gates), limits).loss for _ in range(starts)
    ]
    return min(runs)


@pytest.mark.parametrize("label", [0, 1])
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_the_least_loss_of_two_levels_is_that_of_brute_force(seed, label):
    rng = np.random.default_rng([seed, label])
    hamiltonian = hermitian(rng, 2)
    # Nearly an eigenvector, so that some gates are not enough.
    vector = np.linalg.eigh(hamiltonian)[1] @ np.array([1.0, 0.05 * (1 + 5 * seed)])
    one = block(hamiltonian, vector, label=label)
    times = rng.uniform(0, 50, 10)
    gaps = two_level_gaps(one, times)
    assert (np.diff(gaps) <= 1e-12).all()
    for gates in (1, 2, 4, 8):
        found = least_loss(SectorProblem((one,)), times, gates, rng)
        assert found == pytest.approx(np.sin(gaps[gates - 1] / 2) ** 2, abs=2e-9)


def test_some_of_these_blocks_are_reached_late_and_some_never():
    rng = np.random.default_rng(5)
    hamiltonian = np.diag([1.0, -1.0])
    one = block(hamiltonian, np.array([1.0, 0.1]), label=1)
    times = rng.uniform(0, 1000, 402)
    reach = network_reach(SectorProblem((one,)), times)
    # From pole to pole; each step is twice the opening at most, 4/pi times it in the mean.
    opening = 2 * np.arctan(0.1)
    assert np.pi / (2 * opening) < reach < 2 * np.pi / opening
    assert network_reach(SectorProblem((one,)), times[: reach + 1]) == UNREACHED
    eigenvector = block(hamiltonian, np.array([1.0, 0.0]), label=1)
    assert network_reach(SectorProblem((eigenvector,)), times) == UNREACHED


def test_the_bound_for_any_block_is_below_the_exact_number():
    rng = np.random.default_rng(6)
    ratios = []
    for opening in rng.uniform(0.02, 0.1, 60):
        one = block(np.diag([1.0, 0.0]), np.array([np.cos(opening), np.sin(opening)]), label=1)
        gaps = two_level_gaps(one, rng.uniform(0, 1000, 202))
        ratios.append(int(least_gates(gaps)) / steering_bound(one))
    assert min(ratios) >= 1
    # Random times take pi/2 as many steps as the best.
    assert np.mean(ratios) == pytest.approx(np.pi / 2, rel=0.05)


def test_a_block_of_more_levels_is_not_steered_below_its_bound():
    """An eigenvector that the gate hardly moves keeps its weight in the image of the input."""
    rng = np.random.default_rng(7)
    one = block(np.diag([0.3, -1.1, 2.0, 0.9]), np.array([1.0, 0.1, 1.0, 1.0]), label=1)
    bound = steering_bound(one)
    assert bound == np.ceil(np.pi / 2 / np.arccos(1 - 2 * 0.01 / 3.01)) == 14
    times = rng.uniform(0, 1000, 102)
    assert least_loss(SectorProblem((one,)), times, bound - 1, rng, starts=6) > 1e-3
    assert least_loss(SectorProblem((one,)), times, 100, rng, starts=6) < 1e-9


def test_several_inputs_that_may_end_in_a_larger_space_ask_for_less():
    hamiltonian, vector = np.diag([0.0, 1.0, 2.0, 3.0]), np.array([0.1, 1.0, 1.0, 1.0])
    narrow = block(hamiltonian, vector, label=1)
    accepted = np.array([True, True, False, False])[:, None]
    wide = SectorBlock("0", hamiltonian, narrow.gate, narrow.inputs, accepted)
    assert steering_bound(narrow) > 5
    assert steering_bound(wide) == 1


def test_only_two_levels_with_one_label_have_an_exact_answer():
    rng = np.random.default_rng(8)
    with pytest.raises(ValueError, match="only for one input on two levels"):
        two_level_gaps(block(hermitian(rng, 3), np.ones(3), label=1), np.zeros(4))


@pytest.mark.parametrize("kinds", [1, 2])
def test_the_laws_of_random_draws(kinds):
    """Cones and polar angles uniform, azimuths uniform; four standard errors."""
    rng = np.random.default_rng(9)
    draws, gates = 20000, 16
    cones = rng.uniform(0, np.pi, (draws, kinds))[:, np.arange(gates) % kinds]
    azimuth = rng.uniform(0, 2 * np.pi, (draws, gates))
    polar, start, end = rng.uniform(0, [[np.pi], [2 * np.pi], [2 * np.pi]], (3, draws))
    gaps = ring_gaps(
        arc(np.pi - polar, cones[:, 0], end - azimuth[:, 0]),
        arc(cones[:, 1:], cones[:, :-1], np.diff(azimuth)),
        arc(polar[:, None], cones, start[:, None] - azimuth),
    )
    share = (gaps[:, -1] > 1e-9).mean()
    law = float(unreachable_share(gates, kinds))
    assert share == pytest.approx(law, abs=4 * np.sqrt(law / draws) + 0.05 * law)


def test_the_constant_of_two_gates_by_another_integral():
    """The area by counting, with mean steps as averages over azimuths."""
    side = (np.arange(200) + 0.5) / 200
    azimuth = (np.arange(400) + 0.5) * np.pi / 400
    a, b = side[:, None, None], side[None, :, None]
    mean = np.sqrt(a * a + b * b - 2 * a * b * np.cos(azimuth)).mean(axis=-1)
    area = (mean < 1).mean()
    assert float(unreachable_share(2, 2)) == pytest.approx(4 / 3 * area, rel=0.01)
