"""Strings merged by the symmetries of a circuit."""

import numpy as np
import pytest

from simulators.problems import fixed
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import PauliRotation
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.dense import Dense
from trainscape.simulators.pauli import values
from trainscape.simulators.pauli.orbits import permutation_group, translations
from trainscape.simulators.pauli.propagation import PauliPropagation

N = 8
REFLECTION = tuple(-q % N for q in range(N))
ALL = "ZIIIIIII + IIXIIIII - 0.5*IZIIIZII"


def trotter(steps=3, extra=(), clifford=False, observable=ALL):
    """Layers of ZZ, X and, if asked for, CZ on a ring, with angles of their own in each layer."""
    gates, parameter = list(extra), 0
    for _ in range(steps):
        gates += [PauliRotation("ZZ", (q, (q + 1) % N), parameter) for q in range(N)]
        gates += [PauliRotation("X", (q,), parameter + 1) for q in range(N)]
        if clifford:
            gates += [fixed("CZ", q, (q + 1) % N) for q in range(N)]
        parameter += 2
    return Problem(Circuit(N, parameter, tuple(gates)), PauliSum.parse(observable))


def thetas(case, samples=3):
    return np.random.default_rng(0).uniform(-3, 3, (samples, case.circuit.num_parameters))


@pytest.mark.parametrize("clifford", [False, True])
def test_values_equal_the_state_vector_and_terms_are_few(clifford):
    case = trotter(clifford=clifford)
    theta = thetas(case)
    engine = PauliPropagation(case, symmetries=(*translations(N), REFLECTION))
    np.testing.assert_allclose(engine.value(theta), Dense(case).value(theta), rtol=0, atol=1e-12)
    merged = engine.last_truncation.terms.max()
    plain = PauliPropagation(case)
    plain.value(theta)
    # Within a layer, the images of a string come apart again.
    assert 2 * merged < plain.last_truncation.terms.max()
    assert engine.last_truncation.is_exact


def test_an_observable_that_is_not_symmetric():
    case = trotter(observable="ZIIXIIII")
    theta = thetas(case)
    np.testing.assert_allclose(
        PauliPropagation(case, symmetries=translations(N)).value(theta),
        Dense(case).value(theta),
        rtol=0,
        atol=1e-12,
    )


def test_only_the_symmetric_end_of_a_circuit_is_used():
    """Gates in front, in time, are passed last: with them no rest is symmetric."""
    case = trotter(extra=[PauliRotation("Y", (2,), 0)])
    with pytest.raises(ValueError, match="does not change into itself"):
        PauliPropagation(case, symmetries=translations(N)).value(thetas(case))
    gates = (*trotter().circuit.gates, PauliRotation("Y", (2,), 0), PauliRotation("XX", (2, 5), 1))
    behind = Problem(Circuit(N, 6, gates), PauliSum.parse(ALL))
    theta = thetas(behind)
    engine = PauliPropagation(behind, symmetries=translations(N))
    np.testing.assert_allclose(engine.value(theta), Dense(behind).value(theta), rtol=0, atol=1e-12)


def test_unequal_angles_are_no_symmetry():
    gates = tuple(PauliRotation("X", (q,), q) for q in range(N))
    case = Problem(Circuit(N, N, gates), PauliSum.parse("ZIIIIIII"))
    engine = PauliPropagation(case, symmetries=translations(N))
    assert engine.value(np.full((1, N), 0.3))[0] == pytest.approx(np.cos(0.3), abs=1e-15)
    with pytest.raises(ValueError, match="equal angles"):
        engine.value(np.linspace(0.1, 0.8, N)[None])


def test_orbits_in_shards_and_with_truncation(monkeypatch):
    case = trotter(steps=4)
    theta = thetas(case)
    whole = PauliPropagation(case, symmetries=translations(N), min_coefficient=1e-5)
    expected = whole.value(theta)
    np.testing.assert_allclose(expected, Dense(case).value(theta), rtol=0, atol=1e-2)
    monkeypatch.setattr(values, "UNDIVIDED", 64)
    monkeypatch.setattr(values, "SHARD_ROWS", 32)
    for threads in (1, 2):
        engine = PauliPropagation(
            case, symmetries=translations(N), min_coefficient=1e-5, threads=threads
        )
        np.testing.assert_allclose(engine.value(theta), expected, rtol=0, atol=1e-12)


def test_translations_of_a_grid():
    rows, columns = translations(2, 3)
    assert rows == (3, 4, 5, 0, 1, 2)
    assert columns == (1, 2, 0, 4, 5, 3)
    assert len(permutation_group((rows, columns), 6, 1)) == 5


def test_bits_of_a_group_on_two_words():
    swap = tuple(65 - q for q in range(66))
    (bits,) = permutation_group((swap,), 66, 2)
    assert bits[0] == 65
    assert bits[128] == 128 + 65
    assert bits[127] == 127


@pytest.mark.parametrize(
    ("symmetries", "options", "message"),
    [
        (((0, 1, 2, 3, 4, 5, 6, 6),), {}, "no permutation of the 8 qubits"),
        ((tuple(range(7)),), {}, "no permutation of the 8 qubits"),
        (
            ((1, 0, 2, 3, 4, 5, 6, 7), (1, 2, 3, 4, 5, 6, 7, 0)),
            {},
            "more than 4096 permutations",
        ),
        (translations(N), {"max_weight": 3}, "max_weight and max_sines do not allow"),
    ],
)
def test_bad_symmetries_are_named(symmetries, options, message):
    with pytest.raises(ValueError, match=message):
        PauliPropagation(trotter(), symmetries=symmetries, **options)


def test_the_weights_of_images_add_up():
    case = Problem(
        Circuit(4, 1, tuple(PauliRotation("X", (q,), 0) for q in range(4))),
        PauliSum(((0.25, PauliString("ZIII")), (0.5, PauliString("IZII")))),
    )
    # Alone, each of the two is dropped.
    engine = PauliPropagation(case, symmetries=translations(4), min_coefficient=0.6)
    assert engine.value(np.array([[0.4]]))[0] == pytest.approx(0.75 * np.cos(0.4), abs=1e-15)
    assert PauliPropagation(case, min_coefficient=0.6).value(np.array([[0.4]]))[0] == 0.0
