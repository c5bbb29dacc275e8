"""Verdicts on made-up deviations."""

import math

import pytest

from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.generalisation import claims
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.studies.kit.tables import to_dataset
from trainscape.testing.steps import StubResults
from trainscape.trainability.intervals import Estimate

NONE = Estimate(math.nan, math.nan, math.nan, math.nan, 0.95, 1, "none")


def estimate(value: float, half: float) -> Estimate:
    return Estimate(value, half / 2, value - half, value + half, 0.95, 5, "made up")


def verdicts(
    *, spread=1e-12, excess=-0.1, exponent=2.0, deviation=0.0, half=0.01, named=5, instances=5
):
    """Return verdict and measured number of each claim."""
    common = {
        "networks": 5,
        "instances": instances,
        "copy_spread": spread,
        "copy_superposition_deviation": 1e-13,
        "full_excess": excess,
        "training_excess": -0.5,
        "krylov_excess": math.nan,
    }
    whole = {
        **common,
        "missing": "nothing",
        "flagged": 5,
        "exponent": estimate(exponent, 0.01),
        "unseen_deviation": NONE,
    }
    partial = {
        **common,
        "missing": "state",
        "flagged": named,
        "exponent": NONE,
        "unseen_deviation": estimate(deviation, half),
    }
    table = to_dataset([whole, partial])
    records = judge_claims(
        claims_of(claims), StubResults({("generalisation", Stage.SIMULATE): table})
    )
    return {
        record["id"].removeprefix("generalisation-"): (record["verdict"], record["measured"])
        for record in records
    }


def test_all_hold():
    assert verdicts() == {
        "copies": ("reproduced", 1e-12),
        "bound": ("reproduced", -0.1),
        "outside": ("reproduced", 2.0),
        "missing": ("reproduced", 0.0),
    }


@pytest.mark.parametrize(
    ("claim", "changes", "verdict"),
    [
        ("copies", {"spread": 1e-9}, "not reproduced"),
        ("bound", {"excess": 1e-9}, "not reproduced"),
        ("outside", {"exponent": 1.85}, "not reproduced"),
        ("outside", {"instances": 4}, "undecided"),
        # Within the tolerance, or with zero in its interval.
        ("missing", {"deviation": 0.04}, "reproduced"),
        ("missing", {"deviation": -0.2, "half": 0.3}, "reproduced"),
        ("missing", {"deviation": -0.2, "half": 0.1}, "not reproduced"),
        ("missing", {"named": 4}, "not reproduced"),
        ("missing", {"instances": 4}, "undecided"),
    ],
)
def test_what_each_verdict_depends_on(claim, changes, verdict):
    assert verdicts(**changes)[claim][0] == verdict
