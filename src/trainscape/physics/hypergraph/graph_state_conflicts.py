r"""Which graph states may share a latent state: tests by contexts of Pauli strings.

A classical model that is in one latent state for several quantum states must answer every
measurement with an outcome that all of them allow. Commuting Pauli strings :math:`g_1, g_2, g_3`,
where :math:`g_j` stabilises the j-th of three graph states, allow none if their product is -1: each
state asks for its own string to be +1. This is how generalised Mermin-Peres squares tell three
states apart; two orthogonal states are the case with one string the identity.

The stabilisers of a graph state on vertices :math:`x` are

.. math:: \prod_{i \in x} K_i = (-1)^{e(x)} X^x Z^{A x}, \qquad K_i = X_i Z^{A_i},

with the adjacency matrix :math:`A` modulo 2 and the number :math:`e(x)` of edges inside x. A graph
is a whole number: bit j is the j-th pair of vertices in lexicographic order. Gates CZ on all states
at once are Clifford, so that conflicts of graphs a, b, c are those of 0, a ^ b, a ^ c.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

__all__ = ["MOST_VERTICES", "graph_state", "pair_conflicts", "star_class", "triple_conflicts"]

Flags = NDArray[np.bool_]
Whole = NDArray[np.int64]

MOST_VERTICES = 5
"""Largest graphs: there are 2^10 on five vertices."""


def _pairs(vertices: int) -> list[tuple[int, int]]:
    if not 2 <= vertices <= MOST_VERTICES:
        raise ValueError(f"graphs have 2 to {MOST_VERTICES} vertices here, not {vertices}")
    return list(combinations(range(vertices), 2))


def _stabilisers(vertices: int) -> tuple[Whole, Whole]:
    """Return the Z parts and the signs of all stabilisers, shapes (graphs, 2^vertices).

    Vertex 0 is the most significant bit of the sets x and of the Z parts.
    """
    pairs = _pairs(vertices)
    graphs = np.arange(2 ** len(pairs))
    sets = np.arange(2**vertices)
    z_parts, signs = np.zeros((2, len(graphs), len(sets)), dtype=np.int64)
    for place, (i, j) in enumerate(pairs):
        edge = (graphs >> place & 1)[:, None]
        bits = [vertices - 1 - i, vertices - 1 - j]
        inside = [sets >> bit & 1 for bit in bits]
        z_parts ^= edge * (inside[0] << bits[1] ^ inside[1] << bits[0])
        signs ^= edge * (inside[0] & inside[1])
    return z_parts, signs


def _parity(values: Whole) -> Whole:
    return (np.bitwise_count(values) & 1).astype(np.int64)


def _conflicts_with_empty(vertices: int) -> Flags:
    """Return which graphs b, c conflict with the graph without edges, shape (graphs, graphs)."""
    z_parts, signs = _stabilisers(vertices)
    found = np.zeros((len(z_parts), len(z_parts)), dtype=bool)
    # The graph without edges has the stabilisers X^x with sign +1.
    for first in range(2**vertices):
        for second in range(2**vertices):
            third = first ^ second
            same = z_parts[:, second][:, None] == z_parts[:, third]
            # X^first times the second: no Z stands before an X, so the signs just add up.
            odd = (signs[:, second][:, None] ^ signs[:, third]) == 1
            found |= same & odd
    return found


def triple_conflicts(vertices: int) -> Flags:
    """Return which three graph states share no allowed outcome in some context.

    Parameters
    ----------
    vertices
        Number of qubits, 2 to `MOST_VERTICES`.

    Returns
    -------
    ndarray of bool
        Shape (graphs, graphs, graphs) with 2^C(n, 2) graphs, symmetric. An entry with two equal
        indices is a conflict of a pair. On five vertices it takes a gigabyte.
    """
    with_empty = _conflicts_with_empty(vertices)
    graphs = np.arange(len(with_empty))
    moved = graphs[:, None] ^ graphs
    return np.stack([with_empty[np.ix_(row, row)] for row in moved])


def pair_conflicts(vertices: int) -> Flags:
    """Return which two graph states are told apart by one Pauli string, shape (graphs, graphs)."""
    with_empty = _conflicts_with_empty(vertices)
    graphs = np.arange(len(with_empty))
    return np.asarray(np.diagonal(with_empty)[graphs[:, None] ^ graphs])


def star_class(vertices: int) -> Whole:
    """Return the graphs whose edges all meet vertex 0: 2^(n-1) of them, a group under XOR."""
    pairs = _pairs(vertices)
    places = [place for place, pair in enumerate(pairs) if 0 in pair]
    choices = np.arange(2 ** len(places))
    graphs = np.zeros_like(choices)
    for bit, place in enumerate(places):
        graphs |= (choices >> bit & 1) << place
    return graphs


def graph_state(vertices: int, graph: int) -> NDArray[np.float64]:
    """Return the amplitudes of a graph state, shape (2^vertices,); qubit 0 is the leading bit."""
    basis = np.arange(2**vertices)
    parity = np.zeros_like(basis)
    for place, (i, j) in enumerate(_pairs(vertices)):
        both = basis >> (vertices - 1 - i) & basis >> (vertices - 1 - j) & 1
        parity ^= both * (graph >> place & 1)
    amplitudes: NDArray[np.float64] = (1.0 - 2.0 * parity) / np.sqrt(2.0**vertices)
    return amplitudes
