"""Verdicts on the attacks from tables made by hand."""

import numpy as np
import pytest
import xarray as xr

from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.attacks import claims
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.testing.steps import StubResults


def judged(deviation, laws, resolution=0.1):
    """Judge all claims; `laws` are rows of attack, sector, quantity, abscissa and verdict."""
    rows = len(deviation)
    costs = xr.Dataset(
        {
            "deviation": ("row", np.array(deviation, dtype=float)),
            "resolution": ("row", np.full(rows, resolution)),
            "attack": ("row", np.array(["energy"] * rows)),
            "sector": ("row", np.array(["one_dimer"] * rows)),
        }
    )
    names = ("attack", "sector", "quantity", "abscissa", "verdict")
    columns = {
        name: ("row", np.array(values))
        for name, values in zip(names, zip(*laws, strict=True), strict=True)
    }
    columns |= {
        "model": ("row", np.array(["temperley_lieb_d3"] * len(laws))),
        "sizes": ("row", np.full(len(laws), 5)),
        "power_slope": ("row", np.full(len(laws), 3.0)),
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
    ("last", "verdict", "measured"),
    [
        ("power", "reproduced", 1.0),
        ("exponential", "not reproduced", 5 / 6),
        ("undecided", "undecided", 1.0),
    ],
)
def test_growth_beside_one_dimer(last, verdict, measured):
    attacks = ("words", "product", "blocks", "lie", "diagrams", "energy")
    laws = [search(a, "one_dimer", "power") for a in attacks[:-1]]
    laws.append(search(attacks[-1], "one_dimer", last))
    # Neither another quantity, nor another abscissa, nor the largest sector counts.
    laws += [
        ("words", "one_dimer", "total", "sites", "exponential"),
        ("words", "one_dimer", "search", "dimension", "exponential"),
        search("words", "largest", "exponential"),
    ]
    record = judged([0.0], laws)["attacks-one-dimer"]
    assert record["verdict"] == verdict
    assert record["measured"] == pytest.approx(measured)
    assert record["samples"] == 30


@pytest.mark.parametrize(
    ("lengths", "resolution", "verdict"),
    [(4, 0.03, "reproduced"), (4, 0.01, "not reproduced"), (3, 0.03, "undecided")],
)
def test_the_energy_names_the_sector_at_every_length(lengths, resolution, verdict):
    record = judged([0.0] * lengths, UNDECIDED, resolution)["attacks-energy"]
    assert record["verdict"] == verdict
