"""The second-moment walk: exact averages over all Pauli paths, quadrature, an unpacked walk, the state vector, published values, closed forms."""

import itertools
import math

import numpy as np
import pytest

from simulators.problems import ALL_GATES, fixed, problem, rotation
from simulators.test_pauli_engine import conjugated, product
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import FixedGate, PauliRotation
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.pauli.moments import MomentEstimate, Patch
from trainscape.simulators.pauli.propagation import PauliPropagation
from trainscape.simulators.pauli.walk import PauliWalk
from trainscape.simulators.statevector.engine import Statevector

SIGMAS = 4.5  # standard errors that a Monte-Carlo mean may be off; all seeds are fixed


def label_of(gate, n):
    return PauliString.on(n, dict(zip(gate.qubits, gate.pauli, strict=True))).label


def anticommute(a, b):
    return sum(p != q and "I" not in (p, q) for p, q in zip(a, b, strict=True)) % 2 == 1


def exact_moment(case, patch, parameter=None):
    """The second moment as a list over the number of sines, by summation over all Pauli paths: probabilities of all labels, gate by gate."""
    (weight, string), n = case.observable.terms[0], case.circuit.num_qubits
    state, factor = {(string.label, 0): 1.0}, weight**2
    for gate in reversed(case.circuit.gates):
        following = {}
        for (label, sines), probability in state.items():
            if isinstance(gate, FixedGate):
                branches = [(conjugated(gate, label)[1], sines, 1.0)]
            elif not anticommute(label, label_of(gate, n)):
                branches = [] if gate.parameter == parameter else [(label, sines, 1.0)]
            else:
                p = patch.flip_probability(gate.scale)
                p = 1 - p if gate.parameter == parameter else p
                branches = [
                    (label, sines, 1 - p),
                    (product(label, label_of(gate, n))[1], sines + 1, p),
                ]
            for target, count, share in branches:
                following[target, count] = following.get((target, count), 0.0) + share * probability
        state = following
        if isinstance(gate, PauliRotation) and gate.parameter == parameter:
            factor *= gate.scale**2
    total = np.zeros(len(case.circuit.gates) + 1)
    for (label, sines), probability in state.items():
        if not set(label) & set("XY"):
            total[sines] += factor * probability
    return total


def unpacked(case, patch, parameter, samples, rng):
    """The walk with one NumPy row a walker: the fraction that counts, before factors. Single-letter rotations, CX and H."""
    n = case.circuit.num_qubits
    string = case.observable.terms[0][1]
    x = np.tile([letter in "XY" for letter in string.label], (samples, 1))
    z = np.tile([letter in "ZY" for letter in string.label], (samples, 1))
    living = np.ones(samples, dtype=bool)
    assert x.shape == (samples, n)
    for gate in reversed(case.circuit.gates):
        if isinstance(gate, FixedGate):
            if gate.name == "H":
                q = gate.qubits[0]
                x[:, q], z[:, q] = z[:, q].copy(), x[:, q].copy()
            else:
                assert gate.name == "CX"
                control, target = gate.qubits
                x[:, target] ^= x[:, control]
                z[:, control] ^= z[:, target]
            continue
        q, p = gate.qubits[0], patch.flip_probability(gate.scale)
        has_x, has_z = gate.pauli in "XY", gate.pauli in "ZY"
        anti = (z[:, q] & has_x) ^ (x[:, q] & has_z)
        if gate.parameter == parameter:
            living &= anti
            p = 1 - p
        flip = anti & (rng.random(samples) < p)
        x[:, q] ^= flip & has_x
        z[:, q] ^= flip & has_z
    return (living & ~x.any(axis=1)).mean()


# The ansatz of arXiv 2507.06344


def mhea(n, layers):
    """EfficientSU2 with RY, RZ and circular CX: layers of RY, RZ on all qubits, then CX(n-1, 0), CX(0, 1), ..., CX(n-2, n-1); the last has no CX."""
    gates = []
    for layer in range(layers + 1):
        for axis, letter in enumerate("YZ"):
            gates += [rotation(letter, q, parameter=2 * n * layer + n * axis + q) for q in range(n)]
        if layer < layers:
            gates += [fixed("CX", (q - 1) % n, q) for q in range(n)]
    return gates


def encoded(gates, observable, k, appended=()):
    """Clifford gates H and S in front such that the derivative by parameter k at zero is +-1 (the observable must anticommute at gate k)."""
    n = len(observable)
    label = observable
    for gate in reversed([*gates, *appended]):
        if isinstance(gate, FixedGate):
            label = conjugated(gate, label)[1]
        elif gate.parameter == k:
            generator = label_of(gate, n)
            if not anticommute(label, generator):
                return None
            label = product(generator, label)[1]
    front = [
        gate
        for q, letter in enumerate(label)
        for gate in {"X": [fixed("H", q)], "Y": [fixed("H", q), fixed("S", q)]}.get(letter, [])
    ]
    count = sum(isinstance(gate, PauliRotation) for gate in gates)
    return problem(n, count, [*front, *gates, *appended], observable)


# n, layers, observable, k, whether the six CX follow; then value and derivatives at 0.3 sin(1 + j), and moments at D^-1/2, D^-1/3 (Gaussian)
FIXTURES = {
    "F1": (3, 2, "XYZ", 4, True, (-0.392589685239, 1.067355138254, 0.475223542268), (0.5353318078, 1.8687076720, 0.0916704791), (0.2356822854, 1.3520543364, 0.1138258606)),
    "F2": (3, 2, "ZZZ", 0, True, (-0.374616919882, 1.044494708193, -0.804941917093), (0.7272817171, 1.4605584908, 0.0754648350), None),
    "F3": (4, 4, "ZYXX", 37, False, (-0.145459803234, 1.127561700457, 0.349262587875), (0.5788744236, 3.1120691021, 0.0732754237), (0.2011808842, 1.7036396457, 0.0871060583)),
}  # fmt: skip


def fixture(name):
    n, layers, observable, k, follows, *numbers = FIXTURES[name]
    appended = [fixed("CX", *pair) for pair in ((1, 2), (0, 1), (2, 0)) * 2] if follows else []
    return encoded(mhea(n, layers), observable, k, appended), k, numbers


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


def independent_angles():
    """Every kind of gate twice, each rotation with a parameter and most with a scale of their own, several letters."""
    gates = [rotation("XYXY"[q], q, parameter=q, scale=1.5 - q / 2 or 2.0) for q in range(4)]
    for gate in (*ALL_GATES, *ALL_GATES):
        gates.append(PauliRotation(gate.pauli, gate.qubits, sum(isinstance(g, PauliRotation) for g in gates), gate.scale) if isinstance(gate, PauliRotation) else gate)  # fmt: skip
    return problem(4, sum(isinstance(g, PauliRotation) for g in gates), gates, "-1.3*ZXYI")


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
    """Mean square of what the engine drops beyond two sines, over sampled angles, for the value and one derivative."""
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
    """E[g_k^2] = 0.605 at sigma = D^-1/2 and L = n = 64, over random observables and gates, to 2 %, and 0.0103 +- 4 % at sqrt(ln D / D)."""
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


# Sums of Pauli strings, whole gradients, rare walks


def small(observable):
    """Six rotations with scales, several letters, and Clifford gates, on three qubits."""
    gates = [
        rotation("Y", 0, parameter=0),
        rotation("X", 1, parameter=1, scale=0.5),
        fixed("CX", 0, 1),
        rotation("ZZ", 1, 2, parameter=2),
    ]
    gates += [
        fixed("H", 2),
        fixed("S", 0),
        rotation("Y", 2, parameter=3, scale=-1.5),
        fixed("CZ", 0, 2),
    ]
    gates += [rotation("XY", 0, 1, parameter=4), rotation("Z", 0, parameter=5)]
    return problem(3, 6, gates, observable)


def quadrature(case, patch):
    """E[C^2] and E[g_k^2] by five nodes for each angle, exact for trigonometric polynomials of degree two, which C^2 and g_k^2 are."""
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
    two = PauliWalk(problem(2, 2, [rotation("Y", 0), rotation("Y", 1, parameter=1)], "ZI + 2*IZ"))
    assert len(two._weights) == 3
    patch = Patch("gaussian", 0.3)
    exact = 5 * (1 - patch.flip_probability()) + 4 * patch.mean_cosine() ** 2
    estimate = two.value_moment(patch, 50000, 0)
    assert estimate.mean == pytest.approx(exact, abs=SIGMAS * estimate.standard_error)
    assert exact > 5.5
    # On the circle the pair vanishes, and with it every trace of it.
    assert two.value_moment(Patch("uniform", math.inf), 100, 0).unit == 5.0
    assert len(PauliWalk(problem(1, 1, [rotation("Y", 0)], "Z + X"))._weights) == 2
    # Strings that anticommute are never both diagonal: these have the images -Y and X.
    assert len(PauliWalk(problem(1, 1, [rotation("Z", 0), fixed("H", 0)], "Y + Z"))._weights) == 2


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
    """sin(a + b) on one qubit times cos(a + b) on the others: E[g^2] = E[cos(a + b)^2]^n, at which no plain walk would ever arrive."""
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
    """mHEA, n = L = 64, sigma = D^-1/3: the path without flips is (1-p)^(A+1), and the others add a few per cent, as at smaller n."""
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
    """One flip among many would be needed: nothing is seen in 64 walks, and the error says that something may have been missed."""
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
    """Walks that flipped far more often than expected weigh next to nothing; meeting some of them must not lower the error."""
    nothing = MomentEstimate.of(np.empty(0, dtype=np.int64), np.empty(0), 1000, 2.0, 0.1)
    negligible = MomentEstimate.of(np.array([40, 41]), np.array([1e-12, 1e-13]), 1000, 2.0, 0.1)
    assert negligible.standard_error == pytest.approx(nothing.standard_error, rel=1e-9)
    heavy = MomentEstimate.of(np.array([1]), np.array([5.0]), 1000, 2.0, 0.1)
    assert heavy.standard_error > 2 * nothing.standard_error


# Distributions, streams, refusals


@pytest.mark.parametrize("patch", [Patch("gaussian", 0.3), Patch("gaussian", 2.0), Patch("uniform", 0.02), Patch("uniform", 0.7), Patch("uniform", math.inf)], ids=str)  # fmt: skip
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


def assert_equal_estimates(one, other):
    for column in ("flips", "weights", "counts"):
        np.testing.assert_array_equal(getattr(one, column), getattr(other, column))
    assert (one.mean, one.samples, one.standard_error) == (
        other.mean,
        other.samples,
        other.standard_error,
    )


def test_walks_are_independent_across_lanes_and_words():
    """The variance of the counts of words of 64 is binomial, and neighbouring words are not correlated."""
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
