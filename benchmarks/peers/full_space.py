r"""The fragmentation ansatz in the full space, by the best methods that do not use the blocks.

All are adjoint gradients of the mean probability of a wrong label over M inputs, which are columns
of one array. With :math:`x` before gate :math:`k` and :math:`\lambda` the back-propagated
derivative, :math:`\partial_k \ell = -2\,\mathrm{Im} \langle \lambda | A | x \rangle`. The parts of
:math:`x` that the derivative needs are stored.

* ``eig2``: ``H`` and ``A`` diagonalised; a layer is two dense products between their eigenbases.
* ``eigr``: the eigenbasis of ``H``, and ``A`` by its non-zero eigenvalues only: two products of
  shape D x D/4.
* ``chebyshev``: :math:`e^{iHt}` as a Chebyshev series with a sparse ``H``; :math:`e^{iA\theta} = 1
  + i \sin\theta\, A + (\cos\theta - 1) A^2`, because ``A`` exchanges pairs.
* ``expm_multiply``: the same with `scipy.sparse.linalg.expm_multiply` for :math:`e^{iHt}`.

Products of real matrices with complex columns are made on the columns' real view, at half of the
cost of a complex product.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.linalg
import scipy.sparse
from numpy.typing import NDArray
from scipy.sparse.linalg import expm_multiply
from scipy.special import jv

from benchmarks.instances import Fragmentation, fragmentation
from benchmarks.worker import Workload

__all__ = ["eigenbasis", "sparse"]

Complex = NDArray[np.complex128]
Real = NDArray[np.float64]


def _intervals(times: Real) -> Real:
    """Return the times for which ``exp(+iHt)`` acts between the gates, in order of action."""
    return np.diff(np.concatenate([times[:1], times[:1:-1], times[1:2]]))


def _apply(matrix: Real, columns: Complex) -> Complex:
    return (matrix @ columns.view(np.float64)).view(np.complex128)


def _gate_pairs(instance: Fragmentation) -> tuple[Real, Real]:
    """Return the non-zero eigenvalues of ``A``, and its eigenvectors as columns.

    They are ``(|a> +- |b>) / sqrt(2)`` for each pair that ``A`` exchanges.
    """
    gate = instance.gate.tocoo()
    upper = gate.row < gate.col
    a, b, strength = gate.row[upper], gate.col[upper], gate.data[upper]
    vectors = np.zeros((gate.shape[0], 2 * len(a)))
    columns = np.arange(len(a))
    vectors[a, columns] = vectors[b, columns] = vectors[a, columns + len(a)] = np.sqrt(0.5)
    vectors[b, columns + len(a)] = -np.sqrt(0.5)
    return np.concatenate([strength, -strength]), vectors


def _inputs(instance: Fragmentation) -> Complex:
    columns = np.zeros((instance.hamiltonian.shape[0], len(instance.starts)), dtype=np.complex128)
    columns[instance.starts, np.arange(len(instance.starts))] = 1.0
    return columns


def eigenbasis(n: int, layers: int, inputs: int, low_rank: bool) -> Workload:
    """Methods ``eigr`` (`low_rank`) and ``eig2``."""
    instance = fragmentation(n, layers, inputs)
    energies, basis = scipy.linalg.eigh(
        instance.hamiltonian.toarray(), overwrite_a=True, check_finite=False
    )
    if low_rank:
        delta, vectors = _gate_pairs(instance)
    else:
        delta, vectors = scipy.linalg.eigh(
            instance.gate.toarray(), overwrite_a=True, check_finite=False
        )
    to_gate = np.ascontiguousarray(vectors.T @ basis)
    from_gate = np.ascontiguousarray(to_gate.T)
    phases = np.exp(1j * np.outer(_intervals(instance.times), energies))
    start = basis.T @ _inputs(instance)
    transposed = np.ascontiguousarray(basis.T)
    wrong = ~instance.accepted
    ordered = instance.theta[0, ::-1]

    def gradient() -> Real:
        x = phases[0][:, None] * start
        kept = []
        for layer, angle in enumerate(ordered):
            turn = np.exp(1j * delta * angle)[:, None]
            u = _apply(to_gate, x)
            kept.append(u)
            x = x + _apply(from_gate, (turn - 1) * u) if low_rank else _apply(from_gate, turn * u)
            x *= phases[layer + 1][:, None]
        adjoint = _apply(transposed, wrong * _apply(basis, x))
        out = np.empty(layers)
        for layer in range(layers - 1, -1, -1):
            adjoint *= phases[layer + 1].conj()[:, None]
            back = np.exp(-1j * delta * ordered[layer])[:, None]
            w = _apply(to_gate, adjoint)
            adjoint = (
                adjoint + _apply(from_gate, (back - 1) * w)
                if low_rank
                else _apply(from_gate, back * w)
            )
            # `w` is taken after the gate, where the derivative needs it before: the phase in
            # between is that of `back`.
            out[layers - 1 - layer] = -2 * float(
                np.sum(delta[:, None] * ((back * w).conj() * kept[layer]).imag)
            )
        return out[None] / len(instance.starts)

    return Workload(gradient, details={"rank": len(delta)})


def sparse(n: int, layers: int, inputs: int, chebyshev: bool) -> Workload:
    """Methods ``chebyshev`` and ``expm_multiply``."""
    instance = fragmentation(n, layers, inputs)
    hamiltonian, gate = instance.hamiltonian.tocsr(), instance.gate.tocsr()
    square = (gate @ gate).tocsr()
    evolve = (
        _series(hamiltonian)
        if chebyshev
        else lambda time, x: expm_multiply(
            1j * time * hamiltonian, x, traceA=1j * time * hamiltonian.trace()
        )
    )
    intervals, start = _intervals(instance.times), _inputs(instance)
    wrong = ~instance.accepted
    ordered = instance.theta[0, ::-1]

    def turned(angle: float, x: Complex) -> Complex:
        return x + 1j * np.sin(angle) * (gate @ x) + (np.cos(angle) - 1) * (square @ x)

    def gradient() -> Real:
        x = evolve(intervals[0], start)
        kept = []
        for layer, angle in enumerate(ordered):
            kept.append(gate @ x)
            x = evolve(intervals[layer + 1], turned(angle, x))
        adjoint = wrong * x
        out = np.empty(layers)
        for layer in range(layers - 1, -1, -1):
            adjoint = turned(-ordered[layer], evolve(-intervals[layer + 1], adjoint))
            out[layers - 1 - layer] = -2 * float(np.vdot(adjoint, kept[layer]).imag)
        return out[None] / len(instance.starts)

    return Workload(gradient)


def _series(hamiltonian: Any) -> Callable[[float, Complex], Complex]:
    """Return the function ``(t, x) -> exp(iHt) x`` by a Chebyshev series to full precision.

    The interval of the series is that of Gershgorin's discs.
    """
    diagonal = hamiltonian.diagonal()
    radius = np.asarray(abs(hamiltonian).sum(axis=1)).ravel() - np.abs(diagonal)
    low, high = float(np.min(diagonal - radius)), float(np.max(diagonal + radius))
    centre, half = (low + high) / 2, (high - low) / 2
    scaled = ((hamiltonian - centre * scipy.sparse.identity(hamiltonian.shape[0])) / half).tocsr()

    def evolve(time: float, x: Complex) -> Complex:
        argument = half * time
        count = int(abs(argument) + 12 * max(1.0, abs(argument)) ** (1 / 3) + 12)
        orders = np.arange(count)
        weights = jv(orders, argument) * 1j ** (orders % 4) * np.where(orders == 0, 1, 2)
        last = max(2, int(np.flatnonzero(np.abs(weights) > 1e-16).max(initial=1)) + 1)
        before, now = x, scaled @ x
        total = weights[0] * before + weights[1] * now
        for weight in weights[2:last]:
            before, now = now, 2 * (scaled @ now) - before
            total += weight * now
        return np.exp(1j * centre * time) * total

    return evolve
