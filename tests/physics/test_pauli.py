"""Pauli strings and sums."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainscape.physics.pauli import PAULI_MATRICES, PauliString, PauliSum

LABELS = st.text("IXYZ", min_size=1, max_size=5)


def test_leftmost_letter_is_the_most_significant_qubit():
    np.testing.assert_array_equal(PauliString("ZI").matrix().diagonal(), [1, 1, -1, -1])
    np.testing.assert_array_equal(PauliString("IZ").matrix().diagonal(), [1, -1, 1, -1])
    np.testing.assert_array_equal(PauliString("XI").matrix()[2], [1, 0, 0, 0])


def test_algebra_of_the_matrices():
    x, y, z = (PAULI_MATRICES[letter] for letter in "XYZ")
    np.testing.assert_array_equal(x @ y, 1j * z)
    np.testing.assert_array_equal(y @ z, 1j * x)


@given(LABELS, st.integers(0, 31))
def test_masks_describe_the_matrix(label, index):
    """P |b> = i^(number of Y) (-1)^parity(b & z) |b ^ x>."""
    string = PauliString(label)
    index %= 2**string.num_qubits
    column = string.matrix()[:, index]
    assert np.flatnonzero(column).tolist() == [index ^ string.x_mask]
    sign = (-1) ** (index & string.z_mask).bit_count() * 1j ** (
        string.x_mask & string.z_mask
    ).bit_count()
    assert column[index ^ string.x_mask] == sign


def test_on_and_restricted():
    string = PauliString.on(5, {3: "X", 0: "Z"})
    assert string.label == "ZIIXI"
    assert string.support == (0, 3)
    assert string.restricted([3, 0]).label == "XZ"
    assert str(string) == "ZIIXI"


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("ZZ", [(1.0, "ZZ")]),
        ("0.5*ZZII - XIII", [(0.5, "ZZII"), (-1.0, "XIII")]),
        (" -2e-3 * XY+.25*IZ ", [(-0.002, "XY"), (0.25, "IZ")]),
        ("ZI + XX + 2*ZI", [(3.0, "ZI"), (1.0, "XX")]),
    ],
)
def test_parse(text, terms):
    assert PauliSum.parse(text) == PauliSum(
        tuple((weight, PauliString(label)) for weight, label in terms)
    )


@given(
    st.lists(
        st.tuples(st.floats(-1e3, 1e3), st.text("IXYZ", min_size=3, max_size=3)),
        min_size=1,
        max_size=6,
    )
)
def test_text_round_trip(terms):
    observable = PauliSum.of(terms)
    assert PauliSum.parse(str(observable)) == observable


@pytest.mark.parametrize("text", ["", "0.5", "ZZ XX", "ZZ + ", "0.5*ZZ ? XX", "a*ZZ", "ZZ +* XX"])
def test_unreadable_sums_are_quoted(text):
    with pytest.raises(ValueError, match=r"cannot read the observable|is empty|letters"):
        PauliSum.parse(text)


def test_errors_name_the_string():
    with pytest.raises(ValueError, match=r"'ZQ'.*letters Q"):
        PauliString("ZQ")
    with pytest.raises(ValueError, match="is empty"):
        PauliString("")
    with pytest.raises(ValueError, match="qubit 3 lies outside a register of 3"):
        PauliString.on(3, {3: "X"})
    with pytest.raises(ValueError, match=r"'ZZ' and 'ZZZ'.*pad the shorter"):
        PauliSum.parse("ZZ + ZZZ")
    with pytest.raises(ValueError, match="'XX' occurs twice"):
        PauliSum(((1.0, PauliString("XX")), (2.0, PauliString("XX"))))
    with pytest.raises(ValueError, match="weight nan of the Pauli string 'X'"):
        PauliSum(((float("nan"), PauliString("X")),))
    with pytest.raises(ValueError, match=r"acts on the qubits \[1\]"):
        PauliSum.parse("ZZ").restricted([0])


def test_sum_matrix_is_the_weighted_sum():
    expected = 0.5 * PauliString("ZX").matrix() - 2 * PauliString("YI").matrix()
    np.testing.assert_array_equal(PauliSum.parse("0.5*ZX - 2*YI").matrix(), expected)
    assert PauliSum.parse("0.5*IIX - 2*YII").support == (0, 2)
