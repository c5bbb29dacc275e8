r"""A large sparse block of the sectors engine: exponentials by Chebyshev expansion.

For Hermitian ``M`` with spectrum in :math:`[m - R, m + R]`,

.. math:: e^{isM} = e^{ism} \sum_{k=0}^{K} (2 - \delta_{k0})\, i^k J_k(sR)\,
   T_k\big((M - m)/R\big) + \varepsilon, \qquad \|\varepsilon\| \le 2 \sum_{k>K} |J_k(sR)|,

because :math:`|T_k| \le 1` on the interval [1]_. ``K`` is the smallest number of terms for which
this bound is below `TOLERANCE`; its own tail is bounded by :math:`|J_k(z)| \le |z/2|^k / k!` [2]_.
So the result is exact up to rounding. No eigenvectors are needed; but unlike in an eigenbasis, the
cost grows with the times of the network, as ``|s| R``.

``R`` bounds the norm of ``M - m`` by the theorem of Collatz and Wielandt [3]_: the spectral radius
of a matrix with elements ``|M_ij|`` is at most :math:`\max_i (|M| v)_i / v_i` for every positive
``v``. With ``v = 1`` that is the bound of Gershgorin's circles; a few power iterations tighten it.

The gradient is taken by the adjoint method. No states are stored on the way forward: the evolution
is unitary, so that states are undone together with the costate. The Hessian-vector product is the
derivative of that algorithm along a direction ``v``: a gate acts on the derivative of a state by
:math:`e^{iA\theta} (\dot x + i v A x)`. Derivatives of the states (forward) and the Hessian follow
from all coordinate directions.

References
----------
.. [1] H. Tal-Ezer and R. Kosloff, An accurate and efficient scheme for propagating the time
   dependent Schrödinger equation, J. Chem. Phys. 81, 3967 (1984).
.. [2] NIST Digital Library of Mathematical Functions, https://dlmf.nist.gov/10.14, Eq. 10.14.4.
.. [3] R. A. Horn and C. R. Johnson, Matrix Analysis, 2nd ed., Cambridge University Press (2013),
   section 8.1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.special import gammaln, jv

from trainscape.simulators.sectors.block import COLUMNS, Block, column_ranges, intervals
from trainscape.simulators.sectors.chebyshev_kernels import (
    apply_function,
    apply_matrix,
    imaginary_overlap,
)
from trainscape.simulators.sectors.problem import SectorBlock

__all__ = ["TOLERANCE", "ChebyshevBlock", "SparseOperator", "degree"]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

TOLERANCE = 1e-14
"""Largest error of one exponential, in the operator norm and apart from rounding."""
POWER_ITERATIONS = 30
"""Steps that tighten the bound of the spectrum; each costs one product with a vector."""


def degree(z: float, tolerance: float = TOLERANCE) -> int:
    """Return the smallest ``K`` with ``2 sum_(k > K) |J_k(z)| <= tolerance``."""
    size = abs(z)
    if size == 0:
        return 0
    # Up to `last` the Bessel functions are summed. After it the terms (z/2)^k / k! fall faster
    # than a geometric series.
    last = np.arange(int(size) + 1, int(1.5 * size) + 80)
    bound = (
        np.log(2)
        + (last + 1) * np.log(size / 2)
        - gammaln(last + 2)
        - np.log1p(-size / (2 * last + 4))
    )
    end = int(last[int(np.argmax(bound < np.log(tolerance) - 7))])
    terms = 2 * np.abs(jv(np.arange(1, end + 1), size))
    # tails[K] is the sum over k > K.
    tails = np.append(np.cumsum(terms[::-1])[::-1], 0.0)
    return int(np.argmax(tails <= (1 - 1e-3) * tolerance))


class SparseOperator:
    """A sparse Hermitian matrix, scaled for the Chebyshev expansion.

    Parameters
    ----------
    matrix
        Hermitian, in any form of scipy.sparse or dense, shape (D, D).
    """

    def __init__(self, matrix: Any) -> None:
        matrix = sp.csr_matrix(matrix)
        order = matrix.shape[0]
        diagonal, radii = (
            matrix.diagonal().real,
            np.asarray(abs(matrix).sum(axis=1)).ravel() - np.abs(matrix.diagonal()),
        )
        self.centre = float((diagonal - radii).min() + (diagonal + radii).max()) / 2
        centred = (matrix - self.centre * sp.identity(order)).tocsr()
        centred.sum_duplicates()
        centred.eliminate_zeros()
        size = abs(centred)
        vector, bound = np.ones(order), np.inf
        for _ in range(POWER_ITERATIONS):
            # The share of the old vector keeps the new one positive.
            after = size @ vector
            bound = min(bound, float((after / vector).max()))
            vector = after + 0.1 * bound * vector
            vector /= max(1e-300, vector.max())
            vector = np.maximum(vector, 1e-100)
        # The bound itself has rounding errors: add ten units.
        self.radius = bound * (1 + 1e-14) if bound > 0 else 1.0
        self._indptr, self._indices = (
            centred.indptr.astype(np.int32),
            centred.indices.astype(np.int32),
        )
        self._re = np.ascontiguousarray(centred.data.real / self.radius, dtype=np.float64)
        imaginary = np.iscomplexobj(centred.data) and bool(np.any(centred.data.imag))
        self._im = (
            np.ascontiguousarray(centred.data.imag / self.radius) if imaginary else np.empty(0)
        )

    def coefficients(self, times: Real) -> Complex:
        """Return ``c_k`` with ``exp(i s M) = sum_k c_k T_k`` for several times ``s``.

        The shape is (K + 1, times). Each time has its own degree; the other coefficients are zero.
        """
        z = times * self.radius
        degrees = np.array([degree(float(value)) for value in z])
        k = np.arange(int(degrees.max(initial=0)) + 1)[:, None]
        powers = np.array([1, 1j, -1, -1j])[k % 4] * np.where(k % 2 == 1, np.sign(z), 1.0)
        out = (
            np.where(k == 0, 1.0, 2.0)
            * powers
            * jv(k, np.abs(z))
            * np.exp(1j * times * self.centre)
        )
        return cast(Complex, np.where(k <= degrees, out, 0.0))

    def product(self, x: Real, out: Real) -> None:
        """Set ``out = M x``."""
        apply_matrix(
            self._indptr, self._indices, self._re, self._im, self.radius, self.centre, x, out
        )

    def exponential(self, coefficients: Complex, x: Real, scratch: tuple[Real, Real]) -> None:
        """Replace ``x`` by ``sum_k c_k T_k x``; `coefficients` has shape (K + 1, columns of x)."""
        parts = np.ascontiguousarray(np.stack([coefficients.real, coefficients.imag], axis=1))
        apply_function(self._indptr, self._indices, self._re, self._im, parts, x, *scratch)


def _joined(parts: list[Real]) -> Real:
    """Join columns, given in parts of shape (D, 2, w), to one array of shape (D, 2 C)."""
    return np.ascontiguousarray(np.concatenate(parts, axis=2)).reshape(len(parts[0]), -1)


class ChebyshevBlock(Block):
    """A block by sparse matrices.

    Parameters
    ----------
    block, weights
        As for `Block`.
    times
        Times for all evaluations, shape (p + 2,), or None.
    """

    def __init__(self, block: SectorBlock, weights: Real, times: Real | None) -> None:
        super().__init__(block, weights)
        self._hamiltonian, self._gate = (
            SparseOperator(block.hamiltonian),
            SparseOperator(block.gate),
        )
        inputs = np.asarray(block.inputs)
        self._start = np.ascontiguousarray(
            np.stack([inputs.real, inputs.imag], axis=1), dtype=np.float64
        )
        self._shared = None if times is None else self._evolution(times[None])

    def _evolution(self, times: Real) -> list[Complex]:
        """Return the coefficients of the evolutions before, between and after the gates.

        They are in the order of action, each of shape (K + 1, S).
        """
        return [self._hamiltonian.coefficients(t) for t in intervals(times).T]

    def _forward(
        self, theta: Real, direction: Real | None, times: Real | None, columns: slice
    ) -> tuple[Real, Callable[[int], list[Complex]]]:
        """Return the output states, and the coefficients of all steps.

        Returns
        -------
        states : numpy.ndarray
            The states and, after them, their derivatives along `direction`, shape (D, 2, halves
            samples inputs).
        steps : callable
            Takes the number of a gate in the order of action. Returns the coefficients of that gate
            and of the evolution after it, one column for each column of states. Number -1 is the
            evolution before all gates.
        """
        samples, layers = theta.shape
        inputs = columns.stop - columns.start
        evolution = cast(list[Complex], self._shared) if times is None else self._evolution(times)
        turns = [self._gate.coefficients(angles) for angles in theta.T[::-1]]

        def steps(s: int) -> list[Complex]:
            both = [evolution[s + 1]] if s < 0 else [turns[s], evolution[s + 1]]
            return [np.repeat(np.broadcast_to(c, (len(c), samples)), inputs, axis=1) for c in both]

        start = np.tile(self._start[:, :, columns], samples)
        width = start.shape[2]
        halves = 1 if direction is None else 2
        x = _joined([start] + [np.zeros_like(start)] * (halves - 1))
        scratch = np.empty_like(x), np.empty_like(x)
        generated = scratch[0]
        self._hamiltonian.exponential(np.tile(steps(-1)[0], halves), x, scratch)
        for s in range(layers):
            if direction is not None:
                self._gate.product(x, generated)
                speed = np.repeat(direction[:, layers - 1 - s], inputs)
                _turn(
                    x.reshape(-1, 2, 2 * width)[:, :, width:],
                    generated.reshape(-1, 2, 2 * width)[:, :, :width],
                    speed,
                )
            for operator, c in zip((self._gate, self._hamiltonian), steps(s), strict=True):
                operator.exponential(np.tile(c, halves), x, scratch)
        return x.reshape(self.order, 2, halves * width), steps

    def run(
        self, theta: Real, direction: Real | None, times: Real | None, differentiate: bool
    ) -> tuple[Real, Real]:
        """See `Block.run`."""
        samples, layers = theta.shape
        losses = np.empty((samples, self.columns))
        derivative = np.zeros((samples, layers))
        lanes = (2 if differentiate else 1) * (1 if direction is None else 2)
        for columns in column_ranges(self.columns):
            inputs = columns.stop - columns.start
            most = max(1, COLUMNS // (lanes * inputs))
            for first in range(0, samples, most):
                group = slice(first, min(first + most, samples))
                x, steps = self._forward(
                    theta[group],
                    None if direction is None else direction[group],
                    None if times is None else times[group],
                    columns,
                )
                count = group.stop - group.start
                wrong = np.tile(self.rejected[:, columns], count)
                width = wrong.shape[1]
                # Row by row, so that the order of summation does not depend on the number of
                # columns.
                out = np.zeros(width)
                for row in wrong * (x[:, 0, :width] ** 2 + x[:, 1, :width] ** 2):
                    out += row
                losses[group, columns] = out.reshape(count, inputs)
                if differentiate:
                    wrong *= np.tile(self.weights[columns], count)
                    speeds = (
                        None if direction is None else np.repeat(direction[group].T, inputs, axis=1)
                    )
                    parts = self._backward(x, wrong, steps, speeds, layers).reshape(
                        layers, count, inputs
                    )
                    for j in range(inputs):
                        derivative[group] += parts[:, :, j].T
        return losses, derivative

    def _backward(
        self,
        x: Real,
        wrong: Real,
        steps: Callable[[int], list[Complex]],
        speeds: Real | None,
        layers: int,
    ) -> Real:
        """Return the contribution of each column to the gradient, or to its derivative.

        The shape is (P, columns), in the order of the network.
        """
        width, halves = wrong.shape[1], 1 if speeds is None else 2
        out = np.empty((layers, width))
        overlap = np.empty(width)
        both = _joined([x, x * np.tile(wrong, halves)[:, None]])
        scratch = np.empty_like(both), np.empty_like(both)
        generated = scratch[0]
        lanes = both.reshape(self.order, 2, 2 * halves, width)
        for s in range(layers - 1, -1, -1):
            turn, evolution = (np.tile(c.conj(), 2 * halves) for c in steps(s))
            self._hamiltonian.exponential(evolution, both, scratch)
            self._gate.exponential(turn, both, scratch)
            self._gate.product(both, generated)
            acted = generated.reshape(lanes.shape)
            # Lanes are state, derivative of the state, costate, derivative of the costate; without
            # a direction they are state and costate.
            pairs = ((1, 0),) if speeds is None else ((3, 0), (2, 1))
            row = layers - 1 - s
            out[row] = 0.0
            for costate, state in pairs:
                imaginary_overlap(_lane(lanes, costate), _lane(acted, state), overlap)
                out[row] -= 2.0 * overlap
            if speeds is not None:
                _turn(lanes[:, :, 1], acted[:, :, 0], -speeds[row])
                _turn(lanes[:, :, 3], acted[:, :, 2], -speeds[row])
        return out

    def states(self, theta: Real, times: Real | None, columns: slice) -> Complex:
        """See `Block.states`."""
        return self._rows(self._forward(theta[None], None, times, columns)[0])

    def tangents(self, theta: Real, times: Real | None, columns: slice) -> tuple[Complex, Complex]:
        """See `Block.tangents`."""
        inputs = columns.stop - columns.start
        layers = len(theta)
        psi = self.states(theta, times, columns)
        out = np.empty((layers, inputs, self.order), dtype=np.complex128)
        directions = np.eye(layers)
        for part in column_ranges(layers, max(1, COLUMNS // (2 * inputs))):
            count = part.stop - part.start
            x = self._forward(
                np.repeat(theta[None], count, axis=0),
                directions[part],
                None if times is None else np.repeat(times, count, axis=0),
                columns,
            )[0]
            out[part] = -1j * self._rows(x[:, :, count * inputs :]).reshape(
                count, inputs, self.order
            )
        return psi, out

    def hessian(self, theta: Real, times: Real | None) -> Real:
        """See `Block.hessian`."""
        layers = len(theta)
        repeated = None if times is None else np.repeat(times, layers, axis=0)
        rows = self.run(np.repeat(theta[None], layers, axis=0), np.eye(layers), repeated, True)[1]
        return (rows + rows.T) / 2

    @staticmethod
    def _rows(x: Real) -> Complex:
        return np.ascontiguousarray((x[:, 0] + 1j * x[:, 1]).T)


def _lane(lanes: Real, lane: int) -> Real:
    """Return one lane of columns as an array of shape (D, 2 w)."""
    return np.ascontiguousarray(lanes[:, :, lane]).reshape(len(lanes), -1)


def _turn(x: Real, y: Real, speed: Real) -> None:
    """Add ``i speed y`` to planar complex ``x`` of shape (D, 2, w)."""
    x[:, 0] -= speed * y[:, 1]
    x[:, 1] += speed * y[:, 0]
