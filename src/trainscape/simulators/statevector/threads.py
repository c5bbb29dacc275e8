"""Value and gradient of a large state by several threads: a layer is applied in shares of the state, one after the other by layers.

The kernels are those of one thread, release the interpreter lock, and touch disjoint amplitudes; sums belong to shares, not to threads
(`trainscape.simulators.statevector.kernels`). Rotations and diagonal gates run in shares; what comes after them in a layer runs in one thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.statevector import kernels
from trainscape.simulators.statevector.tables import SHARES, Program, Scratch

__all__ = ["run_gradients", "run_values"]

Real = NDArray[np.float64]


class _Team:
    """Runs the layers of a program, each in shares."""

    def __init__(self, program: Program, scratch: Scratch, pool: ThreadPoolExecutor) -> None:
        self.program, self.scratch, self.pool = program, scratch, pool
        part = 2**program.num_qubits // SHARES
        self.shares = [(k, k * part, (k + 1) * part) for k in range(SHARES)]

    def together(self, calls: Iterable[Callable[[], None]]) -> None:
        """Make calls that touch different amplitudes, and wait for all."""
        for future in [self.pool.submit(call) for call in calls]:
            future.result()

    def wide_sweeps(self, layer: int) -> list[int]:
        """Return the sweeps of a layer that run over the whole state."""
        begin, end = self.program.layers[layer, :2]
        return [w for w in range(begin, end) if self.program.sweeps[w, 0] == 3]

    def apply(self, theta: Real, starts: Real, which: int, v: Real) -> None:
        """Apply the circuit to an initial state."""
        program, scratch = self.program, self.scratch
        kernels.begin_apply(program, theta, starts, which, v, scratch)
        for layer, row in enumerate(program.layers):
            kernels.ready(program, layer, theta, scratch, 1.0)
            for w in reversed(self.wide_sweeps(layer)):
                one = (
                    program.sweeps,
                    program.gates,
                    w,
                    scratch.coefficients[w - row[0]],
                    scratch.variants[w - row[0]],
                )
                self.together(
                    partial(kernels.sweep, *one, v, 0, low, high) for _, low, high in self.shares
                )
            self.together(
                partial(kernels.apply_blocks, program, layer, scratch, v, low, high)
                for _, low, high in self.shares
            )
            kernels.apply_after(program, layer, theta, v, scratch)

    def undo(self, theta: Real, p: Real, q: Real, gradient: Real) -> None:
        """Undo the circuit on psi = p and lambda = q and add its derivatives to `gradient`."""
        program, scratch = self.program, self.scratch
        for layer in reversed(range(len(program.layers))):
            kernels.undo_rest(program, layer, theta, p, q, scratch, gradient)
            kernels.begin_undo(program, layer, theta, p, q, scratch, gradient)
            self.together(
                partial(kernels.undo_blocks, program, layer, scratch, p, q, low, high, k)
                for k, low, high in self.shares
            )
            for w in self.wide_sweeps(layer):
                row = w - program.layers[layer, 0]
                one = (
                    program.sweeps,
                    program.gates,
                    w,
                    scratch.coefficients[row],
                    scratch.variants[row],
                )
                sums = scratch.sums[:, row]
                self.together(
                    partial(kernels.undo_sweep, *one, sums[k], p, q, 0, low, high)
                    for k, low, high in self.shares
                )
            kernels.end_undo(program, layer, scratch, gradient)


def run_values(
    program: Program,
    theta: Real,
    starts: Real,
    p: Real,
    q: Real,
    scratch: Scratch,
    values: Real,
    threads: int,
) -> None:
    """Do what `_statevector_kernels.run_values` does, to the same bits."""
    with ThreadPoolExecutor(threads) as pool:
        team = _Team(program, scratch, pool)
        values[:] = 0.0
        for sample, row in enumerate(theta):
            for which in range(max(1, len(starts))):
                team.apply(row, starts, which, p)
                values[sample] += kernels.expectation(program, p, q, scratch)
    values /= max(1, len(starts))


def run_gradients(
    program: Program,
    theta: Real,
    starts: Real,
    p: Real,
    q: Real,
    scratch: Scratch,
    values: Real,
    gradients: Real,
    threads: int,
) -> None:
    """Do what `_statevector_kernels.run_gradients` does, to the same bits."""
    with ThreadPoolExecutor(threads) as pool:
        team = _Team(program, scratch, pool)
        values[:], gradients[:] = 0.0, 0.0
        for sample, row in enumerate(theta):
            for which in range(max(1, len(starts))):
                team.apply(row, starts, which, p)
                values[sample] += kernels.expectation(program, p, q, scratch)
                team.undo(row, p, q, gradients[sample])
    values /= max(1, len(starts))
    gradients /= max(1, len(starts))
