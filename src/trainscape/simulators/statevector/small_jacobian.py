"""State Jacobians of small registers, with their work space.

Tangents are rows of a stack (`trainscape.simulators.statevector.row_jacobian_kernels`). A row
joins when the circuit reaches its parameter, and stays in the first-level cache while a layer acts
on it. At 6 to 12 qubits that takes a third to two thirds of the time of columns of a wide state
(`trainscape.simulators.statevector.jacobian_kernels`), which larger registers and evolutions use.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.statevector.program import Program
from trainscape.simulators.statevector.row_jacobian_kernels import run_row_jacobians
from trainscape.simulators.statevector.row_program import allocate, fits_rows, pack, row_program

__all__ = ["JacobianRows", "small"]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Int = NDArray[np.int64]

BLOCK = 2**13
"""Amplitudes of the rows that go through the circuit together, 128 kB."""

MIN_ROWS, MAX_ROWS = 16, 128


def small(program: Program) -> bool:
    """Return whether the tangents of a circuit are computed as rows."""
    return fits_rows(program)


class JacobianRows:
    """State Jacobians of one circuit.

    Parameters
    ----------
    program
        The circuit on the state alone, for which `small` is true.
    order, layers
        Its parameters in the order of their first layer, and that layer, shape (U,).
    num_parameters
        Number of parameters with the constant one.
    """

    def __init__(self, program: Program, order: Int, layers: Int, num_parameters: int) -> None:
        rows = row_program(program)
        fitting = max(MIN_ROWS, min(MAX_ROWS, BLOCK >> program.num_qubits))
        self.num_rows = max(2, min(len(order) + 1, fitting))
        self.order, self.layers = order, layers
        self._tables = pack(rows)
        self._space = allocate(rows, self.num_rows, num_parameters)

    def write(self, theta: Real, starts: Real, states: Complex, jacobians: Complex) -> None:
        """Write output states and their derivatives.

        Parameters
        ----------
        theta
            Shape (S, P), or with further constant parameters.
        starts
            Initial states, shape (M, 2 D), or (0, 2 D) for ``|0...0>``.
        states
            Output, shape (S, M D).
        jacobians
            Output, shape (S, P, M D), zeroed by the caller.
        """
        run_row_jacobians(
            *self._tables,
            *self._space,
            self.num_rows,
            theta,
            starts,
            self.order,
            self.layers,
            states,
            jacobians,
        )
