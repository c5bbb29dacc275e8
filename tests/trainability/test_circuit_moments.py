"""Second moments of any circuit: which way is taken, that all ways agree, and what is refused."""

import math

import numpy as np
import pytest
from scipy.stats import binom

from simulators.problems import fixed, rotation
from trainability.angle_quadrature import quadrature_moments, random_circuit
from trainscape.circuits.ansatze.efficient_su2 import mhea
from trainscape.circuits.ansatze.hardware_efficient import hardware_efficient
from trainscape.circuits.channels import Channel
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import Evolution, Unitary
from trainscape.circuits.light_cone import light_cone
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.pauli.moments import Patch
from trainscape.simulators.statevector.engine import Statevector
from trainscape.trainability import circuit_moments
from trainscape.trainability.circuit_moments import moments, plan_moments

CONTROLLED = Evolution(PauliSum(((0.25, PauliString("IZ")), (-0.25, PauliString("ZZ")))), (0, 1), 0)


def circuit(*gates, parameters=1, qubits=3):
    return Circuit(qubits, parameters, gates)


@pytest.mark.parametrize("method", ["walks", "sampling"])
@pytest.mark.parametrize(
    "angles",
    [{"uniform": True}, {"sigma": 0.6}, {"half_width": 0.5}],
    ids=lambda one: next(iter(one)),
)
def test_every_method_agrees_with_state_vectors(method, angles):
    covered = total = 0
    for seed in range(10):
        case = random_circuit(seed, parameters=4, terms=1 + 2 * (seed % 2))
        found = moments(
            case.circuit, case.observable, method=method, walks=2048, seed=seed, **angles
        )
        exact = moments(case.circuit, case.observable, **angles)
        expected = quadrature_moments(case, found.patch)
        assert exact.method.startswith("sum over all Pauli paths")
        np.testing.assert_allclose(exact.values, expected, atol=1e-14)
        for one, truth in zip(found, expected, strict=True):
            total += 1
            covered += one.low - 1e-14 <= truth <= one.high + 1e-14
    # Derivatives of a circuit are not independent of each other.
    assert covered >= binom.ppf(1e-4, total, 0.95)


def test_a_hundred_qubits_against_the_state_vector_of_the_light_cone():
    wide = hardware_efficient(100, 2, "ring")
    found = moments(wide, "Z50", uniform=True)
    cone = light_cone(Problem(wide, PauliSum.parse("Z50", 100)))
    assert len(cone.qubits) < 8
    draws = np.random.default_rng(1).uniform(-np.pi, np.pi, (4000, len(cone.parameters)))
    squares = Statevector(cone.problem).gradient(draws) ** 2
    errors = squares.std(axis=0) / np.sqrt(len(draws)) + 1e-12
    inside = found.values[list(cone.parameters)]
    assert (np.abs(squares.mean(axis=0) - inside) < 4 * errors).all()
    assert found.values.sum() == pytest.approx(inside.sum())


def test_wide_angles_share_walks_and_small_ones_have_their_own():
    ansatz = mhea(12, 4)
    wide = plan_moments(ansatz, "Z" * 12, uniform=True)
    assert (wide.method, len(wide.asked)) == ("shared walks", ansatz.num_parameters)
    assert plan_moments(ansatz, "Z" * 12, uniform=True, index=3).method == "shared walks"
    small = plan_moments(ansatz, "Z" * 12, sigma=0.05, index=[7, 2], walks=512)
    assert (small.method, small.asked) == ("walks", (7, 2))
    alone = plan_moments(ansatz, "Z" * 12, sigma=0.05, index=7, walks=512)
    assert small.seconds == 2 * alone.seconds
    calls = []
    result = small.run(lambda *call: calls.append(call))
    assert calls == [(1, 2), (2, 2)]
    assert result.parameters == (7, 2)
    assert result["theta7"] is result[7]


def test_own_and_shared_walks_agree_where_nothing_is_exact(monkeypatch):
    """Two estimators that have no line in common."""
    ansatz, observable, angles = mhea(6, 2), "ZZXXII", {"half_width": 1.0}
    shared = moments(ansatz, observable, seed=1, method="walks", **angles)
    assert shared.method.startswith("one set of random Pauli walks")
    chosen = [int(k) for k in np.argsort(-shared.values)[:4]]
    monkeypatch.setattr(circuit_moments, "WIDE", 0.5)
    own = moments(ansatz, observable, seed=2, index=chosen, method="walks", **angles)
    assert not own.method.startswith("one set")
    for k, one in zip(chosen, own, strict=True):
        error = math.hypot(one.standard_error, shared[k].standard_error)
        assert abs(one.value - shared[k].value) < 4 * error < 2 * one.value


def test_what_the_observable_does_not_depend_on_is_no_obstacle():
    """A T gate, a shared angle and a parameter, all on other qubits."""
    case = circuit(
        rotation("X", 0, parameter=0),
        rotation("X", 1, parameter=1),
        rotation("Y", 2, parameter=1),
        fixed("T", 1),
        rotation("X", 2, parameter=2),
        parameters=3,
    )
    found = moments(case, "Z0", uniform=True)
    np.testing.assert_allclose(found.values, [0.5, 0, 0], atol=1e-16)
    # Y and X rotations of qubit 2: <Z> = cos b cos c.
    np.testing.assert_allclose(moments(case, "Z2", uniform=True).values, [0, 0.25, 0.25])


@pytest.mark.parametrize(
    ("gates", "message"),
    [
        ((rotation("X", 0), fixed("H", 0), fixed("T", 0), fixed("H", 0)), r"gate 2 \(T on qubit 0\) has"),
        (
            (rotation("X", 0), Evolution.of_pauli("X", (0,), None, offset=0.3)),
            r"gate 1 \(evolution under 0.5\*X on qubit 0\) has a constant angle",
        ),
        ((Unitary.of([[0.6, 0.8], [-0.8, 0.6]], (0,)), rotation("X", 0)), "general unitary on qubit 0"),
        (
            (fixed("H", 0), fixed("H", 1), CONTROLLED, fixed("H", 1), fixed("CX", 1, 0)),
            r"turns several Pauli rotations, in gate 2 \(evolution under 0.25\*IZ .* does, and",
        ),
        (
            (rotation("X", 0), rotation("X", 1, scale=2.0), fixed("CX", 1, 0), rotation("X", 0)),
            r"in gates 0 \(rotation about X on qubit 0\), 1 \(.*\), 3 \(.*\), and products",
        ),
        ((rotation("X", 0), Channel("depolarising", (0,), 0.1)), "noise"),
    ],
)  # fmt: skip
def test_gates_that_paths_cannot_take(gates, message):
    with pytest.raises(ValueError, match=message):
        moments(circuit(*gates), "Z0", uniform=True)


def test_sampling_takes_them():
    """<Z> = cos(2 t) of a shared angle, and rotations with a T gate between."""
    shared = circuit(rotation("X", 0), rotation("X", 0))
    found = moments(shared, "Z0", uniform=True, method="sampling", walks=4096)
    assert found[0].low <= 2.0 <= found[0].high
    # The T gate turns X into (X + Y) / sqrt 2, so that <X> = sin(t) / sqrt 2.
    turned = circuit(rotation("Y", 0), fixed("T", 0))
    found = moments(turned, "X0", sigma=0.3, method="sampling", walks=4096)
    truth = (1 - Patch("gaussian", 0.3).flip_probability()) / 2
    assert found[0].low <= truth <= found[0].high
    assert moments(turned, "Y1", sigma=0.3, method="sampling")[0].high == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "say how the angles are distributed"),
        ({"sigma": 0.1, "uniform": True}, "one of --sigma S"),
        ({"sigma": 0.0}, "--sigma is 0.0; give an angle above 0"),
        ({"sigma": math.inf}, "--sigma is inf"),
        ({"half_width": -1.0}, "--half-width is -1.0"),
        ({"uniform": True, "index": 4}, r"no parameter 4: the circuit has 4, .*theta0 to theta3"),
        ({"uniform": True, "index": [0, -1]}, "no parameter -1"),
        ({"uniform": True, "walks": 0}, "0 walks"),
    ],
)
def test_options_that_mean_nothing(options, message):
    with pytest.raises(ValueError, match=message):
        moments(hardware_efficient(2, 1, "open"), "ZZ", **options)


@pytest.mark.parametrize(
    ("ansatz", "observable", "message"),
    [
        (circuit(fixed("H", 0), parameters=0), "Z0", "no parameters"),
        (hardware_efficient(2, 1, "open"), "3*II", "multiple of the identity"),
        (hardware_efficient(2, 1, "open"), "ZZZ", "2 qubits, but the observable has 3"),
    ],
)
def test_problems_without_moments(ansatz, observable, message):
    with pytest.raises(ValueError, match=message):
        moments(ansatz, observable, uniform=True)


def test_the_identity_part_of_an_observable_does_not_count():
    ansatz = hardware_efficient(3, 2, "open")
    plain = moments(ansatz, "ZZI", sigma=0.4).values
    np.testing.assert_array_equal(moments(ansatz, "ZZI + 7*III", sigma=0.4).values, plain)


def test_exact_sums_on_request():
    with pytest.raises(ValueError, match="too many Pauli strings"):
        moments(mhea(40, 2), "Z" * 40, uniform=True, method="exact")
