"""Numba kernels for the initial state, and for the observable applied to the final state."""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.statevector.program import Program
from trainscape.simulators.statevector.scalar_kernels import lane_signs, unit_of
from trainscape.simulators.statevector.string_vectors import add_string

__all__ = ["load_start", "observe"]

Real = NDArray[np.float64]

u64 = nb.uint64


@nb.njit(cache=True)
def load_start(starts: Real, index: int, v: Real) -> None:
    """Write an initial state to column 0 of v.

    Parameters
    ----------
    starts
        Initial states, shape (M, 2 D), or no rows for |0...0>.
    index
        Row of `starts`.
    v
        Wide or narrow state; its other columns become zero.
    """
    v[:] = 0.0
    if starts.shape[0] == 0:
        v[0] = 1.0
        return
    half, size = u64(v.size) >> u64(1), u64(starts.shape[1]) >> u64(1)
    columns = half // size
    for i in range(size):
        v[i * columns] = starts[index, i]
        v[half + i * columns] = starts[index, size + i]


@nb.njit(cache=True)
def _project(program: Program, p: Real, q: Real) -> None:
    """Set q = weight |phi><phi| p for a vector phi of some bits, for each setting of the others."""
    half = p.size >> 1
    chosen = program.projector_mask
    rest = (half - 1) & ~chosen
    base = 0
    for _ in range(half // program.projector.size):
        overlap = 0j
        # (place - mask) & mask is the next larger number that has bits of the mask only.
        place = 0
        for amplitude in program.projector:
            i = base | place
            overlap += amplitude.conjugate() * complex(p[i], p[half + i])
            place = (place - chosen) & chosen
        overlap *= program.projector_weight
        for amplitude in program.projector:
            i = base | place
            image = overlap * amplitude
            q[i], q[half + i] = image.real, image.imag
            place = (place - chosen) & chosen
        base = (base - rest) & rest


@nb.njit(cache=True)
def _add_string(x: int, z: int, weight: float, p: Real, q: Real) -> None:
    """Add a multiple of a Pauli string of p to q."""
    half, unit, lanes = p.size >> 1, unit_of(x, z), lane_signs(z)
    if unit.imag == 0.0:
        add_string(p, q, 0, 0, half, x, z, unit.real * weight, lanes)
        add_string(p, q, half, half, half, x, z, unit.real * weight, lanes)
    else:
        add_string(p, q, half, 0, half, x, z, -unit.imag * weight, lanes)
        add_string(p, q, 0, half, half, x, z, unit.imag * weight, lanes)


@nb.njit(cache=True)
def observe(program: Program, p: Real, q: Real) -> None:
    """Set q = O p."""
    if program.projector.size > 0:
        _project(program, p, q)
        return
    half = program.diagonal.size
    for i in range(u64(half)):
        q[i] = program.diagonal[i] * p[i]
        q[u64(half) + i] = program.diagonal[i] * p[u64(half) + i]
    for t in range(program.terms.shape[0]):
        _add_string(program.terms[t, 0], program.terms[t, 1], program.weights[t], p, q)
