"""Which gates of a dense ansatz a method keeps, and which of them share an angle.

A *selection* is an array with one number for each gate: -1 if the gate is removed, else the place
of the gate whose angle it takes, itself or an earlier one. So every pruned ansatz is the dense one
at certain angles, and the start angles of all methods are those of the dense ansatz, where they
correspond: the angle of gates that are tied is that of the first of them, which is uniform as all
others are. A mean of them would be nearer to zero.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainscape.studies.pruning.baselines.gate_sets import GateSets

__all__ = [
    "angles_of",
    "drawn",
    "largest",
    "selection",
    "shared_sums",
    "spread_sums",
]

Real = NDArray[np.float64]
Selection = NDArray[np.int64]


def selection(size: int, kept: NDArray[np.int64], partners: NDArray[np.int64]) -> Selection:
    """Return the selection of some gates.

    Parameters
    ----------
    size
        Number of gates of the dense ansatz.
    kept
        Places of the gates that stay, ascending.
    partners
        For each of them a number that is the same for gates that share an angle.
    """
    chosen = np.full(size, -1, dtype=np.int64)
    first = {int(number): int(kept[place]) for place, number in reversed([*enumerate(partners)])}
    chosen[kept] = [first[int(number)] for number in partners]
    return chosen


def drawn(sets: GateSets, rng: np.random.Generator) -> dict[str, Selection]:
    """Return the selections of all methods that need no training and no Fisher information.

    Parameters
    ----------
    sets
        The ansatz and its gates.
    rng
        Draws gates and ties.
    """
    size, count = sets.circuit.num_parameters, len(sets.terms)
    everything = np.arange(size)
    some = np.sort(rng.choice(size, count, replace=False))
    symmetric = np.sort(rng.choice(sets.respecting, count, replace=False))
    by_layer = sets.orbits.reshape(sets.layers, -1)
    shuffled = rng.permuted(by_layer, axis=1).ravel()
    return {
        "dense": selection(size, everything, everything),
        "random": selection(size, some, some),
        "random_tied": selection(size, some, shuffled),
        "respecting": selection(size, symmetric, symmetric),
        "terms": selection(size, sets.terms, sets.terms),
        "terms_tied": selection(size, sets.terms, shuffled),
        "symmetric": selection(size, sets.terms, sets.orbits),
    }


def largest(theta: Real, count: int) -> Selection:
    """Return the selection of the gates with the largest angles, modulo full turns.

    Parameters
    ----------
    theta
        Angles in radians, shape ``(P,)``. A rotation by a full turn changes a sign only.
    count
        Number of gates that stay.
    """
    size = np.abs(np.mod(theta + np.pi, 2 * np.pi) - np.pi)
    kept = np.sort(np.argsort(-size, kind="stable")[:count])
    return selection(len(theta), kept, kept)


def angles_of(theta: Real, chosen: Selection) -> Real:
    """Return the angles of pruned ansätze as those of the dense one, both of shape ``(S, P)``."""
    taken = np.take_along_axis(theta, np.maximum(chosen, 0), axis=1)
    return np.where(chosen >= 0, taken, 0.0)


def shared_sums(gradient: Real, chosen: Selection) -> Real:
    """Return the gradients by the angles that are left, at the places of their first gates.

    Parameters
    ----------
    gradient
        Gradients by all angles of the dense ansatz, shape ``(S, P)``.
    chosen
        Selections, shape ``(S, P)``.

    Returns
    -------
    ndarray
        Shape ``(S, P)``; zero elsewhere.
    """
    rows, columns = np.nonzero(chosen >= 0)
    places = rows * gradient.shape[1] + chosen[rows, columns]
    sums = np.bincount(places, weights=gradient[rows, columns], minlength=gradient.size)
    return np.asarray(sums.reshape(gradient.shape))


def spread_sums(gradient: Real, chosen: Selection) -> Real:
    """Return `shared_sums` at the places of all gates that share the angle.

    A step along it moves all of them alike, and no gate that is removed.
    """
    return angles_of(shared_sums(gradient, chosen), chosen)
