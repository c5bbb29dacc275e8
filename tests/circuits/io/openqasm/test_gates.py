"""The gates of OpenQASM and their modifiers, against matrices of quimb and each other."""

import numpy as np
import pytest

from circuits.matrices import assert_equal_up_to_phase, controlled, quimb_matrix, unitary
from trainscape.circuits.io.openqasm.reader import read_openqasm
from trainscape.circuits.standard_gates import standard_gates

ANGLES = (0.3, 1.1, -0.7, 0.4)


def plain(text, version="3.0"):
    found = read_openqasm(f"OPENQASM {version}; {text}")
    return unitary(found.circuit, found.angles or ())


def call(name, count, modifiers="", version="3.0"):
    """The matrix of one standard gate at fixed angles, on all qubits of its register."""
    gate = standard_gates()[name]
    values = f"({', '.join(map(str, ANGLES[: len(gate.arguments)]))})" if gate.arguments else ""
    register = "qreg q[{}];" if version == "2.0" else "qubit[{}] q;"
    return plain(
        f"{register.format(count)} {modifiers} {name}{values} "
        f"{', '.join(f'q[{k}]' for k in range(count))};",
        version,
    )


# Single gates


@pytest.mark.parametrize("name", sorted(standard_gates()))
def test_gates_equal_quimb_and_each_other(name):
    gate = standard_gates()[name]
    size = gate.num_qubits
    reference = quimb_matrix(name, ANGLES[: len(gate.arguments)])
    if reference is None:
        others = {
            "c3sqrtx": lambda: controlled(controlled(controlled(quimb_matrix("sx")))),
            "c3x": lambda: controlled(quimb_matrix("ccx")),
            "c4x": lambda: controlled(controlled(quimb_matrix("ccx"))),
            "ch": lambda: controlled(quimb_matrix("h")),
            "csx": lambda: controlled(quimb_matrix("sx")),
            "cu": lambda: controlled(np.exp(1j * ANGLES[3]) * quimb_matrix("u3", ANGLES[:3])),
            "rc3x": lambda: plain(f"{RC3X} qubit[4] q; rc3x_ q[0], q[1], q[2], q[3];"),
            "rccx": lambda: plain(f"{RCCX} qubit[3] q; rccx_ q[0], q[1], q[2];"),
            "u0": lambda: np.eye(2),
        }
        reference = others[name]()
    for version in ("2.0", "3.0"):
        assert_equal_up_to_phase(call(name, size, version=version), reference)


# As qelib1.inc defines them.
RCCX = """gate rccx_ a, b, c {
u2(0, pi) c; u1(pi/4) c; cx b, c; u1(-pi/4) c;
cx a, c; u1(pi/4) c; cx b, c; u1(-pi/4) c; u2(0, pi) c; }"""
RC3X = """gate rc3x_ a, b, c, d {
u2(0, pi) d; u1(pi/4) d; cx c, d; u1(-pi/4) d; u2(0, pi) d;
cx a, d; u1(pi/4) d; cx b, d; u1(-pi/4) d; cx a, d; u1(pi/4) d; cx b, d; u1(-pi/4) d;
u2(0, pi) d; u1(pi/4) d; cx c, d; u1(-pi/4) d; u2(0, pi) d; }"""


@pytest.mark.parametrize(
    "name",
    [
        "U",
        "ccx",
        "cp",
        "crx",
        "cu3",
        "cx",
        "cy",
        "h",
        "iswap",
        "p",
        "rx",
        "ry",
        "ryy",
        "s",
        "sdg",
        "swap",
        "sx",
        "t",
        "z",
    ],
)
def test_controlled_gates_have_the_right_phase(name):
    gate = standard_gates()[name]
    reference = quimb_matrix(name, ANGLES[: len(gate.arguments)])
    if name == "U":  # of period 2 pi
        reference = np.exp(0.5j * ANGLES[0]) * reference
    size = gate.num_qubits + 1
    assert_equal_up_to_phase(call(name, size, "ctrl @"), controlled(reference))
    assert_equal_up_to_phase(call(name, size, "ctrl @ inv @"), controlled(reference.conj().T))
    assert_equal_up_to_phase(
        call(name, size, "ctrl @ pow(3) @"), controlled(np.linalg.matrix_power(reference, 3))
    )
    assert_equal_up_to_phase(
        call(name, size, "pow(-2) @ ctrl @"),
        controlled(np.linalg.matrix_power(reference.conj().T, 2)),
    )
    assert_equal_up_to_phase(call(name, size + 1, "ctrl(2) @"), controlled(controlled(reference)))
    flip = np.kron(np.array([[0, 1], [1, 0]]), np.eye(2**gate.num_qubits))
    assert_equal_up_to_phase(call(name, size, "negctrl @"), flip @ controlled(reference) @ flip)


# Gates of stdgates.inc, as OpenQASM 3.0 builds them from U and gphase; names end with an underline.
STANDARD = """
gate p_(l) a { ctrl @ gphase(l) a; }
gate x_ a { U(pi, 0, pi) a; gphase(-pi/2); }
gate y_ a { U(pi, pi/2, pi/2) a; gphase(-pi/2); }
gate z_ a { p_(pi) a; }
gate h_ a { U(pi/2, 0, pi) a; gphase(-pi/4); }
gate s_ a { pow(0.5) @ z_ a; }
gate sdg_ a { inv @ pow(0.5) @ z_ a; }
gate t_ a { pow(0.5) @ s_ a; }
gate tdg_ a { inv @ pow(0.5) @ s_ a; }
gate sx_ a { pow(0.5) @ x_ a; }
gate rx_(t) a { U(t, -pi/2, pi/2) a; gphase(-t/2); }
gate ry_(t) a { U(t, 0, 0) a; gphase(-t/2); }
gate rz_(l) a { gphase(-l/2); U(0, 0, l) a; }
gate cx_ c, t { ctrl @ x_ c, t; }
gate cy_ c, t { ctrl @ y_ c, t; }
gate cz_ c, t { ctrl @ z_ c, t; }
gate cp_(l) c, t { ctrl @ p_(l) c, t; }
gate crx_(l) c, t { ctrl @ rx_(l) c, t; }
gate cry_(l) c, t { ctrl @ ry_(l) c, t; }
gate crz_(l) c, t { ctrl @ rz_(l) c, t; }
gate ch_ c, t { ctrl @ h_ c, t; }
gate swap_ a, b { cx_ a, b; cx_ b, a; cx_ a, b; }
gate ccx_ a, b, c { ctrl @ ctrl @ x_ a, b, c; }
gate cswap_ c, a, b { ctrl @ swap_ c, a, b; }
gate cu_(t, p, l, g) c, q { p_(g - t/2) c; ctrl @ U(t, p, l) c, q; }
gate phase_(l) q { U(0, 0, l) q; }
gate cphase_(l) a, b { ctrl @ phase_(l) a, b; }
gate id_ a { U(0, 0, 0) a; }
gate u1_(l) q { U(0, 0, l) q; }
gate u2_(p, l) q { gphase(-(p + l + pi/2)/2); U(pi/2, p, l) q; }
gate u3_(t, p, l) q { gphase(-(t + p + l)/2); U(t, p, l) q; }
"""


@pytest.mark.parametrize("name", [line.split("_")[0][5:] for line in STANDARD.split("\n") if line])
def test_standard_gates_have_the_phases_of_their_definitions(name):
    """A control makes the phase visible."""
    gate = standard_gates()[name]
    angles = f"({', '.join(map(str, ANGLES[: len(gate.arguments)]))})" if gate.arguments else ""
    size = gate.num_qubits + 1
    qubits = ", ".join(f"q[{k}]" for k in range(size))
    defined = plain(f"{STANDARD} qubit[{size}] q; ctrl @ {name}_{angles} {qubits};")
    assert_equal_up_to_phase(call(name, size, "ctrl @"), defined)


def test_u_is_the_matrix_of_the_language():
    """Periodic in theta with 2 pi, which its control shows; and the language's own CNOT."""
    theta, phi, lam = ANGLES[:3]
    turn = np.exp(1j * theta)
    matrix = 0.5 * np.array(
        [
            [1 + turn, -1j * np.exp(1j * lam) * (1 - turn)],
            [1j * np.exp(1j * phi) * (1 - turn), np.exp(1j * (phi + lam)) * (1 + turn)],
        ]
    )
    assert_equal_up_to_phase(call("U", 2, "ctrl @"), controlled(matrix))
    shifted = f"U({theta} + 2*pi, {phi} - 2*pi, {lam} + 4*pi)"
    assert_equal_up_to_phase(plain(f"qubit[2] q; ctrl @ {shifted} q[0], q[1];"), controlled(matrix))
    assert_equal_up_to_phase(
        plain(
            "gate X q { U(π, 0, π) q; gphase(-π/2); } gate CX c, t { ctrl @ X c, t; } "
            "qubit[2] q; CX q[0], q[1];"
        ),
        quimb_matrix("cx"),
    )
    # As a parameter: theta of a controlled U turns the phase of the control too.
    found = read_openqasm("input float t; qubit[2] q; ctrl @ U(t, 0.2, 0.3) q[0], q[1];")
    assert_equal_up_to_phase(
        unitary(found.circuit, [0.7]),
        plain("qubit[2] q; ctrl @ U(0.7, 0.2, 0.3) q[0], q[1];"),
    )


def test_determinant_of_u2_and_u3_is_one_in_openqasm_3():
    """stdgates.inc takes half of the sum of the two phases out; this shows under control."""
    for name, angles in (("u3", ANGLES[:3]), ("u2", ANGLES[:2])):
        matrix = quimb_matrix(name, angles)
        assert_equal_up_to_phase(
            call(name, 2, "ctrl @"), controlled(matrix / np.sqrt(np.linalg.det(matrix)))
        )


def test_controlled_global_phase_is_a_phase_gate():
    assert_equal_up_to_phase(plain("qubit q; ctrl @ gphase(0.3) q;"), np.diag([1, np.exp(0.3j)]))
    assert_equal_up_to_phase(
        plain("gate g(t) a { gphase(t); z a; } qubit[2] q; ctrl @ g(0.3) q[0], q[1];"),
        np.diag([1, 1, 1, -1]) @ PHASE,
    )
    assert plain("qubit q; gphase(0.3);").tolist() == np.eye(2).tolist()


PHASE = np.diag(np.exp([0, 0, 0.3j, 0.3j]))


def test_fractional_powers_of_fixed_gates_are_principal():
    for name in ("x", "y", "z", "s", "tdg", "sx", "cx", "swap", "iswap"):
        values, vectors = np.linalg.eig(quimb_matrix(name))
        root = vectors @ np.diag(np.exp(0.5j * np.angle(values))) @ np.linalg.inv(vectors)
        if name != "iswap":  # eigenvalues are simple, or equal within orthogonal spaces
            assert_equal_up_to_phase(
                call(name, standard_gates()[name].num_qubits + 1, "ctrl @ pow(0.5) @"),
                controlled(root),
                1e-11,
            )
        assert_equal_up_to_phase(
            call(name, standard_gates()[name].num_qubits, "pow(2) @ pow(0.5) @"), quimb_matrix(name)
        )


def test_powers_of_commuting_rotations_scale_their_angles():
    """As in phase estimation, where exponents are large."""
    found = read_openqasm(
        "qubit[2] q; for int k in [20:21] { ctrl @ pow(2**k) @ p(0.7) q[0], q[1]; pow(-3) @ "
        "cp(0.7) q[0], q[1]; }"
    )
    assert len(found.circuit.gates) == 12
    assert_equal_up_to_phase(
        unitary(found.circuit), np.diag(np.exp([0, 0, 0, 0.7 * (3 * 2**20 - 6) * 1j])), 1e-9
    )
    assert len(read_openqasm("qubit q; pow(3) @ U(0.1, 0.2, 0.3) q;").circuit.gates) == 9
