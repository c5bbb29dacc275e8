"""The command line in this process, as each test of a command runs it."""

import sys
from collections.abc import Callable

import pytest

from trainscape.cli.app import run_app

Command = Callable[..., tuple[int, str, str]]
"""Takes the words after ``trainscape``; returns exit code, output and messages."""


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Return a function that runs a command as the shell would, with what it printed."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["trainscape", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as caught:
            run_app()
        captured = capsys.readouterr()
        return int(caught.value.code or 0), captured.out, captured.err

    return run
