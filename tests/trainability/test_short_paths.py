"""Pauli paths with few sines, against sums over all paths, string by string, and a random walk."""

import pytest

from simulators.problems import problem, rotation
from simulators.walk_reference import encoded
from simulators.walk_reference import mhea as mhea_gates
from trainability.all_paths import CASES, PATCH, random_case, sums_over_all_paths
from trainscape.circuits.ansatze.efficient_su2 import mhea
from trainscape.circuits.circuit import Problem
from trainscape.circuits.encoders import linear_clifford_encoder
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.pauli.moments import Patch
from trainscape.simulators.pauli.single_path import SinglePathGradient
from trainscape.simulators.pauli.walk import PauliWalk
from trainscape.trainability.short_paths import ShortPaths


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_values_by_number_of_sines(case):
    expected = sums_over_all_paths(case, PATCH)
    assert ShortPaths(case).value(4).moments(PATCH) == pytest.approx(expected[:5], abs=1e-14)


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_derivatives_by_number_of_sines(case):
    paths = ShortPaths(case)
    for parameter in range(case.circuit.num_parameters):
        expected = sums_over_all_paths(case, PATCH, parameter)
        found = paths.derivative(parameter, 4)
        assert found.moments(PATCH) == pytest.approx(expected[:5], abs=1e-14)
        assert len(found.counts) == 5


def test_cases_have_paths_of_every_kind():
    """Else the tests above would compare zeros."""
    totals = sum(sums_over_all_paths(case, PATCH)[:5] > 0 for case in CASES)
    assert (totals >= 1).all()
    slopes = sum(
        sums_over_all_paths(case, PATCH, parameter)[:5] > 0
        for case in CASES
        for parameter in range(case.circuit.num_parameters)
    )
    assert (slopes >= 5).all()


def test_all_paths_of_a_short_circuit_are_the_whole_moment():
    case = encoded(mhea_gates(3, 1), "XYZ", 6)
    expected = sums_over_all_paths(case, PATCH, 6)
    assert expected[:5].sum() > 0.9 * expected.sum()
    assert ShortPaths(case).derivative(6, 4).moments(PATCH).sum() == pytest.approx(
        expected[:5].sum(), rel=1e-13
    )


@pytest.mark.parametrize("qubits", [6, 14])
def test_walk_of_a_larger_circuit(qubits):
    """The walk knows sets of strings, not sums of x parts: its share with few flips is the same."""
    case = Problem(mhea(qubits, 3), PauliSum.parse("X" * qubits))
    k = 5
    encoder = linear_clifford_encoder(case, k)
    case = Problem(encoder.circuit, case.observable)
    patch = Patch("gaussian", case.circuit.num_parameters ** (-1 / 3))
    paths = ShortPaths(case).derivative(k, 3)
    leading = SinglePathGradient(case, k).second_moment(patch)
    assert paths.moments(patch)[0] == pytest.approx(leading, rel=1e-12)
    walked = PauliWalk(case).gradient_moment(k, patch, 2**18, seed=qubits, expected_flips=2.0)
    missing = walked.mean - paths.moments(patch).sum()
    # What is missing has more sines: it is positive, and small against what two or three add.
    assert missing > -4.5 * walked.standard_error
    assert walked.mean - leading > 4.5 * walked.standard_error
    assert missing < 0.5 * (walked.mean - leading) + 4.5 * walked.standard_error


def test_refusals():
    case = random_case(0)
    with pytest.raises(ValueError, match="at one Pauli string"):
        ShortPaths(
            Problem(
                case.circuit,
                PauliSum.parse(" + ".join(letter * case.circuit.num_qubits for letter in "XZ")),
            )
        )
    shared = problem(2, 1, [rotation("X", 0, parameter=0), rotation("Y", 1, parameter=0)], "ZZ")
    with pytest.raises(ValueError, match="parameter 0 is used by 2 rotations"):
        ShortPaths(shared)
    with pytest.raises(ValueError, match="no rotation has the parameter 99"):
        ShortPaths(case).derivative(99)
    with pytest.raises(ValueError, match="5 further flips"):
        ShortPaths(case).value(5)
