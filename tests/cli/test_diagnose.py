from __future__ import annotations

import json
import sys

import pytest
from typer.testing import CliRunner

from trainscape.cli.app import app
from trainscape.pipeline.errors import ConfigError

QASM = """OPENQASM 3;
include "stdgates.inc";
input float a;
input float b;
qubit[2] q;
ry(a) q[0];
cx q[0], q[1];
rx(b) q[1];
"""

MODULE = """
from trainscape.circuits.circuit import Circuit
from trainscape.circuits.gates import PauliRotation
from trainscape.physics.pauli import PauliSum

def turns(n):
    return Circuit(n, n, tuple(PauliRotation("Y", (q,), q) for q in range(n)))

def pair():
    return turns(2), PauliSum.parse("ZI")

def broken(n):
    raise RuntimeError("no such lattice")

number = 3
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "bell.qasm").write_text(QASM)
    (tmp_path / "mine.py").write_text(MODULE)
    (tmp_path / "angles.json").write_text('{"a": 0.5, "b": 0.25}')
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    # Other tests ask whether this name is free.
    sys.modules.pop("mine", None)


def run(*arguments):
    return CliRunner().invoke(app, ["diagnose", *arguments, "--budget", "1"])


def test_a_file_is_diagnosed(folder):
    result = run("bell.qasm", "-o", "Z0 Z1", "--angles", "angles.json", "--html", "page.html")
    assert result.exit_code == 0, result.output
    for question in ("Do gradients vanish?", "How many parameters", "What is it made of?"):
        assert question in result.output
    page = (folder / "page.html").read_text()
    assert page.startswith("<!doctype html>")
    assert 'alt="Left:' in page
    assert "http://" not in page.split("base64,")[0]


def test_json_has_every_parameter(folder):
    result = run("mine:pair", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout[result.stdout.index("{") :])
    assert found["gradients"]["findings"]["all_angles"]["value"]["value"] == pytest.approx(
        0.5, abs=0.1
    )
    assert [row["parameter"] for row in found["gradients"]["details"]["parameters"]] == [
        "theta0",
        "theta1",
    ]


def test_a_function_of_the_size_makes_a_family(folder):
    result = run("mine:turns", "--sizes", "2,3,4,5", "-o", "Z0")
    assert result.exit_code == 0, result.output
    assert "Do gradients vanish?  CONSTANT" in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("none.qasm", "-o", "Z0"), "there is no file none.qasm"),
        (("bell.qasm",), "a file has no observable"),
        (("bell.qasm", "-o", "ZZZ"), "qubits"),
        (("bell.qasm", "-o", "Z0", "--sizes", "2,3"), "MODULE:FUNCTION"),
        (("bell.qasm", "-o", "Z0", "--patch", "0"), "above 0"),
        (("bell.qasm", "-o", "Z0", "--start", "+"), "does not fit 2 qubits"),
        (("mine:turns", "-o", "Z0"), "--sizes"),
        (("mine:number", "-o", "Z0"), "not a function"),
        (("mine:absent", "-o", "Z0"), "AttributeError"),
        (("nowhere:f", "-o", "Z0"), "ModuleNotFoundError"),
        (("mine:broken", "-o", "Z0", "--sizes", "4"), "the circuit of size 4: RuntimeError"),
        (("mine:turns", "-o", "Z0", "--sizes", "4,x"), "numbers of qubits"),
        (("mine:turns", "-o", "Z7", "--sizes", "4"), "the circuit of size 4"),
    ],
)
def test_bad_input_is_named(folder, arguments, said):
    result = run(*arguments)
    assert isinstance(result.exception, ConfigError)
    assert said in str(result.exception)
