"""The command ``trainscape prune``."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from trainscape.circuits.circuit import Problem
from trainscape.circuits.io.openqasm.reader import read_openqasm
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.statevector.engine import Statevector

RING = "-ZZII - IZZI - IIZZ - ZIIZ\n- XIII - IXII - IIXI - IIIX\n"

KEYS = {
    "automorphism_order",
    "pauli_symmetries",
    "vertex_orbits",
    "removed",
    "gates",
    "parameters",
    "orbits",
    "effective_dimension",
    "reachable",
    "floor",
}


@pytest.fixture
def cli(command, monkeypatch, tmp_path):
    """Return a function that runs ``trainscape prune`` in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return partial(command, "prune")


def test_json(cli):
    Path("ring.txt").write_text(RING)
    code, out, _ = cli("ring.txt", "--ansatz", "dense", "--json")
    result = json.loads(out)
    assert code == 0
    assert result.keys() >= KEYS
    assert (result["gates"], result["parameters"], result["effective_dimension"]) == (8, 2, 4)
    assert result["automorphism_order"] == 8
    assert result["pauli_symmetries"] == ["XXXX"]
    assert result["vertex_orbits"] == [[0, 1, 2, 3]]
    assert result["reachable"] is True
    assert result["floor"] == 0
    assert len(result["removed"]) == 10
    assert {"gate": "ry q[0]", "generator": "YIII", "reason": "SYS"} in result["removed"]
    assert {"gate": "rzz q[0], q[2]", "generator": "ZIZI", "reason": "STR"} in result["removed"]
    assert {frozenset(orbit["generators"]) for orbit in result["orbits"]} == {
        frozenset({"XIII", "IXII", "IIXI", "IIIX"}),
        frozenset({"ZZII", "IZZI", "IIZZ", "ZIIZ"}),
    }


def test_text_echoes_what_was_read_and_done(cli):
    Path("edges.txt").write_text("0 1\n1 2\n")
    code, out, _ = cli("edges.txt", "--ansatz", "dense", "--mode", "kinds")
    assert code == 0
    for line in (
        "3 qubits, start |+++> (leftmost letter = qubit 0)",
        "permutations that leave H as it is: 2; orbits of qubits: {0 2} {1}",
        "symmetries that the start state has: XXX",
        "gates of a layer: 12 before, 5 after",
        "removed: 6 break a symmetry (SYS), 1 are no term of H (STR)",
        "parameters of a layer: 2",
        "effective dimension: 3 of 8",
        "a ground state can be reached",
    ):
        assert line in out.splitlines()


def test_the_written_circuit_trains_to_the_ground_state(cli):
    """Two layers of the pruned ring of four spins reach the ground energy (rank 4 of its Fisher
    matrix); warm-started angles are means."""
    Path("ring.txt").write_text(RING)
    assert cli("ring.txt", "--ansatz", "dense", "--output", "one.qasm")[0] == 0
    text = Path("one.qasm").read_text()
    body = [line for line in text.splitlines() if line.startswith(("rx", "rot_zz"))]
    second = [line.replace("theta0", "theta2").replace("theta1", "theta3") for line in body]
    inputs = "input float[64] theta2;\ninput float[64] theta3;\nqubit[4] q;"
    Path("two.qasm").write_text(text.replace("qubit[4] q;", inputs) + "\n".join(second))
    Path("angles.json").write_text("[0.1, 0.2, 0.3, 0.4]")
    code, out, _ = cli(
        "ring.txt", "-a", "two.qasm", "--warm-start", "angles.json", "--output", "p.qasm", "--json"
    )
    result = json.loads(out)
    assert code == 0
    assert result["layers"] == 2
    assert result["angles"] == pytest.approx([0.1, 0.2, 0.3, 0.4])
    engine = Statevector(
        Problem(
            read_openqasm(Path("p.qasm").read_text()).circuit,
            PauliSum.parse(RING.replace("\n", " ")),
        )
    )
    theta = np.random.default_rng(0).uniform(-1, 1, (20, 4))
    for _ in range(400):
        theta = theta - 0.05 * engine.gradient(theta)
    assert engine.value(theta).min() == pytest.approx(result["ground_energy"], abs=1e-6)
    assert engine.value(theta).min() >= result["ground_energy"] - 1e-9


def test_a_picture_shows_gates_before_and_after(cli):
    Path("edges.txt").write_text("0 1\n1 2\n2 0\n")
    assert cli("edges.txt", "--ansatz", "dense", "--picture", "layer.png")[0] == 0
    image = imread("layer.png")
    assert image.shape[1] > image.shape[0]
    code, _, err = cli("edges.txt", "--ansatz", "dense", "--picture", "layer.doc")
    assert code == 2
    assert "layer.doc" in err


def test_a_heisenberg_ring_from_singlets(cli):
    """Two parameters, even and odd bonds; six spins reach three dimensions, one a ground state."""
    n = 6
    terms = [f"{p}{q} {p}{(q + 1) % n}" for q in range(n) for p in "XYZ"]
    Path("ring.txt").write_text(" + ".join(terms))
    code, out, _ = cli("ring.txt", "--ansatz", "dense", "--start", "singlet", "--json")
    result = json.loads(out)
    assert code == 0
    assert result["start"] == "()()()"
    assert (result["gates_before"], result["gates"], result["parameters"]) == (63, 18, 2)
    assert (result["effective_dimension"], result["reachable"]) == (3, True)
    assert result["ground_energy"] == pytest.approx(-11.21110255, abs=1e-8)


SMALL = 'OPENQASM 3.0;\ninclude "stdgates.inc";\ninput float a;\nqubit[2] q;\nrx(a) q[0];\n'


@pytest.mark.parametrize(
    ("hamiltonian", "arguments", "words"),
    [
        ("0 1\n1 0", (), ["line 2", "undirected"]),
        ("", (), ["bad.txt", "empty"]),
        ("1j*ZZ", (), ["bad.txt", "1j"]),
        ("0 1\n1 2", ("--ansatz", "small.qasm"), ["2 qubits", "3"]),
        ("ZZ + XI", ("--ansatz", "missing.qasm"), ["missing.qasm", "dense"]),
        ("ZZI + IZZ + XII + IXI + IIX", (), ["XXX = +1", "XXX = -1", "right sector"]),
        ("0 1", ("--start", "zero"), ["ZI = +1", "ground state"]),
        ("0 1", ("--warm-start", "small.qasm"), ["--warm-start"]),
        ("YYY", ("--start", "zero"), ["no gate"]),
        ("XXI + YYI + ZZI", ("--start", "singlet"), ["--start singlet", "3 cannot be paired"]),
        ("XX + YY + ZZ", (), ["XX = +1", "right sector"]),
    ],
)
def test_bad_input_ends_with_a_sentence(cli, hamiltonian, arguments, words):
    Path("bad.txt").write_text(hamiltonian)
    Path("small.qasm").write_text(SMALL)
    ansatz = () if "--ansatz" in arguments else ("--ansatz", "dense")
    code, out, err = cli("bad.txt", *ansatz, *arguments)
    assert code == 2
    assert not out
    assert err.startswith("error: ")
    assert len(err.splitlines()) == 1
    for word in words:
        assert word in err
