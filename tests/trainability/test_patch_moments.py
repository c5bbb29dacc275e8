"""Second moments in patches: coverage where the exact moment is known, and independent walks."""

import math
from itertools import pairwise

import numpy as np
import pytest

from simulators.problems import problem, rotation
from studies.clifford.exact_moments import gradient_norm_moment
from studies.clifford.exact_moments import second_moment as exact_moment
from trainscape.circuits.ansatze.efficient_su2 import mhea
from trainscape.circuits.circuit import Problem
from trainscape.physics.hamiltonians import heisenberg
from trainscape.simulators.pauli.moments import Patch
from trainscape.simulators.pauli.walk import PauliWalk
from trainscape.studies.clifford.instances import draw_instance
from trainscape.studies.clifford.systems import system
from trainscape.trainability.patch_laws import LAWS
from trainscape.trainability.patch_moments import PatchMoments, second_moment
from trainscape.trainability.path_sums import path_sum
from trainscape.trainability.short_paths import ShortPaths

WIDTHS = ("D^-1", "D^-1/2", "sqrt(ln D / D)", "D^-1/3", "D^-1/5", "1")


def instance(qubits, seed):
    return draw_instance(system(qubits), np.random.default_rng(1000 * qubits + seed))


def coverage(qubits, count, walks):
    """Whether each interval holds the exact moment, with its method and relative error."""
    rows = []
    for seed in range(count):
        drawn = instance(qubits, seed)
        k, d = drawn.encoder.parameter, drawn.circuit.num_parameters
        moments = PatchMoments(drawn.encoded, walks, seed)
        for law in WIDTHS:
            patch = LAWS[law].patch(d)
            for parameter in (k, None):
                found = moments.value(patch) if parameter is None else moments.derivative(k, patch)
                exact = exact_moment(drawn.encoded, patch, parameter)
                holds = found.low <= exact * (1 + 1e-9) and found.high >= exact * (1 - 1e-9)
                rows.append((law, found.method, holds, found.standard_error / exact))
    return rows


def check_coverage(rows):
    """95 % intervals, which may be wider: at least 93 % of all, and 90 % at each width."""
    holds = np.array([row[2] for row in rows])
    assert holds.mean() > 0.93
    for law in WIDTHS:
        own = [row for row in rows if row[0] == law]
        assert np.mean([row[2] for row in own]) > 0.9 - 2 * math.sqrt(0.09 / len(own))
    short = [row for row in rows if row[1] == "short paths"]
    assert len(short) > 0.4 * len(rows)
    assert len(short) < 0.9 * len(rows)
    # Not wide for nothing: the derivative and the value at D^-1/2 and below are known to 1 %.
    assert max(row[3] for row in rows if row[0] in ("D^-1", "D^-1/2")) < 0.02


def test_intervals_cover_exact_moments():
    check_coverage([*coverage(4, 14, 512), *coverage(5, 6, 512)])


@pytest.mark.slow
@pytest.mark.parametrize(("qubits", "count"), [(6, 20), (8, 4)])
def test_intervals_cover_exact_moments_of_larger_circuits(qubits, count):
    check_coverage(coverage(qubits, count, 1024))


@pytest.mark.parametrize(
    ("qubits", "law", "walks"), [(17, "D^-1/3", 2**18), (64, "sqrt(ln D / D)", 2**18)]
)
def test_independent_walks_agree(qubits, law, walks):
    """Plain walks, without weights, of circuits whose moments are not known exactly."""
    drawn = draw_instance(system(qubits), np.random.default_rng(qubits))
    k, d = drawn.encoder.parameter, drawn.circuit.num_parameters
    patch = LAWS[law].patch(d)
    found = second_moment(drawn.encoder.circuit, drawn.observable, patch, k, walks=2**13, seed=1)
    walked = PauliWalk(drawn.encoded).gradient_moment(k, patch, walks, seed=3)
    error = math.hypot(found.standard_error, walked.standard_error)
    assert found.method == "short paths"
    assert found.value == pytest.approx(walked.mean, abs=4.5 * error)
    assert found.standard_error < walked.standard_error
    # At 17 qubits longer paths are a fifth of the moment, and the walk would see it.
    if qubits == 17:
        assert found.by_sines[0] < walked.mean - 4.5 * walked.standard_error


@pytest.mark.slow
def test_hundreds_of_qubits():
    """Beyond the leading path, which walks of this size do not see, the interval is narrow.

    At 128 qubits three seeds agree within their intervals, and the sum over all paths with two
    sines is a lower bound.
    """
    drawn = draw_instance(system(128), np.random.default_rng(128))
    k, d = drawn.encoder.parameter, drawn.circuit.num_parameters
    patch = LAWS["D^-1/3"].patch(d)
    bound = ShortPaths(drawn.encoded).derivative(k, 2).moments(patch)
    found = [PatchMoments(drawn.encoded, 2**15, seed).derivative(k, patch) for seed in range(3)]
    for one in found:
        assert one.method == "short paths"
        assert one.standard_error < 3e-3 * one.value
        assert one.high >= bound.sum()
        assert one.low > bound[0]
    for one, other in pairwise(found):
        assert abs(one.value - other.value) < 4.5 * math.hypot(
            one.standard_error, other.standard_error
        )


def test_norms_are_those_of_all_derivatives():
    for seed in range(4):
        drawn = instance(4, seed)
        patch = LAWS["D^-1/2"].patch(drawn.circuit.num_parameters)
        for case in (drawn.encoded, drawn.bare):
            found = PatchMoments(case, 4096, seed).gradient_norm(patch)
            exact = gradient_norm_moment(case, patch)
            assert found.value == pytest.approx(exact, abs=4.5 * found.standard_error + 1e-12)
            assert found.standard_error < 0.1 * exact


def test_intervals_of_sums_cover_exact_moments():
    """Pairs of different strings count with both signs; exact sums over all paths know better."""
    drawn = draw_instance(system(4, observable="heisenberg"), np.random.default_rng(6))
    d, held, widths = drawn.circuit.num_parameters, [], []
    for law in ("D^-1/2", "D^-1/3", "1"):
        patch = LAWS[law].patch(d)
        exact = path_sum(drawn.encoded, patch).gradient
        for k in (drawn.encoder.parameter, 3, 17):
            for seed in range(8):
                found = PatchMoments(drawn.encoded, 64, seed).derivative(k, patch)
                held.append(found.low <= exact[k] * (1 + 1e-9) and exact[k] <= found.high)
                widths.append((found.high - found.low) / max(exact[k], 0.1))
    assert np.mean(held) > 0.93
    assert np.median(widths) < 1.0


def test_sums_of_strings_are_walked():
    case, patch = Problem(mhea(3, 1), heisenberg(3)), Patch("gaussian", 0.2)
    found = PatchMoments(case, 4096, 2).derivative(1, patch)
    walked = PauliWalk(case).gradient_moment(1, patch, 2**16, seed=5)
    assert found.method == "random walks"
    assert found.value == pytest.approx(
        walked.mean, abs=4.5 * math.hypot(found.standard_error, walked.standard_error)
    )
    assert found.by_sines == ()
    assert PatchMoments(case, 64).paths_with_one_sine == 0


def test_what_is_known_exactly_has_no_error():
    """One angle that matters, and one that does not."""
    gates = [rotation("X", 0, parameter=0), rotation("X", 1, parameter=1)]
    case, patch = problem(2, 2, gates, "ZI"), Patch("gaussian", 0.3)
    p = patch.flip_probability()
    value = second_moment(case.circuit, case.observable, patch)
    slope = second_moment(case.circuit, case.observable, patch, 0)
    nothing = second_moment(case.circuit, case.observable, patch, 1)
    assert (value.low, value.value, value.high) == pytest.approx((1 - p,) * 3)
    # The sine of one angle: the path that stays at its rotation.
    assert slope.value == pytest.approx(p, rel=1e-12)
    assert (nothing.low, nothing.value, nothing.high) == (0.0, 0.0, 0.0)
    with pytest.raises(ValueError, match=r"no parameter 99; the circuit has 2"):
        second_moment(case.circuit, case.observable, patch, 99)


def test_effective_samples_are_those_of_the_error():
    drawn = instance(4, 1)
    patch = LAWS["1"].patch(drawn.circuit.num_parameters)
    found = PatchMoments(drawn.encoded, 4096, 1).value(patch)
    assert found.method == "random walks"
    hits = found.value * 4096
    assert found.effective_samples == pytest.approx(hits, rel=0.2)
