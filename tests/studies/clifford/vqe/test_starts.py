"""Where training runs start: shared angles, encoders, widths, published draws."""

import math

import numpy as np
import pytest

from studies.clifford.vqe.small_runs import OBSERVABLES, training_cell
from trainscape.circuits.ansatze.identity_blocks import identity_blocks
from trainscape.circuits.circuit import Problem
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.clifford.vqe.starts import PATCHES, draw_start
from trainscape.studies.clifford.vqe.training_runs import sample


@pytest.mark.parametrize("name", OBSERVABLES)
def test_angles_are_shared_by_what_is_compared(name):
    drawn = {
        start: draw_start(training_cell(observable=name, start=start), 3)[0]
        for start in ("plain", "lce", "angles", "clifford")
    }
    np.testing.assert_array_equal(drawn["plain"].angles, drawn["lce"].angles)
    for start in ("angles", "clifford"):
        shift = drawn[start].angles - drawn["plain"].angles
        np.testing.assert_allclose(shift, np.round(shift * 2 / np.pi) * np.pi / 2, atol=1e-12)
        np.testing.assert_allclose(shift - shift[0], 0, atol=1e-12)
    # One observable for all starts, also where it is random.
    assert len({start.problem.observable for start in drawn.values()}) == 1
    d = drawn["plain"].problem.circuit.num_parameters
    widths = [d**-exponent for exponent in PATCHES]
    np.testing.assert_allclose(
        drawn["plain"].angles / drawn["plain"].angles[0],
        np.outer(widths, np.ones(d)) * d,
        rtol=1e-12,
    )
    assert drawn["plain"].parameter == -1
    assert 0 <= drawn["lce"].parameter < d


@pytest.mark.parametrize("start", ["lce", "angles"])
@pytest.mark.parametrize("name", ["global_z", "random_pauli", "biased_heisenberg"])
def test_encoded_starts_have_the_gradient(name, start):
    """At zero noise the derivative by the encoded parameter is 1 or -1 for one string.

    For the sum other terms add to it.
    """
    for index in range(4):
        found, _ = draw_start(training_cell(observable=name, start=start), index)
        plain, _ = draw_start(training_cell(observable=name), index)
        at_zero = found.angles[0] - plain.angles[0]
        gradient = Statevector(found.problem).gradient(at_zero[None])[0]
        if name == "biased_heisenberg":
            terms = [
                Statevector(Problem(found.problem.circuit, PauliSum((term,)))).gradient(
                    at_zero[None]
                )[0][found.parameter]
                for term in found.problem.observable.terms[-3:]
            ]
            assert 1.0 in np.abs(terms).round(12)
        else:
            assert abs(gradient[found.parameter]) == pytest.approx(1, abs=1e-12)


def test_gaussian_start_has_the_published_width():
    """Variance 1 / (4 S (L + 2)): S = 2 for bonds; 400 angles."""
    cell = training_cell(observable="heisenberg", start="gaussian", layers=4)
    angles = np.concatenate([draw_start(cell, index)[0].angles[0] for index in range(40)])
    assert len(angles) == 40 * 40
    assert np.var(angles) == pytest.approx(1 / 48, rel=4 * math.sqrt(2 / len(angles)))


def test_identity_start_is_the_identity():
    found, _ = draw_start(training_cell(qubits=3, start="identity"), 0)
    assert found.problem.circuit == identity_blocks(3, 2)[0]
    state = Statevector(found.problem, reduce=False).state(found.angles)[0]
    assert abs(state[0]) == pytest.approx(1, abs=1e-12)


def test_published_starts_have_the_published_losses():
    """Means over five runs, mHEA with n = 15 and L = 5, to the digits that are known."""
    for start, losses, norms in (
        ("plain", (0.999, 0.847, 0.442, 0.037), (0.042, 0.50, 0.59, 0.11)),
        ("lce", (-0.008, 0.035, 0.046, -0.008), (1.80, 1.50, 0.76, 0.15)),
    ):
        found = sample(
            training_cell(
                qubits=15, layers=5, start=start, iterations=0, rate=0.01, published=True
            ),
            range(5),
        )
        assert found["loss"].values[:, :, 0].mean(axis=0) == pytest.approx(losses, abs=6e-4)
        assert found["gradient_norm"].values[:, :, 0].mean(axis=0) == pytest.approx(
            norms, abs=5.1e-3
        )


def test_unknown_start():
    with pytest.raises(ValueError, match="unknown start 'warm'"):
        draw_start(training_cell(start="warm"), 0)
