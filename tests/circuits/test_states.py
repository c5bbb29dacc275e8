"""Initial states: their amplitudes, the gates that prepare them, and bad ones."""

import math
import pickle

import numpy as np
import pytest
import stim
from hypothesis import given
from hypothesis import strategies as st

from simulators.problems import random_state
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.serialisation import plain_to_state, state_to_plain
from trainscape.circuits.states import (
    BasisState,
    ProductState,
    StabiliserState,
    VectorState,
    preparation,
    state_vector,
)
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.dense import Dense

EXAMPLES = [
    BasisState("0110"),
    ProductState.of_angles([0.3, 2.0], [1.0, -0.4]),
    StabiliserState(("XX", "-ZZ")),
    random_state(3),
]


def prepared(state):
    """The state that the gates of `preparation` make of |0...0>."""
    n = state.num_qubits
    gates = preparation(state, range(n))
    return Dense(Problem(Circuit(n, 0, gates), PauliSum.parse("Z" * n))).state(np.empty((1, 0)))[0]


@pytest.mark.parametrize("state", EXAMPLES[:3])
def test_preparation_makes_the_state(state):
    np.testing.assert_allclose(prepared(state), state_vector(state), rtol=0, atol=1e-15)


def test_vectors_have_no_preparation():
    assert preparation(EXAMPLES[3], range(3)) is None


@pytest.mark.parametrize("state", EXAMPLES)
def test_round_trip_and_hash(state):
    again = plain_to_state(state_to_plain(state))
    assert again == state
    assert hash(again) == hash(state)
    assert pickle.loads(pickle.dumps(state)) == state
    assert state != BasisState("0")


def test_qubit_zero_is_the_leftmost_bit():
    assert state_vector(BasisState("100")).argmax() == 4
    tilted = ProductState.of_angles([math.pi, 0, 0])
    assert np.abs(state_vector(tilted)).argmax() == 4


def test_angles_of_a_product_state_are_those_of_the_bloch_sphere():
    vector = state_vector(ProductState.of_angles([1.1], [0.6]))
    bloch = [np.vdot(vector, PauliString(letter).matrix() @ vector).real for letter in "XYZ"]
    np.testing.assert_allclose(
        bloch,
        [math.sin(1.1) * math.cos(0.6), math.sin(1.1) * math.sin(0.6), math.cos(1.1)],
        atol=1e-15,
    )


@given(st.integers(1, 5), st.integers(0, 2**16))
def test_stabiliser_states_are_stabilised(size, seed):
    # Rows of a random Clifford tableau (by products of random gates, since stim's own random
    # tableaux take no seed).
    rng = np.random.default_rng(seed)
    circuit = stim.Circuit()
    for _ in range(20):
        if size > 1 and rng.integers(2):
            circuit.append("CX", rng.permutation(size)[:2].tolist())
        else:
            circuit.append(["H", "S"][rng.integers(2)], [int(rng.integers(size))])
    circuit.append("I", [size - 1])
    tableau = circuit.to_tableau()
    generators = tuple(str(tableau.z_output(k)).replace("_", "I") for k in range(size))
    state = StabiliserState(generators)
    vector = state_vector(state)
    for generator in generators:
        sign = -1 if generator[0] == "-" else 1
        np.testing.assert_allclose(
            sign * PauliString(generator[1:]).matrix() @ vector, vector, rtol=0, atol=1e-14
        )
    np.testing.assert_allclose(prepared(state), vector, rtol=0, atol=1e-14)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: BasisState("012"), "'012' is not a word of 0 and 1"),
        (lambda: BasisState(""), "one bit for each qubit"),
        (lambda: ProductState(((1, 0), (1, 1))), "qubit 1 of a product state .* norm 1.41421"),
        (lambda: ProductState(()), "at least one qubit"),
        (lambda: StabiliserState(("XX", "ZI")), "stabilise no state.*anticommute"),
        (lambda: StabiliserState(("XX", "XX")), "must commute and be independent"),
        (lambda: StabiliserState(("XX",)), "as many strings as there are qubits"),
        (lambda: StabiliserState(("+-XX", "ZZ")), "write a sign"),
        (lambda: VectorState(np.array([1.0, 1.0])), "norm 1.41421"),
        (lambda: VectorState(np.ones(3)), r"shape \(3,\)"),
        (lambda: VectorState(np.array([np.nan, 0.0])), "norm nan"),
        (lambda: plain_to_state({"mixed": 1}), "keys mixed; expected one of basis"),
    ],
)
def test_errors_name_the_object(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_vector_is_copied_and_read_only():
    array = np.array([1.0, 0.0])
    state = VectorState(array)
    array[0] = 0
    assert state.amplitudes[0] == 1
    with pytest.raises(ValueError, match="read-only"):
        state.amplitudes[0] = 0
