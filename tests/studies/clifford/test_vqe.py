"""Training with and without the encoder: problems, starts, measurements, runs and paired tests."""

import math

import numpy as np
import pandas as pd
import pytest

from studies.clifford.training_cells import DEFAULTS, Summary, context
from trainscape.circuits.ansatze.efficient_su2 import mhea
from trainscape.circuits.ansatze.qaoa import qaoa
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import FixedGate, PauliRotation
from trainscape.physics.hamiltonians import (
    biased_heisenberg,
    global_z,
    heisenberg,
    transverse_field_ising,
)
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.dense import Dense
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.clifford.published_draws import random_directions, vqe_angles
from trainscape.studies.clifford.vqe import VQE_PRESETS, runs, thresholds, vqe_families
from trainscape.studies.clifford.vqe.claims import PUBLISHED, verdict_of
from trainscape.studies.clifford.vqe.clifford_search import search_clifford_point
from trainscape.studies.clifford.vqe.comparisons import holm, paired_test
from trainscape.studies.clifford.vqe.dataset import sample as energy
from trainscape.studies.clifford.vqe.measurement import MeasuredLoss, measurement_groups
from trainscape.studies.clifford.vqe.problems import (
    encodable_terms,
    ground_energy,
    locality,
    observable,
    published_terms,
)
from trainscape.studies.clifford.vqe.runs import recorded_iterations
from trainscape.studies.clifford.vqe.starts import PATCHES, draw_start, identity_blocks
from trainscape.studies.clifford.vqe.thresholds import sample, summarise
from trainscape.studies.contract import Stage

OBSERVABLES = ("global_z", "heisenberg", "biased_heisenberg", "tfim", "random_pauli")


def rng(seed=0):
    return np.random.default_rng(seed)


# Problems


@pytest.mark.parametrize(
    ("pauli_sum", "known"),
    [
        (transverse_field_ising(12, 1.0, 2.0), -25.525138),
        (heisenberg(12), -20.568363),
        (biased_heisenberg(8), -1.568046),
        (biased_heisenberg(12), -1.589230),
        (global_z(15), -1.0),
    ],
    ids=["ising", "heisenberg", "biased-8", "biased-12", "z"],
)
def test_lowest_eigenvalues_are_the_published_ones(pauli_sum, known):
    assert ground_energy(pauli_sum, rng()) == pytest.approx(known, abs=5.1e-7)


@pytest.mark.parametrize("n", [3, 4, 7, 8])
def test_lowest_eigenvalue_of_the_ising_ring_by_free_fermions(n):
    """E0 = -sum_k sqrt(J^2 + h^2 - 2 J h cos k) over k = (2 j + 1) pi / n, in the even sector, which holds the ground state for h > J > 0."""
    momenta = (2 * np.arange(n) + 1) * np.pi / n
    expected = -np.sqrt(1 + 4 - 4 * np.cos(momenta)).sum()
    assert ground_energy(transverse_field_ising(n, 1.0, 2.0), rng()) == pytest.approx(
        expected, abs=1e-9
    )


@pytest.mark.parametrize("name", OBSERVABLES)
def test_lowest_eigenvalue_against_the_dense_matrix(name):
    """Five qubits are diagonalised densely, seven by Lanczos; both matrices are built from masks, and the check from Kronecker products."""
    for n in (5, 7):
        pauli_sum = observable(name, n, rng(n))
        assert ground_energy(pauli_sum, rng()) == pytest.approx(
            np.linalg.eigvalsh(pauli_sum.matrix())[0], abs=1e-9
        )


def test_dataset_holds_the_eigenvalue():
    assert float(
        energy(context(observable="heisenberg", qubits=2), range(1))["ground_energy"]
    ) == pytest.approx(-3)


def test_biased_heisenberg_is_encoded_for_its_global_terms():
    pauli_sum = biased_heisenberg(5)
    assert [
        pauli_sum.terms[index][1].label for index in encodable_terms("biased_heisenberg", pauli_sum)
    ] == ["XXXXX", "YYYYY", "ZZZZZ"]
    assert len(encodable_terms("heisenberg", heisenberg(5))) == 12
    assert (locality(heisenberg(5)), locality(pauli_sum)) == (2, 5)
    with pytest.raises(ValueError, match="unknown observable 'xy'"):
        observable("xy", 3, rng())


# Starts


@pytest.mark.parametrize("name", OBSERVABLES)
def test_angles_are_shared_by_what_is_compared(name):
    drawn = {
        start: draw_start(context(observable=name, start=start), 3)[0]
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
    """At zero noise the derivative by the encoded parameter is 1 or -1 for one string; for the sum other terms add to it."""
    for index in range(4):
        found, _ = draw_start(context(observable=name, start=start), index)
        plain, _ = draw_start(context(observable=name), index)
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
    cell = context(observable="heisenberg", start="gaussian", layers=4)
    angles = np.concatenate([draw_start(cell, index)[0].angles[0] for index in range(40)])
    assert len(angles) == 40 * 40
    assert np.var(angles) == pytest.approx(1 / 48, rel=4 * math.sqrt(2 / len(angles)))


@pytest.mark.parametrize("layers", [1, 2, 5, 6])
def test_identity_blocks_start_at_the_identity(layers):
    circuit, half = identity_blocks(3, layers)
    found, _ = draw_start(context(qubits=3, layers=layers, start="identity"), 0)
    assert found.problem.circuit == circuit
    assert circuit.num_parameters == mhea(3, 2 * max(1, layers // 2)).num_parameters
    assert np.abs(found.angles[0, :half]).max() > 1
    state = Statevector(found.problem, reduce=False).state(found.angles)[0]
    assert abs(state[0]) == pytest.approx(1, abs=1e-12)
    # Each parameter moves the state by itself.
    jacobian = Statevector(found.problem, reduce=False).jacobian(found.angles + 0.1)[0]
    np.testing.assert_allclose(np.linalg.norm(jacobian, axis=1), 0.5, atol=1e-9)
    assert circuit.unused_parameters == ()


def test_published_starts_have_the_published_losses():
    """Means over five runs at the start, mHEA with n = 15 and L = 5, with and without encoder, to the digits that are known."""
    for start, losses, norms in (
        ("plain", (0.999, 0.847, 0.442, 0.037), (0.042, 0.50, 0.59, 0.11)),
        ("lce", (-0.008, 0.035, 0.046, -0.008), (1.80, 1.50, 0.76, 0.15)),
    ):
        found = sample(
            context(qubits=15, layers=5, start=start, iterations=0, rate=0.01, published=True),
            range(5),
        )
        assert found["loss"].values[:, :, 0].mean(axis=0) == pytest.approx(losses, abs=6e-4)
        assert found["gradient_norm"].values[:, :, 0].mean(axis=0) == pytest.approx(
            norms, abs=5.1e-3
        )


@pytest.mark.slow
def test_published_runs_end_at_the_published_losses():
    """Five runs on the biased Heisenberg chain with n = 8 and L = 16: 1000 losses each, the first before any step."""
    for start in ("plain", "lce"):
        cell = context(
            observable="biased_heisenberg",
            qubits=8,
            layers=16,
            start=start,
            iterations=999,
            rate=0.01,
            published=True,
        )
        ends = sample(cell, range(5))["loss"].values[:, :, -1].mean(axis=0)
        assert ends == pytest.approx(
            PUBLISHED["biased_heisenberg", 8, 16, 0.01, 999][start, "gd"], abs=6e-4
        )


def test_unknown_start():
    with pytest.raises(ValueError, match="unknown start 'warm'"):
        draw_start(context(start="warm"), 0)


# Search over Clifford points


@pytest.mark.parametrize("name", OBSERVABLES)
def test_search_returns_a_clifford_point_with_its_loss(name):
    problem = Problem(mhea(4, 2), observable(name, 4, rng(5)))
    found = search_clifford_point(problem, rng(1))
    assert found.loss == pytest.approx(Dense(problem).value(found.angles[None])[0], abs=1e-10)
    np.testing.assert_array_equal(found.angles, np.round(found.angles * 2 / np.pi) * np.pi / 2)
    assert found.loss <= Dense(problem).value(np.zeros((1, 24)))[0] + 1e-12
    assert found.evaluations == 1 + 3 * 3 * 24


def test_search_finds_the_minimum_of_one_string():
    found = search_clifford_point(Problem(mhea(6, 3), global_z(6)), rng(2))
    assert found.loss == -1


def test_search_refuses_other_rotations():
    with pytest.raises(ValueError, match="one-qubit rotations"):
        search_clifford_point(Problem(qaoa(3, [(0, 1), (1, 2)], 1), global_z(3)), rng())


# Measurements


def test_groups_share_a_basis():
    groups = measurement_groups(PauliSum.parse("ZZI + IZZ + XXI + XIX + YZI"))
    assert [(basis, [string.label for _, string in terms]) for basis, terms in groups] == [
        ("ZZZ", ["ZZI", "IZZ"]),
        ("XXX", ["XXI", "XIX"]),
        ("YZI", ["YZI"]),
    ]
    assert [basis for basis, _ in measurement_groups(biased_heisenberg(4))] == [
        "XXXX",
        "YYYY",
        "ZZZZ",
    ]


@pytest.mark.parametrize("name", OBSERVABLES)
def test_exact_parts_of_a_measurement(name):
    problem = Problem(mhea(3, 1), observable(name, 3, rng(3)))
    theta = rng(4).normal(size=12)
    found = MeasuredLoss(problem, 5)(theta, rng())
    value, gradient = Dense(problem).value_and_gradient(theta[None])
    assert found.exact_loss == pytest.approx(value[0], abs=1e-12)
    np.testing.assert_allclose(found.exact_gradient, gradient[0], atol=1e-12)


def test_mirrored_rotations_are_measured_too():
    """Identity blocks have rotations of scale -1."""
    circuit, _ = identity_blocks(3, 2)
    problem = Problem(circuit, heisenberg(3))
    theta = rng(4).normal(size=circuit.num_parameters)
    np.testing.assert_allclose(
        MeasuredLoss(problem, 1)(theta, rng()).exact_gradient,
        Dense(problem).gradient(theta[None])[0],
        atol=1e-12,
    )


def test_measured_loss_and_gradient_have_the_moments_of_shot_noise():
    """Unbiased; the variance for one string is (1 - C^2) / M, and for the gradient the mean of those at both shifted angles, over 2."""
    problem = Problem(mhea(2, 1), PauliSum.parse("ZX"))
    theta, shots, repeats = rng(8).normal(size=8), 7, 2000
    measured, generator = MeasuredLoss(problem, shots), rng(9)
    found = [measured(theta, generator) for _ in range(repeats)]
    losses, gradients = (
        np.array([one.loss for one in found]),
        np.array([one.gradient for one in found]),
    )
    exact = Dense(problem)
    value, gradient = exact.value_and_gradient(theta[None])
    variance = (1 - value[0] ** 2) / shots
    assert losses.mean() == pytest.approx(value[0], abs=4.5 * math.sqrt(variance / repeats))
    # The relative error of a sample variance is about sqrt(2 / repeats).
    assert losses.var() == pytest.approx(variance, rel=5 * math.sqrt(2 / repeats))
    shifted = [exact.value(theta + sign * np.pi / 2 * np.eye(8)) for sign in (1, -1)]
    expected = sum((1 - one**2) / shots for one in shifted) / 4
    assert np.all(
        np.abs(gradients.mean(axis=0) - gradient[0]) < 4.5 * np.sqrt(expected / repeats) + 1e-12
    )
    np.testing.assert_allclose(
        gradients.var(axis=0), expected, rtol=5 * math.sqrt(2 / repeats), atol=1e-12
    )


def test_terms_of_a_group_are_measured_together():
    """XX and YY do not share a basis; ZI and IZ do, and on a Bell pair their outcomes are equal, so that their sum has the variance 4 / M and not 2 / M."""
    circuit = Circuit(
        2, 1, (FixedGate("H", (0,)), FixedGate("CX", (0, 1)), PauliRotation("Z", (0,), 0))
    )
    measured, generator = MeasuredLoss(Problem(circuit, PauliSum.parse("ZI + IZ")), 4), rng(5)
    losses = np.array([measured(np.zeros(1), generator).loss for _ in range(1000)])
    assert losses.var() == pytest.approx(1.0, rel=5 * math.sqrt(2 / 1000))


def test_measurement_refuses_shared_parameters():
    circuit = Circuit(1, 1, (PauliRotation("X", (0,), 0), PauliRotation("Y", (0,), 0)))
    with pytest.raises(ValueError, match="parameter of their own"):
        MeasuredLoss(Problem(circuit, PauliSum(((1.0, PauliString("Z")),))), 1)
    with pytest.raises(ValueError, match="at least one shot"):
        MeasuredLoss(Problem(mhea(1, 0), PauliSum(((1.0, PauliString("Z")),))), 0)


# Runs


def test_descent_takes_published_steps():
    """theta <- theta - rate grad, written out, with gradients of the dense engine."""
    cell = context(observable="heisenberg", start="lce", rate=0.1)
    found = sample(cell, range(2, 3))
    start, _ = draw_start(cell, 2)
    engine = Dense(start.problem)
    for patch, theta in enumerate(start.angles):
        for step in range(5):
            value, gradient = engine.value_and_gradient(theta[None])
            assert found["loss"].values[0, patch, step] == pytest.approx(value[0], abs=1e-10)
            assert found["gradient_norm"].values[0, patch, step] == pytest.approx(
                np.linalg.norm(gradient), abs=1e-10
            )
            assert found["parameter_norm"].values[0, patch, step] == pytest.approx(
                np.linalg.norm(theta), abs=1e-10
            )
            theta = theta - 0.1 * gradient[0]


def test_recorded_iterations():
    assert recorded_iterations(300) == tuple(range(0, 301, 10))
    assert recorded_iterations(3) == (0, 1, 2, 3)
    assert (len(recorded_iterations(999)), recorded_iterations(999)[-1]) == (31, 999)


@pytest.mark.parametrize("start", ["plain", "lce"])
def test_steps_of_a_walk_are_as_long_as_those_of_descent(start):
    cell = context(start=start, optimiser="walk", iterations=3)
    lengths = thresholds._walk_lengths(cell, 0)
    descent = sample(context(start="lce", iterations=3), range(1))
    for patch in range(4):
        # Without noise, step t of descent has the length rate |g_t|.
        np.testing.assert_allclose(
            lengths[patch], 0.05 * descent["gradient_norm"].values[0, patch, :3], rtol=1e-12
        )
    points = []
    begin, generator = draw_start(cell, 0)

    def evaluate(theta):
        points.append(theta)
        return runs.evaluator(begin.problem, 0, generator)(theta)

    record = runs.walk(evaluate, begin.angles[1], lengths[1], (0, 1, 2, 3), generator)
    np.testing.assert_allclose(
        np.linalg.norm(np.diff(points, axis=0), axis=1), lengths[1], rtol=1e-12
    )
    assert (
        record[0, 0] == sample(context(start=start, iterations=1), range(1))["loss"].values[0, 1, 0]
    )


def test_published_random_walk_is_a_descent_after_ten_steps():
    """Five runs on Z^10 with L = 3 and 50 losses each: ten random steps of length 0.01 and 39 of gradient descent give the published losses, more or fewer do not."""
    known = PUBLISHED["global_z", 10, 3, 0.1, 49]
    for start, optimiser in known:
        cell = context(
            qubits=10,
            layers=3,
            start=start,
            optimiser=optimiser,
            iterations=49,
            rate=0.1,
            published=True,
        )
        ends = sample(cell, range(5))["loss"].values[:, :, -1].mean(axis=0)
        assert ends == pytest.approx(known[start, optimiser], abs=5.1e-3)
    problem = Problem(mhea(10, 3), global_z(10))
    steps = -0.01 * random_directions(80, 0, 1, 50)
    np.testing.assert_allclose(np.linalg.norm(steps, axis=1), 0.01)
    record = runs.walk_then_descend(
        runs.evaluator(problem, 0, np.random.default_rng(0)),
        vqe_angles(80, 0)[1],
        steps[:49],
        0.1,
        (0, 20, 49),
    )
    ends = vqe_angles(80, 0)[1] + steps[:49].sum(axis=0)
    assert record[-1, 0] == pytest.approx(Statevector(problem).value(ends[None])[0], abs=1e-12)


def test_published_directions_are_those_of_the_global_generator():
    """The notebook seeds before the initial angles, and again before each encoder, hence after the first walk."""
    d, walks = 20, []
    np.random.seed(9)  # noqa: NPY002
    for exponent in (1, 1 / 2, 1 / 3, 1 / 5):
        np.random.normal(0, d**-exponent, d)  # noqa: NPY002
    for _ in range(3):
        drawn = [np.random.randn(d) for _ in range(4)]  # noqa: NPY002
        walks.append([direction / np.linalg.norm(direction) for direction in drawn])
        np.random.seed(9)  # noqa: NPY002
    np.testing.assert_allclose(
        [random_directions(d, 2, patch, 4) for patch in range(3)], walks, rtol=1e-15
    )


def test_a_second_descent_shows_what_rounding_does():
    """From angles that differ by 1e-13 a short descent ends in the same place to about as many digits; the default does without it."""
    found = sample(context(start="lce", iterations=5, rounding=True), range(2))
    np.testing.assert_allclose(found["moved_loss"], found["loss"][:, :, -1], atol=1e-10)
    assert (found["moved_loss"].values != found["loss"].values[:, :, -1]).any()
    assert np.isnan(sample(context(start="lce", iterations=5), range(1))["moved_loss"]).all()


def test_terms_are_listed_as_in_the_public_code():
    """Its labels are read from the last qubit to the first."""
    listed = {
        "heisenberg": ["XXII", "YYII", "ZZII", "IXXI", "IYYI", "IZZI", "IIXX", "IIYY", "IIZZ"],
        "tfim": ["XIII", "ZZII", "IXII", "IZZI", "IIXI", "IIZZ", "IIIX", "ZIIZ"],
        "biased_heisenberg": ["XXXX", "YYYY", "ZZZZ"],
        "global_z": ["ZZZZ"],
    }
    for name, labels in listed.items():
        pauli_sum = observable(name, 4, np.random.default_rng(0))
        assert [
            pauli_sum.terms[index][1].label[::-1] for index in published_terms(name, pauli_sum)
        ] == labels


@pytest.mark.parametrize(
    "changes",
    [
        {"shots": 16, "start": "lce"},
        {"optimiser": "walk"},
        {"start": "clifford"},
        {"optimiser": "adam"},
    ],
)
def test_a_restart_does_not_depend_on_the_others(changes):
    cell = context(**changes)
    together, alone = sample(cell, range(3)), sample(cell, range(2, 3))
    for name in together.data_vars:
        np.testing.assert_array_equal(together[name].values[2:], alone[name].values)


def test_shot_noise_is_in_loss_and_gradient():
    noisy, exact = sample(context(shots=8), range(2)), sample(context(), range(2))
    np.testing.assert_allclose(
        noisy["loss"].values[..., 0], exact["loss"].values[..., 0], atol=1e-12
    )
    assert np.all(noisy["loss"].values[..., 2:] != exact["loss"].values[..., 2:])
    np.testing.assert_allclose(
        noisy["measured_loss"].values * 4, np.round(noisy["measured_loss"].values * 4), atol=1e-12
    )
    np.testing.assert_array_equal(exact["measured_loss"].values, exact["loss"].values)


# Paired tests


def test_signed_rank_test_by_hand():
    """d = -1, -2, -3, -4, 5, -6: W+ = 5, W- = 16, r = 11/21; exact two-sided p = 2 P(W+ <= 5) = 20/64."""
    found = paired_test([-1, -2, -3, -4, 5, -6], np.zeros(6), rng())
    assert found.effect == pytest.approx(11 / 21)
    assert found.p_value == pytest.approx(20 / 64)
    assert (found.pairs, found.median) == (6, -2.5)
    assert found.low <= -2.5 <= found.high


def test_ties_count_as_pairs_and_not_as_evidence():
    found = paired_test(np.zeros(8), np.full(8, 0.01), rng(), tie=0.01)
    assert (found.pairs, found.median, found.p_value, found.effect) == (8, -0.01, 1, 0)
    # Three ties among nine pairs leave the six of the test above.
    found = paired_test([-1, -2, -3, -4, 5, -6, 0.1, -0.1, 0], np.zeros(9), rng(), tie=0.1)
    assert (found.pairs, found.effect, found.p_value) == (
        9,
        pytest.approx(11 / 21),
        pytest.approx(20 / 64),
    )


def test_a_clear_winner():
    found = paired_test(np.arange(10) - 20.0, np.arange(10) * 0.5, rng())
    assert found.effect == 1
    assert found.p_value == pytest.approx(2 / 2**10)
    with pytest.raises(ValueError, match="one difference"):
        paired_test([], [], rng())


def test_holm_by_hand():
    """Of 0.01, 0.04, 0.03, 0.005: 4 x .005 = .02, 3 x .01 = .03, 2 x .03 = .06, and .04 may not be below."""
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])
    np.testing.assert_allclose(holm([0.9, 0.8]), [1, 1])


@pytest.mark.parametrize(
    ("effects", "p_values", "pairs", "verdict"),
    [
        ((1, 1, 1, 1), (0.01,) * 4, 10, "reproduced"),
        ((1, 1, 1, 1), (0.01, 0.01, 0.01, 0.2), 10, "holds only if"),
        ((-1, 1, 1, 1), (0.01,) * 4, 10, "holds only if"),
        ((-1, 0.2, 0.1, -0.3), (0.01, 0.5, 0.5, 0.5), 10, "not reproduced"),
        ((0, 0, 0, 0), (1.0,) * 4, 10, "not reproduced"),
        ((0.3, 0.2, 0.1, -0.3), (0.5,) * 4, 10, "cannot be tested at this size"),
        ((1, 1, 1, 1), (0.01,) * 4, 5, "cannot be tested at this size"),
    ],
)
def test_verdicts(effects, p_values, pairs, verdict):
    assert (
        verdict_of(pd.DataFrame({"effect": effects, "p_holm": p_values, "pairs": [pairs] * 4}))
        == verdict
    )


def test_summary_pairs_the_restarts():
    """Three cells: descent with and without encoder, and Gaussian angles, which have no patch."""
    cells = [
        (dict(DEFAULTS, start=start), sample(context(start=start), range(4)))
        for start in ("plain", "lce", "gaussian")
    ]
    energies = [({"observable": "global_z", "qubits": 4}, energy(context(), range(1)))]
    found = summarise(Summary({Stage.THRESHOLDS: cells, Stage.DATASET: energies}))
    assert (found.sizes["run"], found.sizes["test"], found.sizes["point"]) == (9, 8, 5)
    final = {parameters["start"]: data["loss"].values[:, :, -1] for parameters, data in cells}
    for row in range(8):
        test = found.isel(test=row)
        theirs = final["plain"][:, row] if row < 4 else final["gaussian"][:, 0]
        assert str(test["test_other_start"].values) == ("plain" if row < 4 else "gaussian")
        assert float(test["test_difference"]) == pytest.approx(
            np.median(final["lce"][:, row % 4] - theirs)
        )
    np.testing.assert_allclose(found["final_loss"].values[4:8], final["lce"].mean(axis=0))
    assert set(found["ground_energy"].values) == {-1.0}
    assert found["test_pairs"].values.tolist() == [4] * 8


# Families


@pytest.mark.parametrize("preset", ["smoke", "laptop", "workstation", "paper"])
def test_families_are_sound(preset):
    families = vqe_families(VQE_PRESETS[preset])
    assert [family.name for family in families] == ["vqe", "vqe_shots", "vqe_published"]
    for family in families:
        cells = [tuple(cell.parameters.items()) for cell in family.stages[Stage.THRESHOLDS].cells]
        assert len(set(cells)) == len(cells)
        compared = {
            tuple((k, v) for k, v in cell if k not in ("start", "optimiser")) for cell in cells
        }
        # Each system is run with the encoder, and without it or as a walk.
        for system in compared:
            starts = {
                (dict(cell)["start"], dict(cell)["optimiser"])
                for cell in cells
                if set(system) <= set(cell)
            }
            assert ("lce", "gd") in starts
            assert len(starts) >= 2
    for purpose, names in families[0].seeds.items():
        assert not {"start", "optimiser"} & set(names), purpose
