"""Reading OpenQASM, against the readers of PennyLane and quimb, and programs with known values."""

import math

import numpy as np
import pytest

from circuits.matrices import assert_equal_up_to_phase, quimb_matrix, unitary
from trainscape.circuits.circuit import Problem
from trainscape.circuits.gates import Evolution, FixedGate, PauliRotation
from trainscape.circuits.io.openqasm.reader import OpenQASMError, read_openqasm
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.dense import Dense

# What becomes of angles


def test_openqasm_3_inputs_are_the_parameters_in_order_of_first_use():
    found = read_openqasm(
        """OPENQASM 3.0;
        include "stdgates.inc";
        input float[64] b; input angle a;
        const float[64] quarter = pi / 4;
        qubit[2] q;
        rx(a) q[0];
        rz(-b / 2) q[1];
        ry(2 * a + quarter) q[0];
        rzz(quarter) q[0], q[1];
        rx((a - b) * 3) q[1];
        rx(0) q[1];
        """
    )
    assert found.parameter_names == ("a", "b")
    assert found.angles is None
    assert found.circuit.gates == (
        PauliRotation("X", (0,), 0),
        PauliRotation("Z", (1,), 1, -0.5),
        Evolution.of_pauli("Y", (0,), 0, 2.0, math.pi / 4),
        Evolution.of_pauli("ZZ", (0, 1), None, offset=math.pi / 4),
        PauliRotation("X", (1,), 0, 3.0),
        PauliRotation("X", (1,), 1, -3.0),
    )


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("pi/2", math.pi / 2),
        ("2*π - τ + ℇ", math.e),
        ("tau/euler", math.tau / math.e),
        ("-(1 + 2) ** 2 / 4.0", -2.25),
        ("sin(0.5)**2 + cos(0.5)**2", 1.0),
        ("arccos(0.25) + sqrt(2.0)*exp(-1)", math.acos(0.25) + math.sqrt(2) / math.e),
        ("log(2.0) + arctan(1.5e-1) - .5", math.log(2) + math.atan(0.15) - 0.5),
        ("mod(7, 4) + 7 % 4 + floor(2.5) + ceiling(2.5)", 11.0),
        ("float[64](3) / 4", 0.75),
    ],
)
def test_numeric_expressions(expression, value):
    (gate,) = read_openqasm(f"qubit[2] q; rxx({expression}) q[0], q[1];").circuit.gates
    assert gate.offset == pytest.approx(value, rel=1e-15)


def test_openqasm_2_angles_are_parameters_with_values():
    found = read_openqasm(
        """OPENQASM 2.0;
        include "qelib1.inc";
        gate mix(a, b) x, y { rx(a / 2 + pi) x; rz(b - a) y; u0(1) x; }
        qreg q[2]; creg c[2];
        u3(0.1, pi/2, -0.3) q[0];
        h q;
        mix(ln(2), 2^3) q[0], q[1];
        rx(0.5) q;
        cu1(-0.25) q[1], q[0];
        barrier q;
        measure q -> c;
        """
    )
    assert found.parameter_names == tuple(f"theta{k}" for k in range(7))
    assert found.angles == pytest.approx(
        (0.1, math.pi / 2, -0.3, math.log(2), 8.0, 0.5, -0.25), rel=1e-15
    )
    assert found.circuit.gates == (
        PauliRotation("Z", (0,), 2),
        PauliRotation("Y", (0,), 0),
        PauliRotation("Z", (0,), 1),
        FixedGate("H", (0,)),
        FixedGate("H", (1,)),
        Evolution.of_pauli("X", (0,), 3, 0.5, math.pi),
        PauliRotation("Z", (1,), 4),
        PauliRotation("Z", (1,), 3, -1.0),
        PauliRotation("X", (0,), 5),
        PauliRotation("X", (1,), 5),
        PauliRotation("Z", (0,), 6, 0.5),
        PauliRotation("ZZ", (1, 0), 6, -0.5),
        PauliRotation("Z", (1,), 6, 0.5),
    )


def test_defined_gates_whose_cliffords_cancel_become_pauli_rotations():
    text = """gate turn(t) a, b { h a; sdg b; h b; cx a, b; rz(t) b; cx a, b; h b; s b; h a; }
    gate chain(t) a, b, c { swap a, c; cy a, b; ry(-t) b;
    iswap b, c; rz(t) c; inv @ iswap b, c; cy a, b; swap a, c; }
    input float t; qubit[3] q; turn(2 * t) q[2], q[0]; chain(t) q[0], q[1], q[2];"""
    found = read_openqasm(text)
    assert found.circuit.gates[0] == PauliRotation("XY", (2, 0), 0, 2.0)
    swap, cy, iswap = quimb_matrix("swap"), quimb_matrix("cy"), quimb_matrix("iswap")
    kept = read_openqasm(
        "gate same(t) a, b { cx a, b; rz(t) b; } input float t; qubit[2] q; same(t) q[0], q[1];"
    )
    assert kept.circuit.gates == (FixedGate("CX", (0, 1)), PauliRotation("Z", (1,), 0))

    def on(matrix, *qubits):
        import quimb as qu

        return qu.pkron(matrix, [2, 2, 2], qubits)

    frame = on(cy, 0, 1) @ on(swap, 0, 2)
    inner = (
        on(iswap, 1, 2).conj().T
        @ on(quimb_matrix("rz", [0.4]), 2)
        @ on(iswap, 1, 2)
        @ on(quimb_matrix("ry", [-0.4]), 1)
    )
    chain = read_openqasm(text.replace("turn(2 * t) q[2], q[0];", ""))
    assert_equal_up_to_phase(unitary(chain.circuit, [0.4]), frame.conj().T @ inner @ frame)


def test_constant_quarter_turns_become_clifford_gates():
    """Pauli propagation would else carry terms with the factor cos(pi/2), 6e-17 in floating
    point."""
    turns = [f"r{axis}({k} * pi / 2) q;" for axis in "xyz" for k in (-3, -2, -1, 0, 1, 2, 3, 6)]
    for turn in [*turns, "u2(0, pi) q;", "p(-1.5707963267948966) q;", "U(pi, 0, pi) q;"]:
        found = read_openqasm(f"qubit q; {turn}")
        assert all(isinstance(gate, FixedGate) for gate in found.circuit.gates)
        same = read_openqasm(f"OPENQASM 2.0; qreg q[1]; {turn}")
        assert_equal_up_to_phase(unitary(found.circuit), unitary(same.circuit, same.angles))
    (kept,) = read_openqasm("qubit q; rx(1.570796) q;").circuit.gates
    assert kept == Evolution.of_pauli("X", (0,), None, offset=1.570796)
    # The definition that Qiskit writes.
    text = (
        "gate ryy(p) a, b { rx(pi/2) a; rx(pi/2) b; cx a, b; rz(p) b; cx a, b; rx(-pi/2) a; "
        "rx(-pi/2) b; } input float t; qubit[2] q; ryy(t) q[1], q[0];"
    )
    assert read_openqasm(text).circuit.gates == (PauliRotation("YY", (1, 0), 0),)


# Registers, loops, operands


def test_registers_in_order_broadcast_and_indices():
    found = read_openqasm(
        """qubit[2] a; qubit b; qubit[2] c;
        x b; cx a, c; cz b, c; h a[-1]; h c[0:1]; y c[{1, 0}]; s a[0:-1:1];
        """.replace("s a[0:-1:1];", "")
    )
    expected = [
        ("X", 2),
        ("CX", 0, 3),
        ("CX", 1, 4),
        ("CZ", 2, 3),
        ("CZ", 2, 4),
        ("H", 1),
        ("H", 3),
        ("H", 4),
        ("Y", 4),
        ("Y", 3),
    ]
    assert found.circuit.num_qubits == 5
    assert [(gate.name, *gate.qubits) for gate in found.circuit.gates] == expected


def test_loops_are_unrolled():
    text = """const int n = 4; input float t; qubit[n] q;
    for int i in [0:n - 2] { cx q[i], q[i + 1]; for uint j in {3, 0} rz(t / 2**i) q[j]; }
    for int i in [3:-2:0] { h q[i]; }
    gate all(s) a { for int k in [1:2] { rx(k * s) a; } }
    all(t) q[0];"""
    expected = []
    for i in range(3):
        expected += [
            FixedGate("CX", (i, i + 1)),
            PauliRotation("Z", (3,), 0, 0.5**i),
            PauliRotation("Z", (0,), 0, 0.5**i),
        ]
    expected += [
        FixedGate("H", (3,)),
        FixedGate("H", (1,)),
        PauliRotation("X", (0,), 0),
        PauliRotation("X", (0,), 0, 2.0),
    ]
    assert read_openqasm(text).circuit.gates == tuple(expected)


def test_final_measurements_and_what_has_no_effect_are_left_out():
    text = """OPENQASM 3.0;
    pragma keep
    qubit[2] q; output bit[2] c; bit d;
    @note here
    h q; barrier q; delay[10ns] q; c = measure q; d = measure q[0]; measure q[1]; barrier q;
    end; nonsense q;"""
    assert read_openqasm(text).circuit.gates == (FixedGate("H", (0,)), FixedGate("H", (1,)))


# Whole programs


def test_ghz_and_rotated_values():
    found = read_openqasm(
        "input float t; qubit[3] q; h q[0]; cx q[0], q[1]; cx q[1], q[2]; crz(t) q[0], q[2];"
    )
    for observable, value in (
        ("ZZI", 1.0),
        ("XXX", math.cos(0.35)),
        ("ZII", 0.0),
        ("XXY", math.sin(0.35)),
    ):
        problem = Problem(found.circuit, PauliSum.parse(observable))
        # On |111> the phase is exp(i t / 2), on |000> there is none.
        assert Dense(problem).value(np.array([[0.7]]))[0] == pytest.approx(value, abs=1e-14)


PROGRAM_2 = """OPENQASM 2.0;
include "qelib1.inc";
// two registers
gate pair(a, b) x, y { cx x, y; u3(a, b, pi/3) y; rz(a/2) x; cx y, x; }
qreg r[2];
qreg v[2];
h r;
t r[1];
u2(0.2, -pi/4) v[0];
cx r[0], v[0];
crz(0.7) r[1], v[1];
ch v[0], r[0];
rzz(1.3) v[0], r[1];
rxx(-0.4) r[0], v[1];
cu3(0.5, 0.6, 0.7) r[0], v[1];
pair(0.9, -1.2) v[1], r[1];
ccx r[0], r[1], v[0];
cswap v[1], r[0], v[0];
sx v[0];
swap r[0], v[1];
cu1(pi/8) r[0], r[1];
sdg v[1];
u1(0.3) r[0];
cy r[1], v[0];
rx(sin(pi/5)) r[0];
"""


def test_openqasm_2_program_equals_quimb():
    import quimb.tensor as qtn

    # In place of gates that quimb does not read.
    text = PROGRAM_2.replace("ch v[0], r[0];", "ry(-pi/4) r[0]; cz v[0], r[0]; ry(pi/4) r[0];")
    text = text.replace("rzz(1.3) v[0], r[1];", "cx v[0], r[1]; rz(1.3) r[1]; cx v[0], r[1];")
    text = text.replace(
        "rxx(-0.4) r[0], v[1];",
        "h r[0]; h v[1]; cx r[0], v[1]; rz(-0.4) v[1]; cx r[0], v[1]; h v[1]; h r[0];",
    )
    expected = qtn.Circuit.from_openqasm2_str(text).to_dense().reshape(-1)
    found = read_openqasm(text)
    assert_equal_up_to_phase(unitary(found.circuit, found.angles)[:, 0], expected)
    same = read_openqasm(PROGRAM_2)
    assert_equal_up_to_phase(
        unitary(same.circuit, same.angles), unitary(found.circuit, found.angles)
    )


PROGRAM_3 = """OPENQASM 3.0;
input float t; input float s;
gate twist(a, b) x, y { cx x, y; u3(a, b, pi/3) y; inv @ t x; ctrl @ s y, x; }
qubit q; qubit r; qubit u; qubit v;
h q;
cu(t, 0.2, s, -0.6) q, v;
twist(s, t) u, r;
ctrl @ rx(2 * t) r, u;
negctrl @ ry(s) v, q;
inv @ u2(0.3, t) u;
pow(2) @ rz(t) r;
ctrl @ ctrl @ z q, r, v;
ctrl @ inv @ phase(s) v, u;
crx(t) q, u; sx u; crz(s) r, v; sx v;
cp(s) q, u;
cswap q, r, u;
twist(t, 0.5) v, q;
"""


def test_openqasm_3_program_equals_pennylane():
    import pennylane as qml

    @qml.qnode(qml.device("default.qubit", wires=list("qruv")))
    def state():
        qml.from_qasm3(PROGRAM_3, {name: name for name in "qruv"})(t=0.37, s=-1.2)
        return qml.state()

    found = read_openqasm(PROGRAM_3)
    assert found.parameter_names == ("t", "s")
    assert_equal_up_to_phase(unitary(found.circuit, [0.37, -1.2])[:, 0], np.asarray(state()))


# Errors

V2, V3 = "OPENQASM 2.0;\n", "OPENQASM 3.0;\n"


@pytest.mark.parametrize(
    ("program", "line", "message"),
    [
        (V3 + "qubit[2] q;\nh q[0]\nx q[1];", 4, "syntax error at 'x'.*semicolon"),
        (V3 + "qubit[2] q;\nh q[0]; $%", 3, "syntax error.*token"),
        (V3 + "qubit q;\nrx(1", 3, "syntax error at the end"),
        (V3 + "qubit q;\nx q\n\n", 4, "syntax error at the end"),
        ("", 1, "program is empty"),
        ("// nothing\n/* here\n */ ", 1, "program is empty"),
        (V3 + "qubit q;\nrx(1e999) q;", 3, "not a finite real number"),
        ("OPENQASM 3.0;", 1, "declares no qubits"),
        (V3 + "input float pi;", 2, "'pi' is a constant"),
        (V3 + "const float t = 1; input float t;", 2, "'t' is declared twice"),
        (V3 + "qubit[2] q;\nctrl(0) @ x q[0], q[1];", 3, "positive number of control qubits"),
        (V2 + "opaque magic a;\nqreg q[1];\nmagic q[0];", 4, r"'magic' is opaque \(line 2\)"),
        ("OPENQASM 4.0;\nqubit q;", 1, "versions 2 and 3"),
        (V3 + "bit b;", 1, "declares no qubits"),
        (V3 + "qubit q;\nqubit q;", 3, "'q' is declared twice"),
        (V3 + "qubit[0] q;", 2, "0 qubits"),
        (V2 + 'include "mine.inc";', 2, "'mine.inc'.*paste"),
        (V3 + "qubit q;\nhh q;", 3, "unknown gate 'hh'; did you mean 'h'"),
        (V3 + "qubit q;\nelsewhere q;", 3, "define it before"),
        (V3 + "qubit[2] q;\ncx q[0];", 3, r"'cx' acts on 2 qubit\(s\) here, but was given 1"),
        (V3 + "qubit[2] q;\ncx q[0], q[0];", 3, "same qubit twice"),
        (V3 + "qubit[2] q;\nrx q[0];", 3, r"takes 1 angle\(s\), but was given 0"),
        (V3 + "qubit[2] q;\nx q[2];", 3, r"qubit 2 of 'q' does not exist; it has 2 \(0 to 1\)"),
        (V3 + "qubit[2] q;\nx q[0.5];", 3, "an integer is needed"),
        (V3 + "qubit[2] q;\nx p;", 3, "unknown register 'p'; declared are: q"),
        (V3 + "qubit[2] q;\nx $0;", 3, "physical qubits"),
        (V3 + "qubit[2] q;\nx q[0][1];", 3, "one index"),
        (V3 + "qubit[2] q; qubit[3] r;\ncx q, r;", 3, "2 and 3 qubits cannot be paired"),
        (V3 + "input float t;\ninput float s;\nqubit q;\nrx(s) q;", 2, "unused parameter 't'"),
        (V3 + "input float t;\nqubit q;\ngphase(t);", 2, "unused parameter 't'"),
        (V3 + "input float t;\nqubit q;\nrx(t - t) q;", 2, "unused parameter 't'"),
        (V3 + "input int n;\nqubit q;", 2, "'n' is not an angle"),
        (V3 + "input float t; input float s;\nqubit q;\nrx(t * s) q;", 4, "not linear"),
        (V3 + "input float t;\nqubit q;\nrx(1 / t) q;", 4, "not linear"),
        (V3 + "input float t;\nqubit q;\nrx(sin(t)) q;", 4, "depends on 't'"),
        (
            V3 + "gate g(a, b) q {\nrx(a * b) q; }\ninput float t;\nqubit r;\ng(t, 1) r;",
            6,
            "takes a number for 'a'",
        ),
        (V3 + "qubit q;\nrx(u) q;", 3, "'u' has no value"),
        (V3 + "qubit q;\nrx(1 / 0) q;", 3, "cannot be computed: division by zero"),
        (V3 + "qubit q;\nrx(sqrt(-1)) q;", 3, "cannot be computed"),
        (V3 + "qubit q;\nrx((-8) ** 0.5) q;", 3, "not a finite real number"),
        (V3 + "qubit q;\nrx(gamma(1)) q;", 3, "unknown function 'gamma'"),
        (V3 + "qubit q;\nrx(3 << 2) q;", 3, "'<<' has no place"),
        (V3 + 'qubit q;\nrx("0") q;', 3, "not a number"),
        (
            V3 + "input float t; qubit q; gate g(u) a { rx(u) a; rz(u) a; }\npow(0.5) @ g(t) q;",
            3,
            "no closed form",
        ),
        (V3 + "qubit q; x q;\nreset q;", 3, "a reset is not unitary"),
        (
            V2 + "qreg q[1]; creg c[1];\nmeasure q[0] -> c[0];\nx q[0];",
            4,
            "after its measurement in line 3",
        ),
        (V2 + "qreg q[1]; creg c[1];\nif (c == 1) x q[0];", 3, "depends on a measurement"),
        (V3 + "qubit q; int i = 0;\nwhile (i < 3) { h q; }", 3, "for int i in"),
        (V3 + "qubit q; int i = 0;\ni = 3;", 3, "declare a const"),
        (V3 + "def f(qubit q) { h q; }", 2, "define a gate instead"),
        (V3 + "qubit[2] q;\nfor int i in [0:0:3] { h q[i]; }", 3, "step of a loop"),
        (V3 + "qubit[2] q; bit[2] c;\nfor bit i in c { h q[0]; }", 3, "runs over a range"),
        (V3 + "qubit q;\nbox { h q; }", 3, "a Box is not read"),
        (V3 + "qubit r;\ngate g q { x r; }", 3, "own qubits q only"),
        (V3 + "gate g q {\nlet r = q; }", 3, "gates only"),
        (V3 + "gate g q { reset q; }", 2, "non-unitary 'reset'"),
    ],
)
def test_errors_name_the_line_the_cause_and_a_way_out(program, line, message, capsys):
    with pytest.raises(OpenQASMError, match=message) as caught:
        read_openqasm(program)
    assert caught.value.line == line
    assert caught.value.text == (program.splitlines() or [""])[line - 1].strip()
    assert isinstance(caught.value, ValueError)
    assert capsys.readouterr().err == ""
