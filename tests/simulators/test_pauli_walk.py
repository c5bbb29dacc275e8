"""The second-moment walk: exact averages over all Pauli paths, an unpacked walk, the state vector, published values, closed forms."""

import math

import numpy as np
import pytest

from simulators.problems import ALL_GATES, fixed, problem, rotation
from simulators.test_pauli_engine import conjugated, product
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import FixedGate, PauliRotation
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.pauli import PauliPropagation
from trainscape.simulators.pauli_walk import Patch, PauliWalk
from trainscape.simulators.statevector import Statevector

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
                branches = [(label, sines, 1 - p), (product(label, label_of(gate, n))[1], sines + 1, p)]
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
    front = [gate for q, letter in enumerate(label) for gate in {"X": [fixed("H", q)], "Y": [fixed("H", q), fixed("S", q)]}.get(letter, [])]
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
    assert abs(PauliPropagation(case).gradient(np.zeros_like(theta))[0, k]) == pytest.approx(1.0, abs=1e-14)


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
        gradient, value = walk.gradient_moment(k, patch, 40000, 1), walk.value_moment(patch, 40000, 1)
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


@pytest.mark.parametrize("patch", [Patch("gaussian", 0.4), Patch("uniform", 1.1), Patch("uniform", math.inf)], ids=str)
def test_every_gate_and_scale_equals_the_exact_average(patch):
    case = independent_angles()
    walk = PauliWalk(case)
    value = walk.value_moment(patch, 60000, 3)
    exact = exact_moment(case, patch)
    assert value.mean == pytest.approx(exact.sum(), abs=SIGMAS * value.standard_error)
    for sines in (0, 1, 2, 4):
        assert value.truncation_error(sines) == pytest.approx(exact[sines + 1 :].sum(), abs=SIGMAS * value.standard_error)
    nonzero = 0
    for parameter in range(case.circuit.num_parameters):
        estimate = walk.gradient_moment(parameter, patch, 60000, 4)
        exact = exact_moment(case, patch, parameter)
        assert estimate.mean == pytest.approx(exact.sum(), abs=SIGMAS * estimate.standard_error + 1e-12)
        assert estimate.truncation_error(2) == pytest.approx(exact[3:].sum(), abs=SIGMAS * estimate.standard_error + 1e-12)
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
        estimate = walk.value_moment(patch, 50000, 6) if parameter is None else walk.gradient_moment(parameter, patch, 50000, 6)
        error = math.hypot(estimate.standard_error, squares.std() / math.sqrt(len(squares)))
        assert estimate.mean == pytest.approx(squares.mean(), abs=SIGMAS * error)


def test_packed_equals_unpacked():
    n = 9
    gates = [fixed("H", q) for q in range(0, n, 2)] + mhea(n, 2)
    case = problem(n, 6 * n, gates, "XZYIZZXIY")
    for patch in (Patch("gaussian", 0.2), Patch("uniform", 0.9)):
        for parameter in (None, 5, 24, 40):
            walk = PauliWalk(case)
            ours = walk.value_moment(patch, 40000, 7) if parameter is None else walk.gradient_moment(parameter, patch, 40000, 7)
            theirs = unpacked(case, patch, parameter, 40000, np.random.default_rng(8))
            assert ours.mean == pytest.approx(theirs, abs=SIGMAS * math.sqrt(2) * ours.standard_error)


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
    gates = [rotation("Y" if q % 2 else "X", q, parameter=q) for q in range(n)] + [fixed("CX", q, q + 1) for q in range(n - 1)]
    case = Problem(Circuit(n, n, tuple(gates)), PauliSum(((1.0, PauliString.on(n, {n - 1: "Z"})),)))
    patch = Patch("uniform", 0.04)
    p = patch.flip_probability()
    walk = PauliWalk(case)
    value, gradient = walk.value_moment(patch, 6400, 9), walk.gradient_moment(500, Patch("uniform", math.inf), 640, 9)
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
        far.append(walk.gradient_moment(k, Patch("gaussian", math.sqrt(math.log(d) / d)), 6400, len(near)).mean)
    assert np.mean(near) == pytest.approx(0.605, rel=0.02)
    assert np.mean(far) == pytest.approx(0.0103, rel=0.1)


# Distributions, streams, refusals


@pytest.mark.parametrize("patch", [Patch("gaussian", 0.3), Patch("gaussian", 2.0), Patch("uniform", 0.02), Patch("uniform", 0.7), Patch("uniform", math.inf)], ids=str)  # fmt: skip
def test_flip_probability_is_the_mean_square_sine(patch):
    for scale in (1.0, -0.5):
        squares = np.sin(scale * patch.sample(np.random.default_rng(1), 200000)) ** 2
        assert patch.flip_probability(scale) == pytest.approx(squares.mean(), abs=SIGMAS * squares.std() / math.sqrt(squares.size) + 1e-300)


def test_flip_probability_has_the_known_values():
    assert Patch("gaussian", 1.0).flip_probability() == pytest.approx(0.4323323584, abs=1e-10)
    assert Patch("gaussian", 18**-0.5).flip_probability() == pytest.approx(0.0525803416, abs=1e-10)
    assert Patch("uniform", 18**-0.5).flip_probability() == pytest.approx(0.0183138425, abs=1e-10)
    # The series for small sizes joins the formula.
    below, above = Patch("uniform", 0.03 * (1 - 1e-9)).flip_probability(), Patch("uniform", 0.03 * (1 + 1e-9)).flip_probability()
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
    np.testing.assert_array_equal(parts.flips, whole.flips)
    assert parts.samples == 1000
    assert parts.mean == whole.mean
    np.testing.assert_array_equal(PauliWalk(case).value_moment(patch, 1000, np.random.SeedSequence(11)).flips, whole.flips)
    assert (walk.value_moment(patch, 1000, 12).flips != whole.flips).any()


def test_walks_are_independent_across_lanes_and_words():
    """The variance of the counts of words of 64 is binomial, and neighbouring words are not correlated."""
    case, k, _ = fixture("F1")
    walk, patch = PauliWalk(case), Patch("gaussian", 0.5)
    counts = np.array([walk.gradient_moment(k, patch, 64, 13, first_sample=64 * word).flips.sum() for word in range(2000)])
    rate = counts.mean() / 64
    assert counts.var() == pytest.approx(64 * rate * (1 - rate), rel=SIGMAS * math.sqrt(2 / 2000))
    assert abs(np.corrcoef(counts[:-1], counts[1:])[0, 1]) < SIGMAS / math.sqrt(2000)


def test_what_the_walk_cannot_do_is_named():
    shared = problem(1, 1, [rotation("X", 0), rotation("Y", 0)], "Z")
    with pytest.raises(ValueError, match="gates 0 and 1 share parameter 0"):
        PauliWalk(shared)
    with pytest.raises(ValueError, match="has 2"):
        PauliWalk(problem(1, 1, [rotation("X", 0)], "Z + X"))
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
    with pytest.raises(ValueError, match="cauchy"):
        Patch("cauchy", 1.0)
    with pytest.raises(ValueError, match=r"size of a uniform patch is -1"):
        Patch("uniform", -1.0)
