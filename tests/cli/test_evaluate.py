"""The command `evaluate`: a user's circuit in, numbers out, and every mistake named before anything
runs."""

import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from outcomes import value_or_sentence
from trainscape.cli.evaluate import EngineName, _evaluate

THREE = """OPENQASM 3.0;
include "stdgates.inc";
input float[64] a;
input float[64] b;
qubit[3] q;
rx(a) q[0];
ry(2 * b) q[1];
cx q[1], q[2];
"""
TWO = """OPENQASM 2.0;
include "qelib1.inc";
qreg q[2];
creg c[2];
rx(0.3) q[0];
ry(0.5) q[1];
measure q -> c;
"""
WIDE = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[28];\n' + "\n".join(
    [f"ry(0.{q + 10}) q[{q}];" for q in range(28)]
    + [
        f"cx q[{a}],q[{b}];\nrx(0.7) q[{b}];"
        for shift in (1, 7, 11)
        for a in range(28)
        for b in [(a + shift) % 28]
    ]
)


@pytest.fixture
def cli(command, tmp_path, monkeypatch):
    """Return a function that runs the command on texts, and gives exit code, output and
    messages."""
    (tmp_path / "three.qasm").write_text(THREE)
    (tmp_path / "two.qasm").write_text(TWO)
    (tmp_path / "wide.qasm").write_text(WIDE)
    monkeypatch.chdir(tmp_path)

    def run(*arguments, angles=None):
        if angles is not None:
            (tmp_path / "angles.json").write_text(
                angles if isinstance(angles, str) else json.dumps(angles)
            )
            arguments = (*arguments, "--angles", "angles.json")
        return command("evaluate", *arguments)

    return run


@pytest.mark.parametrize("engine", ["auto", "statevector", "tensornet", "pauli", "dense"])
def test_value_and_gradient(cli, engine):
    code, out, err = cli(
        "three.qasm",
        "-o",
        "0.5*ZII - 2*IZZ + IZI",
        "--gradient",
        "--engine",
        engine,
        "--json",
        angles={"b": 0.4, "a": 0.3},
    )
    assert code == 0
    found = json.loads(out)
    assert set(found) == {
        "engine",
        "observable",
        "qubit_order",
        "value",
        "gradient",
        "parameters",
        "seconds",
        "peak_memory_mb",
    }
    assert found["observable"] == "0.5*ZII - 2.0*IZZ + 1.0*IZI"
    assert found["qubit_order"] == "qubit 0 = leftmost letter"
    # CX copies Z_1 onto Z_1 Z_2 = 1; the leftmost letter is qubit 0.
    assert found["value"] == pytest.approx(0.5 * math.cos(0.3) - 2 + math.cos(0.8), abs=1e-14)
    assert found["gradient"] == pytest.approx([-0.5 * math.sin(0.3), -2 * math.sin(0.8)], abs=1e-14)
    assert found["parameters"] == ["a", "b"]
    assert found["peak_memory_mb"] > 10
    assert f"using {found['engine']}: about" in err
    assert engine in ("auto", found["engine"])


def test_a_list_is_in_the_order_of_first_appearance(cli):
    _, out, _ = cli("three.qasm", "-o", "ZII", "--json", angles=[0.3, 0.4])
    found = json.loads(out)
    assert found["value"] == pytest.approx(math.cos(0.3), abs=1e-15)
    assert found["gradient"] is None


def test_numbers_of_openqasm_2_are_the_default(cli):
    code, out, _ = cli("two.qasm", "-o", "ZZ", "-g", "--json")
    assert code == 0
    assert json.loads(out)["value"] == pytest.approx(math.cos(0.3) * math.cos(0.5), abs=1e-15)
    code, out, _ = cli("two.qasm", "-o", "ZZ", "--json", angles=[0.0, math.pi])
    assert json.loads(out)["value"] == pytest.approx(-1, abs=1e-15)


def test_table(cli):
    code, out, _ = cli("three.qasm", "-o", "ZII", "-g", angles=[0.3, 0.4])
    assert code == 0
    assert f"value {math.cos(0.3)!r}" in out
    assert f"{-math.sin(0.3):+.12g}" in out


@pytest.mark.parametrize(
    ("arguments", "angles", "message"),
    [
        (("three.qasm", "-o", "ZII"), None, "has 2 parameters (a, b) and no numbers for them"),
        (
            ("three.qasm", "-o", "ZII"),
            [0.1],
            "angles.json has 1 angles, but the circuit has 2 parameters (a, b), in this order",
        ),
        (
            ("three.qasm", "-o", "ZII"),
            {"a": 1, "c": 2},
            "names no parameter of the circuit: c, and lacks b",
        ),
        (("three.qasm", "-o", "ZII"), "[0.1, NaN]", "has NaN for the angle of parameter b"),
        (("three.qasm", "-o", "ZII"), '["0.1", 0]', 'has "0.1" for the angle of parameter a'),
        (("three.qasm", "-o", "ZII"), "[0.1, true]", "has true for the angle of parameter b"),
        (("three.qasm", "-o", "ZII"), "3", "holds 3.0; write"),
        (("three.qasm", "-o", "ZII"), "[0.1", "is not JSON"),
        (
            ("three.qasm", "-o", "ZI"),
            [0, 0],
            "the circuit has 3 qubits, but the observable has 2 letters",
        ),
        (("three.qasm", "-o", "ZQI"), [0, 0], "has the letters Q"),
        (("three.qasm", "-o", "Z Z I"), [0, 0], "cannot read the observable"),
        (
            ("three.qasm", "-o", "ZII", "--memory-limit", "0"),
            [0, 0],
            "more than the limit of 0 GiB",
        ),
        (
            ("wide.qasm", "-o", "Z" * 28, "-g", "--memory-limit", "0.01"),
            None,
            "cannot be computed exactly here",
        ),
        (
            ("wide.qasm", "-o", "Z" * 28, "--engine", "dense"),
            None,
            "stops at 10 qubits; this circuit has 28",
        ),
    ],
)
def test_bad_input_stops_before_anything_runs(cli, arguments, angles, message):
    code, out, err = cli(*arguments, angles=angles)
    assert code == 2
    assert out == ""
    assert message in err
    assert "using" not in err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (THREE.replace("ry(2 * b)", "ry(2)"), "unused parameter 'b'"),
        (THREE.replace("cx q[1]", "cx q[7]"), "line 8"),
        (THREE.replace("rx(a)", "rx(a * b)"), "line 6"),
        (THREE.replace("qubit[3] q;", "qubit[3] q"), "line"),
    ],
)
def test_bad_circuits_are_named_by_line(cli, tmp_path, text, message):
    (tmp_path / "bad.qasm").write_text(text)
    code, _, err = cli("bad.qasm", "-o", "ZII", angles=[0.1, 0.2])
    assert code == 2
    assert message in err


def test_gradient_without_parameters_says_why_there_is_none(cli, tmp_path):
    """As where OpenQASM 2 was meant, and the version line is missing."""
    (tmp_path / "none.qasm").write_text("qubit[3] q;\nrx(0.3) q[0];\n")
    code, out, _ = cli("none.qasm", "-o", "ZII", "-g")
    assert code == 0
    assert f"value {math.cos(0.3)!r}" in out
    assert "no gradient: the circuit has no parameters" in out
    code, out, _ = cli("none.qasm", "-o", "ZII", "-g", "--json")
    assert json.loads(out)["gradient"] == []
    (tmp_path / "two.qasm").write_text(TWO.replace("OPENQASM 2.0;\n", ""))
    code, out, err = cli("two.qasm", "-o", "ZZ", "-g")
    assert (code, out) == (2, "")
    assert "begin with 'OPENQASM 2.0;'" in err


def test_missing_file(cli):
    code, _, err = cli("nothing.qasm", "-o", "ZII")
    assert code == 2
    assert "does not exist" in err


GREEK = """OPENQASM 3.0;
include "stdgates.inc";
input float[64] θ;
qubit[2] q;
rx(θ) q[0];
cx q[0], q[1];
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_files_in_any_marked_encoding(cli, tmp_path, encoding):
    (tmp_path / "greek.qasm").write_bytes(GREEK.encode(encoding))
    (tmp_path / "greek.json").write_bytes('{"θ": 0.3}'.encode(encoding))
    code, out, _ = cli("greek.qasm", "-o", "Z1 + -0.5 Z0", "--json", "--angles", "greek.json")
    assert code == 0
    assert json.loads(out)["value"] == pytest.approx(0.5 * math.cos(0.3), abs=1e-14)
    assert json.loads(out)["observable"] == "1.0*IZ - 0.5*ZI"


@pytest.mark.parametrize(
    ("circuit", "angles", "message"),
    [
        (GREEK.encode("utf-16-le"), b"[0]", "bad.qasm has a zero byte in line 1"),
        (GREEK.encode("utf-8") + b"// na\xefve", b"[0]", "bad.qasm is not UTF-8 text: byte 0xef"),
        (b"\x93NUMPY\x01\x00", b"[0]", "bad.qasm is not a text file but a NumPy array"),
        (GREEK.encode(), b"\x93NUMPY\x01\x00", "bad.json is not a text file but a NumPy array"),
        (GREEK.encode(), b"[\xe9]", "bad.json is not UTF-8 text"),
        (GREEK.encode(), '{"θ": 1, "θ": 2}'.encode(), 'bad.json names "θ" twice'),
        (GREEK.encode(), b"[1e999]", "bad.json has the number 1e999, which is beyond the range"),
        (GREEK.encode(), f"[{'9' * 5000}]".encode(), "bad.json has the number 9999"),
    ],
)
def test_files_of_other_kinds(cli, tmp_path, circuit, angles, message):
    (tmp_path / "bad.qasm").write_bytes(circuit)
    (tmp_path / "bad.json").write_bytes(angles)
    code, out, err = cli("bad.qasm", "-o", "ZZ", "--angles", "bad.json")
    assert (code, out) == (2, "")
    assert f"error: {message}" in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--memory-limit", "inf"), "--memory-limit is inf; give a number of GiB"),
        (("-o", "Z0 Z3"), "has Z3, but there are 3 qubits, counted from 0 to 2"),
        (("-o", "1e308*ZII + 1e308*IZI"), "add up to more than a floating-point number can hold"),
        (("-o", "ZII\n+ +"), "ends in the middle of a term"),
    ],
)
def test_options_that_mean_nothing(cli, arguments, message):
    code, out, err = cli("three.qasm", "-o", "ZII", *arguments, angles=[0.1, 0.2])
    assert (code, out) == (2, "")
    assert message in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("limit", ["1e300", "1e20"])
def test_limits_beyond_any_machine(cli, limit):
    code, _, _ = cli("three.qasm", "-o", "ZII", "--memory-limit", limit, angles=[0.1, 0.2])
    assert code == 0


@pytest.mark.parametrize("engine", ["auto", "statevector", "tensornet", "pauli", "dense"])
def test_huge_angles(cli, engine):
    """cos(1e22) and sin(1e22), a classic test of argument reduction."""
    code, out, err = cli(
        "three.qasm", "-o", "ZII", "-g", "--json", "--engine", engine, angles=[1e22, -1e300]
    )
    found = json.loads(out)
    assert code == 0
    assert found["value"] == pytest.approx(0.5232147853951389, abs=1e-14)
    assert found["gradient"][0] == pytest.approx(0.8522008497671888, abs=1e-14)
    assert "uncertain" not in err


def test_what_rounding_leaves_open_is_said(cli, tmp_path):
    (tmp_path / "third.qasm").write_text(THREE.replace("rx(a)", "rx(a / 3)"))
    _, _, err = cli("third.qasm", "-o", "ZII", angles=[1e12, 0.2])
    assert "warning: rounding leaves an angle uncertain by 7e-05 rad" in err
    (tmp_path / "huge.qasm").write_text(THREE.replace("rx(a)", "rx(1e308 * a)"))
    code, _, err = cli("huge.qasm", "-o", "ZII", angles=[10.0, 0.2])
    assert code == 2
    assert "beyond the range of floating-point numbers" in err


def test_names_that_the_terminal_cannot_show(tmp_path):
    (tmp_path / "greek.qasm").write_text(GREEK, encoding="utf-8")
    (tmp_path / "angles.json").write_text("[0.3]")
    command = [sys.executable, "-m", "trainscape", "evaluate", "greek.qasm", "-o", "Z0 Z1", "-g"]
    done = subprocess.run(
        [*command, "--angles", "angles.json"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "\\u03b8" in done.stdout


@given(
    st.text(max_size=20) | st.text("IXYZ012+-*. ", max_size=15),
    st.text(max_size=15) | st.text('[]{},:0123456789.eE-"ab', max_size=15),
)
@example("ZII", "[0.1, 0.2]")
@example("Z0", '{"a": 1, "b": 2}')
@settings(max_examples=60)
def test_any_observable_and_angles_end_in_a_value_or_one_sentence(observable, angles):
    with tempfile.TemporaryDirectory() as folder:
        circuit, file = Path(folder) / "c.qasm", Path(folder) / "a.json"
        circuit.write_text(THREE)
        file.write_bytes(angles.encode("utf-8", "surrogatepass"))
        result, refused = value_or_sentence(
            _evaluate, circuit, observable, file, False, EngineName.PAULI, 1.0
        )
    if not refused:
        assert math.isfinite(result["value"])


def test_noise(cli):
    """Two gates before the measured qubit's last: one on a qubit, one on two."""
    code, out, err = cli(
        "three.qasm", "-o", "IZZ", "--depolarising", "0.1", "-g", "--json", angles=[0.3, 0.4]
    )
    assert code == 0
    found = json.loads(out)
    assert found["engine"] == "density"
    assert "using density: about" in err
    # ry turns qubit 1 and loses 0.1 of <Z>; cx makes Z Z of it, and loses as much.
    assert found["value"] == pytest.approx(0.9, abs=1e-14)
    assert found["gradient"] == pytest.approx([0, 0], abs=1e-14)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--engine", "pauli", "--depolarising", "0.1"), "use the density engine"),
        (("--depolarising", "1.5"), "it is a probability, from 0 to 1"),
        (("--depolarising", "nan"), "it is a probability, from 0 to 1"),
    ],
)
def test_noise_that_is_refused(cli, arguments, message):
    code, out, err = cli("three.qasm", "-o", "ZII", *arguments, angles=[0.3, 0.4])
    assert (code, out) == (2, "")
    assert message in " ".join(err.replace("│", " ").split())


def test_noise_on_too_many_qubits(cli):
    code, _, err = cli("wide.qasm", "-o", "Z0", "--depolarising", "0.1")
    assert code == 2
    assert "stops at 8 qubits" in " ".join(err.replace("│", " ").split())
