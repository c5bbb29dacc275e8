"""Numba kernels that apply the layers of a circuit, or undo them and take the derivatives."""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.statevector.block_kernels import apply_blocks, undo_blocks
from trainscape.simulators.statevector.evolution_kernels import apply_evolution, undo_evolution
from trainscape.simulators.statevector.permutation_kernels import (
    apply_permutation,
    undo_permutation,
)
from trainscape.simulators.statevector.program import (
    DIAGONAL,
    END_OF_ENTRIES,
    END_OF_EVOLUTIONS,
    END_OF_STRINGS,
    END_OF_SWEEPS,
    END_OF_Z_STRINGS,
    FIRST_ENTRY,
    FIRST_EVOLUTION,
    FIRST_STRING,
    FIRST_SWEEP,
    FIRST_Z_STRING,
    TIER,
    WHOLE_TIER,
    Program,
    Scratch,
)
from trainscape.simulators.statevector.string_kernels import (
    apply_string,
    apply_z_strings,
    undo_string,
    undo_z_strings,
)
from trainscape.simulators.statevector.sweep_kernels import sweep, undo_sweep
from trainscape.simulators.statevector.table_kernels import (
    collect_diagonal,
    collect_sweeps,
    prepare_sweeps,
)

__all__ = [
    "apply_after",
    "apply_body",
    "apply_layers",
    "begin_undo",
    "end_undo",
    "undo_body",
    "undo_layers",
    "undo_rest",
    "write_coefficients",
]

Real = NDArray[np.float64]


# Functions that only call others are inlined: a call copies the descriptors of all arrays of a
# program, which takes noticeable time for small states.


@nb.njit(cache=True, inline="always")
def write_coefficients(
    program: Program, layer: int, theta: Real, scratch: Scratch, direction: float
) -> None:
    """Write the coefficients of the sweeps of a layer; direction -1.0 is for the inverse."""
    first, end = program.layers[layer, FIRST_SWEEP], program.layers[layer, END_OF_SWEEPS]
    prepare_sweeps(
        program.sweeps,
        program.gates,
        program.gate_angles,
        first,
        end,
        theta,
        scratch.coefficients,
        scratch.variants,
        direction,
    )


@nb.njit(cache=True, inline="always")
def begin_undo(
    program: Program, layer: int, theta: Real, p: Real, q: Real, scratch: Scratch, gradient: Real
) -> None:
    """Undo the Z strings of a layer, and prepare the work space to undo the rest of it."""
    if program.layers[layer, FIRST_Z_STRING] < program.layers[layer, END_OF_Z_STRINGS]:
        undo_z_strings(program, layer, theta, p, q, scratch, gradient)
    write_coefficients(program, layer, theta, scratch, -1.0)
    scratch.sums[:, :, :] = 0.0
    scratch.over_high[:, :] = 0.0


@nb.njit(cache=True, inline="always")
def end_undo(program: Program, layer: int, scratch: Scratch, gradient: Real) -> None:
    """Add the derivatives of the sweeps and of the diagonal of a layer to `gradient`."""
    first, end = program.layers[layer, FIRST_SWEEP], program.layers[layer, END_OF_SWEEPS]
    diagonal = program.layers[layer, DIAGONAL]
    collect_sweeps(
        program.sweeps,
        program.gates,
        program.gate_angles,
        first,
        end,
        scratch.coefficients,
        scratch.sums,
        gradient,
    )
    if diagonal >= 0:
        first_entry = program.diagonals[diagonal, FIRST_ENTRY]
        end_of_entries = program.diagonals[diagonal, END_OF_ENTRIES]
        low, high = 1 << program.low_bits, 1 << (program.num_qubits - program.low_bits)
        entries = program.entries[first_entry:end_of_entries]
        coefficients = program.coefficients[first_entry:end_of_entries]
        collect_diagonal(
            entries,
            coefficients,
            program.signs,
            low,
            high,
            scratch.over_low,
            scratch.over_high,
            scratch.lanes[0],
            gradient,
        )


@nb.njit(cache=True, inline="always")
def apply_body(program: Program, layer: int, theta: Real, v: Real, scratch: Scratch) -> None:
    """Apply the rotations and the diagonal gates of a layer.

    The phase tables must have been filled before.
    """
    first, end = program.layers[layer, FIRST_SWEEP], program.layers[layer, END_OF_SWEEPS]
    whole = 1 << program.num_qubits
    write_coefficients(program, layer, theta, scratch, 1.0)
    for w in range(end - 1, first - 1, -1):
        if program.sweeps[w, TIER] == WHOLE_TIER:
            sweep(
                program.sweeps,
                program.gates,
                w,
                scratch.coefficients[w - first],
                scratch.variants[w - first],
                v,
                0,
                0,
                whole,
            )
    apply_blocks(program, layer, scratch, v, 0, whole)
    if program.layers[layer, FIRST_Z_STRING] < program.layers[layer, END_OF_Z_STRINGS]:
        apply_z_strings(program, layer, theta, v)


@nb.njit(cache=True, inline="always")
def undo_body(
    program: Program, layer: int, theta: Real, p: Real, q: Real, scratch: Scratch, gradient: Real
) -> None:
    """Undo the rotations and diagonal gates of a layer on psi = p and lambda = q.

    Their derivatives are added to `gradient`.
    """
    first, end = program.layers[layer, FIRST_SWEEP], program.layers[layer, END_OF_SWEEPS]
    shares = scratch.sums.shape[0]
    part = (1 << program.num_qubits) // shares
    begin_undo(program, layer, theta, p, q, scratch, gradient)
    for share in range(shares):
        undo_blocks(program, layer, scratch, p, q, share * part, (share + 1) * part, share)
    for w in range(first, end):
        if program.sweeps[w, TIER] == WHOLE_TIER:
            row = w - first
            for share in range(shares):
                coefficients, variant, sums = (
                    scratch.coefficients[row],
                    scratch.variants[row],
                    scratch.sums[share, row],
                )
                undo_sweep(
                    program.sweeps,
                    program.gates,
                    w,
                    coefficients,
                    variant,
                    sums,
                    p,
                    q,
                    0,
                    share * part,
                    (share + 1) * part,
                )
    end_undo(program, layer, scratch, gradient)


@nb.njit(cache=True, inline="always")
def _apply_rest(program: Program, layer: int, theta: Real, v: Real, scratch: Scratch) -> None:
    """Apply the Pauli strings, the evolutions and the permutation of a layer."""
    for k in range(program.layers[layer, FIRST_STRING], program.layers[layer, END_OF_STRINGS]):
        apply_string(program, k, theta, v)
    for k in range(
        program.layers[layer, FIRST_EVOLUTION], program.layers[layer, END_OF_EVOLUTIONS]
    ):
        apply_evolution(program, k, theta, v, scratch)
    apply_permutation(program, layer, v, scratch)


@nb.njit(cache=True)
def apply_after(program: Program, layer: int, theta: Real, v: Real, scratch: Scratch) -> None:
    """Apply the gates that follow the diagonal of a layer."""
    apply_z_strings(program, layer, theta, v)
    _apply_rest(program, layer, theta, v, scratch)


@nb.njit(cache=True, inline="always")
def undo_rest(
    program: Program, layer: int, theta: Real, p: Real, q: Real, scratch: Scratch, gradient: Real
) -> None:
    """Undo the permutation, the evolutions and the Pauli strings of a layer on p and q.

    p is psi and q is lambda. Derivatives are added to `gradient`.
    """
    undo_permutation(program, layer, p, scratch)
    undo_permutation(program, layer, q, scratch)
    for k in range(
        program.layers[layer, END_OF_EVOLUTIONS] - 1, program.layers[layer, FIRST_EVOLUTION] - 1, -1
    ):
        undo_evolution(program, k, theta, p, q, scratch, gradient)
    for k in range(
        program.layers[layer, END_OF_STRINGS] - 1, program.layers[layer, FIRST_STRING] - 1, -1
    ):
        undo_string(program, k, theta, p, q, gradient)


@nb.njit(cache=True)
def apply_layers(
    program: Program, first: int, last: int, theta: Real, v: Real, scratch: Scratch
) -> None:
    """Apply the layers ``first <= layer < last``."""
    for layer in range(first, last):
        apply_body(program, layer, theta, v, scratch)
        _apply_rest(program, layer, theta, v, scratch)


@nb.njit(cache=True)
def undo_layers(
    program: Program, theta: Real, p: Real, q: Real, scratch: Scratch, gradient: Real
) -> None:
    """Undo the circuit on psi = p and lambda = q, and add its derivatives to `gradient`."""
    for layer in range(program.layers.shape[0] - 1, -1, -1):
        undo_rest(program, layer, theta, p, q, scratch, gradient)
        undo_body(program, layer, theta, p, q, scratch, gradient)
