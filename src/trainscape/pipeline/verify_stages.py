"""Verify many stages at once, in several processes."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from trainscape.pipeline.request import Request
from trainscape.pipeline.verify import StageReport, verify_stage
from trainscape.storage.inventory import read_inventory

__all__ = ["cores", "verify_stages"]

LITTLE = 2**27
"""Bytes that one process reads sooner than others start."""


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _size(request: Request) -> int:
    """Return the bytes to read of a stage; more than any where its values have to be decoded."""
    inventory = read_inventory(request.paths)
    if inventory is not None:
        return inventory.size
    return LITTLE + 1 if request.paths.store.exists() else 0


def verify_stages(requests: Sequence[Request], workers: int) -> Iterator[StageReport]:
    """Yield the reports on stages, in the order of the requests.

    Parameters
    ----------
    requests
        The stages.
    workers
        Processes. Where there is little to read, this one does it, with as many threads.
    """
    if workers == 1 or len(requests) < 2 or sum(map(_size, requests)) <= LITTLE:
        yield from map(partial(verify_stage, threads=workers), requests)
        return
    context = multiprocessing.get_context("forkserver" if os.name == "posix" else "spawn")
    with ProcessPoolExecutor(min(workers, len(requests)), mp_context=context) as pool:
        yield from pool.map(verify_stage, requests)
