"""Expectations at finite squeezing against wave functions on a grid."""

import numpy as np
import pytest

from trainscape.physics.hypergraph.grid import GridState
from trainscape.physics.hypergraph.group import GroupElement, stabiliser
from trainscape.physics.hypergraph.magic_squares import PAIR, square_shifts, weight_observables
from trainscape.physics.hypergraph.monomials import Monomials
from trainscape.physics.hypergraph.squeezing import (
    angle_variance,
    decibels,
    expectation,
    mean_phase_factor,
    momentum_variance,
    position_variance,
    squeezing_of_decibels,
)


@pytest.mark.parametrize("r", [0.0, 0.7, 2.0])
def test_variances_and_decibels(r):
    assert position_variance(r) * momentum_variance(r) == pytest.approx(0.25)
    assert momentum_variance(r) == pytest.approx(np.exp(-2 * r) / 2)
    assert decibels(r) == pytest.approx(10 * np.log10(0.5 / momentum_variance(r)))
    assert squeezing_of_decibels(decibels(r)) == pytest.approx(r)


@pytest.mark.parametrize(("r", "value"), [(0.5, 0.64386), (1.0, 0.85047), (1.3, 0.91495)])
def test_values_of_the_worked_example(r, value):
    c = weight_observables([-0.6, 0.1, 0.9])
    phi = [0.0, 0.0, -0.6]
    assert expectation(c[0], phi, r) == pytest.approx(value, abs=5e-6)
    assert expectation(c[0] @ c[1] @ c[2], phi, r) == pytest.approx(-1, abs=1e-9)
    # A stabiliser reads an angle of the variance that its mean has.
    assert abs(expectation(c[0], phi, r)) == pytest.approx(
        np.exp(-angle_variance(c[0].shift, r) / 2)
    )


def test_squeezing_that_a_spacing_needs():
    """24.97 dB at distance 1 for a mean of exp(-0.01); 10 dB more for each decade."""
    for spacing, expected in ((1.0, 24.97), (0.1, 34.97)):
        s, t = square_shifts([-spacing, 0.0, spacing])
        worst = (s**2 + t**2).max()
        # worst exp(-2 r) / 4 = 0.01
        r = 0.5 * np.log(worst / 0.04)
        assert decibels(r) == pytest.approx(expected, abs=0.005)
        c = weight_observables([-spacing, 0.0, spacing])[1]
        assert expectation(c, np.zeros(3), r).real == pytest.approx(np.exp(-0.01), abs=1e-9)


@pytest.mark.parametrize(("modes", "order"), [(2, 2), (3, 2), (3, 3)])
def test_any_element_on_a_grid(modes, order):
    rng = np.random.default_rng(modes * 10 + order)
    monomials = Monomials(modes, order)
    points, width = (144, 13.0) if modes == 2 else (80, 9.0)
    r = 0.4 if modes == 2 else 0.1
    phi = 0.4 * rng.normal(size=monomials.count)
    element = GroupElement.of(
        monomials,
        0.5 * rng.normal(size=modes),
        0.3 * rng.normal(size=monomials.count),
        rng.normal(),
    )
    state = GridState.vacuum(modes, r, points, width).with_phase(monomials, phi)
    assert expectation(element, phi, r) == pytest.approx(state.expectation(element), abs=1e-9)


def test_batches_are_element_by_element():
    rng = np.random.default_rng(2)
    monomials = Monomials(3, 3)
    table, mean = 0.3 * rng.normal(size=(4, monomials.count)), rng.normal(size=(4, 3))
    whole = mean_phase_factor(monomials, table, mean, 0.8)
    for b in range(4):
        one = mean_phase_factor(monomials, table[b], mean[b], 0.8)
        assert whole[b] == pytest.approx(one, abs=1e-10)


def test_two_hyperedges_without_a_common_mode():
    """Independent parts: the mean of a product is the product of the means."""
    six, three = Monomials(6, 3), Monomials(3, 3)
    table = np.zeros(six.count)
    table[six.index[0, 1, 2]], table[six.index[3, 4, 5]] = 0.5, -0.8
    one = np.zeros((2, three.count))
    one[:, -1] = 0.5, -0.8
    expected = mean_phase_factor(three, one, np.zeros(3), 0.7).prod()
    found = mean_phase_factor(six, table, np.zeros(6), 0.7)
    assert found == pytest.approx(expected, abs=1e-9)


def test_stabilisers_of_a_cubic_state():
    monomials = Monomials(3, 3)
    phi = np.random.default_rng(4).normal(size=monomials.count)
    element = stabiliser(monomials, phi, [0.4, -0.2, 0.7])
    assert expectation(element, phi, 1.5) == pytest.approx(
        np.exp(-angle_variance(element.shift, 1.5) / 2), abs=1e-10
    )


def test_means_that_do_not_converge():
    monomials = Monomials(3, 3)
    table = np.zeros(monomials.count)
    table[-1] = 1e6
    with pytest.raises(ValueError, match="does not converge"):
        mean_phase_factor(monomials, table, np.zeros(3), 100.0)


def test_a_measured_position_on_a_grid():
    """n = k = 3: after finding q3 = y the state has the edge {1, 2} with weight w y."""
    three = Monomials(3, 3)
    phi = np.zeros(three.count)
    phi[-1] = 0.7
    state = GridState.vacuum(3, 0.0, 48, 8.0).with_phase(three, phi)
    rest, density = state.at_position(2, 0.9)
    expected = GridState.vacuum(2, 0.0, 48, 8.0).with_phase(PAIR, [0.0, 0.0, 0.63])
    assert abs(rest.overlap(expected)) ** 2 == pytest.approx(1, abs=1e-10)
    variance = position_variance(0.0)
    assert density == pytest.approx(
        np.exp(-(0.9**2) / (2 * variance)) / np.sqrt(2 * np.pi * variance), abs=1e-10
    )
