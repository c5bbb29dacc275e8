"""Paths followed through layers, against paths of generators that are pulled back."""

import math

import numpy as np
import pytest

from circuits.test_layered import MIXED
from trainability.all_paths import PATCH, sums_over_all_paths
from trainscape.circuits.layered import LayeredProblem, layered_efficient_su2
from trainscape.circuits.layered_encoder import layered_encoder
from trainscape.physics.hamiltonians import random_pauli
from trainscape.physics.pauli import PauliString
from trainscape.simulators.pauli import string_kernels
from trainscape.trainability import layer_kernels, layered_paths
from trainscape.trainability.layered_paths import LayeredPaths
from trainscape.trainability.patch_laws import LAWS
from trainscape.trainability.patch_moments import PatchMoments
from trainscape.trainability.path_samples import sample_paths
from trainscape.trainability.short_paths import ShortPaths


def encoded(qubits, seed):
    rng = np.random.default_rng(seed)
    problem = LayeredProblem(layered_efficient_su2(qubits, qubits), random_pauli(qubits, rng))
    k = int(rng.integers(problem.circuit.num_parameters))
    return LayeredProblem(layered_encoder(problem, k).circuit, problem.string), k


@pytest.mark.parametrize("label", ["YXX", "YYI"])
def test_paths_by_number_of_sines_are_all_of_them(label):
    case = LayeredProblem(MIXED, PauliString(label))
    paths, whole = LayeredPaths(case), case.expanded()
    for parameter in (None, *range(MIXED.num_parameters)):
        expected = sums_over_all_paths(whole, PATCH, parameter)
        found = paths.value(4) if parameter is None else paths.derivative(parameter, 4)
        assert found.moments(PATCH) == pytest.approx(expected[:5], abs=1e-14)


@pytest.mark.parametrize("qubits", [5, 16])
def test_both_searches_find_the_same(qubits):
    """Paths, cosines, and what they add, of circuits with one class of rotations."""
    case, k = encoded(qubits, seed=qubits)
    one, other = LayeredPaths(case), ShortPaths(case.expanded())
    patch = LAWS["D^-1/3"].patch(case.circuit.num_parameters)
    for parameter in (None, 3, k):
        ours, theirs = (
            paths.value(2) if parameter is None else paths.derivative(parameter, 2)
            for paths in (one, other)
        )
        assert ours.counts.tolist() == theirs.counts.tolist()
        assert ours.moments(patch) == pytest.approx(theirs.moments(patch), rel=1e-13)
    assert ours.counts.sum() > 0
    ours, theirs = (PatchMoments(which, 1024, 2) for which in (case, case.expanded()))
    assert ours.derivative(k, patch) == theirs.derivative(k, patch)
    assert ours.leading_cosines(k) == theirs.leading_cosines(k) > 0


def test_pairs_that_are_drawn_stand_for_all(monkeypatch):
    case, k = encoded(8, seed=1)
    paths, patch = LayeredPaths(case), LAWS["D^-1/3"].patch(case.circuit.num_parameters)
    exact = paths.derivative(k, 2).moments(patch)
    assert exact[2] > 0
    monkeypatch.setattr("trainscape.trainability.path_samples.MOST_LISTED", 6)
    sums, spreads = [], []
    for seed in range(200):
        sample = sample_paths(paths, k, 2, 64, np.random.default_rng(seed))
        weights, sines = sample.listed.weights(patch), sample.listed.sines.sum(axis=1)
        total = np.bincount(sines, weights * sample.multiples, minlength=3)
        assert total[:2] == pytest.approx(exact[:2], rel=1e-12)
        sums.append(total[2])
        drawn = sample.multiples > 1
        spreads.append(
            (sample.multiples[drawn] * (sample.multiples[drawn] - 1)) @ weights[drawn] ** 2
        )
        assert sample.independent
    assert np.std(sums) > 0
    assert np.mean(sums) == pytest.approx(exact[2], abs=4.5 * np.std(sums) / math.sqrt(200))
    # The stated variance is not smaller than the true one.
    assert np.mean(spreads) > 0.8 * np.var(sums)


def test_hashes_are_linear():
    """A set with the wanted sum ends diagonal, so that no chance is left to `exist`."""
    case, k = encoded(6, seed=3)
    paths = LayeredPaths(case)
    for target in paths.targets(k):
        for size in (1, 2, 3):
            sets = paths.sets(target, size)
            found = ShortPaths(case.expanded()).sets(target, size)
            assert sets.tolist() == found.tolist()
    assert layered_paths.CANDIDATES > 1
    with pytest.raises(ValueError, match="no rotation has the parameter 999"):
        paths.derivative(999)


def test_kinds_of_steps_are_those_of_the_walk():
    """The kernels stand alone, and repeat them."""
    for name in ("ROTATION", "HADAMARD", "S_GATE", "CX"):
        assert getattr(layer_kernels, name) == getattr(string_kernels, name)


@pytest.mark.slow
def test_half_a_million_rotations():
    """512 qubits: the leading path, and a little more, with a narrow interval."""
    case, k = encoded(512, seed=0)
    d = case.circuit.num_parameters
    moments = PatchMoments(case, 1024, 0)
    met = moments.leading_cosines(k)
    assert met == pytest.approx(d / 2, rel=0.01)
    for law, width in (("D^-1/2", 1e-4), ("sqrt(ln D / D)", 1e-3), ("D^-1/3", 0.02)):
        patch = LAWS[law].patch(d)
        found = moments.derivative(k, patch)
        leading = math.exp((met + 1) * math.log1p(-patch.flip_probability()))
        assert found.method == "short paths"
        assert leading <= found.high
        assert found.low > leading * (1 - 1e-9)
        assert found.high - found.low < width * found.value
