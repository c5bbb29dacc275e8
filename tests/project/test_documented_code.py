"""Code in the documentation runs and prints what the documentation says; pictures are drawn.

Commands on circuits run here, in a folder with the files that the pages show. What needs the
results of a study runs in the slow tests, on a study that `trainscape new-study` writes, at its
smallest size; here its options are parsed. Of `make` the recipes are printed, not run; commands of
other programs, and of clusters, are not ours to test.
"""

import contextlib
import io
import os
import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import typer.main
import yaml

from documentation import PAGES, Block, blocks, parses, write_files
from trainscape.cli.app import app, run_app
from trainscape.pipeline.config import load_study
from trainscape.pipeline.request import requests
from trainscape.testing.figures import overlaps
from workspace import REPO

STUDY = "my_study"
ON_CIRCUITS = {"diagnose", "evaluate", "moments", "encode", "prune", "sectors", "--help"}
"""Commands that need no project."""

PLACEHOLDERS = {"HAMILTONIAN": "hamiltonian.txt", "CIRCUIT.qasm": "ansatz.qasm"}


def of_results(block: Block) -> bool:
    """Whether a block of Python reads results."""
    return "open_results(" in block.code or f"results/smoke/{STUDY}" in block.code


def with_code() -> list[str]:
    kinds = ("python", "shell", "yaml")
    return [page for page in PAGES if any(block.language in kinds for block in blocks(page))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with files of circuits, and a Makefile whose environment looks complete."""
    made = tmp_path_factory.mktemp("documentation")
    write_files(made)
    eye = np.eye(2)
    bond = np.diag([1.0, -1.0, -1.0, 1.0])
    np.savez(made / "bonds.npz", left=np.kron(bond, eye), right=np.kron(eye, bond))
    for name in ("Makefile", "requirements.lock", "pyproject.toml", "docs/requirements.lock"):
        (made / name).parent.mkdir(exist_ok=True)
        shutil.copy(REPO / name, made / name)
    shutil.copytree(REPO / "benchmarks", made / "benchmarks")
    (made / ".venv").mkdir()
    (made / ".venv/.complete").touch()
    return made


Command = Callable[[list[str]], str]


@pytest.fixture(scope="module")
def trainscape() -> Iterator[Command]:
    """Run the command line in this process, each command once; return what it printed."""
    outputs: dict[tuple[str, ...], str] = {}

    def run(words: list[str]) -> str:
        if tuple(words) not in outputs:
            with (
                pytest.MonkeyPatch.context() as patch,
                contextlib.redirect_stdout(io.StringIO()) as stream,
            ):
                patch.setattr(sys, "argv", ["trainscape", *words])
                patch.setattr(sys, "path", [*sys.path, str(Path.cwd())])
                with pytest.raises(SystemExit) as ended:
                    run_app()
            assert ended.value.code in (0, None), words
            outputs[tuple(words)] = stream.getvalue()
        return outputs[tuple(words)]

    yield run
    sys.modules.pop("mymodule", None)


def parse(words: list[str]) -> None:
    """Parse the options of a command without running it."""
    group = typer.main.get_command(app)
    name, command, rest = group.resolve_command(typer.Context(group), words)  # type: ignore[attr-defined]
    assert command is not None, name
    command.make_context(name, list(rest))


def check_command(words: list[str], run: Command, place: str) -> str:
    words = [PLACEHOLDERS.get(word, word) for word in words]
    program, *rest = words
    if program == "trainscape":
        if rest[0] in ON_CIRCUITS:
            return run(rest)
        parse(rest)
    elif program == "make":
        done = subprocess.run(
            ["make", "-n", *rest], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, f"{place}: {done.stderr}"
    return ""


def check_planned(block: Block) -> None:
    """A stage that a page opens is one that the study has."""
    opened = re.findall(r'open_results\("(\w+)", "(\w+)"\)\.cells\("(\w+)", "(\w+)"\)', block.code)
    for preset, study, family, stage in opened:
        with contextlib.chdir(REPO):
            known = {(one.family, str(one.stage)) for one in requests(load_study(study, preset))}
        assert (family, stage) in known, block.place


@pytest.mark.parametrize("page", with_code())
def test_code_of_a_page(
    page: str, folder: Path, trainscape: Command, monkeypatch: pytest.MonkeyPatch
):
    """A block of text behind one of Python is what it prints; behind a command, parts of that."""
    monkeypatch.chdir(folder)
    names: dict[str, object] = {"__name__": "page"}
    printed, whole = "", True
    for block in blocks(page):
        if block.language == "python" and of_results(block):
            assert parses(block.code), block.place
            check_planned(block)
            return  # what follows is about those results
        if block.file:
            continue
        if block.language == "python":
            with contextlib.redirect_stdout(io.StringIO()) as stream:
                exec(compile(block.code, block.place, "exec"), names)
            printed, whole = stream.getvalue(), True
        elif block.language == "shell":
            outputs = [check_command(words, trainscape, block.place) for words in block.commands]
            printed, whole = "".join(outputs), False
        elif block.language in ("text", "txt"):
            parts = block.code.split("...\n")  # what stands for more
            same = block.code == printed if whole else all(part in printed for part in parts)
            assert same, f"{block.place}: the code prints\n{printed}"
        elif block.language == "yaml":
            assert yaml.safe_load(block.code), block.place


def test_the_blocks_are_found():
    """What the other tests rest on: each kind is recognised."""
    found = [block for page in PAGES for block in blocks(page)]
    kinds = {block.language for block in found}
    assert {"python", "shell", "text", "text-like", "yaml", "qasm"} <= kinds
    readme = [words for block in found if block.page == "README.md" for words in block.commands]
    assert ["make", "test"] in readme
    assert all(words for block in found for words in block.commands)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one study, made by `new-study` and run at smoke size."""
    project = tmp_path_factory.mktemp("project")
    for name in ("Snakefile", "environment.yml", "Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(REPO / name, project)
    for name in ("config", "workflow", "profiles"):
        shutil.copytree(REPO / name, project / name)
    config = project / "config/config.yaml"
    text = re.sub(r"^preset:.*$", "preset: smoke", config.read_text(), flags=re.MULTILINE)
    config.write_text(text)
    execute(project, [sys.executable, "-m", "trainscape", "new-study", STUDY])
    config.write_text(re.sub(r"^studies:.*$", f"studies: [{STUDY}]", text, flags=re.MULTILINE))
    snakemake = [sys.executable, "-m", "snakemake", "--cores", "2"]
    execute(project, [*snakemake, "--config", "preset=smoke", f"study={STUDY}"])
    return project


def execute(project: Path, command: list[str]) -> str:
    """Run a command in the project; return what it printed."""
    path = [project / "src", REPO / "src", REPO / "tests"]
    done = subprocess.run(
        command,
        cwd=project,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def on_the_study(words: list[str], project: Path) -> list[str] | None:
    """Return the command that a documented one comes to in the project, or None if to none."""
    program, *rest = words
    if any("slurm" in word for word in words):
        return None
    if program == "make" and rest[0] == "figures":
        names = dict(word.split("=", 1) for word in rest[1:])
        if names.get("STUDY", STUDY) != STUDY or "GROUP" in names or "ARGS" in names:
            return None
        (project / ".venv").mkdir(exist_ok=True)
        (project / ".venv/.complete").touch()
        recipe = subprocess.run(
            ["make", "-n", *rest], cwd=project, capture_output=True, text=True, check=True
        ).stdout.splitlines()[-1]
        words = recipe.replace(".venv/bin/", "").split()
        if names.get("PRESET", "laptop") != "smoke":
            words += ["--dry-run"]
        program, *rest = words
    if program == "snakemake":
        dry = [] if "preset=smoke" in rest or "--config" not in rest else ["--dry-run"]
        return [sys.executable, "-m", "snakemake", *rest, *dry]
    if program == "python" and rest[0] == "-m":
        return [sys.executable, *rest] if f"tests/studies/{STUDY}" in rest or rest[1] in (
            "snakemake", "trainscape",
        ) else None  # fmt: skip
    if program == "trainscape" and rest[0] not in ON_CIRCUITS | {"new-study", "config"}:
        return [sys.executable, "-m", "trainscape", *rest]
    return None


def with_results() -> list[str]:
    found = []
    for page in PAGES:
        words = [words for block in blocks(page) for words in block.commands if words[1:]]
        ours = any(one[0] == "trainscape" and one[1] not in ON_CIRCUITS for one in words)
        if ours or any(of_results(block) for block in blocks(page)):
            found.append(page)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("page", with_results())
def test_code_about_results(page: str, finished: Path, monkeypatch: pytest.MonkeyPatch):
    """Commands on studies, and Python that reads results, run on the study of the tutorial."""
    monkeypatch.chdir(finished)
    monkeypatch.syspath_prepend(str(finished / "src"))
    names: dict[str, object] = {"__name__": "page"}
    printed, reading = "", False
    for block in blocks(page):
        if block.language == "shell":
            for words in block.commands:
                command = on_the_study(words, finished)
                if command is not None:
                    execute(finished, command)
        elif block.language == "python" and not block.file:
            reading = reading or of_results(block)
            if not reading or '"laptop"' in block.code:
                continue
            with contextlib.redirect_stdout(io.StringIO()) as stream:
                exec(compile(block.code, block.place, "exec"), names)
            printed = stream.getvalue()
        elif block.language == "text" and reading:
            assert block.code == printed, f"{block.place}: the code prints\n{printed}"


def test_the_picture_of_the_model():
    figure = runpy.run_path(str(REPO / "docs/images/k_hrnn.py"))["draw"]()
    assert overlaps(figure) == []
    assert (REPO / "docs/images/k_hrnn.png").exists()
