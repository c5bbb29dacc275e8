"""The table of claims: one line each, verdicts in colour, counted by where the claims come from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from trainscape.cli.options import console
from trainscape.pipeline.claims_files import ORIGINS, VERDICTS, number, read_records

__all__ = ["COLOURS", "print_claims"]

COLOURS = dict(zip(VERDICTS, ("green", "yellow", "red", "bright_black"), strict=True))


def _details(record: dict[str, Any]) -> str:
    from rich.markup import escape

    lines = [f"[dim]{escape(record['statement'])}[/dim]", escape(f"rule: {record['rule']}")]
    if record["reason"]:
        lines.append(escape(f"reason: {record['reason']}"))
    lines += [escape(f"{name}: {value}") for name, value in record["facts"].items()]
    return "\n".join(lines)


def print_claims(path: Path, *, details: bool = False) -> None:
    """Print the table of a study's claims, the counts by origin, and where the figures lie."""
    from rich.markup import escape
    from rich.table import Table

    records = read_records(path)
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
            name = escape(record["id"]) + ("\n" + _details(record) if details else "")
            verdict = f"[{COLOURS[record['verdict']]}]{record['verdict']}[/]"
            numbers = (number(record), str(record["samples"]), escape(record["figure"] or ""))
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
