"""The wheel alone, as `pip install trainscape` gives it: what measures circuits, and no workflow.

The packages come from the network, at the versions of the lock.
"""

import fcntl
import json
import math
import os
import re
import subprocess
import sys
import tomllib

import pytest
from packaging.requirements import Requirement

from trainscape.extras import EXTRAS
from workspace import REPO

LARGEST = 560 * 2**20
"""Bytes of the whole environment: pip, all packages, and their bytecode, 546 MiB when last
measured."""

CIRCUIT = """OPENQASM 3.0;
include "stdgates.inc";
input float a;
input float b;
qubit[3] q;
ry(a) q[0];
cx q[0], q[1];
rz(b) q[1];
ry(b) q[2];
cx q[1], q[2];
"""


pytestmark = pytest.mark.timeout(1200)
"""Installing takes a minute, and several where others use the machine."""


def install(folder):
    """Build the wheel and install it in env/ of a folder, with files for the commands beside it."""
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    subprocess.run([*build, "--directory", str(folder)], cwd=REPO, check=True)
    (wheel,) = folder.glob("*.whl")
    lock = (REPO / "requirements.lock").read_text()
    pins = re.findall(r"^[A-Za-z0-9._-]+==[^\\\n]+", lock, flags=re.MULTILINE)
    (folder / "constraints.txt").write_text("\n".join(pins))
    subprocess.run([sys.executable, "-m", "venv", str(folder / "env")], check=True)
    pip = [str(folder / "env/bin/python"), "-m", "pip", "install", "--quiet"]
    constraints = ["--constraint", str(folder / "constraints.txt")]
    subprocess.run([*pip, *constraints, str(wheel)], check=True)
    (folder / "circuit.qasm").write_text(CIRCUIT)
    (folder / "angles.json").write_text("[0.3, 0.7]")
    (folder / "ring.txt").write_text("ZZI + IZZ + ZIZ\n")
    (folder / "generators.txt").write_text("XXI + YYI\nIXX + IYY\n")


@pytest.fixture(scope="module")
def installed(tmp_path_factory, worker_id):
    """The folder of an installation, which all processes of a parallel run of tests share."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "wheel"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "generators.txt").exists():
            install(folder)
    return folder


def trainscape(folder, *arguments, **variables):
    """Run the installed command, which must not find the sources of this checkout."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "COV_", "COVERAGE", "NUMBA_CACHE"))
    }
    return subprocess.run(
        [folder / "env/bin/trainscape", *arguments],
        cwd=folder,
        env={**clean, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def answer(folder, *arguments):
    """Return what a command prints as JSON."""
    done = trainscape(folder, *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_extras_are_those_of_the_package():
    """The modules by which a missing extra is noticed are what the extra installs."""
    project = tomllib.loads((REPO / "pyproject.toml").read_text())["project"]
    for extra, modules in EXTRAS.items():
        texts = project["optional-dependencies"][extra]
        expected = {Requirement(text).name.lower().replace("-", "_") for text in texts}
        aliases = {"yaml": "pyyaml"}
        named = {aliases.get(module, module.lower()) for module in modules}
        assert named == expected - {"trainscape", "snakemake_executor_plugin_slurm"}


@pytest.mark.slow
def test_what_is_installed_is_small_and_has_no_workflow(installed):
    size = sum(
        path.stat().st_size
        for path in (installed / "env").rglob("*")
        if path.is_file() and not path.is_symlink()
    )
    assert size < LARGEST
    (packages,) = (installed / "env/lib").glob("*/site-packages")
    found = {
        module for modules in EXTRAS.values() for module in modules if (packages / module).exists()
    }
    assert found <= {"pydantic"}  # which typer stands on


@pytest.mark.slow
def test_evaluate_says_that_it_compiles_once(installed, tmp_path):
    command = ("evaluate", "circuit.qasm", "--observable", "ZZZ", "--angles", "angles.json")
    kernels = {"NUMBA_CACHE_DIR": str(tmp_path)}
    first = trainscape(installed, *command, "--gradient", "--json", **kernels)
    assert first.returncode == 0, first.stderr
    assert re.search(r"compiling the kernels of the engine \w+ .* once: about \d+ s", first.stderr)
    again = trainscape(installed, *command, "--gradient", "--json", **kernels)
    assert "compiling" not in again.stderr
    # The gates cx turn ZZZ into Z0 Z2.
    a, b = 0.3, 0.7
    found = json.loads(again.stdout)
    assert found["value"] == pytest.approx(math.cos(a) * math.cos(b))
    slopes = [-math.sin(a) * math.cos(b), -math.cos(a) * math.sin(b)]
    assert found["gradient"] == pytest.approx(slopes)


@pytest.mark.slow
def test_other_commands_answer(installed):
    moments = answer(installed, "moments", "circuit.qasm", "--observable", "ZZZ", "--uniform")
    assert [one["value"] for one in moments["moments"]] == [0.25, 0.25]
    sectors = answer(installed, "sectors", "generators.txt")
    assert sum(one["dimension"] * one["multiplicity"] for one in sectors["sectors"]) == 8
    encode = ("encode", "circuit.qasm", "--observable", "ZZZ", "--best", "--output", "encoded.qasm")
    encoded = trainscape(installed, *encode)
    assert encoded.returncode == 0, encoded.stderr
    assert (installed / "encoded.qasm").read_text().startswith("OPENQASM 3")
    pruned = answer(installed, "prune", "ring.txt", "--ansatz", "dense")
    assert pruned["automorphism_order"] == 6


@pytest.mark.slow
def test_diagnose_answers_and_its_page_does_without_the_picture(installed):
    command = ("diagnose", "circuit.qasm", "--observable", "ZZZ", "--budget", "5")
    diagnosis = answer(installed, *command, "--html", "page.html")
    assert diagnosis["parameters"] == 2
    page = (installed / "page.html").read_text()
    assert "trainscape[plots]" in page
    assert "<img" not in page


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "extra"),
    [
        (("plan",), "workflow"),
        (("validate",), "workflow"),
        (("status",), "workflow"),
        (("claims",), "workflow"),
        (("verify",), "workflow"),
        (("report",), "workflow"),
        (("new-study", "mine"), "workflow"),
        (("prune", "ring.txt", "--ansatz", "dense", "--picture", "ring.pdf"), "plots"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
def test_what_needs_an_extra_says_so_in_one_sentence(installed, arguments, extra):
    done = trainscape(installed, *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert len(done.stderr.splitlines()) == 1
    assert f"python -m pip install 'trainscape[{extra}]'" in done.stderr


@pytest.mark.slow
def test_the_interface_for_python_names_the_extra(installed):
    done = subprocess.run(
        [installed / "env/bin/python", "-c", "from trainscape.api import open_results"],
        cwd=installed,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "trainscape[workflow]" in done.stderr.splitlines()[-1]
