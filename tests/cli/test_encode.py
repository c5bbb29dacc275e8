"""The command ``trainscape encode``: what it writes has the derivative that it promises."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from trainscape.circuits.ansatze.efficient_su2 import fhea, mhea
from trainscape.circuits.circuit import Problem
from trainscape.circuits.io.openqasm.reader import read_openqasm
from trainscape.circuits.io.openqasm.writer import write_openqasm
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.statevector.engine import Statevector

KEYS = {"index", "encoder", "phase_inducer", "gradient_at_zero", "support"}


@pytest.fixture
def cli(command):
    """Return a function that runs ``trainscape encode``."""
    return partial(command, "encode")


@pytest.fixture
def ansatz(tmp_path: Path) -> Path:
    """Return an OpenQASM 3 file with named parameters."""
    path = tmp_path / "ansatz.qasm"
    circuit = mhea(3, 1)
    path.write_text(
        write_openqasm(
            circuit, parameter_names=[f"angle_{k}" for k in range(circuit.num_parameters)]
        )
    )
    return path


def at_zero(path: Path, observable: str) -> tuple[float, np.ndarray]:
    circuit = read_openqasm(path.read_text()).circuit
    value, gradient = Statevector(Problem(circuit, PauliSum.parse(observable))).value_and_gradient(
        np.zeros((1, circuit.num_parameters))
    )
    return float(value[0]), gradient[0]


@pytest.mark.parametrize("variant", ["gates", "q-only", "angles"])
@pytest.mark.parametrize("choice", [("--best",), (), ("--seed", "5")])
def test_the_written_circuit_has_the_gradient(
    cli, ansatz: Path, tmp_path: Path, variant: str, choice: tuple[str, ...]
):
    output = tmp_path / "encoded.qasm"
    code, out, _ = cli(
        ansatz, "-o", "XYZ", "--variant", variant, "--output", output, "--json", *choice
    )
    assert code == 0
    result = json.loads(out)
    assert set(result) >= KEYS
    value, gradient = at_zero(output, "XYZ")
    assert value == pytest.approx(0, abs=1e-12)
    assert abs(gradient[result["index"]]) == pytest.approx(1, abs=1e-12)
    assert gradient[result["index"]] == pytest.approx(result["gradient_at_zero"], abs=1e-12)
    assert (result["encoder"] == []) or variant != "angles"
    assert (result["phase_inducer"] == []) or variant == "gates"
    assert bool(result["offset"]) <= (variant == "angles")
    # OpenQASM 3 keeps the names of the parameters.
    names = read_openqasm(output.read_text()).parameter_names
    assert names == tuple(f"angle_{k}" for k in range(12))
    assert result["parameter"] == f"angle_{result['index']}"


@pytest.mark.parametrize("index", range(12))
def test_every_parameter_can_be_chosen(cli, ansatz: Path, tmp_path: Path, index: int):
    output = tmp_path / "encoded.qasm"
    code, out, _ = cli(ansatz, "-o", "2*ZZZ", "--index", str(index), "--output", output, "--json")
    assert (code, json.loads(out)["index"]) == (0, index)
    assert abs(at_zero(output, "2*ZZZ")[1][index]) == pytest.approx(2, abs=1e-12)


def test_an_index_takes_the_term_with_the_least_loss(cli, ansatz: Path, tmp_path: Path):
    """With ZZI as the encoded term, -3*IZI keeps the loss -3; with -3*IZI encoded, it is lost."""
    sums = {}
    for observable in ("ZZI - 3*IZI", "ZZI", "IZI"):
        output = tmp_path / "encoded.qasm"
        assert cli(ansatz, "-o", observable, "--index", "9", "--output", output)[0] == 0
        sums[observable] = at_zero(output, "ZZI - 3*IZI")[0]
    assert sums["ZZI - 3*IZI"] == pytest.approx(min(sums.values()), abs=1e-12)


def test_openqasm_2_stays_openqasm_2_with_its_angles(cli, tmp_path: Path):
    path, output = tmp_path / "numbers.qasm", tmp_path / "encoded.qasm"
    angles = (0.1 * np.arange(18)).tolist()
    path.write_text(write_openqasm(fhea(3, 1), 2, angles=angles))
    for variant in ("gates", "angles"):
        code, out, _ = cli(
            path, "-o", "ZXI", "--best", "--variant", variant, "--output", output, "--json"
        )
        assert code == 0
        result, found = json.loads(out), read_openqasm(output.read_text())
        assert output.read_text().startswith("OPENQASM 2.0;")
        turns = np.array([result["offset"].get(f"theta{k}", 0.0) for k in range(18)])
        np.testing.assert_allclose(found.angles, angles + turns, atol=1e-15)
        # All angles are parameters there, so that zero of the input is the offset of the output.
        problem = Problem(found.circuit, PauliSum.parse("ZXI"))
        gradient = Statevector(problem).gradient(turns[None])[0]
        assert gradient[result["index"]] == pytest.approx(result["gradient_at_zero"], abs=1e-12)
        assert abs(result["gradient_at_zero"]) == 1


def test_openqasm_2_with_shared_angles_becomes_openqasm_3(cli, tmp_path: Path):
    """cu1 is three rotations with one angle, which OpenQASM 2 would make three parameters."""
    path, output = tmp_path / "shared.qasm", tmp_path / "encoded.qasm"
    path.write_text(
        'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\n'
        "h q[0];\ncu1(0.4) q[0], q[1];\nry(0.3) q[1];\n"
    )
    code, out, _ = cli(path, "-o", "ZZ", "--output", output, "--json")
    assert code == 0
    assert json.loads(out)["openqasm"] == 3
    assert abs(at_zero(output, "ZZ")[1][json.loads(out)["index"]]) == pytest.approx(1, abs=1e-12)


def test_text_says_what_was_done(cli, ansatz: Path, tmp_path: Path):
    code, out, _ = cli(ansatz, "-o", "ZZZ", "--index", "3", "--output", tmp_path / "encoded.qasm")
    assert code == 0
    for part in (
        "parameter 3 (angle_3), term ZZZ",
        "derivative",
        "gates in front",
        "gates behind",
        "OpenQASM 3",
    ):
        assert part in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-o", "ZZ"), "letters"),
        (("-o", "ZZZ", "--index", "12"), "no parameter 12"),
        (("-o", "ZZZ", "--index", "1", "--best"), "exclude each other"),
        (("-o", "III"), "can encode no pair"),
        (("-o", "ZQZ"), "Q"),
    ],
)
def test_bad_input_exits_with_2_and_writes_nothing(
    cli, ansatz: Path, tmp_path: Path, arguments: tuple[str, ...], message: str
):
    output = tmp_path / "encoded.qasm"
    code, out, err = cli(ansatz, *arguments, "--output", output)
    assert code == 2
    assert message in err
    assert out == ""
    assert not output.exists()


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("OPENQASM 3.0; qubit q; h q;", "no parameters"),
        ("OPENQASM 3.0; input float t; qubit q; t q; rx(t) q;", "no Clifford gate"),
        ("OPENQASM 3.0; input float t; qubit q; rx(t) q", "semicolon"),
    ],
)
def test_circuits_that_cannot_be_encoded(cli, tmp_path: Path, program: str, message: str):
    path = tmp_path / "bad.qasm"
    path.write_text(program)
    code, _, err = cli(path, "-o", "Z", "--output", tmp_path / "encoded.qasm")
    assert code == 2
    assert message in err


def test_help_has_an_example(cli):
    code, out, _ = cli("--help")
    text = " ".join(out.replace("`", "").replace("│", " ").split())
    assert code == 0
    assert (
        "Example: trainscape encode ansatz.qasm --observable XYZI --best --output encoded.qasm"
        in text
    )
    for part in ("--index", "--best", "--seed", "--variant", "--json", "at random"):
        assert part in text
