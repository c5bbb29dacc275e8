"""What the core can do at best, measured beside an engine: matrix products, and streams.

Both are rates of CPU time, in the same process and between the timed calls of the engine, so that
a change of the machine's load or clock meets them alike.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache

import numba as nb
import numpy as np
from numpy.typing import NDArray

from benchmarks.roofs import Peaks
from benchmarks.work import Work

__all__ = ["measure_peaks", "multiply_rate", "stream_rate"]

Real = NDArray[np.float64]

ORDER = 384
"""Order of the square matrices whose product is timed: they fit into the second-level cache."""

SECONDS = 0.01
"""CPU time of one measurement at least."""

u64 = nb.uint64


@nb.njit(cache=True)
def _scale(data: Real, factor: float, repeats: int) -> None:
    """Multiply all numbers by a factor, again and again: one load and one store for each."""
    for _ in range(repeats):
        for i in range(u64(data.size)):
            data[i] *= factor


def _rate(call: Callable[[int], None]) -> float:
    """Return calls in a second of CPU time; `call` takes a number of repetitions."""
    repeats = 1
    while True:
        start = time.process_time()
        call(repeats)
        duration = time.process_time() - start
        if duration >= SECONDS:
            return repeats / duration
        repeats *= 2 if duration < SECONDS / 8 else max(2, int(1.2 * SECONDS / duration))


@cache
def _matrices() -> tuple[Real, Real, Real]:
    generator = np.random.default_rng(0)
    return (
        generator.standard_normal((ORDER, ORDER)),
        generator.standard_normal((ORDER, ORDER)),
        np.empty((ORDER, ORDER)),
    )


def multiply_rate() -> float:
    """Return floating-point operations a second of a product of two real matrices."""
    a, b, out = _matrices()

    def call(repeats: int) -> None:
        for _ in range(repeats):
            np.matmul(a, b, out=out)

    return 2.0 * ORDER**3 * _rate(call)


@cache
def _data(size: int) -> Real:
    return np.ones(size)


def stream_rate(held: float) -> float:
    """Return the bytes that are loaded and stored in a second, in place, in `held` bytes of data.

    Data of more than 256 MiB count as 256 MiB: no cache holds them.
    """
    data = _data(max(64, int(min(held, 2**28) / 8)))
    _scale(data, 1.0, 0)
    return 16.0 * data.size * _rate(lambda repeats: _scale(data, -1.0, repeats))


def measure_peaks(work: Work) -> Peaks:
    """Return the rates that bound this work, one stream for each level of its traffic."""
    return Peaks(multiply_rate(), tuple(stream_rate(level.held) for level in work.traffic))
