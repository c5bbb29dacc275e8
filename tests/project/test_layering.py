"""Imports point downwards only, and the numerics know nothing of files or clusters."""

import ast
from pathlib import Path

import pytest

from trainscape.pipeline.config import load_study
from trainscape.pipeline.fingerprint import import_closure
from trainscape.pipeline.request import Request, requests
from trainscape.studies import clifford, fragmentation
from workspace import REPO

SOURCE = REPO / "src" / "trainscape"

LOWER = {
    "text_files": set(),
    "extras": set(),
    "shown": set(),
    "physics": {"text_files", "shown"},
    "circuits": {"physics", "shown"},
    "simulators": {"physics", "circuits"},
    "trainability": {"physics", "circuits", "simulators", "shown"},
    "training": {"physics", "circuits", "simulators"},
    "pruning": {"physics", "circuits", "shown"},
    "translation": {"physics", "text_files"},
    "diagnosis": {
        "physics",
        "circuits",
        "simulators",
        "trainability",
        "training",
        "pruning",
    },
    "studies": {
        "physics",
        "circuits",
        "simulators",
        "trainability",
        "training",
        "pruning",
        "translation",
    },
    "testing": {"studies", "runtime"},
    "api": {
        "physics",
        "circuits",
        "simulators",
        "trainability",
        "pruning",
        "translation",
        "diagnosis",
        "extras",
        "pipeline.results",
    },
    "storage": set(),
    "runtime": {"storage.digests", "storage.write_errors"},
    "pipeline": {
        "physics",
        "circuits",
        "simulators",
        "trainability",
        "training",
        "pruning",
        "translation",
        "studies",
        "storage",
        "runtime",
        "text_files",
    },
    "cli": {
        "physics",
        "circuits",
        "simulators",
        "trainability",
        "training",
        "pruning",
        "translation",
        "studies",
        "storage",
        "runtime",
        "pipeline",
        "diagnosis",
        "scaffold",
        "text_files",
        "extras",
    },
    "scaffold": {"pipeline"},
    "__main__": {"cli", "pipeline.preload", "runtime.warm", "runtime.warm_client"},
    "__init__": {"_compiled"},
    "_compiled": set(),
}
"""What each part may import of trainscape, besides itself."""

MODULES = sorted(SOURCE.rglob("*.py"))

REQUESTS = [
    request
    for name in ("fragmentation", "clifford")
    for request in requests(load_study(name, "smoke", REPO / "config/config.yaml"))
    if request.sample is not None
]


def part(module: Path) -> str:
    return module.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports(module: Path) -> set[str]:
    """Dotted names below trainscape that a module imports anywhere, also inside functions and for
    the type checker."""
    found = set()
    for node in ast.walk(ast.parse(module.read_bytes())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {
        name.removeprefix("trainscape.")
        for name in found
        if name.split(".")[0] == "trainscape" and name != "trainscape"
    }


def test_every_part_has_its_place():
    assert {part(module) for module in MODULES} <= set(LOWER)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(SOURCE)))
def test_imports_point_downwards(module: Path):
    own = part(module)
    allowed = {own, "__version__", *LOWER[own]}
    wrong = [
        name
        for name in imports(module)
        if not any(name == other or name.startswith(f"{other}.") for other in allowed)
    ]
    assert not wrong, f"{module.relative_to(SOURCE)} must not import {', '.join(wrong)}"


def test_one_study_does_not_import_another():
    folders = (SOURCE / "studies").iterdir()
    studies = {folder.name for folder in folders if (folder / "__init__.py").exists()} - {"kit"}
    for module in MODULES:
        if part(module) == "studies" and len(module.relative_to(SOURCE).parts) > 2:
            others = studies - {module.relative_to(SOURCE).parts[1]}
            wrong = [
                name
                for name in imports(module)
                if name.startswith("studies.") and name.split(".")[1] in others
            ]
            assert not wrong, f"{module}: {wrong}"


@pytest.mark.parametrize(
    "package", ["physics", "circuits", "simulators", "trainability", "training"]
)
def test_init_is_empty(package: str):
    """So that the import closure of a stage, and with it its fingerprint, holds only what it
    uses."""
    for init in (SOURCE / package).rglob("__init__.py"):
        assert init.read_text() == "", f"{init} must be empty"


def test_numerics_touch_no_files_and_no_cluster():
    forbidden = {"zarr", "dask", "distributed", "snakemake"}
    for module in MODULES:
        if part(module) not in {
            "physics",
            "circuits",
            "simulators",
            "trainability",
            "training",
            "studies",
        }:
            continue
        for node in ast.walk(ast.parse(module.read_bytes())):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            assert not [name for name in names if name.split(".")[0] in forbidden], (
                f"{module}: {names}"
            )


SUMMARISING = {f"trainscape.trainability.{name}" for name in ("intervals", "paired", "scaling")}
"""Modules of statistics that only summaries, claims and figures may use."""


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: str(request.paths))
def test_sampled_steps_depend_on_no_statistics_and_no_plans(request_: Request):
    """An edited bootstrap, fit, figure or cost estimate must make no stored sample stale."""
    assert request_.sample is not None
    closure = set(import_closure((request_.sample.module,)))
    assert not closure & SUMMARISING
    kit = {name for name in closure if name.startswith("trainscape.studies.kit.")}
    assert kit <= {"trainscape.studies.kit.variables"}
    groups = {
        group.package for study in (clifford.STUDY, fragmentation.STUDY) for group in study.groups
    }
    assert not closure & {
        *groups,
        "trainscape.studies.clifford",
        "trainscape.studies.fragmentation",
    }


def test_modules_are_short():
    long = {
        str(module.relative_to(SOURCE)): len(module.read_text().splitlines()) for module in MODULES
    }
    assert {name: count for name, count in long.items() if count > 400} == {}
