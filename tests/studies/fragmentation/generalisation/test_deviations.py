"""Exponents of the loss against the strength of a perturbation."""

import numpy as np
import pytest

from trainscape.studies.fragmentation.generalisation.deviations import exponent

STRENGTHS = np.geomspace(1e-8, 1e-3, 6)


def test_the_exponent_of_a_power_law_is_found_between_noise_and_saturation():
    losses = 1e-14 + np.minimum(1e6 * STRENGTHS**2, 0.3)
    assert exponent(STRENGTHS, losses, 1e-14) == pytest.approx(2.0, abs=0.01)


def test_hidden_and_saturated_losses_have_no_exponent():
    assert np.isnan(exponent(STRENGTHS, np.full(6, 1e-12), 1e-12))
    assert np.isnan(exponent(STRENGTHS, np.full(6, 0.5), 1e-12))
