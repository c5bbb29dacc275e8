"""Numba kernels that run a compiled circuit: values, states and gradients.

A state of n qubits is a float64 array of length ``2 N`` (``N = 2**n``): all real parts, then all
imaginary parts. RY then acts on it as on a real vector, and diagonal gates need no exchange of
lanes. A circuit is a list of layers. A layer has, in this order: RY rotations of distinct qubits,
one diagonal, Z strings that span both halves of the index, other Pauli strings, evolutions, a
permutation.

Rotations run in sweeps of up to three qubits, each of which loads and stores every amplitude once
(`sweep_kernels`). A sweep has a tier. Sweeps on the lowest `INNER_BITS` bits run together with the
diagonal on one block of amplitudes after the other, while the block is in the first-level cache;
those on bits below `OUTER_BITS` run on larger blocks, for the second-level cache; the others run on
the whole state (`block_kernels`, `layer_kernels`).

The rotations of a sweep are divided by the larger of their two coefficients (`rotation_vectors`).
The sweep of the three lowest qubits multiplies by the product of all these factors of the layer.

Fast-math is off, so that equal inputs give equal bits. For states of `SHARED_BITS` bits or more,
the backward pass divides the state into `SHARES` shares with sums of their own, which are added in
a fixed order. Threads (`threads`) may process the shares at the same time without a change to any
bit.

The backward pass takes the state psi *after* a gate and the costate lambda = (later gates)^dagger O
psi_final. It undoes the gate on both, and returns ``Im <lambda| P |psi>``: the derivative of
``<O>`` by the angle t of ``exp(-i t P / 2)`` (adjoint differentiation: T. Jones and J. Gacon, arXiv
2009.02823). The rotations of a layer commute, so that each derivative may be taken before or after
the others are undone.
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.statevector.end_kernels import load_start, observe
from trainscape.simulators.statevector.layer_kernels import apply_layers, undo_layers
from trainscape.simulators.statevector.program import Program, Scratch
from trainscape.simulators.statevector.scalar_kernels import dot
from trainscape.simulators.statevector.table_kernels import fill_phases

__all__ = ["apply_all", "begin_apply", "expectation", "run_gradients", "run_states", "run_values"]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

u64 = nb.uint64


@nb.njit(cache=True, inline="always")
def begin_apply(
    program: Program, theta: Real, starts: Real, index: int, v: Real, scratch: Scratch
) -> None:
    """Fill the phase tables, and write the initial state with this index to v."""
    fill_phases(program, theta, scratch)
    load_start(starts, index, v)


@nb.njit(cache=True, inline="always")
def apply_all(
    program: Program, theta: Real, starts: Real, index: int, v: Real, scratch: Scratch
) -> None:
    """Apply the circuit to the initial state with this index."""
    begin_apply(program, theta, starts, index, v, scratch)
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
    """Write the loss of each row of `theta`: the mean over the initial states.

    Parameters
    ----------
    program
        The compiled circuit.
    theta
        Shape (S, P).
    starts
        Initial states, shape (M, 2 D), or (0, 2 D) for |0...0>.
    p, q
        Work space: two states.
    scratch
        Work space of the program.
    values
        Output, shape (S,).
    """
    inputs = max(1, starts.shape[0])
    values[:] = 0.0
    for sample in range(theta.shape[0]):
        for index in range(inputs):
            apply_all(program, theta[sample], starts, index, p, scratch)
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
    """Write the output states of each row of `theta`, one initial state after the other.

    Parameters
    ----------
    program, theta, starts, p, scratch
        As for `run_values`.
    stride
        Number of amplitudes of p for each amplitude of the result, 2 to the number of idle bits.
    states
        Output, shape (S, M D).
    """
    half, inputs = u64(p.size) >> u64(1), max(1, starts.shape[0])
    size = u64(states.shape[1] // inputs)
    for sample in range(theta.shape[0]):
        for index in range(inputs):
            apply_all(program, theta[sample], starts, index, p, scratch)
            for i in range(size):
                states[sample, u64(index) * size + i] = complex(
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
    """Write the loss and its gradient for each row of `theta`.

    Parameters
    ----------
    program, theta, starts, p, q, scratch, values
        As for `run_values`.
    gradients
        Output, shape (S, P).
    """
    inputs = max(1, starts.shape[0])
    values[:] = 0.0
    gradients[:, :] = 0.0
    for sample in range(theta.shape[0]):
        for index in range(inputs):
            apply_all(program, theta[sample], starts, index, p, scratch)
            values[sample] += expectation(program, p, q, scratch)
            undo_layers(program, theta[sample], p, q, scratch, gradients[sample])
    values /= inputs
    gradients /= inputs
