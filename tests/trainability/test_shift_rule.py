"""The shift rule on gates of known spectra."""

import numpy as np
import pytest
from scipy.linalg import expm

from trainscape.trainability.shift_rule import equidistant_rule


@pytest.mark.parametrize(("spacing", "frequencies"), [(1.0, 1), (0.5, 2), (0.7, 3), (2.0, 5)])
def test_the_rule_gives_the_derivative_of_an_expectation_value(spacing, frequencies):
    rng = np.random.default_rng(frequencies)
    eigenvalues = spacing * rng.permutation(
        np.r_[np.arange(frequencies + 1), rng.integers(frequencies + 1, size=2)]
    )
    basis = np.linalg.qr(rng.normal(size=(len(eigenvalues),) * 2))[0]
    gate = basis @ np.diag(eigenvalues) @ basis.T
    observable = rng.normal(size=gate.shape)
    observable = observable + observable.T
    state = rng.normal(size=len(gate)) + 1j * rng.normal(size=len(gate))

    def moved(theta):
        return expm(1j * theta * gate) @ state

    theta = 0.37
    exact = 2 * np.real(np.vdot(moved(theta), observable @ (1j * gate) @ moved(theta)))
    rule = equidistant_rule(spacing, frequencies)
    values = [
        np.vdot(moved(theta + shift), observable @ moved(theta + shift)).real
        for shift in rule.shifts
    ]
    assert np.dot(rule.coefficients, values) == pytest.approx(exact, rel=1e-10)
    assert rule.norm == pytest.approx(frequencies * spacing)


def test_one_frequency_is_the_two_term_rule():
    rule = equidistant_rule(1.0, 1)
    np.testing.assert_allclose(rule.shifts, [np.pi / 2, 3 * np.pi / 2])
    np.testing.assert_allclose(rule.coefficients, [0.5, -0.5])


def test_shots_go_where_the_coefficients_are_large():
    rule = equidistant_rule(0.5, 2)
    counts = rule.allocation(10000)
    np.testing.assert_allclose(counts / 10000, np.abs(rule.coefficients), atol=1e-4)
    assert (rule.allocation(1) == 1).all()


def test_a_gate_without_frequencies_is_refused():
    with pytest.raises(ValueError, match="at least two eigenvalues"):
        equidistant_rule(1.0, 0)
