"""A text of one's own as natural data: read from a path, with a digest of what was read."""

from __future__ import annotations

import hashlib
from pathlib import Path

from trainscape.text_files import read_text

__all__ = ["corpus_digest", "corpus_text"]


def corpus_text(path: str) -> str:
    """Return the text of a file.

    Parameters
    ----------
    path
        The file: UTF-8, or UTF-16 with its mark. A relative path starts at the current folder.

    Raises
    ------
    ValueError
        With one sentence that names the path, if there is no such file, if it cannot be read, or if
        it is no text.
    """
    try:
        return read_text(Path(path).expanduser())
    except FileNotFoundError:
        raise ValueError(
            f"there is no file {path} (looked for from {Path.cwd()}): correct the path of the "
            "corpus in the preset, or leave the corpus out"
        ) from None
    except ValueError as error:
        raise ValueError(f"the corpus {path} {error}") from None


def corpus_digest(path: str) -> str:
    """Return the SHA-256 of the text of a file, see `corpus_text`."""
    return hashlib.sha256(corpus_text(path).encode()).hexdigest()
