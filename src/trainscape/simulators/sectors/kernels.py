"""Numba kernels of the sectors engine: one dense block, one group of columns.

A column is one input of one sample. Complex vectors are stored planar, ``x[row, re/im, column]``. A
real matrix acts on them reshaped to (rows, 2 columns); a complex matrix acts, as its real form on
interleaved rows, on them reshaped to (2 rows, columns). So one kernel with real matrix products
serves both, and a real matrix costs half.

With a direction ``v`` in parameter space, a second half of the columns holds the derivatives of all
columns along ``v``. The derivative of the layer ``x -> x + W f W^dagger x``, ``f = exp(i delta
theta) - 1``, is

    dx -> dx + W (f W^dagger dx + i delta v (1 + f) W^dagger x),

so that both halves take part in the same matrix products.

No number of a column depends on other columns here, except inside the matrix products, and there
only by the order of summation; see `alike`.
"""

from __future__ import annotations

from functools import cache

import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["alike", "run_group", "tile_size"]

Real = NDArray[np.float64]

SMALL = 64
"""Matrices of at most this many elements are multiplied by plain loops, faster than by BLAS."""


@nb.njit(cache=True, nogil=True)
def _multiply(a: Real, b: Real, out: Real, tile: int) -> None:
    """Set ``out = a @ b``, in pieces of at most `tile` multiplications unless that is zero.

    See `tile_size`.
    """
    rows, inner, columns = a.shape[0], a.shape[1], b.shape[1]
    if rows * inner > SMALL:
        # The pieces have equal numbers of rows: BLAS has another function for a single row, with
        # its own order of summation.
        pieces = 1 if tile == 0 else min(rows // 4 + 1, rows * inner * columns // tile + 1)
        for piece in range(pieces):
            first, last = rows * piece // pieces, rows * (piece + 1) // pieces
            np.dot(a[first:last], b, out[first:last])
        return
    for i in range(rows):
        for j in range(columns):
            out[i, j] = 0.0
        for k in range(inner):
            factor = a[i, k]
            for j in range(columns):
                out[i, j] += factor * b[k, j]


@nb.njit(cache=True, nogil=True)
def alike(matrix: Real, vector: Real, step: int, widest: int, tile: int) -> bool:
    """Return whether every column of a product ``matrix @ columns`` has the same bits.

    All columns equal `vector`, and products of all widths ``step, 2 step .. widest`` are compared.
    BLAS libraries choose their inner loops by the shape of the operands and by the position in a
    tile, never by the numbers, so that one vector stands for all.
    """
    rows, inner = matrix.shape
    expected = np.empty((rows, step))
    for width in range(step, widest + 1, step):
        columns = np.empty((inner, width))
        for k in range(inner):
            columns[k] = vector[k]
        product = np.empty((rows, width))
        _multiply(matrix, columns, product, tile)
        if width == step:
            expected[:] = product
        for i in range(rows):
            for j in range(width):
                if product[i, j] != expected[i, 0]:
                    return False
    return True


@cache
def tile_size() -> int:
    """Return how many multiplications one call of BLAS may do in `run_group`; 0 for any number.

    OpenBLAS has kernels for AVX-512 that copy nothing, and uses them up to a million
    multiplications. They are faster, by a third in this engine, and sum the products of long rows
    in another order. So the bits tell whether the library has them. If it has, all products are cut
    down to half that size, which also makes the bits independent of the width.
    """
    generator = np.random.default_rng(0)
    matrix, vector = generator.standard_normal((32, 1024)), generator.standard_normal(1024)
    return 0 if alike(matrix, vector, 8, 64, 0) else 500_000


@nb.njit(cache=True, nogil=True)
def _add_and_rotate(
    x: Real, y: Real, phases: Real, layer: int, sign: float, inputs: int, width: int
) -> None:
    """Set ``x = exp(+-i phi) (x + y)`` with ``phases[t, layer] = (cos phi, sin phi)``.

    The phases of a layer have shape (D, 2). There is one table for all samples, or one for each:
    then sample ``t`` has the columns from ``t inputs`` in every `width` columns. The padding is not
    rotated.
    """
    tables = phases.shape[0]
    halves = x.shape[2] // width
    for i in range(x.shape[0]):
        if tables == 1:
            cosine, sine = phases[0, layer, i, 0], sign * phases[0, layer, i, 1]
            for j in range(x.shape[2]):
                re = x[i, 0, j] + y[i, 0, j]
                im = x[i, 1, j] + y[i, 1, j]
                x[i, 0, j] = cosine * re - sine * im
                x[i, 1, j] = sine * re + cosine * im
        else:
            for half in range(halves):
                for t in range(tables):
                    cosine, sine = phases[t, layer, i, 0], sign * phases[t, layer, i, 1]
                    first = half * width + t * inputs
                    for j in range(first, first + inputs):
                        re = x[i, 0, j] + y[i, 0, j]
                        im = x[i, 1, j] + y[i, 1, j]
                        x[i, 0, j] = cosine * re - sine * im
                        x[i, 1, j] = sine * re + cosine * im


@nb.njit(cache=True, nogil=True)
def _factors(delta: float, theta: Real, sign: float, inputs: int, re: Real, im: Real) -> None:
    """Set ``re + i im = exp(+-i delta theta) - 1`` without cancellation, for each column."""
    for sample in range(len(theta)):
        half = 0.5 * delta * theta[sample]
        sine = np.sin(half)
        for j in range(sample * inputs, (sample + 1) * inputs):
            re[j] = -2.0 * sine * sine
            im[j] = sign * 2.0 * sine * np.cos(half)


@nb.njit(cache=True, nogil=True)
def _forward_layer(
    x: Real,
    u: Real,
    y: Real,
    gate: Real,
    gate_t: Real,
    delta: Real,
    theta: Real,
    direction: Real,
    inputs: int,
    width: int,
    small: Real,
    tile: int,
) -> None:
    """Set ``y`` to what one gate adds to ``x``, and ``u`` to ``W^dagger x`` before the gate."""
    rows, inner = gate.shape
    tangents = x.shape[2] > width
    re, im = np.zeros(width), np.zeros(width)
    _multiply(gate_t, x.reshape(rows, -1), u.reshape(inner, -1), tile)
    for a in range(len(delta)):
        if a == 0 or delta[a] != delta[a - 1]:
            _factors(delta[a], theta, 1.0, inputs, re, im)
        ur, ui, sr, si = u[a, 0], u[a, 1], small[a, 0], small[a, 1]
        for j in range(width):
            sr[j] = re[j] * ur[j] - im[j] * ui[j]
            si[j] = im[j] * ur[j] + re[j] * ui[j]
        if tangents:
            for j in range(width):
                speed = delta[a] * direction[j]
                k = width + j
                sr[k] = re[j] * ur[k] - im[j] * ui[k] - speed * (ui[j] + si[j])
                si[k] = im[j] * ur[k] + re[j] * ui[k] + speed * (ur[j] + sr[j])
    _multiply(gate, small.reshape(inner, -1), y.reshape(rows, -1), tile)


@nb.njit(cache=True, nogil=True)
def _backward_layer(
    x: Real,
    u: Real,
    w: Real,
    y: Real,
    gate: Real,
    gate_t: Real,
    delta: Real,
    theta: Real,
    direction: Real,
    inputs: int,
    width: int,
    total: Real,
    tile: int,
) -> None:
    """Set ``y`` to what the inverse of one gate adds to the costate ``x``.

    ``total`` is set to ``sum_a delta_a Im(conj(w_a) u_a)``, or its derivative, in each column.
    """
    rows, inner = gate.shape
    tangents = x.shape[2] > width
    re, im = np.zeros(width), np.zeros(width)
    _multiply(gate_t, x.reshape(rows, -1), w.reshape(inner, -1), tile)
    total[:] = 0.0
    for a in range(len(delta)):
        if a == 0 or delta[a] != delta[a - 1]:
            _factors(delta[a], theta, -1.0, inputs, re, im)
        wr, wi, ur, ui = w[a, 0], w[a, 1], u[a, 0], u[a, 1]
        if not tangents:
            for j in range(width):
                cr = re[j] * wr[j] - im[j] * wi[j]
                ci = im[j] * wr[j] + re[j] * wi[j]
                total[j] += delta[a] * ((wr[j] + cr) * ui[j] - (wi[j] + ci) * ur[j])
                wr[j] = cr
                wi[j] = ci
        else:
            for j in range(width):
                k = width + j
                speed = delta[a] * direction[j]
                cr = re[j] * wr[j] - im[j] * wi[j]
                ci = im[j] * wr[j] + re[j] * wi[j]
                before_r, before_i = wr[j] + cr, wi[j] + ci
                tr = re[j] * wr[k] - im[j] * wi[k] + speed * before_i
                ti = im[j] * wr[k] + re[j] * wi[k] - speed * before_r
                total[j] += delta[a] * (
                    ((wr[k] + tr) * ui[j] - (wi[k] + ti) * ur[j])
                    + (before_r * ui[k] - before_i * ur[k])
                )
                wr[j], wi[j], wr[k], wi[k] = cr, ci, tr, ti
    _multiply(gate, w.reshape(inner, -1), y.reshape(rows, -1), tile)


@nb.njit(cache=True, nogil=True)
def run_group(
    start: Real,
    phases: Real,
    gate: Real,
    gate_t: Real,
    delta: Real,
    basis: Real,
    basis_t: Real,
    rejected: Real,
    weights: Real,
    theta: Real,
    direction: Real,
    u: Real,
    checkpoints: Real,
    losses: Real,
    gradient: Real,
    differentiate: bool,
    tile: int,
) -> None:
    """Evaluate one group of samples of one block.

    It computes the losses, and the gradient of their weighted sum or, with tangents, its derivative
    along `direction`. There are ``k`` samples of ``c`` inputs. Gates are numbered in the order in
    which they act.

    Parameters
    ----------
    start
        Initial states in the eigenbasis, shape (D, 2, w), with zeros in columns from ``k c`` on.
    phases
        Shape (1 or k, p + 1, D, 2).
    gate, gate_t
        ``W`` and ``W^dagger`` as planar matrices.
    delta
        Eigenvalues of the gate, shape (r,).
    basis, basis_t
        Eigenvectors of the Hamiltonian and their adjoint, as planar matrices.
    rejected
        1.0 for wrong outcomes, else 0.0, shape (D, c).
    weights
        Shape (c,).
    theta
        Shape (p, k).
    direction
        Shape (p, w).
    u, checkpoints
        Work space of shapes (segment, r, 2, C) and (pieces, D, 2, C). Their lengths set how many
        layers are kept at a time (without derivative, length 1 is enough). ``C = 2 w`` asks for
        tangents, ``C = w`` for none.
    losses
        Output, shape (k, c).
    gradient
        Output, shape (k, p).
    differentiate
        Whether to compute `gradient`.
    tile
        From `tile_size`.
    """
    order, _, width = start.shape
    layers, samples = theta.shape
    inputs = rejected.shape[1]
    columns = u.shape[3]
    rank, size = len(delta), basis.shape[0]
    x = np.zeros((order, 2, columns))
    y = np.zeros((order, 2, columns))
    small = np.empty((rank, 2, columns))
    total = np.zeros(width)
    segment = u.shape[0]
    pieces = (layers + segment - 1) // segment

    x[:, :, :width] = start
    _add_and_rotate(x, y, phases, 0, 1.0, inputs, width)
    for s in range(layers):
        if differentiate and s % segment == 0:
            checkpoints[s // segment] = x
        if rank:
            _forward_layer(
                x,
                u[s % segment],
                y,
                gate,
                gate_t,
                delta,
                theta[s],
                direction[s],
                inputs,
                width,
                small,
                tile,
            )
        _add_and_rotate(x, y, phases, s + 1, 1.0, inputs, width)

    _multiply(basis, x.reshape(size, -1), y.reshape(size, -1), tile)
    losses[:] = 0.0
    for i in range(order):
        for sample in range(samples):
            for j in range(inputs):
                factor = rejected[i, j]
                column = sample * inputs + j
                losses[sample, j] += factor * (
                    y[i, 0, column] * y[i, 0, column] + y[i, 1, column] * y[i, 1, column]
                )
                factor *= weights[j]
                for k in range(column, columns, width):
                    y[i, 0, k] *= factor
                    y[i, 1, k] *= factor
    if not differentiate:
        return

    # From now on x is the costate.
    _multiply(basis_t, y.reshape(size, -1), x.reshape(size, -1), tile)
    y[:] = 0.0
    costate = x
    recomputed = np.empty((order, 2, columns))
    _add_and_rotate(costate, y, phases, layers, -1.0, inputs, width)
    for piece in range(pieces - 1, -1, -1):
        first = piece * segment
        last = min(first + segment, layers)
        if piece < pieces - 1:
            recomputed[:] = checkpoints[piece]
            for s in range(first, last):
                if rank:
                    _forward_layer(
                        recomputed,
                        u[s - first],
                        y,
                        gate,
                        gate_t,
                        delta,
                        theta[s],
                        direction[s],
                        inputs,
                        width,
                        small,
                        tile,
                    )
                _add_and_rotate(recomputed, y, phases, s + 1, 1.0, inputs, width)
        for s in range(last - 1, first - 1, -1):
            if rank:
                _backward_layer(
                    costate,
                    u[s - first],
                    small,
                    y,
                    gate,
                    gate_t,
                    delta,
                    theta[s],
                    direction[s],
                    inputs,
                    width,
                    total,
                    tile,
                )
            _add_and_rotate(costate, y, phases, s, -1.0, inputs, width)
            for sample in range(samples):
                part = 0.0
                for j in range(sample * inputs, (sample + 1) * inputs):
                    part += total[j]
                gradient[sample, s] = -2.0 * part
