"""The sparse rules against polynomials that are evaluated at random positions."""

import numpy as np
import pytest

from trainscape.physics.hypergraph.monomials import Monomials
from trainscape.physics.hypergraph.phases import (
    add_gate,
    derivative,
    displace,
    evaluate,
    kick,
    measure_position,
    nullifier_residual,
    shifted,
    zero_phase,
)

SIZES = [(2, 2), (3, 1), (4, 3), (5, 2), (5, 5)]


def value(monomials, table, q):
    """The polynomial, one product at a time."""
    return sum(c * np.prod([q[j] for j in s]) for c, s in zip(table, monomials.sets, strict=True))


@pytest.fixture(params=SIZES, ids=str)
def case(request):
    """Monomials, a batch of phases, and positions of as many points."""
    rng = np.random.default_rng(request.param)
    monomials = Monomials(*request.param)
    return (
        monomials,
        rng.normal(size=(3, monomials.count)),
        rng.normal(size=(3, monomials.modes)),
        rng,
    )


def test_evaluate(case):
    monomials, phi, q, _ = case
    expected = [value(monomials, phi[b], q[b]) for b in range(3)]
    np.testing.assert_allclose(evaluate(monomials, phi, q), expected, atol=1e-12)


def test_shift(case):
    monomials, phi, q, rng = case
    s = rng.normal(size=(3, monomials.modes))
    constant, table = shifted(monomials, phi, s)
    np.testing.assert_allclose(
        constant + evaluate(monomials, table, q), evaluate(monomials, phi, q + s), atol=1e-12
    )


@pytest.mark.parametrize("each", [False, True], ids=["one mode", "a mode each"])
def test_displacement_measurement_and_derivative(case, each):
    monomials, phi, q, rng = case
    mode = rng.integers(monomials.modes, size=3) if each else monomials.modes - 1
    modes = np.broadcast_to(mode, 3)
    unit = np.eye(monomials.modes)[modes]
    s = rng.normal(size=3)
    origin = np.zeros_like(q)

    moved = displace(monomials, phi, mode, s)
    shift = s[:, None] * unit
    expected = evaluate(monomials, phi, q - shift) - evaluate(monomials, phi, origin - shift)
    np.testing.assert_allclose(evaluate(monomials, moved, q), expected, atol=1e-12)

    fixed = measure_position(monomials, phi, mode, s)
    at = q * (1 - unit) + shift
    expected = evaluate(monomials, phi, at) - evaluate(monomials, phi, shift)
    np.testing.assert_allclose(evaluate(monomials, fixed, q), expected, atol=1e-12)
    assert not fixed[monomials.membership.T[modes]].any()

    constant, table = derivative(monomials, phi, mode)
    expected = evaluate(monomials, phi, q + unit) - evaluate(monomials, phi, q)
    np.testing.assert_allclose(constant + evaluate(monomials, table, q), expected, atol=1e-12)

    kappa = rng.normal(size=monomials.count)
    constant, table = nullifier_residual(monomials, phi, mode, kappa)
    other = derivative(monomials, phi - kappa, mode)
    np.testing.assert_array_equal(constant, other[0])
    np.testing.assert_array_equal(table, other[1])


def test_gates_and_kicks(case):
    monomials, phi, q, rng = case
    g = rng.normal(size=3)
    edge = monomials.edges[-1]
    added = add_gate(monomials, phi, edge, g) - phi
    np.testing.assert_allclose(
        evaluate(monomials, added, q), g * q[:, list(edge)].prod(axis=1), atol=1e-12
    )
    index = monomials.edge_offset + rng.integers(monomials.edge_count, size=3)
    each = add_gate(monomials, phi, index, g)
    for b in range(3):
        np.testing.assert_array_equal(
            each[b], add_gate(monomials, phi[b], monomials.sets[index[b]], g[b])
        )
    mode = rng.integers(monomials.modes, size=3)
    kicked = kick(monomials, phi, mode, g) - phi
    np.testing.assert_allclose(
        evaluate(monomials, kicked, q), g * q[np.arange(3), mode], atol=1e-12
    )


def test_inputs_stay_as_they_are(case):
    monomials, phi, _, _ = case
    before = phi.copy()
    add_gate(monomials, phi, (0,), 1.0)
    displace(monomials, phi, 0, 1.0)
    measure_position(monomials, phi, 0, 1.0)
    kick(monomials, phi, 0, 1.0)
    np.testing.assert_array_equal(phi, before)


def test_worked_example():
    """n = k = 2, weight 0.7, displaced by 0.5: R of the right nullifier is constant."""
    pair = Monomials(2, 2)
    phi = displace(pair, add_gate(pair, zero_phase(pair), (0, 1), 0.7), 0, 0.5)
    np.testing.assert_allclose(phi, [0.0, -0.35, 0.7])
    constant, table = nullifier_residual(pair, phi, 1, [0, 0, 0.7])
    assert constant == pytest.approx(-0.35)
    assert not table.any()
    constant, table = nullifier_residual(pair, phi, 1, [0, 0, 0.2])
    assert constant == pytest.approx(-0.35)
    np.testing.assert_allclose(table, [0.5, 0.0, 0.0])


def test_measured_mode_lowers_its_edges():
    monomials = Monomials(3, 3)
    phi = add_gate(monomials, zero_phase(monomials), (0, 1, 2), 0.6)
    after = measure_position(monomials, phi, 2, -1.5)
    assert after[monomials.where((0, 1))] == pytest.approx(-0.9)
    assert np.count_nonzero(after) == 1


def test_what_does_not_fit():
    monomials = Monomials(3, 2)
    phi = zero_phase(monomials, 2)
    assert phi.shape == (2, 6)
    with pytest.raises(ValueError, match="one entry for each of 6 monomials"):
        displace(monomials, phi[:, :5], 0, 1.0)
    with pytest.raises(ValueError, match="mode 3 is not there"):
        displace(monomials, phi, 3, 1.0)
    with pytest.raises(ValueError, match="mode -1 is not there"):
        kick(monomials, phi, np.array([0, -1]), 1.0)
    with pytest.raises(ValueError, match="one entry for each mode"):
        shifted(monomials, phi, np.zeros(2))
