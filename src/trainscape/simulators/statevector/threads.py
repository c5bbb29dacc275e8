"""Value and gradient of a large state with several threads.

A layer is applied in shares of the state. The kernels are those of one thread: they release the
interpreter lock, and work on disjoint amplitudes. Sums belong to shares, not to threads
(`trainscape.simulators.statevector.kernels`). Rotations and diagonal gates run in shares; the gates
after them in a layer run in one thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.statevector import kernels
from trainscape.simulators.statevector.block_kernels import apply_blocks, undo_blocks
from trainscape.simulators.statevector.layer_kernels import (
    apply_after,
    begin_undo,
    end_undo,
    undo_rest,
    write_coefficients,
)
from trainscape.simulators.statevector.program import (
    END_OF_SWEEPS,
    FIRST_SWEEP,
    SHARES,
    TIER,
    WHOLE_TIER,
    Program,
    Scratch,
)
from trainscape.simulators.statevector.sweep_kernels import sweep, undo_sweep

__all__ = ["run_gradients", "run_values"]

Real = NDArray[np.float64]
Int = NDArray[np.int64]


class _Team:
    """Runs the layers of a program in shares, with a pool of threads."""

    def __init__(self, program: Program, scratch: Scratch, pool: ThreadPoolExecutor) -> None:
        self.program, self.scratch, self.pool = program, scratch, pool
        part = 2**program.num_qubits // SHARES
        self.shares = [(k, k * part, (k + 1) * part) for k in range(SHARES)]

    def together(self, calls: Iterable[Callable[[], None]]) -> None:
        """Make calls that write to different amplitudes, and wait for all."""
        for future in [self.pool.submit(call) for call in calls]:
            future.result()

    def wide_sweeps(self, layer: int) -> list[int]:
        """Return the sweeps of a layer that run over the whole state."""
        begin = self.program.layers[layer, FIRST_SWEEP]
        end = self.program.layers[layer, END_OF_SWEEPS]
        return [w for w in range(begin, end) if self.program.sweeps[w, TIER] == WHOLE_TIER]

    def apply(self, theta: Real, starts: Real, index: int, v: Real) -> None:
        """Apply the circuit to an initial state."""
        program, scratch = self.program, self.scratch
        kernels.begin_apply(program, theta, starts, index, v, scratch)
        for layer in range(len(program.layers)):
            write_coefficients(program, layer, theta, scratch, 1.0)
            for w in reversed(self.wide_sweeps(layer)):
                rotations = self.rotations(layer, w)
                self.together(
                    partial(sweep, *rotations, v, 0, low, high) for _, low, high in self.shares
                )
            self.together(
                partial(apply_blocks, program, layer, scratch, v, low, high)
                for _, low, high in self.shares
            )
            apply_after(program, layer, theta, v, scratch)

    def rotations(self, layer: int, w: int) -> tuple[Int, Int, int, Real, int]:
        """Return the first arguments of `sweep` and `undo_sweep`."""
        row = w - self.program.layers[layer, FIRST_SWEEP]
        scratch = self.scratch
        return (
            self.program.sweeps,
            self.program.gates,
            w,
            scratch.coefficients[row],
            scratch.variants[row],
        )

    def undo(self, theta: Real, p: Real, q: Real, gradient: Real) -> None:
        """Undo the circuit on psi = p and lambda = q and add its derivatives to `gradient`."""
        program, scratch = self.program, self.scratch
        for layer in reversed(range(len(program.layers))):
            undo_rest(program, layer, theta, p, q, scratch, gradient)
            begin_undo(program, layer, theta, p, q, scratch, gradient)
            self.together(
                partial(undo_blocks, program, layer, scratch, p, q, low, high, k)
                for k, low, high in self.shares
            )
            for w in self.wide_sweeps(layer):
                rotations = self.rotations(layer, w)
                sums = scratch.sums[:, w - program.layers[layer, FIRST_SWEEP]]
                self.together(
                    partial(undo_sweep, *rotations, sums[k], p, q, 0, low, high)
                    for k, low, high in self.shares
                )
            end_undo(program, layer, scratch, gradient)


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
    """Do what `kernels.run_values` does, with the same bits."""
    with ThreadPoolExecutor(threads) as pool:
        team = _Team(program, scratch, pool)
        values[:] = 0.0
        for sample, row in enumerate(theta):
            for index in range(max(1, len(starts))):
                team.apply(row, starts, index, p)
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
    """Do what `kernels.run_gradients` does, with the same bits."""
    with ThreadPoolExecutor(threads) as pool:
        team = _Team(program, scratch, pool)
        values[:], gradients[:] = 0.0, 0.0
        for sample, row in enumerate(theta):
            for index in range(max(1, len(starts))):
                team.apply(row, starts, index, p)
                values[sample] += kernels.expectation(program, p, q, scratch)
                team.undo(row, p, q, gradients[sample])
    values /= max(1, len(starts))
    gradients /= max(1, len(starts))
