"""The table of claims: one line each, verdicts in colour, counted by where the claims come from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from trainscape.cli.options import console
from trainscape.pipeline.claims_files import ORIGINS, VERDICTS, number
from trainscape.pipeline.errors import ConfigError

__all__ = ["COLOURS", "print_claims", "read_claims"]

COLOURS = dict(zip(VERDICTS, ("green", "yellow", "red", "bright_black"), strict=True))


def read_claims(path: Path) -> list[dict[str, Any]]:
    """Return the records in a file of claims.

    Raises
    ------
    ConfigError
        If it cannot be read.
    """
    try:
        records: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read ({error}). Run `make figures`.") from None
    return records


def _details(record: dict[str, Any]) -> str:
    lines = [f"[dim]{record['statement']}[/dim]", f"rule: {record['rule']}"]
    if record["reason"]:
        lines.append(f"reason: {record['reason']}")
    lines += [f"{name}: {value}" for name, value in record["facts"].items()]
    return "\n".join(lines)


def print_claims(path: Path, *, details: bool = False) -> None:
    """Print the table of a study's claims, the counts by origin, and where the figures lie."""
    from rich.table import Table

    records = read_claims(path)
    study, preset = path.parts[-3], path.parts[-4]
    out = console()
    for origin, phrase in ORIGINS.items():
        chosen = [record for record in records if record["origin"] == origin]
        if not chosen:
            continue
        table = Table(title=f"{study} ({preset}): {phrase}", title_justify="left")
        table.add_column("claim", overflow="fold")
        table.add_column("verdict", no_wrap=True)
        table.add_column("measured", overflow="fold")
        table.add_column("samples", justify="right")
        table.add_column("figure", overflow="fold")
        for record in chosen:
            name = record["id"] + ("\n" + _details(record) if details else "")
            verdict = f"[{COLOURS[record['verdict']]}]{record['verdict']}[/]"
            numbers = (number(record), str(record["samples"]), record["figure"] or "")
            table.add_row(name, verdict, *numbers)
        counts = [
            f"{sum(record['verdict'] == verdict for record in chosen)} {verdict}"
            for verdict in COLOURS
            if any(record["verdict"] == verdict for record in chosen)
        ]
        table.caption = ", ".join(counts)
        table.caption_justify = "left"
        out.print(table)
    out.print(f"figures, tables and claims: {path.parent}", soft_wrap=True)
