"""The log file has everything, the console what a person waits for."""

import sys
from pathlib import Path

import pytest

from trainscape.runtime.logs import log_traceback, logger, set_up_logging
from trainscape.storage.write_errors import CannotWriteError


def test_file_has_details_and_the_console_has_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    path = tmp_path / "logs/run.log"
    set_up_logging(path)
    set_up_logging(path)  # the second call replaces the first
    logger.info("begins")
    logger.debug("a detail")
    assert capsys.readouterr().err == "begins\n"
    assert [line.split(" ", 2)[2] for line in path.read_text().splitlines()] == [
        "INFO begins",
        "DEBUG a detail",
    ]
    set_up_logging(verbose=True)
    logger.debug("a detail")
    assert capsys.readouterr().err == "a detail\n"


def test_full_disk_is_one_warning_and_stops_nothing(capsys: pytest.CaptureFixture[str]):
    set_up_logging(Path("/dev/full"))  # a device that is always full
    for number in range(3):
        logger.info("line %d", number)
    assert capsys.readouterr().err == (
        "line 0\n"
        "warning: cannot write the log /dev/full: [Errno 28] No space left on device\n"
        "line 1\nline 2\n"
    )


def test_log_that_cannot_be_opened_is_an_error(tmp_path: Path):
    (tmp_path / "logs").touch()
    with pytest.raises(CannotWriteError, match="is a file where a folder has to be"):
        set_up_logging(tmp_path / "logs/run.log")


@pytest.mark.parametrize("folder", ["", "elsewhere"])
def test_traceback_goes_to_the_log_which_is_named(
    tmp_path: Path,
    folder: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / folder)
    set_up_logging(tmp_path / "run.log")
    try:
        raise ValueError("wrong")
    except ValueError as error:
        where = log_traceback(error)
    shown = tmp_path / "run.log" if folder else "run.log"
    assert where == f"The traceback is in {shown}."
    assert capsys.readouterr().err == ""
    text = (tmp_path / "run.log").read_text()
    assert "Traceback (most recent call last)" in text
    assert f'File "{__file__}"' in text
    assert text.endswith("ValueError: wrong\n")


def test_traceback_without_a_log_is_printed(capsys: pytest.CaptureFixture[str]):
    set_up_logging()
    try:
        raise ValueError("wrong")
    except ValueError:
        assert log_traceback(sys.exc_info()[1] or ValueError()) == "The traceback is above."
    assert "ValueError: wrong" in capsys.readouterr().err
