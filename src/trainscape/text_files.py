"""Read text files that other programs wrote: byte-order marks, UTF-16, and what is no text.

UTF-8 is what is expected, with or without the mark that Windows programs put in front. UTF-16 is
read if its mark says so. Everything else ends in one sentence that says what the file seems to be.
"""

from __future__ import annotations

import codecs
from pathlib import Path

__all__ = ["LARGEST_TEXT", "decoded", "read_text"]

LARGEST_TEXT = 2**26
"""Largest text file that is read, in bytes."""

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHER_KINDS = (
    (b"\x93NUMPY", "a NumPy array (.npy)"),
    (b"PK\x03\x04", "a zip archive, as .npz files are"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x80\x04", "a Python pickle"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
)


def read_text(path: Path, limit: int = LARGEST_TEXT) -> str:
    """Return the text of a file, with line ends as they are.

    Parameters
    ----------
    path
        The file.
    limit
        Largest size in bytes. No more than that is read, also of a device that never ends.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it cannot be read or is no text; the message does not name the file.
    """
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror or error}") from None
    if len(data) > limit:
        raise ValueError(
            f"is larger than {limit / 2**20:.3g} MiB, the largest text that is read; is it the "
            "file that you mean?"
        )
    return decoded(data)


def decoded(data: bytes) -> str:
    """Return the text that bytes stand for.

    Raises
    ------
    ValueError
        If they are no text, or in an encoding that cannot be told apart from others.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                raise ValueError(
                    f"begins like {encoding.upper()} text, but is damaged; save it as UTF-8"
                ) from None
    for start, kind in _OTHER_KINDS:
        if data.startswith(start):
            raise ValueError(f"is not a text file but {kind}")
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise ValueError(
            f"has a zero byte in line {line}: it is no text, or UTF-16 without its mark; convert "
            "that with `iconv -f UTF-16LE -t UTF-8 OLD > NEW`"
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ValueError(
            f"is not UTF-8 text: byte 0x{data[error.start]:02x} in line {line}, perhaps of Latin-1 "
            "or another older encoding; convert it with `iconv -f LATIN1 -t UTF-8 OLD > NEW`"
        ) from None
