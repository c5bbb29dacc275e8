"""The table of claims on the terminal."""

import json
from pathlib import Path

import pytest

from trainscape.cli.claims import print_claims

RECORD = {
    "id": "gates",
    "origin": "paper",
    "source": "section 4",
    "statement": "Fewer gates.",
    "rule": "the ratio lies below 0.99",
    "verdict": "not reproduced",
    "reason": "the interval lies outside",
    "measured": 1.8,
    "interval": [1.2, 2.5],
    "samples": 40,
    "facts": {},
    "figure": None,
    "store": "",
}


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, "1.8 [1.2, 2.5]"),
        ({"interval": None}, "1.8"),
        ({"interval": [1.2, None]}, "1.8 [1.2, open]"),
        ({"measured": None, "interval": [1.2, None]}, "open [1.2, open]"),
        ({"measured": None, "interval": None, "verdict": "undecided"}, ""),
    ],
)
def test_numbers_with_their_intervals(changes, shown, tmp_path: Path, monkeypatch, capsys):
    """An end that is null in the file is an open one; a claim without any number shows none."""
    monkeypatch.setenv("COLUMNS", "120")
    path = tmp_path / "smoke" / "pruning" / "figures" / "claims.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps([RECORD | changes]), encoding="utf-8")
    print_claims(path)
    (row,) = (line for line in capsys.readouterr().out.splitlines() if "gates" in line)
    cells = [cell.strip() for cell in row.strip("│").split("│")]
    assert cells[2] == shown
