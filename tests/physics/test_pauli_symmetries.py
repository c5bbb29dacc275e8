"""Symmetries that are seen in the terms of a Pauli sum, against all candidates."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.physics.pauli_symmetries import (
    anticommute,
    combinations_that_vanish,
    commuting_strings,
    local_charges,
    string_product,
    symmetry_eigenvalue,
)

N = 3
LABELS = st.text("IXYZ", min_size=N, max_size=N).filter(lambda label: set(label) != {"I"})
ALL = [PauliString("".join(letters)) for letters in product("IXYZ", repeat=N)]
STATES = {
    "0": np.array([1, 0]),
    "1": np.array([0, 1]),
    "+": np.array([1, 1]) / np.sqrt(2),
    "-": np.array([1, -1]) / np.sqrt(2),
    "s": np.array([0, 1, -1, 0]) / np.sqrt(2),
}


def state(letters: str) -> np.ndarray:
    vector = np.ones(1)
    for letter in letters.replace("()", "s"):
        vector = np.kron(vector, STATES[letter])
    return vector


def commutator(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.abs(first @ second - second @ first).max())


@given(LABELS, LABELS)
def test_anticommutation_is_that_of_the_matrices(first, second):
    a, b = PauliString(first), PauliString(second)
    assert anticommute(a, b) == (commutator(a.matrix(), b.matrix()) > 0)


@given(LABELS, LABELS)
def test_products_are_those_of_the_matrices(first, second):
    a, b = PauliString(first), PauliString(second)
    power, string = string_product(a, b)
    np.testing.assert_array_equal(a.matrix() @ b.matrix(), 1j**power * string.matrix())


@given(
    st.lists(LABELS, min_size=1, max_size=4, unique=True),
    st.sampled_from(["", "000", "+-+", "01+"]),
)
def test_strings_generate_all_that_commute(labels, start):
    strings = [PauliString(label) for label in labels]
    found = commuting_strings(strings, start)
    masks = {(0, 0)}
    for string in found:
        masks |= {(x ^ string.x_mask, z ^ string.z_mask) for x, z in masks}
    assert len(masks) == 2 ** len(found)
    for candidate in ALL:
        wanted = all(commutator(candidate.matrix(), s.matrix()) == 0 for s in strings)
        if start:
            image = candidate.matrix() @ state(start)
            wanted = wanted and np.isclose(abs(np.vdot(state(start), image)), 1)
        assert ((candidate.x_mask, candidate.z_mask) in masks) == wanted


@given(st.dictionaries(LABELS, st.sampled_from([1.0, -0.5, 2.0]), min_size=1, max_size=5))
def test_charges_span_all_one_qubit_sums_that_commute(weights):
    hamiltonian = PauliSum.of((w, label) for label, w in weights.items())
    charges = local_charges(hamiltonian)
    matrix = hamiltonian.matrix()
    for charge in charges:
        assert commutator(charge.matrix(), matrix) < 1e-9
        assert all(len(string.support) == 1 for _, string in charge.terms)
    singles = [PauliString.on(N, {q: p}).matrix() for q in range(N) for p in "XYZ"]
    images = np.array([(m @ matrix - matrix @ m).ravel() for m in singles])
    assert len(charges) == len(singles) - np.linalg.matrix_rank(images, tol=1e-9)


def test_charges_of_the_heisenberg_chain_have_simple_weights():
    heisenberg = PauliSum.parse("XXI + IXX + YYI + IYY + ZZI + IZZ")
    assert {str(charge) for charge in local_charges(heisenberg)} == {
        f"1.0*{p}II + 1.0*I{p}I + 1.0*II{p}" for p in "XYZ"
    }
    assert [str(charge) for charge in local_charges(heisenberg, "010")] == [
        "1.0*ZII + 1.0*IZI + 1.0*IIZ"
    ]


@pytest.mark.parametrize("letters", ["".join(x) for x in product("01+-", repeat=2)])
def test_eigenvalues_are_those_of_the_vectors(letters):
    for first, second in product("XZ", repeat=2):
        symmetry = PauliSum.parse(f"0.5*{first}I - 2*I{second}")
        vector = state(letters)
        image = symmetry.matrix() @ vector
        value = np.vdot(vector, image).real
        found = symmetry_eigenvalue(symmetry, letters)
        if np.allclose(image, value * vector):
            assert found == pytest.approx(value)
        else:
            assert found is None


@given(
    st.lists(
        st.dictionaries(
            st.integers(0, 5), st.sampled_from([1.0, -1.0, 2.0]), min_size=1, max_size=3
        ),
        max_size=5,
    )
)
def test_null_spaces_of_sparse_rows(rows):
    dense = np.array([[row.get(column, 0.0) for column in range(6)] for row in rows]).reshape(-1, 6)
    found = combinations_that_vanish(rows, range(6))
    basis = np.array([[v.get(column, 0.0) for column in range(6)] for v in found]).reshape(-1, 6)
    assert len(basis) == 6 - (np.linalg.matrix_rank(dense) if rows else 0)
    assert np.abs(dense @ basis.T).max(initial=0) < 1e-9
    assert np.linalg.matrix_rank(basis) == len(basis) if len(basis) else True


@pytest.mark.parametrize("letters", ["()0", "-()", "()()", "1()+"])
def test_eigenvalues_of_singlets(letters):
    """All strings, and sums of one letter on each qubit, against dense matrices."""
    n = len(letters)
    vector = state(letters)
    singles = [PauliSum(((1.0, PauliString("".join(word))),)) for word in product("IXYZ", repeat=n)]
    sums = [
        PauliSum(tuple((weight, PauliString.on(n, {q: p})) for q, weight in enumerate(weights)))
        for weights in ([1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 2.0, 2.0], [1.0, 2.0, 2.0, 1.0])
        for weights in (weights[:n],)
        for p in "XYZ"
    ]
    for symmetry in (*singles, *sums):
        image = symmetry.matrix() @ vector
        value = np.vdot(vector, image).real
        found = symmetry_eigenvalue(symmetry, letters)
        if np.allclose(image, value * vector):
            assert found == pytest.approx(value)
        else:
            assert found is None


@pytest.mark.parametrize("letters", ["()+", "0()"])
@pytest.mark.parametrize("labels", [("XXI", "ZZI"), ("IYY",), ("XXI", "YYI", "IXX", "IYY")])
def test_symmetries_that_singlets_have(letters, labels):
    """Strings that commute and have the state as an eigenstate, and charges, against all."""
    strings = [PauliString(label) for label in labels]
    vector = state(letters)
    wanted = {
        string
        for string in ALL
        if not any(anticommute(string, other) for other in strings)
        and np.isclose(abs(np.vdot(vector, string.matrix() @ vector)), 1)
    }
    found = commuting_strings(strings, letters)
    generated = {PauliString("I" * N)}
    for one in found:
        generated |= {string_product(one, other)[1] for other in generated}
    assert generated == wanted | {PauliString("I" * N)}
    total = PauliSum(tuple((1.0, string) for string in strings))
    basis = [PauliString.on(N, {q: p}).matrix() for q in range(N) for p in "XYZ"]
    conditions = [
        np.concatenate(
            [
                (one @ total.matrix() - total.matrix() @ one).ravel(),
                one @ vector - vector * np.vdot(vector, one @ vector),
            ]
        )
        for one in basis
    ]
    stacked = np.array([np.concatenate([row.real, row.imag]) for row in conditions])
    charges = local_charges(total, letters)
    assert len(charges) == len(basis) - np.linalg.matrix_rank(stacked, tol=1e-9)
    assert all(symmetry_eigenvalue(charge, letters) is not None for charge in charges)
