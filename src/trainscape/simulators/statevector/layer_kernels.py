"""Numba kernels that apply the layers of a circuit, or undo them and take the derivatives."""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.statevector.body_kernels import (
    apply_rotations,
    collect,
    undo_rotations,
)
from trainscape.simulators.statevector.evolution_kernels import apply_evolution, undo_evolution
from trainscape.simulators.statevector.permutation_kernels import (
    apply_permutation,
    undo_permutation,
)
from trainscape.simulators.statevector.program import (
    END_OF_EVOLUTIONS,
    END_OF_STRINGS,
    END_OF_SWEEPS,
    END_OF_Z_STRINGS,
    FIRST_EVOLUTION,
    FIRST_STRING,
    FIRST_SWEEP,
    FIRST_Z_STRING,
    PERMUTATION,
    Program,
    Scratch,
)
from trainscape.simulators.statevector.string_kernels import (
    apply_string,
    apply_z_strings,
    undo_string,
    undo_z_strings,
)
from trainscape.simulators.statevector.table_kernels import prepare_sweeps

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
Int = NDArray[np.int64]


# Functions that take a program are inlined, or take all layers at once: see `body_kernels`.


@nb.njit(cache=True, inline="always")
def write_coefficients(
    program: Program, layer: int, theta: Real, scratch: Scratch, direction: float
) -> None:
    """Write the coefficients of the sweeps of a layer; direction -1.0 is for the inverse."""
    prepare_sweeps(
        program.sweeps,
        program.gates,
        program.gate_angles,
        program.layers[layer, FIRST_SWEEP],
        program.layers[layer, END_OF_SWEEPS],
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
    collect(
        program.layers,
        program.sweeps,
        program.gates,
        program.gate_angles,
        program.diagonals,
        program.entries,
        program.coefficients,
        program.low_bits,
        program.signs,
        scratch.coefficients,
        scratch.sums,
        scratch.over_low,
        scratch.over_high,
        scratch.lanes,
        layer,
        gradient,
    )


@nb.njit(cache=True, inline="always")
def apply_body(program: Program, layer: int, theta: Real, v: Real, scratch: Scratch) -> None:
    """Apply the rotations and the diagonal gates of a layer.

    The phase tables must have been filled before.
    """
    apply_rotations(
        program.layers,
        program.sweeps,
        program.gates,
        program.gate_angles,
        program.diagonals,
        program.low_bits,
        program.signs,
        program.flip_rows,
        scratch.coefficients,
        scratch.variants,
        scratch.phases_low,
        scratch.phases_high,
        layer,
        theta,
        v,
    )
    if program.layers[layer, FIRST_Z_STRING] < program.layers[layer, END_OF_Z_STRINGS]:
        apply_z_strings(program, layer, theta, v)


@nb.njit(cache=True, inline="always")
def undo_body(
    program: Program, layer: int, theta: Real, p: Real, q: Real, scratch: Scratch, gradient: Real
) -> None:
    """Undo the rotations and diagonal gates of a layer on psi = p and lambda = q.

    Their derivatives are added to `gradient`.
    """
    if program.layers[layer, FIRST_Z_STRING] < program.layers[layer, END_OF_Z_STRINGS]:
        undo_z_strings(program, layer, theta, p, q, scratch, gradient)
    undo_rotations(
        program.layers,
        program.sweeps,
        program.gates,
        program.gate_angles,
        program.diagonals,
        program.low_bits,
        program.signs,
        program.flip_rows,
        scratch.coefficients,
        scratch.variants,
        scratch.sums,
        scratch.phases_low,
        scratch.phases_high,
        scratch.over_low,
        scratch.over_high,
        scratch.lanes,
        layer,
        theta,
        p,
        q,
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


@nb.njit(cache=True, inline="always")
def _has_rest(layers: Int, layer: int) -> Any:
    """Return whether a layer has Pauli strings, evolutions, or a permutation."""
    return (
        layers[layer, FIRST_STRING] < layers[layer, END_OF_STRINGS]
        or layers[layer, FIRST_EVOLUTION] < layers[layer, END_OF_EVOLUTIONS]
        or layers[layer, PERMUTATION] >= 0
    )


@nb.njit(cache=True)
def apply_layers(
    program: Program, first: int, last: int, theta: Real, v: Real, scratch: Scratch
) -> None:
    """Apply the layers ``first <= layer < last``."""
    layers, sweeps, gates, gate_angles = (
        program.layers,
        program.sweeps,
        program.gates,
        program.gate_angles,
    )
    diagonals, signs, flip_rows = program.diagonals, program.signs, program.flip_rows
    coefficients, variants = scratch.coefficients, scratch.variants
    phases_low, phases_high = scratch.phases_low, scratch.phases_high
    for layer in range(first, last):
        apply_rotations(
            layers,
            sweeps,
            gates,
            gate_angles,
            diagonals,
            program.low_bits,
            signs,
            flip_rows,
            coefficients,
            variants,
            phases_low,
            phases_high,
            layer,
            theta,
            v,
        )
        if layers[layer, FIRST_Z_STRING] < layers[layer, END_OF_Z_STRINGS]:
            apply_z_strings(program, layer, theta, v)
        if _has_rest(layers, layer):
            _apply_rest(program, layer, theta, v, scratch)


@nb.njit(cache=True)
def undo_layers(
    program: Program, theta: Real, p: Real, q: Real, scratch: Scratch, gradient: Real
) -> None:
    """Undo the circuit on psi = p and lambda = q, and add its derivatives to `gradient`."""
    layers, sweeps, gates, gate_angles = (
        program.layers,
        program.sweeps,
        program.gates,
        program.gate_angles,
    )
    diagonals, signs, flip_rows = program.diagonals, program.signs, program.flip_rows
    entries, entry_coefficients = program.entries, program.coefficients
    coefficients, variants, sums = scratch.coefficients, scratch.variants, scratch.sums
    phases_low, phases_high = scratch.phases_low, scratch.phases_high
    over_low, over_high, lanes = scratch.over_low, scratch.over_high, scratch.lanes
    for layer in range(layers.shape[0] - 1, -1, -1):
        if _has_rest(layers, layer):
            undo_rest(program, layer, theta, p, q, scratch, gradient)
        if layers[layer, FIRST_Z_STRING] < layers[layer, END_OF_Z_STRINGS]:
            undo_z_strings(program, layer, theta, p, q, scratch, gradient)
        undo_rotations(
            layers,
            sweeps,
            gates,
            gate_angles,
            diagonals,
            program.low_bits,
            signs,
            flip_rows,
            coefficients,
            variants,
            sums,
            phases_low,
            phases_high,
            over_low,
            over_high,
            lanes,
            layer,
            theta,
            p,
            q,
        )
        collect(
            layers,
            sweeps,
            gates,
            gate_angles,
            diagonals,
            entries,
            entry_coefficients,
            program.low_bits,
            signs,
            coefficients,
            sums,
            over_low,
            over_high,
            lanes,
            layer,
            gradient,
        )
