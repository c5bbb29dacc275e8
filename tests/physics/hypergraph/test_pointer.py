"""Pointer modes against wave functions on a grid, and against the ideal rules."""

import numpy as np
import pytest

from trainscape.physics.hypergraph.grid import GridState
from trainscape.physics.hypergraph.group import exponential
from trainscape.physics.hypergraph.measurements import nullifier_moments
from trainscape.physics.hypergraph.monomials import Monomials
from trainscape.physics.hypergraph.pointer import (
    Coupling,
    Displacement,
    Gate,
    PositionPolynomial,
    pointer_moments,
)
from trainscape.physics.hypergraph.squeezing import momentum_variance, position_variance


def variances(squeezings):
    return (
        [position_variance(r) for r in squeezings],
        [momentum_variance(r) for r in squeezings],
    )


def coupled(state, coupling, modes, order):
    """exp(i q_a M) on a grid: another group element for each position of the pointer."""
    monomials = Monomials(modes, order)
    shift, table = np.zeros(modes), np.zeros(monomials.count)
    for mode, s in coupling.shift.items():
        shift[mode] = s
    for members, value in coupling.polynomial.items():
        table[monomials.index[members]] = value
    values = np.empty_like(state.values)
    axis = -state.width + state.step * np.arange(state.points)
    for place, q in enumerate(axis):
        part = np.moveaxis(state.values, coupling.pointer, 0)[place]
        moved = GridState(part, state.width).after(exponential(monomials, q * shift, q * table))
        np.moveaxis(values, coupling.pointer, 0)[place] = moved.values
    return GridState(values, state.width)


def momentum_on_grid(state, mode):
    monomials = Monomials(state.modes, 1)
    return state.nullifier_moments(monomials, mode, np.zeros(monomials.count))


def test_one_reading_on_a_grid():
    """Mean and second moment after a gate, with M = p_1 - 0.4 q_2."""
    r = (0.2, 0.2, 0.2)
    coupling = Coupling(2, {0: 0.8}, {(1,): -0.4})
    steps = [Gate((0, 1), 0.5), Gate((0,), 0.3), Displacement(1, 0.6), coupling]
    mean, second = pointer_moments(steps, *variances(r))
    pair = Monomials(2, 2)
    phi = np.zeros(Monomials(3, 2).count)
    state = GridState.vacuum(3, 0.2, 64, 9.0)
    phi[Monomials(3, 2).index[0, 1]], phi[0] = 0.5, 0.3
    state = state.with_phase(Monomials(3, 2), phi).translated([0.0, -0.6, 0.0])
    expected = momentum_on_grid(coupled(state, coupling, 2, 2), 2)
    assert (mean[0], second[0, 0]) == pytest.approx(expected, abs=1e-8)
    assert pair.count == 3


def test_back_action_on_a_grid():
    """A second reading of another observable, disturbed by the first: one mode, two pointers."""
    first = Coupling(1, {0: 0.7}, {(0,): 0.5})
    second = Coupling(2, {0: -0.4}, {(0,): 0.9})
    mean, moments = pointer_moments([Gate((0,), 0.2), first, second], *variances((0.1,) * 3))
    state = GridState.vacuum(3, 0.1, 40, 7.5)
    kick = np.zeros(3)
    kick[0] = 0.2
    state = state.with_phase(Monomials(3, 1), kick)

    def couple(current, coupling, other):
        values = np.empty_like(current.values)
        for place in range(current.points):
            at = [slice(None)] * 3
            at[other] = place
            part = GridState(current.values[tuple(at)], current.width)
            inner = Coupling(1, coupling.shift, coupling.polynomial)
            values[tuple(at)] = coupled(part, inner, 1, 1).values
        return GridState(values, current.width)

    state = couple(couple(state, first, 2), second, 1)
    for pointer in (1, 2):
        expected = momentum_on_grid(state, pointer)
        found = mean[pointer - 1], moments[pointer - 1, pointer - 1]
        assert found == pytest.approx(expected, abs=1e-8)
    # The correlation of both readings, from the variance of their sum.
    transformed = np.fft.fftn(state.values, axes=(1, 2))
    k = 2 * np.pi * np.fft.fftfreq(state.points, state.step)
    weights = np.abs(transformed) ** 2
    both = (weights * k[:, None] * k[None, :]).sum() / weights.sum()
    assert moments[0, 1] == pytest.approx(both, abs=1e-8)
    undisturbed = pointer_moments([Gate((0,), 0.2), second], [1.0] * 3, [0.3] * 3)[1]
    disturbed = pointer_moments([Gate((0,), 0.2), first, second], [1.0] * 3, [0.3] * 3)[1]
    assert disturbed[1, 1] > undisturbed[0, 0] + 0.01


def test_cubic_observable_on_a_grid():
    """Q of degree two and a shift of both its modes: q_a enters to the third power."""
    coupling = Coupling(2, {0: 0.5, 1: -0.3}, {(0, 1): 0.4, (0,): 0.2})
    mean, second = pointer_moments([Gate((0, 1), 0.3), coupling], *variances((0.0,) * 3))
    three = Monomials(3, 2)
    phi = np.zeros(three.count)
    phi[three.index[0, 1]] = 0.3
    state = GridState.vacuum(3, 0.0, 64, 9.0).with_phase(three, phi)
    expected = momentum_on_grid(coupled(state, coupling, 2, 2), 2)
    assert (mean[0], second[0, 0]) == pytest.approx(expected, abs=1e-8)


def test_a_momentum_after_a_cubic_coupling_on_a_grid():
    """The disturbance of a momentum: p_i gains the integral of the slope along the shift."""
    coupling = Coupling(2, {0: 0.5, 1: -0.3}, {(0, 1): 0.4})
    three = Monomials(3, 2)
    state = coupled(GridState.vacuum(3, 0.0, 64, 9.0), coupling, 2, 2)
    expected = state.nullifier_moments(three, 0, np.zeros(three.count))
    # A pointer without noise reads the momentum: its own variance is added, here 0.
    reader = Coupling(3, {0: 1.0})
    q, p = variances((0.0,) * 3)
    mean, second = pointer_moments([coupling, reader], [*q, 1.0], [*p, 0.0])
    assert (mean[1], second[1, 1]) == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize(("modes", "order"), [(3, 2), (4, 3)])
def test_single_readings_are_nullifiers(modes, order):
    """One pointer adds its own noise to the outcome of the nullifier."""
    rng = np.random.default_rng(5)
    monomials = Monomials(modes, order)
    phi, kappa = rng.normal(size=(2, monomials.count))
    steps = [Gate(s, float(g)) for s, g in zip(monomials.sets, phi, strict=True)]
    slope = {
        tuple(m for m in s if m != 1): -float(c)
        for s, c in zip(monomials.sets, kappa, strict=True)
        if 1 in s
    }
    steps.append(Coupling(modes, {1: 1.0}, slope))
    noise = 0.07
    mean, second = pointer_moments(steps, [0.9] * modes + [3.0], [0.4] * modes + [noise])
    expected = nullifier_moments(monomials, phi, 1, kappa, 0.9, 0.4)
    assert mean[0] == pytest.approx(float(expected[0]))
    assert second[0, 0] == pytest.approx(float(expected[1]) + noise)


def test_stabilisers_do_not_disturb_each_other():
    """Nullifiers of the state itself: each reading has the noise of its mode and pointer."""
    rng = np.random.default_rng(6)
    monomials = Monomials(3, 2)
    phi = rng.normal(size=monomials.count)
    steps = [Gate(s, float(g)) for s, g in zip(monomials.sets, phi, strict=True)]
    for mode in range(3):
        slope = {
            tuple(m for m in s if m != mode): -float(c)
            for s, c in zip(monomials.sets, phi, strict=True)
            if mode in s
        }
        steps.append(Coupling(3 + mode, {mode: 1.0}, slope))
    mean, second = pointer_moments(steps, [5.0] * 6, [0.1] * 3 + [0.02] * 3)
    np.testing.assert_allclose(mean, 0, atol=1e-12)
    np.testing.assert_allclose(second, 0.12 * np.eye(3), atol=1e-10)


def test_means_of_polynomials():
    q = PositionPolynomial({(0, 0, 1, 1): 2.0, (0,): 5.0, (): 1.0, (0, 0, 0, 0): 1.0})
    assert q.mean([2.0, 3.0]) == pytest.approx(2 * 6 + 1 + 3 * 4)
    assert (q * q).mean([0.0, 0.0]) == 1.0


def test_a_pointer_used_twice():
    coupling = Coupling(1, {0: 1.0})
    with pytest.raises(ValueError, match="a pointer of its own"):
        pointer_moments([coupling, coupling], [1.0, 1.0], [1.0, 1.0])
