"""Progress of long work: a bar on a terminal, and a line per interval in a log."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from trainscape.runtime.logs import logger

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["ChunkProgress"]


class ChunkProgress:
    """Counts finished chunks.

    Parameters
    ----------
    label
        What is being computed.
    total
        Number of chunks.
    work
        Estimated work in core-seconds. The time left is estimated from it, because chunks of
        different cells take different times.
    interval
        Seconds between two lines when stderr is not a terminal.
    """

    def __init__(self, label: str, total: int, work: float, interval: float = 30.0) -> None:
        self.label = label
        self.total = total
        self.work = max(work, 1e-9)
        self.interval = interval
        self._done = 0
        self._work_done = 0.0
        self._start = self._last = time.monotonic()
        self._bar: Progress | None = None
        if sys.stderr.isatty():
            # Imported here: most jobs write to a log, and would wait for nothing.
            from rich.console import Console
            from rich.progress import (
                BarColumn,
                MofNCompleteColumn,
                Progress,
                TextColumn,
                TimeElapsedColumn,
                TimeRemainingColumn,
            )

            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TimeRemainingColumn(),
            )
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
            self._bar.add_task(self.label, total=self.total)
        return self

    def advance(self, work: float) -> None:
        """Count one finished chunk, whose estimate was `work` core-seconds."""
        self._done += 1
        self._work_done += work
        if self._bar is not None:
            self._bar.advance(self._bar.task_ids[0])
        now = time.monotonic()
        if now - self._last >= self.interval:
            self._last = now
            share = max(self._work_done / self.work, 1e-9)
            left = (now - self._start) * max(0.0, 1 / share - 1)
            logger.info(
                "%s: %d of %d chunks, about %.0f s left", self.label, self._done, self.total, left
            )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
