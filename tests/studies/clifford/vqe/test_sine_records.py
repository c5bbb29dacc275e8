"""Sines along training: losses of surrogates about two Clifford points, and what is needed."""

import math

import numpy as np
import pytest

from studies.clifford.vqe.small_runs import SETTINGS
from trainscape.circuits.ansatze.efficient_su2 import mhea
from trainscape.circuits.circuit import Problem
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.clifford.vqe import GROUP
from trainscape.studies.clifford.vqe.sine_medians import sines_needed
from trainscape.studies.clifford.vqe.sine_records import limited_losses, sample
from trainscape.studies.contract import Stage
from trainscape.testing.steps import cell_context, family_of

PROBLEM = Problem(mhea(2, 1), PauliSum(((1.0, PauliString("XZ")),)))


def test_all_sines_give_the_loss_about_any_point():
    theta = np.random.default_rng(0).normal(0, 2.0, (5, 8))
    exact = Statevector(PROBLEM).value(theta)
    for nearest in (False, True):
        losses = limited_losses(PROBLEM, theta, 8, nearest=nearest)
        np.testing.assert_allclose(losses[:, 8], exact, atol=1e-12)


def test_the_nearest_clifford_point_needs_fewer_sines():
    """Close to a Clifford point that is far from zero: no sine about it, several about zero."""
    rng = np.random.default_rng(1)
    theta = math.pi / 2 * rng.integers(-3, 4, (20, 8)) + rng.normal(0, 0.02, (20, 8))
    exact = Statevector(PROBLEM).value(theta)[:, None]
    needed = [
        sines_needed(np.abs(limited_losses(PROBLEM, theta, 6, nearest=nearest) - exact))
        for nearest in (False, True)
    ]
    assert needed[0].max() >= 3
    assert needed[1].max() <= 1


def test_needed_sines_are_those_from_which_all_errors_are_small():
    errors = np.array([[0.3, 0.01, 0.2, 0.01], [0.0, 0.0, 0.0, 0.0], [0.2, 0.2, 0.2, 0.2]])
    assert sines_needed(errors).tolist() == [3, 0, 4]


def test_records_are_those_of_the_descent():
    family = family_of(GROUP, "vqe_sines", SETTINGS)
    cell = family.stages[Stage.SIMULATE].cells[0]
    data = sample(cell_context(family, Stage.SIMULATE, cell.parameters), range(2))
    assert data["iteration"].values.tolist() == [0, 2, 4, 6, 8, 10]
    # The encoded loss of one string starts near zero and falls.
    assert float(data["loss"].isel(point=-1).mean()) < float(data["loss"].isel(point=0).mean())
    # With no sine about zero the loss of an encoded string is zero.
    np.testing.assert_allclose(
        data["error"].sel(origin="zero", sines=0), np.abs(data["loss"]), atol=1e-12
    )
    assert data["error"].sizes == {"sample": 2, "patch": 4, "point": 6, "origin": 2, "sines": 5}
    assert pytest.approx(0, abs=0.05) == float(data["error"].sel(sines=4).mean())
