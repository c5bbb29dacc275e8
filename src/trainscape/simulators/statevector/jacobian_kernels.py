"""Numba kernels for the state Jacobian, and for the factors of the Hessian.

Jacobian: column 0 of a wide state is psi, the others are the tangents of as many parameters (see
`injection_kernels`). A block of columns starts at the layer of its first parameter.

Hessian, of a circuit in index every gate has its own parameter. With lambda_0 = U^dagger O psi, let
chi(theta') = U(theta') lambda_0 for this fixed lambda_0, so that chi(theta) = O psi. The second
derivative of psi by the parameters of gates j and then k satisfies

    <O psi|d_j d_k psi> = - <d_k chi|d_j psi> ,

because both sides are an overlap at gate k. So

    H_jk = 2 Re <d_j psi| (O d_k psi - d_k chi)>    for j not after k,

from the Jacobians of two states. Derived here; checked against `product_kernels` and the dense
engine.
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.statevector.end_kernels import load_start, observe
from trainscape.simulators.statevector.injection_kernels import apply_with_tangents
from trainscape.simulators.statevector.kernels import apply_all, begin_apply
from trainscape.simulators.statevector.layer_kernels import apply_layers, undo_layers
from trainscape.simulators.statevector.program import Program, Scratch
from trainscape.simulators.statevector.table_kernels import fill_phases

__all__ = ["run_hessian_factors", "run_jacobians"]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Int = NDArray[np.int64]

u64 = nb.uint64


@nb.njit(cache=True)
def _load_column(p: Real, v: Real, size: int, columns: int) -> None:
    """Write a narrow state of `size` amplitudes to column 0 of a wide one; others become zero."""
    half, wide_half = p.size >> 1, v.size >> 1
    stride = half // size
    v[:] = 0.0
    for i in range(size):
        v[i * columns] = p[i * stride]
        v[wide_half + i * columns] = p[half + i * stride]


@nb.njit(cache=True)
def _write_tangents(
    v: Real, columns: int, block: Int, target: Complex, offset: int, size: int
) -> None:
    """Write columns 1, 2, ... of a wide state to the rows `block` of `target`.

    The first entry of a row that is written is number `offset`.
    """
    half = v.size >> 1
    for i in range(size):
        for position in range(block.size):
            place = i * columns + position + 1
            target[block[position], offset + i] = complex(v[place], v[half + place])


@nb.njit(cache=True)
def _tangents(
    wide: Program,
    first: int,
    theta: Real,
    p: Real,
    v: Real,
    scratch: Scratch,
    columns: int,
    block: Int,
    size: int,
) -> None:
    """Set v to the output state and its tangents by the parameters `block`.

    p is the state before layer `first`.
    """
    column, weights = np.zeros(theta.size, dtype=np.int64), np.ones(theta.size)
    for position in range(block.size):
        column[block[position]] = position + 1
    _load_column(p, v, size, columns)
    for layer in range(first, wide.layers.shape[0]):
        apply_with_tangents(wide, layer, theta, v, scratch, columns, column, weights, False)


@nb.njit(cache=True)
def run_jacobians(
    narrow: Program,
    wide: Program,
    theta: Real,
    starts: Real,
    order: Int,
    layers: Int,
    p: Real,
    v: Real,
    scratch: Scratch,
    wide_scratch: Scratch,
    columns: int,
    jacobians: Complex,
) -> None:
    """Write the derivatives of the output states.

    Parameters
    ----------
    narrow, wide
        The circuit on the state alone (with idle bits, if it is tiny) and on `columns` columns.
    theta
        Shape (S, P).
    starts
        Initial states, shape (M, 2 D), or (0, 2 D) for |0...0>.
    order
        Parameters in the order of their first layer, shape (U,); the others have zero derivatives.
    layers
        First layer of each of them, shape (U,).
    p, v
        Work space: a narrow and a wide state.
    scratch, wide_scratch
        Work space of the two programs.
    columns
        Columns of the wide state.
    jacobians
        Output, shape (S, P, M D), zeroed by the caller.
    """
    size, inputs = starts.shape[1] >> 1, max(1, starts.shape[0])
    for sample in range(theta.shape[0]):
        angles = theta[sample]
        fill_phases(wide, angles, wide_scratch)
        for index in range(inputs):
            begin_apply(narrow, angles, starts, index, p, scratch)
            done = 0
            for first in range(0, order.size, columns - 1):
                block = order[first : min(first + columns - 1, order.size)]
                apply_layers(narrow, done, layers[first], angles, p, scratch)
                done = layers[first]
                _tangents(wide, done, angles, p, v, wide_scratch, columns, block, size)
                _write_tangents(v, columns, block, jacobians[sample], index * size, size)


@nb.njit(cache=True)
def run_hessian_factors(
    narrow: Program,
    wide: Program,
    theta: Real,
    starts: Real,
    index: int,
    order: Int,
    layers: Int,
    p: Real,
    q: Real,
    v: Real,
    w: Real,
    scratch: Scratch,
    wide_scratch: Scratch,
    columns: int,
    jacobian: Complex,
    image: Complex,
) -> None:
    """Write ``d_k psi`` and ``O d_k psi - d_k chi`` for one parameter vector and one initial state.

    Parameters
    ----------
    narrow, wide, starts, order, layers, scratch, wide_scratch, columns
        As for `run_jacobians`.
    theta
        Shape (P,).
    index
        Row of `starts` with the initial state.
    p, q, v, w
        Work space: two narrow and two wide states.
    jacobian, image
        Output, shape (P, D) each, zeroed by the caller.
    """
    size = starts.shape[1] >> 1
    fill_phases(wide, theta, wide_scratch)
    apply_all(narrow, theta, starts, index, p, scratch)
    observe(narrow, p, q)
    undo_layers(narrow, theta, p, q, scratch, np.zeros(theta.size))
    load_start(starts, index, p)
    done = 0
    for first in range(0, order.size, columns - 1):
        block = order[first : min(first + columns - 1, order.size)]
        apply_layers(narrow, done, layers[first], theta, p, scratch)
        apply_layers(narrow, done, layers[first], theta, q, scratch)
        done = layers[first]
        _tangents(wide, done, theta, p, v, wide_scratch, columns, block, size)
        _write_tangents(v, columns, block, jacobian, 0, size)
        observe(wide, v, w)
        _tangents(wide, done, theta, q, v, wide_scratch, columns, block, size)
        for i in range(u64(w.size)):
            w[i] -= v[i]
        _write_tangents(w, columns, block, image, 0, size)
