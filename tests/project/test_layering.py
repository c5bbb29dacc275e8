"""Imports point downwards only, and the numerics know nothing of files or clusters."""

import ast
from pathlib import Path

import pytest

from trainscape.pipeline.fingerprint import import_closure
from trainscape.studies import clifford, fragmentation
from trainscape.studies.contract import Study
from workspace import REPO

SOURCE = REPO / "src" / "trainscape"

LOWER = {
    "physics": set(),
    "circuits": {"physics"},
    "simulators": {"physics", "circuits"},
    "trainability": {"physics", "circuits", "simulators"},
    "training": {"physics", "circuits", "simulators"},
    "studies": {"physics", "circuits", "simulators", "trainability", "training"},
    "storage": set(),
    "runtime": {"storage.digests"},
    "pipeline": {
        "physics",
        "circuits",
        "simulators",
        "trainability",
        "training",
        "studies",
        "storage",
        "runtime",
    },
    "cli": {
        "physics",
        "circuits",
        "simulators",
        "trainability",
        "training",
        "studies",
        "storage",
        "runtime",
        "pipeline",
    },
    "__main__": {"cli"},
    "__init__": {"_compiled"},
    "_compiled": set(),
}
"""What each part may import of trainscape, besides itself."""

MODULES = sorted(SOURCE.rglob("*.py"))


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
    studies = {
        folder.name
        for folder in (SOURCE / "studies").iterdir()
        if (folder / "__init__.py").exists()
    }
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


@pytest.mark.parametrize(
    "study", [clifford.STUDY, fragmentation.STUDY], ids=lambda study: study.name
)
def test_presets_are_no_code_of_the_stages(study: Study):
    """An edited preset must recompute nothing by itself: no stage imports from the module that
    holds the presets of its group."""
    for family in study.families(study.presets["smoke"]):
        modules = tuple(f"{family.package}.{stage}" for stage in family.stages)
        assert not {family.package, study.package} & set(import_closure(modules))
