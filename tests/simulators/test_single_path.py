"""The single path of a derivative near a Clifford point.

It is compared with propagation without sines, exact moments, and sampled angles.
"""

import math

import numpy as np
import pytest

from simulators.problems import problem, rotation
from trainscape.circuits.ansatze.efficient_su2 import mhea
from trainscape.circuits.circuit import Problem
from trainscape.circuits.encoders import linear_clifford_encoder
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.pauli.moments import Patch
from trainscape.simulators.pauli.single_path import SinglePathGradient
from trainscape.simulators.pauli.walk import PauliWalk
from trainscape.simulators.statevector.engine import Statevector

PATCHES = [
    Patch("gaussian", 0.3),
    Patch("uniform", 0.8),
    Patch("uniform", math.inf),
    Patch("gaussian", 0.0),
    Patch("uniform", 0.0),
]


@pytest.mark.parametrize("k", [0, 10, 20])
def test_the_path_is_the_mean_over_random_signs(k):
    """The mean over the signs of all other angles leaves only the path without sines."""
    rng = np.random.default_rng(k)
    case = Problem(mhea(3, 3), PauliSum.parse("-1.5*XYZ"))
    encoded = Problem(linear_clifford_encoder(case, k).circuit, case.observable)
    path = SinglePathGradient(encoded, k)
    assert abs(path.slope) == 1.5
    theta = 0.25 * rng.normal(size=24)
    signs = rng.choice([-1.0, 1.0], (6000, 24))
    signs[:, k] = 1.0
    gradient = Statevector(encoded).gradient(signs * theta)[:, k]
    expected = path.gradient(theta[None])[0]
    assert gradient.mean() == pytest.approx(
        expected, abs=4.5 * gradient.std() / math.sqrt(len(gradient))
    )
    assert abs(expected) > 10 * gradient.std() / math.sqrt(len(gradient))


def test_moments_bound_and_share():
    case = Problem(mhea(3, 3), PauliSum.parse("XYZ"))
    encoder = linear_clifford_encoder(case, 10)
    encoded = Problem(encoder.circuit, case.observable)
    path = SinglePathGradient(encoded, 10)
    assert path.cosines == encoder.cosines
    assert path.slope == encoder.gradient_at_zero
    patch = Patch("gaussian", 24**-0.5)
    theta = patch.sample(np.random.default_rng(1), (20000, 24))
    gradient, predicted = Statevector(encoded).gradient(theta)[:, 10], path.gradient(theta)
    root = math.sqrt(len(theta))
    assert gradient.mean() == pytest.approx(path.mean(patch), abs=4.5 * gradient.std() / root)
    assert (predicted**2).mean() == pytest.approx(
        path.second_moment(patch), abs=4.5 * (predicted**2).std() / root
    )
    # R^2 = 1 - E[(g - path)^2] / E[g^2]
    estimate = PauliWalk(encoded).gradient_moment(10, patch, 200000, 0)
    missed = (gradient - predicted) ** 2
    unexplained = (1 - path.explained(patch, estimate.mean)) * estimate.mean
    assert missed.mean() == pytest.approx(
        unexplained, abs=4.5 * (missed.std() / root + estimate.standard_error)
    )
    assert unexplained > 5 * missed.std() / root


def test_scales_and_vanishing_derivatives():
    case = problem(
        2,
        3,
        [
            rotation("X", 0, scale=2.0),
            rotation("Y", 0, parameter=1, scale=-0.5),
            rotation("X", 1, parameter=2),
        ],
        "3*YI",
    )
    path = SinglePathGradient(case, 0)
    # Y commutes with the second rotation, and i X Y = -Z.
    assert (path.slope, path.cosines) == (-6.0, ())
    theta = np.random.default_rng(0).normal(size=(4, 3))
    np.testing.assert_allclose(
        path.gradient(theta), Statevector(case).gradient(theta)[:, 0], atol=1e-12
    )
    nothing = SinglePathGradient(case, 1)
    assert nothing.slope == 0.0
    assert not nothing.gradient(theta).any()
    assert (
        nothing.mean(Patch("gaussian", 0.1)) == nothing.second_moment(Patch("gaussian", 0.1)) == 0.0
    )


def test_what_has_no_single_path_is_named():
    with pytest.raises(ValueError, match="has 2"):
        SinglePathGradient(problem(1, 1, [rotation("X", 0)], "Z + Y"), 0)
    with pytest.raises(ValueError, match="parameter 0 is used by 2 rotations"):
        SinglePathGradient(problem(1, 1, [rotation("X", 0), rotation("Y", 0)], "Z"), 0)
