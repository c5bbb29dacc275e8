"""Progress in a log is a line per interval; on a terminal it is a bar."""

import io
import logging
import sys

import pytest

from trainscape.runtime.progress import ChunkProgress


def test_line_per_interval(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch):
    clock = [0.0]
    monkeypatch.setattr("trainscape.runtime.progress.time.monotonic", lambda: clock[0])
    with (
        caplog.at_level(logging.INFO, logger="trainscape"),
        ChunkProgress("stage", 4, 40.0, interval=30.0) as progress,
    ):
        for seconds, work in ((10, 5.0), (40, 15.0), (60, 10.0), (71, 10.0)):
            clock[0] = seconds
            progress.advance(work)
    # By the work that is done, not by the number of chunks: half of it in 40 s leaves 40 s.
    assert [record.message for record in caplog.records] == [
        "stage: 2 of 4 chunks, about 40 s left",
        "stage: 4 of 4 chunks, about 0 s left",
    ]


def test_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with (
        caplog.at_level(logging.INFO, logger="trainscape"),
        ChunkProgress("stage", 2, 1.0, interval=0.0) as progress,
    ):
        progress.advance(0.5)
        progress.advance(0.5)
    assert "stage" in terminal.getvalue()


def test_no_work_is_no_division_by_zero():
    with ChunkProgress("stage", 1, 0.0, interval=0.0) as progress:
        progress.advance(0.0)
