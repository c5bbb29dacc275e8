"""Text in the encodings that other programs write, and one sentence for everything else."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcomes import value_or_sentence
from trainscape.text_files import decoded, read_text

TEXT = "θ = 0.3\r\nnaïve\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_what_is_read(encoding):
    assert decoded(TEXT.encode(encoding)) == TEXT


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a\nb\xe9c", "byte 0xe9 in line 2, perhaps of Latin-1"),
        (TEXT.encode("utf-16-le"), "UTF-16 without its mark"),
        (TEXT.encode("utf-16-be"), "UTF-16 without its mark"),
        ("12".encode("utf-16-le"), "UTF-16 without its mark"),
        (b"\xff\xfe\x00", "begins like UTF-16 text, but is damaged"),
        (b"a\0b", "zero byte in line 1"),
        (b"\x93NUMPY\x01\x00", "not a text file but a NumPy array"),
        (b"PK\x03\x04rest", "not a text file but a zip archive"),
        (b"\x1f\x8bsomething", "not a text file but a gzip archive"),
    ],
)
def test_what_is_refused(data, message):
    with pytest.raises(ValueError, match=message):
        decoded(data)


def test_a_numpy_file_of_any_name(tmp_path):
    np.save(tmp_path / "angles.npy", np.zeros(2))
    (tmp_path / "angles.npy").rename(tmp_path / "angles.json")
    with pytest.raises(ValueError, match=r"NumPy array \(\.npy\)"):
        read_text(tmp_path / "angles.json")


def test_files_without_end_and_without_text(tmp_path):
    with pytest.raises(ValueError, match=r"is larger than 0\.00391 MiB"):
        read_text(Path("/dev/zero"), limit=4096)
    with pytest.raises(ValueError, match="cannot be read: Is a directory"):
        read_text(tmp_path)
    with pytest.raises(FileNotFoundError):
        read_text(tmp_path / "none")


@given(st.binary(max_size=60))
def test_any_bytes_are_text_or_a_value_error(data):
    text, refused = value_or_sentence(decoded, data)
    if not refused:
        assert "\0" not in text or data[:2] in (b"\xff\xfe", b"\xfe\xff")
