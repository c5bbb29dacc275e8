"""Random numbers for numba kernels: SplitMix64 (G. L. Steele et al., OOPSLA 2014)."""

from __future__ import annotations

import math
from typing import Any

import numba as nb

__all__ = ["GOLDEN", "failures_before_success", "mixed", "uniform"]

u64 = nb.uint64

GOLDEN = 0x9E3779B97F4A7C15
"""Increment of the state of SplitMix64 from one random word to the next."""

_NEVER = 2**62
"""Number of failures that stands for probability zero."""


@nb.njit(cache=True)
def mixed(word: Any) -> Any:
    """Return the output function of SplitMix64."""
    word = (word ^ (word >> u64(30))) * u64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> u64(27))) * u64(0x94D049BB133111EB)
    return word ^ (word >> u64(31))


@nb.njit(cache=True)
def uniform(word: Any) -> Any:
    """Return a number in (0, 1] from a random word."""
    return (nb.int64(word >> u64(11)) + 1) * 2.0**-53


@nb.njit(cache=True)
def failures_before_success(word: Any, probability: float) -> Any:
    """Return the number of trials that fail before the next success, from a random word."""
    if probability <= 0.0:
        return _NEVER
    return nb.int64(min(math.log(uniform(word)) / math.log1p(-probability), float(_NEVER)))
