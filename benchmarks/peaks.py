"""What the core can do at best, measured beside an engine: arithmetic, and streams.

Both are rates of CPU time, in the same process and between the timed calls of the engine, so that
a change of the machine's load or clock meets them alike. Arithmetic is the faster one of a product
of matrices and of fused operations on registers: the library behind NumPy reaches half of the
second on processors for whose vectors it has no kernel, and engines would seem to be faster than
the roof.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from typing import Any

import numba as nb
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from benchmarks.roofs import Peaks
from benchmarks.work import Work
from trainscape.simulators.statevector.vectors import INT, WIDTH, Emitter

__all__ = ["arithmetic_rate", "fused_rate", "measure_peaks", "multiply_rate", "stream_rate"]

Real = NDArray[np.float64]

ORDER = 384
"""Order of the square matrices whose product is timed: they fit into the second-level cache."""

CHAINS = 10
"""Vectors that fused operations go around on: enough to hide their latency, few enough to fit."""

SECONDS = 0.01
"""CPU time of one measurement at least."""


@intrinsic
def _fuse(typingctx: Any, data: Any, repeats: Any) -> tuple[Any, Any]:
    """Multiply `CHAINS` vectors by the first vector of `data` and add the second, repeatedly."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        emit = Emitter(context, builder, signature, arguments)
        data, repeats = emit.values
        factor, added, *vectors = (
            emit.load(data, ir.Constant(INT, WIDTH * k)) for k in range(2 + CHAINS)
        )
        chains = [emit.variable(vector) for vector in vectors]
        with emit.loop(ir.Constant(INT, 0), repeats, 1):
            for chain in chains:
                builder.store(emit.fma(factor, builder.load(chain), added), chain)
        for k, chain in enumerate(chains):
            emit.store(builder.load(chain), data, ir.Constant(INT, WIDTH * (2 + k)))
        return context.get_dummy_value()

    return types.none(data, repeats), codegen


@nb.njit(cache=True)
def _fuse_many(data: Real, repeats: int) -> None:
    _fuse(data, repeats)


@intrinsic
def _scale_once(typingctx: Any, data: Any, factor: Any) -> tuple[Any, Any]:
    """Multiply all numbers by a factor: one load and one store for each."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        emit = Emitter(context, builder, signature, arguments)
        data, factor = emit.values
        size = context.make_array(signature.args[0])(context, builder, arguments[0]).nitems
        factor = emit.spread(factor)
        with emit.loop(ir.Constant(INT, 0), size, WIDTH) as place:
            emit.store(emit.mul(factor, emit.load(data, place)), data, place)
        return context.get_dummy_value()

    return types.none(data, factor), codegen


@nb.njit(cache=True)
def _scale(data: Real, factor: float, repeats: int) -> None:
    for _ in range(repeats):
        _scale_once(data, factor)


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


def fused_rate() -> float:
    """Return floating-point operations a second of fused operations on vectors in registers."""
    data = np.full((2 + CHAINS) * WIDTH, 0.5)
    _fuse_many(data, 1)
    turns = 1000
    return 2.0 * WIDTH * CHAINS * turns * _rate(lambda repeats: _fuse_many(data, turns * repeats))


def arithmetic_rate() -> float:
    """Return the most floating-point operations a second that the core was seen to do."""
    return max(multiply_rate(), fused_rate())


@cache
def _data(vectors: int) -> Real:
    """Return an array that starts on a cache line."""
    space = np.ones(WIDTH * (vectors + 1))
    return space[-(space.ctypes.data // 8) % WIDTH :][: WIDTH * vectors]


def stream_rate(held: float) -> float:
    """Return the bytes that are loaded and stored in a second, in place, in `held` bytes of data.

    Data of more than 256 MiB count as 256 MiB: no cache holds them.
    """
    data = _data(max(8, int(min(held, 2**28) / (8 * WIDTH))))
    _scale(data, 1.0, 0)
    return 16.0 * data.size * _rate(lambda repeats: _scale(data, -1.0, repeats))


def measure_peaks(work: Work) -> Peaks:
    """Return the rates that bound this work, one stream for each level of its traffic."""
    return Peaks(arithmetic_rate(), tuple(stream_rate(level.held) for level in work.traffic))
