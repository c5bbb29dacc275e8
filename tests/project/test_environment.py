"""The three descriptions of the environment agree: pyproject.toml, environment.yml (conda) and
requirements.lock (pip).

No conda is needed: conda's match specifications are parsed by rattler, which is the parser that
conda tools share.
"""

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import rattler
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
INDEX_NAMES = {
    "antlr-python-runtime": "antlr4-python3-runtime",
    "dask-core": "dask",
    "matplotlib-base": "matplotlib",
    "python-igraph": "igraph",
    "snakemake-minimal": "snakemake",
}
"""Conda packages whose name on the Python package index differs: the conda name without suffix
pulls in much that we do not use."""

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text())
LOCK = (ROOT / "requirements.lock").read_text()


def requirements():
    """Return the requirements of pyproject.toml by canonical name."""
    parsed = [
        Requirement(text)
        for text in [
            *PROJECT["dependencies"],
            *(
                text
                for extra in ("workflow", "plots", "networks", "dev")
                for text in PROJECT["optional-dependencies"][extra]
            ),
        ]
        if not text.startswith("trainscape[")
    ]
    assert len({canonicalize_name(requirement.name) for requirement in parsed}) == len(parsed), (
        "a package is listed twice"
    )
    return {canonicalize_name(requirement.name): requirement for requirement in parsed}


def specifications():
    """Return the specifications of environment.yml, without Python and pip, by the canonical name
    on the package index."""
    parsed = [rattler.MatchSpec(text, strict=True) for text in ENVIRONMENT["dependencies"]]
    named = {canonicalize_name(INDEX_NAMES.get(name(spec), name(spec))): spec for spec in parsed}
    assert len(named) == len(parsed), "a package is listed twice"
    return {key: spec for key, spec in named.items() if key not in {"python", "pip"}}


def name(spec):
    return spec.name.normalized if hasattr(spec.name, "normalized") else str(spec.name)


def bounds(text):
    """Return the set of single bounds of ``>=1.2,<3``, in either notation."""
    return {part.strip() for part in str(text).split(",") if part.strip()}


def locked():
    """Return the versions in the lock by canonical name."""
    return {
        canonicalize_name(key): version
        for key, version in re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", LOCK, flags=re.MULTILINE)
    }


def test_environment_name_and_channels():
    assert ENVIRONMENT["name"] == "trainscape"
    assert ENVIRONMENT["channels"] == ["conda-forge", "bioconda", "nodefaults"]
    assert set(ENVIRONMENT) == {"name", "channels", "dependencies"}


def test_conda_and_pip_ask_for_the_same_packages():
    assert specifications().keys() == requirements().keys()


@pytest.mark.parametrize("package", sorted(requirements()))
def test_conda_and_pip_ask_for_the_same_versions(package):
    assert bounds(specifications()[package].version) == bounds(requirements()[package].specifier)


@pytest.mark.parametrize("package", sorted(requirements()))
def test_every_dependency_has_a_lower_bound_and_only_ranges(package):
    operators = [specifier.operator for specifier in requirements()[package].specifier]
    assert operators.count(">=") == 1
    assert set(operators) <= {">=", "<"}


def test_python_versions_agree():
    python = next(
        spec
        for spec in map(rattler.MatchSpec, ENVIRONMENT["dependencies"])
        if name(spec) == "python"
    )
    assert bounds(python.version) == bounds(PROJECT["requires-python"])


def test_build_backend_is_in_the_lock():
    # The package is installed without build isolation, so that an environment from the lock is
    # complete.
    backend = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    for requirement in map(Requirement, [*backend, "editables"]):
        assert requirement.specifier.contains(locked()[canonicalize_name(requirement.name)])


@pytest.mark.parametrize("package", sorted(requirements()))
def test_lock_holds_every_dependency_within_its_bounds(package):
    assert requirements()[package].specifier.contains(locked()[package])


def test_every_locked_package_has_hashes():
    entries = re.split(r"^(?=\S)", LOCK, flags=re.MULTILINE)
    entries = [entry for entry in entries if entry.strip() and not entry.startswith("#")]
    assert len(entries) == len(locked())
    for entry in entries:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), f"no hash: {entry.splitlines()[0]}"


def test_lock_names_no_index():
    # Where packages come from is the business of whoever installs.
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links|--trusted-host", LOCK)


@pytest.mark.parametrize("package", sorted(requirements()))
def test_installed_version_satisfies_the_conda_environment(package):
    try:
        installed = metadata.version(package)
    except metadata.PackageNotFoundError:
        pytest.skip(f"{package} is not installed here")
    assert rattler.VersionSpec(str(specifications()[package].version)).matches(
        rattler.Version(installed)
    )
