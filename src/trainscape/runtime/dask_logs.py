"""What Dask's processes print: no traceback where nothing went wrong.

At the end of a SLURM job the scheduler closes its connections, and workers that were about to send
something print a traceback of it. A connection that is lost during the work is reported by the
client, in words.
"""

from __future__ import annotations

import logging

__all__ = ["shorten_closed_connections"]


class _OneLine(logging.Filter):
    """Take the traceback from records of connections that were closed; the line stays."""

    def filter(self, record: logging.LogRecord) -> bool:
        from distributed.comm.core import CommClosedError

        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, CommClosedError):
            record.exc_info = record.exc_text = None
        return True


def shorten_closed_connections() -> None:
    """Let this process print one line for a connection that is closed, instead of a traceback."""
    import distributed  # noqa: F401 - sets up its handlers when it is imported

    for handler in logging.getLogger("distributed").handlers:
        if not any(isinstance(one, _OneLine) for one in handler.filters):
            handler.addFilter(_OneLine())
