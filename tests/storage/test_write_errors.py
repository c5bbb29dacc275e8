"""What is said where a file cannot be written."""

import errno
import os
import re
from pathlib import Path

import pytest

from trainscape.storage.atomic import write_atomic
from trainscape.storage.ledger import Ledger
from trainscape.storage.lock import StoreLock
from trainscape.storage.write_errors import CannotWriteError, writing


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, r"No space left on device; \d+ MiB are free there\. Make room and"),
        (errno.EDQUOT, r"Disk quota exceeded; \d+ MiB are free there\. Make room and"),
        (errno.EROFS, r"Read-only file system\. Mount .* for writing, or put a link"),
        (errno.EACCES, r"Permission denied; .* belongs to user \d+, and this is user \d+\. Change"),
        (errno.EIO, r"Input/output error\. See what is wrong there and"),
    ],
)
def test_message_says_where_why_and_what_to_do(tmp_path: Path, number: int, advice: str):
    path = tmp_path / "missing/folder/file"
    with pytest.raises(CannotWriteError) as caught, writing(path):
        raise OSError(number, os.strerror(number))
    assert re.match(f"cannot write {re.escape(str(path))}: {advice}", str(caught.value))
    assert str(caught.value).endswith(" and run the same command again")
    assert caught.value.errno == number


def test_inner_message_is_kept(tmp_path: Path):
    with (
        pytest.raises(CannotWriteError, match=r"cannot write inner: No space"),
        writing(tmp_path / "outer"),
        writing(Path("inner")),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")


WRITERS = {
    "file": lambda path: write_atomic(path, b"content"),
    "ledger": lambda path: Ledger(path, StoreLock(path.with_name("lock"))),
    "lock": lambda path: StoreLock(path).__enter__(),
}


@pytest.mark.parametrize("writer", WRITERS)
def test_link_to_nowhere_is_named(tmp_path: Path, writer: str):
    (tmp_path / "results").symlink_to("elsewhere/results")
    with pytest.raises(CannotWriteError) as caught:
        WRITERS[writer](tmp_path / "results/smoke/file")
    target = tmp_path / "elsewhere/results"
    assert f"{tmp_path / 'results'} is a link to {target}, which does not" in str(caught.value)
    assert f"`mkdir -p {target}`" in str(caught.value)


@pytest.mark.parametrize("writer", WRITERS)
def test_file_in_the_place_of_a_folder_is_named(tmp_path: Path, writer: str):
    (tmp_path / "results").touch()
    with pytest.raises(CannotWriteError, match="is a file where a folder has to be"):
        WRITERS[writer](tmp_path / "results/smoke/file")
