"""Numba kernels of the state-vector engine.

A state of n qubits is a float64 array of length ``2 N`` (``N = 2**n``): all real parts, then all imaginary parts. RY then acts on it as on a real
vector, and diagonal gates without shuffling lanes. A circuit is a list of layers, and a layer is, in this order: RY rotations of distinct qubits, one
diagonal, Z strings that span both halves of the index, other Pauli strings, evolutions. Rotations run in sweeps of up to three qubits, each of which loads and stores
every amplitude once. Sweeps have a tier: those on the lowest `INNER_BITS` bits run, with the diagonal, on one block of amplitudes after the other,
while the block is in the first cache; those below `OUTER_BITS` on larger blocks, for the second cache; the others on the whole state.

Rotations of a sweep are applied divided by their larger coefficient (see `_statevector_vectors`). The product of all that a layer divides out is multiplied
back by the sweep of the three lowest qubits.

Fast-math stays off, so that equal inputs give equal bits. States of `SHARED_BITS` bits or more are undone in `SHARES` shares with sums of their own, which are
added in a fixed order: threads (`trainscape.simulators.statevector.threads`) may take the shares at the same time, and change no bit.

Backward kernels take the state psi *after* a gate and the costate lambda = (later gates)^dagger O psi_final, undo the gate on both, and return
``Im <lambda| P |psi>``: the derivative of ``<O>`` with respect to the angle t of ``exp(-i t P / 2)`` (adjoint differentiation: T. Jones and
J. Gacon, arXiv 2009.02823). The rotations of a layer commute, so that each derivative may be taken before or after the others are undone.
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.statevector.end_kernels import load_start, observe
from trainscape.simulators.statevector.evolution_kernels import apply_evolution, undo_evolution
from trainscape.simulators.statevector.string_kernels import (
    apply_string,
    apply_z_strings,
    undo_string,
    undo_z_strings,
)
from trainscape.simulators.statevector.tables import (
    INNER_BITS,
    OUTER_BITS,
    Program,
    Scratch,
    collect_diagonal,
    collect_sweeps,
    dot,
    fill_phases,
    prepare_sweeps,
    total_of,
)
from trainscape.simulators.statevector.vectors import (
    WIDTH,
    phase,
    rotate_1,
    rotate_2,
    rotate_3,
    rotate_low,
    undo_1,
    undo_2,
    undo_3,
    undo_low,
    undo_phase,
)

__all__ = [
    "apply_after",
    "apply_all",
    "apply_blocks",
    "apply_body",
    "apply_layers",
    "begin_apply",
    "begin_undo",
    "end_undo",
    "expectation",
    "ready",
    "run_gradients",
    "run_states",
    "run_values",
    "sweep",
    "undo_blocks",
    "undo_body",
    "undo_layers",
    "undo_rest",
    "undo_sweep",
]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Int = NDArray[np.int64]

u64 = nb.uint64


@nb.njit(cache=True)
def _spread(k: int, bit: int) -> int:
    """Insert a zero at position `bit`."""
    return ((k >> u64(bit)) << u64(bit + 1)) | (k & ((u64(1) << u64(bit)) - u64(1)))


@nb.njit(cache=True, nogil=True)
def sweep(
    sweeps: Int,
    gates: Int,
    w: int,
    coefficients: Real,
    variant: int,
    v: Real,
    start: int,
    low: int,
    high: int,
) -> None:
    """Rotate the qubits of sweep w in the block from `start`: the groups of amplitudes that make up the part from `low` to `high` of its size."""
    first, count = sweeps[w, 1], sweeps[w, 2]
    half = u64(v.size) >> u64(1)
    step = u64(WIDTH)
    for part in range(2):
        base = u64(start) + (half if part else u64(0))
        if sweeps[w, 0] == 0:
            for i in range(base + u64(low), base + u64(high), u64(4) * step):
                rotate_low(v, i, coefficients, variant)
        elif count == 3:
            b0, b1, b2 = gates[first, 0], gates[first + 1, 0], gates[first + 2, 0]
            w0, w1, w2 = u64(1) << u64(b0), u64(1) << u64(b1), u64(1) << u64(b2)
            for k in range(u64(low) >> u64(3), u64(high) >> u64(3), step):
                rotate_3(
                    v,
                    base + _spread(_spread(_spread(k, b0), b1), b2),
                    w0,
                    w1,
                    w2,
                    coefficients,
                    variant,
                )
        elif count == 2:
            b0, b1 = gates[first, 0], gates[first + 1, 0]
            w0, w1 = u64(1) << u64(b0), u64(1) << u64(b1)
            for k in range(u64(low) >> u64(2), u64(high) >> u64(2), step):
                rotate_2(v, base + _spread(_spread(k, b0), b1), w0, w1, coefficients, variant)
        else:
            b0 = gates[first, 0]
            for k in range(u64(low) >> u64(1), u64(high) >> u64(1), step):
                rotate_1(v, base + _spread(k, b0), u64(1) << u64(b0), coefficients, variant)


@nb.njit(cache=True, nogil=True)
def undo_sweep(
    sweeps: Int,
    gates: Int,
    w: int,
    coefficients: Real,
    variant: int,
    sums: Real,
    p: Real,
    q: Real,
    start: int,
    low: int,
    high: int,
) -> None:
    """Undo sweep w on such a part of psi = p and lambda = q and add its derivatives to `sums`."""
    first, count = sweeps[w, 1], sweeps[w, 2]
    half = u64(p.size) >> u64(1)
    step = u64(WIDTH)
    for part in range(2):
        base = u64(start) + (half if part else u64(0))
        if sweeps[w, 0] == 0:
            for i in range(base + u64(low), base + u64(high), u64(4) * step):
                undo_low(p, q, i, coefficients, variant, sums)
        elif count == 3:
            b0, b1, b2 = gates[first, 0], gates[first + 1, 0], gates[first + 2, 0]
            w0, w1, w2 = u64(1) << u64(b0), u64(1) << u64(b1), u64(1) << u64(b2)
            for k in range(u64(low) >> u64(3), u64(high) >> u64(3), step):
                undo_3(
                    p,
                    q,
                    base + _spread(_spread(_spread(k, b0), b1), b2),
                    w0,
                    w1,
                    w2,
                    coefficients,
                    variant,
                    sums,
                )
        elif count == 2:
            b0, b1 = gates[first, 0], gates[first + 1, 0]
            w0, w1 = u64(1) << u64(b0), u64(1) << u64(b1)
            for k in range(u64(low) >> u64(2), u64(high) >> u64(2), step):
                undo_2(
                    p, q, base + _spread(_spread(k, b0), b1), w0, w1, coefficients, variant, sums
                )
        else:
            b0 = gates[first, 0]
            for k in range(u64(low) >> u64(1), u64(high) >> u64(1), step):
                undo_1(p, q, base + _spread(k, b0), u64(1) << u64(b0), coefficients, variant, sums)


@nb.njit(cache=True)
def _diagonal(
    low_bits: int, signs: Real, rows: Int, low: Real, high: Real, v: Real, start: int, size: int
) -> None:
    """Apply a diagonal with these phases and sign rows to the block of `size` amplitudes from `start`."""
    half = u64(v.size) >> u64(1)
    width = u64(1) << u64(low_bits)
    for o in range(u64(start), u64(start) + u64(size), width):
        h = o >> u64(low_bits)
        flips = signs[rows[h]]
        for j in range(u64(0), width, u64(WIDTH)):
            phase(v, o + j, half, high[0, h], high[1, h], low[0], low[1], flips, j)


@nb.njit(cache=True)
def _undo_diagonal(
    low_bits: int,
    signs: Real,
    rows: Int,
    low: Real,
    high: Real,
    over_high: Real,
    over_low: Real,
    lanes: Real,
    p: Real,
    q: Real,
    start: int,
    size: int,
) -> None:
    """Undo a diagonal on a block of psi and lambda; sum w(x) = Im(conj(lambda_x) psi_x) over the high half of the index and over the low half."""
    half = u64(p.size) >> u64(1)
    width = u64(1) << u64(low_bits)
    for o in range(u64(start), u64(start) + u64(size), width):
        h = o >> u64(low_bits)
        flips = signs[rows[h]]
        lanes[:WIDTH] = 0.0
        for j in range(u64(0), width, u64(2 * WIDTH)):
            undo_phase(
                p,
                q,
                o + j,
                half,
                high[0, h],
                high[1, h],
                low[0],
                low[1],
                flips,
                j,
                over_high,
                lanes,
            )
        over_low[h] = total_of(lanes)


@nb.njit(cache=True, nogil=True)
def apply_blocks(
    program: Program, layer: int, scratch: Scratch, v: Real, low: int, high: int
) -> None:
    """Apply the sweeps of a layer that stay within a block, and its diagonal, to the blocks between two amplitudes."""
    begin, end, which = program.layers[layer, :3]
    outer, inner = (
        1 << min(program.num_qubits, OUTER_BITS),
        1 << min(program.num_qubits, INNER_BITS),
    )
    sweeps, gates, coefficients, variants = (
        program.sweeps,
        program.gates,
        scratch.coefficients,
        scratch.variants,
    )
    for block in range(low, high, outer):
        for w in range(end - 1, begin - 1, -1):
            if sweeps[w, 0] == 2:
                sweep(
                    sweeps,
                    gates,
                    w,
                    coefficients[w - begin],
                    variants[w - begin],
                    v,
                    block,
                    0,
                    outer,
                )
        for start in range(block, block + outer, inner):
            for w in range(end - 1, begin - 1, -1):
                if sweeps[w, 0] < 2:
                    sweep(
                        sweeps,
                        gates,
                        w,
                        coefficients[w - begin],
                        variants[w - begin],
                        v,
                        start,
                        0,
                        inner,
                    )
            if which >= 0:
                rows = program.flip_rows[program.diagonals[which, 2]]
                _diagonal(
                    program.low_bits,
                    program.signs,
                    rows,
                    scratch.phases_low[which],
                    scratch.phases_high[which],
                    v,
                    start,
                    inner,
                )


@nb.njit(cache=True, nogil=True)
def undo_blocks(
    program: Program,
    layer: int,
    scratch: Scratch,
    p: Real,
    q: Real,
    low: int,
    high: int,
    share: int,
) -> None:
    """Undo what `apply_blocks` does on psi = p and lambda = q; the derivatives are added to the sums of one share."""
    begin, end, which = program.layers[layer, :3]
    outer, inner = (
        1 << min(program.num_qubits, OUTER_BITS),
        1 << min(program.num_qubits, INNER_BITS),
    )
    sweeps, gates, coefficients, variants, sums = (
        program.sweeps,
        program.gates,
        scratch.coefficients,
        scratch.variants,
        scratch.sums[share],
    )
    for block in range(low, high, outer):
        for start in range(block, block + outer, inner):
            if which >= 0:
                _undo_diagonal(
                    program.low_bits,
                    program.signs,
                    program.flip_rows[program.diagonals[which, 2]],
                    scratch.phases_low[which],
                    scratch.phases_high[which],
                    scratch.over_high[share],
                    scratch.over_low,
                    scratch.lanes[share],
                    p,
                    q,
                    start,
                    inner,
                )
            for w in range(begin, end):
                if sweeps[w, 0] < 2:
                    undo_sweep(
                        sweeps,
                        gates,
                        w,
                        coefficients[w - begin],
                        variants[w - begin],
                        sums[w - begin],
                        p,
                        q,
                        start,
                        0,
                        inner,
                    )
        for w in range(begin, end):
            if sweeps[w, 0] == 2:
                undo_sweep(
                    sweeps,
                    gates,
                    w,
                    coefficients[w - begin],
                    variants[w - begin],
                    sums[w - begin],
                    p,
                    q,
                    block,
                    0,
                    outer,
                )


# The functions that only call others are inlined: a call copies the descriptors of all arrays of a program, which small states would notice.


@nb.njit(cache=True, inline="always")
def ready(program: Program, layer: int, theta: Real, scratch: Scratch, direction: float) -> None:
    """Write the coefficients of the sweeps of a layer."""
    begin, end = program.layers[layer, 0], program.layers[layer, 1]
    prepare_sweeps(
        program.sweeps,
        program.gates,
        program.gate_angles,
        begin,
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
    """Undo the Z strings of a layer, and get ready to undo the rest of it."""
    if program.layers[layer, 3] < program.layers[layer, 4]:
        undo_z_strings(program, layer, theta, p, q, scratch, gradient)
    ready(program, layer, theta, scratch, -1.0)
    scratch.sums[:, :, :] = 0.0
    scratch.over_high[:, :] = 0.0


@nb.njit(cache=True, inline="always")
def end_undo(program: Program, layer: int, scratch: Scratch, gradient: Real) -> None:
    """Add the derivatives of the sweeps and of the diagonal of a layer to `gradient`."""
    begin, end, which = program.layers[layer, 0], program.layers[layer, 1], program.layers[layer, 2]
    collect_sweeps(
        program.sweeps,
        program.gates,
        program.gate_angles,
        begin,
        end,
        scratch.coefficients,
        scratch.sums,
        gradient,
    )
    if which >= 0:
        first, last = program.diagonals[which, 0], program.diagonals[which, 1]
        low, high = 1 << program.low_bits, 1 << (program.num_qubits - program.low_bits)
        entries, coefficients = program.entries[first:last], program.coefficients[first:last]
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
    """Apply the rotations and the diagonal gates of a layer; the phase tables must have been filled."""
    begin, end = program.layers[layer, 0], program.layers[layer, 1]
    whole = 1 << program.num_qubits
    ready(program, layer, theta, scratch, 1.0)
    for w in range(end - 1, begin - 1, -1):
        if program.sweeps[w, 0] == 3:
            sweep(
                program.sweeps,
                program.gates,
                w,
                scratch.coefficients[w - begin],
                scratch.variants[w - begin],
                v,
                0,
                0,
                whole,
            )
    apply_blocks(program, layer, scratch, v, 0, whole)
    if program.layers[layer, 3] < program.layers[layer, 4]:
        apply_z_strings(program, layer, theta, v)


@nb.njit(cache=True, inline="always")
def undo_body(
    program: Program, layer: int, theta: Real, p: Real, q: Real, scratch: Scratch, gradient: Real
) -> None:
    """Undo the rotations and diagonal gates of a layer on psi = p and lambda = q and add their derivatives to `gradient`."""
    begin, end = program.layers[layer, 0], program.layers[layer, 1]
    shares = scratch.sums.shape[0]
    part = (1 << program.num_qubits) // shares
    begin_undo(program, layer, theta, p, q, scratch, gradient)
    for share in range(shares):
        undo_blocks(program, layer, scratch, p, q, share * part, (share + 1) * part, share)
    for w in range(begin, end):
        if program.sweeps[w, 0] == 3:
            row = w - begin
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
    """Apply the Pauli strings and the evolutions of a layer."""
    for k in range(program.layers[layer, 5], program.layers[layer, 6]):
        apply_string(program, k, theta, v)
    for k in range(program.layers[layer, 7], program.layers[layer, 8]):
        apply_evolution(program, k, theta, v, scratch)


@nb.njit(cache=True)
def apply_after(program: Program, layer: int, theta: Real, v: Real, scratch: Scratch) -> None:
    """Apply what comes after the diagonal of a layer."""
    apply_z_strings(program, layer, theta, v)
    _apply_rest(program, layer, theta, v, scratch)


@nb.njit(cache=True, inline="always")
def undo_rest(
    program: Program, layer: int, theta: Real, p: Real, q: Real, scratch: Scratch, gradient: Real
) -> None:
    """Undo the Pauli strings and the evolutions of a layer on psi = p and lambda = q and add their derivatives to `gradient`."""
    for k in range(program.layers[layer, 8] - 1, program.layers[layer, 7] - 1, -1):
        undo_evolution(program, k, theta, p, q, scratch, gradient)
    for k in range(program.layers[layer, 6] - 1, program.layers[layer, 5] - 1, -1):
        undo_string(program, k, theta, p, q, gradient)


@nb.njit(cache=True)
def apply_layers(
    program: Program, first: int, last: int, theta: Real, v: Real, scratch: Scratch
) -> None:
    """Apply the layers from `first` up to, not including, `last`."""
    for layer in range(first, last):
        apply_body(program, layer, theta, v, scratch)
        _apply_rest(program, layer, theta, v, scratch)


@nb.njit(cache=True)
def undo_layers(
    program: Program, theta: Real, p: Real, q: Real, scratch: Scratch, gradient: Real
) -> None:
    """Undo the circuit on psi = p and lambda = q and add its derivatives to `gradient`."""
    for layer in range(program.layers.shape[0] - 1, -1, -1):
        undo_rest(program, layer, theta, p, q, scratch, gradient)
        undo_body(program, layer, theta, p, q, scratch, gradient)


@nb.njit(cache=True, inline="always")
def begin_apply(
    program: Program, theta: Real, starts: Real, which: int, v: Real, scratch: Scratch
) -> None:
    """Fill the phase tables, and write an initial state to v."""
    fill_phases(program, theta, scratch)
    load_start(starts, which, v)


@nb.njit(cache=True, inline="always")
def apply_all(
    program: Program, theta: Real, starts: Real, which: int, v: Real, scratch: Scratch
) -> None:
    """Apply the circuit to an initial state."""
    begin_apply(program, theta, starts, which, v, scratch)
    apply_layers(program, 0, program.layers.shape[0], theta, v, scratch)


@nb.njit(cache=True, inline="always")
def expectation(program: Program, p: Real, q: Real, scratch: Scratch) -> float:
    """Set q = O p and return <p|O|p>."""
    observe(program, p, q)
    return dot(p, q, p.size, scratch.lanes[0])


@nb.njit(cache=True)
def run_values(
    program: Program, theta: Real, starts: Real, p: Real, q: Real, scratch: Scratch, values: Real
) -> None:
    """Write the loss of each row of `theta`, one after the other: the mean over the initial states."""
    inputs = max(1, starts.shape[0])
    values[:] = 0.0
    for sample in range(theta.shape[0]):
        for which in range(inputs):
            apply_all(program, theta[sample], starts, which, p, scratch)
            values[sample] += expectation(program, p, q, scratch)
    values /= inputs


@nb.njit(cache=True)
def run_states(
    program: Program,
    theta: Real,
    starts: Real,
    p: Real,
    scratch: Scratch,
    stride: int,
    states: Complex,
) -> None:
    """Write the output states of each row of `theta`, one initial state after the other: every `stride`-th amplitude."""
    half, inputs = u64(p.size) >> u64(1), max(1, starts.shape[0])
    size = u64(states.shape[1] // inputs)
    for sample in range(theta.shape[0]):
        for which in range(inputs):
            apply_all(program, theta[sample], starts, which, p, scratch)
            for i in range(size):
                states[sample, u64(which) * size + i] = complex(
                    p[i * u64(stride)], p[half + i * u64(stride)]
                )


@nb.njit(cache=True)
def run_gradients(
    program: Program,
    theta: Real,
    starts: Real,
    p: Real,
    q: Real,
    scratch: Scratch,
    values: Real,
    gradients: Real,
) -> None:
    """Write the loss and its gradient for each row of `theta`, one after the other, in two state vectors."""
    inputs = max(1, starts.shape[0])
    values[:] = 0.0
    gradients[:, :] = 0.0
    for sample in range(theta.shape[0]):
        for which in range(inputs):
            apply_all(program, theta[sample], starts, which, p, scratch)
            values[sample] += expectation(program, p, q, scratch)
            undo_layers(program, theta[sample], p, q, scratch, gradients[sample])
    values /= inputs
    gradients /= inputs
