"""Verdicts on synthetic families of known law."""

from __future__ import annotations

import numpy as np
import pytest

from trainscape.diagnosis.families import law_findings
from trainscape.trainability.intervals import Estimate


def measured(values, relative, rng):
    noisy = values * np.exp(relative * rng.normal(size=len(values)))
    return [
        Estimate(value, relative * value, value * 0.9, value * 1.1, 0.95, 100, "test")
        for value in noisy
    ]


LAWS = {
    "exponential": lambda n: 2.0**-n,
    "polynomial": lambda n: n**-2.0,
    "constant": lambda n: 0.3 + 0.0 * n,
}


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("sizes", [(4, 6, 8, 10), (4, 5, 6, 7, 8), (4, 6, 8, 10, 12, 14)])
def test_no_law_is_called_another(law, sizes):
    rng = np.random.default_rng(3)
    values = LAWS[law](np.array(sizes, dtype=float))
    verdicts = [law_findings(sizes, measured(values, 0.02, rng))[0] for _ in range(60)]
    wrong = [one for one in verdicts if one not in (law, "undecided")]
    assert len(wrong) <= 3
    if law != "polynomial" or len(sizes) > 5:
        assert verdicts.count(law) >= 30


def test_sizes_that_would_decide_are_named():
    sizes = (4, 5, 6, 7)
    values = np.array([1.0, 0.70, 0.40, 0.34])
    verdict, reason, _ = law_findings(sizes, measured(values, 0.2, np.random.default_rng(1)))
    assert verdict == "undecided"
    assert "would decide" in reason


def test_three_sizes_are_too_few():
    values = np.array([1.0, 0.5, 0.25])
    verdict, reason, _ = law_findings((4, 5, 6), measured(values, 0.01, np.random.default_rng(1)))
    assert verdict == "undecided"
    assert "--sizes" in reason
