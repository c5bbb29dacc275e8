"""The log of an attempt that died stays beside that of the next."""

import os
from pathlib import Path

import pytest

from trainscape.runtime.attempts import finish_log, forget_end, is_at_its_end, mark_end
from trainscape.runtime.logs import logger, set_up_logging
from workspace import Workspace


def attempt(log: Path, text: str) -> None:
    """Write a log as a job does, after Snakemake has removed the one before."""
    log.unlink(missing_ok=True)
    set_up_logging(log)
    logger.info(text)


def test_logs_of_attempts_that_died_are_numbered(tmp_path: Path):
    log = tmp_path / "logs/full.log"
    for text in ("first", "second", "third"):
        attempt(log, text)
    finish_log(log)
    names = ("full.1.log", "full.2.log", "full.log")
    assert sorted(path.name for path in log.parent.iterdir()) == sorted(names)
    for name, text in zip(names, ("first", "second", "third"), strict=True):
        assert text in (log.parent / name).read_text()


def test_log_of_success_makes_room(tmp_path: Path):
    log = tmp_path / "full.log"
    for text in ("first", "second"):
        attempt(log, text)
        finish_log(log)
    assert [path.name for path in tmp_path.iterdir()] == ["full.log"]
    assert "first" not in log.read_text()


def test_log_that_nobody_removed_is_written_on(tmp_path: Path):
    log = tmp_path / "full.log"
    for text in ("first", "second"):
        set_up_logging(log)
        logger.info(text)
    assert {path.name for path in tmp_path.iterdir()} == {"full.log", ".full.log"}
    assert log.read_text().count("\n") == 2


def test_file_system_without_links_keeps_the_last_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    for text in ("first", "second"):
        attempt(tmp_path / "full.log", text)
    finish_log(tmp_path / "full.log")
    assert [path.name for path in tmp_path.iterdir()] == ["full.log"]


def test_end_is_said_until_the_job_succeeds_or_is_to_be_tried(tmp_path: Path):
    log = tmp_path / "full.log"
    for forget in (finish_log, forget_end):
        attempt(log, "failed")
        assert not is_at_its_end(log)
        mark_end(log)
        attempt(log, "failed again")
        assert is_at_its_end(log)
        assert not is_at_its_end(tmp_path / "other.log")
        forget(log)
        assert not is_at_its_end(log)
    mark_end(tmp_path / "no folder/full.log")  # is tried again, for nothing


@pytest.mark.slow
def test_stage_that_failed_leaves_its_log_to_the_next_attempt(workspace: Workspace):
    failed = workspace.snakemake(SYNTHETIC_FAIL="simulate:3")
    assert failed.code == 1
    assert workspace.snakemake().code == 0
    logs = workspace.root / "results/smoke/synthetic/logs/simulate"
    assert "told to fail in simulate:3" in (logs / "full.1.log").read_text()
    assert "complete" in (logs / "full.log").read_text()
    assert {path.name for path in logs.iterdir()} == {"full.log", "full.1.log"}
