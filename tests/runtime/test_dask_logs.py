"""Closed connections are one line; all other errors keep their traceback."""

import io
import logging

import pytest
from distributed.comm.core import CommClosedError

from trainscape.runtime.dask_logs import shorten_closed_connections


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What Dask's own handler prints."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    monkeypatch.setattr(logging.getLogger("distributed"), "handlers", [handler])
    shorten_closed_connections()
    shorten_closed_connections()
    assert len(handler.filters) == 1
    return stream


@pytest.mark.parametrize(("error", "whole"), [(CommClosedError("x"), False), (OSError("x"), True)])
def test_closed_connection_is_one_line(printed: io.StringIO, error: Exception, whole: bool):
    try:
        raise error
    except Exception:
        logging.getLogger("distributed.batched").warning("it closed", exc_info=True)
    text = printed.getvalue()
    assert text.startswith("it closed\n")
    assert (len(text.splitlines()) > 1) == whole
    assert ("Traceback" in text) == whole
