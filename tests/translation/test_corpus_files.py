"""Texts of one's own."""

import hashlib

import pytest

from trainscape.translation.corpus_files import corpus_digest, corpus_text


def test_text_and_digest(tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_text("So it goes.", encoding="utf-8")
    assert corpus_text(str(path)) == "So it goes."
    assert corpus_digest(str(path)) == hashlib.sha256(b"So it goes.").hexdigest()


def test_missing_file(tmp_path):
    path = str(tmp_path / "corpus.txt")
    with pytest.raises(ValueError, match="there is no file") as caught:
        corpus_text(path)
    assert path in str(caught.value)
    assert "preset" in str(caught.value)


def test_no_text(tmp_path):
    path = tmp_path / "corpus.npz"
    path.write_bytes(b"PK\x03\x04" + bytes(range(256)))
    with pytest.raises(ValueError, match=r"corpus\.npz"):
        corpus_text(str(path))
