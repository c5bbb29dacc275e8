"""Compiled inner loops of the sectors engine: one block, one parameter vector.

Complex vectors are stored planar, ``x[row, re/im, column]``. A real matrix acts on them reshaped to (rows, 2 columns); a complex matrix, as its real form on
interleaved rows, acts on them reshaped to (2 rows, columns). So one kernel with real matrix products serves both, and a real matrix costs half.
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["run_block"]

Real = NDArray[np.float64]


@nb.njit(cache=True, nogil=True)
def _multiply(a: Real, b: Real, out: Real) -> None:
    """Set ``out = a @ b``; plain loops where the call to BLAS would cost more than the product."""
    rows, inner, columns = a.shape[0], a.shape[1], b.shape[1]
    if rows * inner * columns > 500:
        np.dot(a, b, out)
        return
    for i in range(rows):
        for j in range(columns):
            out[i, j] = 0.0
        for k in range(inner):
            factor = a[i, k]
            for j in range(columns):
                out[i, j] += factor * b[k, j]


@nb.njit(cache=True, nogil=True)
def _add_and_rotate(x: Real, y: Real, phases: Real, sign: float) -> None:
    """Set ``x = exp(+-i phi) (x + y)`` for planar complex ``x, y`` of shape (D, 2, c) and ``phases = (cos phi, sin phi)`` of shape (D, 2)."""
    for i in range(x.shape[0]):
        cosine, sine = phases[i, 0], sign * phases[i, 1]
        for j in range(x.shape[2]):
            re = x[i, 0, j] + y[i, 0, j]
            im = x[i, 1, j] + y[i, 1, j]
            x[i, 0, j] = cosine * re - sine * im
            x[i, 1, j] = sine * re + cosine * im


@nb.njit(cache=True, nogil=True)
def _forward_layer(x: Real, u: Real, y: Real, gate: Real, gate_t: Real, delta: Real, theta: float, phases: Real, small: Real) -> None:
    """Apply one gate and the phases behind it to ``x``; leave ``W^dagger x`` of before the gate in ``u``."""
    rank, columns = u.shape[0], x.shape[2]
    if rank:
        rows, inner = gate.shape
        _multiply(gate_t, x.reshape(rows, -1), u.reshape(inner, -1))
        re = im = 0.0
        for a in range(rank):
            if a == 0 or delta[a] != delta[a - 1]:
                half = 0.5 * delta[a] * theta
                sine = np.sin(half)
                # exp(2 i half) - 1 without cancellation.
                re = -2.0 * sine * sine
                im = 2.0 * sine * np.cos(half)
            for j in range(columns):
                small[a, 0, j] = re * u[a, 0, j] - im * u[a, 1, j]
                small[a, 1, j] = im * u[a, 0, j] + re * u[a, 1, j]
        _multiply(gate, small.reshape(inner, -1), y.reshape(rows, -1))
    _add_and_rotate(x, y, phases, 1.0)


@nb.njit(cache=True, nogil=True)
def _backward_layer(x: Real, u: Real, w: Real, y: Real, gate: Real, gate_t: Real, delta: Real, theta: float, phases: Real) -> float:
    """Undo one gate, then the phases before it, on the costate ``x``; return ``sum_a delta_a Im(conj(w_a) u_a)``."""
    rank, columns = u.shape[0], x.shape[2]
    total = 0.0
    if rank:
        rows, inner = gate.shape
        _multiply(gate_t, x.reshape(rows, -1), w.reshape(inner, -1))
        re = im = 0.0
        for a in range(rank):
            if a == 0 or delta[a] != delta[a - 1]:
                half = 0.5 * delta[a] * theta
                sine = np.sin(half)
                re = -2.0 * sine * sine
                im = -2.0 * sine * np.cos(half)
            row = 0.0
            for j in range(columns):
                wr, wi = w[a, 0, j], w[a, 1, j]
                cr = re * wr - im * wi
                ci = im * wr + re * wi
                row += (wr + cr) * u[a, 1, j] - (wi + ci) * u[a, 0, j]
                w[a, 0, j] = cr
                w[a, 1, j] = ci
            total += delta[a] * row
        _multiply(gate, w.reshape(inner, -1), y.reshape(rows, -1))
    _add_and_rotate(x, y, phases, -1.0)
    return total


@nb.njit(cache=True, nogil=True)
def run_block(
    start: Real,
    phases: Real,
    gate: Real,
    gate_t: Real,
    delta: Real,
    basis: Real,
    basis_t: Real,
    rejected: Real,
    theta: Real,
    u: Real,
    checkpoints: Real,
    losses: Real,
    gradient: Real,
    differentiate: bool,
) -> None:
    """Evaluate one block at one parameter vector. Losses and gradient are sums, not means, over inputs.

    ``theta`` and ``gradient`` are in the order in which the gates act. ``u`` of shape (segment, r, 2, c) and ``checkpoints`` of shape
    (pieces, D, 2, c) are scratch space; their lengths say how many layers are kept at a time. With ``differentiate`` false, one of each will do.
    """
    order, _, columns = start.shape
    rank = len(delta)
    layers = len(theta)
    size = basis.shape[0]
    x = np.zeros((order, 2, columns))
    y = np.zeros((order, 2, columns))
    small = np.empty((rank, 2, columns))
    segment = u.shape[0]
    pieces = (layers + segment - 1) // segment

    _add_and_rotate(x, start, phases[0], 1.0)
    for s in range(layers):
        if differentiate and s % segment == 0:
            checkpoints[s // segment] = x
        _forward_layer(x, u[s % segment], y, gate, gate_t, delta, theta[s], phases[s + 1], small)

    _multiply(basis, x.reshape(size, -1), y.reshape(size, -1))
    for j in range(columns):
        losses[j] = 0.0
    for i in range(order):
        for j in range(columns):
            y[i, 0, j] *= rejected[i, j]
            y[i, 1, j] *= rejected[i, j]
            losses[j] += y[i, 0, j] * y[i, 0, j] + y[i, 1, j] * y[i, 1, j]
    if not differentiate:
        return

    costate = np.empty((order, 2, columns))
    _multiply(basis_t, y.reshape(size, -1), costate.reshape(size, -1))
    y[:] = 0.0
    _add_and_rotate(costate, y, phases[layers], -1.0)
    for piece in range(pieces - 1, -1, -1):
        first = piece * segment
        last = min(first + segment, layers)
        if piece < pieces - 1:
            x[:] = checkpoints[piece]
            for s in range(first, last):
                _forward_layer(x, u[s - first], y, gate, gate_t, delta, theta[s], phases[s + 1], small)
        for s in range(last - 1, first - 1, -1):
            gradient[s] = -2.0 * _backward_layer(costate, u[s - first], small, y, gate, gate_t, delta, theta[s], phases[s])
