"""The records of whole figures as JSON, and their table in the documentation."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.scripts.figures import FIGURES
from trainscape.storage.atomic import write_atomic, write_json

__all__ = ["AIM", "BEGIN", "END", "load", "markdown", "merge", "save", "update_page"]

Record = dict[str, Any]
AIM = 20.0
"""How many times less CPU time the workflow should take."""
BEGIN, END = "<!-- whole figures: start -->", "<!-- whole figures: end -->"


def load(path: Path) -> list[Record]:
    """Return the records of earlier runs."""
    records: list[Record] = json.loads(path.read_text()) if path.exists() else []
    return records


def save(records: Sequence[Record], path: Path) -> None:
    """Write the records."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, list(records))


def merge(old: Sequence[Record], new: Record) -> list[Record]:
    """Return the records with one added or replaced, in the order of the figures."""
    kept = {one["figure"]: one for one in [*old, new]}
    return [kept[one.stem] for one in FIGURES if one.stem in kept]


def markdown(records: Sequence[Record]) -> str:
    """Return the table of all records, and what it says."""
    if not records:
        return "Not measured yet."
    head = [
        "figure", "seconds of CPU, script", "workflow", "ratio", "peak MiB, script", "workflow",
        "lines, script", "settings", "agreement", "after a kill half-way, script", "workflow",
    ]  # fmt: skip
    lines = [_verdict(records), "", _row(head), _row(["---"] * len(head))]
    lines += [_row(_cells(one)) for one in records]
    versions = ", ".join(f"{name} {text}" for name, text in records[-1]["versions"].items())
    cpu = records[-1]["machine"]["cpu"]
    return "\n".join([*lines, "", f"*{cpu}, {records[-1]['date']}; {versions}.*"])


def _verdict(records: Sequence[Record]) -> str:
    missed = [one for one in records if one["ratio"] < AIM]
    ratios = ", ".join(f"{one['figure'].split('_')[0]} {one['ratio']:.0f}" for one in records)
    told = f"Times less CPU time than the script: {ratios}. "
    if not missed:
        return told + f"The aim, {AIM:.0f} times, is met by all."
    names = ", ".join(one["figure"] for one in missed)
    return told + f"The aim, {AIM:.0f} times, is **missed** by {names}."


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(one: Record) -> list[str]:
    whole, scaled = one["script_whole"]["cpu"], one["script_share"] < 1
    kills = one.get("kills")
    script, workflow = "not tried", "not tried"
    if kills:
        files = kills["script"]["files"]
        script = f"{', '.join(files)} there" if files else "nothing kept"
        again = kills["workflow"]["again"]["cpu"]
        workflow = f"{100 * kills['workflow']['kept']:.0f} % of samples kept, {again:.0f} s more"
    return [
        f"{one['figure']}: {one['gist']}",
        f"{whole:.0f}" + (f" (scaled from {one['script_share']:.3g})" if scaled else ""),
        f"{one['workflow']['cpu']:.1f}",
        f"{one['ratio']:.0f}",
        f"{one['script']['memory'] / 2**20:.0f}",
        f"{one['workflow']['memory'] / 2**20:.0f}",
        str(one["script_lines"]),
        str(one["workflow_lines"]),
        f"{one['compared'] - one['apart']} of {one['compared']}",
        script,
        workflow,
    ]


def update_page(records: Sequence[Record], page: Path) -> None:
    """Put the table between its marks on the page.

    Raises
    ------
    ValueError
        If the page lacks them.
    """
    text = page.read_text()
    found = re.compile(f"{BEGIN}.*{END}", re.DOTALL)
    if not found.search(text):
        raise ValueError(f"the page lacks the marks {BEGIN} and {END}; put them back")
    told = f"{BEGIN}\n\n{markdown(records)}\n\n{END}"
    write_atomic(page, found.sub(lambda _: told, text).encode())
