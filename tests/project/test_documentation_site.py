"""The site: its pages, its lock, what is made from code and tables, and what `--json` prints."""

import contextlib
import io
import json
import re
import runpy
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml
from jsonschema import Draft202012Validator, ValidationError
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from documentation import write_files
from trainscape import api
from trainscape.cli.app import run_app
from workspace import REPO, Workspace

DOCS = REPO / "docs"
FINDINGS = runpy.run_path(str(DOCS / "hooks/findings.py"))
NAVIGATION = runpy.run_path(str(DOCS / "hooks/navigation.py"))
TABLES = runpy.run_path(str(DOCS / "hooks/schema_tables.py"))
MADE = {"reference/commands.md", "reference/settings.md", "reference/outputs.md"}
LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)


def test_every_page_is_in_the_navigation(tmp_path: Path):
    """Those that it does not name are put at its end when the site is built."""
    settings = yaml.safe_load((REPO / "mkdocs.yml").read_text())
    listed = NAVIGATION["paths_of"](settings["nav"])
    assert len(set(listed)) == len(listed)
    pages = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    notebooks = {f"notebooks/{path.stem}.md" for path in DOCS.glob("notebooks/*.ipynb")}
    assert set(listed) <= pages | notebooks | MADE
    assert set(listed) >= notebooks | MADE
    whole = NAVIGATION["on_config"]({"docs_dir": str(DOCS), "nav": settings["nav"]})["nav"]
    assert set(NAVIGATION["paths_of"](whole)) == pages | notebooks | MADE
    (tmp_path / "new.md").write_text("# New")
    grown = NAVIGATION["on_config"]({"docs_dir": str(tmp_path), "nav": [{"Home": "index.md"}]})
    assert grown["nav"] == [{"Home": "index.md"}, {"More": ["new.md"]}]


def test_the_reference_has_every_name():
    page = (DOCS / "reference/python.md").read_text()
    targets = re.findall(r"^::: (\S+)", page, flags=re.MULTILINE)
    for target in targets:
        parent, name = target.rsplit(".", 1)
        found = getattr(import_module(parent), name, None)
        assert found is not None or import_module(target), target
    assert {target.rsplit(".", 1)[-1] for target in targets} >= set(api.__all__)


def test_notebooks_are_kept_without_outputs():
    notebooks = sorted(DOCS.glob("notebooks/*.ipynb"))
    assert len(notebooks) == 2
    for path in notebooks:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                assert (cell.outputs, cell.execution_count) == ([], None), path.name


def test_the_lock_of_the_site_fits_that_of_the_environment():
    own = (DOCS / "requirements.lock").read_text()
    names = {canonicalize_name(name): version for name, version in LOCKED.findall(own)}
    environment = {
        canonicalize_name(name): version
        for name, version in LOCKED.findall((REPO / "requirements.lock").read_text())
    }
    assert [name for name in names if environment.get(name, names[name]) != names[name]] == []
    wanted = [line.split(" #")[0].strip() for line in (DOCS / "requirements.in").open()]
    for requirement in (Requirement(line) for line in wanted if line and line[0] != "#"):
        assert requirement.specifier.contains(names[canonicalize_name(requirement.name)])
    assert own.count("--hash=sha256:") >= len(names)
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links", own)


def test_numbers_of_the_findings_are_those_of_the_tables():
    page = (DOCS / "findings.md").read_text()
    texts = FINDINGS["claims_of"](
        {study: (DOCS / f"{study}.md").read_text() for study in FINDINGS["STUDIES"]}
    )
    assert "<!-- claim: " in page
    assert FINDINGS["refreshed"](page, texts) == page, (
        "the tables of claims have changed: `python docs/hooks/findings.py` writes their numbers "
        "into docs/findings.md; then read whether its sentences still hold"
    )


def test_findings_are_written_anew():
    table = (
        "<!-- claims: begin -->\n**Said by the paper**: 1 reproduced.\n\n"
        "| It \\| holds. `it-holds` | conditional: in 2 of 3 | 1.5 [1, 2] |\n<!-- claims: end -->"
    )
    texts = FINDINGS["claims_of"]({"one": table})
    assert texts == {"it-holds": "1.5 [1, 2], *conditional*", "one paper": "1 reproduced"}
    old = "a <!-- claim: it-holds -->old<!-- / --> b <!-- counts: one paper --><!-- / --> c"
    new = FINDINGS["refreshed"](old, texts)
    assert new == (
        "a <!-- claim: it-holds -->1.5 [1, 2], *conditional*<!-- / --> "
        "b <!-- counts: one paper -->1 reproduced<!-- / --> c"
    )
    assert FINDINGS["refreshed"](new, texts) == new
    broken = "<!-- claim: it-holds -->1<!--\n/ --> kept <!-- claim: it-holds -->1<!-- / -->"
    with pytest.raises(ValueError, match="a claim without its end"):
        FINDINGS["refreshed"](broken, texts)
    with pytest.raises(ValueError, match="names 'gone', which is in no table"):
        FINDINGS["refreshed"]("<!-- claim: gone --><!-- / -->", texts)
    with pytest.raises(ValueError, match=r"docs/one\.md has no tables"):
        FINDINGS["claims_of"]({"one": "text"})


def test_tables_of_a_schema():
    schema = {
        "title": "own",
        "type": "object",
        "required": ["size", "part"],
        "properties": {
            "size": {"type": "integer", "minimum": 2, "description": "Of <x> | `<y>`."},
            "part": {"$ref": "#/$defs/Part"},
            "names": {"type": "array", "items": {"enum": ["a", "b"]}, "default": ["a"]},
            "may": {"anyOf": [{"type": "number"}, {"type": "null"}]},
        },
        "$defs": {"Part": {"type": "object", "description": "A part.", "properties": {}}},
    }
    text = TABLES["schema_tables"](schema, level=3)
    assert "| `size` | integer; at least 2 | required | Of &lt;x> \\| `<y>`. |" in text
    assert "| `part` | [Part](#own-part) | required |  |" in text
    assert '| `names` | list of `"a"`, `"b"` | `["a"]` |  |' in text
    assert "| `may` | number or null | none |  |" in text
    assert "### Part { #own-part }\n\nA part." in text
    assert "default" not in TABLES["schema_tables"](schema, level=3, defaults=False)


def printed(monkeypatch: pytest.MonkeyPatch, *words: str) -> Any:
    monkeypatch.setattr(sys, "argv", ["trainscape", *words, "--json"])
    with contextlib.redirect_stdout(io.StringIO()) as stream, pytest.raises(SystemExit) as ended:
        run_app()
    assert ended.value.code in (0, None)
    return json.loads(stream.getvalue())


def check(name: str, document: Any) -> None:
    schema = json.loads((DOCS / f"schemas/{name}.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(document)


@pytest.mark.parametrize(
    "command",
    [
        "evaluate ansatz.qasm -o ZZII --angles angles.json",
        "evaluate ansatz.qasm -o ZZII --angles angles.json --gradient",
        "moments ansatz.qasm -o ZZII --uniform",
        "diagnose ansatz.qasm -o ZZII --budget 2",
        "encode ansatz.qasm -o ZZII --best --output encoded.qasm",
        "prune hamiltonian.txt --ansatz dense",
        "sectors generators.txt",
    ],
)
def test_outputs_of_commands_on_circuits(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    write_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    words = command.split()
    check(words[0], printed(monkeypatch, *words))


def test_outputs_of_commands_on_studies(workspace: Workspace, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(workspace.root)
    check("plan", printed(monkeypatch, "plan"))
    workspace.complete()
    check("plan", printed(monkeypatch, "plan"))
    claims = printed(monkeypatch, "claims")
    assert claims["synthetic"]
    check("claims", claims)


def test_a_schema_refuses_what_is_new(workspace: Workspace, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(workspace.root)
    entry = printed(monkeypatch, "plan")[0]
    check("plan", [entry])
    with pytest.raises(ValidationError, match="'more' was unexpected"):
        check("plan", [{**entry, "more": 1}])
    del entry["cells"]
    with pytest.raises(ValidationError, match="'cells' is a required property"):
        check("plan", [entry])
