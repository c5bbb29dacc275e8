r"""A hand-made recurrent model with one latent number and discontinuous activations.

It escapes the bound on dimensions, which is about continuous models: the weights of all D edges are
interleaved, bit by bit and most significant first, in one number,

.. math:: h = 1 + \sum_{e, j} b_{e j}\, 2^{-(j D + e + 1)},

with the j-th bit :math:`b_{e j}` of the weight of edge e, which a hard step reads. In a 64-bit
float with :math:`1 \le h < 2` that is exact for 52 bits. What lies beyond B bits is dropped, so
that each weight keeps its leading :math:`\lceil (B - e) / D \rceil` bits, and weights that differ
in the others only share a latent number. The bound in bits holds: no violation needs classes of two
weights at most, that is :math:`D \log_2(N / 2) \le B`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainscape.physics.hypergraph.one_edge import answers

__all__ = [
    "MANTISSA",
    "adjacent_queries",
    "class_sizes",
    "kept_bits",
    "kept_range",
    "needed_bits",
    "packed",
    "packed_violations",
    "uniform_violation",
    "unpacked",
]

MANTISSA = 52
"""Bits that a 64-bit float between 1 and 2 has behind the point."""

Whole = NDArray[np.int64]
Real = NDArray[np.float64]


def needed_bits(edges: int, level_bits: int) -> int:
    """Return the bits below which a violation is certain: D log2(N / 2) with N = 2^level_bits."""
    return edges * (level_bits - 1)


def kept_bits(edges: int, level_bits: int, latent_bits: int) -> Whole:
    """Return how many leading bits of each weight the latent number keeps, shape (edges,)."""
    if not 0 <= latent_bits <= MANTISSA:
        raise ValueError(f"a float between 1 and 2 holds 0 to {MANTISSA} bits, not {latent_bits}")
    kept = -(-(latent_bits - np.arange(edges)) // edges)
    return np.clip(kept, 0, level_bits).astype(np.int64)


def kept_range(edges: int, level_bits: int) -> range:
    """Return the numbers of bits that a latent number can hold of these weights, from 0 on."""
    return range(min(edges * level_bits, MANTISSA) + 1)


def class_sizes(edges: int, level_bits: int, latent_bits: int) -> Whole:
    """Return how many weights of each edge share a latent number, shape (edges,)."""
    return np.left_shift(1, level_bits - kept_bits(edges, level_bits, latent_bits))


def packed(levels: Whole, level_bits: int, latent_bits: int = MANTISSA) -> Real:
    """Return the latent number after all edges have been read, one after the other.

    Parameters
    ----------
    levels
        Weights as whole numbers below 2^level_bits, shape (samples, edges).
    level_bits
        Bits of a weight.
    latent_bits
        Bits that the latent number holds, at most `MANTISSA`.

    Returns
    -------
    ndarray
        Latent numbers between 1 and 2, shape (samples,).
    """
    edges = levels.shape[1]
    kept = kept_bits(edges, level_bits, latent_bits)
    latent = np.ones(len(levels))
    for edge in range(edges):
        remainder = levels[:, edge].astype(np.float64)
        for bit in range(int(kept[edge])):
            threshold = 2.0 ** (level_bits - 1 - bit)
            step = np.heaviside(remainder - threshold, 1.0)
            remainder -= step * threshold
            latent += step * 2.0 ** -(bit * edges + edge + 1)
    return latent


def unpacked(latent: Real, edges: int, level_bits: int, latent_bits: int = MANTISSA) -> Whole:
    """Return what a latent number tells of the weights: their leading bits, the others zero.

    Parameters
    ----------
    latent
        Latent numbers, shape (samples,).
    edges, level_bits, latent_bits
        As in `packed`.

    Returns
    -------
    ndarray of int
        Least weight of the class that each weight lies in, shape (samples, edges).
    """
    kept = kept_bits(edges, level_bits, latent_bits)
    levels = np.zeros((len(latent), edges), dtype=np.int64)
    remainder = latent - 1.0
    for bit in range(int(kept.max(initial=0))):
        for edge in range(edges):
            if bit < kept[edge]:
                threshold = 2.0 ** -(bit * edges + edge + 1)
                step = np.heaviside(remainder - threshold, 1.0)
                remainder -= step * threshold
                levels[:, edge] += step.astype(np.int64) << (level_bits - 1 - bit)
    return levels


def adjacent_queries(rng: np.random.Generator, stored: Whole, levels: int) -> Whole:
    """Return queries of three neighbouring weights, the stored one at a random place among them.

    They are the hardest: weights of one class lie side by side.

    Parameters
    ----------
    rng
        Random stream.
    stored
        Stored weights, shape (samples,).
    levels
        Number of weights N, at least 3.

    Returns
    -------
    ndarray of int
        Weights in a random order, shape (samples, 3).
    """
    start = np.clip(stored - rng.integers(3, size=len(stored)), 0, levels - 3)
    return rng.permuted(start[:, None] + np.arange(3), axis=1)


def packed_violations(
    rng: np.random.Generator, edges: int, level_bits: int, latent_bits: int, count: int
) -> NDArray[np.bool_]:
    """Return whether the packed model violates sentences with neighbouring weights in the query.

    Parameters
    ----------
    rng
        Random stream of weights and queries.
    edges, level_bits, latent_bits
        As in `packed`.
    count
        Number of sentences.

    Returns
    -------
    ndarray of bool
        Shape (count, edges): one query for each edge.
    """
    levels = rng.integers(2**level_bits, size=(count, edges))
    known = unpacked(packed(levels, level_bits, latent_bits), edges, level_bits, latent_bits)
    shift = level_bits - kept_bits(edges, level_bits, latent_bits)
    violated = np.zeros((count, edges), dtype=bool)
    for edge in range(edges):
        stored = levels[:, edge]
        queries = adjacent_queries(rng, stored, 2**level_bits)
        state = known[:, edge] >> shift[edge]
        angles = _class_answers(state, queries >> shift[edge])
        own = np.take_along_axis(angles, (queries == stored[:, None]).argmax(axis=1)[:, None], 1)
        violated[:, edge] = own[:, 0] != 0
    return violated


def _class_answers(state: Whole, classes: Whole) -> Real:
    """Return the answers to queries of which the class of each weight is given."""
    found, places = np.unique(classes, return_inverse=True)
    return answers(found, state, places.reshape(classes.shape))


def uniform_violation(edges: int, level_bits: int, latent_bits: int) -> float:
    """Return the exact rate of violations for queries with two other weights at random.

    Mean over the edges of (a - 1)(a - 2) / 3 (N - 1)(N - 2) for classes of a weights.
    """
    sizes = class_sizes(edges, level_bits, latent_bits).astype(np.float64)
    levels = 2.0**level_bits
    rates = (sizes - 1) * (sizes - 2) / (3 * (levels - 1) * (levels - 2))
    return float(rates.mean())
