"""Read the text of a program from a file, in whatever encoding an editor left it."""

from __future__ import annotations

import codecs
from pathlib import Path

__all__ = ["program_text"]

# The marks at the start of a file by which editors say what its encoding is; UTF-32 comes first,
# since its mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def program_text(path: Path) -> str:
    """Return the text of a file.

    UTF-8, and UTF-16 and UTF-32 with a byte order mark, are read.

    Raises
    ------
    ValueError
        If the file cannot be opened, or is not text in one of these encodings.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror or error}") from error
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8" or b"\0" in data:
            raise ValueError(f"{path} is not a text file; give an OpenQASM program") from error
        line = 1 + data[: error.start].count(b"\n")
        raise ValueError(
            f"{path} is not UTF-8: byte 0x{data[error.start]:02x} in line {line} is likely a letter"
            " in the encoding latin-1; save the file as UTF-8, or type "
            f"'iconv -f latin1 -t utf8 {path} > utf8.qasm'"
        ) from error
    if "\0" in text:
        raise ValueError(
            f"{path} is not a text file in UTF-8: it has zero bytes, as binary files and UTF-16 "
            "without a byte order mark do; give an OpenQASM program saved as UTF-8"
        )
    return text
