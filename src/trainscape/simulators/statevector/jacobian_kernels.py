"""Numba kernels for tangents of states: the state Jacobian, the Hessian, and Hessian-vector products.

Tangents are columns of a wide state: to every basis-state index, m more bits are appended below the qubits, and the gates act on all 2**m columns
alike, with the kernels of `_statevector_kernels`. What a gate exp(-i s theta_j P / 2) adds to the tangent of its own parameter is

    T_j <- U T_j - (i s / 2) P U psi ,

here called the injection. Injections of gates that commute with everything between may be made at one place: those of the rotations of a layer
before it, those of its diagonal gates after it.

Jacobian. Column 0 is psi, the others are tangents of as many parameters; a block of columns starts at the layer of its first parameter.

Hessian, of a circuit whose gates all have their own parameters. With lambda_0 = U^dagger O psi and chi(theta') = U(theta') lambda_0 for this fixed lambda_0, so
that chi(theta) = O psi, the second derivative of psi with respect to gates j and then k satisfies ``<O psi|d_j d_k psi> = - <d_k chi|d_j psi>``: both sides are an
overlap at gate k. So

    H_jk = 2 Re <d_j psi| (O d_k psi - d_k chi)>    for j not after k,

from the Jacobians of two states. Derived here; checked against the other way and the dense engine.

Hessian-vector product, along a direction v (B. Pearlmutter, Neural Computation 6, 147 (1994), for the method): one extra bit. In p, column 0 is psi and
column 1 is d psi = sum_j v_j T_j; in q, column 1 is lambda and column 0 is d lambda. Going back, both tangents lose their injections, and the sum over
the columns of ``Im <q| P |p>`` is ``Im <d lambda| P |psi> + Im <lambda| P |d psi>``, the derivative of the gradient along v. A missing injection of a
gate that commutes with P changes nothing in this sum, so that the layers may be undone as they are for the gradient.
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.statevector.end_kernels import load_start, observe
from trainscape.simulators.statevector.evolution_kernels import (
    apply_evolution,
    inject_evolution,
    undo_evolution,
)
from trainscape.simulators.statevector.kernels import (
    apply_all,
    apply_body,
    apply_layers,
    begin_apply,
    undo_body,
    undo_layers,
)
from trainscape.simulators.statevector.string_kernels import (
    apply_string,
    inject_string,
    undo_string,
)
from trainscape.simulators.statevector.tables import Program, Scratch, fill_phases

__all__ = ["run_hessian_factors", "run_jacobians", "run_products"]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Int = NDArray[np.int64]

u64 = nb.uint64


@nb.njit(cache=True)
def _inject_rotation(
    v: Real, columns: int, source: int, target: int, bit: int, factor: float
) -> None:
    """Add -i factor Y of column `source` to column `target`."""
    half = u64(v.size) >> u64(1)
    w, step, one = u64(1) << u64(bit), u64(columns), u64(1)
    for part in range(2):
        base = half if part else u64(0)
        for start in range(base, base + half, w << one):
            for a in range(start, start + w, step):
                v[a + u64(target)] -= factor * v[a + w + u64(source)]
                v[a + w + u64(target)] += factor * v[a + u64(source)]


@nb.njit(cache=True)
def _inject_signs(
    program: Program,
    v: Real,
    columns: int,
    source: int,
    target: int,
    high: int,
    low: int,
    factor: float,
) -> None:
    """Add -i factor times the Z string with these sign rows, of column `source`, to column `target`."""
    half = u64(v.size) >> u64(1)
    mask = (u64(1) << u64(program.low_bits)) - u64(1)
    for i in range(u64(0), half, u64(columns)):
        t = factor * program.signs[high, i >> u64(program.low_bits)] * program.signs[low, i & mask]
        a, b = i + u64(source), i + u64(target)
        v[b] += t * v[half + a]
        v[half + b] -= t * v[a]


@nb.njit(cache=True)
def _inject_diagonal(
    program: Program,
    which: int,
    v: Real,
    columns: int,
    source: int,
    target: int,
    weights: Real,
    direction: float,
) -> None:
    """Make the injections of all entries of a diagonal, which go to the same column, at once."""
    half = u64(v.size) >> u64(1)
    width = u64(1) << u64(program.low_bits)
    angles = np.zeros((2, program.signs.shape[1]))
    for e in range(program.diagonals[which, 0], program.diagonals[which, 1]):
        side, row, parameter, _ = program.entries[e]
        if parameter >= 0:
            factor = -direction * program.coefficients[e] * weights[parameter]
            for j in range(u64(angles.shape[1])):
                angles[side, j] += factor * program.signs[row, j]
    for h in range(half >> u64(program.low_bits)):
        for j in range(u64(0), width, u64(columns)):
            t = angles[1, h] + angles[0, j]
            a, b = h * width + j + u64(source), h * width + j + u64(target)
            v[b] += t * v[half + a]
            v[half + b] -= t * v[a]


@nb.njit(cache=True)
def _inject_before(
    program: Program,
    layer: int,
    v: Real,
    columns: int,
    source: int,
    shift: int,
    column: Int,
    weights: Real,
    direction: float,
) -> None:
    """Make the injections of the rotations of a layer; the tangent of a parameter lies in ``column ^ shift`` (column 0: none)."""
    for w in range(program.layers[layer, 0], program.layers[layer, 1]):
        first = program.sweeps[w, 1]
        for g in range(first, first + program.sweeps[w, 2]):
            bit, parameter = program.gates[g]
            if parameter >= 0 and column[parameter] > 0:
                factor = 0.5 * direction * program.gate_angles[g, 0] * weights[parameter]
                _inject_rotation(v, columns, source, column[parameter] ^ shift, bit, factor)


@nb.njit(cache=True)
def _inject_after(
    program: Program,
    layer: int,
    v: Real,
    columns: int,
    source: int,
    shift: int,
    column: Int,
    weights: Real,
    direction: float,
    along: bool,
) -> None:
    """Make the injections of the diagonal gates of a layer; `along` says that all parameters have column 1."""
    which = program.layers[layer, 2]
    if which >= 0 and along:
        _inject_diagonal(program, which, v, columns, source, 1 ^ shift, weights, direction)
    elif which >= 0:
        for e in range(program.diagonals[which, 0], program.diagonals[which, 1]):
            half, row, parameter, _ = program.entries[e]
            if parameter >= 0 and column[parameter] > 0:
                factor = -direction * program.coefficients[e] * weights[parameter]
                high, low = (row, 0) if half else (0, row)
                _inject_signs(
                    program, v, columns, source, column[parameter] ^ shift, high, low, factor
                )
    for k in range(program.layers[layer, 3], program.layers[layer, 4]):
        high, low, parameter = program.strings[k]
        if column[parameter] > 0:
            factor = 0.5 * direction * program.scales[k] * weights[parameter]
            _inject_signs(program, v, columns, source, column[parameter] ^ shift, high, low, factor)


@nb.njit(cache=True)
def _forward(
    program: Program,
    layer: int,
    theta: Real,
    v: Real,
    scratch: Scratch,
    columns: int,
    column: Int,
    weights: Real,
    along: bool,
) -> None:
    """Apply one layer to psi in column 0 and to the tangents in the others."""
    _inject_before(program, layer, v, columns, 0, 0, column, weights, 1.0)
    apply_body(program, layer, theta, v, scratch)
    _inject_after(program, layer, v, columns, 0, 0, column, weights, 1.0, along)
    for k in range(program.layers[layer, 5], program.layers[layer, 6]):
        parameter = program.strings[k, 2]
        apply_string(program, k, theta, v)
        if column[parameter] > 0:
            inject_string(
                program,
                k,
                v,
                columns,
                0,
                column[parameter],
                0.5 * program.scales[k] * weights[parameter],
            )
    for k in range(program.layers[layer, 7], program.layers[layer, 8]):
        parameter = program.evolutions[k, 2]
        apply_evolution(program, k, theta, v, scratch)
        if column[parameter] > 0:
            inject_evolution(
                program,
                k,
                v,
                columns,
                0,
                column[parameter],
                program.times[k, 0] * weights[parameter],
            )


@nb.njit(cache=True)
def _load_column(p: Real, v: Real, size: int, columns: int) -> None:
    """Write a narrow state of `size` amplitudes to column 0 of a wide one, and zero to the others."""
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
    """Write columns 1, 2, ... of a wide state to the rows `block` of `target`, from column `offset` on."""
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
    """Set v to the output state and its tangents of the parameters `block`, from the state p before layer `first`."""
    column, weights = np.zeros(theta.size, dtype=np.int64), np.ones(theta.size)
    for position in range(block.size):
        column[block[position]] = position + 1
    _load_column(p, v, size, columns)
    for layer in range(first, wide.layers.shape[0]):
        _forward(wide, layer, theta, v, scratch, columns, column, weights, False)


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
        for which in range(inputs):
            begin_apply(narrow, angles, starts, which, p, scratch)
            done = 0
            for first in range(0, order.size, columns - 1):
                block = order[first : min(first + columns - 1, order.size)]
                apply_layers(narrow, done, layers[first], angles, p, scratch)
                done = layers[first]
                _tangents(wide, done, angles, p, v, wide_scratch, columns, block, size)
                _write_tangents(v, columns, block, jacobians[sample], which * size, size)


@nb.njit(cache=True)
def run_hessian_factors(
    narrow: Program,
    wide: Program,
    theta: Real,
    starts: Real,
    which: int,
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
    which
        Row of `starts`.
    p, q, v, w
        Work space: two narrow and two wide states.
    jacobian, image
        Output, shape (P, D) each, zeroed by the caller.
    """
    size = starts.shape[1] >> 1
    fill_phases(wide, theta, wide_scratch)
    apply_all(narrow, theta, starts, which, p, scratch)
    observe(narrow, p, q)
    undo_layers(narrow, theta, p, q, scratch, np.zeros(theta.size))
    load_start(starts, which, p)
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


@nb.njit(cache=True)
def _product(
    program: Program,
    theta: Real,
    starts: Real,
    which: int,
    weights: Real,
    p: Real,
    q: Real,
    scratch: Scratch,
    columns: int,
    product: Real,
) -> None:
    """Add the Hessian of one initial state times the direction `weights` to `product`; the phase tables must have been filled."""
    column = np.ones(theta.size, dtype=np.int64)
    load_start(starts, which, p)
    for layer in range(program.layers.shape[0]):
        _forward(program, layer, theta, p, scratch, columns, column, weights, True)
    observe(program, p, q)
    for i in range(0, q.size, columns):
        q[i], q[i + 1] = q[i + 1], q[i]
    for layer in range(program.layers.shape[0] - 1, -1, -1):
        for k in range(program.layers[layer, 8] - 1, program.layers[layer, 7] - 1, -1):
            factor = -program.times[k, 0] * weights[program.evolutions[k, 2]]
            undo_evolution(program, k, theta, p, q, scratch, product)
            inject_evolution(program, k, p, columns, 0, 1, factor)
            inject_evolution(program, k, q, columns, 1, 0, factor)
        for k in range(program.layers[layer, 6] - 1, program.layers[layer, 5] - 1, -1):
            factor = -0.5 * program.scales[k] * weights[program.strings[k, 2]]
            undo_string(program, k, theta, p, q, product)
            inject_string(program, k, p, columns, 0, 1, factor)
            inject_string(program, k, q, columns, 1, 0, factor)
        _inject_after(program, layer, p, columns, 0, 0, column, weights, -1.0, True)
        _inject_after(program, layer, q, columns, 1, 1, column, weights, -1.0, True)
        undo_body(program, layer, theta, p, q, scratch, product)
        _inject_before(program, layer, p, columns, 0, 0, column, weights, -1.0)
        _inject_before(program, layer, q, columns, 1, 1, column, weights, -1.0)


@nb.njit(cache=True)
def run_products(
    program: Program,
    theta: Real,
    starts: Real,
    directions: Real,
    p: Real,
    q: Real,
    scratch: Scratch,
    columns: int,
    products: Real,
) -> None:
    """Write the products of the Hessians with directions.

    Parameters
    ----------
    program
        The circuit with at least one idle bit; columns 0 and 1 are used.
    theta
        Shape (S, P).
    starts
        Initial states, shape (M, 2 D), or (0, 2 D) for |0...0>.
    directions
        Shape (S, R, P).
    p, q
        Work space: two wide states.
    scratch
        Work space of the program.
    columns
        Columns of the wide states.
    products
        Output, shape (S, R, P).
    """
    inputs = max(1, starts.shape[0])
    products[:, :, :] = 0.0
    for sample in range(theta.shape[0]):
        fill_phases(program, theta[sample], scratch)
        for r in range(directions.shape[1]):
            for which in range(inputs):
                _product(
                    program,
                    theta[sample],
                    starts,
                    which,
                    directions[sample, r],
                    p,
                    q,
                    scratch,
                    columns,
                    products[sample, r],
                )
    products /= inputs
