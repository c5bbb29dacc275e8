"""Verdicts on models from their statistics over several draws."""

import numpy as np
import pytest

from trainscape.trainability.random_matrices import CHECKS
from trainscape.trainability.spectral_statistics import GOE, POISSON
from trainscape.trainability.thermalisation import random_matrix_verdict


def statistics(draws=8, **changes):
    """Return statistics of random matrices with a spread of 1 %, some of them replaced."""
    rng = np.random.default_rng(2)
    values = {
        "gap_ratio": GOE,
        "gap_ratio_variance": 1e-4,
        "kurtosis": 3.0,
        "gaussianity": np.pi / 2,
        "variance_ratio": 2.0,
        "freeness": 0.1,
        "freeness_window": 0.01,
        "frame_potential_1": 1.0,
        "frame_potential_2": 1.0,
    } | changes
    pairs = ("kurtosis", "gaussianity", "variance_ratio")
    return {
        name: value * (1 + 0.01 * rng.normal(size=(draws, 2) if name in pairs else draws))
        for name, value in values.items()
    }


def test_random_matrices_pass_with_intervals():
    row = random_matrix_verdict(statistics())
    assert (row["verdict"], row["failed"]) == ("pass", "")
    assert all(row[f"passes_{check}"] for check in CHECKS)
    for name, value in (("gap_ratio", GOE), ("kurtosis", 3.0), ("freeness", 0.1)):
        assert row[name].low < value < row[name].high


@pytest.mark.parametrize(
    ("change", "failed"),
    [
        ({"gap_ratio": POISSON}, "gap_ratio"),
        ({"gaussianity": 2.0, "freeness_window": 0.2}, "gaussianity, freeness_window"),
        # Reported, but not judged.
        ({"freeness": 1.0, "frame_potential_1": 3.0}, ""),
    ],
)
def test_failed_checks_are_named(change, failed):
    row = random_matrix_verdict(statistics(**change))
    assert (row["verdict"], row["failed"]) == ("warn" if failed else "pass", failed)


def test_matrix_elements_are_judged_by_their_median():
    heavy = statistics()
    heavy["gaussianity"][0] = 1e3
    assert random_matrix_verdict(heavy)["passes_gaussianity"]


def test_the_error_of_gap_ratios_counts_within_draws_too():
    row = random_matrix_verdict(statistics(draws=1))
    assert row["gap_ratio"].standard_error == pytest.approx(0.01, rel=0.05)
    assert np.isnan(row["freeness"].low)
