"""`trainscape sectors`: what it reads, what it prints, and how it refuses."""

import json

import numpy as np
import pytest

from trainscape.cli import sectors as module
from trainscape.physics import bond_algebra
from trainscape.physics.fragmented_models import FAMILIES
from trainscape.physics.generator_files import pauli_matrix
from trainscape.physics.pauli import PauliSum

XX_CHAIN = """# hopping on three bonds
0.5*XXII + 0.5*YYII

IXXI + IYYI   # scale does not matter
-2*IIXX - 2*IIYY
"""
DOCUMENTED = {
    "sectors",
    "krylov_dimension_sum",
    "algebra_dimension",
    "commutant_dimension",
    "accepted",
    "warnings",
}


@pytest.fixture
def cli(command, tmp_path):
    """Return a function that runs the command on a file with some content, in this process: exit
    code, stdout, stderr."""

    def run(content, *options, name="bonds.txt"):
        path = tmp_path / name
        if isinstance(content, str):
            path.write_text(content)
        elif isinstance(content, bytes):
            path.write_bytes(content)
        elif content is not None:
            np.savez(path, **content)
        return command("sectors", path, *options)

    return run


def test_json(cli):
    code, out, err = cli(XX_CHAIN, "--json")
    document = json.loads(out)
    assert (code, err) == (0, "")
    assert set(document) >= DOCUMENTED
    # Free fermions on four sites: particle numbers k and 4 - k merge, half filling splits into two
    # halves of 3.
    assert document["sectors"] == [
        {"dimension": 1, "multiplicity": 2},
        {"dimension": 3, "multiplicity": 1},
        {"dimension": 3, "multiplicity": 1},
        {"dimension": 4, "multiplicity": 2},
    ]
    assert [
        document[key]
        for key in ("krylov_dimension_sum", "algebra_dimension", "commutant_dimension")
    ] == [11, 35, 10]
    assert (document["accepted"], document["warnings"]) == (True, [])
    assert document["lie_algebra_dimension"] == 6
    assert document["krylov_dimension_sum_bound"] == 9
    assert (
        document["basis_components"],
        document["krylov_spaces"],
        document["krylov_spaces_in_given_basis"],
    ) == (5, 6, False)


def test_table(cli):
    code, out, _ = cli(XX_CHAIN)
    text = " ".join(out.split())
    assert code == 0
    for part in (
        "Sectors of",
        "dimension of the commutant 10",
        "not below, by disjoint supports 9",
        "dynamical Lie algebra 6",
        "accepted yes",
    ):
        assert part in text
    assert "│ 3 │ 1 │ 2 │" in text


def test_pauli_strings_and_arrays_agree(cli):
    model = FAMILIES["ghz_projector"](5)
    arrays = {f"h{j}": h.toarray() for j, h in enumerate(model.generators())}
    _, separate, _ = cli(arrays, "--json", name="separate.npz")
    _, stacked, _ = cli({"stack": np.stack(list(arrays.values()))}, "--json", name="stacked.npz")
    # (|000> + |111>)(<000| + <111|) / 2 in Pauli strings.
    word = "III + IZZ + ZIZ + ZZI + XXX - XYY - YXY - YYX"
    lines = [
        " ".join(x if x in "+-" else "I" * j + x + "I" * (2 - j) for x in word.split())
        for j in range(3)
    ]
    _, text, _ = cli("\n".join(lines), "--json")
    found = json.loads(text)
    assert json.loads(separate) == json.loads(stacked)
    assert json.loads(separate)["sectors"] == found["sectors"]
    assert (found["krylov_dimension_sum"], found["commutant_dimension"]) == (7, 408)
    assert json.loads(separate)["krylov_dimension_sum_bound"] is None


def test_integer_and_complex_arrays(cli):
    spins = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]]])
    _, out, _ = cli({"spins": spins}, "--json", name="spins.npz")
    assert json.loads(out)["sectors"] == [{"dimension": 2, "multiplicity": 1}]
    _, out, _ = cli({"levels": np.diag([1, 1, 2])}, "--json", name="levels.npz")
    assert json.loads(out)["sectors"] == [
        {"dimension": 1, "multiplicity": 1},
        {"dimension": 1, "multiplicity": 2},
    ]


def test_the_seed_does_not_matter(cli):
    outputs = [cli(XX_CHAIN, "--json", "--seed", seed)[1] for seed in ("0", "1", "2")]
    assert outputs[0] == outputs[1] == outputs[2]


@pytest.mark.parametrize("text", ["XYZ", "0.5*XX - 2*YZ + ZI", "YY", "II"])
def test_sparse_matrices_of_pauli_sums(text):
    observable = PauliSum.parse(text)
    matrix = pauli_matrix(observable)
    np.testing.assert_allclose(matrix.toarray(), observable.matrix(), atol=1e-15)
    assert np.iscomplexobj(matrix) == (abs(observable.matrix().imag).max() > 0)


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (None, "missing.txt", "no such file"),
        (None, "missing.npz", "no such file"),
        ("# nothing\n", "a.txt", "has no generators"),
        ("XX\nX*Q\n", "a.txt", "line 2: cannot read"),
        ("XX\nXQ\n", "a.txt", "line 2: the Pauli string 'XQ' has the letters Q"),
        ("XX\n\nXXX\n", "a.txt", "line 3: 3 letters a string, but 2 in the lines before"),
        ("X" * 17, "a.txt", "act on 17 sites, and up to 16"),
        (b"\xff\xfe\x00", "a.txt", "begins like UTF-16 text, but is damaged"),
        (b"no archive", "a.npz", "is not an .npz file of numbers"),
        ({}, "a.npz", "has no arrays"),
        ({"h": np.ones(3)}, "a.npz", "the array 'h' has shape (3,)"),
        ({"h": np.array([["a"]])}, "a.npz", "type <U1"),
        ({"h": np.array([[None]])}, "a.npz", "is not an .npz file of numbers"),
        ({"h": np.array([[0, 1], [0, 0]])}, "a.npz", "generator 0 is not Hermitian"),
        (
            {"a": np.eye(2), "b": np.eye(3)},
            "a.npz",
            "generator 1 has shape (3, 3), expected a square matrix of shape (2, 2)",
        ),
        ({"h": np.diag([1, np.inf])}, "a.npz", "not finite"),
    ],
)
def test_bad_input_exits_with_2(cli, content, name, message):
    code, out, err = cli(content, "--json", name=name)
    assert code == 2
    assert out == ""
    assert f"{name}: " in err
    assert message in err
    assert "Traceback" not in err


def test_what_cannot_be_decided_exits_with_1(cli):
    accepted = json.loads(cli(XX_CHAIN, "--json")[1])
    code, out, err = cli({"h": np.diag([1.0, 1.0 + 1e-10, 3.0])}, "--json", name="weak.npz")
    document = json.loads(out)
    assert list(document) == list(accepted)
    assert code == 1
    assert "refused: " in err
    assert "Another --seed" in err
    assert (document["accepted"], document["sectors"], document["commutant_dimension"]) == (
        False,
        [],
        None,
    )
    assert "cannot be decided in double precision" in document["warnings"][0]


def test_a_wrong_decomposition_is_not_accepted(cli, monkeypatch):
    """The null space is counted independently: a search that errs and passes its own checks is
    caught at small dimensions."""
    monkeypatch.setattr(
        "trainscape.physics.bond_algebra.commutant_null_space_dimension", lambda generators: 11
    )
    code, out, _ = cli(XX_CHAIN, "--json")
    document = json.loads(out)
    assert (code, document["accepted"]) == (1, False)
    assert "has dimension 11, but the sectors give 10" in document["warnings"][0]


def test_lie_algebra_that_is_too_large_is_null_with_a_reason(cli):
    code, out, _ = cli(
        "\n".join(
            "I" * j + "XX" + "I" * (6 - j) + " + " + "I" * j + "YY" + "I" * (6 - j)
            for j in range(7)
        ),
        "--json",
    )
    document = json.loads(out)
    assert (code, document["lie_algebra_dimension"]) == (0, None)
    assert document["warnings"][0].startswith(
        "lie_algebra_dimension is not computed: the blocks have 6435 dimensions"
    )


def test_cost_is_announced_and_limited(cli, monkeypatch):
    monkeypatch.setattr(module, "NOTE_SECONDS", 0.0)
    code, _, err = cli(XX_CHAIN)
    assert code == 0
    assert "16 states, up to 6 of them joined by the generators: about 1 min" in err
    monkeypatch.setattr(module, "LARGEST_COMPONENT", 5)
    code, _, err = cli(XX_CHAIN)
    assert code == 2
    assert "join 6 of 16 basis states, and up to 5 can be diagonalised" in err


def test_steps_of_long_work_are_told_on_stderr(cli, monkeypatch):
    assert cli(XX_CHAIN)[2] == ""
    monkeypatch.setattr(bond_algebra, "LONG", 3)
    code, out, err = cli(XX_CHAIN, "--json")
    assert code == 0
    assert "component of 6 of 16 states: diagonalising" in err
    assert "checking 4 sectors" in err
    assert json.loads(out)["accepted"]
