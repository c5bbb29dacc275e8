"""How second moments of a circuit are printed, drawn and written."""

import json
import math

import numpy as np
import pytest

from trainscape.simulators.pauli.moments import Patch
from trainscape.testing.figures import overlaps
from trainscape.trainability.angle_patches import patch_text
from trainscape.trainability.gradient_moments import SHOWN, GradientMoments
from trainscape.trainability.intervals import Estimate, exact


def result(estimates, effective=None, walks=1024):
    count = len(estimates)
    return GradientMoments(
        tuple(range(count)),
        tuple(f"t{k}" for k in range(count)),
        tuple(estimates),
        np.full(count, np.inf) if effective is None else np.array(effective),
        Patch("gaussian", 0.1),
        "1.0*ZZ",
        "random walks",
        walks,
        1.5,
    )


def sampled(value, low, high):
    return Estimate(value, (high - low) / 4, low, high, 0.95, 1024, "random walks")


MIXED = result(
    [exact(0.25), exact(0.0), sampled(0.01, 0.008, 0.012), sampled(0.0, 0.0, 3e-3)],
    [math.inf, math.inf, 95.0, 0.0],
)


def test_text():
    lines = str(MIXED).splitlines()
    assert lines[0].split("  ")[0] == "parameter"
    assert "95 % interval" in lines[0]
    assert lines[1].split() == ["t0", "0.25", "exact"]
    assert lines[2].split() == ["t2", "0.0100", "±", "0.0010", "0.008", "to", "0.012", "95"]
    assert lines[3].split() == ["t3", "none", "seen", "below", "0.003", "0"]
    text = "\n".join(lines)
    assert "normal about 0 with standard deviation 0.1 rad" in text
    assert "exactly zero: 1 of 4" in text
    assert "few walks: 1 of 4 moments rest on fewer than 30" in text
    assert "(4096)" in text


def test_access():
    assert len(MIXED) == 4
    assert [one.value for one in MIXED] == MIXED.values.tolist() == [0.25, 0.0, 0.01, 0.0]
    assert MIXED[2] is MIXED["t2"]
    with pytest.raises(KeyError, match="no moment of the parameter 'x' was asked for"):
        MIXED["x"]


def test_many_moments_show_the_largest():
    many = result([exact(k / 100) for k in range(100)], walks=0)
    lines = str(many).splitlines()
    assert lines[1].startswith("t99")
    assert sum(line.startswith("t") and "exact" in line for line in lines) == SHOWN
    assert f"the {SHOWN} largest of 99 moments above zero" in lines
    assert "without error" in str(many)


def test_json_and_html():
    document = json.loads(json.dumps(MIXED.to_dict(), allow_nan=False))
    assert document["moments"][2] == {
        "parameter": "t2",
        "index": 2,
        "value": 0.01,
        "low": 0.008,
        "high": 0.012,
        "exact": False,
        "effective": 95.0,
    }
    assert (document["effective"], document["walks"], document["level"]) == (0.0, 1024, 0.95)
    assert document["moments"][0]["effective"] is None
    assert MIXED._repr_html_().count("<tr>") == 4


def test_picture():
    figure = MIXED.plot()
    assert overlaps(figure) == []
    axes = figure.axes[0]
    assert axes.get_yscale() == "log"
    drawn = {tuple(line.get_xdata()) for line in axes.lines}
    assert {(0, 2), (3,)} <= drawn


def test_distributions_in_words():
    assert patch_text(Patch("uniform", math.inf)) == "uniform on the whole circle"
    assert patch_text(Patch("uniform", 0.5)) == "uniform from -0.5 to 0.5 rad"
