"""OpenQASM 2 by its own grammar: precedence, words that are names, opaque gates, broken texts."""

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from circuits.io.openqasm.independent import value_of
from trainscape.circuits.gates import FixedGate, PauliRotation
from trainscape.circuits.io.openqasm.reader import OpenQASMError, read_openqasm

V2 = 'OPENQASM 2.0;\ninclude "qelib1.inc";\n'


def angle(expression):
    (value,) = read_openqasm(f"{V2}qreg q[1]; rx({expression}) q[0];").angles
    return value


# Expressions


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        # As Qiskit 2.6 reads them.
        ("pi/2^2", math.pi / 4),
        ("1+2^2", 5.0),
        ("2^3^2", 512.0),
        ("-2^2", -4.0),
        ("2^-1", 0.5),
        ("2^-1*3", 1.5),
        ("2--1", 3.0),
        ("8/4/2", 1.0),
        ("1-2-3", -4.0),
        ("-2*3", -6.0),
        ("2*-3", -6.0),
        ("+3", 3.0),
        ("1/2", 0.5),
        ("sin(-2)^2", 0.826821810431806),
        ("-sin(pi/6)*2", -1.0),
        ("2^2^-1", math.sqrt(2)),
        ("-2^-2", -0.25),
        ("1.e-2 + .5e1 + 01", 6.01),
        ("sqrt(ln(exp(4)))", 2.0),
    ],
)
def test_precedence(expression, value):
    assert angle(expression) == pytest.approx(value, rel=1e-14)
    assert value_of(expression) == pytest.approx(value, rel=1e-14)


def test_all_pairs_and_triples_of_operators():
    """Every order of operators, with and without a sign before each operand."""
    operators = "+-*/^"
    expressions = [
        f"{signs[0]}3{a}{signs[1]}2{b}{signs[2]}1.5"
        for a, b in itertools.product(operators, repeat=2)
        for signs in itertools.product(["", "-"], repeat=3)
    ]
    expressions += [f"1.5{a}2{b}1.25{c}0.5" for a, b, c in itertools.product(operators, repeat=3)]
    text = V2 + "qreg q[1];\n" + "\n".join(f"rx({expression}) q[0];" for expression in expressions)
    found = read_openqasm(text).angles
    assert len(found) == len(expressions) == 325
    assert found == pytest.approx([value_of(expression) for expression in expressions], rel=1e-13)


@st.composite
def expressions(draw):
    atoms = st.sampled_from(["0.5", "2", "pi", "1.25", "3e-1", ".75"])

    def join(inner):
        return st.one_of(
            st.tuples(inner, st.sampled_from("+-*/"), inner).map("".join),
            # Signed powers of whole numbers are real.
            st.tuples(st.sampled_from(["2", "-2", "1.5", "(2)"]), st.just("^"), inner).map("".join),
            inner.map(lambda text: f"({text})"),
            inner.map(lambda text: f"-{text}" if not text.startswith("-") else f"-({text})"),
            st.tuples(st.sampled_from(["sin", "cos", "exp"]), inner).map(
                lambda p: f"{p[0]}({p[1]})"
            ),
        )

    return draw(st.recursive(atoms, join, max_leaves=10))


@given(expressions())
def test_expressions_have_the_value_of_an_independent_evaluator(expression):
    try:
        expected = value_of(expression)
    except ArithmeticError:
        expected = math.inf
    if isinstance(expected, complex) or not math.isfinite(expected):
        with pytest.raises(OpenQASMError, match=r"finite real number|cannot be computed"):
            angle(expression)
    else:
        assert angle(expression) == pytest.approx(expected, rel=1e-12, abs=1e-300)


@pytest.mark.slow
@settings(max_examples=500)
@given(expressions())
def test_expressions_have_the_value_of_qiskit(expression):
    qasm2 = pytest.importorskip("qiskit.qasm2", reason="pip install -e '.[peers]'")
    text = f"{V2}qreg q[1]; rx({expression}) q[0];"
    try:
        expected = qasm2.loads(text).data[0].operation.params[0]
    except qasm2.QASM2ParseError:
        # Qiskit raises no negative number to a real power, and stops at what is not finite.
        return
    if math.isfinite(expected):
        assert angle(expression) == pytest.approx(expected, rel=1e-12, abs=1e-300)


# Names


WORDS_OF_3 = [
    "angle",
    "array",
    "barrier_",
    "bit",
    "bool",
    "box",
    "break",
    "cal",
    "complex",
    "const",
    "continue",
    "creg_",
    "ctrl",
    "def",
    "defcal",
    "defcalgrammar",
    "delay",
    "duration",
    "durationof",
    "else",
    "end",
    "euler",
    "extern",
    "false",
    "float",
    "for",
    "gphase",
    "im",
    "in",
    "input",
    "int",
    "inv",
    "let",
    "mutable",
    "negctrl",
    "output",
    "pow",
    "pragma",
    "qubit",
    "readonly",
    "return",
    "sizeof",
    "stretch",
    "switch",
    "tau",
    "true",
    "uint",
    "void",
    "while",
]


@pytest.mark.parametrize("word", WORDS_OF_3)
def test_words_of_openqasm_3_are_names(word):
    text = (
        f"{V2}gate {word}_gate({word}) a {{ rx({word}) a; }} gate {word} b {{ {word}_gate(0.5) b; }}\n"
        f"qreg q{word}[1]; qreg r[2]; creg c[2]; {word} r[1]; {word}_gate(0.25) q{word}[0];"
    )
    found = read_openqasm(text)
    assert found.circuit.num_qubits == 3
    assert [gate.qubits for gate in found.circuit.gates] == [(2,), (0,)]
    named = f"{V2}qreg {word}[2]; creg c_{word}[2]; h {word}; measure {word} -> c_{word};"
    assert read_openqasm(named).circuit.gates == (FixedGate("H", (0,)), FixedGate("H", (1,)))


@pytest.mark.parametrize(
    "word",
    [
        "gate",
        "qreg",
        "creg",
        "opaque",
        "barrier",
        "measure",
        "reset",
        "if",
        "pi",
        "include",
        "sin",
        "cos",
        "tan",
        "exp",
        "ln",
        "sqrt",
    ],
)
def test_words_of_openqasm_2_are_not(word):
    with pytest.raises(OpenQASMError, match=rf"'{word}' is a word of the language"):
        read_openqasm(f"{V2}qreg {word}[1];")


# Statements


def test_opaque_gates_may_be_declared():
    text = f"{V2}opaque wait(t) a;\nopaque magic a, b;\nopaque empty() a;\nqreg q[1]; x q[0];"
    assert read_openqasm(text).circuit.gates == (FixedGate("X", (0,)),)
    for call in ("wait(1) q[0];", "magic q[0], q[0];"):
        with pytest.raises(OpenQASMError, match=r"is opaque \(line [34]\): it has no definition"):
            read_openqasm(f"{text}\n{call}")
    with pytest.raises(OpenQASMError, match=r"'wait' is opaque"):
        read_openqasm(f"{V2}opaque wait(t) a;\ngate g a {{ wait(1) a; }}")


def test_forms_that_programs_have():
    text = """
    // first a comment

    OPENQASM 2.0;  include "qelib1.inc";
    gate both() a,b { /* block
    comment */ barrier a,b; cx a,b; }
    gate none a { }
    qreg q[2];qreg r[2];
    creg c[4];
    both() q[0],q[1]; none q[0]; both q,r;
    barrier; barrier q, r[0];
    reset r[1]; ;
    """.replace("reset r[1]; ;", "")
    assert read_openqasm(text).circuit.gates == tuple(
        FixedGate("CX", pair) for pair in ((0, 1), (0, 2), (1, 3))
    )
    for ending in ("\r\n", "\r"):
        assert read_openqasm(text.replace("\n", ending)) == read_openqasm(text)
    assert read_openqasm("\ufeff" + text.lstrip()) == read_openqasm(text)


def test_bodies_that_are_not_linear_can_be_called_with_numbers():
    """The arguments that an angle is not linear in are constants, the others parameters."""
    text = (
        f"{V2}gate g(a, b, c) x {{ rx(a * b) x; rz(sin(a) / b) x; ry(2 * c) x; }}\n"
        "gate outer(u, v) x { g(u, v + 1, v) x; g(0.5, 2, u) x; rz(v) x; }\nqreg q[1];\n"
        "g(0.3, 0.7, 0.4) q[0]; outer(0.2, 0.6) q[0]; g(0.1, 0, 1) q[0];"
    )
    with pytest.raises(OpenQASMError, match=r"line 3.*division by zero"):
        read_openqasm(text)
    found = read_openqasm(text.replace(" g(0.1, 0, 1) q[0];", ""))
    assert found.angles == (0.4,)
    numbers = [
        gate.offset if gate.parameter is None else None
        for gate in found.circuit.gates
        if not isinstance(gate, PauliRotation)
    ]
    assert numbers == pytest.approx(
        [
            0.21,
            math.sin(0.3) / 0.7,
            0.2 * 1.6,
            math.sin(0.2) / 1.6,
            1.2,
            1.0,
            math.sin(0.5) / 2,
            0.4,
            0.6,
        ]
    )
    (rotation,) = [gate for gate in found.circuit.gates if isinstance(gate, PauliRotation)]
    assert rotation == PauliRotation("Y", (0,), 0, 2.0)


@pytest.mark.parametrize(
    ("program", "line", "message"),
    [
        ("qreg q;", 3, r"the size is missing, as in 'q\[3\]'"),
        ("qreg q[n];", 3, "are numerals"),
        ("qreg q[0];", 3, "0 qubits"),
        ("creg c[0];", 3, "0 bits"),
        ("qubit[2] q;", 3, "'qubit' is a word of OpenQASM 3"),
        ("qreg q[1];\ninput float t;", 4, "'input' is a word of OpenQASM 3"),
        ("qreg q[1];\nctrl @ x q[0];", 4, "character '@'"),
        ("qreg q[2];\nlet r = q[0:1];", 4, "character '='"),
        ("qreg q[1];\nx q[0]\ny q[0];", 5, "syntax error at 'y'.*semicolon"),
        ("qreg q[1];\nx q[0][0];", 4, "semicolon"),
        ("qreg q[1];\nrx(2**3) q[0];", 4, r"a power is written 'a\^b'"),
        ("qreg q[1];\nrx(a) q[0];", 4, "'a' has no value here; .*write its number"),
        ("qreg q[1];\nrx(t) q[0];", 4, "'t' is the name of a gate"),
        ("qreg q[1];\nrx(tau) q[0];", 4, "'tau' has no value here"),
        ("qreg q[1];\nrx(arcsin(1)) q[0];", 4, "syntax error at '\\('"),
        ("qreg q[1];\nrx(sin) q[0];", 4, "'sin' has no value here"),
        ("qreg q[1];\nx r[0];", 4, "unknown register 'r'; declared are: q"),
        ("qreg q[1]; creg c[1];\nx c[0];", 4, "'c' is a classical register .* not a register"),
        ("qreg q[1];\nmeasure q -> c;", 4, "unknown classical register 'c'; declared are: none"),
        ("qreg q[2]; creg c[3];\nmeasure q -> c;", 4, r"2 qubit\(s\) are measured into 3 bit\(s\)"),
        ("qreg q[1]; creg c[1];\nmeasure q[0] = c[0];", 4, "character '='"),
        ("qreg q[1]; creg c[1];\nmeasure q[0], c[0];", 4, "a measurement is"),
        ("qreg q[1]; creg c[1];\nif (c == 1) x q[0];", 4, "depends on a measurement"),
        ("qreg q[1]; qreg r[3];\ncx q, r;", 4, "1 and 3 qubits cannot be paired"),
        ("gate g a {\nreset a; }", 4, "gates only"),
        ("gate g a {\nx a[0]; }", 4, "without an index"),
        ("gate g a {\nx b; }", 4, "own qubits a only"),
        ("gate g a {\ng a; }", 4, "unknown gate 'g'"),
        ("gate g a {\nx a;\n", 4, "syntax error at the end"),
        ('include "other.inc";', 3, "'other.inc' is not known"),
        ("include other;", 3, "in quotation marks"),
        ('include "other;', 3, "a quotation mark is missing"),
        ("/* no end", 3, r"has no end '\*/'"),
        ("OPENQASM 2.0;", 3, "once, before all else"),
        ("qreg q[1]; x q[0]; $", 3, "character '\\$'"),
        ("3;", 3, "syntax error at '3'"),
    ],
)
def test_errors(program, line, message):
    with pytest.raises(OpenQASMError, match=message) as caught:
        read_openqasm(V2 + program)
    assert caught.value.line == line
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("OPENQASM;\nqreg q[1];", "line 1.*version line is"),
        ("OPENQASM 2.0\nqreg q[1];", "line 2.*semicolon"),
        ("OPENQASM 1.0;\nqreg q[1];", "line 1.*OpenQASM 1.0 is not known"),
        ("\n// here\nOPENQASM 4;\nqreg q[1];", "line 3.*OpenQASM 4 is not known"),
        ("openqasm 2.0;\nqubit q;", "line 1.*the version line is"),
        (
            "qreg q[1];\nU(0.3, 0, 0) q[0];",
            "line 1.*has no version line, and 'qreg' is of OpenQASM 2",
        ),
        ('\ninclude "qelib1.inc";', "line 2.*no version line, and 'qelib1.inc'"),
        ("qubit q;\nOPENQASM 3.0;\nx q;", "line 2.*once, before all else"),
    ],
)
def test_the_version_line(program, message):
    with pytest.raises(OpenQASMError, match=message):
        read_openqasm(program)
