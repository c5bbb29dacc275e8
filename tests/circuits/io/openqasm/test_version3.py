"""OpenQASM 3 by its specification: types, scopes, physical qubits, aliases, modifiers, limits."""

import math

import numpy as np
import pytest

from circuits.matrices import assert_equal_up_to_phase, controlled, quimb_matrix, unitary
from trainscape.circuits.gates import Evolution, FixedGate, PauliRotation
from trainscape.circuits.io.openqasm.reader import OpenQASMError, read_openqasm
from trainscape.circuits.periodic_angles import reduced_angle

V3 = 'OPENQASM 3.0;\ninclude "stdgates.inc";\n'


def refused(program, message, line=None):
    with pytest.raises(OpenQASMError, match=message) as caught:
        read_openqasm(V3 + program)
    assert "\n" not in str(caught.value)
    if line is not None:
        assert caught.value.line == line


def angle(expression, before=""):
    """The value of an expression where a real number is wanted."""
    gates = read_openqasm(f"{V3}{before} qubit[2] q; rxx({expression}) q[0], q[1];").circuit.gates
    return gates[0].offset if gates else 0.0


# Numbers and their types


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        # Integers divide to integers, towards zero.
        ("1/2", 0.0),
        ("7/2", 3.0),
        ("-7/2", -3.0),
        ("7/-2", -3.0),
        ("(-7)/(-2)", 3.0),
        ("7 % 4", 3.0),
        ("mod(7, 4)", 3.0),
        ("mod(7.5, 2)", 1.5),
        ("2**3", 8.0),
        ("2**3**2", 512.0),
        ("-2**2", -4.0),
        ("1/2*pi", 0.0),
        ("pi*1/2", math.pi / 2),
        ("pi/2", math.pi / 2),
        ("1/2.0", 0.5),
        ("1.0/2", 0.5),
        ("2.0**-1", 0.5),
        ("10/4*2.5", 5.0),
        ("10/4.0*2.5", 6.25),
        ("0x1F + 0b11 + 0o17 + 1_000", 31 + 3 + 15 + 1000),
        ("floor(2.5)/2", 1.0),
        ("floor(7/2.0)/2", 1.5),
        ("sqrt(2)*sqrt(2)/3", 2 / 3),
        ("true + 1", 2.0),
        # Casts.
        ("int(3.7)", 3.0),
        ("int(-3.7)", -3.0),
        ("int[8](3.7)/2", 1.0),
        ("float(3)/2", 1.5),
        ("float[64](3/2)", 1.0),
        ("uint[4](15)", 15.0),
        ("float[32](0.1)", float(np.float32(0.1))),
        ("float[16](0.1)", float(np.float16(0.1))),
        ("bool(0.3)", 1.0),
        ("bool(0)", 0.0),
        ("angle(5*pi/2)", math.pi / 2),
        ("angle[4](0.4)", math.pi / 8),
        ("angle[4](-pi/2)", 3 * math.pi / 2),
    ],
)
def test_typed_numbers(expression, value):
    # Gates hold angles beyond ten turns as the equal ones of the first turns.
    assert angle(expression) == pytest.approx(reduced_angle(value), rel=1e-15, abs=1e-15)


@pytest.mark.parametrize(
    ("declaration", "expression", "value"),
    [
        ("const int[8] k = 3.7;", "k", 3.0),
        ("const int[8] k = -3.7;", "k", -3.0),
        ("int k = 7;", "k/2", 3.0),
        ("const uint[4] k = 9.99;", "k/2", 4.0),
        ("const float k = 1/2;", "k", 0.0),
        ("const float k = 7;", "k/2", 3.5),
        ("const float[32] k = 0.3;", "k", float(np.float32(0.3))),
        ("const bool k = 3;", "k", 1.0),
        ("const angle k = 3;", "k + k + k", 9 - 2 * math.pi),
        ("const angle k = 3;", "3*k", 9 - 2 * math.pi),
        ("const angle k = 3;", "-k", 2 * math.pi - 3),
        ("const angle k = 7;", "k", 7 - 2 * math.pi),
        ("const angle k = 3;", "k/2", 1.5),
        ("const angle k = 3;", "k + pi", 3 + math.pi),
        ("const angle k = 3;", "1 - k", 4.283185307179586),
        ("const angle[3] k = 1;", "k", math.pi / 4),
        ("const int a = 5; const int b = a / 2;", "b + a % 3", 4.0),
        ("const float[32] k = 0.1;", "k * 3", float(np.float32(0.1) * np.float32(3))),
        (
            "const float[32] k = 0.1;",
            "-k + k * k",
            float(np.float32(0.1) * np.float32(0.1) - np.float32(0.1)),
        ),
        (
            "const float[16] k = 0.1; const float[32] l = 0.2;",
            "k + l",
            float(np.float32(np.float16(0.1)) + np.float32(0.2)),
        ),
        ("const float[32] k = 0.1;", "k * 3.0", float(np.float32(0.1)) * 3),
        # The examples of the specification.
        ("angle[4] a = 7 * (pi / 8); angle[4] b = pi / 8;", "a + b", math.pi),
        ("angle[4] a = 7 * (pi / 8); angle[4] b = pi / 8;", "b - a", 5 * math.pi / 4),
        ("angle[4] a = 7 * (pi / 8); uint[4] two = 2;", "a / two", 3 * math.pi / 8),
        ("angle[4] c = 5 * (pi / 4); uint[4] two = 2;", "two * c", math.pi / 2),
        ("angle[4] a = pi / 4;", "-a", 7 * math.pi / 4),
        ("const int[8] a = 100; const int[16] b = 100;", "a + b", 200.0),
        ("const uint[8] a = 200; const uint[9] b = 200;", "a + b", 400.0),
    ],
)
def test_declared_numbers(declaration, expression, value):
    # Angles of many turns are read as what they are modulo 4 pi.
    turned = value if abs(value) < 64 else math.remainder(value, 4 * math.pi)
    assert angle(expression, declaration) == pytest.approx(
        turned, rel=1e-15, abs=1e-15 if turned == value else 1e-13
    )


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("const int[8] k = 200;", r"200 does not fit into the type int\[8\] \(-128 to 127\)"),
        ("const int[8] k = -129;", r"does not fit"),
        ("const uint[4] k = 16;", r"16 does not fit .* \(0 to 15\)"),
        ("const uint[4] k = -1;", r"-1 does not fit"),
        ("const int k = 1e300;", "does not fit into the type int "),
        ("const int[65] k = 1;", "1 to 64 bits"),
        ("const float[80] k = 1;", r"float\[80\] is not known"),
        ("const float[16] k = 1e6;", "too large for the type"),
        ("const angle a = 1; const float b = a;", "an angle cannot become a float"),
        ("const angle a = 1; const int b = a;", "an angle cannot become a int"),
        ("const uint[8] a = 200; const uint[8] b = 100; qubit q; rx(a + b) q;", "more than 8 bits"),
        (
            "const int[8] a = 100; qubit q; rx(a * 2) q;",
            r"more than 8 bits hold, but its type is int",
        ),
        ("const int[8] a = -128; qubit q; rx(-a) q;", "more than 8 bits"),
        ("const uint[4] a = 15; qubit q; rx(a ** 2) q;", "more than 4 bits"),
        ("for uint[2] i in [0:4] { }", r"4 does not fit into the type uint\[2\]"),
        ("const angle[4] a = 1; const angle[5] b = 1; qubit q; rx(a + b) q;", "different sizes"),
        ("const float[16] k = 60000; qubit q; rx(k + k) q;", "not a finite real number"),
        ("const uint k = 1; qubit q; rx(k - 2) q;", "below 0, but its type is uint"),
        ("const uint k = 1; qubit q; rx(-k) q;", "below 0"),
        ("qubit q; rx(2**64) q;", "more than 64 bits"),
        ("qubit q; rx(3**(2**40)) q;", "more than 64 bits"),
        ("qubit q; rx(9223372036854775807 + 1) q;", "more than 64 bits"),
        ("qubit q; rx(99999999999999999999) q;", "more than 64 bits"),
        ("qubit q; rx(2**-1) q;", r"write 2.0 \*\* -1"),
        ("qubit q; rx(-7 % 3) q;", "does not say which sign"),
        ("qubit q; rx(1/0) q;", "division by zero"),
        ("qubit q; rx(1%0) q;", "division by zero"),
        ("qubit q; rx(1.0/0) q;", "division by zero"),
        ("qubit q; rx(mod(1, 0)) q;", "division by zero"),
        ("const angle a = 1; qubit q; rx(a * 0.5) q;", "not there for an angle"),
        ("const angle a = 1; qubit q; rx(1/a) q;", "not there for an angle"),
        ("qubit q; rx(3im) q;", "not a number"),
        ("qubit q; rx(q) q;", "'q' is a register"),
        ("bit b; qubit q; rx(b) q;", "'b' is a classical register"),
        ("float w; qubit q; rx(w) q;", "type float without a value"),
        ("qubit q; rx(cx) q;", "'cx' is the name of a gate"),
        ("qubit[2] q; x q[1.5];", "an integer is needed"),
        ("const angle a = 1; qubit[3] q; x q[a];", "an integer is needed"),
        ("qubit q; pow(1/2) @ x q;", "the exponent is a division of integers, which gives 0"),
        ("qubit q; pow(-(3/2) + 1) @ x q;", "division of integers"),
        ("qubit q; const int n = 3; pow(1/n) @ x q;", "division of integers"),
        (
            "qubit q; rx(99999999999999999999999999999999999999999999999999999999.5e999) q;",
            "finite",
        ),
    ],
)
def test_numbers_that_the_language_does_not_have(program, message):
    refused(program, message)


def test_a_division_without_remainder_may_be_an_exponent():
    assert read_openqasm(V3 + "qubit q; pow(6/2) @ x q;").circuit.gates == (FixedGate("X", (0,)),)


# Calls


@pytest.mark.parametrize("modifiers", ["", "ctrl @ ", "negctrl(2) @ ", "inv @ ", "pow(2) @ "])
@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("rx(0, 5)", "'rx' takes 1 angle.*given 2; decimals are written with a point"),
        ("rx", "'rx' takes 1 angle.*given 0"),
        ("rx()", "'rx' takes 1 angle.*given 0"),
        ("h(0.3)", "'h' takes 0 angle.*given 1"),
        ("U(1, 2)", "'U' takes 3 angle.*given 2"),
        ("U(1, 2, 3, 4)", "'U' takes 3 angle.*given 4"),
        ("cu(1, 2, 3)", "'cu' takes 4 angle.*given 3"),
        ("mine(1)", "'mine' takes 2 angle.*given 1"),
        ("mine(1, 2, 3)", "'mine' takes 2 angle.*given 3"),
        ("twice(1, 2)", "'twice' takes 1 angle.*given 2"),
        ("rx(sin(1, 2))", "'sin' takes 1 argument.*given 2"),
        ("rx(mod(1))", "'mod' takes 2 argument.*given 1"),
        ("rx(log(8, 2))", "'log' takes 1 argument.*given 2"),
    ],
)
def test_the_number_of_angles(modifiers, call, message):
    qubits = ", ".join(f"q[{k}]" for k in range(1 + {"c": 1, "n": 2}.get(modifiers[:1], 0)))
    gates = "gate mine(a, b) q { rx(a + b) q; }\ngate twice(a) q { rx(a * a) q; }\n"
    refused(f"{gates}qubit[4] q;\n{modifiers}{call} {qubits};", message, 6)
    refused(
        f"{gates}gate other q0, q1, q2 {{ {modifiers}{call} {qubits.replace('[', '').replace(']', '')}; }}",
        message,
        5,
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("x q[0], q[1]", "'x' acts on 1 .*given 2"),
        ("cx q[0]", "'cx' acts on 2 .*given 1"),
        ("ctrl @ x q[0]", "'x' acts on 2 .*given 1"),
        ("ctrl(2) @ mine q[0], q[1], q[2], q[3]", "'mine' acts on 3 .*given 4"),
        ("ctrl @ x q[0], q[0]", "same qubit twice"),
        ("gphase(1) q[0]", "'gphase' acts on 0 .*given 1"),
        ("ctrl @ gphase(1) q[0], q[1]", "'gphase' acts on 1 .*given 2"),
        ("cx q[0:1], q[0:2]", "2 and 3 qubits cannot be paired"),
        ("cx r, q", "1 and 4 qubits cannot be paired"),
        ("cx q, q[1]", "same qubit twice"),
        ("ctrl(0) @ x q[0]", "positive number"),
        ("ctrl(-1) @ x q[0]", "positive number"),
        ("ctrl(1.5) @ x q[0]", "an integer is needed"),
    ],
)
def test_the_number_of_qubits(call, message):
    refused(f"gate mine a {{ x a; }}\nqubit[4] q; qubit[1] r;\n{call};", message, 5)


# Names


@pytest.mark.parametrize(
    "program",
    [
        "gate g a { x a; }\ngate g a { y a; }",
        "gate h a { x a; }",
        "gate g a { x a; }\nqubit g;",
        "qubit g; gate g a { x a; }",
        "qubit q; qubit[2] q;",
        "qubit q; bit q;",
        "qubit q; const int q = 1;",
        "const int k = 1; const float k = 2;",
        "int k = 1; float k = 2;",
        "input float a; input float a;",
        "input float a; const float a = 1;",
        "input float t;",
        "bit[2] h;",
        "qubit[2] cx;",
        "qubit[2] q; let q = q[0:1];",
        "qubit[2] q; let r = q; let r = q;",
        "output bit c; bit c;",
        "duration d = 1ns; float d = 1;",
        "for int i in [0:1] { const int k = i; const int k = 2; }",
    ],
)
def test_a_name_is_declared_once(program):
    refused(program, "is declared twice")


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("gate g(a, a) q { }", "'a' is there twice"),
        ("gate g q, q { }", "'q' is there twice"),
        ("gate g(a) a { }", "'a' is there twice"),
        ("gate g(pi) q { }", "'pi' is a constant"),
        ("gate U(a) q { }", "'U' is a gate of the language"),
        ("qubit U;", "'U' is a gate of the language"),
        ("const float pi = 3;", "'pi' is a constant"),
        ("qubit tau;", "'tau' is a constant"),
        ("qubit[2] q; let euler = q;", "'euler' is a constant"),
        ('include "stdgates.inc";', "included twice"),
        ("for int i in [0:1] { gate g a { x a; } }", "must be global"),
        ("for int i in [0:1] { qubit q; }", "must be global"),
    ],
)
def test_names_that_cannot_be_declared(program, message):
    refused(program, message)


def test_a_library_cannot_be_included_over_own_names():
    with pytest.raises(OpenQASMError, match=r"'x' is declared twice.*line 2"):
        read_openqasm('OPENQASM 3.0;\ngate x a { y a; }\ninclude "stdgates.inc";')
    with pytest.raises(OpenQASMError, match="'h' is used before this definition"):
        read_openqasm("OPENQASM 3.0; qubit q; h q; gate h a { U(0, 0, 0) a; }")


def test_gates_beyond_the_library_can_be_defined():
    """The definition of the program counts: here, not what the name says elsewhere."""
    text = V3 + "gate rzz(t) a, b { rx(t) a; }\nqubit[2] q; rzz(0.5) q[0], q[1];"
    assert read_openqasm(text).circuit.gates == (Evolution.of_pauli("X", (0,), None, offset=0.5),)
    free = "OPENQASM 3.0; gate h a { U(0.5, 0, 0) a; } qubit q; h q;"
    assert read_openqasm(free).circuit.gates == (Evolution.of_pauli("Y", (0,), None, offset=0.5),)


def test_inner_names_hide_outer_ones():
    text = V3 + (
        "const int k = 5; const int i = 7; qubit[2] q;\n"
        "for int i in {1, 2} { const int k = i + 1; rxx(k) q[0], q[1]; }\n"
        "rxx(k + i) q[0], q[1];\n"
        "gate g(k) a, b { rxx(2 * k) a, b; }\ng(0.25) q[0], q[1];"
    )
    assert [gate.offset for gate in read_openqasm(text).circuit.gates] == [2, 3, 12, 0.5]


# Physical qubits, resets, aliases, what has no effect


def test_physical_qubits_have_their_numbers():
    text = V3 + "x $0; cx $0, $3; rx(0.3) $2; barrier $0, $3; bit[2] c; c[0] = measure $0;"
    found = read_openqasm(text).circuit
    assert found.num_qubits == 4
    assert found.gates == (
        FixedGate("X", (0,)),
        FixedGate("CX", (0, 3)),
        Evolution.of_pauli("X", (2,), None, offset=0.3),
    )
    assert read_openqasm(V3 + "x $1; measure $4;").circuit.num_qubits == 5
    assert read_openqasm(V3 + "reset $2; delay[1us] $3; x $0;").circuit.num_qubits == 4
    assert read_openqasm(V3 + "let a = $1; x a; let b = $0 ++ $2; h b[1];").circuit.gates == (
        FixedGate("X", (1,)),
        FixedGate("H", (2,)),
    )
    refused("qubit q; x $0;", "registers and physical qubits both")
    refused("x $0; qubit q;", "registers and physical qubits both")
    refused("gate g a { x $0; }", "own qubits a only")
    refused("x $123456789012345678901234567890;", "more than the 100000")
    refused("x $0, $0;", "acts on 1")
    refused("cx $0, $0;", "same qubit twice")


def test_reset_of_an_untouched_qubit_does_nothing():
    text = (
        "qubit[3] q; reset q; reset q[0]; x q[0]; reset q[1]; reset q[1:2]; barrier q; reset q[2];"
    )
    assert read_openqasm(V3 + text).circuit.gates == (FixedGate("X", (0,)),)
    two = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2]; reset q; x q[0]; reset q[1];'
    assert read_openqasm(two).circuit.gates == (FixedGate("X", (0,)),)
    for again in ("reset q[0];", "reset q;", "let r = q[0:1]; reset r;"):
        refused(f"qubit[3] q; x q[0];\n{again}", "a reset is not unitary, and qubit 0", 4)
    refused("qubit q; measure q;\nreset q;", "not unitary", 4)
    refused("qubit q; ctrl @ gphase(1) q;\nreset q;", "not unitary", 4)


@pytest.mark.parametrize(
    ("alias", "operand", "qubits"),
    [
        ("let a = q[0:2];", "a", [0, 1, 2]),
        ("let a = q[1:2];", "a[0]", [1]),
        ("let a = q;", "a[-1]", [4]),
        ("let a = q[-3:-1];", "a", [2, 3, 4]),
        ("let a = q[0:-1];", "a[1:-2]", [1, 2, 3]),
        ("let a = q[0:2:4];", "a", [0, 2, 4]),
        ("let a = q[4:-2:0];", "a", [4, 2, 0]),
        ("let a = q[-1:-1:-5];", "a", [4, 3, 2, 1, 0]),
        ("let a = q[2:];", "a", [2, 3, 4]),
        ("let a = q[:1];", "a", [0, 1]),
        ("let a = q[{3, 0}];", "a", [3, 0]),
        ("let a = q[{3, -5}];", "a[{1}]", [0]),
        ("let a = r ++ q[0:1];", "a", [5, 6, 0, 1]),
        ("let a = r[1] ++ q[4];", "a", [6, 4]),
        ("let a = q[0:3]; let b = a[1:2] ++ r; let c = b[{2, 0}];", "c", [5, 1]),
        ("let a = q[3];", "a", [3]),
        ("const int n = 2; let a = q[n - 1:n];", "a", [1, 2]),
    ],
)
def test_aliases(alias, operand, qubits):
    found = read_openqasm(f"{V3}qubit[5] q; qubit[2] r;\n{alias}\nx {operand};").circuit
    assert [gate.qubits[0] for gate in found.gates] == qubits


def test_the_aliases_of_qiskit():
    text = V3 + (
        "bit[2] c;\nqubit[3] _all_qubits;\nlet q = _all_qubits[0:1];\nlet anc = _all_qubits[2:2];\n"
        "h q[0];\ncx q[0], anc[0];\nlet d = c[0:1];\nd[0] = measure q[0];\nc[1] = measure anc[0];"
    )
    assert read_openqasm(text).circuit.gates == (FixedGate("H", (0,)), FixedGate("CX", (0, 2)))


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("let a = q ++ q;", "holds the same qubit twice"),
        ("let a = q[{0, 0}];", "holds the same qubit twice"),
        ("let a = q ++ c;", "qubits and bits"),
        ("let a = q[0:9];", "qubit 9 of 'q' does not exist"),
        ("let a = q[3:1];", "selects no qubit"),
        ("let a = q[0:0:3];", "step of a range"),
        ("let a = w;", "unknown register 'w'"),
        ("let a = 3;", "stands for a register"),
        ("let a = x;", "'x' is a gate"),
        ("x q[5];", "qubit 5 of 'q' does not exist"),
        ("x q[-6];", "qubit -6 of 'q' does not exist"),
        ("h q[{}];", "selects no qubit|syntax error"),
        ("let a = q[0:1]; x a[2];", "qubit 2 of 'a' does not exist"),
    ],
)
def test_aliases_and_parts_that_do_not_exist(statement, message):
    refused(f"qubit[5] q; bit[5] c;\n{statement}", message, 4)


def test_what_has_no_effect():
    text = V3 + (
        'duration d = 100ns; duration e = 2 * d; stretch w; bit b = 1; bit[4] c = "0101"; bool v = true;\n'
        "array[int, 3] k; complex[float] l;\nqubit[2] q; delay[d] q; delay[w] q[0]; h q[0]; end; nonsense;"
    )
    assert read_openqasm(text).circuit.gates == (FixedGate("H", (0,)),)
    refused("duration d = 100ns;\nqubit q; rx(d) q;", "'d' is a variable of type duration", 4)
    refused("qubit q;\nrx(100ns) q;", "a duration is no number", 4)
    refused("qubit q;\nrx(durationof({x q;})) q;", "a duration is no number", 4)
    loop = V3 + "qubit[3] q; for int i in [0:2] { x q[i]; if_none q; }".replace(" if_none q;", "")
    assert len(read_openqasm(loop).circuit.gates) == 3
    ended = V3 + "qubit[3] q; for int i in [0:2] { x q[i]; end; } y q;"
    assert read_openqasm(ended).circuit.gates == (FixedGate("X", (0,)),)


def test_conditions_that_are_known():
    """As in the adder of the specification's examples."""
    text = V3 + (
        "const uint[4] a_in = 6; int n = 3; qubit[4] q; bit[4] c; reset q;\n"
        "for uint i in [0:3] { if (bool(a_in[i])) x q[i]; }\n"
        "for int i in [0:n] { if (i == 0 || i == n && !(n < 3)) { y q[i]; } else { z q[i]; } }\n"
        "gate g(k) a { if (k > 1) { h a; } else { s a; } for int j in [0:2] { if (j != 1) t a; } }\n"
        "g(2) q[0]; g(0.5) q[1]; if (a_in[0] == 1) x q; if (true) { const int n = 0; x q[n]; }"
    )
    expected = [("X", 1), ("X", 2), ("Y", 0), ("Z", 1), ("Z", 2), ("Y", 3)]
    expected += [("H", 0), ("T", 0), ("T", 0), ("S", 1), ("T", 1), ("T", 1), ("X", 0)]
    found = read_openqasm(text).circuit.gates
    assert [(gate.name, *gate.qubits) for gate in found] == expected
    for choice in ("c == 1", "c[0] == 0", "int[4](c) == 1 && true", "bool(c[1])"):
        refused(f"qubit q; bit[4] c;\nif ({choice}) x q;", "depends on a measurement", 4)
    refused("input float w; qubit q; rx(w) q;\nif (w > 0) x q;", "depends on 'w'", 4)
    refused("qubit q; int k = 1;\nif (k[64] == 1) x q;", "0 to 63", 4)
    refused(
        "gate g(k) a { if (k > 1) { h a; } }\ninput float w; qubit q;\ng(w) q;",
        "takes a number for 'k'",
        5,
    )


@pytest.mark.parametrize(
    ("declaration", "better"),
    [
        ("qubit q[2];", r"'qubit\[2\] q'"),
        ("bit c[4];", r"'bit\[4\] c'"),
        ("int k[8] = 3;", r"'int\[8\] k'"),
        ("const float x[64] = 3;", r"'float\[64\] x'"),
        ("angle a[20];", r"'angle\[20\] a'"),
        ("uint  k [ 8 ];", r"'uint\[ 8 \] k'"),
    ],
)
def test_a_size_behind_the_name(declaration, better):
    message = f"OpenQASM 3 writes the size first: {better}"
    refused(f"qubit[2] p;\n{declaration}", message, 4)
    refused(f"qubit[2] p; x p; {declaration} x p[0];", message, 3)


def test_opaque_gates_are_not_of_version_3():
    refused("qubit q;\nopaque magic a;", "opaque gates are of OpenQASM 2", 4)
    refused("qubit q; opaque magic(t) a;", "opaque gates are of OpenQASM 2", 3)


# Gate definitions


def test_inputs_inside_of_gate_definitions():
    for use in (
        "rx(th) a;",
        "rx(2 * th + 1) a;",
        "for int i in [0:1] { rx(th) a; }",
        "pow(th) @ x a;",
    ):
        refused(
            f"input float th;\ngate g a {{ {use} }}\nqubit q; g q;",
            "a gate definition cannot use the input 'th'.*'gate g\\(th\\) q",
            4,
        )
    text = (
        V3 + "const float c = 0.5; input float th; gate g(th) a { rx(c * th) a; } qubit q; g(th) q;"
    )
    assert read_openqasm(text).circuit.gates == (PauliRotation("X", (0,), 0, 0.5),)


def test_bodies_that_are_not_linear():
    text = V3 + (
        "gate g(a, b) x { rx(a * b) x; ctrl_ x; }\n".replace(" ctrl_ x;", "")
        + "gate p_(n) x { pow(n) @ rx(0.5) x; }\n"
        "gate l(n) x { for int k in [1:int(n)] { rx(k) x; } }\n"
        "gate d(u) x { g(u, 2 * u) x; }\n"
        "input float w; qubit q;\n"
        "g(0.5, 3) q; p_(3) q; l(2) q; d(0.25) q; "
        "rx(w) q;"
    )
    found = read_openqasm(text).circuit.gates
    assert [gate.offset for gate in found[:-1]] == pytest.approx([1.5, 1.5, 1, 2, 0.125])
    definitions = (
        "gate g(a, b) x { rx(a * b) x; }\ngate d(u) x { g(u, 2) x; }\ninput float w; qubit q;\n"
    )
    for call in ("g(w, 1) q;", "g(1, 2 * w) q;", "d(w) q;", "ctrl @ g(1, w) q, q;"):
        refused(definitions + call, "takes a number for '[abu]'.*depends on 'w'", 6)
    refused(definitions + "rx(w * w) q;", "not linear", 6)
    refused(definitions + "rx(sin(w)) q;", "depends on 'w'", 6)
    refused(definitions + "rx(int(w)) q;", "depends on 'w'", 6)
    refused(definitions + "pow(w) @ x q;", "depends on 'w'", 6)


def test_errors_inside_of_definitions_name_their_line():
    refused("gate g(a) x {\nrx(1 / a) x; }\nqubit q;\ng(0) q;", "division by zero", 4)
    refused("gate g(a) x {\nrx(sqrt(a)) x; }\nqubit q;\ng(-1) q;", "cannot be computed", 4)
    refused("gate g(a) x {\nrx(b) x; }", "'b' has no value", 4)
    refused("gate g x {\nmeasure x; }", "syntax error|gates only", 4)


# Powers and controls


def matrix(program, qubits=1):
    return unitary(read_openqasm(f"{V3}qubit[{qubits}] q; {program}").circuit)


def test_powers_of_rotations_and_of_their_controls():
    for name in ("rx", "ry", "rz"):
        half = quimb_matrix(name, [0.4])
        assert_equal_up_to_phase(matrix(f"pow(0.5) @ {name}(0.8) q[0];"), half)
        for call in (
            f"pow(0.5) @ ctrl @ {name}(0.8) q[0], q[1];",
            f"ctrl @ pow(0.5) @ {name}(0.8) q[0], q[1];",
            f"inv @ ctrl @ pow(-0.5) @ {name}(0.8) q[0], q[1];",
            f"pow(0.5) @ c{name}(0.8) q[0], q[1];",
            f"pow(0.25) @ pow(2) @ ctrl @ {name}(0.8) q[0], q[1];",
        ):
            assert_equal_up_to_phase(matrix(call, 2), controlled(half))
    root = 0.5 * np.array([[1 + 1j, 1 - 1j], [1 - 1j, 1 + 1j]])
    for call in ("pow(0.5) @ ctrl @ x", "ctrl @ pow(0.5) @ x", "pow(0.5) @ cx"):
        assert_equal_up_to_phase(matrix(f"{call} q[0], q[1];", 2), controlled(root))
    # The eigenvalue -1 is exp(i pi) for the inverse too.
    assert_equal_up_to_phase(matrix("ctrl @ pow(0.5) @ inv @ x q[0], q[1];", 2), controlled(root))
    assert_equal_up_to_phase(
        matrix("ctrl @ inv @ pow(0.5) @ x q[0], q[1];", 2), controlled(root.conj().T)
    )
    hadamard = quimb_matrix("h")
    values, vectors = np.linalg.eigh(hadamard)
    third = (vectors * np.exp(1j / 3 * np.angle(values + 0j))) @ vectors.conj().T
    assert_equal_up_to_phase(matrix("ctrl @ pow(1.0/3) @ h q[0], q[1];", 2), controlled(third))


def test_powers_of_parameters_and_of_defined_gates():
    text = V3 + (
        "gate turn(t) a, b { cx a, b; rz(t) b; cx a, b; }\n"
        "gate ryy_(t) a, b { rx(pi/2) a; rx(pi/2) b; cx a, b; rz(t) b; cx a, b; rx(-pi/2) a; rx(-pi/2) b; }\n"
        "input float w; qubit[2] q;\n"
        "pow(0.5) @ rx(w) q[0]; pow(0.25) @ turn(2 * w) q[0], q[1]; pow(1.5) @ ryy_(w) q[0], q[1];"
    )
    assert read_openqasm(text).circuit.gates == (
        PauliRotation("X", (0,), 0, 0.5),
        PauliRotation("ZZ", (0, 1), 0, 0.5),
        PauliRotation("YY", (0, 1), 0, 1.5),
    )
    refused("input float w; qubit q;\npow(0.5) @ U(w, 1, 0) q;", "no closed form", 4)


def test_numbers_of_a_principal_power_are_reduced():
    """Half of a turn by 3 pi / 2 about Z is principal, and not half of the angle."""
    assert_equal_up_to_phase(
        matrix("ctrl @ pow(0.5) @ p(3 * pi / 2) q[0], q[1];", 2),
        np.diag([1, 1, 1, np.exp(-0.25j * np.pi)]),
    )
    assert_equal_up_to_phase(
        matrix("pow(0.5) @ rx(7) q[0];"), quimb_matrix("rx", [3.5 - 2 * math.pi])
    )


# Limits


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("qubit[1000000000] q;", "1000000000 qubits, more than the 100000"),
        ("qubit[99999] q; qubit[2] r;", "100001 qubits"),
        ("x $1000000000;", "1000000001 qubits"),
        ("qubit q; ctrl(2**40) @ x q;", "qubits, more than"),
        (
            "qubit[2] q; gate g a, b { h a; cx a, b; }\npow(2**40) @ g q[0], q[1];",
            "more than .* gates",
        ),
        ("for int i in [0:2**40] { }", "gates and rounds of loops"),
        ("gate g a { for int i in [0:2**40] { x a; } }", "gates and rounds of loops"),
        ("qubit[90] q; ctrl(60) @ x q[0];", "gates and rounds of loops"),
        ("qubit q; rx(" + "(" * 5000 + "1" + ")" * 5000 + ") q;", "brackets are open"),
        ("qubit q; rx(" + "-" * 500 + "1) q;", "nested too deeply"),
        ("qubit q; rx(" + "9" * 5000 + ") q;", "too many digits"),
        ("qubit q; x q; " + "{" * 500, "brackets are open"),
        ("input float w; qubit q; rx(w * 1e308 * 1e308) q;", "finite real number"),
        ("gate g(a) q { rx(a * 1e300) q; } qubit q; g(1e300) q;", "finite real number"),
        (
            "gate g(a) q { rx(a * 1e300) q; } input float w; qubit q; g(1e300 * w) q;",
            "finite real number",
        ),
        ("qubit q; pow(1e300) @ rx(1e300) q;", "finite real number"),
        ("gate g(a) q { rx(a * 1e300) q; } qubit q; pow(2) @ g(1e300) q;", "finite real number"),
        ("gate g(a) q { gphase(a); gphase(a); } qubit q; ctrl @ g(1e308) q, q;", "finite real"),
        (
            "gate g(a, b) q { rx(a * 2 - b * 2) q; } qubit q; pow(0.5) @ g(1e308, 1e308) q;",
            "finite",
        ),
        ("qubit[900] q; reset q; reset q; bit[900] c; c = measure q;", "gates and rounds of loops"),
    ],
)
def test_programs_that_ask_for_too_much(program, message, monkeypatch):
    monkeypatch.setattr("trainscape.circuits.io.openqasm.limits.Budget.__init__", short_budget)
    refused(program, message)


def short_budget(budget):
    budget.steps = 2000


def doubling(version):
    gates = "".join(f"gate g{k} a {{ g{k - 1} a; g{k - 1} a; }}\n" for k in range(1, 60))
    register = "qreg q[1]; g59 q[0];" if version == 2 else "qubit q; g59 q;"
    library = "qelib1" if version == 2 else "stdgates"
    return f'OPENQASM {version}.0; include "{library}.inc"; gate g0 a {{ h a; }}\n{gates}{register}'


@pytest.mark.parametrize("version", [2, 3])
def test_definitions_that_double(version, monkeypatch):
    monkeypatch.setattr("trainscape.circuits.io.openqasm.limits.Budget.__init__", short_budget)
    with pytest.raises(OpenQASMError, match=r"line 11, 'gate g10 .*more than 500000 gates"):
        read_openqasm(doubling(version))


@pytest.mark.slow
@pytest.mark.parametrize("version", [2, 3])
def test_definitions_that_double_up_to_the_limit(version):
    with pytest.raises(OpenQASMError, match=r"line 19, 'gate g18 .*more than 500000 gates"):
        read_openqasm(doubling(version))


def test_messages_stay_short():
    name = "n" * 5000
    with pytest.raises(OpenQASMError) as caught:
        read_openqasm(f"{V3}qubit {name}; bit {name};")
    assert len(str(caught.value)) < 700


def test_large_powers_and_wide_registers_within_the_limits():
    assert read_openqasm(V3 + "qubit q; pow(2**40) @ h q;").circuit.gates == ()
    assert read_openqasm(V3 + "qubit q; pow(2**40 + 1) @ x q;").circuit.gates == (
        FixedGate("X", (0,)),
    )
    assert read_openqasm(V3 + "qubit[100000] q; x q[99999];").circuit.num_qubits == 100_000
    wide = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[1];'
    sum_ = "+".join(["1"] * 20000)
    assert read_openqasm(f"{wide} rx({sum_}) q[0];").angles == (20000.0,)
