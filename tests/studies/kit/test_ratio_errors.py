"""Standard errors that a ratio may be away from 1, beside the tolerance."""

import pytest

from trainscape.studies.kit.judge import RatioIsOne
from trainscape.studies.reporting import Evidence
from trainscape.trainability.intervals import Estimate


@pytest.mark.parametrize(
    ("value", "errors", "verdict"),
    [
        (1.04, 0, "reproduced"),
        (1.08, 0, "not reproduced"),
        (1.08, 3, "reproduced"),
        (1.20, 3, "not reproduced"),
    ],
)
def test_errors_widen_the_tolerance(value, errors, verdict):
    rule = RatioIsOne(quantity="ratio", tolerance=0.05, share=0.0, weighted=False, errors=errors)
    ratios = [Estimate(value, 0.1, value - 0.2, value + 0.2, 0.95, 9, "") for _ in range(9)]
    assert rule.judge(Evidence(data=ratios, counts={})).verdict == verdict
    assert ("or 3 standard errors" in rule.text) == (errors == 3)
