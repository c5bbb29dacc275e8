"""Numba kernels for state Jacobians of small registers: tangents as rows of a stack.

Row 0 is psi, the others are its derivatives by as many parameters. A block of rows starts at the
layer of its first parameter, and a row takes part from the layer of its own parameter on: half of
the tangents of a shallow circuit are zero, and are not computed.
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.statevector.end_kernels import load_start
from trainscape.simulators.statevector.row_kernels import advance_rows, prepare_rows
from trainscape.simulators.statevector.row_program import arrange, unpack
from trainscape.simulators.statevector.row_vectors import write_complex
from trainscape.simulators.statevector.vectors import WIDTH

__all__ = ["run_row_jacobians"]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Int = NDArray[np.int64]

u64 = nb.uint64


@nb.njit(cache=True)
def _write_row(rows: Real, row: int, half: int, output: Complex, place: int, size: int) -> None:
    """Write the row that starts at entry `row` to `output`, from entry `place` on.

    The entries of the idle bits are left out.
    """
    columns = half // size
    if columns == 1:
        for j in range(u64(0), u64(half), u64(WIDTH)):
            write_complex(rows, u64(row) + j, u64(half), output, u64(place) + j)
        return
    for i in range(size):
        output[place + i] = complex(rows[row + i * columns], rows[row + half + i * columns])


@nb.njit(cache=True)
def run_row_jacobians(
    integers: Int,
    numbers: Real,
    space: Real,
    counts: Int,
    num_rows: int,
    theta: Real,
    starts: Real,
    order: Int,
    layers: Int,
    states: Complex,
    jacobians: Complex,
) -> None:
    """Write the output states and their derivatives.

    Parameters
    ----------
    integers, numbers
        The circuit, as `pack` writes it.
    space, counts
        Its work space, from `allocate`.
    num_rows
        Rows of the work space.
    theta
        Shape (S, P), or with further constant parameters.
    starts
        Initial states, shape (M, 2 D), or (0, 2 D) for |0...0>.
    order
        Parameters in the order of their first layer, shape (U,); the others have zero derivatives.
    layers
        First layer of each of them, shape (U,).
    states
        Output, shape (S, M D).
    jacobians
        Output, shape (S, P, M D); entries for parameters that are not in `order` are not written.
    """
    program = unpack(integers, numbers)
    scratch = arrange(program, space, counts, num_rows)
    inputs, half = max(1, starts.shape[0]), scratch.state.size >> 1
    width, num_parameters, length = states.shape[1], jacobians.shape[1], 2 * half
    size, depth, block = width // inputs, program.layers.shape[0], num_rows - 1
    psi, rows, row_of = scratch.state, scratch.rows, scratch.row_of
    flat, flat_states = jacobians.reshape(-1), states.reshape(-1)
    for sample in range(theta.shape[0]):
        angles = theta[sample]
        prepare_rows(program, angles, scratch, 1.0)
        for index in range(inputs):
            load_start(starts, index, psi)
            done, place = 0, index * size
            for first in range(0, order.size, block):
                end = min(first + block, order.size)
                for layer in range(done, layers[first]):
                    advance_rows(program, layer, angles, scratch, psi, False)
                done = layers[first]
                rows[:length] = psi
                active = first
                for layer in range(done, depth):
                    begin = active
                    while active < end and layers[active] <= layer:
                        row_of[order[active]] = active - first + 1
                        active += 1
                    reached = (active - first + 1) * length
                    rows[(begin - first + 1) * length : reached] = 0.0
                    advance_rows(program, layer, angles, scratch, rows[:reached], True)
                for k in range(first, end):
                    row_of[order[k]] = 0
                    target = (sample * num_parameters + order[k]) * width + place
                    _write_row(rows, (k - first + 1) * length, half, flat, target, size)
            # Row 0 of any block ends as the output state.
            if order.size == 0:
                for layer in range(depth):
                    advance_rows(program, layer, angles, scratch, psi, False)
                rows[:length] = psi
            _write_row(rows, 0, half, flat_states, sample * width + place, size)
