"""The folder where numba keeps compiled kernels: one for each state of the kernels' source.

numba looks only at the file of the function that is called. A kernel that calls a function of
another file would keep its old machine code after that file is edited, and return outdated numbers.
So the name of the cache folder contains a hash of all simulator sources.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

__all__ = ["use_own_cache"]

_PREFIX = "trainscape-kernels-"


def use_own_cache() -> None:
    """Set ``NUMBA_CACHE_DIR`` to the folder for the present sources.

    It lies inside the folder that the variable names, or below the package. Where that cannot be
    written, as in a container, it lies in the user's cache folder, else in the folder for temporary
    files, and begins as a copy of what was compiled before. Call this before numba is imported.
    Worker processes inherit the variable; for them the call changes nothing.
    """
    package = Path(__file__).parent
    state = hashlib.sha256()
    # rglob: each engine has a package of its own.
    simulators = package / "simulators"
    for path in sorted(simulators.rglob("*.py")):
        state.update(path.relative_to(simulators).as_posix().encode() + path.read_bytes())
    base = Path(os.environ.get("NUMBA_CACHE_DIR") or package / "__pycache__")
    if base.name.startswith(_PREFIX):
        base = base.parent
    cache = base / f"{_PREFIX}{state.hexdigest()[:16]}"
    if not _is_writable(cache):
        with suppress(OSError):  # nothing can be written anywhere: numba says so
            cache = _writable_copy(cache)
    os.environ["NUMBA_CACHE_DIR"] = str(cache)


def _is_writable(folder: Path) -> bool:
    """Return whether files can be made in a folder, which need not exist yet."""
    # os.access: Path.exists raises an error where a folder above may not be entered.
    above = (folder, *folder.absolute().parents)
    present = next(path for path in above if os.access(path, os.F_OK))
    return present.is_dir() and os.access(present, os.W_OK | os.X_OK)


def _other_places() -> Iterator[Path]:
    """Yield the folder of caches of the user, and one for temporary files that is theirs alone."""
    caches = os.environ.get("XDG_CACHE_HOME")
    with suppress(RuntimeError):  # a user without a home
        yield (Path(caches) if caches else Path("~/.cache").expanduser()) / "trainscape"
    import tempfile

    # Compiled code that somebody else has put there must never run.
    own = Path(tempfile.gettempdir()) / f"trainscape-{os.getuid()}"
    with suppress(FileExistsError):
        own.mkdir(mode=0o700)
    facts = own.lstat()
    is_own = stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.getuid()
    yield own if is_own and not facts.st_mode & 0o022 else Path(tempfile.mkdtemp())


def _writable_copy(cache: Path) -> Path:
    """Return a folder for the cache elsewhere, with what `cache` holds."""
    import shutil

    elsewhere = next(place for place in _other_places() if _is_writable(place)) / cache.name
    if cache.is_dir() and not elsewhere.exists():
        partial = elsewhere.with_name(f".{elsewhere.name}.{os.getpid()}")
        with suppress(OSError):  # without a copy, or if another process was faster, all goes on
            shutil.copytree(cache, partial)
            for folder in (partial, *partial.glob("*/")):
                folder.chmod(0o700)  # the copy has the permissions of the original
            partial.rename(elsewhere)
        shutil.rmtree(partial, ignore_errors=True)
    return elsewhere
