"""Files of generators: forms, scales, other people's archives, and any bytes at all."""

import io
import re
import zipfile

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from outcomes import value_or_sentence
from trainscape.physics import generator_files
from trainscape.physics.bond_algebra import decompose
from trainscape.physics.fragmentation import judge_one_size
from trainscape.physics.fragmented_models import FAMILIES
from trainscape.physics.generator_files import read_generators
from trainscape.physics.krylov_spaces import summarise
from trainscape.physics.pauli import PauliSum


@pytest.fixture
def read(tmp_path):
    """Return a function that writes a file and reads it as generators."""

    def call(content, name="a.txt"):
        path = tmp_path / name
        if isinstance(content, dict):
            np.savez(path, **content)
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_generators(path)

    return call


def sectors(generators):
    return summarise(decompose(generators.matrices, np.random.default_rng(0))).sectors


DENSE = "0.5*XXI + 0.5*YYI\nIXX + IYY\n"


@pytest.mark.parametrize(
    "text",
    [
        "0.5 X0 X1 + 0.5 Y0 Y1\nX1 X2 + Y1 Y2\n",
        "0.5*X(0) @ X(1) + 0.5*Y(0) @ Y(1)\nIXX + IYY\n",
        "\ufeff0.5*XXI + 0.5*YYI # first\r\n\r\nIXX - -1*IYY\r\n",
        "0.5*XXI + 0.5*YYI + 0.0\nIXX + IYY\n",
    ],
)
def test_forms(read, text):
    expected, found = read(DENSE), read(text)
    assert found.sites == expected.sites == 3
    for one, other in zip(expected.matrices, found.matrices, strict=True):
        assert abs(one - other).max() == 0


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_encodings(read, encoding):
    assert sectors(read(DENSE.encode(encoding))) == sectors(read(DENSE))


@pytest.mark.parametrize("factors", [(1, 1e-5), (1, 1e-12), (1e200, 1), (1e-300, 1e300), (3, -7e8)])
def test_scale_does_not_matter(read, factors):
    expected = sectors(read(DENSE))
    first, second = (repr(float(factor)) for factor in factors)
    text = f"{first}*XXI + {first}*YYI\n{second}*IXX + {second}*IYY\n"
    assert sectors(read(text)) == expected
    arrays = {
        "a": factors[0] * PauliSum.parse("XXI + YYI").matrix(),
        "b": factors[1] * PauliSum.parse("IXX + IYY").matrix(),
    }
    assert sectors(read(arrays, "a.npz")) == expected


def test_a_zero_generator_has_no_scale(read):
    assert sectors(read({"a": np.zeros((2, 2)), "b": np.diag([1.0, 2.0])}, "a.npz")) == (
        (1, 1),
        (1, 1),
    )


def saved(write, *arguments, **options):
    buffer = io.BytesIO()
    write(buffer, *arguments, **options)
    return buffer.getvalue()


def zipped(entries):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (saved(np.save, np.eye(2)), "a.npz", "a single array (.npy) under the name .npz"),
        (saved(np.save, np.eye(2)), "a.npy", "not a text file but a NumPy array"),
        (saved(np.savez, np.eye(2)), "a.txt", "not a text file but a zip archive"),
        (saved(sp.save_npz, sp.csr_array(np.eye(2))), "a.npz", "scipy.sparse.save_npz"),
        (saved(sp.save_npz, sp.coo_array(np.eye(2))), "a.npz", "scipy.sparse.save_npz"),
        ({"h": np.zeros((0, 0))}, "a.npz", "has shape (0, 0), which holds no numbers"),
        ({"h": np.zeros((0, 2, 2))}, "a.npz", "has shape (0, 2, 2), which holds no numbers"),
        (zipped({"a.txt": b"text"}), "a.npz", "is not an .npz file of numbers"),
        (zipped({"a.npy": b"\x93NUMPY\x01\x00"}), "a.npz", "is not an .npz file of numbers"),
        (b"", "a.npz", "is not an .npz file of numbers"),
        (b"", "a.txt", "has no generators"),
        ("XX\nZ0 Z5\n", "a.txt", "has Z5, but there are 2 qubits"),
        ("Z0 Z99\n", "a.txt", "act on 100 sites, and up to 16"),
        ("Z0 Z999999999\n", "a.txt", "the index 999999999 would mean"),
        ("XX\n0.5j*ZZ\n", "a.txt", "line 2: cannot read the observable '0.5j*ZZ'"),
        ("1e308*XX + 1e308*ZZ\n", "a.txt", "line 1: the weights of a Pauli sum add up to more"),
        ("XX\xe9".encode("latin-1"), "a.txt", "byte 0xe9 in line 1, perhaps of Latin-1"),
    ],
)
def test_one_sentence_for_each_mistake(read, content, name, message):
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        read(content, name)
    assert "\n" not in str(caught.value)


def test_sizes_are_bounded(read, monkeypatch):
    """A small archive can hold a large array, and a small file many terms."""
    monkeypatch.setattr(generator_files, "LARGEST_ARRAYS", 1000)
    with pytest.raises(ValueError, match="GiB of arrays, and up to"):
        read(saved(np.savez_compressed, h=np.zeros((16, 16))), "a.npz")
    monkeypatch.setattr(generator_files, "LARGEST_ENTRIES", 1000)
    with pytest.raises(ValueError, match="3 terms on 9 sites, too many"):
        read("ZZIIIIIII\nIZZIIIIII\nIIZZIIIII\n")
    monkeypatch.setattr(generator_files, "LARGEST_TEXT", 5)
    with pytest.raises(ValueError, match="is larger than"):
        read("ZZIIIIIII\n")


LINES = st.lists(
    st.sampled_from(
        ["XX", "Z0 Z1", "0.5*XX - YY", "I", "X", "#", "1e200*ZZ", "Z0 + 1", "Z20", "ZZ +"]
    ),
    max_size=4,
).map("\n".join)


@given(st.text(max_size=20) | LINES | st.text("IXYZ01 +-*\n#.", max_size=30))
def test_any_text_is_generators_or_one_sentence(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("fuzz") / "a.txt"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    found, refused = value_or_sentence(read_generators, path)
    if not refused:
        assert all(np.isfinite(matrix.data).all() for matrix in found.matrices)


VALID = saved(np.savez_compressed, a=np.eye(2), b=np.diag([1.0, 3.0]))


@given(
    st.lists(st.tuples(st.integers(0, len(VALID) - 1), st.integers(0, 255)), max_size=6),
    st.integers(0, len(VALID)),
)
def test_any_damage_is_one_sentence(tmp_path_factory, changes, length):
    data = bytearray(VALID)
    for position, value in changes:
        data[position] = value
    path = tmp_path_factory.mktemp("damage") / "a.npz"
    path.write_bytes(data[: length or len(data)])
    value_or_sentence(read_generators, path)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("XI\nIX\nZZ\nZI", "no"),
        ("XXI + YYI + ZZI\nIXX + IYY + IZZ", "undecided"),
        ("\n".join("I" * j + "ZZ" + "I" * (8 - j) for j in range(9)), "likely"),
    ],
)
def test_what_one_size_tells(read, text, word):
    summary = summarise(decompose(read(text).matrices, np.random.default_rng(0)))
    found, reason = judge_one_size(summary)
    assert found == word
    assert "\n" not in reason
    assert word != "likely" or "classical" in reason


def test_a_fragmented_model_is_told_from_its_symmetries():
    model = FAMILIES["ghz_projector"](7)
    summary = summarise(decompose(model.generators(), np.random.default_rng(0)))
    word, reason = judge_one_size(summary)
    assert word == "likely"
    assert f"dimension {summary.commutant_dimension} is above the 512" in reason
