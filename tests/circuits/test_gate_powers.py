"""Powers of gates, against the eigenvectors of their matrices."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from trainscape.circuits.affine import Affine
from trainscape.circuits.gate_powers import power
from trainscape.circuits.gate_templates import Rotation, Template
from trainscape.circuits.gates import FixedGate, Unitary
from trainscape.circuits.standard_gates import standard_gates

PAULI = {
    "I": np.eye(2),
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]),
}
S = np.diag([1, 1j])
T = np.diag([1, np.exp(0.25j * np.pi)])
H = (PAULI["X"] + PAULI["Z"]) / math.sqrt(2)
SX = H @ S @ H
CX = np.eye(4)[[0, 1, 3, 2]]
FIXED = {
    **{name: PAULI[name] for name in "XYZ"},
    "H": H,
    "S": S,
    "SDG": S.conj(),
    "T": T,
    "TDG": T.conj(),
    "SX": SX,
    "SXDG": SX.conj().T,
    "CX": CX,
    "CZ": np.diag([1, 1, 1, -1]),
    "CY": np.kron(np.eye(2), S) @ CX @ np.kron(np.eye(2), S.conj()),
    "SWAP": np.eye(4)[[0, 2, 1, 3]],
    "ISWAP": np.array([[1, 0, 0, 0], [0, 0, 1j, 0], [0, 1j, 0, 0], [0, 0, 0, 1]]),
}


def embedded(gate, qubits, size):
    """The matrix of a gate on all qubits."""
    others = [qubit for qubit in range(size) if qubit not in qubits]
    order = [*qubits, *others]
    axes = [order.index(qubit) for qubit in range(size)]
    whole = np.kron(gate, np.eye(2 ** len(others))).reshape((2,) * (2 * size))
    return whole.transpose(axes + [size + axis for axis in axes]).reshape(2**size, 2**size)


def matrix(template, **values):
    """The matrix of a template with its phase."""
    size = template.num_qubits
    total = np.eye(2**size, dtype=complex)

    def number(angle):
        return angle.constant + sum(factor * values[name] for name, factor in angle.terms)

    for step in template.steps:
        if isinstance(step, Unitary):
            gate = embedded(step.array(), step.qubits, size)
        elif isinstance(step, Rotation):
            letters = dict(zip(step.qubits, step.pauli, strict=True))
            word = np.eye(1)
            for qubit in range(size):
                word = np.kron(word, PAULI[letters.get(qubit, "I")])
            half = number(step.angle) / 2
            gate = math.cos(half) * np.eye(2**size) - 1j * math.sin(half) * word
        else:
            gate = embedded(FIXED[step.name], step.qubits, size)
        total = gate @ total
    return np.exp(1j * number(template.phase)) * total


def principal(unitary, exponent):
    """The power by eigenvalues of a Hermitian matrix, which has orthogonal eigenvectors."""
    # A generic combination of the real and imaginary parts has the eigenvectors of a unitary.
    mixed = np.exp(0.3j) * unitary
    _, vectors = np.linalg.eigh((mixed + mixed.conj().T) + 0.7j * (mixed - mixed.conj().T))
    phases = np.angle(np.diag(vectors.conj().T @ unitary @ vectors))
    phases = np.where(phases < -np.pi + 1e-9, phases + 2 * np.pi, phases)
    return (vectors * np.exp(1j * exponent * phases)) @ vectors.conj().T


angles = st.one_of(st.floats(-12, 12), st.sampled_from([k * math.pi / 4 for k in range(-16, 17)]))
exponents = st.sampled_from([-2.5, -1, -0.5, 0, 0.25, 0.5, 1 / 3, 1, 1.5, 2, 3, 7])


def gate(template, *qubits):
    return template.on(qubits)


@st.composite
def conjugated(draw):
    """Commuting rotations and phases inside of Clifford gates that cancel."""
    words = draw(
        st.sampled_from(
            [("ZZ", "XX", "YY"), ("ZI", "IZ", "ZZ"), ("XY",), ("XI", "IY", "XY"), ("IZ",)]
        )
    )
    inner = []
    for word in words:
        support = tuple(k for k in range(2) if word[k] != "I")
        inner.append(Rotation("".join(word[k] for k in support), support, Affine(draw(angles))))
    frame = draw(
        st.lists(
            st.sampled_from(
                [
                    ("H", (0,)),
                    ("H", (1,)),
                    ("S", (0,)),
                    ("CX", (0, 1)),
                    ("CZ", (1, 0)),
                    ("SX", (1,)),
                ]
            ),
            max_size=3,
        )
    )
    into = Template((), 2, tuple(FixedGate(name, qubits) for name, qubits in frame))
    return Template(
        (), 2, (*into.steps, *inner, *into.inverse().steps), Affine(draw(st.floats(-7, 7)))
    )


def away_from_the_cut(unitary, exponent):
    """Close to -1, rounding decides which of two powers is principal."""
    phases = np.abs(np.angle(np.linalg.eigvals(unitary)))
    assume(exponent == int(exponent) or not np.any(np.abs(phases - np.pi) < 1e-6))


@given(conjugated(), exponents)
def test_powers_of_commuting_rotations_in_a_clifford_frame(template, exponent):
    unitary = matrix(template)
    away_from_the_cut(unitary, exponent)
    found = matrix(power(template, exponent, 1000))
    np.testing.assert_allclose(found, principal(unitary, exponent), rtol=0, atol=1e-9)


@given(
    st.lists(
        st.one_of(
            st.builds(
                lambda letter, angle: Rotation(letter, (0,), Affine(angle)),
                st.sampled_from("XYZ"),
                angles,
            ),
            st.builds(
                lambda name: FixedGate(name, (0,)), st.sampled_from(["H", "S", "T", "SX", "Y"])
            ),
        ),
        max_size=6,
    ),
    st.floats(-7, 7),
    exponents,
)
def test_powers_of_gates_on_one_qubit(steps, phase, exponent):
    template = Template((), 1, tuple(steps), Affine(phase))
    unitary = matrix(template)
    away_from_the_cut(unitary, exponent)
    found = matrix(power(template, exponent, 1000))
    np.testing.assert_allclose(found, principal(unitary, exponent), rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    "name", ["x", "y", "z", "h", "s", "tdg", "sx", "cx", "cz", "swap", "iswap"]
)
@pytest.mark.parametrize("exponent", [0.5, -0.5, 0.3, 1.5])
def test_minus_one_has_the_phase_pi(name, exponent):
    template = standard_gates()[name]
    found = matrix(power(template, exponent, 100))
    np.testing.assert_allclose(found, principal(matrix(template), exponent), rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", ["rx", "rz", "p", "rzz", "crx", "cp", "crz"])
def test_powers_of_parameters_scale_them(name):
    template = standard_gates()[name]
    (argument,) = template.arguments
    for exponent in (0.5, -0.3, 2.5):
        result = power(template, exponent, 100)
        for value in (0.4, -1.7, 3.0):
            np.testing.assert_allclose(
                matrix(result, **{argument: value}),
                principal(matrix(template, **{argument: value}), exponent),
                rtol=0,
                atol=1e-12,
            )


def test_large_powers_are_exact():
    for name, period in (("x", 2), ("h", 2), ("s", 4), ("t", 8), ("cx", 2), ("swap", 2)):
        template = standard_gates()[name]
        for odd in (0, 1, 3):
            expected = np.linalg.matrix_power(matrix(template), odd % period)
            found = matrix(power(template, 2**40 + odd, 100))
            np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", ["ch", "csx", "cswap", "ccx", "c3x", "rccx", "cu"])
@pytest.mark.parametrize("exponent", [0.5, -1.25, 7, 0.1])
def test_powers_of_gates_on_several_qubits(name, exponent):
    template = standard_gates()[name]
    template = template.bind([Affine(0.3 + k) for k in range(len(template.arguments))])
    result = power(template, exponent, 100)
    expected = principal(matrix(template), exponent)
    np.testing.assert_allclose(matrix(result), expected, rtol=0, atol=1e-10)
    np.testing.assert_allclose(matrix(result.inverse()), expected.conj().T, rtol=0, atol=1e-10)
    if template.num_qubits < 4:
        size = len(expected)
        controlled = np.eye(2 * size, dtype=complex)
        controlled[size:, size:] = expected
        np.testing.assert_allclose(matrix(result.controlled()), controlled, rtol=0, atol=1e-10)


def test_powers_without_a_closed_form_are_refused():
    mixed = Template((), 2, (FixedGate("H", (0,)), FixedGate("CX", (0, 1))))
    np.testing.assert_allclose(
        matrix(power(mixed, 0.5, 100)), principal(matrix(mixed), 0.5), rtol=0, atol=1e-12
    )
    np.testing.assert_allclose(
        matrix(power(mixed, -3, 100)),
        np.linalg.matrix_power(matrix(mixed).conj().T, 3),
        rtol=0,
        atol=1e-12,
    )
    with pytest.raises(ValueError, match=r"power 1099511627776 .* more than 100 gates"):
        power(mixed, 2**40, 100)
    tilted = Template((), 1, (FixedGate("H", (0,)), Rotation("Z", (0,), Affine(0.3))))
    with pytest.raises(ValueError, match=r"power 1099511627776 .* more than 100 gates"):
        power(tilted, 2**40, 100)
    wide = Template(
        (), 5, (*mixed.steps, Rotation("XZ", (2, 4), Affine(0.3)), FixedGate("H", (4,)))
    )
    with pytest.raises(ValueError, match=r"the power 0.5 of this gate has no closed form"):
        power(wide, 0.5, 100)
    theta = Affine.argument("t")
    turned = Template(("t",), 1, (FixedGate("X", (0,)), Rotation("X", (0,), theta)))
    with pytest.raises(ValueError, match="not smooth in its parameters"):
        power(turned, 0.5, 100)
    both = Template(("t",), 1, (Rotation("X", (0,), theta), Rotation("Z", (0,), theta)))
    with pytest.raises(ValueError, match="no closed form"):
        power(both, 0.5, 100)
    four = power(standard_gates()["c3x"].controlled(), 1, 100)
    assert four.num_qubits == 5
    rooted = power(standard_gates()["rc3x"], 0.5, 100)
    with pytest.raises(ValueError, match="4 qubits at most"):
        rooted.controlled()
