"""Values that are known for the experiments of arXiv 2507.06344.

Fixtures, published data and counts, each from the definitions alone.
"""

import math

import numpy as np
import pytest

from studies.clifford.exact_moments import gradient_norm_moment, second_moment
from trainscape.circuits.ansatze.efficient_su2 import mhea
from trainscape.circuits.circuit import Problem
from trainscape.circuits.encoders import linear_clifford_encoder, random_encoder
from trainscape.circuits.gates import FixedGate
from trainscape.physics.hamiltonians import global_z, random_pauli
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.pauli.moments import Patch
from trainscape.simulators.pauli.propagation import PauliPropagation
from trainscape.simulators.pauli.single_path import SinglePathGradient
from trainscape.simulators.pauli.taylor import TaylorSurrogate, num_coefficients, published_order
from trainscape.simulators.pauli.walk import PauliWalk
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.clifford.published_draws import (
    PUBLISHED_EXPONENTS,
    encoder_draw,
    support_parameter,
    threshold_norms,
    trainability_draw,
    vqe_angles,
)
from trainscape.trainability.patches import (
    logarithmic_patch,
    power_patch,
    two_design_gradient_moment,
)


def string(label):
    return PauliSum(((1.0, PauliString(label)),))


# Fixtures: circuit, observable, k; encoder; what is at 0 and at theta_j = 0.3 sin(1 + j); Gaussian
# and uniform moments

TWO_LAYERS_UNDONE = tuple(FixedGate("CX", pair) for pair in ((1, 2), (0, 1), (2, 0)) * 2)

FIXTURES = {
    "F1": {
        "case": Problem(mhea(3, 2), string("XYZ")),
        "k": 4,
        "encoder": (FixedGate("H", (0,)), FixedGate("H", (1,))),
        "phase_inducer": TWO_LAYERS_UNDONE,
        "gradient_at_zero": 1.0,
        "nonzero": 3,
        "cosines": 11,
        "encoded": (-0.392589685239, 1.067355138254, 0.475223542268),
        "bare": (-0.060996797458, 0.621452564828),
        # width: E g_k, E g_k^2, E|g|^2, E C^2, and E|g|^2 without the encoder
        "gaussian": {
            "D^-1/2": (0.7165313106, 0.5353318078, 1.8687076720, 0.0916704791, 0.2918668309),
            "D^-1/3": (0.4174541902, 0.2356822854, 1.3520543364, 0.1138258606, 0.5859021978),
            "1": (0.0024787522, 0.0396742375, 1.0903759851, 0.1061767539, 1.0096054414),
        },
        "uniform": (0.8946545604, 0.8030792879),
    },
    "F2": {
        "case": Problem(mhea(3, 2), string("ZZZ")),
        "k": 0,
        "encoder": (FixedGate("H", (0,)),),
        "phase_inducer": TWO_LAYERS_UNDONE,
        "gradient_at_zero": -1.0,
        "nonzero": 2,
        "cosines": 5,
        "encoded": (-0.374616919882, 1.044494708193, -0.804941917093),
        "bare": (0.831475967725, 0.708842505691),
        "gaussian": {
            "D^-1/2": (-0.8464817249, 0.7272817171, 1.4605584908, 0.0754648350, 0.4254632523)
        },
        "uniform": (-0.9458618083, 0.8956286527),
    },
    "F3": {
        "case": Problem(mhea(4, 4), string("ZYXX")),
        "k": 37,
        "encoder": (FixedGate("H", (2,)), FixedGate("H", (3,))),
        "phase_inducer": (),
        "gradient_at_zero": 1.0,
        "nonzero": 5,
        "cosines": 22,
        "encoded": (-0.145459803234, 1.127561700457, 0.349262587875),
        "bare": (0.074923538892, 0.656770888534),
        "gaussian": {
            "D^-1/2": (0.7501365668, 0.5788744236, 3.1120691021, 0.0732754237, 0.2045053180),
            "D^-1/3": (0.3740984917, 0.2011808842, 1.7036396457, 0.0871060583, 0.5923238326),
        },
        "uniform": None,
    },
}


@pytest.fixture(params=sorted(FIXTURES))
def known(request):
    return FIXTURES[request.param]


def encoded(known):
    encoder = linear_clifford_encoder(known["case"], known["k"])
    return encoder, Problem(encoder.circuit, known["case"].observable)


def test_fixture_encoders(known):
    encoder, case = encoded(known)
    for name in ("encoder", "phase_inducer", "gradient_at_zero"):
        assert getattr(encoder, name) == known[name]
    assert len(encoder.cosines) == known["cosines"]
    gradient = Statevector(case).gradient(np.zeros((1, case.circuit.num_parameters)))[0]
    assert np.count_nonzero(gradient.round(12)) == known["nonzero"]


def test_fixture_values(known):
    _, case = encoded(known)
    theta = 0.3 * np.sin(1 + np.arange(case.circuit.num_parameters))[None]
    for engine in (PauliPropagation, Statevector):
        value, gradient = engine(case).value_and_gradient(theta)
        assert (value[0], np.linalg.norm(gradient), gradient[0, known["k"]]) == pytest.approx(
            known["encoded"], abs=1e-11
        )
        value, gradient = engine(known["case"]).value_and_gradient(theta)
        assert (value[0], np.linalg.norm(gradient)) == pytest.approx(known["bare"], abs=1e-11)


def test_fixture_moments(known):
    _, case = encoded(known)
    d = case.circuit.num_parameters
    path = SinglePathGradient(case, known["k"])
    for width, (mean, gradient, norm, value, bare) in known["gaussian"].items():
        patch = power_patch(d, {"D^-1/2": 1 / 2, "D^-1/3": 1 / 3, "1": 0.0}[width])
        assert path.mean(patch) == pytest.approx(mean, abs=6e-11)
        assert second_moment(case, patch, known["k"]) == pytest.approx(gradient, abs=6e-11)
        assert gradient_norm_moment(case, patch) == pytest.approx(norm, abs=6e-11)
        assert second_moment(case, patch) == pytest.approx(value, abs=6e-11)
        assert gradient_norm_moment(known["case"], patch) == pytest.approx(bare, abs=6e-11)
        assert mean**2 < path.second_moment(patch) < gradient
        estimate = PauliWalk(case).gradient_moment(known["k"], patch, 20000, 1)
        assert estimate.mean == pytest.approx(gradient, abs=4.5 * estimate.standard_error)
    if known["uniform"]:
        patch = power_patch(d, 1 / 2, kind="uniform")
        assert (path.mean(patch), second_moment(case, patch, known["k"])) == pytest.approx(
            known["uniform"], abs=6e-11
        )


# Published data


def norms(draw, circuit):
    """||grad C|| for the five patches, with and without the encoder."""
    case = Problem(circuit, PauliSum(((1.0, draw.observable),)))
    encoder = linear_clifford_encoder(case, draw.parameter)
    both = (Problem(encoder.circuit, case.observable), case)
    return [np.linalg.norm(Statevector(one).gradient(draw.angles), axis=1) for one in both]


@pytest.mark.parametrize(
    ("n", "half", "third_squared"),
    [
        (2, 1.352, 1.44),
        (3, 1.460, 1.43),
        (4, 1.519, 1.64),
        (5, 1.482, 1.63),
        (6, 1.572, 1.07),
        (7, 1.361, 0.98),
        (8, 1.682, 1.09),
        pytest.param(9, 1.437, 0.65, marks=pytest.mark.slow),
        pytest.param(10, 1.250, 0.43, marks=pytest.mark.slow),
    ],
)
def test_published_gradient_norms(n, half, third_squared):
    """Means over the 50 published runs of mHEA with L = n.

    Of the norm at D^-1/2, and of its square at D^-1/3, all digits given.
    """
    circuit = mhea(n, n)
    runs = np.array(
        [
            norms(trainability_draw(n, circuit.num_parameters, seed), circuit)[0]
            for seed in range(50)
        ]
    )
    assert runs[:, 1].mean() == pytest.approx(half, abs=5.1e-4)
    assert (runs[:, 2] ** 2).mean() == pytest.approx(third_squared, abs=5.1e-3)
    if n == 2:
        assert runs[:, 4].mean() == pytest.approx(1.071, abs=5.1e-4)


@pytest.mark.slow
def test_published_gradient_norms_of_shallow_circuits():
    """mHEA, L = 1, n = 16: with the encoder 1.23, .97, .53, .17, .017.

    Without 2e-7, 3.6e-5, 3.0e-4, 2.1e-3, 7.3e-3.
    """
    circuit = mhea(16, 1)
    runs = np.array(
        [norms(trainability_draw(16, circuit.num_parameters, seed), circuit) for seed in range(50)]
    ).mean(axis=0)
    assert runs[0] == pytest.approx([1.23, 0.97, 0.53, 0.17, 0.017], rel=0.03)
    assert runs[1] == pytest.approx([2e-7, 3.6e-5, 3.0e-4, 2.1e-3, 7.3e-3], rel=0.03, abs=5e-8)


def test_published_starting_points():
    """Mean loss and gradient norm at the start of the five training runs on Z^15, mHEA with L = 5,
    in four patches.
    """
    case = Problem(mhea(15, 5), global_z(15))
    d = case.circuit.num_parameters
    bare, with_encoder = [], []
    for run in range(5):
        draw = encoder_draw(1, d, run)
        encoder = linear_clifford_encoder(case, draw.parameter, term=draw.term)
        for found, problem in (
            (bare, case),
            (with_encoder, Problem(encoder.circuit, case.observable)),
        ):
            value, gradient = Statevector(problem).value_and_gradient(vqe_angles(d, run))
            found.append((value, np.linalg.norm(gradient, axis=1)))
    (bare_loss, bare_norm), (loss, norm) = np.mean(bare, axis=0), np.mean(with_encoder, axis=0)
    assert bare_loss == pytest.approx([0.999, 0.847, 0.442, 0.037], abs=5.1e-4)
    assert loss == pytest.approx([-0.008, 0.035, 0.046, -0.008], abs=6e-4)
    assert bare_norm == pytest.approx([0.042, 0.50, 0.59, 0.11], abs=5.1e-3)
    assert norm == pytest.approx([1.80, 1.50, 0.76, 0.15], abs=5.1e-3)


def test_draws_are_those_of_the_global_generators():
    """The public code seeds globally: the same numbers, without touching any global state."""
    import random  # noqa: TID251

    random.seed(11)
    letters = [random.choice(["I", "X", "Y", "Z"]) for _ in range(6)]
    k = random.randint(0, 83)
    np.random.seed(11)  # noqa: NPY002
    exponents = (1, 1 / 2, 1 / 3, 1 / 5, 0)
    angles = [np.random.normal(0, 84**-exponent, 84) for exponent in exponents]  # noqa: NPY002
    before = (random.getstate(), np.random.get_state()[1].tolist())  # noqa: NPY002
    draw = trainability_draw(6, 84, 11)
    assert (draw.observable.label, draw.parameter) == ("".join(letters)[::-1], k)
    np.testing.assert_array_equal(draw.angles, angles)
    assert PUBLISHED_EXPONENTS == (1.0, 1 / 2, 1 / 3, 1 / 5, 0.0)
    np.testing.assert_array_equal(vqe_angles(84, 4), draw.angles[:4])
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before  # noqa: NPY002
    # One qubit: the identity is drawn in a quarter of the cases, and drawn again.
    assert {trainability_draw(1, 4, seed).observable.label for seed in range(40)} == {"X", "Y", "Z"}


# Counts


def supports(n, layers, order):
    case = Problem(mhea(n, layers), global_z(n))
    d = case.circuit.num_parameters
    encoder = linear_clifford_encoder(case, support_parameter(d))
    found = []
    for one in (case, Problem(encoder.circuit, case.observable)):
        surrogate = TaylorSurrogate(one, order)
        # The published norm squared is the support, since all coefficients are 1 or -1.
        assert set(np.abs(surrogate.derivatives)) <= {1.0}
        found.append(surrogate.support)
    return "/".join(map(str, [*found, num_coefficients(d, order)]))


def test_published_supports_against_depth():
    found = [supports(2, layers, 3) for layers in range(1, 9)]
    assert found == [
        "5/2/45",
        "10/3/91",
        "14/6/153",
        "22/7/231",
        "28/9/325",
        "39/10/435",
        "47/16/561",
        "61/20/703",
    ]


def test_published_supports_against_width():
    found = [supports(n, 1, 3) for n in range(1, 11)]
    assert found == [
        "4/2/15",
        "5/2/45",
        "5/5/91",
        "7/2/153",
        "8/2/231",
        "10/5/325",
        "11/6/435",
        "13/1/561",
        "14/2/703",
        "16/1/861",
    ]


def test_published_supports_are_running_sums():
    """n = 3, m = 4.

    The stored curves start at 9 and 25 and reach 1125 and 2986 at the tenth point, which are the
    sums of the single counts.
    """
    single = np.array(
        [[int(text) for text in supports(3, layers, 4).split("/")[:2]] for layers in range(1, 11)]
    )
    assert single[0].tolist() == [9, 25]
    assert single.sum(axis=0).tolist() == [1125, 2986]


@pytest.mark.parametrize(
    ("n", "orders"),
    [
        (1, (4, 5, 8, 11, 12, 18, 17, 18)),
        (2, (2, 4, 10, 19, 17, 28, 19, 28)),
        (4, (1, 4, 9, 23, 37, 41, 31, 105)),
        (16, (1, 3, 9, 60, 157, 328, 194, 1183)),
        (51, (1, 2, 9, 167, 670, 2089, 1340, 11452)),
        (1048, (1, 1, 9, 3223, 36649, 257069, 326702, 4770930)),
    ],
)
def test_published_orders(n, orders):
    assert tuple(published_order(norm, 1e-6) for norm in threshold_norms(2 * n * (n + 1))) == orders


# Scaling


def mean_moments(n, laws, instances, samples):
    """E[g_k^2] under the encoder for mHEA with L = n, over random strings and parameters.

    Means and standard errors, and mean single paths.
    """
    rng = np.random.default_rng(n)
    circuit = mhea(n, n)
    moments, paths, shares = [], [], []
    for instance in range(instances):
        case = Problem(circuit, PauliSum(((1.0, random_pauli(n, rng)),)))
        encoder = random_encoder(case, rng)
        walk, path = (
            make(Problem(encoder.circuit, case.observable), *k)
            for make, k in ((PauliWalk, ()), (SinglePathGradient, (encoder.parameter,)))
        )
        patches = [law(circuit.num_parameters) for law in laws]
        moments.append(
            [
                walk.gradient_moment(encoder.parameter, patch, samples, instance).mean
                for patch in patches
            ]
        )
        paths.append([path.second_moment(patch) for patch in patches])
        shares.append(len(encoder.cosines) / circuit.num_parameters)
    errors = np.std(moments, axis=0, ddof=1) / math.sqrt(instances)
    return np.mean(moments, axis=0), errors, np.mean(paths, axis=0), float(np.mean(shares))


def half(d):
    return power_patch(d, 1 / 2)


def two_fifths(d):
    return power_patch(d, 2 / 5)


def third(d):
    return power_patch(d, 1 / 3)


def test_scaling_at_8_and_16_qubits():
    """Known to 1 to 4 % of Monte-Carlo error; single paths explain nearly all of it."""
    for n, known in ((8, (0.607, 0.104, 0.27, 0.089)), (16, (0.612, 0.045, 0.17, 0.0205))):
        found, errors, paths, share = mean_moments(
            n, (half, logarithmic_patch, two_fifths, third), 24, 1600
        )
        for one, error, value in zip(found, errors, known, strict=True):
            assert one == pytest.approx(value, abs=3.5 * error + 0.04 * value)
        assert paths[0] / found[0] > 0.98
        assert share == pytest.approx(0.5, abs=0.03)


@pytest.mark.slow
def test_scaling_at_64_qubits():
    found, errors, paths, share = mean_moments(64, (half, logarithmic_patch, two_fifths), 16, 3200)
    for one, error, value in zip(found, errors, (0.605, 0.0103, 0.046), strict=True):
        assert one == pytest.approx(value, abs=3.5 * error + 0.04 * value)
    assert share == pytest.approx(0.5, abs=0.01)
    # At D^-1/3 about 4e-5 is too rare to be walked; the path gives the bound.
    assert paths[0] == pytest.approx(found[0], rel=0.02)


@pytest.mark.slow
def test_scaling_at_512_qubits():
    """D = 525312: still e^-1/2 at D^-1/2, since half of all rotations anticommute."""
    n = 512
    rng = np.random.default_rng(n)
    case = Problem(mhea(n, n), PauliSum(((1.0, random_pauli(n, rng)),)))
    encoder = random_encoder(case, rng)
    d = case.circuit.num_parameters
    assert len(encoder.cosines) / d == pytest.approx(0.5, abs=0.01)
    walk = PauliWalk(Problem(encoder.circuit, case.observable))
    estimate = walk.gradient_moment(encoder.parameter, power_patch(d, 1 / 2), 1280, 0)
    assert estimate.mean == pytest.approx(
        math.exp(-len(encoder.cosines) / d), abs=4 * estimate.standard_error
    )
    assert estimate.mean == pytest.approx(0.605, abs=4 * estimate.standard_error)
    # Reweighted walks know the wider patch, where the moment is D^-1/2 = 0.00138, to 2 % too, and
    # the widest, exp(-D^(1/3) / 2) = 3e-18.
    for patch in (power_patch(d, 1 / 2), logarithmic_patch(d), power_patch(d, 1 / 3)):
        weighted = walk.gradient_moment(
            encoder.parameter, patch, 4096 if patch.size < 0.006 else 2**14, 0, expected_flips=1.0
        )
        path = SinglePathGradient(walk.problem, encoder.parameter).second_moment(patch)
        assert weighted.standard_error < 0.02 * weighted.mean
        assert path * (1 - 1e-9) <= weighted.mean < 1.1 * path


@pytest.mark.parametrize("exponent", [1 / 2, 1 / 3, 1 / 5])
def test_few_sines_miss_what_the_walk_says(exponent):
    """Mean square error of the surrogate with at most kappa sines, over sampled angles, and by the
    walk; the share of E[C^2] beyond.
    """
    _, case = encoded(FIXTURES["F3"])
    patch = power_patch(case.circuit.num_parameters, exponent)
    theta = patch.sample(np.random.default_rng(3), (1000, case.circuit.num_parameters))
    exact = Statevector(case).value(theta)
    walk = PauliWalk(case).value_moment(patch, 60000, 4)
    for sines in (1, 3):
        missed = (PauliPropagation(case, max_sines=sines).value(theta) - exact) ** 2
        error = missed.std() / math.sqrt(len(missed))
        assert missed.mean() == pytest.approx(
            walk.truncation_error(sines), abs=4.5 * (error + walk.standard_error)
        )


def test_three_sines_carry_the_loss_up_to_a_third():
    """93 % of E[C^2] under the encoder at the width D^-1/3, more in smaller patches, below 30 % at
    D^-1/5.
    """
    n = 8
    rng = np.random.default_rng(8)
    circuit = mhea(n, n)
    patches = [
        power_patch(circuit.num_parameters, exponent) for exponent in (1 / 2, 2 / 5, 1 / 3, 1 / 5)
    ]
    total, kept = [], []
    for instance in range(60):
        case = Problem(circuit, PauliSum(((1.0, random_pauli(n, rng)),)))
        walk = PauliWalk(Problem(random_encoder(case, rng).circuit, case.observable))
        moments = [walk.value_moment(patch, 6400, instance) for patch in patches]
        total.append([moment.mean for moment in moments])
        kept.append([moment.mean - moment.truncation_error(3) for moment in moments])
    share = np.sum(kept, axis=0) / np.sum(total, axis=0)
    # Of a ratio of means over instances.
    error = (
        np.std(np.array(kept) - share * np.array(total), axis=0, ddof=1)
        / math.sqrt(60)
        / np.mean(total, axis=0)
    )
    assert error[2] < 0.01
    assert (share[:3] >= 0.93 - 3 * error[:3]).all()
    assert share[0] > share[1] > share[2]
    assert share[3] < 0.3


def test_wide_patches_are_two_designs():
    """sqrt(D E[g^2]) of 2-designs, D = 2 n (n + 1), n = 2 to 16.

    The exact moments at sigma = 1, L = n approach it.
    """
    values = [math.sqrt(2 * n * (n + 1) * two_design_gradient_moment(n)) for n in range(2, 17)]
    known = [
        1.1314,
        1.1638,
        1.0868,
        0.9539,
        0.8039,
        0.6589,
        0.5293,
        0.4189,
        0.3276,
        0.2538,
        0.1951,
        0.1490,
        0.1132,
        0.0856,
        0.0644,
    ]
    assert values == pytest.approx(known, abs=5.1e-5)
    case = Problem(mhea(5, 5), string("XZIYX"))
    assert gradient_norm_moment(case, Patch("gaussian", 1.0)) == pytest.approx(
        values[3] ** 2, rel=0.05
    )


def test_moments_without_an_encoder_need_not_vanish():
    """Z^n has curvature at zero, so that its gradient norm decays no faster than a power.

    Random strings decay exponentially.
    """
    flat, curved = [], []
    for n in (3, 4, 5):
        patch = half(2 * n * (n + 1))
        curved.append(gradient_norm_moment(Problem(mhea(n, n), global_z(n)), patch))
        rng = np.random.default_rng(n)
        flat.append(
            np.mean(
                [
                    second_moment(
                        Problem(mhea(n, n), PauliSum(((1.0, random_pauli(n, rng)),))), patch
                    )
                    for _ in range(10)
                ]
            )
        )
    assert min(curved) > 0.2
    assert max(flat) < 0.2
