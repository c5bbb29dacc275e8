r"""A block of the sectors engine, in the eigenbasis of its Hamiltonian.

In the eigenbasis of ``H`` the evolution :math:`e^{-iHt}` is a vector of phases, and neighbouring
evolutions merge: between the gates ``i + 1`` and ``i`` (later) there is :math:`e^{iE(t_i -
t_{i+1})}`. The gate is written around its most degenerate eigenvalue :math:`a_0`,

.. math:: e^{iA\theta} = e^{ia_0\theta} \big(1 + W (e^{i\delta\theta} - 1) W^\dagger\big), \qquad
   A = a_0 + W \delta W^\dagger,

with ``W`` of shape ``(D, r)``, so that a layer costs two thin products with all columns. The loss
does not depend on :math:`a_0`.

There are four algorithms, derived here:

* gradient: adjoint method. With :math:`u = W^\dagger x` and :math:`w = W^\dagger \lambda` before
  gate ``k``, :math:`\partial_k \ell = -2\,\mathrm{Im} \sum_a \delta_a w_a^* u_a`. Only ``u`` is
  kept, for one segment of layers at a time; earlier segments are recomputed from checkpoints, which
  bounds the memory;
* Hessian-vector product: the derivative of the gradient algorithm along a direction, with the
  derivatives of ``x`` and of the costate as further columns. It costs twice the gradient;
* state Jacobian: with :math:`S_k` everything after gate ``k``, :math:`\partial_k \psi
  = i\,S_k A S_k^\dagger \psi`. The products :math:`S_k W` result from the accumulation of ``S``, so
  that ``p`` layer operations are enough, and not ``p^2``;
* Hessian: with :math:`K_k = S_k A S_k^\dagger \psi`, :math:`L_k = S_k A S_k^\dagger O \psi` and
  gate ``j`` not before gate ``k``, :math:`\partial_j \partial_k \langle\psi|O|\psi\rangle =
  2\,\mathrm{Re}(\langle K_j|O|K_k\rangle - \langle L_j|K_k\rangle)`, two matrix products.
"""

from __future__ import annotations

import math
from itertools import accumulate
from typing import Any, cast

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from trainscape.simulators.sectors.block import COLUMNS, Block, column_ranges, intervals
from trainscape.simulators.sectors.kernels import alike, run_group, tile_size
from trainscape.simulators.sectors.problem import SectorBlock

__all__ = ["SEGMENT_BYTES", "Scratch", "SpectralBlock"]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

SEGMENT_BYTES = 64 * 2**20
"""Memory for the intermediate vectors of one segment of layers of one block.

Changes no result beyond rounding.
"""
KEPT_BYTES = 2**20
"""Largest size of the initial states that a block keeps for its next call."""
DEGENERACY = 1e-9
"""Eigenvalues of the gate closer than this, relative to its norm, count as one."""
PADDING = 8
"""Groups of samples get zero columns until a row has a multiple of this many numbers.

Then BLAS treats every column alike on the CPUs that were tried.
"""


class Scratch:
    """Memory that is kept between calls.

    For small blocks, fresh memory from the system would cost more time than the arithmetic.
    """

    def __init__(self) -> None:
        self._memory = np.empty(0)

    def take(self, *shapes: tuple[int, ...]) -> list[Real]:
        """Return uninitialised arrays of the given shapes, which the next call overwrites."""
        ends = list(accumulate((math.prod(shape) for shape in shapes), initial=0))
        if len(self._memory) < ends[-1]:
            self._memory = np.empty(ends[-1])
        return [
            self._memory[a:b].reshape(shape)
            for a, b, shape in zip(ends, ends[1:], shapes, strict=False)
        ]


def _planar(matrix: NDArray[Any]) -> Real:
    """Return the real form of a matrix that acts on columns stored as (row, re/im, column).

    A real matrix acts on [re | im] as on twice as many columns, and stays as it is. A complex
    matrix becomes a real matrix of twice the order on interleaved rows.
    """
    if not np.iscomplexobj(matrix):
        return np.ascontiguousarray(matrix, dtype=np.float64)
    rows, columns = matrix.shape
    out = np.empty((rows, 2, columns, 2))
    out[:, 0, :, 0] = out[:, 1, :, 1] = matrix.real
    out[:, 0, :, 1] = -matrix.imag
    out[:, 1, :, 0] = matrix.imag
    return out.reshape(2 * rows, 2 * columns)


def _low_rank(gate: NDArray[Any]) -> tuple[float, Real, NDArray[Any]]:
    """Return ``a_0, delta, W`` with ``A = a_0 + W delta W^dagger`` and the smallest rank."""
    values, vectors = np.linalg.eigh(gate)
    scale = max(1e-300, float(np.abs(values).max()))
    starts = np.concatenate([[0], np.flatnonzero(np.diff(values) > DEGENERACY * scale) + 1])
    sizes = np.diff(np.concatenate([starts, [len(values)]]))
    means = np.add.reduceat(values, starts) / sizes
    largest = int(np.argmax(sizes))
    kept = np.repeat(np.arange(len(sizes)) != largest, sizes)
    return float(means[largest]), np.repeat(means - means[largest], sizes)[kept], vectors[:, kept]


def _dense(matrix: Any, kind: type) -> NDArray[Any]:
    return np.asarray(matrix.toarray() if sp.issparse(matrix) else matrix).astype(kind)


class SpectralBlock(Block):
    """A block by the eigenvectors of its Hamiltonian.

    Matrices called ``*_planar`` act on planar complex columns (see `_planar`).

    Parameters
    ----------
    block, weights
        As for `Block`.
    times
        Times for all evaluations, shape (p + 2,), or None.
    scratch
        Memory that the blocks of an engine share.
    """

    def __init__(
        self, block: SectorBlock, weights: Real, times: Real | None, scratch: Scratch
    ) -> None:
        super().__init__(block, weights)
        # One data type for the whole block, so that all planar matrices have the same form.
        kind = (
            np.complex128
            if any(
                np.issubdtype(m.dtype, np.complexfloating) for m in (block.hamiltonian, block.gate)
            )
            else np.float64
        )
        self.energies, self.basis = np.linalg.eigh(_dense(block.hamiltonian, kind))
        adjoint = self.basis.conj().T
        self.offset, self.delta, vectors = _low_rank(_dense(block.gate, kind))
        self.gate = adjoint @ vectors
        self.start = adjoint @ block.inputs
        self._start_planar = np.ascontiguousarray(
            np.stack([self.start.real, self.start.imag], axis=1)
        )
        self._basis_planar, self._gate_planar = _planar(self.basis), _planar(self.gate)
        self._basis_planar_t = np.ascontiguousarray(self._basis_planar.T)
        self._gate_planar_t = np.ascontiguousarray(self._gate_planar.T)
        self._scratch = scratch
        self._last: tuple[tuple[int, int, int], tuple[Real, Real, Real]] | None = None
        # Numbers in a row of the product: two for each column, or one if real and imaginary parts
        # are in different rows.
        doubles = 1 if kind is np.complex128 else 2
        self._step = PADDING // doubles
        # Samples share a product only if their bits do not depend on the other samples.
        self._batched = 2 * self.columns <= COLUMNS and all(
            alike(
                m,
                np.random.default_rng(0).standard_normal(m.shape[1]),
                PADDING,
                doubles * COLUMNS,
                tile_size(),
            )
            for m in (
                self._gate_planar,
                self._gate_planar_t,
                self._basis_planar,
                self._basis_planar_t,
            )
        )
        self._shared = None if times is None else self._phases(times[None])

    def _phases(self, times: Real) -> Real:
        """Return cosine and sine of the phases between gates, shape (S, p + 1, D, 2)."""
        angle = intervals(times)[:, :, None] * self.energies
        return np.stack([np.cos(angle), np.sin(angle)], axis=-1)

    def _rotation(self, times: Real | None) -> Complex:
        phases = self._phases(times)[0] if times is not None else cast(Real, self._shared)[0]
        return cast(Complex, phases[..., 0] + 1j * phases[..., 1])

    def run(
        self, theta: Real, direction: Real | None, times: Real | None, differentiate: bool
    ) -> tuple[Real, Real]:
        """See `Block.run`."""
        samples, layers = theta.shape
        halves = 1 if direction is None else 2
        losses = np.empty((samples, self.columns))
        derivative = np.zeros((samples, layers))
        for columns in column_ranges(self.columns):
            inputs = columns.stop - columns.start
            most = max(1, COLUMNS // (halves * inputs)) if self._batched else 1
            for first in range(0, samples, most):
                group = slice(first, min(first + most, samples))
                loss, part = self._run_group(
                    theta[group],
                    None if direction is None else direction[group],
                    cast(Real, self._shared) if times is None else self._phases(times[group]),
                    columns,
                    differentiate,
                )
                losses[group, columns] = loss
                derivative[group] += part
        return losses, derivative

    def _inputs(self, samples: int, columns: slice) -> tuple[Real, Real, Real]:
        """Return the start, the wrong outcomes and the weights of some inputs of a group.

        Those of the last call are kept if they are small: an optimiser asks for the same at each
        step, and copies them for longer than some blocks compute.
        """
        key = (samples, columns.start, columns.stop)
        if self._last is not None and self._last[0] == key:
            return self._last[1]
        used = samples * (columns.stop - columns.start)
        step = self._step if self._batched else 1
        start = np.zeros((self.order, 2, -(-used // step) * step))
        start[:, :, :used] = np.tile(self._start_planar[:, :, columns], samples)
        rejected = np.ascontiguousarray(self.rejected[:, columns])
        inputs = start, rejected, self.weights[columns]
        self._last = (key, inputs) if start.nbytes <= KEPT_BYTES else None
        return inputs

    def _run_group(
        self, theta: Real, direction: Real | None, phases: Real, columns: slice, differentiate: bool
    ) -> tuple[Real, Real]:
        samples, layers = theta.shape
        inputs = columns.stop - columns.start
        used = samples * inputs
        start, rejected, weights = self._inputs(samples, columns)
        width = start.shape[2]
        speeds = np.zeros((layers, width))
        if direction is not None:
            speeds[:, :used] = np.repeat(direction.T[::-1], inputs, axis=1)
        rank, held = len(self.delta), layers if differentiate else 1
        both = width if direction is None else 2 * width
        segment = max(1, min(held, SEGMENT_BYTES // (16 * max(1, rank) * both)))
        u, checkpoints = self._scratch.take(
            (segment, rank, 2, both), (max(1, -(-held // segment)), self.order, 2, both)
        )
        losses, derivative = np.empty((samples, inputs)), np.zeros((samples, layers))
        run_group(
            start,
            phases,
            self._gate_planar,
            self._gate_planar_t,
            self.delta,
            self._basis_planar,
            self._basis_planar_t,
            rejected,
            weights,
            np.ascontiguousarray(theta.T[::-1]),
            speeds,
            u,
            checkpoints,
            losses,
            derivative,
            differentiate,
            tile_size(),
        )
        return losses, derivative[:, ::-1]

    def states(self, theta: Real, times: Real | None, columns: slice) -> Complex:
        """See `Block.states`."""
        rotation = self._rotation(times)
        x = rotation[0][:, None] * self.start[:, columns]
        adjoint = self.gate.conj().T
        for s, angle in enumerate(theta[::-1]):
            factor = np.exp(1j * self.delta * angle) - 1
            x = rotation[s + 1][:, None] * (x + self.gate @ (factor[:, None] * (adjoint @ x)))
        return cast(Complex, np.exp(1j * self.offset * theta.sum()) * (self.basis @ x).T)

    @property
    def wide(self) -> int:
        """See `Block.wide`."""
        return int(max(COLUMNS, self.order))

    def tangents(self, theta: Real, times: Real | None, columns: slice) -> tuple[Complex, Complex]:
        """See `Block.tangents`."""
        psi = self.states(theta, times, columns)
        return psi, self._generated(theta, times, psi)

    def hessian(self, theta: Real, times: Real | None) -> Real:
        """See `Block.hessian`."""
        layers = len(theta)
        out = np.zeros((layers, layers))
        for columns in column_ranges(self.columns, self.wide):
            psi = self.states(theta, times, columns)
            rejected, weights = self.rejected[:, columns].T, self.weights[columns][:, None]
            both = self._generated(theta, times, np.concatenate([psi, rejected * psi]))
            k = np.ascontiguousarray(both[:, : len(psi)])
            l_flat = np.ascontiguousarray(both[:, len(psi) :]).reshape(layers, -1).view(np.float64)
            wrong = (k * (np.sqrt(weights) * rejected)).reshape(layers, -1).view(np.float64)
            # Factor 1 acts last, so that in the upper triangle the row does not act before the
            # column.
            cross = np.triu(l_flat @ (k * weights).reshape(layers, -1).view(np.float64).T)
            out += wrong @ wrong.T - cross - np.triu(cross, 1).T
        return 2.0 * out

    def _generated(self, theta: Real, times: Real | None, vectors: Complex) -> Complex:
        """Return ``S_k (A - a_0) S_k^dagger`` applied to the rows of `vectors`.

        The shape is (P, rows, D), with axis 0 in the order of `theta`. ``S`` is accumulated from
        the output backwards, as its transpose ``z``, so that the products with a real ``W`` are
        real.
        """
        rotation = self._rotation(times)
        real = not np.iscomplexobj(self.gate)
        transposed = np.ascontiguousarray(self.gate.T)
        conjugate = np.ascontiguousarray(self.gate.conj())
        out = np.empty((len(theta), *vectors.shape), dtype=np.complex128)
        columns = np.ascontiguousarray(vectors.T)
        z = np.ascontiguousarray(rotation[-1][:, None] * self.basis.T)
        for i, angle in enumerate(theta):
            s = len(theta) - 1 - i
            suffix = (
                (transposed @ z.view(np.float64)).view(np.complex128) if real else transposed @ z
            )
            inner = self.delta[:, None] * (suffix.conj() @ columns)
            out[i] = inner.T @ suffix
            changed = (np.exp(1j * self.delta * angle) - 1)[:, None] * suffix
            z = rotation[s][:, None] * (
                z
                + (
                    (conjugate @ changed.view(np.float64)).view(np.complex128)
                    if real
                    else conjugate @ changed
                )
            )
        return out
