"""From declared claims to records."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from trainscape.studies.contract import Stage
from trainscape.studies.kit.claims import judge_claims
from trainscape.studies.kit.judge import AllBelow
from trainscape.studies.reporting import Claim, Evidence
from trainscape.testing.steps import StubResults

RESULTS = StubResults({})


def claim(**changes) -> Claim:
    return replace(
        Claim(
            id="exact",
            origin="check",
            source="against the dense engine",
            statement="Both agree.",
            rule=AllBelow(quantity="the deviation", limit=0.5),
            evidence=lambda results: Evidence(data=[0.25], counts={"samples": 3}),
            figure=None,
            store=("family", Stage.SIMULATE),
        ),
        **changes,
    )


def test_a_record_says_everything_and_is_plain_json():
    facts = {
        "largest": np.float64(0.25),
        "nothing": math.nan,
        "sizes": np.array([2, 3]),
        "named": {"a": (1, True)},
    }
    (record,) = judge_claims(
        [claim(evidence=lambda results: Evidence(data=0.25, counts={"samples": 3}, facts=facts))],
        RESULTS,
    )
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert record == {
        "id": "exact",
        "origin": "check",
        "source": "against the dense engine",
        "statement": "Both agree.",
        "rule": "the deviation is at most 0.5",
        "verdict": "reproduced",
        "reason": "",
        "measured": 0.25,
        "interval": None,
        "samples": 3,
        "facts": {"largest": 0.25, "nothing": None, "sizes": [2, 3], "named": {"a": [1, True]}},
        "figure": None,
        "store": "results/smoke/stub/simulate/family.zarr",
    }


def test_open_ends_are_null():
    steps = Evidence(data=[3.0, math.inf], counts={"samples": 3})
    (record,) = judge_claims([claim(evidence=lambda results: steps)], RESULTS)
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert (record["verdict"], record["measured"]) == ("not reproduced", None)
    assert record["interval"] == [3.0, None]


def test_a_claim_over_systems_makes_a_record_for_each():
    cases = [
        Evidence(data=[value], counts={}, case=f"n{n}", words={"n": n})
        for n, value in ((4, 0.1), (8, 0.9))
    ]
    records = judge_claims(
        [claim(statement="At n = {n} both agree.", evidence=lambda results: cases)], RESULTS
    )
    assert [(record["id"], record["statement"], record["verdict"]) for record in records] == [
        ("exact-n4", "At n = 4 both agree.", "reproduced"),
        ("exact-n8", "At n = 8 both agree.", "not reproduced"),
    ]


def test_ids_are_unique():
    with pytest.raises(ValueError, match="occur twice: exact"):
        judge_claims([claim(), claim()], RESULTS)
