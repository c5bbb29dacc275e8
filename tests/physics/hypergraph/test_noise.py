"""Noise: known thresholds and optima, and formulas against draws."""

import numpy as np
import pytest

from trainscape.physics.hypergraph.magic_squares import square_shifts
from trainscape.physics.hypergraph.noise import (
    CLASSICAL,
    angle_violation,
    context_variance,
    flip_probability,
    graph_violation,
    jitter_moment,
    jitter_optimum,
    largest_variance,
    lost_context_variance,
    lost_moment,
    photons,
    prepared_violation,
    root,
    stored_photons,
    variance_of_decibels,
)

TOLERANCE = np.pi / 3


def test_violations_beyond_a_tolerance():
    for variance, known in (
        (0.02, 0.0002),
        (0.05, 0.0192),
        (0.1, 0.0978),
        (0.2, 0.2417),
        (0.5, 0.4590),
    ):
        assert angle_violation(variance, np.pi / 6) == pytest.approx(known, abs=5e-5)
    assert largest_variance(CLASSICAL, TOLERANCE) == pytest.approx(1.1717, abs=1e-4)
    assert angle_violation(largest_variance(0.2, 0.5), 0.5) == pytest.approx(0.2)


def test_wide_angles_are_wrapped():
    rng = np.random.default_rng(8)
    for variance in (0.5, 1.9, 2.1, 6.0, 50.0):
        angle = np.remainder(rng.normal(0, np.sqrt(variance), 400_000) + np.pi, 2 * np.pi) - np.pi
        share = (np.abs(angle) > TOLERANCE).mean()
        assert angle_violation(variance, TOLERANCE) == pytest.approx(share, abs=0.003)
    # The two series meet.
    below, above = angle_violation([2 - 1e-9, 2 + 1e-9], TOLERANCE)
    assert below == pytest.approx(above, abs=1e-8)
    assert angle_violation(1e9, TOLERANCE) == pytest.approx(2 / 3)


def test_variance_of_the_middle_angle():
    for spacing in (1.0, 0.1):
        s, t = square_shifts([-spacing, 0.0, spacing])
        lengths = s**2 + t**2
        assert lengths == pytest.approx(np.pi / spacing * np.array([1, 4, 1]))
        assert context_variance(spacing, 3.0) == pytest.approx(lengths[1] / 12)


def test_squeezing_thresholds():
    def threshold(spacing):
        return root(
            lambda db: angle_violation(
                context_variance(spacing, variance_of_decibels(db)), TOLERANCE
            ),
            0.0,
            60.0,
        )

    assert threshold(1.0) == pytest.approx(7.29, abs=0.005)
    assert threshold(0.1) - threshold(1.0) == pytest.approx(10, abs=1e-6)
    # <C_j> = exp(-v / 2) = exp(-0.01) at 24.97 dB.
    assert context_variance(1.0, variance_of_decibels(24.97)) == pytest.approx(0.02, rel=2e-3)


def test_jitter():
    known = ((0.01, 18.898, 0.026458, 15.8), (0.1, 1.8898, 0.264575, 5.8))
    for jitter, best, least, squeezing in known:
        u, value = jitter_optimum(8, 2, jitter)
        assert (u, value) == pytest.approx((best, least), rel=1e-4)
        assert variance_of_decibels(squeezing) == pytest.approx(u, rel=0.012)
        assert jitter_moment(u, 8, 2, jitter) == pytest.approx(value)
        assert (jitter_moment(u * np.array([0.99, 1.01]), 8, 2, jitter) > value).all()
    u, value = jitter_optimum(6, 3, 0.05)
    assert jitter_moment(u, 6, 3, 0.05) == pytest.approx(value)
    rng = np.random.default_rng(1)
    # Order 3 on 4 modes: edges with mode 0 are {1,2}, {1,3}, {2,3}.
    q = rng.normal(0, np.sqrt(1.3), (400_000, 3))
    errors = rng.normal(0, 0.2, (400_000, 3))
    drawn = rng.normal(0, np.sqrt(1 / 5.2), 400_000)
    drawn += (errors * q[:, [0, 0, 1]] * q[:, [1, 2, 2]]).sum(axis=1)
    assert (drawn**2).mean() == pytest.approx(jitter_moment(1.3, 4, 3, 0.2), rel=0.01)


@pytest.mark.parametrize("order", [2, 3, 4])
def test_loss(order):
    rng, u, eta, weight = np.random.default_rng(order), 1.2, 0.8, 0.6
    count = 1_000_000
    q = rng.normal(0, np.sqrt(u), (order - 1, count))
    vacuum = rng.normal(0, np.sqrt(0.5), (order - 1, count))
    p = rng.normal(0, np.sqrt(1 / (4 * u)), count) + weight * q.prod(axis=0)
    lost_p = np.sqrt(eta) * p + np.sqrt(1 - eta) * rng.normal(0, np.sqrt(0.5), count)
    lost_q = np.sqrt(eta) * q + np.sqrt(1 - eta) * vacuum
    answers = lost_p - weight * lost_q.prod(axis=0)
    assert (answers**2).mean() == pytest.approx(lost_moment(u, order, eta, weight**2), rel=0.01)
    assert lost_moment(u, order, 1.0, weight**2) == pytest.approx(1 / (4 * u))


def test_loss_of_a_context():
    rng, u, eta, spacing, weight = np.random.default_rng(5), 6.0, 0.93, 0.5, 0.3
    s, t = (shift[1] for shift in square_shifts(weight + spacing * np.array([-1.0, 0.0, 1.0])))
    q, vacuum_q = rng.normal(0, 1, (2, 2, 400_000)) * np.sqrt([u, 0.5])[:, None, None]
    noise_p, vacuum_p = (
        rng.normal(0, 1, (2, 2, 400_000)) * np.sqrt([1 / (4 * u), 0.5])[:, None, None]
    )
    p = noise_p + weight * q[::-1]
    q, p = (np.sqrt(eta) * a + np.sqrt(1 - eta) * b for a, b in ((q, vacuum_q), (p, vacuum_p)))
    angle = s * (p[0] - weight * q[1]) + t * (p[1] - weight * q[0])
    assert angle.var() == pytest.approx(lost_context_variance(spacing, u, eta, weight), rel=0.01)


def test_qubits():
    threshold = root(graph_violation, 0.0, 0.6)
    assert threshold == pytest.approx(0.25703, abs=5e-6)
    assert 1 - 4 * threshold / 3 == pytest.approx(0.65730, abs=1e-5)
    assert flip_probability(0.75, 2) == pytest.approx(0.5)
    assert graph_violation(0.0, 0.1) == pytest.approx(0.1)
    # One qubit: a Pauli error flips Z if it is X or Y.
    assert flip_probability(0.3, 1) == pytest.approx(0.2)
    # Two: an odd number of flips.
    assert flip_probability(0.3, 2) == pytest.approx(2 * 0.2 * 0.8)


def test_prepared_positions():
    rng, spacing, u = np.random.default_rng(6), 0.3, 4.0
    y = np.abs(rng.normal(0, np.sqrt(u), 400_000))
    drawn = angle_violation(context_variance(spacing * y, u), TOLERANCE)
    found = prepared_violation(spacing, u, 3, TOLERANCE)
    assert found == pytest.approx(drawn.mean(), abs=4 * drawn.std() / np.sqrt(len(y)))
    assert prepared_violation(spacing, u, 2, TOLERANCE) == pytest.approx(
        float(angle_violation(context_variance(spacing, u), TOLERANCE))
    )
    with pytest.raises(ValueError, match="there for 2 and 3"):
        prepared_violation(spacing, u, 4, TOLERANCE)


def test_photons():
    r = 0.8
    u = np.exp(2 * r) / 2
    assert photons(u) == pytest.approx(np.sinh(r) ** 2)
    assert photons(0.5) == pytest.approx(0, abs=1e-15)
    # Two modes with one edge: each momentum gains w^2 u.
    expected = 2 * (photons(u) + 0.09 * u / 2)
    assert stored_photons(u, 2, 2, 0.09) == pytest.approx(expected)


def test_what_is_refused():
    with pytest.raises(ValueError, match="take wider ends"):
        largest_variance(0.9, 1.0)
    with pytest.raises(ValueError, match="no optimum"):
        jitter_optimum(4, 1, 0.1)
    with pytest.raises(ValueError, match="take wider ends"):
        root(graph_violation, 0.0, 0.1)
