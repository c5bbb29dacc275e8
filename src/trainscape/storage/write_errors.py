"""One message for every file that cannot be written: what, where, why, and what to do."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["CannotWriteError", "writing"]


class CannotWriteError(OSError):
    """A file or folder cannot be written; the text is a whole message."""

    def __str__(self) -> str:
        return str(self.strerror)


def _present(path: Path) -> Path:
    """Return the innermost folder above `path` that exists."""
    # os.access: Path.exists raises an error where a folder above may not be entered.
    return next(folder for folder in path.absolute().parents if os.access(folder, os.F_OK))


def _leads_nowhere(folder: Path) -> bool:
    try:
        return folder.is_symlink() and not folder.exists()
    except PermissionError:
        return False


def _cause(error: OSError, path: Path) -> str:
    """Return why `path` cannot be written, and what to do about it."""
    for folder in path.absolute().parents:
        if _leads_nowhere(folder):
            target = folder.parent / folder.readlink()
            return (
                f"{folder} is a link to {target}, which does not exist. Make that folder (`mkdir "
                f"-p {target}`), mount its disk, or remove the link"
            )
    folder = _present(path)
    if not folder.is_dir():
        return f"{folder} is a file where a folder has to be. Move it away"
    reason = error.strerror or str(error)
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            free = shutil.disk_usage(folder).free / 2**20
            return f"{reason}; {free:.0f} MiB are free there. Make room"
        case errno.EROFS:
            return f"{reason}. Mount {folder} for writing, or put a link to another folder there"
        case errno.EACCES | errno.EPERM:
            return (
                f"{reason}; {folder} belongs to user {folder.stat().st_uid}, and this is user "
                f"{os.getuid()}. Change its permissions, or put a link to another folder there"
            )
        case _:
            return f"{reason}. See what is wrong there"


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn an error of the operating system into one that says what to do.

    Parameters
    ----------
    path
        The file or folder that is written in the body. An error that is explained already passes
        unchanged.

    Raises
    ------
    CannotWriteError
        With the number of the original error.
    """
    try:
        yield
    except CannotWriteError:
        raise
    except OSError as error:
        text = f"cannot write {path}: {_cause(error, path)} and run the same command again"
        raise CannotWriteError(error.errno, text) from error
