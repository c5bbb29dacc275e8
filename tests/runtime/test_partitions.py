"""What sinfo says of a cluster."""

import math
from pathlib import Path

import pytest

from trainscape.runtime.partitions import Partition, partitions, walltime_hours


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("1-00:00:00", 24.0),
        ("12:30:00", 12.5),
        ("30:00", 0.5),
        ("2-01:30:36", 49.51),
        ("infinite", math.inf),
    ],
)
def test_walltimes(text: str, hours: float):
    assert walltime_hours(text) == pytest.approx(hours)


def sinfo(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    command = folder / "sinfo"
    command.write_text(f"#!/bin/sh\n{script}\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_each_kind_of_node_is_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    sinfo(
        tmp_path, monkeypatch, 'printf "main*|16|65536|1-00:00:00\\nfat|64+|1048576+|infinite\\n"'
    )
    assert partitions() == [
        Partition("main", True, 16, 64.0, 24.0),
        Partition("fat", False, 64, 1024.0, math.inf),
    ]


def test_cluster_that_cannot_be_asked_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    sinfo(tmp_path, monkeypatch, "echo no controller >&2; exit 1")
    assert partitions() == []
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert partitions() == []
