"""Planes and slices of the landscape, against direct evaluation and against what is published."""

import numpy as np
import pytest

from studies.clifford.settings import own
from trainscape.circuits.ansatze.efficient_su2 import mhea
from trainscape.circuits.circuit import Problem
from trainscape.circuits.encoders import linear_clifford_encoder
from trainscape.physics.hamiltonians import global_z
from trainscape.simulators.dense import Dense
from trainscape.studies.clifford import SharedSettings
from trainscape.studies.clifford.landscape import GROUP, claims
from trainscape.studies.clifford.landscape.planes import ENCODED, sample
from trainscape.studies.contract import Stage
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.testing.steps import StubResults, cell_context, family_of, stored

FAMILY = family_of(GROUP, "landscape", own("landscape"), SharedSettings())


def context(qubits, layers, start, published=False, draws=10):
    parameters = {"qubits": qubits, "layers": layers, "start": start, "published": published}
    return cell_context(FAMILY, Stage.SIMULATE, parameters, draws=draws)


@pytest.mark.parametrize("start", ["plain", "lce"])
def test_plane_and_slices_against_direct_evaluation(start):
    """Interpolated from nine and three values.

    Here evaluated point by point by the dense engine.
    """
    cell = context(3, 1, start, draws=2)
    found = sample(cell, range(1))
    problem = Problem(mhea(3, 1), global_z(3))
    if start == "lce":
        problem = Problem(linear_clifford_encoder(problem, ENCODED).circuit, problem.observable)
    engine = Dense(problem)
    grid = found["first_angle"].values
    for a, b in ((0, 7), (30, 30), (45, 12)):
        points = np.zeros((11, 12))
        points[:, ENCODED] = grid[a]
        points[np.arange(11), np.arange(1, 12)] = grid[b]
        assert found["plane"].values[a, b] == pytest.approx(engine.value(points).mean(), abs=1e-12)
    (purpose,) = FAMILY.seeds
    for draw in range(2):
        point = cell.generator(purpose, draw).normal(0, 12**-0.5, 12)
        for a in (3, 40):
            point[ENCODED] = grid[a]
            assert found["slices"].values[draw, a] == pytest.approx(
                engine.value(point[None])[0], abs=1e-12
            )


def test_slice_through_zero():
    """Without encoder cos or 1, from 1 at zero; with it, a sine."""
    for qubits, layers in ((4, 2), (5, 3)):
        found = sample(context(qubits, layers, "lce"), range(1))
        sine = np.sin(found["first_angle"].values)
        slope = np.sign(found["slice_at_zero"].values[45])
        np.testing.assert_allclose(found["slice_at_zero"].values, slope * sine, atol=1e-12)
        plain = sample(context(qubits, layers, "plain"), range(1))
        assert plain["slice_at_zero"].values[30] == pytest.approx(1, abs=1e-12)


def test_published_slice():
    """n = 8, L = 5, k = 0, points around -D^-1/2: nearly flat at 0.78 to 0.80 without encoder.

    With it, -0.80 sin, from other draws.
    """
    plain = sample(context(8, 5, "plain", published=True, draws=40), range(1))["slices"].values
    encoded = sample(context(8, 5, "lce", published=True, draws=40), range(1))["slices"].values
    error = plain.std(axis=0, ddof=1).max() / np.sqrt(40)
    assert np.abs(plain.mean(axis=0) - 0.79).max() < 0.02 + 4 * error
    assert np.ptp(plain.mean(axis=0)) < 0.05
    # The extrema lie at -pi/2 and pi/2.
    amplitude = (encoded[:, 15] - encoded[:, 45]).mean() / 2
    assert amplitude == pytest.approx(0.80, abs=0.02 + 4 * encoded[:, 15].std(ddof=1) / np.sqrt(40))


def test_family_is_deterministic():
    assert [cell.samples for cell in FAMILY.stages[Stage.SIMULATE].cells] == [None, None]


def test_claim_fails_where_the_slice_is_no_sine():
    cell = context(4, 2, "lce")
    slices = sample(cell, range(1))
    whole, smaller = (
        StubResults({}, {("landscape", Stage.SIMULATE): [stored(cell, factor * slices)]})
        for factor in (1.0, 0.9)
    )
    (record,) = judge_claims(claims_of(claims), whole)
    assert record["verdict"] == "reproduced"
    assert record["measured"] < 1e-12
    (record,) = judge_claims(claims_of(claims), smaller)
    assert (record["verdict"], record["measured"]) == ("not reproduced", pytest.approx(0.1))
