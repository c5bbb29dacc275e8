"""Verdicts on the attacks from tables made by hand."""

import numpy as np
import pytest
import xarray as xr

from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.attacks import claims
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.testing.steps import StubResults


def judged(deviation, laws):
    """Judge all claims; `laws` are rows of attack, sector, quantity, abscissa and verdict."""
    costs = xr.Dataset({"deviation": ("row", np.array(deviation, dtype=float))})
    names = ("attack", "sector", "quantity", "abscissa", "verdict")
    columns = {
        name: ("row", np.array(values))
        for name, values in zip(names, zip(*laws, strict=True), strict=True)
    }
    columns |= {
        "model": ("row", np.array(["temperley_lieb_d3"] * len(laws))),
        "sizes": ("row", np.full(len(laws), 5)),
    }
    results = StubResults(
        {("attacks", Stage.SIMULATE): costs, ("attacks", Stage.THRESHOLDS): xr.Dataset(columns)}
    )
    return {record["id"]: record for record in judge_claims(claims_of(claims), results)}


def search(attack, sector, verdict):
    return (attack, sector, "search", "sites", verdict)


UNDECIDED = [search("words", "largest", "undecided"), search("words", "one_dimer", "undecided")]


@pytest.mark.parametrize(
    ("deviation", "verdict"),
    [([1e-9, -2e-8, np.nan], "reproduced"), ([1e-9, -2e-7], "not reproduced")],
)
def test_exact(deviation, verdict):
    record = judged(deviation, UNDECIDED)["attacks-exact"]
    assert record["verdict"] == verdict
    assert record["measured"] == pytest.approx(np.nanmax(np.abs(deviation)))
    assert record["samples"] == int(np.isfinite(deviation).sum())


@pytest.mark.parametrize(
    ("verdicts", "verdict", "measured"),
    [
        (("exponential", "exponential"), "reproduced", 1.0),
        (("exponential", "undecided"), "reproduced", 1.0),
        (("exponential", "power"), "not reproduced", 0.5),
        (("undecided", "undecided"), "undecided", None),
    ],
)
def test_growth_in_the_largest_sector(verdicts, verdict, measured):
    laws = [search(a, "largest", v) for a, v in zip(("words", "energy"), verdicts, strict=True)]
    # Neither another quantity nor another abscissa counts.
    laws += [
        ("words", "largest", "total", "sites", "power"),
        ("words", "largest", "search", "dimension", "power"),
    ]
    record = judged([0.0], laws)["attacks-full-exponential"]
    assert (record["verdict"], record["measured"]) == (verdict, measured)
    assert record["samples"] == 10


@pytest.mark.parametrize(
    ("verdicts", "verdict", "measured"),
    [
        (("exponential", "exponential"), "reproduced", 0.0),
        (("power", "exponential"), "conditional", 0.5),
        (("power", "undecided"), "conditional", 1.0),
        (("undecided", "undecided"), "undecided", None),
    ],
)
def test_growth_beside_one_dimer(verdicts, verdict, measured):
    laws = [search(a, "one_dimer", v) for a, v in zip(("words", "product"), verdicts, strict=True)]
    record = judged([0.0], laws)["attacks-one-dimer"]
    assert (record["verdict"], record["measured"]) == (verdict, measured)
