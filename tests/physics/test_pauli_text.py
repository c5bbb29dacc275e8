"""Observables as people write them, the one rule that reads them, and a sentence for the rest."""

import re

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from outcomes import value_or_sentence
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.physics.pauli import PAULI_MATRICES, PauliString, PauliSum
from trainscape.physics.pauli_text import observable_text, read_pauli_sum

DENSE = {
    "ZZ + -0.5*XX": "1.0*ZZ - 0.5*XX",
    "ZZ - -0.5*XX": "1.0*ZZ + 0.5*XX",
    "ZZ + +XX": "1.0*ZZ + 1.0*XX",
    "--ZZ": "1.0*ZZ",
    "-.5e1*ZZ": "-5.0*ZZ",
    "2 ZZ": "2.0*ZZ",
    "2ZZ-3XX": "2.0*ZZ - 3.0*XX",
    "2*0.5*ZZ": "1.0*ZZ",
    "1/4*ZZ": "0.25*ZZ",
    "ZZ/4": "0.25*ZZ",
    "ZZ*0.5 - XX * 2": "0.5*ZZ - 2.0*XX",
    "2*-0.5*ZZ": "-1.0*ZZ",
    "(-0.5*ZZ)": "-0.5*ZZ",
    "(0.5+0j)*ZZ + (-0.5-0.0j)*XX": "0.5*ZZ - 0.5*XX",
    "−0.5·ZZ": "-0.5*ZZ",
    "ZZ + 0.5": "1.0*ZZ + 0.5*II",
    "ZZ + ZZ": "2.0*ZZ",
    "\n ZZ\n + XX\n": "1.0*ZZ + 1.0*XX",
}
SPARSE = {
    "Z0 Z1": "1.0*ZZII",
    "Z1Z0": "1.0*ZZII",
    "0.5 Z0*X3": "0.5*ZIIX",
    "0.5*Z0 @ X3": "0.5*ZIIX",
    "0.5 * (Z(0) @ X(3)) + -0.3 * Z(1)": "0.5*ZIIX - 0.3*IZII",
    "(0.5+0j) [Z0 X3] +\n2.0 []": "0.5*ZIIX + 2.0*IIII",
    "Z_0 Z_{3}": "1.0*ZIIZ",
    "Z[0] Z[3]": "1.0*ZIIZ",
    "Z₀⊗Z₃": "1.0*ZIIZ",
    "-0.8 + 0.2*Z0 - Z3": "-0.8*IIII + 0.2*ZIII - 1.0*IIIZ",
    "0.5*I + Z0": "0.5*IIII + 1.0*ZIII",
    "I() + Z0": "1.0*IIII + 1.0*ZIII",
    "I0 Y2": "1.0*IIYI",
    "Z0 + ZIII": "2.0*ZIII",
    "0.25": "0.25*IIII",
}


@pytest.mark.parametrize(("text", "meaning"), DENSE.items())
def test_one_letter_a_qubit(text, meaning):
    assert str(read_pauli_sum(text)) == meaning
    assert str(PauliSum.parse(text, 2)) == meaning


@pytest.mark.parametrize(("text", "meaning"), SPARSE.items())
def test_letters_with_indices(text, meaning):
    assert str(PauliSum.parse(text, 4)) == meaning


@pytest.mark.parametrize(("text", "qubits"), [("Z0 Z1", 2), ("Z7", 8), ("Z0 + XIX", 3)])
def test_the_register_without_its_size(text, qubits):
    assert PauliSum.parse(text).num_qubits == qubits


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the observable is empty"),
        (" \n", "the observable is empty"),
        ("ZQI", "has the letters Q"),
        ("zz", "has the letters z"),
        ("Z0 z1", "letters without an index beside others"),
        ("Z Z I", "letters without an index beside others"),
        ("ZZ XX", "letters without an index beside others"),
        ("ZZ*XX", "letters without an index beside others"),
        ("ZZ Z0", "with and without an index in one term"),
        ("ZZ0", "an index behind several letters"),
        ("Z01", "an index that begins with 0"),
        ("Z0 X0", "names qubit 0 twice"),
        (
            "Z4",
            r"has Z4, but there are 4 qubits, counted from 0 to 3 \(qubit 0 = leftmost letter\)",
        ),
        ("Z1234567890", "an index of more than nine digits"),
        ("Z-1", "letters without an index|number alone|act on 1 and 4"),
        ("0,5*ZZZZ", "at position 1 (',5*ZZZZ') it has ','"),
        ("1_000*ZZZZ", "it has '_'"),
        ("X0.5", "a number without * before it"),
        ("0.5 0.3 ZZZZ", "a number without * before it"),
        ("ZZZZ 0.5", "a number without * before it"),
        ("0.5**ZZZZ", "has '*' where a factor should be"),
        ("*ZZZZ", "has '*' where a factor should be"),
        ("ZZZZ +", "ends in the middle of a term"),
        ("0.5*", "ends in the middle of a term"),
        ("ZZZZ/0", "divides by zero"),
        ("1/ZZZZ", "divides by something else"),
        ("(ZZZZ", "lacks a closing bracket"),
        ("ZZZZ)", "closes nothing"),
        ("[Z0)", "closes nothing"),
        ("2*(ZZZZ + XXXX)", "has a sum in brackets"),
        ("0.5j*ZZZZ", "has the complex weight 0.5j"),
        ("(1+2j)*ZZZZ", "has the complex weight"),
        ("1e400*ZZZZ", "has the weight 1e400, which is no finite number"),
        ("1e308*ZZZZ + 1e308*XXXX", "add up to more than a floating-point number"),
        ("1e308*ZZZZ + 1e308*ZZZZ", "not a finite"),
        ("nan*ZZZZ", "has the letters"),
        ("ZZZZ = 1", "it has '='"),
        ('{"ZZZZ": 1}', "it has '{'"),
        ("٣*ZZZZ", "it has '٣'"),
    ],
)
def test_errors(text, message):
    pattern = message if "|" in message or "\\" in message else re.escape(message)
    with pytest.raises(ValueError, match=pattern) as caught:
        PauliSum.parse(text, 4)
    assert "\n" not in str(caught.value)


def test_sizes_are_bounded():
    with pytest.raises(ValueError, match="a number alone"):
        PauliSum.parse("0.5")
    with pytest.raises(ValueError, match="register of 999999999 qubits"):
        PauliSum.parse("Z999999998")
    with pytest.raises(ValueError, match="2 terms on 200000000 qubits"):
        PauliSum.parse("Z0 + Z1", 200_000_000)


def test_a_wrong_number_of_letters_is_named_where_the_circuit_is_known():
    with pytest.raises(ValueError, match="the circuit has 3 qubits, but the observable has 2"):
        Problem(Circuit(3, 0, ()), PauliSum.parse("ZZ", 3))


@pytest.mark.parametrize(
    ("observable", "message"),
    [
        ("ZZ", r"the observable 'ZZ' is a text; read it first: PauliSum.parse\(text, num_qubits=2"),
        ("Z" * 500, r"the observable 'Z+\.\.\.' is a text"),
        (np.eye(4), "the observable is a numpy.ndarray"),
        (None, "the observable is a builtins.NoneType"),
    ],
)
def test_a_problem_says_what_is_no_observable(observable, message):
    with pytest.raises(ValueError, match=message):
        Problem(Circuit(2, 0, ()), observable)


WEIGHTS = st.floats(-1e6, 1e6, allow_subnormal=False)
TERMS = st.lists(
    st.tuples(WEIGHTS, st.dictionaries(st.integers(0, 3), st.sampled_from("XYZ"), max_size=3)),
    min_size=1,
    max_size=4,
)


@given(TERMS, st.data())
def test_all_ways_to_write_a_sum_agree(terms, data):
    """The matrix of the text, in any of its forms, is the sum that was meant."""
    expected = sum(
        weight * np.array(_product([letters.get(qubit, "I") for qubit in range(4)]))
        for weight, letters in terms
    )
    parts = []
    for weight, letters in terms:
        form = data.draw(st.sampled_from(["dense", "sparse", "calls"]))
        star = data.draw(st.sampled_from(["*", " ", " * "]))
        if form == "dense" or not letters:
            word = "".join(letters.get(qubit, "I") for qubit in range(4))
        elif form == "sparse":
            word = data.draw(st.sampled_from([" ", "*", " @ ", ""])).join(
                f"{letter}{qubit}" for qubit, letter in letters.items()
            )
        else:
            word = "(" + " @ ".join(f"{letter}({q})" for q, letter in letters.items()) + ")"
        parts.append(f"{weight!r}{star}{word}")
    found = PauliSum.parse(" + ".join(parts), 4)
    np.testing.assert_allclose(found.matrix(), expected, atol=1e-9)
    assert PauliSum.parse(observable_text(found), 4) == found
    assert PauliSum.parse(str(found)) == found


def _product(letters):
    matrix = np.eye(1)
    for letter in letters:
        matrix = np.kron(matrix, PAULI_MATRICES[letter])
    return matrix


def test_wide_sums_are_shown_with_indices():
    wide = PauliSum.of([(0.5, PauliString.on(40, {0: "Z", 39: "X"})), (-1, PauliString("I" * 40))])
    assert observable_text(wide) == "0.5*Z0 X39 - 1.0*I0"
    assert PauliSum.parse(observable_text(wide), 40) == wide


@given(
    st.text(max_size=30)
    | st.text("IXYZ01239.+-*/@()[]_ ej", max_size=40)
    | st.lists(
        st.sampled_from(["Z0", "X1", "ZZ", "XY", "0.5", "*", "+", "-", "(", ")", "[]", " ", "1j"]),
        max_size=10,
    ).map("".join)
)
@example("(" * 1000 + "Z0" + ")" * 1000)
def test_any_text_is_an_observable_or_one_sentence(text):
    found, refused = value_or_sentence(PauliSum.parse, text, 2)
    if not refused:
        assert all(np.isfinite(weight) for weight, _ in found.terms)
        assert PauliSum.parse(str(found)) == found
