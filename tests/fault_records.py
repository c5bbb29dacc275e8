"""What each fault test says of itself, and the table that is made of it.

A test describes its fault in its marker, and tells what it saw through the fixture `observe`::

    @pytest.mark.fault(part="damage", fault="a chunk is deleted", promise="that chunk is made again")
    def test_deleted_chunk(workspace, observe):
        ...
        observe(f"{count} of 12 chunks computed again")

With ``--record-faults`` (``make test-faults``) the outcomes go to ``tests/faults/outcomes.json``,
one row for each test function, and the table in ``docs/reliability.md`` is made of them. Rows of
tests that did not run stay. Works for tests in any folder, and under xdist.
"""

import ast
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

REPO = Path(__file__).resolve().parents[1]
OUTCOMES = REPO / "tests/faults/outcomes.json"
PAGE = REPO / "docs/reliability.md"
BEGIN, END = "<!-- faults: begin -->", "<!-- faults: end -->"

PARTS = (
    "damage",
    "kills",
    "locks",
    "memory",
    "disk",
    "clock",
    "network",
    "slurm",
    "trust",
    "changes",
)
"""What the faults are about: the order of the rows."""

OPTION = "--record-faults"
_DESCRIPTION = {"part", "fault", "promise"}
_BOUNDS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
"""Seconds that a test is said to end within: the next of these, so that the table is steady."""

Row = dict[str, Any]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        OPTION, action="store_true", help="write the outcomes of fault tests to docs/reliability.md"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Attach the description in its marker to the reports of a test."""
    for item in items:
        for marker in item.iter_markers("fault"):
            if not marker.kwargs:
                continue
            if marker.kwargs.keys() != _DESCRIPTION or marker.kwargs["part"] not in PARTS:
                raise pytest.UsageError(
                    f"{item.nodeid}: mark it fault(part=, fault=, promise=) with a part of {PARTS}"
                )
            item.user_properties.append(("fault", json.dumps(marker.kwargs)))
            break


@pytest.fixture
def observe(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Return a function that notes, in a phrase, what the test saw: counts, a message, a seed."""
    return lambda text: record_property("observed", text)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Write the rows and the table; under xdist the main process alone comes here."""
    if not config.getoption(OPTION):
        return
    reports = [
        report
        for outcome in ("passed", "failed", "error")
        for report in terminalreporter.stats.get(outcome, ())
    ]
    found = rows_of(reports)
    kept = {row["test"]: row for row in read_rows() if exists(row["test"])}
    rows = in_order({**kept, **found}.values())
    OUTCOMES.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), rows), encoding="utf-8")
    terminalreporter.write_line(f"{len(found)} of {len(rows)} rows of {PAGE} were written anew")


def rows_of(reports: Iterable[Any]) -> dict[str, Row]:
    """Return the rows of the reports, by test: those of one test function make one row."""
    rows: dict[str, Row] = {}
    for report in reports:
        properties = dict(report.user_properties)
        if "fault" not in properties or (report.when != "call" and report.passed):
            continue
        test = report.nodeid.partition("[")[0]
        fresh = {"test": test, **json.loads(properties["fault"])}
        fresh |= {"cases": 0, "held": 0, "within": 0, "observed": []}
        row = rows.setdefault(test, fresh)
        row["cases"] += 1
        row["held"] += report.passed
        within = next((bound for bound in _BOUNDS if report.duration <= bound), 10_000)
        row["within"] = max(row["within"], within)
        texts = [str(text) for name, text in report.user_properties if name == "observed"]
        row["observed"] = sorted({*row["observed"], *texts})
    return rows


def read_rows() -> list[Row]:
    """Return the recorded rows."""
    if not OUTCOMES.exists():
        return []
    rows: list[Row] = json.loads(OUTCOMES.read_text(encoding="utf-8"))
    return rows


def in_order(rows: Iterable[Row]) -> list[Row]:
    """Return rows part by part, and then by the text of the fault."""
    return sorted(rows, key=lambda row: (PARTS.index(row["part"]), row["fault"], row["test"]))


def exists(test: str) -> bool:
    """Return whether there is a test of this name."""
    file, *names = test.split("::")
    path = REPO / file
    if not path.is_file():
        return False
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return names[-1] in {node.name for node in nodes if isinstance(node, ast.FunctionDef)}


def table(rows: Iterable[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = ["| | fault | what is promised | seen | held | within |", "|---|---|---|---|---|---|"]
    for row in rows:
        seen = "; ".join(row["observed"]).replace("|", r"\|")
        cells = (row["part"], row["fault"], row["promise"], seen)
        held = f"{row['held']} of {row['cases']}"
        lines.append(f"| {' | '.join(cells)} | {held} | {row['within']} s |")
    return "\n".join(lines)


def page(text: str, rows: Iterable[Row]) -> str:
    """Return the text of the page with the table of the rows in its place."""
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n\n{table(rows)}\n\n{END}{tail}"
