"""The first compilation of an engine is announced, and only that."""

import os
import subprocess
import sys
from pathlib import Path

from trainscape.runtime.compilation import SECONDS, SIMULATORS
from workspace import REPO

PROGRAM = """
import numpy
from trainscape.runtime.compilation import announce_compilation
from trainscape.simulators.pauli.random_kernels import uniform
announce_compilation()
announce_compilation()
assert uniform(numpy.uint64(2**63)) == uniform(numpy.uint64(2**63)) > 0
"""


def output(code: str, cache: Path) -> str:
    """Run a new Python with its own cache of kernels, and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "NUMBA_CACHE_DIR": str(cache), "PYTHONPATH": str(REPO / "src")},
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
    )
    return done.stdout + done.stderr


def test_first_compilation_is_announced_once(tmp_path: Path):
    assert output(PROGRAM, tmp_path) == (
        "compiling the kernels of the engine pauli for this machine, once: about "
        f"{SECONDS['pauli']} s\n"
    )
    assert output(PROGRAM, tmp_path) == ""


def test_every_engine_with_kernels_has_its_time():
    folders = (REPO / "src" / SIMULATORS.replace(".", "/")).glob("*/*kernels.py")
    assert {path.parent.name for path in folders} == set(SECONDS)


def test_nothing_is_imported_to_announce(tmp_path: Path):
    code = (
        "import sys; from trainscape.runtime.compilation import announce_compilation; "
        "announce_compilation(); print('numba' in sys.modules)"
    )
    assert output(code, tmp_path) == "False\n"
