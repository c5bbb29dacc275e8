"""Exact second moments by sums over strings, against state vectors and sums over single paths."""

import math

import numpy as np
import pytest

from simulators.problems import fixed, problem, rotation
from simulators.walk_reference import exact_moment
from trainability.angle_quadrature import quadrature_moments, random_circuit
from trainscape.circuits.ansatze.hardware_efficient import hardware_efficient
from trainscape.circuits.circuit import Problem
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.pauli.moments import Patch
from trainscape.trainability import path_sums
from trainscape.trainability.path_sums import path_sum

PATCHES = [Patch("gaussian", 0.4), Patch("uniform", 1.1), Patch("uniform", math.inf)]


@pytest.mark.parametrize("terms", [1, 4])
@pytest.mark.parametrize("patch", PATCHES, ids=["gaussian", "uniform", "circle"])
def test_all_derivatives_against_state_vectors(patch, terms):
    """Also where pairs of different strings contribute, with either sign."""
    crossed = 0.0
    for seed in range(6):
        case = random_circuit(seed, terms=terms)
        expected = quadrature_moments(case, patch)
        np.testing.assert_allclose(path_sum(case, patch).gradient, expected, atol=1e-14)
        single = sum(
            path_sum(Problem(case.circuit, PauliSum((term,))), patch).gradient
            for term in case.observable.terms
        )
        crossed = max(crossed, np.abs(single - expected).max())
    # On the circle, pairs count only where their product commutes with all rotations.
    assert (crossed > 1e-3) == (terms > 1 and math.isfinite(patch.size))


def test_pairs_that_count_on_the_circle():
    """Qubit 1 is in |+>, so that Z0 and Z0 X1 are the same: C = (0.5 - 0.2) cos t."""
    case = problem(2, 1, [fixed("H", 1), rotation("X", 0)], "0.5*ZI - 0.2*ZX")
    found = path_sum(case, Patch("uniform", math.inf))
    assert found.gradient == pytest.approx([0.045], abs=1e-16)
    assert found.value == pytest.approx(0.045, abs=1e-16)


@pytest.mark.parametrize("patch", PATCHES, ids=["gaussian", "uniform", "circle"])
def test_deeper_circuits_against_single_paths(patch):
    for seed in range(4):
        case = random_circuit(seed, parameters=14)
        found = path_sum(case, patch)
        assert found.value == pytest.approx(exact_moment(case, patch).sum(), abs=1e-15)
        expected = [exact_moment(case, patch, k).sum() for k in range(14)]
        np.testing.assert_allclose(found.gradient, expected, atol=1e-15)


def test_wide_registers():
    """A hundred qubits: far from the ends, the numbers are those of a short ring."""
    patch = Patch("uniform", math.inf)
    long = path_sum(Problem(hardware_efficient(100, 2, "ring"), PauliSum.parse("Z50", 100)), patch)
    short = path_sum(Problem(hardware_efficient(8, 2, "ring"), PauliSum.parse("Z4", 8)), patch)
    columns = long.gradient.reshape(4, 100)
    np.testing.assert_allclose(columns[:, 46:54], short.gradient.reshape(4, 8), atol=1e-16)
    assert columns[:, :46].sum() == columns[:, 54:].sum() == 0.0


@pytest.mark.parametrize("patch", PATCHES, ids=["gaussian", "uniform", "circle"])
def test_local_hamiltonians_on_many_qubits_term_by_term(patch, monkeypatch):
    """Words that are too short for all terms together, and the same sum with words that are not."""
    bonds = " + ".join(
        f"{weight} {letter}{q} {letter}{q + 1}"
        for q in range(7)
        for letter, weight in (("X", 1), ("Y", 0.7), ("Z", -0.4))
    )
    case = Problem(hardware_efficient(8, 1, "open"), PauliSum.parse(bonds + " + Z0 + X3", 8))
    whole = path_sum(case, patch)
    monkeypatch.setattr(path_sums, "COORDINATES", 11)
    parts = path_sum(case, patch)
    np.testing.assert_allclose(parts.gradient, whole.gradient, atol=1e-14)
    assert parts.value == pytest.approx(whole.value)
    assert parts.strings < whole.strings
    monkeypatch.setattr(path_sums, "COORDINATES", 2)
    assert path_sum(case, patch) is None


def test_sums_that_grow_too_large_are_given_up():
    case = Problem(hardware_efficient(6, 6, "ring"), PauliSum.parse("ZZZZZZ"))
    patch = Patch("gaussian", 0.5)
    found = path_sum(case, patch)
    assert 1000 < found.strings <= 4**6
    assert path_sum(case, patch, most=found.strings) is None
    # More than 64 independent generators.
    wide = Problem(hardware_efficient(40, 2, "ring"), PauliSum.parse("Z" * 40))
    assert path_sum(wide, patch) is None
