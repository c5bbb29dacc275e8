"""The linear Clifford encoder: the derivative at zero against two engines, for every parameter;
published fixtures; variants; choices."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.problems import fixed, problem, rotation
from trainscape.circuits.ansatze.efficient_su2 import fhea, mhea
from trainscape.circuits.ansatze.random_axis import rpqc
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.encoders import (
    EncodingError,
    best_encoder,
    linear_clifford_encoder,
    random_encoder,
)
from trainscape.circuits.gates import FixedGate, PauliRotation
from trainscape.physics.hamiltonians import (
    global_z,
    heisenberg,
    random_pauli,
    transverse_field_ising,
)
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.pauli.propagation import PauliPropagation
from trainscape.simulators.statevector.engine import Statevector


def ansatz(name, n, depth):
    layers = n if depth == "deep" else 1
    if name == "rpqc":
        return rpqc(n, 2 * n if depth == "deep" else 5, np.random.default_rng(n))
    return {"mhea": mhea, "fhea": fhea}[name](n, layers)


def one_string(circuit, rng):
    return Problem(circuit, PauliSum(((1.0, random_pauli(circuit.num_qubits, rng)),)))


def check_landscape(engine, case, encoder):
    """C(t e_k) = g sin t for the encoded circuit."""
    angles = np.array([0.0, 0.7, -2.1])
    theta = np.zeros((3, case.circuit.num_parameters))
    theta[:, encoder.parameter] = angles
    value = engine(Problem(encoder.circuit, case.observable)).value(theta + encoder.offset)
    np.testing.assert_allclose(value, encoder.gradient_at_zero * np.sin(angles), atol=1e-12)


@pytest.mark.parametrize("name", ["mhea", "fhea", "rpqc"])
@pytest.mark.parametrize("depth", ["deep", "shallow"])
@pytest.mark.parametrize("n", range(2, 9))
def test_every_derivative_is_one(name, n, depth):
    rng = np.random.default_rng(n)
    circuit = ansatz(name, n, depth)
    zero = np.zeros((1, circuit.num_parameters))
    for k in range(circuit.num_parameters):
        case = one_string(circuit, rng)
        encoder = linear_clifford_encoder(case, k)
        assert abs(encoder.gradient_at_zero) == 1.0
        assert encoder.value_at_zero == 0.0
        value, gradient = PauliPropagation(
            Problem(encoder.circuit, case.observable)
        ).value_and_gradient(zero)
        assert gradient[0, k] == pytest.approx(encoder.gradient_at_zero, abs=1e-12)
        assert value[0] == pytest.approx(0.0, abs=1e-12)
        # Derivatives at Clifford points are 0, 1 or -1, so that the squared norm is an integer.
        assert set(np.abs(gradient[0]).round(12)) <= {0.0, 1.0}
        if n <= 4:
            check_landscape(Statevector, case, encoder)


def check_thousand_qubits(count):
    n = 1000
    rng = np.random.default_rng(7)
    circuit = mhea(n, 2)
    for k in rng.choice(circuit.num_parameters, count, replace=False).tolist():
        case = one_string(circuit, rng)
        encoder = linear_clifford_encoder(case, k)
        engine = PauliPropagation(Problem(encoder.circuit, case.observable), reduce=False)
        gradient = engine.gradient(np.zeros((1, circuit.num_parameters)))
        assert abs(gradient[0, k]) == pytest.approx(1.0, abs=1e-12)
        assert gradient[0, k] == pytest.approx(encoder.gradient_at_zero, abs=1e-12)


def test_a_thousand_qubits():
    check_thousand_qubits(2)


@pytest.mark.slow
def test_a_thousand_qubits_for_a_hundred_parameters():
    check_thousand_qubits(100)


@st.composite
def clifford_problems(draw):
    """Random Clifford gates and rotations about strings of up to three letters, each with a
    parameter and scale of its own; one random string."""
    n = draw(st.integers(1, 4))
    names = [
        name
        for name, size in {"H": 1, "S": 1, "X": 1, "Y": 1, "Z": 1, "CX": 2, "CZ": 2}.items()
        if size <= n
    ]
    gates, count = [], 0
    for _ in range(draw(st.integers(1, 12))):
        if draw(st.booleans()):
            name = draw(st.sampled_from(names))
            gates.append(
                FixedGate(
                    name, tuple(draw(st.permutations(range(n)))[: 2 if len(name) == 2 else 1])
                )
            )
        else:
            size = draw(st.integers(1, min(n, 3)))
            letters = draw(st.text("XYZ", min_size=size, max_size=size))
            gates.append(
                PauliRotation(
                    letters,
                    tuple(draw(st.permutations(range(n)))[:size]),
                    count,
                    draw(st.sampled_from([1.0, -0.5, 2.0])),
                )
            )
            count += 1
    gates.append(PauliRotation("Y", (0,), count))
    label = draw(st.text("IXYZ", min_size=n, max_size=n).filter(lambda text: set(text) != {"I"}))
    return Problem(
        Circuit(n, count + 1, tuple(gates)),
        PauliSum.of([(draw(st.sampled_from([1.0, -1.5])), label)]),
    )


@settings(max_examples=40)
@given(clifford_problems(), st.sampled_from([None, 1, -1]))
def test_any_circuit_generator_scale_and_sign(case, sign):
    """All three variants on every parameter: derivative, sign, landscape; what is said of support
    and of cosines."""
    weight = case.observable.terms[0][0]
    scales = {
        gate.parameter: gate.scale for gate in case.circuit.gates if isinstance(gate, PauliRotation)
    }
    for k, scale in scales.items():
        for variant in ("gates", "q-only", "angles"):
            try:
                encoder = linear_clifford_encoder(case, k, variant=variant, sign=sign)
            except EncodingError:
                assert variant != "gates"
                continue
            assert abs(encoder.gradient_at_zero) == abs(weight * scale)
            assert encoder.value_at_zero == 0.0
            if sign is not None:
                assert math.copysign(1, encoder.gradient_at_zero) == sign
            engine = Statevector(Problem(encoder.circuit, case.observable))
            theta = np.zeros((2, case.circuit.num_parameters))
            theta[1, k] = 0.3
            value, gradient = engine.value_and_gradient(theta + encoder.offset)
            assert gradient[0, k] == pytest.approx(encoder.gradient_at_zero, abs=1e-12)
            assert value[0] == pytest.approx(0.0, abs=1e-12)
            assert value[1] == pytest.approx(
                encoder.gradient_at_zero / scale * math.sin(scale * 0.3), abs=1e-12
            )
            np.testing.assert_allclose(
                Statevector(Problem(encoder.around_zero(), case.observable)).value(theta),
                engine.value(theta + encoder.offset),
                atol=1e-12,
            )
            assert len(encoder.support) >= 1
            assert k not in encoder.cosines
            if variant != "gates":
                assert encoder.phase_inducer == ()
            if variant == "angles":
                assert encoder.circuit == case.circuit
                assert encoder.encoder == ()


def test_every_rule_of_the_phase_inducer():
    """One rotation, one string: the gates that the construction prescribes for each letter that the
    rotation meets."""

    def inducer(generator, label, *qubits):
        case = Problem(
            Circuit(len(label), 1, (rotation(generator, *(qubits or (0,))),)), PauliSum.parse(label)
        )
        return linear_clifford_encoder(case, 0).phase_inducer

    assert inducer("X", "Y") == ()
    assert inducer("X", "X") == (fixed("H", 0),)
    assert inducer("Z", "Z") == (fixed("H", 0),)
    assert inducer("Y", "Y") == (fixed("S", 0),)
    assert inducer("Z", "IX") == (fixed("CX", 1, 0),)  # X arrives at qubit 0
    assert inducer("X", "IX") == (fixed("H", 0), fixed("CX", 1, 0))
    assert inducer("X", "IZ") == (fixed("CX", 0, 1),)  # Z arrives
    assert inducer("Z", "IIZ") == (fixed("H", 0), fixed("CX", 0, 2))
    assert inducer("Y", "IYZ") == (fixed("CX", 1, 0),)  # the smallest qubit with a letter
    # Products: both letters anticommute, so that one is turned to commute.
    assert inducer("ZZ", "XX", 0, 1) == (fixed("H", 0),)
    assert inducer("ZZ", "XI", 0, 1) == ()
    assert inducer("XY", "IIZ", 0, 1) == (fixed("CX", 0, 2),)


def test_offsets_replace_the_gates_on_first_layers():
    """For a string that anticommutes at gate k of mHEA: pi/2 on RY for a letter X, on RY and RZ for
    a letter Y, nothing else."""
    n, layers = 5, 5
    circuit, rng, seen = mhea(n, layers), np.random.default_rng(0), 0
    while seen < 30:
        case, k = one_string(circuit, rng), int(rng.integers(2 * n, circuit.num_parameters))
        try:
            gates = linear_clifford_encoder(case, k, variant="q-only")
        except EncodingError:
            continue
        seen += 1
        expected = np.zeros(circuit.num_parameters)
        for gate in gates.encoder:
            q = gate.qubits[0]
            expected[q] = math.pi / 2
            if gate.name == "S":
                expected[n + q] = math.pi / 2
        encoder = linear_clifford_encoder(case, k, variant="angles")
        np.testing.assert_array_equal(encoder.offset, expected)
        assert abs(Statevector(case).gradient(encoder.offset[None])[0, k]) == pytest.approx(
            1.0, abs=1e-12
        )


def test_offsets_are_found_nearly_wherever_they_exist():
    """Against all 2^D choices of quarter turns of a small circuit: of 120 pairs of string and
    parameter 89 can be encoded, and 86 are."""
    circuit = mhea(2, 1)
    d = circuit.num_parameters
    points = (math.pi / 2) * np.array(np.unravel_index(np.arange(2**d), (2,) * d)).T
    possible = found = 0
    for label in [a + b for a in "IXYZ" for b in "IXYZ"][1:]:
        case = Problem(circuit, PauliSum.parse(label))
        gradient = np.abs(PauliPropagation(case).gradient(points))
        for k in range(d):
            exists = bool((gradient[points[:, k] == 0, k] > 0.5).any())
            try:
                linear_clifford_encoder(case, k, variant="angles")
            except EncodingError:
                possible += exists
                continue
            assert exists
            possible, found = possible + 1, found + 1
    assert (found, possible) == (86, 89)


def test_a_sum_of_strings():
    """The encoder of one term of a Hamiltonian: other terms add to the derivative, and to the
    value."""
    case = Problem(mhea(4, 2), heisenberg(4))
    engine_gradients = []
    for term in range(len(case.observable.terms)):
        for k in (0, 9, 23):
            encoder = linear_clifford_encoder(case, k, term=term)
            value, gradient = Statevector(
                Problem(encoder.circuit, case.observable)
            ).value_and_gradient(np.zeros((1, 24)))
            assert gradient[0, k] == pytest.approx(encoder.gradient_at_zero, abs=1e-12)
            assert value[0] == pytest.approx(encoder.value_at_zero, abs=1e-12)
            engine_gradients.append(encoder.gradient_at_zero)
    assert len(set(engine_gradients)) > 2


def test_random_choices_are_uniform_and_reproducible():
    case = Problem(mhea(2, 1), PauliSum.parse("ZX + XI + 0.3*II"))
    draws = [random_encoder(case, np.random.default_rng(seed)) for seed in range(800)]
    counts = np.zeros((3, 8))
    for encoder in draws:
        counts[encoder.term, encoder.parameter] += 1
    assert not counts[2].any()
    # Chi squared with 15 degrees of freedom: above 37.7 with probability 0.001.
    assert ((counts[:2] - 50) ** 2 / 50).sum() < 37.7
    again = random_encoder(case, np.random.default_rng(0))
    assert (again.term, again.parameter, again.circuit) == (
        draws[0].term,
        draws[0].parameter,
        draws[0].circuit,
    )


def test_the_best_choice_is_the_least_of_all():
    case = Problem(mhea(3, 1), transverse_field_ising(3, 1.0, 2.0))
    best = best_encoder(case)
    everything = [
        linear_clifford_encoder(case, k, term=term) for term in range(6) for k in range(12)
    ]
    least = min(encoder.value_at_zero for encoder in everything)
    assert best.value_at_zero == least < 0
    tied = [encoder for encoder in everything if encoder.value_at_zero == least]
    assert abs(best.gradient_at_zero) == max(abs(encoder.gradient_at_zero) for encoder in tied)
    # For one string only the number of cosines differs.
    single = Problem(mhea(3, 1), global_z(3))
    fewest = min(len(linear_clifford_encoder(single, k).cosines) for k in range(12))
    assert len(best_encoder(single).cosines) == fewest


def test_variants_that_cannot_say_so():
    case = problem(2, 1, [rotation("Z", 0)], "ZI")
    with pytest.raises(
        EncodingError, match=r"ZI commutes with the rotation of parameter 0.*the variant gates"
    ):
        linear_clifford_encoder(case, 0, variant="q-only")
    with pytest.raises(EncodingError, match="no offset of the angles was found"):
        linear_clifford_encoder(case, 0, variant="angles")
    for choose in (
        lambda: random_encoder(case, np.random.default_rng(0), variant="q-only"),
        lambda: best_encoder(case, variant="angles"),
    ):
        with pytest.raises(ValueError, match="can encode no pair"):
            choose()
    with pytest.raises(ValueError, match="unknown variant 'both'"):
        linear_clifford_encoder(case, 0, variant="both")
    with pytest.raises(ValueError, match="no term 1; the observable has 1"):
        linear_clifford_encoder(case, 0, term=1)
    with pytest.raises(ValueError, match="term 0 of the observable is the identity"):
        linear_clifford_encoder(problem(2, 1, [rotation("Z", 0)], "II"), 0)
    with pytest.raises(ValueError, match="no parameter 4"):
        linear_clifford_encoder(case, 4)
