"""The records as JSON, CSV, Markdown, and a figure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from benchmarks.records import Record
from benchmarks.targets import TARGETS, verdicts
from trainscape.storage.atomic import write_atomic, write_json

__all__ = ["draw", "group_of", "load", "markdown", "replace_between", "update_page", "write_all"]

COLUMNS = (
    "case",
    "n",
    "quantity",
    "engine",
    "package",
    "version",
    "pinned",
    "median_ms",
    "spread",
    "median_wall_ms",
    "ratio_to_trainscape",
    "ratio_low",
    "ratio_high",
    "roof",
    "roof_low",
    "roof_high",
    "bound",
    "flops",
    "bytes",
    "held",
    "gflops",
    "peak_gflops",
    "stream_gbytes",
    "max_error",
    "tolerance",
    "passed",
    "rounds",
    "setup_s",
    "reason",
    "cpu",
    "date",
)

START, END = "<!-- benchmark table: start -->", "<!-- benchmark table: end -->"


def load(path: Path) -> list[Record]:
    """Return the records of an earlier run, none if there was none."""
    if not path.exists():
        return []
    records: list[Record] = json.loads(path.read_text())
    return records


def group_of(record: Record) -> str:
    """Return the letter of the group of a record."""
    return str(record["case"]).split("-", 1)[0]


def number(value: float | None, digits: int = 3) -> str:
    """Write a number with some significant digits and no exponent, or nothing."""
    if value is None:
        return ""
    if value >= 10 ** (digits - 1):
        return f"{value:.0f}"
    text = f"{value:.{digits}g}"
    return f"{value:.2e}" if "e" in text else text


def roof_cell(record: Record) -> str:
    """Write the time in units of the shortest that the machine allows, and what bounds that."""
    if record.get("roof") is None:
        return ""
    return f"{number(record['roof'])} ({record['bound']})"


def _row(cells: Sequence[Any]) -> str:
    return "| " + " | ".join(str(cell).replace("|", "/") for cell in cells) + " |"


def markdown(records: Sequence[Record]) -> str:
    """Return the tables of all groups, and the verdicts on the targets."""
    lines = []
    facts = sorted({(record["cpu"], record["python"], record["date"]) for record in records})
    lines += [f"Measured on {cpu}, Python {python}, {date}." for cpu, python, date in facts]
    versions = sorted(
        {f"{record['package']} {record['version']}" for record in records if record["version"]}
    )
    lines += ["", "Versions: " + ", ".join(versions) + ".", ""]
    for group, members in groupby(records, key=group_of):
        lines += [f"### {group}", ""]
        lines.append(
            _row(
                [
                    "case",
                    "n",
                    "quantity",
                    "engine",
                    "CPU ms",
                    "spread",
                    "wall ms",
                    "ratio (quartiles)",
                    "roof",
                    "max error",
                    "rounds",
                    "note",
                ]
            )
        )
        lines.append(_row(["---"] * 2 + ["---"] * 2 + ["---:"] * 7 + ["---"]))
        for one in members:
            ratio = ""
            if one["ratio_to_trainscape"] is not None:
                ratio, low, high = (
                    number(one[key]) for key in ("ratio_to_trainscape", "ratio_low", "ratio_high")
                )
                ratio = f"{ratio} ({low} to {high})"
            spread = "" if one["spread"] is None else f"{100 * one['spread']:.0f} %"
            error = "" if one["max_error"] is None else f"{one['max_error']:.0e}"
            note = one["reason"] or ("" if one["pinned"] else "not pinned")
            lines.append(
                _row(
                    [
                        one["case"],
                        one["n"],
                        one["quantity"],
                        one["engine"],
                        number(one["median_ms"]),
                        spread,
                        number(one["median_wall_ms"]),
                        ratio,
                        roof_cell(one),
                        error,
                        one["rounds"] or "",
                        note,
                    ]
                )
            )
        lines.append("")
    lines += [
        "### Targets",
        "",
        _row(["target", "case", "n", "decided by", "measured", "quartiles", ""]),
        _row(["---"] * 4 + ["---:"] * 2 + ["---"]),
    ]
    held = verdicts(records)
    for verdict in held:
        record = verdict.record
        ratio = verdict.target.ratio is not None
        roof = verdict.target.roof is not None
        low, high = ("roof_low", "roof_high") if roof else ("ratio_low", "ratio_high")
        lines.append(
            _row(
                [
                    verdict.target.text,
                    record["case"],
                    record["n"],
                    record["engine"],
                    f"{number(verdict.measured)}{'x' if ratio or roof else ' ms'}",
                    f"{number(record[low])} to {number(record[high])}" if ratio or roof else "",
                    "met" if verdict.met else "**missed**",
                ]
            )
        )
    decided = {verdict.target for verdict in held}
    lines += [
        _row([target.text, "", "", "", "", "", "not measured"])
        for target in TARGETS
        if target not in decided
    ]
    return "\n".join(lines) + "\n"


def table(records: Sequence[Record]) -> str:
    """Return the records as CSV."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()


def replace_between(text: str, content: str) -> str:
    """Return `text` with what stands between the two marks replaced."""
    before, start, rest = text.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise ValueError(
            f"the page lacks the marks {START} and {END}, between which the tables belong; put "
            "them back"
        )
    return f"{before}{START}\n\n{content}\n{END}{after}"


def write_all(records: Sequence[Record], folder: Path) -> None:
    """Write ``benchmark.json``, ``.csv`` and ``.md`` into `folder`, each atomically."""
    write_json(folder / "benchmark.json", list(records))
    write_atomic(folder / "benchmark.csv", table(records).encode())
    write_atomic(folder / "benchmark.md", markdown(records).encode())


def update_page(records: Sequence[Record], page: Path) -> None:
    """Replace the tables of the documentation page."""
    write_atomic(page, replace_between(page.read_text(), markdown(records)).encode())


def draw(records: Sequence[Record], folder: Path) -> None:
    """Draw ``benchmark.pdf`` and ``.png``: the ratio of every engine to that of trainscape.

    There is one panel for each group, and one point with quartiles for each case.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    shown = [
        one
        for one in records
        if one["ratio_to_trainscape"] is not None and one["spread"] is not None
    ]
    groups = [(group, list(members)) for group, members in groupby(shown, key=group_of)]
    if not groups:
        return
    figure = Figure(figsize=(12, 3.6 * len(groups)), layout="constrained")
    axes = figure.subplots(len(groups), 1, squeeze=False)[:, 0]
    for axis, (group, members) in zip(axes, groups, strict=True):
        labels = list(dict.fromkeys(_label(one) for one in members))
        for index, engine in enumerate(dict.fromkeys(one["engine"] for one in members)):
            points = [one for one in members if one["engine"] == engine]
            middle = [one["ratio_to_trainscape"] for one in points]
            below = [max(0.0, one["ratio_to_trainscape"] - one["ratio_low"]) for one in points]
            above = [max(0.0, one["ratio_high"] - one["ratio_to_trainscape"]) for one in points]
            axis.errorbar(
                [labels.index(_label(one)) for one in points],
                middle,
                yerr=[below, above],
                fmt="os^vDPX*"[index % 8],
                color=mpl.colormaps["tab10"](index % 10),
                markersize=5,
                label=engine,
            )
        axis.set_yscale("log")
        axis.axhline(1.0, color="0.6", linewidth=0.8)
        axis.set_xticks(
            range(len(labels)),
            labels,
            rotation=30 if len(labels) > 6 else 0,
            ha="right" if len(labels) > 6 else "center",
            fontsize=7,
        )
        axis.set_ylabel(f"{group}: CPU time / trainscape")
        axis.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=7, frameon=False)
    for ending in ("pdf", "png"):
        buffer = io.BytesIO()
        figure.savefig(buffer, format=ending, dpi=150)
        write_atomic(folder / f"benchmark.{ending}", buffer.getvalue())


def _label(record: Record) -> str:
    name = str(record["case"]).split("-", 1)[1]
    size = f" n={record['n']}" if group_of(record) in ("G", "C") else ""
    extra = {"Jacobian and QFIM": " +F", "value": " value" if group_of(record) == "TN" else ""}.get(
        record["quantity"], ""
    )
    return f"{name}{size}{extra}"
