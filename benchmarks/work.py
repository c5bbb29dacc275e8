"""Floating-point operations and bytes of a computation, counted from what was compiled.

A count follows the kernels line by line: every multiplication and addition of a number counts as
one operation, a fused one as two, and an exchange of lanes as none. Bytes are those that a pass
over some data loads and stores, at the level of memory that holds the data: a state-vector sweep
within blocks of 512 amplitudes moves its bytes in the first-level cache, whatever the size of the
state. Nothing here is measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from trainscape.simulators.sectors.problem import SectorBlock
    from trainscape.simulators.statevector.engine import Statevector
    from trainscape.simulators.statevector.program import Program
    from trainscape.simulators.tensornet.contraction_paths import PathStatistics

__all__ = [
    "Traffic",
    "Work",
    "contraction_work",
    "gradient_work",
    "jacobian_work",
    "sector_work",
    "triangle_of_products",
]

COMPLEX = 16
"""Bytes of an amplitude."""

DEGENERACY = 1e-9
"""Eigenvalues of a gate closer than this, relative to the largest, count as one."""


@dataclass(frozen=True)
class Traffic:
    """Bytes that one evaluation moves to and from one set of data.

    Parameters
    ----------
    held
        Bytes of the data, which decide the level of memory.
    moved
        Bytes loaded and stored.
    """

    held: float
    moved: float


@dataclass(frozen=True)
class Work:
    """What one evaluation has to do.

    Parameters
    ----------
    flops
        Floating-point operations.
    traffic
        Bytes moved, one entry for each level of blocking. Levels work at the same time.
    """

    flops: float
    traffic: tuple[Traffic, ...]

    def plus(self, other: Work) -> Work:
        """Return the sum of two works that use the same data; the larger set counts."""
        if not self.traffic:
            return Work(self.flops + other.flops, other.traffic)
        first, *rest = self.traffic
        held = max([first.held, *(one.held for one in other.traffic)])
        moved = first.moved + sum(one.moved for one in other.traffic)
        return Work(self.flops + other.flops, (Traffic(held, moved), *rest))


def _sweeps(program: Program, layer: Any) -> list[Any]:
    from trainscape.simulators.statevector.program import END_OF_SWEEPS, FIRST_SWEEP

    return list(program.sweeps[layer[FIRST_SWEEP] : layer[END_OF_SWEEPS]])


def _rotation_flops(sweep: Any) -> float:
    """Return the operations of one sweep for each amplitude of one state."""
    from trainscape.simulators.statevector.program import LOW_TIER, NUM_GATES, PLAIN, TIER

    if sweep[TIER] == LOW_TIER:
        return 14.0  # three fused operations and one factor, for real and imaginary part
    return float(sweep[NUM_GATES]) * (6.0 if sweep[PLAIN] else 4.0)


def _derivative_flops(sweep: Any) -> float:
    """Return the operations of the derivatives of one sweep for each amplitude."""
    from trainscape.simulators.statevector.program import LOW_TIER, NUM_GATES, TIER

    return 12.0 if sweep[TIER] == LOW_TIER else 4.0 * float(sweep[NUM_GATES])


def gradient_work(program: Program, inputs: int = 1) -> Work:
    """Count one gradient of the state-vector engine: forward pass, observable, backward pass.

    Parameters
    ----------
    program
        The compiled circuit.
    inputs
        Number of initial states.

    Raises
    ------
    ValueError
        If the circuit has evolutions, or the observable is a projector on a vector: the first take
        a number of steps that depends on the angles.
    """
    from trainscape.simulators.statevector.program import (
        DIAGONAL,
        END_OF_STRINGS,
        END_OF_Z_STRINGS,
        FIRST_STRING,
        FIRST_Z_STRING,
        INNER_BITS,
        OUTER_BITS,
        OUTER_TIER,
        PERMUTATION,
        TIER,
        WHOLE_TIER,
    )

    if len(program.evolutions) or program.projector.size:
        raise ValueError(
            "operations are counted for circuits without evolutions and observables of Pauli "
            "strings"
        )
    n = program.num_qubits
    amplitudes = 2.0**n
    # The observable and the inner product, which also go over the whole state.
    flops = 2.0 + 10.0 * len(program.terms) + 4.0
    inner, outer, whole = 0.0, 0.0, 3.0 * COMPLEX + 3 * COMPLEX * len(program.terms)
    for layer in program.layers:
        sweeps = _sweeps(program, layer)
        flops += sum(3 * _rotation_flops(one) + _derivative_flops(one) for one in sweeps)
        # Forward one state, backward two: loaded and stored.
        passed = 3 * 2.0 * COMPLEX
        within = sum(one[TIER] < OUTER_TIER for one in sweeps)
        inner += passed * within
        outer += passed * (1 + sum(one[TIER] == OUTER_TIER for one in sweeps))
        whole += passed * (1 + sum(one[TIER] == WHOLE_TIER for one in sweeps))
        if layer[DIAGONAL] >= 0:
            flops += 14.0 + 25.0
            # The tables of phases and signs, and the sums over the high half of the index.
            inner += passed + 2 * 24.0 + 16.0
        if layer[PERMUTATION] >= 0:
            # Amplitudes are moved to work space and back, over the whole state.
            moved = 2 * passed
            inner += moved * (n <= INNER_BITS)
            outer += moved * (INNER_BITS < n <= OUTER_BITS)
            whole += moved * (n > OUTER_BITS)
        z_strings = int(layer[END_OF_Z_STRINGS] - layer[FIRST_Z_STRING])
        strings = int(layer[END_OF_STRINGS] - layer[FIRST_STRING])
        flops += z_strings * (3 * 7.0 + 6.0) + strings * (3 * 12.0 + 13.0)
        whole += (z_strings + strings) * (passed + 2 * COMPLEX)
    levels = [Traffic(2 * COMPLEX * 2.0 ** min(n, INNER_BITS), inner * amplitudes * inputs)]
    if n > INNER_BITS:
        held = 2 * COMPLEX * 2.0 ** min(n, OUTER_BITS)
        levels.append(Traffic(held, outer * amplitudes * inputs))
    if n > OUTER_BITS:
        levels.append(Traffic(2 * COMPLEX * amplitudes, whole * amplitudes * inputs))
    return Work(flops * amplitudes * inputs, tuple(levels))


def jacobian_work(engine: Statevector) -> Work:
    """Count one state Jacobian of a small register, after the first call of the engine.

    Every tangent takes part from the layer of its parameter on, and psi in every block of tangents.

    Raises
    ------
    ValueError
        If the engine does not keep tangents as rows for this circuit.
    """
    from trainscape.simulators.statevector.program import DIAGONAL, PERMUTATION
    from trainscape.simulators.statevector.row_kernels import CHUNK

    register = engine._whole_register()
    if register.rows is None:
        raise ValueError(
            "operations are counted for tangents that are rows: call `jacobian` first, on a small "
            "register and without evolutions"
        )
    program, firsts = register.narrow.program, register.layers
    amplitudes = 2.0**program.num_qubits
    block = register.rows.num_rows - 1
    starts = [int(firsts[k]) for k in range(0, len(firsts), block)]
    flops, moved = 0.0, 0.0
    for number, layer in enumerate(program.layers):
        rows = sum(int(first) <= number for first in firsts)
        rows += sum(first <= number for first in starts)
        sweeps = _sweeps(program, layer)
        diagonal = layer[DIAGONAL] >= 0
        flops += rows * (sum(map(_rotation_flops, sweeps)) + 6.0 * diagonal)
        moved += rows * (2 * COMPLEX * (len(sweeps) + diagonal) + COMPLEX * diagonal)
        moved += rows * 4 * COMPLEX * (layer[PERMUTATION] >= 0)
    # Each tangent is set to zero, gets a multiple of a Pauli string of psi, and is written once.
    flops += 4.0 * len(firsts)
    moved += (COMPLEX + 3 * COMPLEX + 2 * COMPLEX) * len(firsts)
    inputs = register.narrow.inputs
    held = max(8.0 * CHUNK, 2 * COMPLEX * amplitudes)
    return Work(flops * amplitudes * inputs, (Traffic(held, moved * amplitudes * inputs),))


def triangle_of_products(rows: int, columns: int) -> Work:
    """Count a centred real matrix times its transpose, of which one triangle is computed.

    The matrix of `rows` rows of `columns` numbers is first made orthogonal to two vectors.
    """
    flops = rows * (rows + 1.0) * columns + 8.0 * rows * columns
    moved = 8.0 * (4 * rows * columns + rows * rows)
    return Work(flops, (Traffic(8.0 * (rows * columns + rows * rows), moved),))


def sector_work(block: SectorBlock, layers: int) -> Work:
    """Count one gradient of a block of the sectors engine, in the eigenbasis.

    Parameters
    ----------
    block
        A real block of order D with M inputs.
    layers
        Number of gates. The gate has rank r without its most degenerate eigenvalue.
    """
    values = np.linalg.eigvalsh(np.asarray(block.gate))
    scale = max(1.0, float(np.abs(values).max()))
    groups = np.split(values, np.flatnonzero(np.diff(values) > DEGENERACY * scale) + 1)
    rank = float(len(values) - max(map(len, groups)))
    order, inputs = (float(size) for size in block.inputs.shape)
    product = 4.0 * rank * order * inputs  # r x D times D x 2 M
    small = rank * inputs
    # Forward and backward: two products each, the factors of r rows, and phases of all rows.
    flops = layers * (4 * product + 16.0 * small + 2 * 8.0 * order * inputs)
    # To the basis of outcomes, and back.
    flops += 2 * 4.0 * order**2 * inputs
    vector = COMPLEX * order * inputs
    moved = layers * 2 * (16.0 * rank * order + 5 * vector + 3 * COMPLEX * small)
    moved += 16.0 * order**2 + 4 * vector
    held = 16.0 * rank * order + 2 * vector + layers * COMPLEX * small
    return Work(flops, (Traffic(held, moved),))


def contraction_work(path: PathStatistics, *, gradient: bool) -> Work:
    """Count one value, or gradient, of a contraction.

    A complex multiplication with its addition takes 8 operations. The backward pass multiplies
    each adjoint with both operands of its step. Every entry is written once and read once, forward;
    and with its adjoint twice more, backward.
    """
    times = 3.0 if gradient else 1.0
    held = COMPLEX * path.entries * (2.0 if gradient else 1.0)
    moved = 2 * COMPLEX * path.entries * times * path.slices
    return Work(8.0 * times * 10.0**path.log10_flops, (Traffic(held, moved),))
