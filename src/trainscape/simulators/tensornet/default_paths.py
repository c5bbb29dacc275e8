"""The contraction path of a problem for which none is given, and how long its search takes.

The search is bounded by the sizes of the networks alone, so that equal problems get equal paths.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from trainscape.circuits.circuit import Problem
from trainscape.simulators.tensornet.contraction_paths import (
    REPEATS,
    Path,
    canonical,
    find_path,
)
from trainscape.simulators.tensornet.expectation_network import expectation_networks

__all__ = ["SearchEstimate", "default_path", "search_estimate"]

_SEARCH_SECONDS = 10.0
"""Estimated time above which a path is searched by fewer annealing runs."""


@dataclass(frozen=True)
class SearchEstimate:
    """What the search of a default path takes.

    Parameters
    ----------
    networks
        Number of networks that are searched; equal ones once.
    tensors
        Number of tensors of the largest.
    repeats
        Annealing runs for each.
    seconds
        Time of the search on one core, to a factor of about two.
    """

    networks: int
    tensors: int
    repeats: int
    seconds: float


@lru_cache(maxsize=32)
def search_estimate(problem: Problem) -> SearchEstimate:
    """Estimate the search of `default_path`, from the sizes of the networks alone.

    A run takes ``7e-4 + 1.6e-5 w`` seconds for each tensor of a network with ``64 w`` indices, as
    measured from 200 to 7000 tensors on a 2.6 GHz core.
    """
    distinct = {canonical(network.inputs) for network in expectation_networks(problem)}
    once = 0.0
    for inputs in distinct:
        words = 1 + max((index for indices in inputs for index in indices), default=0) // 64
        once += len(inputs) * (7e-4 + 1.6e-5 * words)
    repeats = max(1, min(REPEATS, int(_SEARCH_SECONDS / max(once, 1e-9))))
    # Slicing anneals for half as long, many times at worst, but rarely more than a few.
    largest = max((len(inputs) for inputs in distinct), default=0)
    return SearchEstimate(len(distinct), largest, repeats, once * (repeats + 2))


@lru_cache(maxsize=32)
def default_path(problem: Problem) -> Path:
    """Return the path of seed 0; those of the last problems are kept.

    Networks whose search would take longer get fewer annealing runs (`search_estimate`), which is
    decided by their size, so that equal problems get equal paths.
    """
    path = find_path(problem, repeats=search_estimate(problem).repeats)
    path.setflags(write=False)
    return path
