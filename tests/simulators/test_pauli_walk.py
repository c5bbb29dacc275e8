"""The Pauli walk for second moments, against exact averages and a slow walk."""

import math

import numpy as np
import pytest

from simulators.problems import fixed, problem, rotation
from simulators.walk_reference import (
    FIXTURES,
    SIGMAS,
    assert_equal_estimates,
    encoded,
    exact_moment,
    fixture,
    independent_angles,
    mhea,
    small,
    unpacked,
)
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.pauli.moments import Patch
from trainscape.simulators.pauli.propagation import PauliPropagation
from trainscape.simulators.pauli.walk import PauliWalk
from trainscape.simulators.statevector.engine import Statevector


@pytest.mark.parametrize("name", sorted(FIXTURES))
def test_encoded_circuits_have_the_known_values(name):
    case, k, (numbers, *_) = fixture(name)
    theta = 0.3 * np.sin(1 + np.arange(case.circuit.num_parameters))[None]
    for engine in (PauliPropagation(case), Statevector(case)):
        value, gradient = engine.value_and_gradient(theta)
        assert (value[0], np.linalg.norm(gradient), abs(gradient[0, k])) == pytest.approx(
            (numbers[0], numbers[1], abs(numbers[2])), abs=1e-11
        )
    assert abs(PauliPropagation(case).gradient(np.zeros_like(theta))[0, k]) == pytest.approx(
        1.0, abs=1e-14
    )


@pytest.mark.parametrize("name", ["F1", "F2", "F3"])
def test_moments_equal_the_exact_averages(name):
    case, k, (_, first, second) = fixture(name)
    d = case.circuit.num_parameters
    walk = PauliWalk(case)
    for power, known in ((-1 / 2, first), (-1 / 3, second)):
        if known is None:
            continue
        patch = Patch("gaussian", d**power)
        exact = exact_moment(case, patch, k).sum(), exact_moment(case, patch).sum()
        assert exact == pytest.approx((known[0], known[2]), abs=1e-9)
        gradient, value = (
            walk.gradient_moment(k, patch, 40000, 1),
            walk.value_moment(patch, 40000, 1),
        )
        assert gradient.mean == pytest.approx(exact[0], abs=SIGMAS * gradient.standard_error)
        assert value.mean == pytest.approx(exact[1], abs=SIGMAS * value.standard_error)
        assert gradient.standard_error < 0.003
        means, errors = walk.gradient_moments(range(d), patch, 4000, 2)
        assert means.sum() == pytest.approx(known[1], abs=SIGMAS * np.linalg.norm(errors))


@pytest.mark.parametrize(
    "patch", [Patch("gaussian", 0.4), Patch("uniform", 1.1), Patch("uniform", math.inf)], ids=str
)
def test_every_gate_and_scale_equals_the_exact_average(patch):
    case = independent_angles()
    walk = PauliWalk(case)
    value = walk.value_moment(patch, 60000, 3)
    exact = exact_moment(case, patch)
    assert value.mean == pytest.approx(exact.sum(), abs=SIGMAS * value.standard_error)
    for sines in (0, 1, 2, 4):
        assert value.truncation_error(sines) == pytest.approx(
            exact[sines + 1 :].sum(), abs=SIGMAS * value.standard_error
        )
    nonzero = 0
    for parameter in range(case.circuit.num_parameters):
        estimate = walk.gradient_moment(parameter, patch, 60000, 4)
        exact = exact_moment(case, patch, parameter)
        assert estimate.mean == pytest.approx(
            exact.sum(), abs=SIGMAS * estimate.standard_error + 1e-12
        )
        assert estimate.truncation_error(2) == pytest.approx(
            exact[3:].sum(), abs=SIGMAS * estimate.standard_error + 1e-12
        )
        nonzero += exact.sum() > 0.003
    assert nonzero >= 10


def test_truncation_error_is_that_of_the_truncated_propagation():
    """Mean square of what the engine drops beyond two sines, over sampled angles."""
    case = independent_angles()
    patch = Patch("gaussian", 0.5)
    theta = patch.sample(np.random.default_rng(0), (3000, case.circuit.num_parameters))
    exact, kept = PauliPropagation(case), PauliPropagation(case, max_sines=2)
    lost = (exact.value(theta) - kept.value(theta)) ** 2
    estimate = PauliWalk(case).value_moment(patch, 100000, 5).truncation_error(2)
    assert lost.mean() == pytest.approx(estimate, abs=SIGMAS * lost.std() / math.sqrt(len(lost)))
    assert estimate > 10 * lost.std() / math.sqrt(len(lost))
    parameter = int(np.argmax(np.abs(exact.gradient(theta[:1]))))
    lost = (exact.gradient(theta)[:, parameter] - kept.gradient(theta)[:, parameter]) ** 2
    estimate = PauliWalk(case).gradient_moment(parameter, patch, 100000, 5).truncation_error(2)
    assert lost.mean() == pytest.approx(estimate, abs=SIGMAS * lost.std() / math.sqrt(len(lost)))


def test_moments_equal_the_state_vector():
    n = 7
    case = problem(n, 2 * n * 4, mhea(n, 3), "ZZIXIIY")
    patch = Patch("gaussian", 0.35)
    theta = patch.sample(np.random.default_rng(2), (1500, case.circuit.num_parameters))
    value, gradient = Statevector(case).value_and_gradient(theta)
    walk = PauliWalk(case)
    for parameter in (None, 0, 9, 20, 33, 48):
        squares = (value if parameter is None else gradient[:, parameter]) ** 2
        estimate = (
            walk.value_moment(patch, 50000, 6)
            if parameter is None
            else walk.gradient_moment(parameter, patch, 50000, 6)
        )
        error = math.hypot(estimate.standard_error, squares.std() / math.sqrt(len(squares)))
        assert estimate.mean == pytest.approx(squares.mean(), abs=SIGMAS * error)


def test_packed_equals_unpacked():
    n = 9
    gates = [fixed("H", q) for q in range(0, n, 2)] + mhea(n, 2)
    case = problem(n, 6 * n, gates, "XZYIZZXIY")
    for patch in (Patch("gaussian", 0.2), Patch("uniform", 0.9)):
        for parameter in (None, 5, 24, 40):
            walk = PauliWalk(case)
            ours = (
                walk.value_moment(patch, 40000, 7)
                if parameter is None
                else walk.gradient_moment(parameter, patch, 40000, 7)
            )
            theirs = unpacked(case, patch, parameter, 40000, np.random.default_rng(8))
            assert ours.mean == pytest.approx(
                theirs, abs=SIGMAS * math.sqrt(2) * ours.standard_error
            )


def test_at_angle_zero_the_walk_is_certain():
    """Without spread the walk is the Clifford path: values and derivatives at zero are 0 or +-1."""
    case, k, _ = fixture("F3")
    zero = Patch("gaussian", 0.0)
    gradient = PauliPropagation(case).gradient(np.zeros((1, case.circuit.num_parameters)))[0]
    means, _ = PauliWalk(case).gradient_moments(range(case.circuit.num_parameters), zero, 100, 0)
    np.testing.assert_array_equal(means, np.round(gradient**2))
    assert means[k] == 1.0
    assert PauliWalk(case).value_moment(zero, 100, 0).mean == 0.0


def test_a_thousand_qubits_have_the_product_of_their_probabilities():
    n = 1000
    gates = [rotation("Y" if q % 2 else "X", q, parameter=q) for q in range(n)] + [
        fixed("CX", q, q + 1) for q in range(n - 1)
    ]
    case = Problem(Circuit(n, n, tuple(gates)), PauliSum(((1.0, PauliString.on(n, {n - 1: "Z"})),)))
    patch = Patch("uniform", 0.04)
    p = patch.flip_probability()
    walk = PauliWalk(case)
    value, gradient = (
        walk.value_moment(patch, 6400, 9),
        walk.gradient_moment(500, Patch("uniform", math.inf), 640, 9),
    )
    assert value.mean == pytest.approx((1 - p) ** n, abs=SIGMAS * value.standard_error)
    assert 0.4 < value.mean < 0.7
    assert gradient.mean == 0.0


def test_encoded_gradients_do_not_vanish_at_64_qubits():
    """E[g_k^2] at L = n = 64, over random observables and gates.

    It is 0.605 within 2 % at sigma = D^-1/2, and 0.0103 within 4 % at sqrt(ln D / D).
    """
    n = 64
    gates = mhea(n, n)
    d = 2 * n * (n + 1)
    rng = np.random.default_rng(10)
    near, far = [], []
    while len(near) < 16:
        k = int(rng.integers(d))
        case = encoded(gates, "".join(rng.choice(list("IXYZ"), n)), k)
        if case is None:
            continue
        walk = PauliWalk(case)
        near.append(walk.gradient_moment(k, Patch("gaussian", d**-0.5), 3200, len(near)).mean)
        far.append(
            walk.gradient_moment(
                k, Patch("gaussian", math.sqrt(math.log(d) / d)), 6400, len(near)
            ).mean
        )
    assert np.mean(near) == pytest.approx(0.605, rel=0.02)
    assert np.mean(far) == pytest.approx(0.0103, rel=0.1)


# Distributions, streams, refusals


@pytest.mark.parametrize(
    "patch",
    [
        Patch("gaussian", 0.3),
        Patch("gaussian", 2.0),
        Patch("uniform", 0.02),
        Patch("uniform", 0.7),
        Patch("uniform", math.inf),
    ],
    ids=str,
)
def test_flip_probability_is_the_mean_square_sine(patch):
    for scale in (1.0, -0.5, 0.3):
        angles = scale * patch.sample(np.random.default_rng(1), 200000)
        squares, cosines = np.sin(angles) ** 2, np.cos(angles)
        assert patch.mean_cosine(scale) == pytest.approx(
            cosines.mean(), abs=SIGMAS * cosines.std() / math.sqrt(cosines.size)
        )
        assert patch.flip_probability(scale) == pytest.approx(
            squares.mean(), abs=SIGMAS * squares.std() / math.sqrt(squares.size) + 1e-300
        )


def test_flip_probability_has_the_known_values():
    assert Patch("gaussian", 1.0).flip_probability() == pytest.approx(0.4323323584, abs=1e-10)
    assert Patch("gaussian", 18**-0.5).flip_probability() == pytest.approx(0.0525803416, abs=1e-10)
    assert Patch("uniform", 18**-0.5).flip_probability() == pytest.approx(0.0183138425, abs=1e-10)
    # The series for small sizes joins the formula.
    below, above = (
        Patch("uniform", 0.03 * (1 - 1e-9)).flip_probability(),
        Patch("uniform", 0.03 * (1 + 1e-9)).flip_probability(),
    )
    assert above == pytest.approx(below, rel=1e-8)


def test_counts_do_not_depend_on_how_samples_are_cut():
    case = independent_angles()
    walk, patch = PauliWalk(case), Patch("gaussian", 0.4)
    whole = walk.value_moment(patch, 1000, 11)
    parts = (
        walk.value_moment(patch, 128, 11)
        + walk.value_moment(patch, 512, 11, first_sample=128)
        + walk.value_moment(patch, 360, 11, first_sample=640)
    )
    assert_equal_estimates(parts, whole)
    assert parts.samples == 1000
    assert_equal_estimates(
        PauliWalk(case).value_moment(patch, 1000, np.random.SeedSequence(11)), whole
    )
    assert walk.value_moment(patch, 1000, 12).mean != whole.mean


@pytest.mark.parametrize("expected_flips", [None, 0.7])
def test_weighted_estimates_do_not_depend_on_how_samples_are_cut(expected_flips):
    case = small("XXI + YYI + ZZI + IXX + IYY + IZZ")
    walk, patch = PauliWalk(case), Patch("gaussian", 0.4)

    def estimate(samples, first):
        return walk.gradient_norm_moment(
            patch, samples, 11, first_sample=first, expected_flips=expected_flips
        )

    parts = estimate(448, 512) + (estimate(64, 448) + estimate(448, 0)) + estimate(100, 960)
    assert_equal_estimates(parts, estimate(1060, 0))
    assert parts.standard_error == estimate(1060, 0).standard_error


def test_walks_are_independent_across_lanes_and_words():
    """The counts of words of 64 have a binomial variance, and neighbours are not correlated."""
    case, k, _ = fixture("F1")
    walk, patch = PauliWalk(case), Patch("gaussian", 0.5)
    counts = np.array(
        [
            walk.gradient_moment(k, patch, 64, 13, first_sample=64 * word).counts.sum()
            for word in range(2000)
        ]
    )
    rate = counts.mean() / 64
    assert counts.var() == pytest.approx(64 * rate * (1 - rate), rel=SIGMAS * math.sqrt(2 / 2000))
    assert abs(np.corrcoef(counts[:-1], counts[1:])[0, 1]) < SIGMAS / math.sqrt(2000)


def test_what_the_walk_cannot_do_is_named():
    shared = problem(1, 1, [rotation("X", 0), rotation("Y", 0)], "Z")
    with pytest.raises(ValueError, match="gates 0 and 1 share parameter 0"):
        PauliWalk(shared)
    walk = PauliWalk(problem(2, 2, [rotation("X", 0), rotation("X", 1, parameter=1)], "ZI"))
    patch = Patch("gaussian", 0.1)
    assert walk.gradient_moment(1, patch, 64, 0).mean == 0.0
    with pytest.raises(ValueError, match="no parameter 2"):
        walk.gradient_moment(2, patch, 64, 0)
    with pytest.raises(ValueError, match="first_sample is 10"):
        walk.value_moment(patch, 64, 0, first_sample=10)
    with pytest.raises(ValueError, match="0 samples"):
        walk.value_moment(patch, 0, 0)
    with pytest.raises(ValueError, match="only estimates of the same moment"):
        walk.value_moment(patch, 64, 0) + walk.gradient_moment(1, patch, 64, 0)
    with pytest.raises(ValueError, match="expected_flips is 0"):
        walk.value_moment(patch, 64, 0, expected_flips=0)
    with pytest.raises(ValueError, match="patch of size 0"):
        walk.gradient_norm_moment(Patch("gaussian", 0.0), 64, 0)
    with pytest.raises(ValueError, match="cauchy"):
        Patch("cauchy", 1.0)
    with pytest.raises(ValueError, match=r"size of a uniform patch is -1"):
        Patch("uniform", -1.0)
