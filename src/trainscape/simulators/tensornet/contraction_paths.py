"""Contraction paths of tensor networks: search, slicing, storage, and cost.

The networks are those of `trainscape.simulators.tensornet.expectation_network`. A path is an
integer array of shape ``(rows, 2)``; the parts of the networks of the terms of an observable follow
one another. The tensors of a network are numbered from 0. Each row contracts two of them and
appends the result as the next number, and every number is used once (static single assignment
form). Rows ``(-1, k)`` at the start of a part slice the network: its k-th index, in order of first
appearance, is fixed to 0 and to 1 in turn, the rest is contracted once for each setting of the
sliced indices, and the results are added.

The search anneals the contraction tree, by local moves at falling temperature, from a greedy start
(G. Kalachev, P. Panteleev and M.-H. Yung, arXiv:2108.05665; the start is cotengra's, J. Gray and S.
Kourtis, Quantum 5, 410 (2021)). cotengra can anneal by the same moves, but takes a hundred times
longer. If the memory of the cheapest tree exceeds the limit, indices are sliced one after the
other, and the tree is annealed again after each.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Problem
from trainscape.simulators.tensornet import contraction_path_kernels as kernels
from trainscape.simulators.tensornet.expectation_network import Network, expectation_networks
from trainscape.simulators.tensornet.kernels import LANES

__all__ = [
    "MAX_SLICED",
    "MEMORY_LIMIT",
    "REPEATS",
    "PathStatistics",
    "canonical",
    "contraction_indices",
    "find_path",
    "path_statistics",
    "sliced_indices",
    "split_path",
    "without_indices",
]

Path = NDArray[np.int64]
Inputs = tuple[tuple[int, ...], ...]

MEMORY_LIMIT = 4 * 2**30
"""Default limit on the memory of a contraction, in bytes."""

# In units of log2 of the cost. The first temperature is high enough to leave the initial path, the
# last one low enough to end in a local minimum.
_TEMPERATURES = np.geomspace(2.0, 0.05, 50)
_TEMPERATURES_AFTER_SLICING = np.geomspace(0.5, 0.05, 25)
_SWEEPS = 200
REPEATS = 8
"""Annealing runs of a search; the cheapest path is kept."""
MAX_SLICED = 20
"""Largest number of indices that are sliced."""


def find_path(
    problem: Problem, seed: int = 0, repeats: int = REPEATS, memory_limit: int = MEMORY_LIMIT
) -> Path:
    """Search contraction paths for the networks of a problem.

    Parameters
    ----------
    problem
        Circuit and observable.
    seed
        Seed of the search: equal seeds give equal paths, in every process.
    repeats
        Number of annealing runs for each network. The cheapest path is kept. A run takes about
        0.05 s for 100 tensors, 0.3 s for 600.
    memory_limit
        Bytes that a gradient along the path may take. Networks that need more are sliced, which
        multiplies the work at each index, by at most two.

    Returns
    -------
    numpy.ndarray
        Path of shape ``(rows, 2)``, int64.

    Notes
    -----
    Terms with equal networks, such as the translates of one term on a ring, are searched once. At
    most 20 indices are sliced; a network that needs more memory even then is refused by the engine.
    """
    paths: dict[Inputs, Path] = {}
    parts = [np.empty((0, 2), dtype=np.int64)]
    for network in expectation_networks(problem):
        inputs = canonical(network.inputs)
        if inputs not in paths:
            paths[inputs] = _search(inputs, seed, repeats, memory_limit)
        parts.append(paths[inputs])
    return np.concatenate(parts)


def canonical(inputs: Sequence[tuple[int, ...]]) -> Inputs:
    """Return the indices of tensors renamed to numbers in order of first appearance."""
    names: dict[int, int] = {}
    return tuple(
        tuple(names.setdefault(index, len(names)) for index in indices) for indices in inputs
    )


def _search(inputs: Inputs, seed: int, repeats: int, memory_limit: int) -> Path:
    if len(inputs) < 2:
        return np.empty((0, 2), dtype=np.int64)
    generator = np.random.default_rng(seed)
    start = _greedy(inputs)
    best, cheapest = start, math.inf
    for _ in range(repeats):
        children, cost = kernels.anneal(*_tree(inputs, start), _TEMPERATURES, _SWEEPS, generator)
        if cost < cheapest:
            best, cheapest = _path(children), cost
    sliced: list[int] = []
    while len(sliced) < MAX_SLICED:
        statistics = _statistics([inputs], [_with_slices(sliced, best)])
        if statistics.bytes() <= memory_limit or statistics.width == 0:
            break
        # A slice halves the memory at most: where all that are left cannot do, none is searched.
        if statistics.bytes() > memory_limit * 2 ** (MAX_SLICED - len(sliced)):
            break
        sliced.append(_next_slice(without_indices(inputs, sliced), best))
        children, _ = kernels.anneal(
            *_tree(without_indices(inputs, sliced), best),
            _TEMPERATURES_AFTER_SLICING,
            _SWEEPS,
            generator,
        )
        best = _path(children)
    return _with_slices(sliced, best)


def _greedy(inputs: Inputs) -> Path:
    from cotengra.pathfinders.path_basic import optimize_greedy

    sizes = {index: 2 for indices in inputs for index in indices}
    # Without simplification every step contracts a pair.
    return np.array(
        optimize_greedy(inputs, (), sizes, simplify=False, use_ssa=True), dtype=np.int64
    ).reshape(-1, 2)


def _tree(
    inputs: Sequence[tuple[int, ...]], path: Path
) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Return the children of all nodes, and their indices as bits, as `anneal` takes them.

    A tensor has the children -1.
    """
    nodes = [*inputs, *(out for _, _, out in contraction_indices(inputs, path))]
    words = 1 + max((index for indices in inputs for index in indices), default=0) // 64
    legs = np.zeros((len(nodes), words), dtype=np.uint64)
    for node, indices in enumerate(nodes):
        for index in indices:
            legs[node, index // 64] |= np.uint64(1 << index % 64)
    return np.concatenate([np.full((len(inputs), 2), -1, dtype=np.int64), path]), legs


def _path(children: NDArray[np.int64]) -> Path:
    """Return the contractions of a tree, each next to those of its operands."""
    tensors = (len(children) + 1) // 2
    numbers = {node: node for node in range(tensors)}
    path: list[tuple[int, int]] = []
    stack = [len(children) - 1]
    while stack:
        first, second = children[stack[-1]].tolist()
        waiting = [node for node in (second, first) if node not in numbers]
        if waiting:
            stack += waiting
            continue
        numbers[stack.pop()] = tensors + len(path)
        path.append((numbers[first], numbers[second]))
    return np.array(path, dtype=np.int64)


def _with_slices(sliced: Sequence[int], path: Path) -> Path:
    return np.concatenate(
        [np.array([(-1, index) for index in sliced], dtype=np.int64).reshape(-1, 2), path]
    )


def without_indices(inputs: Sequence[tuple[int, ...]], sliced: Sequence[int]) -> Inputs:
    """Return the indices of each tensor but the sliced ones."""
    return tuple(tuple(index for index in indices if index not in sliced) for indices in inputs)


def _next_slice(inputs: Inputs, path: Path) -> int:
    """Return the index of the largest intermediate whose slicing costs least.

    That is the index in the most multiplications: all others are done twice.
    """
    steps = contraction_indices(inputs, path)
    weights: Counter[int] = Counter()
    for a, b, _ in steps:
        union = set(a) | set(b)
        for index in union:
            weights[index] += 2 ** len(union)
    largest = max((out for _, _, out in steps), key=len)
    candidates = largest or max(inputs, key=len)
    return max(candidates, key=lambda index: (weights[index], -index))


def sliced_indices(network: Network, path: Path) -> tuple[tuple[int, ...], Path]:
    """Cut the part of a path that belongs to `network` into slices and contractions.

    Returns
    -------
    sliced : tuple of int
        Names of the sliced indices.
    contractions : numpy.ndarray
        The other rows, shape (contractions, 2).
    """
    count = int(np.count_nonzero(path[:, 0] == -1))
    names = list(dict.fromkeys(index for indices in network.inputs for index in indices))
    return tuple(names[position] for position in path[:count, 1]), path[count:]


def split_path(networks: Sequence[Network], path: Path) -> tuple[Path, ...]:
    """Cut a path into the parts of the networks, and check them.

    Raises
    ------
    ValueError
        If the path has another form, or a part does not contract its network completely.
    """
    array = np.asarray(path)
    if array.ndim != 2 or array.shape[1] != 2 or not np.issubdtype(array.dtype, np.integer):
        raise ValueError(
            "a contraction path is an array of integers of shape (rows, 2), not of type "
            f"{array.dtype} and shape {array.shape}"
        )
    contractions = sum(max(len(network.tensors) - 1, 0) for network in networks)
    if np.count_nonzero(array[:, 0] != -1) != contractions:
        raise ValueError(
            f"the contraction path has {np.count_nonzero(array[:, 0] != -1)} contractions, but "
            f"this problem needs {contractions}; it was probably found for another circuit or "
            "observable: find it again with find_path"
        )
    parts = []
    start = 0
    for term, network in enumerate(networks):
        count = max(len(network.tensors) - 1, 0)
        head = start
        while head < len(array) and array[head, 0] == -1 and count:
            head += 1
        part = array[start : head + count].astype(np.int64)
        sliced, pairs = part[: head - start, 1], part[head - start :]
        start = head + count
        indices = len({index for indices in network.inputs for index in indices})
        if len(set(sliced.tolist())) != len(sliced) or ((sliced < 0) | (sliced >= indices)).any():
            raise ValueError(
                f"the contraction path of term {term} slices the indices {sliced.tolist()}, which "
                f"are not distinct numbers below {indices}; the stored path is damaged, or belongs "
                "to another problem: find it again with find_path"
            )
        if (
            not np.array_equal(np.sort(pairs.ravel()), np.arange(2 * count))
            or (pairs >= count + 1 + np.arange(count)[:, None]).any()
        ):
            raise ValueError(
                f"the contraction path of term {term} does not use each of its {count + 1} tensors "
                f"and {max(count - 1, 0)} intermediates exactly once, after it was made; the "
                "stored path is damaged, or belongs to another problem: find it again with "
                "find_path"
            )
        parts.append(part)
    if start != len(array):
        raise ValueError(
            f"the contraction path has {len(array) - start} rows after its last contraction: find "
            "it again with find_path"
        )
    return tuple(parts)


@dataclass(frozen=True)
class PathStatistics:
    """What a contraction path costs, for one parameter vector.

    Parameters
    ----------
    log10_flops
        Decimal logarithm of the number of complex multiplications of one value, summed over terms
        and slices (minus infinity if there are none).
    width
        Binary logarithm of the number of entries of the largest tensor or intermediate, of one
        slice.
    entries
        Number of entries of all tensors and intermediates of one slice of the largest term.
    tensors
        Number of tensors in all networks.
    slices
        Largest number of slices of a term; 1 if no index is sliced.
    table_entries
        Number of entries of the tables of all terms that the engine compiles the path into.
    """

    log10_flops: float
    width: int
    entries: int
    tensors: int
    slices: int
    table_entries: int

    def bytes(self, *, gradient: bool = True) -> int:
        """Return the bytes that the engine holds.

        These are the entries of eight samples, for a gradient their adjoints, and the tables.
        """
        return 16 * LANES * self.entries * (2 if gradient else 1) + 8 * self.table_entries


def path_statistics(problem: Problem, path: Path) -> PathStatistics:
    """Return the cost of `path` for `problem`.

    Raises
    ------
    ValueError
        If the path does not fit the problem.
    """
    networks = expectation_networks(problem)
    return _statistics(
        [canonical(network.inputs) for network in networks], split_path(networks, path)
    )


def _statistics(networks: Sequence[Inputs], parts: Sequence[Path]) -> PathStatistics:
    flops, width, entries, slices, table = 0, 0, 0, 1, 0
    for inputs, part in zip(networks, parts, strict=True):
        count = int(np.count_nonzero(part[:, 0] == -1))
        remaining = without_indices(inputs, part[:count, 1].tolist())
        steps = contraction_indices(remaining, part[count:])
        flops += 2**count * sum(2 ** len(set(a) | set(b)) for a, b, _ in steps)
        sizes = [len(indices) for indices in remaining] + [len(out) for _, _, out in steps]
        width = max([width, *sizes])
        entries = max(entries, sum(2**size for size in sizes))
        slices = max(slices, 2**count)
        # Two complex coefficients for each entry of a tensor; the rows of tensors and contractions;
        # two offsets for each entry of a result and for each setting of the sums.
        table += sum(4 * 2 ** len(indices) + 6 + count for indices in inputs) + sum(
            9 + 2 * 2 ** len(out) + 2 * 2 ** len((set(a) | set(b)) - set(out))
            for a, b, out in steps
        )
    return PathStatistics(
        math.log10(flops) if flops else -math.inf,
        width,
        entries,
        sum(map(len, networks)),
        slices,
        table,
    )


def contraction_indices(
    inputs: Sequence[tuple[int, ...]], path: Path
) -> list[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]]:
    """Return the indices of both operands and of the result of each contraction.

    An index is summed as soon as no other tensor has it.
    """
    left = Counter(index for indices in inputs for index in indices)
    nodes: list[tuple[int, ...]] = list(inputs)
    steps = []
    for first, second in path.tolist():
        a, b = nodes[first], nodes[second]
        left.subtract(a)
        left.subtract(b)
        out = tuple(
            index for index in (*a, *(index for index in b if index not in a)) if left[index] > 0
        )
        left.update(out)
        nodes.append(out)
        steps.append((a, b, out))
    return steps
