"""Pages of the reference that are made when the site is built, from what they describe.

The commands come from their own help, settings and outputs from JSON schemas.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

sys.path.insert(0, str(Path(__file__).parent))
from schema_tables import schema_tables

__all__ = ["commands_page", "on_files", "outputs_page", "settings_page"]

PROJECT = Path(__file__).parents[2]

STUDIES = ("fragmentation", "clifford", "pruning", "hypergraph")

FILES = {
    "config": ("config/config.yaml", "What to run and how; none of it changes a number."),
    "cluster": ("profiles/slurm/cluster.yaml", "What a cluster is like."),
}
"""Configuration files other than those of studies, with what they are for."""

OUTPUTS = (
    "evaluate", "moments", "diagnose", "encode", "prune", "sectors", "plan", "claims",
)  # fmt: skip
"""Commands with ``--json``, in the order of the page."""

_HIDDEN = re.compile(
    r"^(\* \[`collect`\].*\n|## `trainscape collect`\n(?:(?!^## ).*\n)*)", re.MULTILINE
)


def commands_page() -> str:
    """Return the help of all commands, as typer writes it."""
    import typer.main
    from typer.cli import get_docs_for_click

    from trainscape.cli.app import app

    command = typer.main.get_command(app)
    context = typer.Context(command)
    text = get_docs_for_click(obj=command, ctx=context, name="trainscape")
    for name, one in command.commands.items():
        # The list cuts what the commands say of themselves; their first sentences are whole.
        first = " ".join((one.help or "").split("\n\n")[0].split())
        entry = re.compile(rf"^\* `{name}`: .*$", re.MULTILINE)
        text = entry.sub(lambda _: f"* [`{name}`](#trainscape-{name}): {first}", text, count=1)  # noqa: B023
    return _HIDDEN.sub("", text).replace("# `trainscape`", "# Commands", 1)


def settings_page() -> str:
    """Return the tables of all configuration files."""
    schemas = PROJECT / "workflow" / "schemas"
    told = (
        "Every key of the configuration files, from the JSON schemas in `workflow/schemas/`, which "
        "are made from the code. An editor that knows JSON schemas completes and checks the files "
        "with them, and `trainscape validate` checks all of them."
    )
    parts = ["# Settings", told]
    named = [schemas / f"{name}.schema.json" for name in (*FILES, *STUDIES)]
    others = sorted(set(schemas.glob("*.schema.json")) - set(named))
    for path in [path for path in named if path.exists()] + others:
        name = path.name.removesuffix(".schema.json")
        file, told = FILES.get(name, (f"config/studies/{name}.yaml", ""))
        schema = json.loads(path.read_text(encoding="utf-8"))
        parts += [f"## {file}", told, schema_tables({**schema, "title": name}, level=3)]
    return "\n\n".join(parts) + "\n"


def outputs_page() -> str:
    """Return the tables of what commands print with ``--json``."""
    told = (
        "The output of each command for programs, one JSON document on standard output; messages "
        "and estimates go to standard error. The schemas lie in `docs/schemas/`, and tests hold "
        "the commands to them."
    )
    parts = ["# What --json prints", told]
    for name in OUTPUTS:
        path = PROJECT / "docs" / "schemas" / f"{name}.schema.json"
        schema = json.loads(path.read_text(encoding="utf-8"))
        parts.append(f"## trainscape {name}")
        parts.append(schema["description"])
        parts.append(schema_tables({**schema, "title": name}, level=3, defaults=False))
    return "\n\n".join(parts) + "\n"


def on_files(files: Files, config: Any) -> Files:
    """Add the pages; MkDocs calls this."""
    pages = {
        "reference/commands.md": commands_page,
        "reference/settings.md": settings_page,
        "reference/outputs.md": outputs_page,
    }
    for name, content in pages.items():
        files.append(File.generated(config, name, content=content()))
    return files
