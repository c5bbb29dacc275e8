"""Tables of claims in pages of the documentation: written from claims.json, never typed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from trainscape.pipeline.claims_files import ORIGINS, VERDICTS, number
from trainscape.pipeline.errors import ConfigError

__all__ = ["BEGIN", "END", "claims_text", "write_claims"]

BEGIN, END = "<!-- claims: begin -->", "<!-- claims: end -->"
"""Comments in a page between which the tables of its study stand."""


def _row(record: Mapping[str, Any]) -> str:
    verdict = record["verdict"] + (f": {record['reason']}" if record["reason"] else "")
    cells = (f"{record['statement']} `{record['id']}`", verdict, number(record))
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def claims_text(records: Iterable[Mapping[str, Any]], *, study: str, preset: str) -> str:
    """Return the claims of a study as Markdown: one table for each origin, with its counts.

    Parameters
    ----------
    records
        What the study's ``claims.json`` holds.
    study, preset
        Names, for the line that says what was measured.
    """
    kept = list(records)
    command = f"trainscape claims {study} --preset {preset} --page docs/{study}.md"
    lines = [f"*Preset `{preset}`; written by `{command}`.*"]
    for origin, phrase in ORIGINS.items():
        chosen = [record for record in kept if record["origin"] == origin]
        if not chosen:
            continue
        verdicts = [record["verdict"] for record in chosen]
        counts = ", ".join(
            f"{verdicts.count(word)} {word}" for word in VERDICTS if word in verdicts
        )
        lines += ["", f"**{phrase.capitalize()}**: {counts}.", ""]
        lines += ["| claim | verdict | measured |", "|---|---|---|"]
        lines += [_row(record) for record in chosen]
    return "\n".join(lines)


def write_claims(page: Path, text: str) -> bool:
    """Put the tables between the two comments of a page; return whether that changed it.

    Raises
    ------
    ConfigError
        If the page cannot be read, or does not have both comments, in order.
    """
    try:
        old = page.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"{page} cannot be read: {error}") from None
    before, begin, rest = old.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ConfigError(
            f"{page} has no place for the claims: write the lines {BEGIN} and {END} where their "
            "tables belong"
        )
    new = f"{before}{BEGIN}\n{text}\n{END}{after}"
    if new != old:
        page.write_text(new, encoding="utf-8")
    return new != old
