"""Numba kernels for products of the Hessian with a direction v.

The method is that of B. Pearlmutter, Neural Computation 6, 147 (1994), with one idle bit. In the
state p, column 0 is psi and column 1 is d psi = sum_j v_j T_j; in q, column 1 is lambda and column
0 is d lambda. On the way back, the injections of both tangents are removed (see
`injection_kernels`). The sum over the columns of ``Im <q| P |p>`` is ``Im <d lambda| P |psi> + Im
<lambda| P |d psi>``, the derivative of the gradient along v. A missing injection of a gate that
commutes with P does not change this sum, so that the layers may be undone as for the gradient.
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.statevector.end_kernels import load_start, observe
from trainscape.simulators.statevector.evolution_kernels import inject_evolution, undo_evolution
from trainscape.simulators.statevector.injection_kernels import (
    apply_with_tangents,
    inject_after,
    inject_before,
)
from trainscape.simulators.statevector.layer_kernels import undo_body
from trainscape.simulators.statevector.permutation_kernels import undo_permutation
from trainscape.simulators.statevector.program import (
    END_OF_EVOLUTIONS,
    END_OF_STRINGS,
    EVOLUTION_PARAMETER,
    FIRST_EVOLUTION,
    FIRST_STRING,
    SCALE,
    STRING_PARAMETER,
    Program,
    Scratch,
)
from trainscape.simulators.statevector.string_kernels import inject_string, undo_string
from trainscape.simulators.statevector.table_kernels import fill_phases

__all__ = ["run_products"]

Real = NDArray[np.float64]


@nb.njit(cache=True)
def _product(
    program: Program,
    theta: Real,
    starts: Real,
    index: int,
    weights: Real,
    p: Real,
    q: Real,
    scratch: Scratch,
    columns: int,
    product: Real,
) -> None:
    """Add the Hessian for one initial state, times the direction `weights`, to `product`.

    The phase tables must have been filled before.
    """
    column = np.ones(theta.size, dtype=np.int64)
    load_start(starts, index, p)
    for layer in range(program.layers.shape[0]):
        apply_with_tangents(program, layer, theta, p, scratch, columns, column, weights, True)
    observe(program, p, q)
    for i in range(0, q.size, columns):
        q[i], q[i + 1] = q[i + 1], q[i]
    for layer in range(program.layers.shape[0] - 1, -1, -1):
        undo_permutation(program, layer, p, scratch)
        undo_permutation(program, layer, q, scratch)
        for k in range(
            program.layers[layer, END_OF_EVOLUTIONS] - 1,
            program.layers[layer, FIRST_EVOLUTION] - 1,
            -1,
        ):
            factor = -program.times[k, SCALE] * weights[program.evolutions[k, EVOLUTION_PARAMETER]]
            undo_evolution(program, k, theta, p, q, scratch, product)
            inject_evolution(program, k, p, columns, 0, 1, factor)
            inject_evolution(program, k, q, columns, 1, 0, factor)
        for k in range(
            program.layers[layer, END_OF_STRINGS] - 1, program.layers[layer, FIRST_STRING] - 1, -1
        ):
            factor = -0.5 * program.scales[k] * weights[program.strings[k, STRING_PARAMETER]]
            undo_string(program, k, theta, p, q, product)
            inject_string(program, k, p, columns, 0, 1, factor)
            inject_string(program, k, q, columns, 1, 0, factor)
        inject_after(program, layer, p, columns, 0, 0, column, weights, -1.0, True)
        inject_after(program, layer, q, columns, 1, 1, column, weights, -1.0, True)
        undo_body(program, layer, theta, p, q, scratch, product)
        inject_before(program, layer, p, columns, 0, 0, column, weights, -1.0)
        inject_before(program, layer, q, columns, 1, 1, column, weights, -1.0)


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
            for index in range(inputs):
                _product(
                    program,
                    theta[sample],
                    starts,
                    index,
                    directions[sample, r],
                    p,
                    q,
                    scratch,
                    columns,
                    products[sample, r],
                )
    products /= inputs
