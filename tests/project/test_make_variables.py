"""A variable that the Makefile does not know is a mistake, not a setting."""

import os
import shutil
import subprocess

import pytest

from workspace import REPO

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    # Not as a part of the make that runs the tests, which would announce its folder.
    own = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    command = ["make", "-n", "help", *arguments]
    return subprocess.run(command, cwd=REPO, env=own, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("given", ["PRSET=smoke", "preset=smoke", "STUDIES=clifford", "PRESETS="])
def test_misspelt_variables_are_refused(given):
    done = make(given)
    name = given.partition("=")[0]
    assert done.returncode == 2
    assert f"there is no variable {name}; the variables are PYTHON PRESET STUDY" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    "given",
    [(), ("PRESET=smoke",), ("ARGS=-k 'a b' --config preset=smoke x=1",), ("SEED=", "CORES=2")],
)
def test_the_others_are_taken(given):
    done = make(*given)
    assert (done.returncode, done.stderr) == (0, "")
