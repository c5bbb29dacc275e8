"""Whatever the text is, the answer is a circuit or an error of one line, within bounds."""

import re
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from circuits.io.openqasm.store_expected import FOLDER
from trainscape.circuits.circuit import Problem
from trainscape.circuits.io.openqasm import limits
from trainscape.circuits.io.openqasm.reader import OpenQASMError, read_openqasm
from trainscape.cli.app import run_app
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.dense import Dense

PROGRAMS = [path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.qasm"))]
STEPS = 3000


@pytest.fixture(autouse=True)
def small_budget(monkeypatch):
    """The bounds are there for time; small ones show that nothing gets around them."""

    def start(budget):
        budget.steps = STEPS

    monkeypatch.setattr(limits.Budget, "__init__", start)


def check(text):
    try:
        found = read_openqasm(text)
    except OpenQASMError as error:
        message = str(error)
        assert re.match(r"line \d+, ", message)
        assert "\n" not in message
        assert len(message) < 1000
        assert "Span(" not in message
        return
    circuit = found.circuit
    assert circuit.num_qubits <= limits.MAX_QUBITS
    assert len(circuit.gates) <= 10 * STEPS
    angles = np.zeros(circuit.num_parameters) if found.angles is None else np.array(found.angles)
    assert np.isfinite(angles).all()
    if circuit.num_qubits <= 4 and len(circuit.gates) <= 100:
        observable = PauliSum(((1.0, PauliString("Z" * circuit.num_qubits)),))
        value = Dense(Problem(circuit, observable)).value(angles[None, :])[0]
        assert -1 - 1e-9 <= value <= 1 + 1e-9


# Raw text


@given(st.text(max_size=60))
def test_raw_text(text):
    check(text)
    check("OPENQASM 2.0;\n" + text)
    check("OPENQASM 3.0;\nqubit[2] q; " + text)


@given(st.binary(max_size=60))
def test_raw_bytes(data):
    check("OPENQASM 2.0;" + data.decode("latin-1"))
    check(data.decode("utf-8", errors="replace"))


# Programs by a grammar, with names, numbers and sizes that need not fit


NAMES = ("q", "r", "c", "h", "x", "cx", "rx", "U", "g", "g1", "t", "pi", "in", "k", "a", "$0", "$7")
NUMBERS = (
    *("0", "1", "2", "3", "-1", "0.5", "1e3", "1e16", "1e308", "1e999", "2**40", "2^40", "1/2"),
    *("pi", "pi/2", "-pi", "1/0", "9" * 30, "9" * 5000, "a", "t", "k", "0x1F", "true", "100ns"),
)


def names():
    return st.sampled_from(NAMES)


@st.composite
def expressions(draw, depth=3):
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from(NUMBERS))
    inner = expressions(depth=depth - 1)
    return draw(
        st.one_of(
            st.tuples(
                inner, st.sampled_from(["+", "-", "*", "/", "^", "**", "%", "<<"]), inner
            ).map("".join),
            inner.map(lambda text: f"({text})"),
            inner.map(lambda text: f"-{text}"),
            st.tuples(
                st.sampled_from(
                    ["sin", "sqrt", "ln", "log", "floor", "mod", "int", "uint[4]", "angle"]
                ),
                inner,
            ).map(lambda pair: f"{pair[0]}({pair[1]})"),
        )
    )


@st.composite
def operands(draw):
    one = st.one_of(
        names(),
        st.tuples(
            names(), st.sampled_from(["0", "1", "2", "-1", "0:1", "{0, 1}", "2**40", "0:-1"])
        ).map(lambda pair: f"{pair[0]}[{pair[1]}]"),
    )
    return ", ".join(draw(st.lists(one, min_size=1, max_size=3)))


@st.composite
def calls(draw):
    modifiers = draw(
        st.lists(
            st.one_of(
                st.sampled_from(
                    ["inv @ ", "ctrl @ ", "negctrl @ ", "ctrl(3) @ ", "ctrl(2**40) @ "]
                ),
                expressions(depth=1).map(lambda text: f"pow({text}) @ "),
            ),
            max_size=2,
        )
    )
    arguments = draw(st.lists(expressions(), max_size=3))
    angles = f"({', '.join(arguments)})" if arguments else ""
    return f"{''.join(modifiers)}{draw(names())}{angles} {draw(operands())};"


@st.composite
def statements(draw, depth=2):
    kinds = [
        calls(),
        st.tuples(
            st.sampled_from(["qreg", "creg"]), names(), st.sampled_from(["1", "3", "10" * 9, "0"])
        ).map(lambda parts: f"{parts[0]} {parts[1]}[{parts[2]}];"),
        st.tuples(
            st.sampled_from(["qubit", "qubit[2]", "bit[2]", "input float", "qubit[2**40]"]), names()
        ).map(lambda parts: f"{parts[0]} {parts[1]};"),
        st.tuples(
            st.sampled_from(
                ["const int[8]", "const float", "uint[3]", "angle[4]", "bool", "duration"]
            ),
            names(),
            expressions(),
        ).map(lambda parts: f"{parts[0]} {parts[1]} = {parts[2]};"),
        st.tuples(names(), operands()).map(lambda parts: f"let {parts[0]} = {parts[1]};"),
        operands().map(lambda text: f"reset {text};"),
        operands().map(lambda text: f"barrier {text};"),
        st.tuples(names(), names()).map(lambda parts: f"measure {parts[0]} -> {parts[1]};"),
        st.tuples(names(), names()).map(lambda parts: f"opaque {parts[0]} {parts[1]};"),
        st.sampled_from(
            ["end;", "gphase(0.5);", 'include "qelib1.inc";', "if (c == 1) x q;", "break;"]
        ),
    ]
    if depth:
        body = st.lists(statements(depth=depth - 1), max_size=3).map(" ".join)
        kinds += [
            st.tuples(names(), names(), names(), body).map(
                lambda parts: f"gate {parts[0]}({parts[1]}) {parts[2]} {{ {parts[3]} }}"
            ),
            st.tuples(
                names(), st.sampled_from(["[0:2]", "[0:2**40]", "{1, 2}", "[5:-1:0]"]), body
            ).map(lambda parts: f"for int {parts[0]} in {parts[1]} {{ {parts[2]} }}"),
            st.tuples(expressions(), st.sampled_from(["==", "<", "&&", "||"]), names(), body).map(
                lambda parts: f"if ({parts[0]} {parts[1]} {parts[2]}) {{ {parts[3]} }} else x q;"
            ),
        ]
    return draw(st.one_of(kinds))


HEADS = st.sampled_from(
    [
        'OPENQASM 2.0; include "qelib1.inc"; qreg q[3]; creg c[3];',
        'OPENQASM 3.0; include "stdgates.inc"; qubit[3] q; bit[3] c;',
        "OPENQASM 3.0; input float a;",
        "OPENQASM 2.0;",
        "",
    ]
)
WHOLE = st.tuples(HEADS, st.lists(statements(), max_size=6)).map(
    lambda parts: "\n".join([parts[0], *parts[1]])
)


@given(WHOLE)
def test_programs_by_a_grammar(text):
    check(text)


# Programs that were right


@st.composite
def damaged(draw):
    text = draw(st.sampled_from(PROGRAMS))
    for _ in range(draw(st.integers(1, 3))):
        parts = re.findall(r"\w+|\s+|.", text)
        place = draw(st.integers(0, len(parts) - 1))
        other = draw(st.integers(0, len(parts) - 1))
        kind = draw(st.sampled_from(["drop", "repeat", "swap", "replace", "cut", "many"]))
        if kind == "drop":
            del parts[place]
        elif kind == "repeat":
            parts.insert(place, parts[other])
        elif kind == "swap":
            parts[place], parts[other] = parts[other], parts[place]
        elif kind == "replace":
            parts[place] = draw(st.one_of(st.sampled_from(NUMBERS), names(), st.characters()))
        elif kind == "cut":
            parts = parts[:place]
        else:
            parts[place] *= draw(st.sampled_from([2, 50]))
        text = "".join(parts)
        if not text:
            break
    return text


@given(damaged())
def test_damaged_programs(text):
    check(text)


@pytest.mark.slow
@settings(max_examples=1500)
@given(st.one_of(damaged(), WHOLE))
def test_many_programs(text):
    check(text)


# Through the command


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\x01\x02",
        b"qubit",
        b"OPENQASM 2.0;",
        b"OPENQASM 2.0;\nqreg q[1000000000];",
        b"OPENQASM 3.0;\nqubit q;\npow(2**40) @ x q;\nrx(1/0) q;",
        b"OPENQASM 3.0;\nqubit q;\nrx(" + b"(" * 3000,
        b"OPENQASM 2.0;\nqreg q[1];\nU(" + b"-" * 3000 + b"1,0,0) q[0];",
        b"OPENQASM 3.0;\nqubit q;\nrx(" + b"9" * 6000 + b") q;",
        b"OPENQASM 3.0;\nfor int i in [0:2**50] { }",
        b"OPENQASM 3.0;\nqubit q[2];",
        b"{" * 400,
        b"OPENQASM 3.0;\nqubit q; rx(0.3) q; x q[0][0][0];",
    ],
)
def test_the_command_ends_with_one_sentence(data, tmp_path, monkeypatch, capsys):
    path = tmp_path / "program.qasm"
    path.write_bytes(data)
    monkeypatch.setattr(sys, "argv", ["trainscape", "evaluate", str(path), "-o", "Z"])
    capsys.readouterr()
    with pytest.raises(SystemExit) as caught:
        run_app()
    captured = capsys.readouterr()
    assert caught.value.code == 2
    assert captured.out == ""
    assert len(captured.err.strip().splitlines()) == 1
    assert "Traceback" not in captured.err
