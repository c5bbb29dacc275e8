r"""Pruning by the quantum Fisher information: parameters that change nothing are removed.

The baseline beside symmetric pruning, which needs no Hamiltonian (Haug, Bharti and Kim,
arXiv:2102.01659). At random angles the derivatives of the state,

.. math:: t_j = \partial_j \psi - \psi \langle \psi | \partial_j \psi \rangle ,

taken as real vectors, have the quantum Fisher information matrix (QFIM) as their Gram matrix, but
for a factor. A null vector of it is a dependence between them, so that one of the parameters with a
component in it can go. The paper removes the last such parameter of the circuit, and looks again.

What is left is therefore known without any eigenvectors: a parameter is the last of some dependence
if and only if its tangent is a combination of those before it. So those stay whose tangents are
independent of all before them, and their number is the rank.

That holds at these angles, with the removed gates where they were. The pruned circuit does without
them, and may have a smaller rank: the gates of a layer between which all others were removed can
commute. Rounds at new random angles follow until all parameters that are left are independent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["FisherPruning", "StateDerivatives", "first_independent", "fisher_pruned", "tangents"]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

StateDerivatives = Callable[[tuple[int, ...], Real], tuple[Complex, Complex]]
"""From indices of parameters, K of them, and their angles in radians, shape ``(K,)``, to the
derivatives of the state, shape ``(K, D)``, and the state, shape ``(D,)``, of the circuit that has
no other gates with a parameter."""

ROUNDING = 1e-8
"""Norm below which what is left of a tangent counts as rounding, in units of the largest norm of a
derivative of the state."""


@dataclass(frozen=True)
class FisherPruning:
    """What is left of a circuit.

    Parameters
    ----------
    kept
        Indices of the parameters that stay, ascending.
    removed
        For each round, the indices of those that went.
    """

    kept: tuple[int, ...]
    removed: tuple[tuple[int, ...], ...]


def tangents(derivatives: Complex, state: Complex) -> Real:
    """Return the change of a state with its parameters, without that of its phase.

    Parameters
    ----------
    derivatives
        Derivatives of the state, shape ``(K, D)``.
    state
        The state, normalised, shape ``(D,)``.

    Returns
    -------
    ndarray
        Real and imaginary parts side by side, shape ``(K, 2 D)``.
    """
    moved = derivatives - np.outer(derivatives @ state.conj(), state)
    return np.concatenate([moved.real, moved.imag], axis=1)


def first_independent(vectors: Real, rounding: float) -> list[int]:
    """Return the indices of the vectors that no earlier ones combine to.

    Parameters
    ----------
    vectors
        Shape ``(K, D)``.
    rounding
        Norm up to which what is left of a vector, without its part in the space of those before,
        counts as zero.
    """
    basis = np.empty((min(vectors.shape), vectors.shape[1]))
    kept: list[int] = []
    for index, vector in enumerate(vectors):
        if len(kept) == len(basis):
            break
        rest = vector.copy()
        # Twice: after one projection, rounding in units of the vector is left along the basis.
        for _ in range(2):
            found = basis[: len(kept)]
            rest -= (found @ rest) @ found
        norm = float(np.linalg.norm(rest))
        if norm > rounding:
            basis[len(kept)] = rest / norm
            kept.append(index)
    return kept


def fisher_pruned(
    state_derivatives: StateDerivatives, num_parameters: int, rng: np.random.Generator
) -> FisherPruning:
    """Remove parameters until the quantum Fisher information has full rank.

    Parameters
    ----------
    state_derivatives
        The circuit; a parameter that is not among the indices has no gate.
    num_parameters
        Number of parameters P of the whole circuit.
    rng
        Draws the random angles of each round, uniformly from -pi to pi.

    Raises
    ------
    ValueError
        If no parameter changes the state.
    """
    kept = tuple(range(num_parameters))
    removed: list[tuple[int, ...]] = []
    while True:
        derivatives, state = state_derivatives(kept, rng.uniform(-np.pi, np.pi, len(kept)))
        # Of a derivative along the state itself, rounding is all that is left as a tangent.
        largest = float(np.linalg.norm(derivatives, axis=1).max(initial=0.0))
        places = first_independent(tangents(derivatives, state), ROUNDING * largest)
        if len(places) == len(kept):
            return FisherPruning(kept, tuple(removed))
        if not places:
            raise ValueError(
                "no parameter changes the state, so that pruning would leave no gate; the start "
                "state is probably an eigenstate of all generators: take another one"
            )
        stay = tuple(kept[place] for place in places)
        removed.append(tuple(sorted(set(kept) - set(stay))))
        kept = stay
