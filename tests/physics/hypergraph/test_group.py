"""The group against wave functions on a grid, and its laws."""

import numpy as np
import pytest

from trainscape.physics.hypergraph.grid import GridState
from trainscape.physics.hypergraph.group import GroupElement, exponential, stabiliser
from trainscape.physics.hypergraph.monomials import Monomials
from trainscape.physics.hypergraph.phases import add_gate, displace, zero_phase

SIZES = [(1, 1), (2, 2), (3, 2), (4, 3), (4, 4)]


def random_element(monomials, rng, *batch):
    return GroupElement.of(
        monomials,
        rng.normal(size=(*batch, monomials.modes)),
        rng.normal(size=(*batch, monomials.count)),
        rng.normal(size=batch),
    )


def assert_equal(left, right):
    for name in ("shift", "table", "constant"):
        np.testing.assert_allclose(getattr(left, name), getattr(right, name), atol=1e-11)


@pytest.fixture(params=SIZES, ids=str)
def case(request):
    rng = np.random.default_rng(request.param)
    monomials = Monomials(*request.param)
    return monomials, rng, [random_element(monomials, rng, 4) for _ in range(3)]


def test_laws(case):
    monomials, _, (a, b, c) = case
    one = GroupElement.identity(monomials)
    assert_equal((a @ b) @ c, a @ (b @ c))
    assert_equal(a @ one, a)
    assert_equal(one @ a, a)
    nothing = GroupElement.of(monomials, np.zeros((4, monomials.modes)))
    assert_equal(a @ a.inverse(), nothing)
    assert_equal(a.inverse() @ a, nothing)
    assert_equal(a.power(3), a @ a @ a)
    assert_equal(a.power(-2) @ a @ a, nothing)
    assert_equal(a.power(0), one)
    assert_equal(a.commutator(b) @ b @ a, a @ b)
    assert np.abs(a.commutator(b).constant).max() > 1e-3


def test_one_parameter_groups(case):
    """exp of a generator: additive along a line, with the generator as its derivative."""
    monomials, rng, _ = case
    s, q = rng.normal(size=monomials.modes), rng.normal(size=monomials.count)
    along = [exponential(monomials, t * s, t * q) for t in (0.4, 1.1, 1.5)]
    assert_equal(along[0] @ along[1], along[2])
    step = 1e-6
    small = exponential(monomials, step * s, step * q)
    np.testing.assert_allclose(small.shift / step, s, atol=1e-5)
    np.testing.assert_allclose(small.table / step, q, atol=1e-4)


def test_action_on_states(case):
    monomials, rng, (a, b, _) = case
    phi = rng.normal(size=monomials.count)
    constant, once = b.act(phi)
    further, twice = a.act(once)
    whole, table = (a @ b).act(phi)
    np.testing.assert_allclose(table, twice, atol=1e-11)
    np.testing.assert_allclose(whole, constant + further, atol=1e-11)


def test_gates_and_displacements_are_elements(case):
    monomials, rng, _ = case
    phi = rng.normal(size=monomials.count)
    edge = monomials.edges[0]
    gate = GroupElement.of(
        monomials, np.zeros(monomials.modes), add_gate(monomials, zero_phase(monomials), edge, 0.3)
    )
    np.testing.assert_allclose(gate.act(phi)[1], add_gate(monomials, phi, edge, 0.3))
    shift = np.zeros(monomials.modes)
    shift[-1] = -0.8
    moved = GroupElement.of(monomials, shift).act(phi)[1]
    np.testing.assert_allclose(moved, displace(monomials, phi, monomials.modes - 1, 0.8))


def test_stabilisers(case):
    monomials, rng, _ = case
    phi = rng.normal(size=(4, monomials.count))
    s, t = rng.normal(size=(2, 4, monomials.modes))
    first, second = stabiliser(monomials, phi, s), stabiliser(monomials, phi, t)
    constant, table = first.residual(phi)
    np.testing.assert_allclose(constant, 0, atol=1e-11)
    np.testing.assert_allclose(table, 0, atol=1e-11)
    assert_equal(first @ second, stabiliser(monomials, phi, s + t))
    assert_equal(first @ second, second @ first)


@pytest.mark.parametrize(("modes", "order"), [(2, 2), (3, 3)])
def test_products_act_on_wave_functions(modes, order):
    rng = np.random.default_rng(5)
    monomials = Monomials(modes, order)
    a, b = (
        GroupElement.of(
            monomials,
            0.4 * rng.normal(size=modes),
            0.2 * rng.normal(size=monomials.count),
            rng.normal(),
        )
        for _ in range(2)
    )
    state = GridState.vacuum(modes, 0.2, *((96, 11.0) if modes == 2 else (72, 9.5)))
    one_by_one = state.after(b).after(a)
    np.testing.assert_allclose(state.after(a @ b).values, one_by_one.values, atol=1e-10)
    back = one_by_one.after((a @ b).inverse())
    np.testing.assert_allclose(back.values, state.values, atol=1e-10)


def test_exponential_on_a_wave_function():
    """Trotter's formula of second order, extrapolated, on the grid."""
    monomials = Monomials(2, 2)
    s, q = np.array([0.5, -0.3]), np.array([0.2, -0.4, 0.6])
    state = GridState.vacuum(2, 0.1, 64, 9.0)
    exact = state.after(exponential(monomials, s, q)).values

    def trotter(steps):
        half = GroupElement.of(monomials, np.zeros(2), q / (2 * steps))
        shift = GroupElement.of(monomials, s / steps)
        current = state
        for _ in range(steps):
            current = current.after(half).after(shift).after(half)
        return current.values

    coarse, fine, finest = trotter(4), trotter(8), trotter(16)
    better = [(4 * fine - coarse) / 3, (4 * finest - fine) / 3]
    np.testing.assert_allclose((16 * better[1] - better[0]) / 15, exact, atol=1e-8)
    assert np.abs(coarse - exact).max() > 1e-6
