"""The Pauli walk: sums of strings, whole gradients, and rare walks."""

import itertools
import math

import numpy as np
import pytest

from simulators.pauli_reference import conjugated, product
from simulators.problems import fixed, problem, rotation
from simulators.walk_reference import (
    SIGMAS,
    anticommute,
    encoded,
    exact_moment,
    fixture,
    label_of,
    mhea,
    small,
)
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import FixedGate, PauliRotation
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.pauli.moments import MomentEstimate, Patch
from trainscape.simulators.pauli.walk import PauliWalk
from trainscape.simulators.pauli.walk_program import compile_walk
from trainscape.simulators.statevector.engine import Statevector

# Sums of Pauli strings, whole gradients, rare walks


def quadrature(case, patch):
    """E[C^2] and E[g_k^2] by five nodes for each angle.

    That is exact for trigonometric polynomials of degree two, such as C^2 and g_k^2.
    """
    scales = {
        gate.parameter: gate.scale for gate in case.circuit.gates if isinstance(gate, PauliRotation)
    }
    nodes, weights = 2 * math.pi * np.arange(5) / 5, []
    for j in range(case.circuit.num_parameters):
        first, second = patch.mean_cosine(scales[j]), 1 - 2 * patch.flip_probability(scales[j])
        weights.append((1 + 2 * first * np.cos(nodes) + 2 * second * np.cos(2 * nodes)) / 5)
    theta = np.array(list(itertools.product(*(nodes / scales[j] for j in range(len(weights))))))
    value, gradient = Statevector(case).value_and_gradient(theta)
    weight = np.prod(list(itertools.product(*weights)), axis=1)
    return weight @ value**2, weight @ gradient**2


SUMS = [
    "ZII + 0.7*IZI - 0.4*ZZI",
    "XXI + YYI + ZZI + IXX + IYY + IZZ",
    "ZZZ - XIX + 0.5*III + 2*YYZ",
    "0.5*ZIZ + ZZI - IZZ + XYZ",
]


PATCHES = [Patch("gaussian", 0.4), Patch("uniform", 1.1), Patch("uniform", math.inf)]


@pytest.mark.parametrize("patch", PATCHES, ids=str)
@pytest.mark.parametrize("observable", SUMS)
def test_sums_of_strings_equal_quadrature(observable, patch):
    case = small(observable)
    value, gradient = quadrature(case, patch)
    walk = PauliWalk(case)
    for expected_flips in (None, 0.7):
        options = {"samples": 60000, "seed": 1, "expected_flips": expected_flips}
        estimates = [
            (walk.value_moment(patch, **options), value),
            (walk.gradient_norm_moment(patch, **options), gradient.sum()),
        ]
        estimates += [(walk.gradient_moment(k, patch, **options), gradient[k]) for k in range(6)]
        for estimate, exact in estimates:
            assert estimate.mean == pytest.approx(
                exact, abs=SIGMAS * estimate.standard_error + 1e-12
            )
        assert estimates[0][0].standard_error < 0.03 * estimates[0][0].unit


def test_pairs_of_strings_by_hand():
    """cos a + 2 cos b, and cos a + sin a: only strings with equal x parts make a pair."""
    case = problem(2, 2, [rotation("Y", 0), rotation("Y", 1, parameter=1)], "ZI + 2*IZ")
    two = PauliWalk(case)
    assert len(compile_walk(case).weights) == 3
    patch = Patch("gaussian", 0.3)
    exact = 5 * (1 - patch.flip_probability()) + 4 * patch.mean_cosine() ** 2
    estimate = two.value_moment(patch, 50000, 0)
    assert estimate.mean == pytest.approx(exact, abs=SIGMAS * estimate.standard_error)
    assert exact > 5.5
    # On the circle the pair contributes nothing.
    assert two.value_moment(Patch("uniform", math.inf), 100, 0).unit == 5.0
    assert len(compile_walk(problem(1, 1, [rotation("Y", 0)], "Z + X")).weights) == 2
    # Strings that anticommute are never both diagonal: these have the images -Y and X.
    case = problem(1, 1, [rotation("Z", 0), fixed("H", 0)], "Y + Z")
    assert len(compile_walk(case).weights) == 2


def test_the_heisenberg_chain_equals_the_state_vector():
    n = 6
    terms = [
        (1.0, PauliString.on(n, {q: letter, q + 1: letter}))
        for q in range(n - 1)
        for letter in "XYZ"
    ]
    gates = [rotation("YZ"[j % 2], (j // 2) % n, parameter=j) for j in range(4 * n)]
    gates[2 * n : 2 * n] = [fixed("CZ", q, q + 1) for q in range(0, n - 1, 2)]
    case = Problem(Circuit(n, 4 * n, tuple(gates)), PauliSum.of(terms))
    patch = Patch("uniform", 0.8)
    value, gradient = Statevector(case).value_and_gradient(
        patch.sample(np.random.default_rng(4), (4000, 4 * n))
    )
    walk = PauliWalk(case)
    alone = sum(
        PauliWalk(Problem(case.circuit, PauliSum((term,)))).value_moment(patch, 20000, 0).mean
        for term in terms
    )
    for estimate, squares in (
        (walk.value_moment(patch, 50000, 5), value**2),
        (walk.gradient_norm_moment(patch, 50000, 5), (gradient**2).sum(1)),
    ):
        error = math.hypot(estimate.standard_error, squares.std() / math.sqrt(len(squares)))
        assert estimate.mean == pytest.approx(squares.mean(), abs=SIGMAS * error)
        assert error < 0.03 * estimate.mean
    # The cross terms matter here.
    assert abs(walk.value_moment(patch, 50000, 5).mean - alone) > 0.3 * alone


@pytest.mark.parametrize("name", ["F1", "F2", "F3"])
def test_whole_gradients_and_reweighted_walks_have_the_known_values(name):
    case, k, (_, first, second) = fixture(name)
    walk, d = PauliWalk(case), case.circuit.num_parameters
    for power, known in ((-1 / 2, first), (-1 / 3, second)):
        if known is None:
            continue
        patch = Patch("gaussian", d**power)
        for expected_flips in (None, 1.0, 2.0):
            options = {"samples": 50000, "seed": 3, "expected_flips": expected_flips}
            norm, gradient = (
                walk.gradient_norm_moment(patch, **options),
                walk.gradient_moment(k, patch, **options),
            )
            assert norm.mean == pytest.approx(known[1], abs=SIGMAS * norm.standard_error)
            assert gradient.mean == pytest.approx(
                known[0], abs=SIGMAS * gradient.standard_error + 1e-9
            )
            assert norm.standard_error < (0.02 if expected_flips is None else 0.1) * norm.mean
        # What dominates is known exactly.
        assert gradient.exact > 0.5 * known[0]
        assert gradient.standard_error < 0.01 * known[0]


def test_truncation_errors_of_reweighted_walks():
    case, k, _ = fixture("F1")
    walk, patch = PauliWalk(case), Patch("gaussian", 0.5)
    for estimate, exact in (
        (walk.value_moment(patch, 100000, 1, expected_flips=1.5), exact_moment(case, patch)),
        (
            walk.gradient_moment(k, patch, 100000, 1, expected_flips=1.5),
            exact_moment(case, patch, k),
        ),
    ):
        for sines in range(4):
            assert estimate.truncation_error(sines) == pytest.approx(
                exact[sines + 1 :].sum(), abs=SIGMAS * estimate.standard_error
            )


def test_a_derivative_of_1e_18_on_four_thousand_qubits():
    """sin(a + b) on one qubit times cos(a + b) on the others: E[g^2] = E[cos(a + b)^2]^n.

    A plain walk would never reach such a value.
    """
    n = 4096
    gates = [rotation("Y", q, parameter=2 * q + layer) for q in range(n) for layer in (0, 1)]
    case = Problem(
        Circuit(n, 2 * n, tuple(gates)), PauliSum(((1.0, PauliString("X" + "Z" * (n - 1))),))
    )
    patch, walk = Patch("gaussian", 0.0712), PauliWalk(case)
    exact = ((1 + math.exp(-4 * patch.size**2)) / 2) ** n
    assert 1e-19 < exact < 1e-17
    assert walk.gradient_moment(0, patch, 64, 0).mean == 0.0
    for expected_flips in (2.0, 3.0):
        estimate = walk.gradient_moment(0, patch, 2**18, 1, expected_flips=expected_flips)
        assert estimate.mean == pytest.approx(exact, abs=SIGMAS * estimate.standard_error)
        assert estimate.standard_error < 0.08 * exact
        assert estimate.exact < 0.95 * exact
        assert 3 < estimate.effective_samples < 100


def test_the_leading_path_of_a_tiny_derivative():
    """mHEA, n = L = 64, sigma = D^-1/3: the path without flips is (1-p)^(A+1).

    The others add a few per cent, as at smaller n.
    """
    n, rng = 64, np.random.default_rng(3)
    gates, d = mhea(n, n), 2 * n * (n + 1)
    case = None
    while case is None:
        label, k = "".join(rng.choice(list("IXYZ"), n)), int(rng.integers(d))
        case = encoded(gates, label, k)
    met = 0
    for gate in reversed(gates):
        if isinstance(gate, FixedGate):
            label = conjugated(gate, label)[1]
        elif anticommute(label, label_of(gate, n)):
            met += 1
            if gate.parameter == k:
                label = product(label, label_of(gate, n))[1]
    patch = Patch("gaussian", d ** (-1 / 3))
    estimate = PauliWalk(case).gradient_moment(k, patch, 2**16, 4, expected_flips=2.0)
    assert estimate.exact == pytest.approx((1 - patch.flip_probability()) ** met, rel=1e-9)
    assert 1.0 < estimate.mean / estimate.exact < 1.2
    assert estimate.standard_error < 0.03 * estimate.mean


def test_an_error_is_stated_where_no_walk_arrived():
    """64 walks miss the one flip among many that is needed, and the error allows for that."""
    case = problem(40, 40, [rotation("Y", q, parameter=q) for q in range(40)], "Z" * 39 + "X")
    walk, patch = PauliWalk(case), Patch("gaussian", 1e-3)
    for expected_flips in (None, 1.0):
        estimate = walk.value_moment(patch, 64, 0, expected_flips=expected_flips)
        exact = patch.flip_probability() * (1 - patch.flip_probability()) ** 39
        if estimate.mean == 0.0:
            assert estimate.standard_error > 0.1 * exact
            assert estimate.effective_samples == 0.0
        assert abs(estimate.mean - exact) < SIGMAS * estimate.standard_error
    estimate = walk.value_moment(patch, 2**14, 0, expected_flips=1.0)
    assert estimate.mean == pytest.approx(exact, abs=SIGMAS * estimate.standard_error)
    assert estimate.standard_error < 0.1 * exact


def test_walks_of_negligible_weight_do_not_hide_that_something_may_have_been_missed():
    """Walks with far more flips than expected have tiny weights, and must not lower the error."""
    nothing = MomentEstimate.of(np.empty(0, dtype=np.int64), np.empty(0), 1000, 2.0, 0.1)
    negligible = MomentEstimate.of(np.array([40, 41]), np.array([1e-12, 1e-13]), 1000, 2.0, 0.1)
    assert negligible.standard_error == pytest.approx(nothing.standard_error, rel=1e-9)
    heavy = MomentEstimate.of(np.array([1]), np.array([5.0]), 1000, 2.0, 0.1)
    assert heavy.standard_error > 2 * nothing.standard_error
