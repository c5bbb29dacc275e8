r"""Weighted hypergraph states of qubits, :math:`U_w |+\rangle^{\otimes n}`, and their stabilisers.

The gate of the set S is :math:`C^{|S|-1}Z_S(g) = e^{i g n_S}` with
:math:`n_j = |1\rangle\langle 1|_j`: the phase is the polynomial of the qumode state, at positions 0
and 1. The operator

.. math:: G_b(\kappa) = U_\kappa X_b U_\kappa^\dagger

squares to one, stabilises the state of the same weights, and in the state of weights w

.. math:: \langle G_b(\kappa) \rangle = \mathrm{mean}_{n}\, \cos \partial_b(w - \kappa)(n)

over the bits n of the other qubits. Qubit 0 is the most significant bit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainscape.physics.hypergraph.monomials import Monomials
from trainscape.physics.hypergraph.phases import derivative

__all__ = [
    "apply_stabiliser",
    "measure_stabiliser",
    "phases_of_bits",
    "qubit_state",
    "stabiliser_expectation",
]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

LARGEST = 24
"""Qubits whose bit strings are listed; 2**24 numbers are 128 MiB."""


def phases_of_bits(monomials: Monomials, weights: ArrayLike) -> Real:
    """Return the phase of each bit string.

    Parameters
    ----------
    monomials
        The monomials of the table; n is the number of qubits.
    weights
        Angles in radians, shape ``(..., M)``.

    Returns
    -------
    ndarray
        Shape ``(..., 2**n)``.
    """
    qubits = monomials.modes
    if qubits > LARGEST:
        raise ValueError(
            f"{qubits} qubits have 2**{qubits} bit strings, which are listed for up to {LARGEST} "
            "qubits; use fewer qubits, or the qumode model, whose rules need no state vector"
        )
    table = np.asarray(weights, dtype=np.float64)
    masks = monomials.membership @ (1 << np.arange(qubits - 1, -1, -1))
    phases = np.zeros((*table.shape[:-1], 2**qubits))
    phases[..., masks] = table
    # A bit string has the phases of all its subsets: add up over one qubit after the other.
    for qubit in range(qubits):
        halves = phases.reshape(*table.shape[:-1], 2**qubit, 2, -1)
        halves[..., 1, :] += halves[..., 0, :]
    return phases


def qubit_state(monomials: Monomials, weights: ArrayLike) -> Complex:
    """Return state vectors of weighted hypergraph states, shape ``(..., 2**n)``."""
    phases = phases_of_bits(monomials, weights)
    return np.asarray(np.exp(1j * phases) / np.sqrt(phases.shape[-1]))


def stabiliser_expectation(
    monomials: Monomials, weights: ArrayLike, qubit: int, kappa: ArrayLike
) -> Real:
    """Return ``<G_b(kappa)>`` in states of weights w, without a state vector.

    Parameters
    ----------
    monomials
        The monomials of both tables.
    weights, kappa
        Angles of state and operator in radians, shapes ``(..., M)`` that broadcast.
    qubit
        The qubit b.

    Returns
    -------
    ndarray
        Shape ``(...)``.
    """
    difference = np.asarray(weights, dtype=np.float64) - np.asarray(kappa, dtype=np.float64)
    constant, table = derivative(monomials, difference, qubit)
    # No monomial contains b any more, so both its values give the same.
    angles = constant[..., None] + phases_of_bits(monomials, table)
    return np.asarray(np.cos(angles).mean(axis=-1))


def apply_stabiliser(
    monomials: Monomials, state: ArrayLike, qubit: int, kappa: ArrayLike
) -> Complex:
    """Apply ``G_b(kappa)`` to state vectors, shape ``(..., 2**n)``."""
    phase = np.exp(1j * phases_of_bits(monomials, kappa))
    vectors = np.asarray(state, dtype=np.complex128) * phase.conj()
    halves = vectors.reshape(*vectors.shape[:-1], 2**qubit, 2, -1)
    return np.asarray(halves[..., ::-1, :].reshape(vectors.shape) * phase)


def measure_stabiliser(
    monomials: Monomials,
    state: ArrayLike,
    qubit: int,
    kappa: ArrayLike,
    rng: np.random.Generator,
) -> tuple[NDArray[np.int64], Complex]:
    """Measure ``G_b(kappa)`` with one ancilla (Hadamard test).

    Parameters
    ----------
    monomials
        The monomials of `kappa`.
    state
        Normalised state vectors, shape ``(..., 2**n)``.
    qubit, kappa
        Qubit b and angles of the operator.
    rng
        Source of the outcomes.

    Returns
    -------
    outcome : ndarray
        +1 or -1, shape ``(...)``.
    state : ndarray
        Normalised states after the measurement, shape ``(..., 2**n)``.
    """
    before = np.asarray(state, dtype=np.complex128)
    image = apply_stabiliser(monomials, before, qubit, kappa)
    mean = np.einsum("...i,...i->...", before.conj(), image).real
    outcome = np.where(rng.random(mean.shape) < (1 + mean) / 2, 1, -1)
    after = (before + outcome[..., None] * image) / 2
    norm = np.linalg.norm(after, axis=-1, keepdims=True)
    return outcome.astype(np.int64), np.asarray(after / norm)
