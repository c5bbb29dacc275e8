"""The tensor-network engine: exact values and gradients of local observables, for shallow circuits on any number of qubits.

quimb holds the network of each Pauli string of the observable (`trainscape.simulators.expectation_network`), cotengra finds the order of contraction once,
and the engine compiles both into offset tables which its own kernels run, forward and in reverse, for a group of samples at once. The cost is set
by the width of the path, not by the number of qubits. One reverse sweep gives all derivatives at about three times the cost of the value; only the ket layer
is differentiated, because the bra layer gives the complex conjugate.

Paths are data: find one with `find_path`, store it with the dataset, and pass it to the engine, so that later runs repeat the same arithmetic bit for bit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Problem
from trainscape.simulators import _tensornet_kernels as kernels
from trainscape.simulators.contract import Cost, Engine, Quantity
from trainscape.simulators.expectation_network import (
    Network,
    Path,
    PathStatistics,
    contraction_indices,
    default_path,
    expectation_networks,
    find_path,
    path_statistics,
    split_path,
)

__all__ = ["BLOCK", "MEMORY_LIMIT", "PathStatistics", "TensorNetwork", "compile_network", "find_path", "path_statistics"]

Real = NDArray[np.float64]

BLOCK = 32
"""Samples that are evaluated together; a shorter batch is padded with zeros."""

MEMORY_LIMIT = 4 * 2**30
"""Default limit on the memory of an engine, in bytes."""

_LANES = (32, 16, 8, 4)
_COMFORTABLE = 2**28
_SECONDS_PER_FLOP = 1.0e-9
_SECONDS_PER_ENTRY = 1.0e-9


class TensorNetwork(Engine):
    """Exact contraction of ``<0|U^dagger O U|0>``, one network for each term of the observable.

    Parameters
    ----------
    problem
        Circuit and observable.
    path
        Contraction path from `find_path`, shape ``(contractions, 2)``. Found with seed 0 if not given, which takes up to seconds.
    memory_limit
        Bytes that the engine may allocate. If the path needs more, the engine refuses before anything is allocated.

    Notes
    -----
    An engine holds its buffers and is not for use by several threads at once.
    """

    name: ClassVar[str] = "tensornet"

    @classmethod
    def supports(cls, problem: Problem, quantity: Quantity) -> str | None:
        """Return None if values or gradients fit into the default memory limit, else the reason. Searches a path, which takes up to seconds."""
        if quantity not in (Quantity.VALUE, Quantity.GRADIENT):
            return f"the tensornet engine computes values and gradients, not the {quantity.value}"
        return _too_large(path_statistics(problem, default_path(problem)), MEMORY_LIMIT)

    @classmethod
    def cost(cls, problem: Problem, quantity: Quantity, batch: int) -> Cost:
        """Estimate from the contraction path of seed 0. Searches the path, which takes up to seconds."""
        statistics = path_statistics(problem, default_path(problem))
        samples = BLOCK * math.ceil(batch / BLOCK)
        sweeps = 3.0 if quantity == Quantity.GRADIENT else 1.0
        flops = 0.0 if statistics.log10_flops == -math.inf else 10.0**statistics.log10_flops
        work = flops * _SECONDS_PER_FLOP + statistics.tensors * 4 * _SECONDS_PER_ENTRY
        return Cost(samples * sweeps * work, _memory(statistics, _lanes(statistics.entries)))

    def __init__(self, problem: Problem, path: Path | None = None, *, memory_limit: int = MEMORY_LIMIT) -> None:
        self.problem = problem
        self.path = default_path(problem) if path is None else np.asarray(path)
        self.statistics = path_statistics(problem, self.path)
        reason = _too_large(self.statistics, memory_limit)
        if reason is not None:
            raise MemoryError(reason)
        networks = expectation_networks(problem)
        parts = split_path(networks, self.path)
        self._terms = [
            (network, compile_network(network, part) if network.tensors else None) for network, part in zip(networks, parts, strict=True)
        ]
        self._lanes = _lanes(self.statistics.entries)
        self._data = np.empty((self.statistics.entries, 2, self._lanes))
        self._adjoint: Real | None = None

    def value(self, theta: Real) -> Real:
        """Return the loss, shape ``(S,)``, at ``theta`` of shape ``(S, P)`` in radians."""
        rows = self.problem.circuit.check_parameters(theta)
        values = np.zeros(len(rows))
        part = np.empty(self._lanes)
        for start, stop, group in self._groups(rows):
            for network, program in self._terms:
                if program is None:
                    values[start:stop] += network.weight
                    continue
                kernels.run_value(program, group[list(network.cone.parameters)], self._data, part)
                values[start:stop] += network.weight * part[: stop - start]
        return values

    def value_and_gradient(self, theta: Real) -> tuple[Real, Real]:
        """Return the loss, shape ``(S,)``, and its gradient, shape ``(S, P)``, by one reverse sweep over the contraction tree."""
        rows = self.problem.circuit.check_parameters(theta)
        values, gradients = np.zeros(len(rows)), np.zeros(rows.shape)
        if self._adjoint is None:
            self._adjoint = np.empty_like(self._data)
        part = np.empty(self._lanes)
        for start, stop, group in self._groups(rows):
            for network, program in self._terms:
                if program is None:
                    values[start:stop] += network.weight
                    continue
                kept = list(network.cone.parameters)
                gradient = np.empty((len(kept), self._lanes))
                kernels.run_gradient(program, group[kept], self._data, self._adjoint, part, gradient)
                values[start:stop] += network.weight * part[: stop - start]
                gradients[start:stop, kept] += network.weight * gradient[:, : stop - start].T
        return values, gradients

    def _groups(self, rows: Real) -> Iterator[tuple[int, int, Real]]:
        """Cut the samples into groups of `lanes`, the last one padded with zeros; the parameters come transposed, shape (P, lanes)."""
        for start in range(0, len(rows), self._lanes):
            stop = min(start + self._lanes, len(rows))
            group = np.zeros((rows.shape[1], self._lanes))
            group[:, : stop - start] = rows[start:stop].T
            yield start, stop, group


def _lanes(entries: int) -> int:
    """Return the number of samples computed together: 32, or fewer where the tensors are large. A function of the path alone."""
    return next((lanes for lanes in _LANES if entries * 32 * lanes <= _COMFORTABLE), _LANES[-1])


def _memory(statistics: PathStatistics, lanes: int) -> int:
    """Return the bytes for data, adjoints, and offset tables."""
    return statistics.entries * (32 * lanes + 32) + 2**16


def _too_large(statistics: PathStatistics, limit: int) -> str | None:
    needed = _memory(statistics, _lanes(statistics.entries))
    if needed <= limit:
        return None
    return (
        f"contracting this network needs {needed / 2**30:.3g} GiB, more than the limit of {limit / 2**30:.3g} GiB: the widest intermediate tensor has "
        f"2**{statistics.width} entries, all tensors together {statistics.entries}; search more paths (find_path with more repeats or another seed), "
        "use fewer layers, or raise memory_limit"
    )


def compile_network(network: Network, path: Path) -> kernels.Program:
    """Compile a network and its path into the offset tables that the kernels run."""
    ranks = [len(tensor.indices) for tensor in network.tensors]
    steps = contraction_indices(network.inputs, path)
    sizes = [2**rank for rank in ranks] + [2 ** len(out) for _, _, out in steps]
    starts = np.concatenate([[0], np.cumsum(sizes)])
    needs = [tensor.parameter >= 0 and not tensor.bra for tensor in network.tensors]
    contractions, outs, sums = [], [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    at_out, at_sum = 0, 0
    for step, ((first, second), (a, b, out)) in enumerate(zip(path, steps, strict=True)):
        summed = tuple(index for index in dict.fromkeys((*a, *b)) if index not in out)
        contractions.append(
            (
                *(starts[first], starts[second], starts[len(ranks) + step]),
                *(2 ** len(out), 2 ** len(summed), at_out, at_sum, needs[first], needs[second]),
            )
        )
        needs.append(needs[first] or needs[second])
        outs += [_offsets(out, a), _offsets(out, b)]
        sums += [_offsets(summed, a), _offsets(summed, b)]
        at_out += 2 * 2 ** len(out)
        at_sum += 2 * 2 ** len(summed)
    return kernels.Program(
        np.array([(starts[i], sizes[i], tensor.parameter, needs[i]) for i, tensor in enumerate(network.tensors)], dtype=np.int64).reshape(
            -1, 4
        ),
        np.array([tensor.scale for tensor in network.tensors], dtype=np.float64),
        np.concatenate([tensor.cosine.ravel() for tensor in network.tensors]),
        np.concatenate([tensor.sine.ravel() for tensor in network.tensors]),
        np.array(contractions, dtype=np.int64).reshape(-1, 9),
        np.concatenate(outs),
        np.concatenate(sums),
        int(starts[-1]),
    )


def _offsets(over: tuple[int, ...], indices: tuple[int, ...]) -> NDArray[np.int64]:
    """Return, for each setting of the indices `over`, the offset within a row-major tensor with the given `indices`, those not in `over` being 0."""
    offsets = np.zeros(1, dtype=np.int64)
    for index in over:
        stride = 2 ** (len(indices) - 1 - indices.index(index)) if index in indices else 0
        offsets = (offsets[:, None] + np.array([0, stride], dtype=np.int64)).ravel()
    return offsets
