"""The tensor-network engine: local observables of shallow circuits on any number of qubits.

Values and gradients are exact. `trainscape.simulators.tensornet.expectation_network` builds the
network of each Pauli string of the observable. `trainscape.simulators.tensornet.contraction_paths`
searches the order of contraction once. The engine compiles both into offset tables, and its own
kernels run them forward and in reverse, for eight samples at once. The width of the path sets the
cost, not the number of qubits. One reverse sweep gives all derivatives at about three times the
cost of the value. Only the ket layer is differentiated, because the bra layer gives the complex
conjugate.

Paths are data: find one with `find_path`, store it with the dataset, and pass it to the engine, so
that later runs repeat the same arithmetic bit for bit.
"""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainscape.circuits.circuit import Problem
from trainscape.circuits.lowering import lower, obstacle
from trainscape.simulators.contract import Cost, Engine, Quantity, check_direction
from trainscape.simulators.shifted_gradients import Separated, hessian_by_shifts, separate
from trainscape.simulators.tensornet import kernels
from trainscape.simulators.tensornet.contraction_paths import (
    MEMORY_LIMIT,
    Path,
    PathStatistics,
    contraction_indices,
    find_path,
    path_statistics,
    sliced_indices,
    split_path,
    without_indices,
)
from trainscape.simulators.tensornet.default_paths import default_path
from trainscape.simulators.tensornet.expectation_network import Network, expectation_networks

__all__ = [
    "BLOCK",
    "MEMORY_LIMIT",
    "PathStatistics",
    "TensorNetwork",
    "compile_network",
    "find_path",
    "path_statistics",
]

Real = NDArray[np.float64]

BLOCK = kernels.LANES
"""Samples that are evaluated together; a shorter batch is padded with zeros."""

_SECONDS_PER_FLOP = 0.7e-9
_SECONDS_PER_TENSOR = 2.0e-8


class TensorNetwork(Engine):
    """Exact contraction of ``<phi|U^dagger O U|phi>``.

    There is one network for each input and each term of the observable.

    Parameters
    ----------
    problem
        Circuit, observable and inputs.
    path
        Contraction path from `find_path`, shape ``(rows, 2)``. By default it is searched with seed
        0, which takes up to seconds.
    memory_limit
        Bytes that a gradient may take.

    Raises
    ------
    MemoryError
        If the path needs more than `memory_limit`. Nothing is allocated then.
    ValueError
        If the path does not fit the problem.

    Notes
    -----
    An engine holds its buffers and must not be used by several threads at once.
    """

    name: ClassVar[str] = "tensornet"

    @classmethod
    def supports(cls, problem: Problem, quantity: Quantity) -> str | None:
        """Return None if a gradient fits into the default memory limit, else the reason.

        It searches a path, which takes up to seconds.
        """
        if quantity in (Quantity.JACOBIAN, Quantity.QFIM):
            return (
                f"the tensornet engine holds no state, so that it has no {quantity.value}; use the "
                "statevector engine"
            )
        reason = obstacle(lower(problem).problem)
        if reason is not None:
            return reason
        return _too_large(path_statistics(problem, default_path(problem)), MEMORY_LIMIT)

    @classmethod
    def cost(cls, problem: Problem, quantity: Quantity, batch: int) -> Cost:
        """Estimate the cost of a call from the contraction path of seed 0.

        It searches the path, which takes up to seconds. The memory is an upper bound.
        """
        statistics = path_statistics(problem, default_path(problem))
        samples = BLOCK * math.ceil(batch / BLOCK)
        gradient = quantity != Quantity.VALUE
        if quantity in (Quantity.HESSIAN, Quantity.HESSIAN_VECTOR_PRODUCT):
            samples *= 2 * len(separate(problem).fold)
        flops = 0.0 if statistics.log10_flops == -math.inf else 10.0**statistics.log10_flops
        seconds = (
            samples
            * (3.0 if gradient else 1.0)
            * (flops * _SECONDS_PER_FLOP + statistics.tensors * _SECONDS_PER_TENSOR)
        )
        # Parameters, results and their temporary copies.
        arrays = 8 * batch * (3 + 6 * problem.circuit.num_parameters)
        return Cost(seconds, statistics.bytes(gradient=gradient) + arrays)

    def __init__(
        self, problem: Problem, path: Path | None = None, *, memory_limit: int = MEMORY_LIMIT
    ) -> None:
        self.problem = problem
        self.path = default_path(problem) if path is None else np.asarray(path)
        self.statistics = path_statistics(problem, self.path)
        reason = _too_large(self.statistics, memory_limit)
        if reason is not None:
            raise MemoryError(reason)
        networks = expectation_networks(problem)
        parts = split_path(networks, self.path)
        self._terms = [
            (network, compile_network(network, part) if network.tensors else None)
            for network, part in zip(networks, parts, strict=True)
        ]
        self._data = np.empty((self.statistics.entries, 2, BLOCK))
        self._adjoint: Real | None = None
        self._memory_limit = memory_limit
        self._separated: tuple[Separated, TensorNetwork] | None = None

    def value(self, theta: Real) -> Real:
        """Return the loss, shape ``(S,)``, at ``theta`` of shape ``(S, P)`` in radians."""
        rows = self.problem.circuit.check_parameters(theta)
        values, term = np.zeros(len(rows)), np.empty(len(rows))
        for network, program in self._terms:
            if program is None:
                values += network.weight
                continue
            kernels.run_value(program, network.cone.restrict(rows), self._data, term)
            values += network.weight * term
        return values

    def value_and_gradient(self, theta: Real) -> tuple[Real, Real]:
        """Return the loss, shape ``(S,)``, and its gradient, shape ``(S, P)``.

        The gradient takes one reverse sweep over the contraction tree.
        """
        rows = self.problem.circuit.check_parameters(theta)
        values, term, gradients = np.zeros(len(rows)), np.empty(len(rows)), np.zeros(rows.shape)
        if self._adjoint is None:
            self._adjoint = np.empty_like(self._data)
        for network, program in self._terms:
            if program is None:
                values += network.weight
                continue
            kept = network.cone.restrict(rows)
            gradient = np.empty_like(kept)
            kernels.run_gradient(program, kept, self._data, self._adjoint, term, gradient)
            values += network.weight * term
            gradients += network.weight * network.cone.extend(gradient, rows.shape[1])
        return values, gradients

    def hessian(self, theta: Real) -> Real:
        """Return the Hessian of the loss, shape ``(S, P, P)``, from gradients at shifted angles.

        It takes two gradients for each rotation.
        """
        rows = self.problem.circuit.check_parameters(theta)
        if self._separated is None:
            # The networks are equal up to the names of parameters, so that the path is the same.
            separated = separate(self.problem)
            self._separated = (
                separated,
                TensorNetwork(separated.problem, self.path, memory_limit=self._memory_limit),
            )
        return hessian_by_shifts(*self._separated, rows)

    def hessian_vector_product(self, theta: Real, direction: ArrayLike) -> Real:
        """Return the Hessian of the loss times a direction for each sample, shape ``(S, P)``.

        The direction has shape ``(S, P)`` or ``(P,)``. The cost is that of `hessian`.
        """
        vectors = check_direction(direction, self.problem.circuit.check_parameters(theta))
        return np.asarray(np.einsum("spq,sq->sp", self.hessian(theta), vectors))


def _too_large(statistics: PathStatistics, limit: int) -> str | None:
    needed = statistics.bytes()
    if needed <= limit:
        return None
    # Beyond 2**1000 the number of bytes has no floating-point value.
    gib = f"{needed / 2**30:.3g}" if needed < 2**1000 else f"2**{needed.bit_length() - 31}"
    return (
        f"the tensornet engine needs {gib} GiB to contract this network, more than the limit of "
        f"{limit / 2**30:.3g} GiB: the widest tensor has 2**{statistics.width} entries, all "
        f"together less than 2**{statistics.entries.bit_length()}, in each of {statistics.slices} "
        "slices; search more paths (find_path with more repeats, another seed, or a smaller "
        "memory_limit, which slices more), use fewer layers, or raise memory_limit"
    )


def compile_network(network: Network, path: Path) -> kernels.Program:
    """Compile a network and its part of a path into the offset tables that the kernels use."""
    sliced, contractions = sliced_indices(network, path)
    inputs = without_indices(network.inputs, sliced)
    steps = contraction_indices(inputs, contractions)
    sizes = [2 ** len(indices) for indices in inputs] + [2 ** len(out) for _, _, out in steps]
    starts = np.concatenate([[0], np.cumsum(sizes)])
    needs = [tensor.parameter >= 0 and not tensor.bra for tensor in network.tensors]
    angles = list(
        dict.fromkeys(
            (tensor.parameter, tensor.scale) for tensor in network.tensors if tensor.parameter >= 0
        )
    )
    tensors, slices, cosines, sines = [], [], [], []
    coefficient = 0
    for position, tensor in enumerate(network.tensors):
        # The sliced axes come first, so that the coefficients of one slice are contiguous.
        fixed = [index for index in tensor.indices if index in sliced]
        order = [tensor.indices.index(index) for index in (*fixed, *inputs[position])]
        cosines.append(tensor.cosine.transpose(order).ravel())
        sines.append(tensor.sine.transpose(order).ravel())
        slices.append(
            [
                sizes[position] * 2 ** (len(fixed) - 1 - fixed.index(index))
                if index in fixed
                else 0
                for index in sliced
            ]
        )
        angle = angles.index((tensor.parameter, tensor.scale)) if tensor.parameter >= 0 else -1
        tensors.append((starts[position], sizes[position], angle, needs[position], coefficient))
        coefficient += tensor.cosine.size
    rows, outs, sums = [], [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    at_out, at_sum = 0, 0
    for step, ((first, second), (a, b, out)) in enumerate(zip(contractions, steps, strict=True)):
        summed = tuple(index for index in dict.fromkeys((*a, *b)) if index not in out)
        result = starts[len(inputs) + step]
        counts = 2 ** len(out), 2 ** len(summed)
        rows.append(
            (
                starts[first],
                starts[second],
                result,
                *counts,
                at_out,
                at_sum,
                needs[first],
                needs[second],
            )
        )
        needs.append(needs[first] or needs[second])
        outs += [_offsets(out, a), _offsets(out, b)]
        sums += [_offsets(summed, a), _offsets(summed, b)]
        at_out += 2 * counts[0]
        at_sum += 2 * counts[1]
    return kernels.Program(
        np.array([parameter for parameter, _ in angles], dtype=np.int64),
        np.array([scale for _, scale in angles], dtype=np.float64),
        np.array(tensors, dtype=np.int64).reshape(-1, 5),
        np.array(slices, dtype=np.int64).reshape(len(inputs), len(sliced)),
        np.concatenate(cosines),
        np.concatenate(sines),
        np.array(rows, dtype=np.int64).reshape(-1, 9),
        np.concatenate(outs),
        np.concatenate(sums),
        int(starts[-1]),
    )


def _offsets(over: tuple[int, ...], indices: tuple[int, ...]) -> NDArray[np.int64]:
    """Return an offset for each setting of the indices `over`.

    It is the offset within a row-major tensor with the given `indices`; those not in `over` are 0.
    """
    offsets = np.zeros(1, dtype=np.int64)
    for index in over:
        stride = 2 ** (len(indices) - 1 - indices.index(index)) if index in indices else 0
        offsets = (offsets[:, None] + np.array([0, stride], dtype=np.int64)).ravel()
    return offsets
