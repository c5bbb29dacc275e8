"""The command ``trainscape moments``."""

import json
import math
from functools import partial

import pytest

from trainscape.circuits.ansatze.efficient_su2 import mhea
from trainscape.circuits.ansatze.hardware_efficient import hardware_efficient
from trainscape.circuits.io.openqasm.writer import write_openqasm

NAMED = """OPENQASM 3.0;
include "stdgates.inc";
input float[64] a;
input float[64] b;
qubit[3] q;
rx(a) q[0];
ry(2 * b) q[1];
cx q[1], q[2];
"""
CONTROLLED = NAMED + "crz(a) q[0], q[1];\nh q[0];\nh q[1];\n"


@pytest.fixture
def cli(command, tmp_path, monkeypatch):
    """Return a function that runs the command, and gives exit code, output and messages."""
    (tmp_path / "named.qasm").write_text(NAMED)
    (tmp_path / "controlled.qasm").write_text(CONTROLLED)
    monkeypatch.chdir(tmp_path)

    return partial(command, "moments")


def test_json(cli):
    """C = 0.5 cos a + cos 2b, so that the moments are 1/8 and 2."""
    code, out, _ = cli("named.qasm", "-o", "0.5*ZII + IZI", "--uniform", "--json")
    assert code == 0
    found = json.loads(out)
    assert {"moments", "method", "walks", "effective", "seconds"} <= set(found)
    assert [one["parameter"] for one in found["moments"]] == ["a", "b"]
    assert [one["value"] for one in found["moments"]] == pytest.approx([0.125, 2.0])
    assert all(
        one["exact"] and one["low"] == one["value"] == one["high"] for one in found["moments"]
    )
    assert found["qubit_order"] == "qubit 0 = leftmost letter"
    assert (found["walks"], found["effective"]) == (0, None)


def test_text_of_one_parameter_and_a_picture(cli, tmp_path):
    code, out, _ = cli("named.qasm", "-o", "Z1", "--sigma", "0.2", "-k", "1", "--picture", "m.png")
    assert code == 0
    # The angle is 2b: 4 E[sin(2b)^2].
    assert f"{-2 * math.expm1(-8 * 0.04):.6g}" in out
    assert "standard deviation 0.2 rad" in out
    assert "\na " not in out
    assert (tmp_path / "m.png").stat().st_size > 1000


def test_observable_from_a_file(cli, tmp_path):
    (tmp_path / "sum.txt").write_text("# two lines\n0.5 Z0\n+ 1 Z1\n")
    _, expected, _ = cli("named.qasm", "-o", "0.5*ZII + IZI", "--uniform", "--json")
    code, out, _ = cli("named.qasm", "-o", "sum.txt", "--uniform", "--json")
    assert code == 0
    assert json.loads(out)["moments"] == json.loads(expected)["moments"]
    (tmp_path / "sum.txt").write_text("Z7\n")
    code, _, err = cli("named.qasm", "-o", "sum.txt", "--uniform")
    assert code == 2
    assert "sum.txt: " in err
    assert "3 qubits" in err


def test_walks_on_many_qubits(cli, tmp_path):
    """Sixty-four qubits and a wide observable: the seed alone decides what is drawn."""
    (tmp_path / "wide.qasm").write_text(write_openqasm(hardware_efficient(64, 2, "ring"), 3))
    options = ("--half-width", "0.9", "--method", "walks", "--json", "--seed")
    runs = [
        cli("wide.qasm", "-o", "X0 X1 Z30 Z40 Z50 Z60", *options, seed) for seed in ("1", "1", "2")
    ]
    first, again, other = (json.loads(out) for _, out, _ in runs)
    assert first["moments"] == again["moments"] != other["moments"]
    assert first["walks"] == 65536
    assert 0 < sum(one["value"] for one in first["moments"]) < 10


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("named.qasm", "-o", "ZII"), "say how the angles are distributed"),
        (("named.qasm", "-o", "ZII", "--sigma", "0"), "--sigma is 0.0; give an angle above 0"),
        (("named.qasm", "-o", "ZII", "--sigma", "nan"), "--sigma is nan"),
        (("named.qasm", "-o", "ZI", "--uniform"), "3 qubits, but the observable has 2 letters"),
        (("named.qasm", "-o", "ZQI", "--uniform"), "has the letters Q"),
        (("named.qasm", "-o", "ZII", "--uniform", "-k", "2"), "there is no parameter 2"),
        (("named.qasm", "-o", "ZII", "--uniform", "-k", "1", "--all"), "exclude each other"),
        (("named.qasm", "-o", "ZII", "--uniform", "--picture", "a.doc"), "ends in .pdf, .png"),
        (
            ("controlled.qasm", "-o", "ZZI", "--uniform"),
            "or take the method sampling (--method sampling)",
        ),
    ],
)
def test_bad_input_ends_with_one_sentence(cli, arguments, message):
    code, out, err = cli(*arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert len(err.splitlines()) == 1


def test_long_work_has_to_be_asked_for(cli, tmp_path):
    (tmp_path / "deep.qasm").write_text(write_openqasm(mhea(24, 8), 3))
    observable = " ".join(f"Z{q}" for q in range(24))
    code, out, err = cli("deep.qasm", "-o", observable, "--sigma", "0.01", "--walks", "1000000")
    assert (code, out) == (2, "")
    assert "moments of all 432 parameters would take about" in err
    assert "say --all" in err


def test_sampling_takes_controlled_rotations(cli):
    """<X> of the control is sin(a / 2) sin(a) cos(2 b), up to its sign."""
    code, out, _ = cli(
        "controlled.qasm", "-o", "ZII", "--uniform", "--method", "sampling", "--json"
    )
    assert code == 0
    found = json.loads(out)
    assert found["method"].startswith("derivatives at random angles")
    second = found["moments"][1]
    assert second["low"] < 4 * 0.25 * 0.5 < second["high"]
